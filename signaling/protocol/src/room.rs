//! What a room is: who is here in which part, their seats, microphones, hands and floor, and the chat.
//!
//! A client gets the whole of it with `Welcome` ([`crate::client`], which gives these types to others) and keeps it up to
//! date by events.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::{BridgePointId, ParticipantId, SessionCode, SessionId, UtcMicros};

/// The most chat lines of a snapshot, and of one answer to `LoadChat`.
pub const CHAT_LINES: usize = 50;

/// A whole room, as a client needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoomState {
    /// The session.
    pub session: SessionSummary,
    /// The fixed seats of the wall, in seat order, absent points included.
    pub seats: Vec<Seat>,
    /// Everybody who is here or whose seat is held.
    pub participants: Vec<Participant>,
    /// Raised hands, first come first.
    pub hands: Vec<ParticipantId>,
    /// Who holds the floor.
    pub floor: Option<ParticipantId>,
    /// Since when, and when the microphone opens; none while nobody holds the floor.
    #[serde(default)]
    pub turn: Option<Turn>,
    /// Who has the floor next (kế tiếp).
    #[serde(default)]
    pub next: Option<ParticipantId>,
    /// Whom everybody is made to see.
    pub broadcast: Option<ParticipantId>,
    /// Who shares a screen.
    pub screen: Option<ParticipantId>,
    /// Whether newcomers' microphones are locked.
    pub all_locked: bool,
    /// Whether no chair has been connected for 10 s, so that the chair's powers are the secretary's too.
    #[serde(default)]
    pub chair_away: bool,
    /// Whether the room is being recorded.
    pub recording: RecordingState,
    /// The last messages, oldest first, at most [`CHAT_LINES`].
    pub chat: Vec<ChatMessage>,
    /// Whether there are older ones; see `Command::LoadChat`.
    #[serde(default)]
    pub older_chat: bool,
    /// Who was removed and may be readmitted, in the order of removal.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// Anonymous and receive-only viewers at the moment.
    pub viewers: u32,
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

/// Somebody who was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Removed {
    /// Who.
    pub participant: ParticipantId,
    /// Under which name.
    pub name: String,
    /// At which point, if at one.
    pub bridge_point: Option<BridgePointId>,
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
    /// Hội nghị.
    Conference,
    /// Hội thảo.
    Seminar,
    /// Tập huấn.
    Training,
    /// Dự giờ.
    ClassObservation,
}

/// A point's fixed place on the wall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Seat {
    /// The point's own number, from 1: the same in every session. Unique in a session, not gapless.
    pub number: u32,
    /// Whose seat it is.
    pub bridge_point: BridgePointId,
    /// The point's short code, for example `DC-07`.
    pub code: String,
    /// The point's name.
    pub name: String,
    /// Whether it is the main bridge point (điểm cầu chính).
    pub main: bool,
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
    pub bridge_point: Option<BridgePointId>,
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

/// A line of the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChatMessage {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Who said it.
    pub from: ParticipantId,
    /// Under which name.
    pub name: String,
    /// At which point, if at one.
    #[serde(default)]
    pub bridge_point: Option<BridgePointId>,
    /// The text.
    pub text: String,
    /// When.
    pub at_us: UtcMicros,
}
