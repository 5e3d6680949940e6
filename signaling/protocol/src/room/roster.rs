//! Who is here, on which seat, and who was sent away.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::chair::SessionRole;
use super::microphone::Microphone;
use crate::{ParticipantId, PointId};

/// How long the seat, role, queue place and mute state of a dropped participant are held (PRODUCT).
pub const SEAT_HELD: Duration = Duration::from_secs(120);

/// What may be asked about who is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum RosterCommand {
    /// Removes a participant, who may not come back with the same link or seat until readmitted (chair, secretary).
    Remove {
        /// Whom.
        participant: ParticipantId,
    },
    /// Lets a removed participant come back (chair, secretary).
    Readmit {
        /// Whom.
        participant: ParticipantId,
    },
    /// Leaves for good: the seat is not held.
    Leave,
}

impl RosterCommand {
    /// See [`Command::is_durable`](super::Command::is_durable).
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::Readmit { .. })
    }
}

/// Who came and went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum RosterEvent {
    /// Somebody came, or came back in another shape (as an encoder, under another name): replaces what was known of
    /// that participant.
    ParticipantJoined {
        /// Who, and how.
        participant: Participant,
    },
    /// Somebody's connection broke or came back; the seat is held meanwhile.
    ConnectionChanged {
        /// Who.
        participant: ParticipantId,
        /// How.
        connection: ConnectionState,
    },
    /// Somebody is gone and the seat is free.
    ParticipantLeft {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// A removed participant may come back.
    ParticipantReadmitted {
        /// Who.
        participant: ParticipantId,
    },
}

/// A point's fixed place on the wall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Seat {
    /// The point's own number, from 1: the same in every session. Unique in a session, not gapless.
    pub number: u32,
    /// Whose seat it is.
    pub bridge_point: PointId,
    /// The point's short code, for example `DC-07`.
    pub code: String,
    /// The point's name.
    pub name: String,
    /// Whether it is the main bridge point (điểm cầu chính).
    pub main: bool,
}

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Participant {
    /// Who.
    pub id: ParticipantId,
    /// The name to show: the point's, or the person's.
    pub name: String,
    /// The role.
    pub role: SessionRole,
    /// At which point, if at one.
    pub bridge_point: Option<PointId>,
    /// The seat number, if seated.
    pub seat: Option<u32>,
    /// Whether it is connected.
    pub connection: ConnectionState,
    /// The microphone.
    pub microphone: Microphone,
    /// Whether the camera is on.
    pub camera_on: bool,
    /// Whether it is an encoder (WHIP), which cannot be talked to.
    pub encoder: bool,
}

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ConnectionState {
    /// Here.
    Connected,
    /// Gone, the seat is held.
    Reconnecting,
}

/// Why somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LeaveReason {
    /// By choice.
    Left,
    /// The seat was held for 120 s in vain.
    TimedOut,
    /// Removed by the chair.
    Removed,
    /// The right to be here was taken away: a link revoked, an account disabled, a role ended.
    AccessEnded,
    /// The session ended.
    SessionEnded,
}

/// Somebody who was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Removed {
    /// Who.
    pub participant: ParticipantId,
    /// Under which name.
    pub name: String,
    /// At which point, if at one.
    pub bridge_point: Option<PointId>,
}
