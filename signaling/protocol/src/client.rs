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
//!   │ Journal {trouble}           to those who preside: whether what happens is being saved
//!   │ Heartbeat {server_time_us, next_ms}   two of them and 2 s of silence, at least 6 s: the link is dead
//!   │ Bye {reason}                last frame of the server
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::explain::Explanation;
use crate::media::{
    DisconnectReason, MediaPath, PauseReason, Profile, ReceiveMode, SlotKind, Source, TrackRef,
};
pub use crate::room::{
    CHAT_LINES, ChatMessage, ConnectionState, Microphone, Participant, RecordingState, Removed,
    RoomState, Seat, SessionKind, SessionRole, SessionSummary, Turn,
};
use crate::{ParticipantId, UtcMicros};

/// How often the server sends `Heartbeat` to those who may speak, so that a cut link shows within 2 s.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often the server sends `Heartbeat` to those who only listen. They tell a cut link by their media.
pub const LISTENER_HEARTBEAT: Duration = Duration::from_secs(5);

/// How long the seat, role, queue place and mute state of a dropped participant are held (PRODUCT).
pub const SEAT_HELD: Duration = Duration::from_secs(120);

/// The largest frame a client may send, in bytes. An SDP offer of 30 lines takes about 20 kB.
pub const MAX_CLIENT_FRAME_BYTES: usize = 64 * 1024;

/// The longest chat message, in characters as people count them.
pub const MAX_CHAT_CHARS: usize = 2_000;

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

/// What a client may ask for. Each is authorised on the server by role; see `signaling_core::role`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum Command {
    /// Negotiates media. Sent once per `RTCPeerConnection`, and again only for an ICE restart of the same one.
    /// The answer comes as `MediaMessage::Answer`.
    Offer {
        /// The SDP offer.
        sdp: String,
        /// False for a new peer connection, true for an ICE restart of the present one.
        ice_restart: bool,
    },
    /// Opens or closes one's own microphone. Opening undoes *muted by the chair*, never *locked*; whoever holds the floor
    /// opens it in spite of a lock that was there before the turn. Closing closes it in a turn too.
    SetMicrophone {
        /// Open or closed.
        on: bool,
    },
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
    /// Chooses what to receive.
    SetReceive {
        /// The choice.
        mode: ReceiveMode,
    },
    /// Names the participants whose seats are in view, most wanted first; tiles go to them in this order.
    SetView {
        /// At most 40; more are ignored.
        seats: Vec<ParticipantId>,
        /// Shown on this viewer's stage whatever the room shows; none follows the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<TrackRef>,
    },
    /// Asks why one's own pictures are as they are. The answer comes as `MediaMessage::Explanation`.
    ExplainMedia,
    /// Raises one's hand (Xin phát biểu).
    RaiseHand,
    /// Lowers a hand: one's own, or another's by chair or secretary.
    LowerHand {
        /// Whose; oneself when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<ParticipantId>,
    },
    /// Says something in the chat.
    SendChat {
        /// 1 to [`MAX_CHAT_CHARS`] characters.
        text: String,
    },
    /// Asks for older lines of the chat. They come as `ServerFrame::Chat`.
    LoadChat {
        /// The oldest line that the client has.
        #[ts(type = "string")]
        before: Uuid,
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
    /// Makes everybody see one participant (Phát cho tất cả), or nobody in particular.
    Broadcast {
        /// Whom; none ends it.
        participant: Option<ParticipantId>,
    },
    /// Starts or stops the recording (chair, secretary).
    SetRecording {
        /// Record or not.
        on: bool,
    },
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
    /// Ends the session for all (chair; the secretary while the chair is away).
    EndSession,
    /// Leaves for good: the seat is not held.
    Leave,
}

impl Command {
    /// Whether it is answered only when what it did is on disk. Undone by no crash, unless the answer was `NotSaved`.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(
            self,
            Self::Mute { .. }
                | Self::SetLock { .. }
                | Self::SetLockAll { .. }
                | Self::SetRecording { on: false }
                | Self::Remove { .. }
                | Self::Readmit { .. }
                | Self::EndSession
        )
    }
}

/// How long a microphone that is opened by a grant of the floor is announced to its owner, whose hand is not up.
pub const TURN_OPENS_AFTER: Duration = Duration::from_secs(3);

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

/// One event and its place in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventFrame {
    /// Gapless within a session, from 1.
    pub seq: u64,
    /// When.
    pub at_us: UtcMicros,
    /// What.
    pub event: Event,
}

