//! What an operator may set; `configs/recorder.toml` shows every key with its default.

use std::path::PathBuf;
use std::time::Duration;

use protocol::bounds::within;
use serde::{Deserialize, Serialize};

/// The configuration of the recorder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Of recording.
    pub capture: CaptureConfig,
    /// Of composing.
    pub compose: ComposeConfig,
}

/// The longest that a setting in milliseconds may say: ten minutes.
const MOST_MS: u32 = 600_000;

/// How rooms are recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CaptureConfig {
    /// How long a missing packet is waited for, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_MS>")]
    pub reorder_ms: u64,
    /// The longest stretch of media, and of waiting, that a killed recorder loses, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_MS>")]
    pub cluster_ms: u64,
    /// How often files are forced to the disk, in milliseconds: what a power cut loses.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_MS>")]
    pub sync_ms: u64,
    /// A video track without a keyframe for this long is asked for one, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_MS>")]
    pub keyframe_ms: u64,
}

impl Default for CaptureConfig {
    fn default() -> Self {
        Self {
            reorder_ms: 1_000,
            cluster_ms: 1_000,
            sync_ms: 5_000,
            keyframe_ms: 20_000,
        }
    }
}

impl CaptureConfig {
    /// [`Self::sync_ms`] as a duration.
    #[must_use]
    pub const fn sync_every(&self) -> Duration {
        Duration::from_millis(self.sync_ms)
    }
}

/// How recordings become films.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComposeConfig {
    /// The program that decodes and encodes; looked up in `PATH` when it is a bare name.
    pub ffmpeg: PathBuf,
    /// Width of the film in pixels, a multiple of 8.
    pub width: u32,
    /// Height of the film in pixels, a multiple of 8.
    pub height: u32,
    /// Pictures per second.
    pub fps: u32,
    /// Quality of H.264: lower is better and larger; 26 gives about 0.4 GB per hour at 720p.
    #[serde(deserialize_with = "within::<_, _, 0, 51>")]
    pub crf: u32,
    /// Speed preset of x264.
    pub preset: String,
    /// Threads of the encoder.
    #[serde(deserialize_with = "within::<_, _, 0, 256>")]
    pub threads: u32,
    /// Bit rate of AAC, in kbit/s.
    #[serde(deserialize_with = "within::<_, _, 8, 512>")]
    pub audio_kbps: u32,
    /// 1 for mono, which suits voices, or 2 for stereo.
    pub audio_channels: u32,
    /// The family of the name plates, found by fontconfig; it must have the Vietnamese letters.
    pub font: String,
    /// How long the main picture stays before another speaker may take it, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_MS>")]
    pub speaker_hold_ms: u64,
    /// How long the last picture of a stalled camera is shown before the grey plate, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_MS>")]
    pub freeze_ms: u64,
}

impl Default for ComposeConfig {
    fn default() -> Self {
        Self {
            ffmpeg: PathBuf::from("ffmpeg"),
            width: 1_280,
            height: 720,
            fps: 25,
            crf: 26,
            preset: "veryfast".to_owned(),
            threads: 2,
            audio_kbps: 96,
            audio_channels: 1,
            font: "DejaVu Sans".to_owned(),
            speaker_hold_ms: 2_000,
            freeze_ms: 2_000,
        }
    }
}

impl ComposeConfig {
    /// Says what is wrong with the values, in a sentence, if anything is.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        let side = |name: &str, pixels: u32| {
            (!pixels.is_multiple_of(8) || !(160..=4_096).contains(&pixels)).then(|| {
                format!("compose.{name} is {pixels}: a multiple of 8 from 160 to 4096 is needed")
            })
        };
        side("width", self.width)
            .or_else(|| side("height", self.height))
            .or_else(|| {
                (!(1..=60).contains(&self.fps))
                    .then(|| format!("compose.fps is {}: 1 to 60 is needed", self.fps))
            })
            .or_else(|| {
                (!(1..=2).contains(&self.audio_channels)).then(|| {
                    format!(
                        "compose.audio_channels is {}: 1 or 2 is needed",
                        self.audio_channels
                    )
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_file_names_every_key_with_its_default() {
        let text = include_str!("../../configs/recorder.toml");
        let config: Config = toml::from_str(text).expect("the shipped file is valid");
        assert_eq!(config, Config::default());
        for key in [
            "reorder_ms",
            "cluster_ms",
            "sync_ms",
            "keyframe_ms",
            "ffmpeg",
            "width",
            "height",
            "fps",
            "crf",
            "preset",
            "threads",
            "audio_kbps",
            "audio_channels",
            "font",
            "speaker_hold_ms",
            "freeze_ms",
        ] {
            assert!(
                text.lines()
                    .any(|line| line.starts_with(&format!("{key} = "))),
                "{key} is not shown"
            );
        }
    }

    #[test]
    fn number_that_nobody_means_is_refused() {
        for text in [
            "[capture]\nsync_ms = 0",
            "[capture]\nreorder_ms = 9223372036854775807",
            "[capture]\ncluster_ms = -1",
            "[capture]\nkeyframe_ms = 999999999",
            "[compose]\nfreeze_ms = 9223372036854775807",
            "[compose]\ncrf = 52",
        ] {
            let refused = toml::from_str::<Config>(text).expect_err(text).to_string();
            assert!(refused.contains("is not between"), "{text}: {refused}");
        }
    }

    #[test]
    fn unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("[capture]\nreorder = 3").is_err());
    }

    #[test]
    fn odd_size_is_complained_about() {
        let config = ComposeConfig {
            width: 1_001,
            ..ComposeConfig::default()
        };
        assert!(
            config
                .complaint()
                .expect("1001 is refused")
                .contains("compose.width")
        );
        assert_eq!(ComposeConfig::default().complaint(), None);
    }
}
