//! What is seen: cameras, the one screen that is shared, and whom everybody is made to see.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

/// What may be asked about what is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum PictureCommand {
    /// Starts or stops one's own camera.
    SetCamera {
        /// On or off.
        on: bool,
    },
    /// Starts or stops sharing one's screen. One participant shares at a time.
    SetScreen {
        /// On or off.
        on: bool,
    },
    /// Makes everybody see one participant (Phát cho tất cả), or nobody in particular.
    Broadcast {
        /// Whom; none ends it.
        participant: Option<ParticipantId>,
    },
    /// Keeps the shared screen for one participant (Khóa trình chiếu), whatever the preset says, or for nobody in particular.
    LockScreen {
        /// For whom; none ends it.
        participant: Option<ParticipantId>,
    },
}

/// What happened to what is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum PictureEvent {
    /// A camera changed.
    CameraChanged {
        /// Whose.
        participant: ParticipantId,
        /// On or off.
        on: bool,
    },
    /// Sharing began or ended.
    ScreenChanged {
        /// Who shares; none when nobody does.
        participant: Option<ParticipantId>,
    },
    /// Everybody is made to see somebody, or nobody in particular.
    BroadcastChanged {
        /// Whom.
        participant: Option<ParticipantId>,
    },
    /// The shared screen is kept for somebody, or for nobody in particular.
    ScreenLocked {
        /// For whom.
        participant: Option<ParticipantId>,
    },
}
