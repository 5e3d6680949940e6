//! Browser ↔ signaling: JSON text frames over one WebSocket at `/ws/sessions/{code}`.
//!
//! ```text
//! client                                   server
//!   │ Hello {protocol, resume?, profile}      │
//!   ├────────────────────────────────────────►│
//!   │ Welcome {you, seq, state | missed}      │
//!   │◄────────────────────────────────────────┤
//!   │ Command {id, command}                   │
//!   ├────────────────────────────────────────►│  applied once per (participant, id)
//!   │ Reply {id, refusal?}                    │
//!   │◄────────────────────────────────────────┤
//!   │ Event {seq, at_us, event}   numbered, replayed after a reconnect
//!   │ Media {message}             of the moment, never replayed
//!   │ Chat {messages, more}       older lines, on demand
//!   │ May {acts}                  what this participant may do now, after each change
//!   │ Journal {trouble}           to those who preside: whether what happens is being saved
//!   │ Heartbeat {server_time_us, next_ms}   two of them and 2 s of silence, at least 6 s: the link is dead
//!   │ Bye {reason}                last frame of the server
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::media::Profile;
pub use crate::room::{
    CHAT_LINES, ChairCommand, ChairEvent, ChatCommand, ChatEvent, ChatMessage, Command,
    ConnectionState, Event, EventFrame, FloorCommand, FloorEvent, HandCommand, HandEvent, Heard,
    LeaveReason, LinkReport, MAX_CHAT_CHARS, MediaCommand, MediaMessage, Microphone,
    MicrophoneCommand, MicrophoneEvent, Participant, PictureCommand, PictureEvent, Preset,
    RaisedHand, RecordingCommand, RecordingEvent, RecordingState, Removed, RoomState,
    RosterCommand, RosterEvent, SEAT_HELD, Seat, SessionCommand, SessionEvent, SessionKind,
    SessionRole, SessionSummary, SpeakerLevel, TURN_EXTENDED_BY, TURN_LENGTHS, TURN_NEARLY_OVER,
    TURN_OPENS_AFTER, Turn, ViewersEvent,
};
use crate::{ParticipantId, UtcMicros};

/// How often the server sends `Heartbeat` to those who may speak, so that a cut link shows within 2 s.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often the server sends `Heartbeat` to those who only listen. They tell a cut link by their media.
pub const LISTENER_HEARTBEAT: Duration = Duration::from_secs(5);

/// The largest frame a client may send, in bytes. An SDP offer of 30 lines takes about 20 kB.
pub const MAX_CLIENT_FRAME_BYTES: usize = 64 * 1024;

/// The most a client's next command id may lie above its last: ids rise by one, but a page that was offline may have
/// given up many.
pub const MAX_COMMAND_ID_STEP: u64 = 1_000_000;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ClientFrame {
    /// The first frame of a connection.
    Hello {
        /// [`crate::PROTOCOL_VERSION`] of the page.
        protocol: u32,
        /// From the last `Welcome` of this page, to come back to the same seat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<Resume>,
        /// The receive lines it will offer.
        profile: Profile,
        /// Whether to take the place of another page or device of the same participant. Without it, one that is
        /// connected stays, and the newcomer is refused with `AlreadyHere`. A resumed page needs no permission.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        take_over: bool,
    },
    /// Asks for something; answered by one `Reply` with the same `id`.
    Command {
        /// Chosen by the client, rising within a participant's stay, also across reconnects; at most
        /// [`MAX_COMMAND_ID_STEP`] above the last.
        id: u64,
        /// What is asked.
        command: Command,
    },
}

/// Proof that a connection continues an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Resume {
    /// `resume_token` of the last `Welcome`.
    pub token: String,
    /// The last `seq` that the client has applied.
    pub last_seq: u64,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ServerFrame {
    /// The answer to `Hello`.
    Welcome(Box<Welcome>),
    /// Something happened in the room.
    Event(EventFrame),
    /// The answer to one command.
    Reply {
        /// Of the command.
        id: u64,
        /// Why it was not done; absent when it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refusal: Option<Refusal>,
    },
    /// About this client's media, at this moment.
    Media {
        /// The message.
        message: MediaMessage,
    },
    /// Older lines of the chat.
    Chat {
        /// Oldest first, at most [`CHAT_LINES`].
        messages: Vec<ChatMessage>,
        /// Whether there are still older ones.
        more: bool,
    },
    /// What this participant may do has changed.
    May {
        /// All of it, from now on.
        acts: Vec<RoomAct>,
    },
    /// Whether what happens in the room is being saved; to chair and secretary.
    Journal {
        /// Why it is not; none when it is.
        trouble: Option<JournalTrouble>,
    },
    /// A sign of life.
    Heartbeat {
        /// The server's clock.
        server_time_us: UtcMicros,
        /// When the next one comes at the latest, in milliseconds.
        next_ms: u32,
    },
    /// The server closes this connection after this frame.
    Bye {
        /// Why.
        reason: ByeReason,
    },
}

/// What somebody may do in a room beyond following it. It changes with their role, the floor and the chair's absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RoomAct {
    /// Open microphone and camera.
    PublishMedia,
    /// Share a screen.
    ShareScreen,
    /// Direct others: mute, lock, give the floor, broadcast, lower hands, record, remove.
    Preside,
    /// Hand the chair to somebody else.
    GiveChair,
    /// Take the chair back from whom it was handed to.
    TakeChair,
    /// End the session for all.
    EndSession,
}

