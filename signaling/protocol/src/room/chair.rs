//! Roles, and the chair (chủ trì).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

/// What may be asked about the chair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ChairCommand {
    /// Hands the chair to somebody who is connected (Giao quyền chủ trì). Who held it sits as secretary.
    GiveChair {
        /// To whom.
        participant: ParticipantId,
    },
    /// Takes the chair back (Nhận lại quyền chủ trì): for whom the schedule names. Who held it sits as before.
    TakeChair,
}

impl ChairCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        true
    }
}

/// What happened to roles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ChairEvent {
    /// Somebody's role changed.
    RoleChanged {
        /// Who.
        participant: ParticipantId,
        /// To what.
        role: SessionRole,
    },
    /// The chair's powers passed to the secretaries, because no chair was connected for 10 s, or returned to the chair.
    ChairAwayChanged {
        /// Whether the chair is away.
        away: bool,
    },
}

/// What a participant may do in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionRole {
    /// Chủ trì: never two holders.
    Chair,
    /// Thư ký: stands in for the chair.
    Secretary,
    /// Điểm cầu: takes part.
    Point,
    /// Báo cáo viên: takes part and presents.
    Presenter,
    /// Sees and hears, may ask for the floor.
    Viewer,
}
