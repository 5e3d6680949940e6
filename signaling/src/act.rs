//! What chair and secretary do in a room, for the audit log. A person's own switches, hand and chat are not in it.

use protocol::client::{
    ChatCommand, Command, FloorCommand, HandCommand, MediaCommand, Microphone, MicrophoneCommand,
    PictureCommand, RecordingCommand, RoomState, RosterCommand, SessionCommand, SessionRole,
};
use protocol::{ParticipantId, SessionCode, UtcMicros};
use serde_json::{Value, json};
use signaling_core::{JournalEntry, Room, role};

/// A command of somebody who presides, before it is known what it comes to.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    actor: ParticipantId,
    id: u64,
    command: Command,
    before: Option<Value>,
}

/// What somebody who presides did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    /// Who did it.
    pub(crate) actor: ParticipantId,
    /// What, for example `set_lock`.
    pub(crate) action: &'static str,
    /// To what, for example `session:GB-1107/participant:<id>`.
    pub(crate) resource: String,
    /// How it was before.
    pub(crate) before: Option<Value>,
    /// How it is after.
    pub(crate) after: Option<Value>,
    /// When.
    pub(crate) at: UtcMicros,
}

impl Attempt {
    /// The command as an attempt, if `actor` presides in `room` and it is one for the audit log.
    pub(crate) fn new(
        room: &Room,
        actor: ParticipantId,
        id: u64,
        command: &Command,
    ) -> Option<Self> {
        let asker = room.state().participant(actor)?;
        action(command, actor)?;
        role::presides(asker.role).then(|| Self {
            actor,
            id,
            command: command.clone(),
            before: aspect(room, command),
        })
    }

    /// The act, if `entries` say that the command changed anything.
    pub(crate) fn outcome(&self, room: &Room, entries: &[JournalEntry]) -> Option<Act> {
        let entry = entries
            .iter()
            .find(|e| e.actor == Some(self.actor) && e.command == Some(self.id))?;
        Some(Act {
            actor: self.actor,
            action: action(&self.command, self.actor)?,
            resource: resource(&room.snapshot().session.code, &self.command),
            before: self.before.clone(),
            after: aspect(room, &self.command),
            at: entry.frame.at_us,
        })
    }
}

/// What the audit log calls a command; none for what everybody does for themselves.
fn action(command: &Command, actor: ParticipantId) -> Option<&'static str> {
    match command {
        Command::Microphone(MicrophoneCommand::Mute { .. }) => Some("mute"),
        Command::Microphone(MicrophoneCommand::SetLock { locked: true, .. }) => Some("lock"),
        Command::Microphone(MicrophoneCommand::SetLock { locked: false, .. }) => Some("unlock"),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }) => Some("lock_all"),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: false }) => Some("unlock_all"),
        Command::Floor(FloorCommand::GrantFloor { .. }) => Some("grant_floor"),
        Command::Floor(FloorCommand::CancelNext) => Some("cancel_next"),
        Command::Floor(FloorCommand::ReleaseFloor) => Some("release_floor"),
        Command::Picture(PictureCommand::Broadcast { .. }) => Some("broadcast"),
        Command::Recording(RecordingCommand::SetRecording { on: true }) => Some("start_recording"),
        Command::Recording(RecordingCommand::SetRecording { on: false }) => Some("stop_recording"),
        Command::Roster(RosterCommand::Remove { .. }) => Some("remove"),
        Command::Roster(RosterCommand::Readmit { .. }) => Some("readmit"),
        Command::Session(SessionCommand::EndSession) => Some("end_session"),
        Command::Hand(HandCommand::LowerHand {
            participant: Some(whose),
        }) if *whose != actor => Some("lower_hand"),
        Command::Hand(HandCommand::LowerHand { .. })
        | Command::Media(MediaCommand::Offer { .. })
        | Command::Microphone(MicrophoneCommand::SetMicrophone { .. })
        | Command::Picture(PictureCommand::SetCamera { .. })
        | Command::Picture(PictureCommand::SetScreen { .. })
        | Command::Media(MediaCommand::SetReceive { .. })
        | Command::Media(MediaCommand::SetView { .. })
        | Command::Media(MediaCommand::ExplainMedia)
        | Command::Hand(HandCommand::RaiseHand)
        | Command::Chat(ChatCommand::SendChat { .. })
        | Command::Chat(ChatCommand::LoadChat { .. })
        | Command::Roster(RosterCommand::Leave) => None,
    }
}

/// Whom a command is about, if it is about one participant.
fn target(command: &Command) -> Option<ParticipantId> {
    match command {
        Command::Microphone(MicrophoneCommand::Mute { participant })
        | Command::Microphone(MicrophoneCommand::SetLock { participant, .. })
        | Command::Floor(FloorCommand::GrantFloor { participant, .. })
        | Command::Roster(RosterCommand::Remove { participant })
        | Command::Roster(RosterCommand::Readmit { participant }) => Some(*participant),
        Command::Picture(PictureCommand::Broadcast { participant })
        | Command::Hand(HandCommand::LowerHand { participant }) => *participant,
        _ => None,
    }
}

fn resource(session: &SessionCode, command: &Command) -> String {
    match target(command) {
        Some(participant) => format!("session:{}/participant:{participant}", session.0),
        None => format!("session:{}", session.0),
    }
}

/// What of the room a command changes, as it is now.
fn aspect(room: &Room, command: &Command) -> Option<Value> {
    let state: &RoomState = room.snapshot();
    let whom = target(command).and_then(|id| room.state().participant(id));
    match command {
        Command::Microphone(MicrophoneCommand::Mute { .. })
        | Command::Microphone(MicrophoneCommand::SetLock { .. }) => {
            whom.map(|p| microphone(p.microphone))
        }
        Command::Roster(RosterCommand::Remove { .. }) => whom.map(|p| person(&p.name, p.role)),
        Command::Hand(HandCommand::LowerHand { participant }) => {
            participant.map(|id| json!({ "hand_raised": state.hands.contains(&id) }))
        }
        Command::Microphone(MicrophoneCommand::SetLockAll { .. }) => {
            Some(json!({ "all_locked": state.all_locked }))
        }
        Command::Roster(RosterCommand::Readmit { participant }) => {
            Some(json!({ "removed": room.state().was_removed(*participant) }))
        }
        Command::Floor(FloorCommand::GrantFloor { .. })
        | Command::Floor(FloorCommand::CancelNext)
        | Command::Floor(FloorCommand::ReleaseFloor) => {
            Some(json!({ "floor": state.floor, "next": state.next }))
        }
        Command::Picture(PictureCommand::Broadcast { .. }) => {
            Some(json!({ "broadcast": state.broadcast }))
        }
        Command::Recording(RecordingCommand::SetRecording { .. }) => {
            Some(json!({ "recording": state.recording }))
        }
        Command::Session(SessionCommand::EndSession) => {
            Some(json!({ "ended": room.state().ended }))
        }
        _ => None,
    }
}

fn microphone(microphone: Microphone) -> Value {
    json!({ "on": microphone.on, "muted": microphone.muted, "locked": microphone.locked })
}

fn person(name: &str, role: SessionRole) -> Value {
    json!({ "name": name, "role": role })
}
