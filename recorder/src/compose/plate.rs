//! Names as pictures: ffmpeg draws them with a font that fontconfig finds.

use std::io::Read;
use std::path::Path;

use super::ComposeError;
use super::ffmpeg::Ffmpeg;

/// Draws `text` left-aligned, white on black, into a mask of a byte per pixel. What does not fit fades out.
pub(super) fn draw(
    program: &Path,
    folder: &Path,
    font: &str,
    text: &str,
    (width, height): (usize, usize),
) -> Result<Vec<u8>, ComposeError> {
    // The text comes from people: it goes through a file, not through the filter's syntax.
    let file = tempfile(folder, text).map_err(super::disk(folder))?;
    let size = height * 5 / 8;
    let filter = format!(
        "drawtext=font={}:textfile={}:expansion=none:fontcolor=white:fontsize={size}:x={}:y=(h-lh)/2",
        escape(font),
        escape(&file.0.to_string_lossy()),
        height / 4,
    );
    let ground = format!("color=black:size={width}x{height}:duration=1");
    let arguments = [
        "-f",
        "lavfi",
        "-i",
        &ground,
        "-frames:v",
        "1",
        "-vf",
        &filter,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "pipe:1",
    ];
    let mut ffmpeg = Ffmpeg::start(program, "drawing a name", arguments)?;
    drop(ffmpeg.input()?);
    let mut mask = Vec::new();
    if let Err(error) = ffmpeg.output()?.read_to_end(&mut mask) {
        return Err(ffmpeg.broken(&error));
    }
    ffmpeg.finish()?;
    mask.resize(width * height, 0);
    for line in mask.chunks_mut(width) {
        for (n, coverage) in line.iter_mut().rev().take(height).enumerate() {
            *coverage = u8::try_from(usize::from(*coverage) * n / height).unwrap_or(u8::MAX);
        }
    }
    Ok(mask)
}

/// Quotes a value of a filter option: once for the option, once for the filter graph.
fn escape(value: &str) -> String {
    let once = |value: &str, special: &str| {
        value.chars().fold(String::new(), |mut out, c| {
            if special.contains(c) {
                out.push('\\');
            }
            out.push(c);
            out
        })
    };
    once(&once(value, "\\':"), "\\'[],;")
}

/// A file that is removed when dropped.
struct Temporary(std::path::PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tempfile(folder: &Path, text: &str) -> std::io::Result<Temporary> {
    let file = Temporary(folder.join(format!(".plate.{}.txt", std::process::id())));
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    std::fs::write(&file.0, line)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_of_filters_is_escaped_twice() {
        assert_eq!(escape("DejaVu Sans"), "DejaVu Sans");
        assert_eq!(escape("a:b"), "a\\\\:b");
        assert_eq!(escape("it's"), "it\\\\\\'s");
    }
}
