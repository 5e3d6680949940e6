//! Names as pictures: ffmpeg draws them by libass, which shapes every script and takes letters that the font lacks from
//! other fonts.
//!
//! A name stands on one line, or on two where it is longer; what is longer still fades out.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use protocol::text::drawable;

use super::ComposeError;
use super::ffmpeg::Ffmpeg;

/// More than this of a name is never drawn.
const MOST_CHARS: usize = 160;

/// From here on a pixel counts as ink when gaps between words are looked for.
const INK: u8 = 24;

/// A name, white on black, as a mask of a byte per pixel.
pub(super) struct Plate {
    /// As asked for.
    pub(super) width: usize,
    /// That of one line, or of two.
    pub(super) height: usize,
    pub(super) mask: Vec<u8>,
}

impl Plate {
    /// A plate without a name.
    pub(super) fn empty((width, height): (usize, usize)) -> Self {
        Self {
            width,
            height,
            mask: vec![0; width * height],
        }
    }
}

/// Draws `name` left-aligned on a plate of this width; the height is that of one line.
pub(super) fn draw(
    program: &Path,
    folder: &Path,
    font: &str,
    name: &str,
    (width, height): (usize, usize),
) -> Result<Plate, ComposeError> {
    let name = drawable(name, MOST_CHARS);
    if name.is_empty() {
        return Ok(Plate::empty((width, height)));
    }
    // Room for what is wrapped: two lines, and the word that is cut.
    let line = Line {
        width: width * 3,
        height,
        pixels: render(program, folder, font, &name, (width * 3, height))?,
    };
    let margin = height / 4;
    let room = width.saturating_sub(2 * margin);
    let ink = line.ink_end();
    if ink <= room {
        let mut plate = Plate::empty((width, height));
        line.copy(0..ink, &mut plate, (margin, 0));
        return Ok(plate);
    }
    let gap = line.last_gap(room, widest_letter_gap(height));
    let pitch = cell(height);
    let mut plate = Plate::empty((width, height + pitch));
    line.copy(0..gap.start, &mut plate, (margin, 0));
    let rest = gap.end..ink.min(gap.end + room);
    let cut = rest.end < ink;
    line.copy(rest, &mut plate, (margin, pitch));
    if cut {
        plate.fade_out(pitch, margin);
    }
    Ok(plate)
}

/// The height of a line's letters with all marks, of which two lines are one above the other.
fn cell(height: usize) -> usize {
    (height * 3 / 4) & !1
}

/// A gap between letters is narrower than this many pixels, one between words is not.
fn widest_letter_gap(height: usize) -> usize {
    (cell(height) * 2 / 9).max(2)
}

/// A drawn line, longer than the plate.
struct Line {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Line {
    fn has_ink(&self, column: usize) -> bool {
        let rows = self.pixels.chunks_exact(self.width).take(self.height);
        rows.into_iter().any(|row| row[column] >= INK)
    }

    /// The column behind the last one with ink.
    fn ink_end(&self) -> usize {
        let last = (0..self.width).rev().find(|column| self.has_ink(*column));
        last.map_or(0, |last| last + 1)
    }

    /// The last gap between words that leaves at most `room` before it; between letters, or anywhere, if a word is longer.
    fn last_gap(&self, room: usize, widest: usize) -> std::ops::Range<usize> {
        let mut gaps: Vec<std::ops::Range<usize>> = Vec::new();
        for column in 0..self.width {
            if self.has_ink(column) {
                continue;
            }
            match gaps.last_mut() {
                Some(gap) if gap.end == column => gap.end = column + 1,
                _ => gaps.push(column..column + 1),
            }
        }
        let fits = |gap: &&std::ops::Range<usize>| (1..=room).contains(&gap.start);
        let between_words = gaps
            .iter()
            .rev()
            .filter(fits)
            .find(|gap| gap.len() > widest);
        let between_letters = gaps.iter().rev().find(fits);
        // A long word is not torn from a short one that stands before it.
        between_words
            .filter(|gap| gap.start * 3 >= room)
            .or(between_letters)
            .cloned()
            .unwrap_or(room..room)
    }

