//! What a room is: who is here in which part, their seats, microphones, hands and floor, and the chat. One file holds what
//! is said about one rule set: what may be asked ([`Command`]), what happens ([`Event`]), and its part of the state.
//!
//! A client gets the whole of it with `Welcome` ([`crate::client`], which gives these types to others) and keeps it up to
//! date by events.

mod chair;
mod chat;
mod floor;
mod hand;
mod media;
mod microphone;
mod one_of;
mod picture;
mod recording;
mod roster;
mod session;
mod viewers;

pub use chair::{ChairCommand, ChairEvent, SessionRole};
pub use chat::{CHAT_LINES, ChatCommand, ChatEvent, ChatMessage, MAX_CHAT_CHARS};
pub use floor::{
    FloorCommand, FloorEvent, Heard, TURN_EXTENDED_BY, TURN_LENGTHS, TURN_NEARLY_OVER,
    TURN_OPENS_AFTER, Turn,
};
pub use hand::{HandCommand, HandEvent, RaisedHand};
pub use media::{LinkReport, MediaCommand, MediaMessage, SpeakerLevel};
pub use microphone::{Microphone, MicrophoneCommand, MicrophoneEvent};
pub use picture::{PictureCommand, PictureEvent};
pub use recording::{RecordingCommand, RecordingEvent, RecordingState};
pub use roster::{
    ConnectionState, LeaveReason, Participant, Removed, RosterCommand, RosterEvent, SEAT_HELD, Seat,
};
pub use session::{Preset, SessionCommand, SessionEvent, SessionKind, SessionSummary};
pub use viewers::ViewersEvent;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ParticipantId, UtcMicros};

one_of::one_of! {
    /// What a client may ask for. Each is authorised on the server by role; see `signaling_core::role`.
    #[derive(Debug, Clone, PartialEq, Serialize, TS)]
    #[serde(untagged)]
    #[ts(export)]
    pub enum Command {
        Media(MediaCommand): "offer", "set_receive", "set_view", "explain_media";
        Microphone(MicrophoneCommand): "set_microphone", "mute", "set_lock", "set_lock_all";
        Picture(PictureCommand): "set_camera", "set_screen", "broadcast", "lock_screen";
        Hand(HandCommand): "raise_hand", "set_topic", "lower_hand";
        Chat(ChatCommand): "send_chat", "load_chat";
        Floor(FloorCommand): "grant_floor", "cancel_next", "release_floor", "set_turn_length", "extend_turn",
            "set_queue_order";
        Recording(RecordingCommand): "set_recording";
        Roster(RosterCommand): "remove", "readmit", "leave";
        Chair(ChairCommand): "give_chair", "take_chair";
        Session(SessionCommand): "end_session", "set_preset";
    }
}

impl Command {
    /// Whether it is answered only when what it did is on disk. Undone by no crash, unless the answer was `NotSaved`.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        match self {
            Self::Microphone(command) => command.is_durable(),
            Self::Recording(command) => command.is_durable(),
            Self::Roster(command) => command.is_durable(),
            Self::Chair(command) => command.is_durable(),
            Self::Session(command) => command.is_durable(),
            Self::Media(_) | Self::Picture(_) | Self::Hand(_) | Self::Chat(_) | Self::Floor(_) => {
                false
            }
        }
    }
}

one_of::one_of! {
    /// What happened in a room. The journal `session_event` keeps the same values, each with its cause.
    #[derive(Debug, Clone, PartialEq, Serialize, TS)]
    #[serde(untagged)]
    #[ts(export)]
    pub enum Event {
        Session(SessionEvent): "room_opened", "session_changed", "preset_changed", "session_ended";
        Roster(RosterEvent): "participant_joined", "connection_changed", "participant_left",
            "participant_readmitted";
        Chair(ChairEvent): "role_changed", "chair_away_changed";
        Microphone(MicrophoneEvent): "microphone_changed", "all_locked";
        Picture(PictureEvent): "camera_changed", "screen_changed", "broadcast_changed", "screen_locked";
        Hand(HandEvent): "hand_raised", "hand_lowered", "topic_changed";
        Chat(ChatEvent): "chat_sent";
        Floor(FloorEvent): "floor_granted", "floor_released", "next_changed", "turn_length_changed",
            "turn_end_moved", "queue_order_changed";
        Recording(RecordingEvent): "recording_changed";
        Viewers(ViewersEvent): "viewers_changed";
    }
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
    /// Raised hands, first come first; [`RoomState::queue`] is the order in which they stand.
    pub hands: Vec<RaisedHand>,
    /// Whether raised hands of those who have not spoken yet stand first.
    pub unheard_first: bool,
    /// Who has spoken so far, in the order of their first turns. Whoever speaks now is in it once the turn is over.
    pub heard: Vec<Heard>,
    /// How long turns that begin last, in seconds; none for as long as it takes.
    pub turn_length: Option<u32>,
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
    /// For whom the shared screen is kept; none for whoever may share by the preset.
    pub screen_locked_to: Option<ParticipantId>,
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

impl RoomState {
    /// Whose hands are up, in the order in which they stand in the queue: first come first, those who have been heard behind
    /// those who have not if the chair says so. Every client orders them so.
    #[must_use]
    pub fn queue(&self) -> Vec<ParticipantId> {
        let mut queue: Vec<_> = self.hands.iter().map(|hand| hand.participant).collect();
        if self.unheard_first {
            // Stable: among equals, first come first.
            queue.sort_by_key(|id| self.heard.iter().any(|heard| heard.participant == *id));
        }
        queue
    }
}
