//! Turns at the floor: announced before they open a microphone, never cut by one key, and closed with their end.

use crate::common::{Hall, Person, SECOND, START};
use crate::{grant, grant_at_once, microphone};
use protocol::client::SessionRole::{Chair, Point, Viewer};
use protocol::client::{
    Command, Event, FloorCommand, FloorEvent, HandCommand, MicrophoneCommand, RefusalCode,
    RosterCommand,
};
use signaling_core::{Input, NegotiationKind};

/// One microphone that its owner never opened, after everything that others can do to it.
#[test]
fn microphone_that_its_owner_closed_stays_closed_whatever_the_chair_does_afterwards() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let lock = |locked| {
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: minh.id,
            locked,
        })
    };
    let mute = Command::Microphone(MicrophoneCommand::Mute {
        participant: minh.id,
    });
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.ask(minh, at_minh, microphone(false)).unwrap();
    for command in [mute, grant(minh)] {
        hall.ask(chair, at_chair, command).unwrap();
    }
    hall.pass(10 * SECOND);
    assert!(hall.microphone(minh).is_open(), "an announced turn runs");
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert!(!hall.microphone(minh).is_open(), "and its end closes");
    for command in [
        lock(true),
        lock(false),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: false }),
    ] {
        hall.ask(chair, at_chair, command.clone()).unwrap();
        assert!(!hall.microphone(minh).is_open(), "{command:?}");
    }
}

#[test]
fn turn_that_is_being_announced_goes_on_being_announced_when_microphones_are_unlocked() {
    for all in [false, true] {
        let mut hall = Hall::open();
        let (chair, at_chair) = hall.join("Lan", Chair);
        let (minh, _) = hall.join("Minh", Point);
        let locked = Command::Microphone(MicrophoneCommand::SetLockAll { locked: true });
        hall.ask(chair, at_chair, locked).unwrap();
        hall.ask(chair, at_chair, grant(minh)).unwrap();
        hall.pass(SECOND);
        let unlock = match all {
            true => MicrophoneCommand::SetLockAll { locked: false },
            false => MicrophoneCommand::SetLock {
                participant: minh.id,
                locked: false,
            },
        };
        hall.ask(chair, at_chair, Command::Microphone(unlock))
            .unwrap();
        let opens_at_us = Some(START.plus_us(3 * SECOND));
        assert_eq!(hall.room.snapshot().turn.unwrap().opens_at_us, opens_at_us);
        let survived = hall.journal.len();
        hall.pass(2 * SECOND);
        assert!(hall.microphone(minh).is_open(), "as it was announced");

        let hall = hall.killed_and_restarted(survived);
        let turn = hall.room.snapshot().turn.unwrap();
        assert!(turn.opens_at_us.is_some(), "it is announced again");
    }
}

#[test]
fn turn_that_follows_a_turn_is_announced_also_to_who_ended_that_one() {
    let remove = |whom: Person| {
        Command::Roster(RosterCommand::Remove {
            participant: whom.id,
        })
    };
    let lock = |whom: Person| {
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: whom.id,
            locked: true,
        })
    };
    let ends: [&dyn Fn(Person) -> Command; 2] = [&remove, &lock];
    for end in ends {
        let mut hall = Hall::open();
        let (chair, at_chair) = hall.join("Lan", Chair);
        let (minh, _) = hall.join("Minh", Point);
        hall.ask(chair, at_chair, grant(minh)).unwrap();
        hall.ask(chair, at_chair, grant(chair)).unwrap();
        hall.ask(chair, at_chair, end(minh)).unwrap();
        assert_eq!(hall.room.snapshot().floor, Some(chair.id));
        assert!(!hall.microphone(chair).is_open());
        hall.pass(3 * SECOND);
        assert!(hall.microphone(chair).is_open());
    }
}

#[test]
fn turn_that_is_announced_again_was_given_by_who_gave_it() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.connect(minh, None);
    let granted = |e: &Event| matches!(e, Event::Floor(FloorEvent::FloorGranted { by, .. }) if *by == chair.id);
    assert_eq!(hall.happened(granted), 2);
}

#[test]
fn unlocking_returns_to_what_the_owner_last_did() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    hall.ask(minh, at_minh, microphone(false)).unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: false }),
    )
    .unwrap();
    assert!(!hall.microphone(minh).is_open(), "closed while locked");
}

