//! The floor (Mời phát biểu), in the words of RFC 8855.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ParticipantId, UtcMicros};

/// How long a microphone that is opened by a grant of the floor is announced to its owner, whose hand is not up.
pub const TURN_OPENS_AFTER: Duration = Duration::from_secs(3);

/// What may be asked about the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum FloorCommand {
    /// Gives the floor (Mời phát biểu): puts the participant on the main picture and opens that microphone for the turn,
    /// locked or not: at once when the hand is up, else after [`TURN_OPENS_AFTER`], within which the holder may decline
    /// by `ReleaseFloor` (Chưa). Every other open microphone but those of chair and secretary is muted. Their owners may
    /// open them again; those who do not get them back when the floor is free. While somebody else holds the floor, the
    /// participant becomes *next* (kế tiếp) and nobody is cut off, unless `interrupt` says so.
    GrantFloor {
        /// To whom.
        participant: ParticipantId,
        /// Ends the turn of whoever holds the floor (Mời ngay).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interrupt: bool,
    },
    /// Takes back that somebody is next.
    CancelNext,
    /// Ends the turn. By the holder (Kết thúc phát biểu, Chưa): whoever is next has the floor. By chair or secretary
    /// (Thảo luận): the floor is free and nobody is next.
    ReleaseFloor,
}

/// What happened to the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum FloorEvent {
    /// The floor was given, or is announced again to a holder who came back by another page.
    FloorGranted {
        /// To whom.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
        /// When the microphone opens, which `MicrophoneChanged` tells; none when it opens at once.
        #[serde(default)]
        opens_at_us: Option<UtcMicros>,
    },
    /// The floor is free.
    FloorReleased {
        /// Who held it.
        participant: ParticipantId,
        /// Whether the holder declined before the microphone opened (Chưa).
        #[serde(default)]
        declined: bool,
    },
    /// Somebody will have the floor next, or nobody.
    NextChanged {
        /// Who.
        participant: Option<ParticipantId>,
    },
}

/// A turn at the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Turn {
    /// When the floor was given.
    pub since_us: UtcMicros,
    /// When the holder's microphone opens by itself; none once it has, or its owner or the chair decided otherwise.
    pub opens_at_us: Option<UtcMicros>,
}
