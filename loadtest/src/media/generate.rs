//! The ffmpeg commands behind the clips, and the folder that keeps what they made.
//!
//! The encoders work at a fixed effort in one thread, never against the clock: a clip is the same, byte for byte,
//! however busy the machine is that makes it.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::{CLIP_SECONDS, FRAME_RATE, GOP_FRAMES, Layer, Tone, VOICE_PACKET_MS};

/// How one clip is made.
pub(super) struct Recipe {
    name: String,
    extension: &'static str,
    arguments: Vec<String>,
}

impl Recipe {
    fn new(name: String, extension: &'static str, arguments: &[[&str; 2]]) -> Self {
        let arguments = arguments.concat().into_iter().map(str::to_owned).collect();
        Self {
            name,
            extension,
            arguments,
        }
    }

    /// Where its clip is kept. The name carries a hash of the arguments: clips of other arguments are other files.
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        let mut hash = DefaultHasher::new();
        (&self.arguments, CLIP_SECONDS).hash(&mut hash);
        let (name, hash, extension) = (&self.name, hash.finish(), self.extension);
        folder.join(format!("{name}-{hash:016x}.{extension}"))
    }

    /// Has ffmpeg make the clip at `path`.
    fn make(&self, path: &Path) -> anyhow::Result<()> {
        let output = Command::new("ffmpeg")
            .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"])
            .args(&self.arguments)
            // Without it the container carries a random number.
            .args(["-fflags", "+bitexact", "-flags", "+bitexact"])
            .args(["-t", &CLIP_SECONDS.to_string(), "-f", self.extension])
            .arg(path)
            .stdin(Stdio::null())
            .output()
            .context(
                "cannot start ffmpeg, which makes the test media: install it (apt install ffmpeg)",
            )?;
        ensure!(
            output.status.success(),
            "ffmpeg could not make {}: {}",
            self.name,
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }
}

