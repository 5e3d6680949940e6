//! Looks at a film from outside: how long it is, and where flash and beep of a publisher of cues
//! ([`crate::media::Library::cues`]) come out. ffmpeg and ffprobe are the witnesses; nothing here knows the recorder.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::media::{CUE_FRAMES, FRAME_RATE, Tone};

/// A part of the picture, in shares of its width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Crop {
    /// The middle of the main picture, beside any wall.
    pub const MAIN: Self = Self {
        left: 0.2,
        top: 0.3,
        width: 0.3,
        height: 0.3,
    };

    /// The middle of tile `number`, from 0, of a wall of so many tiles: up to five are 3/16 of the film's width, up to
    /// eight are 1/8; the film is 16:9.
    #[must_use]
    pub fn tile(number: usize, tiles: usize) -> Self {
        let side = match tiles {
            0..=5 => 3.0 / 16.0,
            _ => 1.0 / 8.0,
        };
        Self {
            left: 1.0 - 0.7 * side,
            top: (number as f64 + 0.25) * side,
            width: 0.4 * side,
            height: 0.35 * side,
        }
    }
}

/// A flash and the beep that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cue {
    /// When the flash begins, in seconds of the film.
    pub at_s: f64,
    /// How much later the beep begins, in milliseconds.
    pub beep_late_ms: f64,
}

/// A stretch in which cues follow one another as they were published.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Its cues, at least one.
    pub cues: Vec<Cue>,
}

impl Stretch {
    /// When its first flash begins, and its last.
    #[must_use]
    pub fn span_s(&self) -> (f64, f64) {
        let at = |cue: Option<&Cue>| cue.map_or(0.0, |cue| cue.at_s);
        (at(self.cues.first()), at(self.cues.last()))
    }

    /// The greatest distance of a flash from its beep, in milliseconds, late or early.
    #[must_use]
    pub fn worst_ms(&self) -> f64 {
        let apart = self.cues.iter().map(|cue| cue.beep_late_ms.abs());
        apart.fold(0.0, f64::max)
    }
}

/// What a film shows of one publisher.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// How long the film is, in seconds.
    pub seconds: f64,
    /// In order.
    pub stretches: Vec<Stretch>,
    /// Between them: from the last flash of one to the first of the next, in seconds.
    pub gaps_s: Vec<(f64, f64)>,
    /// Flashes and beeps without a fellow, such as at the edges of gaps.
    pub alone: usize,
}

/// From one cue to the next, in seconds.
const CUE_S: f64 = CUE_FRAMES as f64 / FRAME_RATE as f64;

/// A cue may come this much earlier or later than due, in seconds; beyond it, a new stretch begins.
const DUE_S: f64 = 0.25;

/// A flash and a beep further apart do not belong together, in seconds.
const APART_S: f64 = 0.8;

/// Looks for one publisher of cues in a film.
///
/// # Errors
/// When ffmpeg or ffprobe is missing, or does not understand the film.
pub fn look(film: &Path, at: Crop, tone: Tone) -> anyhow::Result<Sighting> {
    let seconds = seconds(film)?;
    let flashes = onsets(&brightness(film, at)?, 1.0 / 25.0, 0.0);
    // A tone is heard when it fills a part of its step.
    let beeps = onsets(&loudness(film, tone)?, STEP_S, 0.8 * STEP_S);
    let mut cues = Vec::new();
    let mut free: Vec<f64> = beeps.clone();
    for at_s in &flashes {
        let nearest = (0..free.len()).min_by(|a, b| {
            let apart = |n: &usize| (free[*n] - at_s).abs();
            apart(a).total_cmp(&apart(b))
        });
        if let Some(n) = nearest.filter(|n| (free[*n] - at_s).abs() <= APART_S) {
            cues.push(Cue {
                at_s: *at_s,
                beep_late_ms: (free.remove(n) - at_s) * 1e3,
            });
        }
    }
    let alone = flashes.len() - cues.len() + free.len();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut gaps_s = Vec::new();
    for cue in cues {
        let last = stretches.last().map(|stretch| stretch.span_s().1);
        match (stretches.last_mut(), last) {
            (Some(stretch), Some(last)) if (cue.at_s - last - CUE_S).abs() <= DUE_S => {
                stretch.cues.push(cue);
            }
            (_, last) => {
                gaps_s.extend(last.map(|last| (last, cue.at_s)));
                stretches.push(Stretch { cues: vec![cue] });
            }
        }
    }
    Ok(Sighting {
        seconds,
        stretches,
        gaps_s,
        alone,
    })
}

