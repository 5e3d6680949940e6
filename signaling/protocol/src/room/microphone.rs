//! Four facts about each microphone, and who may change them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

/// What may be asked about microphones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum MicrophoneCommand {
    /// Opens or closes one's own microphone. Opening undoes *muted by the chair*, never *locked*; whoever holds the floor
    /// opens it in spite of a lock that was there before the turn. Closing closes it in a turn too.
    SetMicrophone {
        /// Open or closed.
        on: bool,
    },
    /// Closes another's microphone; that person may open it again (chair, secretary).
    Mute {
        /// Whose.
        participant: ParticipantId,
    },
    /// Locks or unlocks another's microphone; only chair and secretary may unlock (Khóa micro). Locking whoever holds the
    /// floor ends that turn.
    SetLock {
        /// Whose.
        participant: ParticipantId,
        /// Locked or not.
        locked: bool,
    },
    /// Locks or unlocks every microphone but those of chair, secretary and floor holder.
    SetLockAll {
        /// Locked or not.
        locked: bool,
    },
}

impl MicrophoneCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(
            self,
            Self::Mute { .. } | Self::SetLock { .. } | Self::SetLockAll { .. }
        )
    }
}

/// What happened to microphones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum MicrophoneEvent {
    /// A microphone changed.
    MicrophoneChanged {
        /// Whose.
        participant: ParticipantId,
        /// To what.
        microphone: Microphone,
        /// Who did it.
        by: ParticipantId,
    },
    /// Locking of all microphones began or ended; each one that changed is told by `MicrophoneChanged`.
    AllLocked {
        /// Locked or not.
        locked: bool,
        /// Who did it.
        by: ParticipantId,
    },
}

/// Four facts about a microphone. It is open, and forwarded, when `granted || (on && !muted && !locked)`: its owner
/// opened it last, or an announced turn runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Microphone {
    /// The person's own switch, which nobody else moves.
    pub on: bool,
    /// Muted by the chair; the person may undo it.
    pub muted: bool,
    /// Locked by the chair; only chair or secretary may undo it.
    pub locked: bool,
    /// Opened by a turn at the floor, until the turn ends or the owner closes it.
    #[serde(default)]
    pub granted: bool,
}

impl Microphone {
    /// Whether sound may leave this microphone.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.granted || (self.on && !self.muted && !self.locked)
    }
}