    /// Copies columns onto a plate; where both have ink, the brighter shows.
    fn copy(&self, columns: std::ops::Range<usize>, plate: &mut Plate, (x, y): (usize, usize)) {
        let width = columns.len().min(plate.width.saturating_sub(x));
        for (row, from) in self.pixels.chunks_exact(self.width).enumerate() {
            let start = (y + row) * plate.width + x;
            let Some(to) = plate.mask.get_mut(start..start + width) else {
                return;
            };
            for (to, from) in to.iter_mut().zip(&from[columns.start..]) {
                *to = (*to).max(*from);
            }
        }
    }
}

impl Plate {
    /// Lets the line that begins at this row fade out towards the right margin.
    fn fade_out(&mut self, from_row: usize, margin: usize) {
        let length = (self.height - from_row).max(1);
        for row in self.mask.chunks_mut(self.width).skip(from_row) {
            let end = row.len().saturating_sub(margin);
            for (n, coverage) in row[..end].iter_mut().rev().take(length).enumerate() {
                *coverage = u8::try_from(usize::from(*coverage) * n / length).unwrap_or(u8::MAX);
            }
        }
    }
}

/// Has ffmpeg draw one line from the left edge on, in the middle of the height.
fn render(
    program: &Path,
    folder: &Path,
    font: &str,
    name: &str,
    (width, height): (usize, usize),
) -> Result<Vec<u8>, ComposeError> {
    // The text comes from people: it goes through a file, not through the filter's syntax.
    let file = Temporary::new(folder, &script(font, name, (width, height)))
        .map_err(super::disk(folder))?;
    let filter = format!("ass={}", escape(&file.0.to_string_lossy()));
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
    let mut pixels = Vec::new();
    if let Err(error) = ffmpeg.output()?.read_to_end(&mut pixels) {
        return Err(ffmpeg.broken(&error));
    }
    ffmpeg.finish()?;
    pixels.resize(width * height, 0);
    Ok(pixels)
}

/// The line as a subtitle that begins at once, in Advanced SubStation Alpha.
fn script(font: &str, name: &str, (width, height): (usize, usize)) -> String {
    let size = cell(height);
    let top = (height - size) / 2;
    // A comma would end the field.
    let font = font.replace(',', " ");
    let mut text = String::new();
    for c in name.chars() {
        match c {
            '{' | '}' => {
                let _ = write!(text, "\\{c}");
            }
            // A word joiner keeps the next letter from being read as a command.
            '\\' => text.push_str("\\\u{2060}"),
            c => text.push(c),
        }
    }
    format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nWrapStyle: 2\n\n\
         [V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, BorderStyle, Outline, Shadow, Alignment, Encoding\n\
         Style: Plate,{font},{size},&H00FFFFFF,1,0,0,7,1\n\n\
         [Events]\nFormat: Start, End, Style, Text\n\
         Dialogue: 0:00:00.00,0:00:10.00,Plate,{{\\pos(0,{top})}}{text}\n"
    )
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
struct Temporary(PathBuf);

impl Temporary {
    fn new(folder: &Path, text: &str) -> std::io::Result<Self> {
        let file = Self(folder.join(format!(".plate.{}.part.ass", std::process::id())));
        std::fs::write(&file.0, text)?;
        Ok(file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (160, 18);

    fn plate(name: &str) -> Plate {
        let folder = tempfile::tempdir().expect("a folder");
        let plate = draw(
            Path::new("ffmpeg"),
            folder.path(),
            "DejaVu Sans",
            name,
            SIZE,
        );
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 0, "its script is removed");
        plate.expect("drawn")
    }

    fn ink(plate: &Plate) -> usize {
        plate.mask.iter().filter(|pixel| **pixel >= INK).count()
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_pixels() {
        for (composed, decomposed) in [
            ("Nguyễn Trãi", "Nguye\u{302}\u{303}n Tra\u{303}i"),
            (
                "Ế Ổ ự Ặ",
                "E\u{302}\u{301} O\u{302}\u{309} u\u{31b}\u{323} A\u{323}\u{306}",
            ),
            ("Đắk Lắk", "Đa\u{306}\u{301}k La\u{306}\u{301}k"),
        ] {
            let (one, other) = (plate(composed), plate(decomposed));
            assert!(ink(&one) > 50, "{composed} is drawn");
            assert!(one.mask == other.mask, "{composed}");
        }
    }

    #[test]
    fn what_would_rearrange_a_plate_is_not_drawn() {
        let name = plate("Xã Hòa Phong");
        for odd in [
            "Xã Hòa\0 Phong\u{7}",
            "Xã\u{202e} Hòa\u{2066} Phong",
            "Xã Hòa\r\nPhong\u{feff}",
            "  Xã\u{a0}Hòa Phong\u{200b}",
        ] {
            assert!(plate(odd).mask == name.mask, "{odd:?}");
        }
        for nothing in ["", " ", "\u{202e}", "\u{3164}\0"] {
            assert_eq!(ink(&plate(nothing)), 0, "{nothing:?}");
        }
    }

    #[test]
    fn syntax_of_subtitles_is_drawn_as_it_stands() {
        let plain = ink(&plate("ab"));
        for syntax in [r"{\b1}ab", r"a\Nb", r"a\hb", r"{ab}", r"a\nb\", "a,b"] {
            let plate = plate(syntax);
            assert_eq!(plate.height, SIZE.1, "{syntax} stays on one line");
            assert!(ink(&plate) > plain, "{syntax} shows its signs");
        }
    }

    #[test]
    fn long_name_takes_two_lines_and_then_is_cut() {
        let long = "Trường Phổ thông Dân tộc Bán trú Tiểu học";
        let plate_of_long = plate(long);
        assert!(plate_of_long.height > SIZE.1 && plate_of_long.height <= 2 * SIZE.1);
        let lines = plate_of_long.mask.split_at(SIZE.1 * 3 / 4 * SIZE.0);
        for line in [lines.0, lines.1] {
            assert!(line.iter().filter(|pixel| **pixel >= INK).count() > 100);
        }
        let longer = plate(&format!(
            "{long} và Trung học cơ sở Nậm Càn số 2 huyện Kỳ Sơn"
        ));
        assert_eq!(longer.height, plate_of_long.height);
        let at_the_edge = longer.mask.chunks(SIZE.0).map(|row| row[SIZE.0 - 5]);
        assert!(at_the_edge.max() < Some(INK), "it fades out");
        let word = plate(&"W".repeat(60));
        assert_eq!(word.height, plate_of_long.height);
        assert!(ink(&word) > 500, "a word without end fills both lines");
    }

    #[test]
    fn names_of_every_script_are_drawn() {
        for name in ["مدرسة", "שלום", "学校", "हिन्दी", "😀", "👩\u{200d}👧 Tổ 1"]
        {
            let plate = plate(name);
            assert!(ink(&plate) > 20, "{name}");
            assert_eq!(plate.height, SIZE.1, "{name} stays on one line");
        }
        let long = plate(&"مدرسة ".repeat(40));
        assert!(long.height > SIZE.1 && long.height <= 2 * SIZE.1);
    }

    #[test]
    fn syntax_of_filters_is_escaped_twice() {
        assert_eq!(escape("/tmp/a b"), "/tmp/a b");
        assert_eq!(escape("a:b"), "a\\\\:b");
        assert_eq!(escape("it's"), "it\\\\\\'s");
    }
}
