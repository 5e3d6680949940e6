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
//! Tick ────────────────┘                  └──► Timeout         call again at this time
//! ```
//!
//! What is journalled is changed by [`State::apply`] alone, so that a room rebuilt from its journal is the room that
//! was lost ([`Room::replay`]). One file holds one rule set; `role` alone says which role may do what.

#![warn(clippy::cast_possible_truncation)]

mod chair;
mod chat;
mod floor;
mod hand;
mod microphone;
mod picture;
mod port;
mod recording;
mod resume;
pub mod role;
mod room;
mod roster;
mod state;
mod viewer;

pub use chair::CHAIR_AWAY_AFTER_US;
pub use port::{
    ConnectionId, Input, Joiner, JournalEntry, MediaFailure, Negotiation, NegotiationKind, Output,
    RecorderCommand, RecorderReport, ResumeClaim, ResumeToken, TokenHash,
};
pub use resume::EVENTS_KEPT;
pub use room::{
    Caps, EMPTY_ROOM_ENDS_AFTER_US, Room, RoomSetup, UNATTENDED_RECORDING_STOPS_AFTER_US,
};
pub use state::State;
pub use viewer::VIEWERS_TOLD_EVERY_US;
