//! The rules of a room, and nothing else: who may do what, who holds the floor, whose microphone is open, what is
//! journalled. No socket, clock, thread or randomness; one [`Input`] at a time goes in, then [`Room::poll_output`] is
//! called until it says [`Output::Timeout`].
//!
//! ```text
//!            Input                                   Output
//! Connect ─────────────┐                  ┌──► Send, SendAll   frames to connections
//! Command ─────────────┤                  ├──► Persist         numbered entries of the journal
//! ConnectionLost ──────┼──► Room::handle ─┼──► Media           gates, policy, relays at the SFU
//! Negotiated ──────────┤    (now, input)  ├──► Negotiate       an offer that the SFU must answer
//! Recorder ────────────┤                  ├──► Record          begin or end a recording
//! Saved ───────────────┤                  ├──► LoadChat        older lines for one connection
//! Tick ────────────────┘                  └──► Timeout         call again at this moment
//! ```
//!
//! What must not be undone by a crash is answered only when the journal has it; see `durable`.
//!
//! What is journalled is changed by [`State::apply`] alone, so that a room rebuilt from its journal is the room that
//! was lost ([`Room::replay`]). One file holds one rule set; `role` alone says which role may do what.

#![warn(clippy::cast_possible_truncation)]

mod chair;
mod chat;
mod durable;
mod floor;
mod hand;
mod main_picture;
mod microphone;
mod negotiation;
mod now;
mod picture;
mod port;
mod recording;
mod resume;
pub mod role;
mod room;
mod roster;
mod state;
mod viewer;

pub use chair::CHAIR_AWAY_AFTER;
pub use durable::SAVED_WITHIN;
pub use now::{Mono, Now};
pub use port::{
    ConnectionId, Input, Joiner, JournalEntry, JournalHealth, MediaFailure, Negotiation,
    NegotiationKind, Output, RecorderCommand, RecorderReport, ResumeClaim, ResumeToken, TokenHash,
};
pub use resume::{EVENTS_KEPT, EVENTS_RESENT};
pub use room::{Caps, EMPTY_ROOM_ENDS_AFTER, Room, RoomSetup, UNATTENDED_RECORDING_STOPS_AFTER};
pub use state::State;
pub use viewer::VIEWERS_TOLD_EVERY;
