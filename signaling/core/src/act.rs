//! What chair and secretary do in a room, for the audit log. A person's own switches, hand and chat are not in it. Each
//! rule set says what its commands are called there.

use protocol::client::Command;
use protocol::{ParticipantId, UtcMicros};
use serde_json::Value;

use crate::State;
use crate::role::presides;

/// What somebody who presides did.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Who did it.
    pub actor: ParticipantId,
    /// What, for example `lock`.
    pub action: &'static str,
    /// To what, for example `session:GB-1107/participant:<id>`.
    pub resource: String,
    /// How it was before.
    pub before: Option<Value>,
    /// How it is after.
    pub after: Option<Value>,
    /// When.
    pub at: UtcMicros,
}

/// What the audit log says of the commands of a rule set.
pub(crate) trait Audited {
    /// What it calls a command of `actor`; none for what everybody does for themselves.
    fn action(&self, actor: ParticipantId) -> Option<&'static str> {
        let _ = actor;
        None
    }

    /// Whom a command is about, if it is about one participant.
    fn target(&self) -> Option<ParticipantId> {
        None
    }

    /// What of the room a command changes, as it is now.
    fn aspect(&self, state: &State) -> Option<Value> {
        let _ = state;
        None
    }
}

/// The rule set's part of a command.
fn audited(command: &Command) -> &dyn Audited {
    match command {
        Command::Media(command) => command,
        Command::Microphone(command) => command,
        Command::Picture(command) => command,
        Command::Hand(command) => command,
        Command::Chat(command) => command,
        Command::Floor(command) => command,
        Command::Recording(command) => command,
        Command::Roster(command) => command,
        Command::Chair(command) => command,
        Command::Session(command) => command,
    }
}

/// A command of somebody who presides, before it is known what it comes to.
#[derive(Debug)]
pub(crate) struct Attempt {
    actor: ParticipantId,
    action: &'static str,
    command: Command,
    before: Option<Value>,
    /// The last event before.
    seq: u64,
}

impl Attempt {
    /// The command as an attempt, if `actor` presides and it is one for the audit log.
    pub(crate) fn new(state: &State, actor: ParticipantId, command: &Command) -> Option<Self> {
        let person = state.person(actor).filter(|p| presides(p.role))?;
        Some(Self {
            actor: person.id,
            action: audited(command).action(actor)?,
            command: command.clone(),
            before: audited(command).aspect(state),
            seq: state.seq(),
        })
    }

    /// The act, if anything has happened since.
    pub(crate) fn outcome(self, state: &State, at: UtcMicros) -> Option<Act> {
        if state.seq() == self.seq {
            return None;
        }
        let command = audited(&self.command);
        let session = &state.session().code.0;
        Some(Act {
            actor: self.actor,
            action: self.action,
            resource: match command.target() {
                Some(participant) => format!("session:{session}/participant:{participant}"),
                None => format!("session:{session}"),
            },
            before: self.before,
            after: command.aspect(state),
            at,
        })
    }
}
