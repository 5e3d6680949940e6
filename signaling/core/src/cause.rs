//! Why something happens.

use protocol::ParticipantId;
use serde::{Deserialize, Serialize};

/// Why an event happened: by whose hand, and what it follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// Who caused it; none for time and server.
    pub actor: Option<ParticipantId>,
    /// The number of the actor's command, if it was one.
    pub command: Option<u64>,
    /// What it follows from.
    pub reason: Reason,
}

impl Cause {
    /// Done by the server.
    pub(crate) const fn server(reason: Reason) -> Self {
        Self {
            actor: None,
            command: None,
            reason,
        }
    }

    /// Done by somebody who came or went.
    pub(crate) const fn of(actor: ParticipantId, reason: Reason) -> Self {
        Self {
            actor: Some(actor),
            command: None,
            reason,
        }
    }

    /// Asked for by somebody's command.
    pub(crate) const fn command(actor: ParticipantId, id: u64) -> Self {
        Self {
            actor: Some(actor),
            command: Some(id),
            reason: Reason::Asked,
        }
    }

    /// By the same hand, following from something else.
    pub(crate) const fn with(self, reason: Reason) -> Self {
        Self { reason, ..self }
    }
}

/// What an event follows from. A command that gives the floor asks for one event, and others follow from the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The actor asked for this very thing.
    Asked,
    /// The actor, who presides, silenced this participant by name: the floor does not give the microphone back.
    Silenced,
    /// A turn at the floor began. A microphone that it muted is given back when the floor is free.
    TurnBegan,
    /// A turn at the floor ended.
    TurnEnded,
    /// The floor is free, and nobody is next.
    FloorFree,
    /// The actor came, or came back; without an actor, somebody who is only counted.
    Arrived,
    /// A chair is connected again.
    ChairHere,
    /// Somebody is gone for good.
    Departed,
    /// A connection broke.
    ConnectionLost,
    /// The right to be here was taken away, or changed.
    AccessChanged,
    /// Nobody who may hold the chair held it.
    ChairFree,
    /// Only others may share a screen from now on.
    ScreenKept,
    /// It was time.
    Time,
    /// The recorder reported.
    Recorder,
    /// The server was restarted.
    Restarted,
    /// Somebody outside the room asked for it.
    Outside,
    /// A journal of version 1 does not say.
    Unknown,
}
