//! Every command by every role: what [`role::permit`] refuses, the room refuses, and nothing comes of it.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod common;

use std::fs;
use std::path::Path;

use common::{Hall, Person};
use protocol::ParticipantId;
use protocol::client::{
    ChairCommand, ChatCommand, ClientFrame, Command, FloorCommand, HandCommand, MediaCommand,
    MicrophoneCommand, PictureCommand, Preset, RecordingCommand, RefusalCode, RosterCommand,
    SessionCommand, SessionRole,
};
use signaling_core::role::{Asker, ScreenLock, permit};
use signaling_core::{ConnectionId, role};

const ROLES: [SessionRole; 5] = [
    SessionRole::Chair,
    SessionRole::Secretary,
    SessionRole::Point,
    SessionRole::Presenter,
    SessionRole::Viewer,
];

/// Somebody of a role in a room in which everybody discusses, and whom the schedule does not name.
fn in_discussion(role: SessionRole) -> Asker {
    Asker {
        role,
        holds_floor: false,
        encoder: false,
        chair_away: false,
        chairs_by_schedule: false,
        preset: Preset::Discussion,
        screen: ScreenLock::Open,
    }
}

/// One of each command, as the protocol's fixtures spell them; a test of the protocol holds these complete. People are
/// `whom`.
fn commands(whom: ParticipantId) -> Vec<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/fixtures");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("client.command.") {
            continue;
        }
        let frame = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let ClientFrame::Command { command, .. } = frame else {
            panic!("{name} is no command")
        };
        found.extend(both_ways(command, whom));
    }
    found
}

/// A command with what it depends on in both states, said of `whom`.
fn both_ways(command: Command, whom: ParticipantId) -> Vec<Command> {
    match command {
        Command::Microphone(MicrophoneCommand::SetMicrophone { .. }) => vec![
            Command::Microphone(MicrophoneCommand::SetMicrophone { on: true }),
            Command::Microphone(MicrophoneCommand::SetMicrophone { on: false }),
        ],
        Command::Picture(PictureCommand::SetCamera { .. }) => vec![
            Command::Picture(PictureCommand::SetCamera { on: true }),
            Command::Picture(PictureCommand::SetCamera { on: false }),
        ],
        Command::Picture(PictureCommand::SetScreen { .. }) => vec![
            Command::Picture(PictureCommand::SetScreen { on: true }),
            Command::Picture(PictureCommand::SetScreen { on: false }),
        ],
        Command::Hand(HandCommand::LowerHand { .. }) => vec![
            Command::Hand(HandCommand::LowerHand { participant: None }),
            Command::Hand(HandCommand::LowerHand {
                participant: Some(whom),
            }),
        ],
        Command::Microphone(MicrophoneCommand::Mute { .. }) => {
            vec![Command::Microphone(MicrophoneCommand::Mute {
                participant: whom,
            })]
        }
        Command::Microphone(MicrophoneCommand::SetLock { locked, .. }) => {
            vec![Command::Microphone(MicrophoneCommand::SetLock {
                participant: whom,
                locked,
            })]
        }
        Command::Floor(FloorCommand::GrantFloor { interrupt, .. }) => {
            vec![Command::Floor(FloorCommand::GrantFloor {
                participant: whom,
                interrupt,
            })]
        }
        Command::Picture(PictureCommand::Broadcast { .. }) => {
            vec![Command::Picture(PictureCommand::Broadcast {
                participant: Some(whom),
            })]
        }
        Command::Picture(PictureCommand::LockScreen { .. }) => {
            vec![Command::Picture(PictureCommand::LockScreen {
                participant: Some(whom),
            })]
        }
        Command::Chair(ChairCommand::GiveChair { .. }) => {
            vec![Command::Chair(ChairCommand::GiveChair {
                participant: whom,
            })]
        }
        Command::Roster(RosterCommand::Remove { .. }) => {
            vec![Command::Roster(RosterCommand::Remove { participant: whom })]
        }
        Command::Roster(RosterCommand::Readmit { .. }) => {
            vec![Command::Roster(RosterCommand::Readmit {
                participant: whom,
            })]
        }
        command => vec![command],
    }
}

/// A room with somebody of each role in it; the one of `role` asks.
fn hall(role: SessionRole, encoder: bool, floor: bool) -> (Hall, Person, ConnectionId, Person) {
    let mut hall = Hall::open();
    let mut asker = None;
    let mut presides = None;
    for each in ROLES {
        let (person, at) = hall.join(&format!("{each:?}"), each);
        if role::presides(each) && each != role {
            presides = Some((person, at));
        }
        if each == role {
            asker = Some((person, at));
        }
    }
    let (bystander, _) = hall.join("Người khác", SessionRole::Point);
    let (asker, mut at) = asker.unwrap();
    if encoder {
        at = hall.connect_as(asker, None, true);
    }
    if floor {
        let (person, at) = presides.unwrap();
        let grant = Command::Floor(FloorCommand::GrantFloor {
            participant: asker.id,
            interrupt: false,
        });
        hall.ask(person, at, grant).unwrap();
    }
    (hall, asker, at, bystander)
}