/// How long a film is, in seconds.
///
/// # Errors
/// When ffprobe is missing or does not understand it.
pub fn seconds(film: &Path) -> anyhow::Result<f64> {
    let entries = ["-show_entries", "format=duration", "-of", "csv=p=0"];
    let told = output("ffprobe", |ffprobe| ffprobe.args(entries).arg(film))?;
    let told = String::from_utf8(told)?;
    told.trim()
        .parse()
        .with_context(|| format!("ffprobe tells no duration: {told}"))
}

/// What is missing of one track between two of its epochs, in seconds of the recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// As the recording names it: participant and source.
    pub track: String,
    /// From the last frame before to the first behind.
    pub from_s: f64,
    /// The same.
    pub to_s: f64,
}

/// The gaps between the epochs of every track, as the manifest of a recording's folder has them.
///
/// # Errors
/// When there is no manifest, or it is none.
pub fn gaps(recording: &Path) -> anyhow::Result<Vec<Gap>> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(recording.join("manifest.json"))?)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let seconds = |value: &Value| value.as_f64().unwrap_or_default() / 1e6;
    let mut gaps = Vec::new();
    for track in list(&manifest["tracks"]) {
        let id = &track["track"];
        let name = |key: &str| id[key].as_str().unwrap_or_default().to_owned();
        for pair in list(&track["epochs"]).windows(2) {
            gaps.push(Gap {
                track: format!("{} {}", name("participant"), name("source")),
                from_s: seconds(&pair[0]["last_us"]),
                to_s: seconds(&pair[1]["first_us"]),
            });
        }
    }
    Ok(gaps)
}

/// The brightness of a part of the picture, 0 to 1, at 25 pictures per second.
fn brightness(film: &Path, at: Crop) -> anyhow::Result<Vec<f64>> {
    let Crop {
        left,
        top,
        width,
        height,
    } = at;
    let filter = format!(
        "fps=25,crop=iw*{width}:ih*{height}:iw*{left}:ih*{top},scale=1:1:flags=area,format=gray"
    );
    let gray = output("ffmpeg", |ffmpeg| {
        let raw = ["-an", "-vf", &filter, "-f", "rawvideo", "-"];
        ffmpeg.arg("-i").arg(film).args(raw)
    })?;
    Ok(gray
        .into_iter()
        .map(|luma| f64::from(luma) / 255.0)
        .collect())
}

/// How often the loudness of the tone is taken, in seconds; each time over twice as long.
const STEP_S: f64 = 0.005;

/// How strong a tone is in the sound, 1 being as loud as its publisher, each [`STEP_S`] (Goertzel).
fn loudness(film: &Path, tone: Tone) -> anyhow::Result<Vec<f64>> {
    const RATE: f64 = 48_000.0;
    /// Half of full scale, as the clips have it.
    const PUBLISHED: f64 = 0.5;
    let pcm = output("ffmpeg", |ffmpeg| {
        let raw = ["-vn", "-ac", "1", "-ar", "48000", "-f", "f32le", "-"];
        ffmpeg.arg("-i").arg(film).args(raw)
    })?;
    let samples: Vec<f64> = pcm
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
        .collect();
    let turn = 2.0 * (std::f64::consts::TAU * f64::from(tone.hertz()) / RATE).cos();
    let step = (STEP_S * RATE) as usize;
    let strength = |window: &[f64]| {
        let (mut a, mut b) = (0.0, 0.0);
        for sample in window {
            (a, b) = (sample + turn * a - b, a);
        }
        let power: f64 = a * a + b * b - turn * a * b;
        power.max(0.0).sqrt() * 2.0 / window.len() as f64 / PUBLISHED
    };
    Ok((0..samples.len().saturating_sub(2 * step) / step)
        .map(|n| strength(&samples[n * step..(n + 2) * step]))
        .collect())
}