/// What `read` finds in the clip of `recipe`, which is made first when `folder` lacks it or holds one that `read`
/// refuses: one that was cut short, or damaged since. `read` must refuse whatever is not as promised.
///
/// # Errors
/// When ffmpeg is missing or fails, the folder cannot be written, or a clip just made is refused as well.
pub(super) fn kept<T>(
    folder: &Path,
    recipe: &Recipe,
    read: impl Fn(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the media folder {}", folder.display()))?;
    // Keeps two programs, or two threads, from making the same clip.
    let lock = File::create(folder.join("lock")).context("cannot write to the media folder")?;
    lock.lock().context("cannot lock the media folder")?;
    let path = recipe.path(folder);
    if path.exists() {
        match read(&path) {
            Ok(clip) => return Ok(clip),
            Err(error) => {
                tracing::warn!(clip = %path.display(), %error, "a clip is made once more");
            }
        }
    }
    let unfinished = path.with_extension("part");
    recipe.make(&unfinished)?;
    let clip = read(&unfinished)
        .with_context(|| format!("ffmpeg made a {} that is of no use", recipe.name))?;
    std::fs::rename(&unfinished, &path)
        .with_context(|| format!("cannot move a clip to {}", path.display()))?;
    Ok(clip)
}

/// A moving test picture with noise: constant bitrate, because a still picture would need next to nothing.
pub(super) fn camera(layer: Layer) -> Recipe {
    let (width, height) = layer.size();
    let bitrate = format!("{}k", layer.kilobits_per_second());
    let source = format!(
        "testsrc2=size={width}x{height}:rate={FRAME_RATE},noise=alls=16:allf=t,format=yuv420p"
    );
    let gop = GOP_FRAMES.to_string();
    Recipe::new(
        format!("camera-{width}x{height}"),
        "ivf",
        &[
            ["-f", "lavfi"],
            ["-i", &source],
            ["-c:v", "libvpx"],
            ["-deadline", "good"],
            ["-cpu-used", "5"],
            ["-threads", "1"],
            ["-b:v", &bitrate],
            ["-minrate", &bitrate],
            ["-maxrate", &bitrate],
            ["-bufsize", &bitrate],
            ["-g", &gop],
            ["-keyint_min", &gop],
            ["-auto-alt-ref", "0"],
            ["-lag-in-frames", "0"],
            ["-error-resilient", "default"],
        ],
    )
}

/// Sentences of 2.6 s and pauses of 1.4 s, in syllables of a quarter of a second, with the overtones of a voice.
pub(super) fn voice() -> Recipe {
    let source = "aevalsrc=exprs='0.25*(sin(2*PI*165*t)+0.5*sin(2*PI*330*t)+0.3*sin(2*PI*1150*t))\
                  *(0.55+0.45*sin(2*PI*4*t))*lt(mod(t,4),2.6)':sample_rate=48000";
    sound("voice".to_owned(), source)
}

/// A black picture that is white during the first frames of every cue.
pub(super) fn flashes(layer: Layer) -> Recipe {
    let (width, height) = layer.size();
    let (every, white) = (super::CUE_FRAMES, super::FLASH_FRAMES);
    let source = format!(
        "color=black:size={width}x{height}:rate={FRAME_RATE},\
         drawbox=color=white:t=fill:enable='lt(mod(n,{every}),{white})',format=yuv420p"
    );
    // Nothing but keyframes: no request for one ever moves the picture against the sound.
    Recipe::new(
        format!("flashes-{width}x{height}"),
        "ivf",
        &[
            ["-f", "lavfi"],
            ["-i", &source],
            ["-c:v", "libvpx"],
            ["-deadline", "good"],
            ["-cpu-used", "5"],
            ["-threads", "1"],
            ["-b:v", "500k"],
            ["-crf", "30"],
            ["-g", "1"],
            ["-auto-alt-ref", "0"],
            ["-lag-in-frames", "0"],
        ],
    )
}

/// Silence, and a tone as long as the flash of every cue.
pub(super) fn beeps(tone: Tone) -> Recipe {
    let hertz = tone.hertz();
    let rate = f64::from(FRAME_RATE);
    let every = f64::from(super::CUE_FRAMES) / rate;
    let long = f64::from(super::FLASH_FRAMES) / rate;
    let source = format!(
        "aevalsrc=exprs='0.5*sin(2*PI*{hertz}*t)*lt(mod(t,{every}),{long})':sample_rate=48000"
    );
    sound(format!("beeps-{hertz}"), &source)
}

fn sound(name: String, source: &str) -> Recipe {
    let packet = VOICE_PACKET_MS.to_string();
    Recipe::new(
        name,
        "ogg",
        &[
            ["-f", "lavfi"],
            ["-i", source],
            ["-c:a", "libopus"],
            ["-b:a", "32k"],
            ["-application", "voip"],
            ["-frame_duration", &packet],
        ],
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Keeps every core busy twice over while `work` is done.
    fn beside_busy_loops<T>(work: impl FnOnce() -> T) -> T {
        let done = AtomicBool::new(false);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..2 * cores {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let result = work();
            done.store(true, Ordering::Relaxed);
            result
        })
    }

    #[test]
    fn clips_are_the_same_however_busy_the_machine_is() {
        let folder = tempfile::tempdir().unwrap();
        let recipes = [
            camera(Layer::Low),
            voice(),
            flashes(Layer::Low),
            beeps(Tone::High),
        ];
        for recipe in recipes {
            let made = |name: &str| {
                let path = folder.path().join(name);
                recipe.make(&path).unwrap();
                std::fs::read(path).unwrap()
            };
            let (idle, busy) = (made("idle"), beside_busy_loops(|| made("busy")));
            assert!(idle == busy, "{} depends on the machine", recipe.name);
        }
    }

    #[test]
    fn damaged_clip_is_made_again_and_a_useless_one_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = flashes(Layer::Low);
        let path = recipe.path(folder.path());
        let read = |path: &Path| {
            let clip = std::fs::read(path)?;
            ensure!(clip.len() > 10_000, "too short");
            Ok(clip)
        };
        let whole = kept(folder.path(), &recipe, read).unwrap();
        for damaged in [&whole[..9_000], b""] {
            std::fs::write(&path, damaged).unwrap();
            assert!(kept(folder.path(), &recipe, read).unwrap() == whole);
            assert!(
                std::fs::read(&path).unwrap() == whole,
                "it is mended on disk"
            );
        }
        std::fs::remove_file(&path).unwrap();
        let refusal = kept(folder.path(), &recipe, |_| -> anyhow::Result<()> {
            anyhow::bail!("not the promised shape")
        });
        let said = format!("{:#}", refusal.unwrap_err());
        assert!(said.contains("not the promised shape"), "{said}");
        assert!(!path.exists(), "what is of no use is not kept");
    }

    #[test]
    fn other_arguments_are_another_file() {
        let folder = Path::new("clips");
        let (slow, fast) = (camera(Layer::Low), {
            let mut recipe = camera(Layer::Low);
            recipe.arguments.push("-sharpness".to_owned());
            recipe
        });
        assert_eq!(slow.path(folder), camera(Layer::Low).path(folder));
        assert_ne!(slow.path(folder), fast.path(folder));
    }
}
