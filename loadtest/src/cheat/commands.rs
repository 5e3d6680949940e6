//! Every command of the protocol, said by somebody who may not.

use protocol::ParticipantId;
use protocol::client::Command;
use protocol::media::ReceiveMode;

/// One of each kind of command; those that are about somebody are about `whom`. Those that end everything come last.
pub(super) fn all(whom: ParticipantId, offer: &str) -> Vec<Command> {
    vec![
        Command::Offer {
            sdp: offer.to_owned(),
            ice_restart: false,
        },
        Command::SetMicrophone { on: true },
        Command::SetCamera { on: true },
        Command::SetScreen { on: true },
        Command::SetReceive {
            mode: ReceiveMode::AudioOnly,
        },
        Command::SetView {
            seats: vec![whom],
            pinned: None,
        },
        Command::ExplainMedia,
        Command::RaiseHand,
        Command::LowerHand { participant: None },
        Command::SendChat {
            text: "Tôi vẫn ở đây".to_owned(),
        },
        Command::LoadChat { before: whom.0 },
        Command::Mute { participant: whom },
        Command::SetLock {
            participant: whom,
            locked: true,
        },
        Command::SetLockAll { locked: true },
        Command::GrantFloor {
            participant: whom,
            interrupt: true,
        },
        Command::CancelNext,
        Command::ReleaseFloor,
        Command::Broadcast {
            participant: Some(whom),
        },
        Command::SetRecording { on: true },
        Command::Remove { participant: whom },
        Command::Readmit { participant: whom },
        Command::EndSession,
        Command::Leave,
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
