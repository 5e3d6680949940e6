//! What chair and secretary do is for the audit log, with how it was before and is after; the rest is not.

use serde_json::json;

use crate::common::{Hall, Person, setup};
use crate::{chat, grant, microphone};
use protocol::ParticipantId;
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{
    Command, FloorCommand, HandCommand, MicrophoneCommand, PictureCommand, RecordingCommand,
    RosterCommand, SessionCommand,
};

/// What the audit log is told: of whom, what, to what.
fn told(hall: &Hall) -> Vec<(ParticipantId, &'static str, String)> {
    let acts = hall.acts.iter();
    acts.map(|act| (act.actor, act.action, act.resource.clone()))
        .collect()
}

#[test]
fn every_act_has_its_word_and_says_whom_it_is_about() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let about = |person: Person| format!("session:GB-1107/participant:{}", person.id);
    let room = || "session:GB-1107".to_owned();
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    let participant = minh.id;
    let lock = |locked| {
        Command::Microphone(MicrophoneCommand::SetLock {
            participant,
            locked,
        })
    };
    let lock_all = |locked| Command::Microphone(MicrophoneCommand::SetLockAll { locked });
    let record = |on| Command::Recording(RecordingCommand::SetRecording { on });
    let acts = [
        (
            Command::Hand(HandCommand::LowerHand {
                participant: Some(participant),
            }),
            "lower_hand",
            about(minh),
        ),
        (
            Command::Microphone(MicrophoneCommand::Mute { participant }),
            "mute",
            about(minh),
        ),
        (lock(true), "lock", about(minh)),
        (lock(false), "unlock", about(minh)),
        (lock_all(true), "lock_all", room()),
        (lock_all(false), "unlock_all", room()),
        (
            Command::Floor(FloorCommand::SetTurnLength { seconds: Some(60) }),
            "set_turn_length",
            room(),
        ),
        (grant(minh), "grant_floor", about(minh)),
        (grant(lan), "grant_floor", about(lan)),
        (
            Command::Floor(FloorCommand::CancelNext),
            "cancel_next",
            room(),
        ),
        (
            Command::Floor(FloorCommand::ExtendTurn),
            "extend_turn",
            room(),
        ),
        (
            Command::Floor(FloorCommand::SetQueueOrder {
                unheard_first: true,
            }),
            "set_queue_order",
            room(),
        ),
        (
            Command::Floor(FloorCommand::ReleaseFloor),
            "release_floor",
            room(),
        ),
        (
            Command::Picture(PictureCommand::Broadcast {
                participant: Some(participant),
            }),
            "broadcast",
            about(minh),
        ),
        (record(true), "start_recording", room()),
        (record(false), "stop_recording", room()),
        (
            Command::Roster(RosterCommand::Remove { participant }),
            "remove",
            about(minh),
        ),
        (
            Command::Roster(RosterCommand::Readmit { participant }),
            "readmit",
            about(minh),
        ),
        (
            Command::Session(SessionCommand::EndSession),
            "end_session",
            room(),
        ),
    ];
    let mut expected = Vec::new();
    for (command, action, resource) in acts {
        hall.ask(lan, at, command).unwrap();
        expected.push((lan.id, action, resource));
    }
    assert_eq!(told(&hall), expected);
}

#[test]
fn act_says_how_it_was_before_and_is_after() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    let participant = minh.id;
    for command in [
        Command::Microphone(MicrophoneCommand::Mute { participant }),
        grant(minh),
        Command::Roster(RosterCommand::Remove { participant }),
        Command::Session(SessionCommand::EndSession),
    ] {
        hall.ask(lan, at, command).unwrap();
    }
    let facts: Vec<_> = hall
        .acts
        .iter()
        .map(|act| (act.before.clone(), act.after.clone()))
        .collect();
    let microphone = |muted| Some(json!({ "on": true, "muted": muted, "locked": false }));
    let floor = |floor: Option<ParticipantId>| Some(json!({ "floor": floor, "next": null }));
    let expected = [
        (microphone(false), microphone(true)),
        (floor(None), floor(Some(participant))),
        (Some(json!({ "name": "Minh", "role": "point" })), None),
        (
            Some(json!({ "ended": false })),
            Some(json!({ "ended": true })),
        ),
    ];
    assert_eq!(facts, expected);
}

#[test]
fn what_people_do_for_themselves_and_what_changes_nothing_is_not_audited() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    let (thu, at_thu) = hall.join("Thư", Secretary);
    let (minh, at_minh) = hall.join("Minh", Point);
    for (person, at) in [(lan, at), (minh, at_minh)] {
        for own in [
            microphone(true),
            chat("Xin chào"),
            Command::Hand(HandCommand::RaiseHand),
            Command::Hand(HandCommand::LowerHand {
                participant: Some(person.id),
            }),
        ] {
            hall.ask(person, at, own).unwrap();
        }
    }
    let mute = Command::Microphone(MicrophoneCommand::Mute {
        participant: minh.id,
    });
    hall.ask(minh, at_minh, mute.clone()).unwrap_err();
    assert!(hall.acts.is_empty());
    hall.ask(lan, at, mute.clone()).unwrap();
    hall.ask(thu, at_thu, mute).unwrap();
    assert_eq!(hall.acts.len(), 1, "muted already");
    assert_eq!(hall.acts[0].at, setup().session.starts_at_us);
}
