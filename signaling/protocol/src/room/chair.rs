//! Roles, and the chair (chủ trì).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

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
