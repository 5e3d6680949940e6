//! The rules of a room, as scenes with people.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod attendance;
mod chair;
#[path = "../common/mod.rs"]
mod common;
mod floor;
mod recording;
mod session;

use protocol::client::{Command, Microphone};

/// A microphone that is forwarded.
const OPEN: Microphone = Microphone {
    on: true,
    muted: false,
    locked: false,
};

fn microphone(on: bool) -> Command {
    Command::SetMicrophone { on }
}

fn chat(text: &str) -> Command {
    Command::SendChat {
        text: text.to_owned(),
    }
}

fn offer() -> Command {
    Command::Offer {
        sdp: "v=0".to_owned(),
        ice_restart: false,
    }
}
