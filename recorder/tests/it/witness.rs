//! What can be seen and heard of a film from outside: ffmpeg and ffprobe are the witnesses.

use std::cell::OnceCell;
use std::path::PathBuf;

use recorder::{ComposeConfig, Composite, compose};

use crate::media::output_of;
use crate::server::Stage;

/// Small films, so that tests take seconds.
pub(crate) fn config() -> ComposeConfig {
    ComposeConfig {
        width: 640,
        height: 360,
        preset: "superfast".to_owned(),
        ..ComposeConfig::default()
    }
}

pub(crate) struct Film {
    pub(crate) path: PathBuf,
    pub(crate) made: Composite,
    pub(crate) progress: Vec<u8>,
    stills: OnceCell<Vec<u8>>,
}

/// Bytes of a still.
pub(crate) const STILL: usize = 640 * 360 * 3;

pub(crate) fn film(stage: &Stage) -> Film {
    let path = stage.folder().join("composite.mp4");
    let mut progress = Vec::new();
    let made = compose(&stage.folder(), &path, &config(), |percent| {
        progress.push(percent)
    })
    .expect("composed");
    Film {
        path,
        made,
        progress,
        stills: OnceCell::new(),
    }
}

impl Film {
    pub(crate) fn probe(&self, entries: &str) -> Vec<String> {
        let path = self.path.to_string_lossy();
        let text = output_of(
            "ffprobe",
            &[
                "-v",
                "error",
                "-show_entries",
                entries,
                "-of",
                "default=nk=1:nw=1",
                &path,
            ],
        );
        String::from_utf8(text)
            .expect("text")
            .lines()
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.probe("format=duration")[0].parse().expect("a number")
    }

    /// Red, green and blue at a place of the picture at a time.
    pub(crate) fn colour(&self, at_seconds: f64, x: usize, y: usize) -> [i32; 3] {
        let stills = self.stills.get_or_init(|| {
            let path = self.path.to_string_lossy();
            output_of(
                "ffmpeg",
                &[
                    "-v", "error", "-i", &path, "-vf", "fps=1", "-f", "rawvideo", "-pix_fmt",
                    "rgb24", "-",
                ],
            )
        });
        let start = at_seconds as usize * STILL + (y * 640 + x) * 3;
        [0, 1, 2].map(|n| i32::from(stills[start + n]))
    }

    /// The samples of the sound, 48 kHz mono.
    pub(crate) fn samples(&self) -> Vec<f32> {
        let path = self.path.to_string_lossy();
        let pcm = output_of(
            "ffmpeg",
            &[
                "-v", "error", "-i", &path, "-vn", "-ac", "1", "-ar", "48000", "-f", "f32le", "-",
            ],
        );
        pcm.chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().expect("four bytes")))
            .collect()
    }

    /// The mean brightness of the main picture, picture by picture.
    pub(crate) fn brightness(&self) -> Vec<f64> {
        let path = self.path.to_string_lossy();
        let arguments = [
            "-v",
            "error",
            "-i",
            &path,
            "-an",
            "-vf",
            "crop=160:90:180:135",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-",
        ];
        let gray = output_of("ffmpeg", &arguments);
        let mean = |picture: &[u8]| {
            picture.iter().map(|p| f64::from(*p)).sum::<f64>() / picture.len() as f64
        };
        gray.chunks_exact(160 * 90).map(mean).collect()
    }

    /// When flashes and beeps begin, in milliseconds.
    pub(crate) fn cues(&self) -> (Vec<f64>, Vec<f64>) {
        let flashes = onsets(self.brightness().iter().map(|light| *light > 150.0), 40.0);
        let beeps = onsets(
            self.samples().iter().map(|sample| sample.abs() > 0.1),
            1.0 / 48.0,
        );
        (flashes, beeps)
    }
}

/// How strong a tone is in samples: 1 is full scale (Goertzel).
pub(crate) fn tone(samples: &[f32], hertz: f64) -> f64 {
    let step = 2.0 * (std::f64::consts::TAU * hertz / 48_000.0).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for sample in samples {
        (a, b) = (f64::from(*sample) + step * a - b, a);
    }
    let power = a * a + b * b - step * a * b;
    power.max(0.0).sqrt() * 2.0 / samples.len() as f64
}

pub(crate) fn between(samples: &[f32], from: f64, to: f64) -> &[f32] {
    &samples[(from * 48_000.0) as usize..(to * 48_000.0) as usize]
}

pub(crate) fn is_red([r, g, b]: [i32; 3]) -> bool {
    r > 160 && g < 90 && b < 90
}

pub(crate) fn is_green([r, g, b]: [i32; 3]) -> bool {
    r < 90 && g > 90 && b < 90
}

pub(crate) fn is_blue([r, g, b]: [i32; 3]) -> bool {
    r < 90 && g < 90 && b > 160
}

pub(crate) fn is_grey([r, g, b]: [i32; 3]) -> bool {
    (r - g).abs() < 12 && (g - b).abs() < 12 && (60..150).contains(&r)
}

/// Where something begins, in milliseconds: more than half a second after it was last there.
pub(crate) fn onsets(there: impl Iterator<Item = bool>, every_ms: f64) -> Vec<f64> {
    let mut onsets = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for (n, _) in there.enumerate().filter(|(_, there)| *there) {
        let at = n as f64 * every_ms;
        if at - last > 500.0 {
            onsets.push(at);
        }
        last = at;
    }
    onsets
}