/// What happened in a room. The same values are the payloads of the journal `session_event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum Event {
    /// The room opened.
    RoomOpened,
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
    /// Somebody's role changed.
    RoleChanged {
        /// Who.
        participant: ParticipantId,
        /// To what.
        role: SessionRole,
    },
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
    /// The chair's powers passed to the secretaries, because no chair was connected for 10 s, or returned to the chair.
    ChairAwayChanged {
        /// Whether the chair is away.
        away: bool,
    },
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
    /// A hand went up; it is last in the list.
    HandRaised {
        /// Whose.
        participant: ParticipantId,
    },
    /// A hand went down.
    HandLowered {
        /// Whose.
        participant: ParticipantId,
    },
    /// Somebody said something in the chat.
    ChatSent {
        /// The line.
        message: ChatMessage,
    },
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
    /// Everybody is made to see somebody, or nobody in particular.
    BroadcastChanged {
        /// Whom.
        participant: Option<ParticipantId>,
    },
    /// Recording began, failed or ended.
    RecordingChanged {
        /// To what.
        state: RecordingState,
    },
    /// The number of receive-only viewers changed; at most one such event in 10 s.
    ViewersChanged {
        /// How many there are.
        viewers: u32,
    },
    /// The session is over.
    SessionEnded {
        /// Who ended it; none when its time or the server did.
        by: Option<ParticipantId>,
    },
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
    /// The chat line is empty or too long; `detail` is the limit.
    BadText,
    /// The text has characters that cannot be shown: half a character, a control, a pile of marks.
    UnreadableText,
    /// The hand is up already, or is not up.
    HandUnchanged,
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

/// About a client's media; of the moment, never journalled, lost ones are superseded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum MediaMessage {
    /// The answer to `Offer`.
    Answer {
        /// The SDP answer.
        sdp: String,
    },
    /// What a receive line shows from now on.
    SlotAssigned {
        /// The line's `mid`.
        mid: String,
        /// What it is for.
        kind: SlotKind,
        /// What it shows; none when it is free.
        track: Option<TrackRef>,
        /// Why nothing flows at the moment, although there is a track.
        paused: Option<PauseReason>,
    },
    /// Who can be heard, loudest first, at most 8; sent when it changes, at most 5 times a second.
    Speakers {
        /// The dominant speaker with hold time, for the main picture.
        active: Option<ParticipantId>,
        /// Who speaks now: level 0 (silent) to 127 (loudest).
        levels: Vec<SpeakerLevel>,
    },
    /// Which of the client's own layers somebody takes; it stops encoding the others.
    LayersWanted {
        /// Of which of its sources.
        source: Source,
        /// The rids, for example `["l", "m"]`; empty when nobody takes any.
        rids: Vec<String>,
    },
    /// How the client's link looks from the server; every 10 s.
    Link(LinkReport),
    /// The answer to `ExplainMedia`.
    Explanation(Explanation),
    /// The media transport is up.
    Connected {
        /// By which path.
        path: MediaPath,
    },
    /// The media transport is gone: restart ICE or make a new peer connection.
    Disconnected {
        /// Why.
        #[serde(default)]
        reason: DisconnectReason,
    },
    /// An encoder's media ended without a goodbye. Told to chair and secretary, as nobody sits in front of an encoder.
    EncoderLost {
        /// Which.
        participant: ParticipantId,
        /// Why.
        reason: DisconnectReason,
        /// More than `reason` says, in English, for the technician.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
}

/// A voice and its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpeakerLevel {
    /// Whose.
    pub participant: ParticipantId,
    /// 0 (silent) to 127 (loudest): 127 minus the level of RFC 6464.
    pub level: u8,
}

/// A link as the SFU measured it over the last 10 s. Ingress is toward the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkReport {
    /// Round trip, in milliseconds, if known.
    pub rtt_ms: Option<f32>,
    /// Lost of what the participant sent, in percent.
    pub ingress_loss_percent: f32,
    /// Lost of what the server sent, in percent.
    pub egress_loss_percent: f32,
    /// Received from the participant, bits per second.
    pub ingress_bps: u64,
    /// Sent to the participant, bits per second.
    pub egress_bps: u64,
    /// What the link toward the participant can carry, bits per second, if estimated.
    pub estimate_bps: Option<u64>,
    /// By which path, if connected.
    pub path: Option<MediaPath>,
}
