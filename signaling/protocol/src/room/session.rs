//! The session that a room is open for.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SessionRole;
use crate::{ParticipantId, SessionCode, SessionId, UtcMicros};

/// What may be asked about the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum SessionCommand {
    /// Ends the session for all (chair; the secretary while the chair is away).
    EndSession,
    /// Shares out rights anew, by one choice (chair, secretary): microphones are locked or unlocked as the preset says.
    SetPreset {
        /// To what.
        preset: Preset,
    },
}

impl SessionCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self, Self::EndSession | Self::SetPreset { .. })
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
    /// Rights are shared out by another preset.
    PresetChanged {
        /// To what.
        preset: Preset,
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
    /// How rights are shared out at present.
    pub preset: Preset,
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

/// How a room shares out rights (chế độ). Those who preside always speak and share; whoever has the floor does for as long as
/// the turn lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Preset {
    /// Thảo luận: everybody speaks and shares.
    Discussion,
    /// Tập huấn: presenters speak and share; the others speak when they are called.
    Training,
    /// Hội nghị: whoever is called speaks and shares.
    Conference,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Discussion, Self::Training, Self::Conference];

    /// The one that a session of a kind begins with.
    #[must_use]
    pub const fn of(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Training | SessionKind::ClassObservation => Self::Training,
            SessionKind::Conference => Self::Conference,
            SessionKind::Meeting | SessionKind::Briefing | SessionKind::Seminar => Self::Discussion,
        }
    }

    /// Whether it locks the microphones of those who do not preside and have not the floor.
    #[must_use]
    pub const fn locks(self) -> bool {
        !matches!(self, Self::Discussion)
    }

    /// Whether its lock spares a role.
    #[must_use]
    pub const fn spares(self, role: SessionRole) -> bool {
        match role {
            SessionRole::Chair | SessionRole::Secretary => true,
            SessionRole::Presenter => matches!(self, Self::Training),
            SessionRole::Point | SessionRole::Viewer => false,
        }
    }

    /// Whether a role that may publish may share a screen without having the floor.
    #[must_use]
    pub const fn lets_share(self, role: SessionRole) -> bool {
        matches!(self, Self::Discussion) || self.spares(role)
    }
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