/// Why what happens in a room cannot be saved at the moment. It is kept and tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum JournalTrouble {
    /// The disk is full.
    DiskFull,
    /// The disk or the database takes no writes.
    ReadOnly,
    /// The database does not answer.
    DatabaseAway,
    /// Anything else; the server's log says what.
    Other,
}

/// The answer to `Hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Welcome {
    /// The version the server speaks.
    pub protocol: u32,
    /// Who the client is.
    pub you: ParticipantId,
    /// To come back with; replaced by each `Welcome`.
    pub resume_token: String,
    /// The number of the last event contained in `state` or `missed`.
    pub seq: u64,
    /// The server's clock, for timers.
    pub server_time_us: UtcMicros,
    /// Whether this connection continues an earlier one.
    pub resumed: bool,
    /// When the first `Heartbeat` comes at the latest, in milliseconds.
    pub heartbeat_ms: u32,
    /// The highest command id already applied for this participant; the client goes on above it.
    pub last_command_id: u64,
    /// What the client may do; see [`ServerFrame::May`].
    #[serde(default)]
    pub may: Vec<RoomAct>,
    /// Servers that help media through firewalls; empty when there are none. Replaced by each `Welcome`.
    #[serde(default)]
    pub ice_servers: Vec<IceServer>,
    /// The whole room; absent when `missed` suffices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RoomState>,
    /// The events after `Resume::last_seq`, in order; empty when `state` is given.
    #[serde(default)]
    pub missed: Vec<EventFrame>,
}

/// A server that helps media through firewalls, in the words of `RTCIceServer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IceServer {
    /// For example `turns:diemcau.example.vn:443?transport=tcp`.
    pub urls: Vec<String>,
    /// Of this participant alone, for some hours.
    pub username: String,
    /// Its password.
    pub credential: String,
}

/// Why a command was not done. `code` is stable; the web client's catalogue says it in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Refusal {
    /// What kind.
    pub code: RefusalCode,
    /// A parameter of the sentence, for example the number of places or a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self { code, detail: None }
    }
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RefusalCode {
    /// Only the chair or the secretary may.
    NotChair,
    /// The role may not do this.
    NotAllowed,
    /// The chair has locked this microphone.
    MicrophoneLocked,
    /// No such participant.
    UnknownParticipant,
    /// Somebody else shares; `detail` names that participant.
    ScreenTaken,
    /// Only some may share at present: by the preset, or because the screen is kept for one.
    ScreenKept,
    /// Nobody can hold the chair who only watches, is an encoder, or is not connected.
    CannotChair,
    /// The chat line is empty or too long; `detail` is the limit.
    BadText,
    /// The text has characters that cannot be shown: half a character, a control, a pile of marks.
    UnreadableText,
    /// The hand is up already, or is not up.
    HandUnchanged,
    /// Turns cannot last so long; `detail` says how long they may.
    BadTurnLength,
    /// Nobody has a turn whose end could be moved.
    NoTurnEnd,
    /// The SDP cannot be read; `detail` says what is wrong.
    BadSdp,
    /// A fingerprint of the certificate is none; `detail` says what is wrong.
    BadFingerprint,
    /// The certificate is named by a hash that proves nothing; `detail` says which.
    WeakFingerprint,
    /// The SDP does not offer what the profile promises; `detail` says what.
    BadOffer,
    /// There is no peer connection to restart.
    NoPeer,
    /// The session has as many as it may of those who come like this one: viewers, or speakers who neither preside nor sit on
    /// the seat of an invited point; `detail` is how many places there are for them.
    SessionFull,
    /// The same participant is connected from another page or device; `Hello::take_over` moves here.
    AlreadyHere,
    /// The media engine has as many peers as it takes.
    NodeFull,
    /// The media engine's last places are kept for those who take part.
    NodeReserved,
    /// The media engine does not answer.
    MediaUnavailable,
    /// The frame was not understood; `detail` says why.
    Malformed,
    /// Too many commands in a short time.
    TooManyCommands,
    /// Too many chat lines in a short time.
    ChatTooFast,
    /// The id is not above the last, or too far above it; `detail` is the last.
    BadCommandId,
    /// What was asked is in effect, or what came is admitted, but it is not on disk yet: a crash may undo it.
    NotSaved,
    /// So much waits to be saved that only locking, muting, leaving and ending are taken.
    JournalNotSaved,
    /// The session is over.
    SessionOver,
    /// Recording is not possible at the moment; `detail` says why.
    RecordingUnavailable,
}

/// Why the server closes a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ByeReason {
    /// The same participant connected elsewhere.
    TakenOver,
    /// The chair removed this participant.
    Removed,
    /// The session is over.
    SessionEnded,
    /// The client left.
    Left,
    /// The server stops; come back in a moment.
    ServerStopping,
    /// The page speaks another version: reload it.
    ProtocolMismatch {
        /// The version the server speaks.
        protocol: u32,
    },
    /// The client did not read fast enough; come back and resume.
    TooSlow,
    /// A frame was longer than [`MAX_CLIENT_FRAME_BYTES`].
    FrameTooLarge {
        /// The most that is taken, in bytes.
        limit: u32,
    },
    /// The client went on sending far more frames than it may.
    TooManyFrames,
    /// The right to be here was taken away: a link revoked, an account disabled, signed out, a role ended.
    AccessEnded,
    /// The right to be here changed: come back in another part.
    AccessChanged,
    /// The server cannot save anything at the moment; come back in a moment.
    NotSaved {
        /// Why.
        trouble: JournalTrouble,
    },
    /// `Hello` was refused.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}