/// When something begins, in seconds: it exceeds a half after more than half a second below. `lag_s` is added.
fn onsets(strength: &[f64], every_s: f64, lag_s: f64) -> Vec<f64> {
    let mut onsets = Vec::new();
    let mut last_s = f64::NEG_INFINITY;
    for (n, _) in strength.iter().enumerate().filter(|(_, s)| **s > 0.5) {
        let at_s = n as f64 * every_s;
        if at_s - last_s > 0.5 {
            onsets.push(at_s + lag_s);
        }
        last_s = at_s;
    }
    onsets
}

/// What a program prints that is told to say nothing but errors.
fn output(
    program: &str,
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(["-v", "error"]).stdin(Stdio::null());
    let output = arguments(&mut command)
        .output()
        .with_context(|| format!("cannot start {program} (apt install ffmpeg)"))?;
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", complaints.trim());
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film of 20 s with flash and beep every 2 s in the second of three tiles; nothing from 9 s to 13 s, and from then
    /// on the beep so much later.
    fn film(folder: &Path, late_ms: u32) -> std::path::PathBuf {
        let path = folder.join("film.mp4");
        let flash = "lt(mod(n,50),5)*(lt(t,9)+gt(t,13))";
        let picture = format!(
            "color=black:size=1280x720:rate=25:duration=20,\
             drawbox=x=1040:y=135:w=240:h=135:color=white:t=fill:enable='{flash}'"
        );
        let late_s = f64::from(late_ms) / 1e3;
        let sound = format!(
            "aevalsrc='0.5*sin(2*PI*1100*t)*(lt(t,9)*lt(mod(t,2),0.2)+gt(t,13)*lt(mod(t-{late_s},2),0.2))\
             +0.3*sin(2*PI*700*t)':sample_rate=48000:duration=20"
        );
        output("ffmpeg", |ffmpeg| {
            ffmpeg
                .args(["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound])
                .args(["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"])
                .arg(&path)
        })
        .unwrap();
        path
    }

    #[test]
    fn stretches_of_a_film_and_how_far_sound_and_picture_are_apart_in_each() {
        let folder = tempfile::tempdir().unwrap();
        let film = film(folder.path(), 240);
        let found = look(&film, Crop::tile(1, 3), Tone::Middle).unwrap();
        assert!((found.seconds - 20.0).abs() < 0.1, "{found:?}");
        let [together, apart] = &found.stretches[..] else {
            panic!("{found:?}");
        };
        assert_eq!((together.cues.len(), apart.cues.len()), (5, 3), "{found:?}");
        assert!(together.worst_ms() < 40.0, "{found:?}");
        for cue in &apart.cues {
            assert!((cue.beep_late_ms - 240.0).abs() < 40.0, "{found:?}");
        }
        assert_eq!(found.gaps_s.len(), 1);
        let (from_s, to_s) = found.gaps_s[0];
        assert!(
            (from_s - 8.0).abs() < 0.1 && (to_s - 14.0).abs() < 0.1,
            "{found:?}"
        );
        assert_eq!(found.alone, 0);

        for elsewhere in [Crop::MAIN, Crop::tile(0, 3), Crop::tile(2, 3)] {
            let nothing = look(&film, elsewhere, Tone::Middle).unwrap();
            assert_eq!(
                (nothing.stretches.len(), nothing.alone),
                (0, 8),
                "{elsewhere:?}"
            );
        }
        let other = look(&film, Crop::tile(1, 3), Tone::High).unwrap();
        assert_eq!(other.stretches.len(), 0, "nobody beeps so");
    }

    #[test]
    fn gaps_between_epochs_are_read_from_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = r#"{"tracks": [{"track": {"participant": "p", "source": "camera"}, "epochs": [
            {"first_us": 0, "last_us": 4000000}, {"first_us": 5500000, "last_us": 9000000}]}]}"#;
        std::fs::write(folder.path().join("manifest.json"), manifest).unwrap();
        assert_eq!(
            gaps(folder.path()).unwrap(),
            [Gap {
                track: "p camera".to_owned(),
                from_s: 4.0,
                to_s: 5.5
            }]
        );
    }
}