#[test]
fn whatever_the_table_refuses_is_refused_by_the_room_and_changes_nothing() {
    let mut refused = 0;
    for role in ROLES {
        for (encoder, holds_floor) in [(false, false), (false, true), (true, false), (true, true)] {
            let (_, _, _, bystander) = hall(role, encoder, holds_floor);
            for command in commands(bystander.id) {
                let asker = Asker {
                    holds_floor,
                    encoder,
                    ..in_discussion(role)
                };
                let Err(code) = permit(asker, &command) else {
                    continue;
                };
                refused += 1;
                let (mut hall, person, at, _) = hall(role, encoder, holds_floor);
                let before = (hall.journal.len(), hall.media.len(), hall.recorder.len());
                assert_eq!(
                    hall.ask(person, at, command.clone()),
                    Err(code),
                    "{asker:?} asks for {command:?}"
                );
                assert_eq!(
                    before,
                    (hall.journal.len(), hall.media.len(), hall.recorder.len()),
                    "{asker:?} asks for {command:?}"
                );
            }
        }
    }
    assert!(refused > 100, "the walk went somewhere");
}

#[test]
fn only_those_who_preside_have_power_over_others() {
    let somebody = ParticipantId(uuid::Uuid::from_u128(9));
    let about_others = |command: &Command| {
        matches!(
            command,
            Command::Microphone(MicrophoneCommand::Mute { .. })
                | Command::Microphone(MicrophoneCommand::SetLock { .. })
                | Command::Microphone(MicrophoneCommand::SetLockAll { .. })
                | Command::Floor(FloorCommand::GrantFloor { .. })
                | Command::Floor(FloorCommand::CancelNext)
                | Command::Floor(FloorCommand::SetTurnLength { .. })
                | Command::Floor(FloorCommand::ExtendTurn)
                | Command::Floor(FloorCommand::SetQueueOrder { .. })
                | Command::Picture(PictureCommand::Broadcast { .. })
                | Command::Picture(PictureCommand::LockScreen { .. })
                | Command::Session(SessionCommand::SetPreset { .. })
                | Command::Chair(ChairCommand::GiveChair { .. })
                | Command::Recording(RecordingCommand::SetRecording { .. })
                | Command::Roster(RosterCommand::Remove { .. })
                | Command::Roster(RosterCommand::Readmit { .. })
                | Command::Session(SessionCommand::EndSession)
                | Command::Hand(HandCommand::LowerHand {
                    participant: Some(_)
                })
        )
    };
    for role in [
        SessionRole::Point,
        SessionRole::Presenter,
        SessionRole::Viewer,
    ] {
        for command in commands(somebody) {
            for chair_away in [false, true] {
                let asker = Asker {
                    holds_floor: true,
                    chair_away,
                    ..in_discussion(role)
                };
                let expected = if about_others(&command) {
                    Err(RefusalCode::NotChair)
                } else if command == Command::Chair(ChairCommand::TakeChair) {
                    Err(RefusalCode::NotAllowed)
                } else {
                    Ok(())
                };
                assert_eq!(permit(asker, &command), expected, "{role:?}: {command:?}");
            }
        }
    }
}

#[test]
fn viewer_without_the_floor_watches_listens_and_writes() {
    let somebody = ParticipantId(uuid::Uuid::from_u128(9));
    let asker = Asker {
        chair_away: true,
        ..in_discussion(SessionRole::Viewer)
    };
    let allowed: Vec<&str> = commands(somebody)
        .iter()
        .filter(|command| permit(asker, command).is_ok())
        .map(|command| match command {
            Command::Media(MediaCommand::Offer { .. }) => "offer",
            Command::Microphone(MicrophoneCommand::SetMicrophone { on: false }) => {
                "close microphone"
            }
            Command::Picture(PictureCommand::SetCamera { on: false }) => "close camera",
            Command::Picture(PictureCommand::SetScreen { on: false }) => "stop sharing",
            Command::Media(MediaCommand::SetReceive { .. }) => "set_receive",
            Command::Media(MediaCommand::SetView { .. }) => "set_view",
            Command::Media(MediaCommand::ExplainMedia) => "explain_media",
            Command::Hand(HandCommand::RaiseHand) => "raise_hand",
            Command::Hand(HandCommand::SetTopic { .. }) => "set_topic",
            Command::Hand(HandCommand::LowerHand { participant: None }) => "lower_hand",
            Command::Chat(ChatCommand::SendChat { .. }) => "send_chat",
            Command::Chat(ChatCommand::LoadChat { .. }) => "load_chat",
            Command::Roster(RosterCommand::Leave) => "leave",
            other => panic!("a viewer may not ask for {other:?}"),
        })
        .collect();
    assert_eq!(allowed.len(), 13, "{allowed:?}");
}

#[test]
fn screen_is_shared_by_whom_the_preset_lets_and_by_nobody_but_the_one_it_is_kept_for() {
    let share = Command::Picture(PictureCommand::SetScreen { on: true });
    let may = |asker: Asker| permit(asker, &share);
    let kept = Err(RefusalCode::ScreenKept);
    for preset in Preset::ALL {
        for role in ROLES {
            let asker = Asker {
                preset,
                ..in_discussion(role)
            };
            let by_preset = match role {
                SessionRole::Chair | SessionRole::Secretary => Ok(()),
                SessionRole::Presenter if preset != Preset::Conference => Ok(()),
                SessionRole::Point if preset == Preset::Discussion => Ok(()),
                SessionRole::Viewer => Err(RefusalCode::NotAllowed),
                SessionRole::Presenter | SessionRole::Point => kept,
            };
            assert_eq!(may(asker), by_preset, "{preset:?}: {role:?}");
            let holds_floor = true;
            let speaker = Asker {
                holds_floor,
                ..asker
            };
            assert_eq!(may(speaker), Ok(()), "{preset:?}: {role:?} speaks");
            let screen = ScreenLock::Others;
            assert_eq!(may(Asker { screen, ..speaker }), kept);
            let screen = ScreenLock::Mine;
            let mine = may(Asker { screen, ..asker });
            assert_eq!(mine.is_ok(), role != SessionRole::Viewer);
        }
    }
}
