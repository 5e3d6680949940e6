//! The session that a room is open for.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ParticipantId, SessionCode, SessionId, UtcMicros};

/// What may be asked about the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum SessionCommand {
    /// Ends the session for all (chair; the secretary while the chair is away).
    EndSession,
}

impl SessionCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self, Self::EndSession)
    }
}

/// What happened to the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum SessionEvent {
    /// The room opened.
    RoomOpened,
    /// It was planned anew from outside the room.
    SessionChanged {
        /// Its title.
        title: String,
        /// Planned begin.
        starts_at_us: UtcMicros,
        /// Planned end.
        ends_at_us: UtcMicros,
    },
    /// The session is over.
    SessionEnded {
        /// Who ended it; none when its time or the server did.
        by: Option<ParticipantId>,
    },
}

/// What a room shows about its session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SessionSummary {
    /// Its id.
    pub id: SessionId,
    /// Its code.
    pub code: SessionCode,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: SessionKind,
    /// Planned begin.
    pub starts_at_us: UtcMicros,
    /// Planned end.
    pub ends_at_us: UtcMicros,
    /// When the room was first opened.
    pub opened_at_us: Option<UtcMicros>,
    /// Whether it is recorded by itself (Tự ghi).
    #[serde(default)]
    pub auto_record: bool,
    /// Until when a recording of it is kept; none for ever.
    #[serde(default)]
    pub recording_kept_until_us: Option<UtcMicros>,
}

/// What a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SessionKind {
    /// Cuộc họp.
    Meeting,
    /// Họp giao ban.
    Briefing,
    /// Hội nghị.
    Conference,
    /// Hội thảo.
    Seminar,
    /// Tập huấn.
    Training,
    /// Dự giờ.
    ClassObservation,
}
