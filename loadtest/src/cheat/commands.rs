//! Every command of the protocol, said by somebody who may not.

use protocol::ParticipantId;
use protocol::client::{
    ChairCommand, ChatCommand, Command, FloorCommand, HandCommand, MediaCommand, MicrophoneCommand,
    PictureCommand, Preset, RecordingCommand, RosterCommand, SessionCommand,
};
use protocol::media::ReceiveMode;

/// One of each kind of command; those that are about somebody are about `whom`. Those that end everything come last.
pub(super) fn all(whom: ParticipantId, offer: &str) -> Vec<Command> {
    vec![
        Command::Media(MediaCommand::Offer {
            sdp: offer.to_owned(),
            ice_restart: false,
        }),
        Command::Microphone(MicrophoneCommand::SetMicrophone { on: true }),
        Command::Picture(PictureCommand::SetCamera { on: true }),
        Command::Picture(PictureCommand::SetScreen { on: true }),
        Command::Media(MediaCommand::SetReceive {
            mode: ReceiveMode::AudioOnly,
        }),
        Command::Media(MediaCommand::SetView {
            seats: vec![whom],
            pinned: None,
        }),
        Command::Media(MediaCommand::ExplainMedia),
        Command::Hand(HandCommand::RaiseHand),
        Command::Hand(HandCommand::SetTopic {
            topic: "Thiếu giáo viên".to_owned(),
        }),
        Command::Hand(HandCommand::LowerHand { participant: None }),
        Command::Chat(ChatCommand::SendChat {
            text: "Tôi vẫn ở đây".to_owned(),
        }),
        Command::Chat(ChatCommand::LoadChat { before: whom.0 }),
        Command::Microphone(MicrophoneCommand::Mute { participant: whom }),
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: whom,
            locked: true,
        }),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
        Command::Floor(FloorCommand::GrantFloor {
            participant: whom,
            interrupt: true,
        }),
        Command::Floor(FloorCommand::CancelNext),
        Command::Floor(FloorCommand::SetTurnLength { seconds: Some(30) }),
        Command::Floor(FloorCommand::ExtendTurn),
        Command::Floor(FloorCommand::SetQueueOrder {
            unheard_first: true,
        }),
        Command::Floor(FloorCommand::ReleaseFloor),
        Command::Picture(PictureCommand::Broadcast {
            participant: Some(whom),
        }),
        Command::Picture(PictureCommand::LockScreen {
            participant: Some(whom),
        }),
        Command::Recording(RecordingCommand::SetRecording { on: true }),
        Command::Roster(RosterCommand::Remove { participant: whom }),
        Command::Roster(RosterCommand::Readmit { participant: whom }),
        Command::Session(SessionCommand::SetPreset {
            preset: Preset::Conference,
        }),
        Command::Chair(ChairCommand::GiveChair { participant: whom }),
        Command::Chair(ChairCommand::TakeChair),
        Command::Session(SessionCommand::EndSession),
        Command::Roster(RosterCommand::Leave),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    /// The protocol holds a fixture of every command; its own test sees to that.
    #[test]
    fn no_command_is_forgotten() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../signaling/protocol/fixtures");
        let known: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| {
                let name = entry.file_name();
                name.to_string_lossy().starts_with("client.command.")
            })
            .map(|entry| {
                let text = std::fs::read(entry.path()).unwrap();
                let fixture: Value = serde_json::from_slice(&text).unwrap();
                fixture["command"]["type"].as_str().unwrap().to_owned()
            })
            .collect();
        let said: BTreeSet<String> = all(
            serde_json::from_value("00000000-0000-0000-0000-000000000000".into()).unwrap(),
            "v=0",
        )
        .iter()
        .map(|command| {
            let command = serde_json::to_value(command).unwrap();
            command["type"].as_str().unwrap().to_owned()
        })
        .collect();
        assert_eq!(said, known);
    }
}
