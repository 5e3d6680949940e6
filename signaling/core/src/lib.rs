//! The rules of a room, and nothing else: who may do what, who holds the floor, whose microphone is open, what is
//! journalled. No socket, clock, thread or randomness; one [`Input`] at a time goes in, then [`Room::poll_output`] is
//! called until it says [`Output::Timeout`].
//!
//! ```text
//!            Input                                   Output
//! Connect ─────────────┐                  ┌──► Send, SendAll   frames to connections
//! Command ─────────────┤                  ├──► Persist, Act    numbered entries of the journal, the audit log's line
//! ConnectionLost ──────┼──► Room::handle ─┼──► Media           gates, policy, relays at the SFU
//! Done ────────────────┤    (now, input)  ├──► Work            what takes time; it comes back as Done
//! Recorder ────────────┤                  ├──► Record          begin or end a recording
//! Saved ───────────────┤                  └──► Timeout         call again at this moment
//! Tick ────────────────┘
//! ```
//!
//! What must not be undone by a crash is answered only when the journal has it; see `durable`.
//!
//! What is journalled is changed by [`State::apply`] alone, so that a room rebuilt from its journal is the room that
//! was lost ([`Room::replay`]). `rules` holds a file for each rule set; `role` alone says which role may do what, `timers`
//! alone when something is due.

#![warn(clippy::cast_possible_truncation)]

mod absence;
mod act;
mod cause;
mod command;
mod context;
mod durable;
mod journal;
mod main_picture;
mod now;
mod port;
mod resume;
pub mod role;
mod room;
mod rules;
mod state;
mod text;
mod timers;

pub use act::Act;
pub use cause::{Cause, Reason};
pub use durable::SAVED_WITHIN;
pub use journal::{JournalEntry, Reader, Unreadable, Written, event_of};
pub use now::{Mono, Now};
pub use port::{
    ChatPage, ConnectionId, Done, Input, Joiner, JournalHealth, MediaFailure, Negotiation,
    NegotiationKind, Output, Plan, RecorderCommand, RecorderReport, ResumeClaim, ResumeToken,
    TokenHash, Work,
};
pub use resume::{EVENTS_KEPT, EVENTS_RESENT};
pub use room::{Caps, Room, RoomSetup};
pub use rules::chair::CHAIR_AWAY_AFTER;
pub use rules::recording::UNATTENDED_RECORDING_STOPS_AFTER;
pub use rules::roster::Person;
pub use rules::session::EMPTY_ROOM_ENDS_AFTER;
pub use rules::viewers::VIEWERS_TOLD_EVERY;
pub use state::{Kept, State};
