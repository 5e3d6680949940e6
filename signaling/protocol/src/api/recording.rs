//! Recordings and their films.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::UtcMicros;

/// A recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Recording {
    /// Its id.
    pub id: String,
    /// Of which session.
    pub session: String,
    /// The session's title.
    pub title: String,
    /// Where it stands.
    pub state: RecordingStage,
    /// When it began.
    #[schema(value_type = i64)]
    pub started_at_us: UtcMicros,
    /// How long it is, once known.
    pub duration_us: Option<i64>,
    /// Of the MP4, once made.
    pub bytes: Option<i64>,
    /// 0 to 100 while the MP4 is made.
    pub progress_percent: u8,
    /// Why it failed; why it is not there yet, when it is tried again.
    pub failure: Option<RecordingFailure>,
    /// Until when it is kept.
    #[schema(value_type = Option<i64>)]
    pub keep_until_us: Option<UtcMicros>,
    /// Where the MP4 is (HTTP Range), once made and if the caller may see it.
    pub media_url: Option<String>,
    /// Whether the caller may see what it shows; others see how it does, and no more.
    pub may_view: bool,
    /// Whether the caller may have the MP4 made again after it failed.
    pub may_compose: bool,
}

/// Why there is no recording, or no MP4 of it. The web client's catalogue says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingFailure {
    /// Nobody sent sound or picture.
    NoMedia,
    /// The raw tracks are not on disk.
    FilesMissing,
    /// The MP4 was there, and is not any more.
    FilmMissing,
    /// Nothing in the raw tracks can be decoded.
    Undecodable,
    /// ffmpeg is not there, or does not run.
    FfmpegMissing,
    /// ffmpeg gave up.
    FfmpegFailed,
    /// The settings of the composer make no sense.
    BadSettings,
    /// The disk is full.
    DiskFull,
    /// The disk cannot be read or written.
    DiskFailed,
    /// Whoever was at it was ended from outside.
    Interrupted,
    /// Anything else.
    Unknown,
}

impl RecordingFailure {
    /// Every one there is.
    pub const ALL: [Self; 11] = [
        Self::NoMedia,
        Self::FilesMissing,
        Self::FilmMissing,
        Self::Undecodable,
        Self::FfmpegMissing,
        Self::FfmpegFailed,
        Self::BadSettings,
        Self::DiskFull,
        Self::DiskFailed,
        Self::Interrupted,
        Self::Unknown,
    ];

    /// Its stable code, as in JSON and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoMedia => "no_media",
            Self::FilesMissing => "files_missing",
            Self::FilmMissing => "film_missing",
            Self::Undecodable => "undecodable",
            Self::FfmpegMissing => "ffmpeg_missing",
            Self::FfmpegFailed => "ffmpeg_failed",
            Self::BadSettings => "bad_settings",
            Self::DiskFull => "disk_full",
            Self::DiskFailed => "disk_failed",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
        }
    }

    /// The one with this code; [`Self::Unknown`] for any other text.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|failure| failure.code() == code)
            .unwrap_or(Self::Unknown)
    }

    /// What a failure of the disk is.
    #[must_use]
    pub fn of_disk(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;

        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            ErrorKind::NotFound => Self::FilesMissing,
            _ => Self::DiskFailed,
        }
    }

    /// Whether it stays as it is until somebody does something about it: to try again would be in vain.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::NoMedia
                | Self::FilesMissing
                | Self::Undecodable
                | Self::FfmpegMissing
                | Self::BadSettings
        )
    }
}

/// Where a recording stands (RECORDING.md, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingStage {
    /// Asked for.
    Starting,
    /// Running.
    Recording,
    /// Being closed.
    Finalising,
    /// Raw tracks are safe; the MP4 waits.
    Archived,
    /// The MP4 is being made.
    Composing,
    /// The MP4 is there.
    Ready,
    /// No MP4 could be made; raw tracks are safe.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_a_failure_is_its_json_and_comes_back() {
        for failure in RecordingFailure::ALL {
            let json = serde_json::to_string(&failure).expect("a word");
            assert_eq!(json, format!("{:?}", failure.code()));
            assert_eq!(RecordingFailure::of_code(failure.code()), failure);
        }
        let old = "the composer ended with exit status: 1: cannot compose /var/lib";
        assert_eq!(RecordingFailure::of_code(old), RecordingFailure::Unknown);
    }
}