#[test]
fn turn_of_somebody_who_asked_opens_at_once_and_of_others_after_3_s() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert!(hall.microphone(minh).is_open());
    let turn = hall.room.snapshot().turn.unwrap();
    assert_eq!((turn.since_us, turn.opens_at_us), (START, None));

    hall.ask(chair, at_chair, grant_at_once(tu)).unwrap();
    let turn = hall.room.snapshot().turn.unwrap();
    assert_eq!(turn.opens_at_us, Some(START.plus_us(3 * SECOND)));
    assert_eq!(hall.room.snapshot().floor, Some(tu.id), "the picture cuts");
    hall.pass(3 * SECOND - 1);
    assert!(!hall.microphone(tu).is_open(), "still announced");
    hall.pass(1);
    assert!(hall.microphone(tu).is_open());
    assert_eq!(hall.gate(tu), Some(true));
    hall.ask(tu, at_tu, microphone(false)).unwrap();
    assert!(
        !hall.microphone(tu).is_open(),
        "the owner closes it in a turn"
    );
    hall.ask(tu, at_tu, microphone(true)).unwrap();
    assert!(hall.microphone(tu).is_open(), "and opens it again");
}

#[test]
fn holder_who_is_not_ready_declines_and_stays_closed() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(tu, at_tu, microphone(true)).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert!(!hall.microphone(tu).is_open());
    hall.pass(SECOND);
    hall.ask(minh, at_minh, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(
        hall.happened(|e| matches!(
            e,
            Event::Floor(FloorEvent::FloorReleased { declined: true, .. })
        )),
        1,
        "the chair is told that it was declined"
    );
    hall.pass(10 * SECOND);
    assert!(!hall.microphone(minh).is_open());
    assert!(hall.microphone(tu).is_open(), "discussion goes on");
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(minh, at_minh, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(
        hall.happened(|e| matches!(
            e,
            Event::Floor(FloorEvent::FloorReleased { declined: true, .. })
        )),
        1,
        "who spoke has not declined"
    );
}

#[test]
fn owner_decides_within_the_announcement() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.pass(SECOND);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    assert!(hall.microphone(minh).is_open(), "speaks before the 3 s");
    hall.ask(minh, at_minh, microphone(false)).unwrap();
    hall.pass(10 * SECOND);
    assert!(!hall.microphone(minh).is_open(), "and is not opened again");
}

#[test]
fn chair_who_mutes_or_locks_within_the_announcement_is_obeyed() {
    let mute = |participant| Command::Microphone(MicrophoneCommand::Mute { participant });
    let lock = |participant| {
        Command::Microphone(MicrophoneCommand::SetLock {
            participant,
            locked: true,
        })
    };
    for closes in [mute, lock] {
        let mut hall = Hall::open();
        let (chair, at_chair) = hall.join("Lan", Chair);
        let (minh, _) = hall.join("Minh", Point);
        hall.ask(chair, at_chair, grant(minh)).unwrap();
        hall.ask(chair, at_chair, closes(minh.id)).unwrap();
        hall.pass(10 * SECOND);
        assert!(!hall.microphone(minh).is_open());
    }
}

#[test]
fn lock_of_whoever_has_the_floor_ends_the_turn_and_a_mute_does_not() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    let mute = Command::Microphone(MicrophoneCommand::Mute {
        participant: minh.id,
    });
    hall.ask(chair, at_chair, mute).unwrap();
    assert!(!hall.microphone(minh).is_open());
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    assert!(hall.microphone(minh).is_open(), "muted may be undone");
    let lock = Command::Microphone(MicrophoneCommand::SetLock {
        participant: minh.id,
        locked: true,
    });
    hall.ask(chair, at_chair, lock).unwrap();
    assert_eq!(hall.room.snapshot().floor, None);
    assert_eq!(
        hall.ask(minh, at_minh, microphone(true)),
        Err(RefusalCode::MicrophoneLocked)
    );
}

