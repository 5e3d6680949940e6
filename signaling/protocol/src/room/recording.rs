//! The recording, as the room shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What may be asked about the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingCommand {
    /// Starts or stops the recording (chair, secretary).
    SetRecording {
        /// Record or not.
        on: bool,
    },
}

impl RecordingCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self, Self::SetRecording { on: false })
    }
}

/// What happened to the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingEvent {
    /// Recording began, failed or ended.
    RecordingChanged {
        /// To what.
        state: RecordingState,
    },
}

/// Whether a room is recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordingState {
    /// It is not.
    #[default]
    Off,
    /// Asked for; the recorder has not confirmed it.
    Starting,
    /// It is.
    On,
    /// It should be, but the recorder does not answer.
    Failed,
}
