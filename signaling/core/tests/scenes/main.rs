//! The rules of a room, as scenes with people.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod attendance;
mod audit;
mod chair;
mod chat;
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod durable;
mod floor;
mod main_picture;
mod places;
mod preset;
mod recording;
mod session;
mod timed;
mod turn;

use common::Person;
use protocol::client::{
    ChatCommand, Command, FloorCommand, MediaCommand, Microphone, MicrophoneCommand,
};

/// A microphone that is forwarded.
const OPEN: Microphone = Microphone {
    on: true,
    muted: false,
    locked: false,
    granted: false,
};

fn microphone(on: bool) -> Command {
    Command::Microphone(MicrophoneCommand::SetMicrophone { on })
}

/// Mời phát biểu: cuts nobody off.
fn grant(whom: Person) -> Command {
    Command::Floor(FloorCommand::GrantFloor {
        participant: whom.id,
        interrupt: false,
    })
}

/// Mời ngay.
fn grant_at_once(whom: Person) -> Command {
    Command::Floor(FloorCommand::GrantFloor {
        participant: whom.id,
        interrupt: true,
    })
}

fn chat(text: &str) -> Command {
    Command::Chat(ChatCommand::SendChat {
        text: text.to_owned(),
    })
}

fn offer() -> Command {
    Command::Media(MediaCommand::Offer {
        sdp: "v=0".to_owned(),
        ice_restart: false,
    })
}