#[test]
fn one_key_never_cuts_a_speaker_who_is_asked_meanwhile_is_next() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let (hoa, _) = hall.join("Hoa", Point);
    for (person, at) in [(minh, at_minh), (tu, at_tu)] {
        hall.ask(person, at, Command::Hand(HandCommand::RaiseHand))
            .unwrap();
    }
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(chair, at_chair, grant(hoa)).unwrap();
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    let room = hall.room.snapshot();
    assert_eq!((room.floor, room.next), (Some(minh.id), Some(tu.id)));
    assert!(hall.microphone(minh).is_open(), "nobody was cut off");
    hall.pass(60 * SECOND);
    hall.ask(minh, at_minh, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    let room = hall.room.snapshot();
    assert_eq!((room.floor, room.next), (Some(tu.id), None));
    assert!(hall.microphone(tu).is_open(), "Tú's hand is up");
    let given = hall
        .journal
        .iter()
        .rev()
        .find_map(|entry| match entry.event() {
            Event::Floor(FloorEvent::FloorGranted { by, .. }) => Some(*by),
            _ => None,
        });
    assert_eq!(given, Some(chair.id), "by whoever named the next one");
}

#[test]
fn discussion_frees_the_floor_for_nobody_and_next_can_be_taken_back() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, _) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    assert_eq!(
        hall.ask(minh, at_minh, Command::Floor(FloorCommand::CancelNext)),
        Err(RefusalCode::NotChair)
    );
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::CancelNext))
        .unwrap();
    assert_eq!(hall.room.snapshot().next, None);
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    let room = hall.room.snapshot();
    assert_eq!((room.floor, room.next), (None, None), "Thảo luận");
    assert!(!hall.microphone(tu).is_open());
}

#[test]
fn next_one_has_the_floor_when_its_holder_is_gone_and_is_forgotten_when_gone_itself() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let (hoa, at_hoa) = hall.join("Hoa", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    hall.lose(at_minh);
    assert_eq!(hall.room.snapshot().floor, Some(minh.id), "held for 120 s");
    hall.pass(121 * SECOND);
    assert_eq!(hall.room.snapshot().floor, Some(tu.id));
    hall.ask(chair, at_chair, grant(hoa)).unwrap();
    hall.ask(hoa, at_hoa, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(hall.room.snapshot().next, None);
    hall.ask(tu, at_tu, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(hall.room.snapshot().floor, None);
}

#[test]
fn turn_is_announced_again_to_a_holder_on_another_device_and_kept_by_a_page_that_comes_back() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, page) = hall.join("Minh", Point);
    hall.ask(minh, page, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    let claim = hall.claim(page);
    hall.lose(page);
    let page = hall.connect(minh, Some(claim));
    assert!(hall.microphone(minh).is_open());
    hall.lose(page);
    hall.connect(minh, None);
    assert!(!hall.microphone(minh).is_open());
    let announced = hall.room.snapshot().turn.unwrap();
    assert!(announced.opens_at_us.is_some());
    hall.pass(3 * SECOND);
    assert!(hall.microphone(minh).is_open());
}

#[test]
fn announcement_that_a_kill_cut_short_is_made_again() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    let (survived, claim) = (hall.journal.len(), hall.claim(at_minh));
    let mut hall = hall.killed_and_restarted(survived);
    hall.connect(minh, Some(claim));
    assert!(!hall.microphone(minh).is_open());
    hall.pass(3 * SECOND);
    assert!(hall.microphone(minh).is_open());
}

#[test]
fn encoder_is_given_the_floor_at_once_and_speaks_on_when_the_turn_is_over() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    let encoder = hall.connect_as(minh, None, true);
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert!(hall.microphone(minh).is_open());
    hall.ask(minh, encoder, crate::offer()).ok();
    assert!(matches!(
        hall.negotiations.last().unwrap().kind,
        NegotiationKind::Join {
            microphone_open: true,
            ..
        }
    ));
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert!(!hall.microphone(minh).is_open(), "locked again");
}

#[test]
fn viewer_has_no_switch_beyond_the_turn() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (hoa, at_hoa) = hall.join("Hoa", Viewer);
    hall.ask(chair, at_chair, grant(hoa)).unwrap();
    hall.ask(hoa, at_hoa, microphone(true)).unwrap();
    assert!(hall.microphone(hoa).is_open() && !hall.microphone(hoa).on);
    hall.handle(Input::Tick);
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert!(!hall.microphone(hoa).is_open());
}
