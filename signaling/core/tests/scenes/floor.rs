//! Microphones, hands, the floor and the shared screen.

use crate::common::{Hall, SECOND, setup};
use crate::{OPEN, grant, grant_at_once, microphone};
use protocol::client::SessionRole::{Chair, Point, Secretary, Viewer};
use protocol::client::{
    Command, Event, FloorCommand, HandCommand, MicrophoneCommand, MicrophoneEvent, PictureCommand,
    RefusalCode,
};
use protocol::media::Source;
use protocol::sfu::{RoomPolicy, SfuCommand};

#[test]
fn locked_person_cannot_open_and_the_gate_stays_closed() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    assert_eq!(hall.gate(minh), Some(true));
    let lock = |locked| {
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: minh.id,
            locked,
        })
    };
    hall.ask(chair, at_chair, lock(true)).unwrap();
    assert_eq!(hall.gate(minh), Some(false));
    assert_eq!(
        hall.ask(minh, at_minh, microphone(true)),
        Err(RefusalCode::MicrophoneLocked)
    );
    assert_eq!(hall.gate(minh), Some(false));
    hall.ask(chair, at_chair, lock(false)).unwrap();
    assert_eq!(hall.gate(minh), Some(true), "unlocking restores the switch");
}

#[test]
fn muted_person_may_open_again() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::Mute {
            participant: minh.id,
        }),
    )
    .unwrap();
    assert_eq!(hall.gate(minh), Some(false));
    assert!(hall.microphone(minh).on && hall.microphone(minh).muted);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    assert_eq!(hall.microphone(minh), OPEN);
    assert_eq!(hall.gate(minh), Some(true));
}

#[test]
fn locking_all_spares_chair_secretary_and_floor_holder_and_meets_newcomers() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (secretary, _) = hall.join("Thư", Secretary);
    let (speaker, _) = hall.join("Minh", Point);
    let (listener, at_listener) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, grant(speaker)).unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    let (newcomer, _) = hall.join("Hoa", Point);
    let (late_secretary, _) = hall.join("Thu", Secretary);
    for free in [chair, secretary, speaker, late_secretary] {
        assert!(!hall.microphone(free).locked);
    }
    for locked in [listener, newcomer] {
        assert!(hall.microphone(locked).locked);
    }
    assert_eq!(
        hall.ask(listener, at_listener, microphone(true)),
        Err(RefusalCode::MicrophoneLocked)
    );
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert!(
        hall.microphone(speaker).locked,
        "after the turn the lock of all holds"
    );
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: false }),
    )
    .unwrap();
    for free in [speaker, listener, newcomer] {
        assert!(!hall.microphone(free).locked);
    }
}

#[test]
fn hand_cannot_be_raised_twice_and_the_chair_lowers_it() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    assert_eq!(
        hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand)),
        Err(RefusalCode::HandUnchanged)
    );
    let lower = Command::Hand(HandCommand::LowerHand {
        participant: Some(minh.id),
    });
    hall.ask(chair, at_chair, lower.clone()).unwrap();
    assert_eq!(
        hall.ask(minh, at_minh, lower),
        Err(RefusalCode::HandUnchanged),
        "naming oneself is the same as naming nobody"
    );
}

#[test]
fn granting_the_floor_opens_the_microphone_and_lowers_the_hand() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    for (person, at) in [(minh, at_minh), (tu, at_tu)] {
        hall.ask(person, at, Command::Hand(HandCommand::RaiseHand))
            .unwrap();
    }
    assert_eq!(hall.queue(), [minh.id, tu.id]);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    let microphone = hall.microphone(minh);
    assert!(microphone.granted && microphone.locked && !microphone.on);
    assert_eq!(hall.gate(minh), Some(true), "the turn opens it");
    assert_eq!(hall.queue(), [tu.id]);
    assert!(hall.media.contains(&SfuCommand::SetPolicy {
        room: setup().session.id,
        policy: RoomPolicy {
            chair: Some(chair.id),
            floor: Some(minh.id),
            broadcast: None
        }
    }));
    hall.ask(chair, at_chair, grant_at_once(tu)).unwrap();
    assert_eq!(hall.room.snapshot().floor, Some(tu.id), "one holder");
    assert!(!hall.microphone(minh).is_open() && hall.microphone(tu).is_open());
    hall.ask(tu, at_tu, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(hall.room.snapshot().floor, None);
}

#[test]
fn floor_silences_the_others_and_its_release_gives_their_microphones_back() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (secretary, at_secretary) = hall.join("Thư", Secretary);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let (hoa, at_hoa) = hall.join("Hoa", Point);
    let (mai, at_mai) = hall.join("Mai", Point);
    let (silent, _) = hall.join("Nam", Point);
    for (person, at) in [
        (chair, at_chair),
        (secretary, at_secretary),
        (tu, at_tu),
        (hoa, at_hoa),
        (mai, at_mai),
    ] {
        hall.ask(person, at, microphone(true)).unwrap();
    }
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    for open in [chair, secretary, minh] {
        assert!(hall.microphone(open).is_open());
    }
    for muted in [tu, hoa, mai] {
        assert!(hall.microphone(muted).muted);
        assert_eq!(hall.gate(muted), Some(false));
        let told = hall.events(at_minh).into_iter().any(|e| {
            matches!(e.event, Event::Microphone(MicrophoneEvent::MicrophoneChanged { participant, microphone, by })
                if participant == muted.id && microphone.muted && by == chair.id)
        });
        assert!(told);
    }
    assert!(
        !hall.microphone(silent).muted,
        "who was not open is not muted"
    );

    hall.ask(hoa, at_hoa, microphone(true)).unwrap();
    assert_eq!(hall.gate(hoa), Some(true), "the muted person may undo it");
    hall.ask(chair, at_chair, grant_at_once(tu)).unwrap();
    hall.pass(3 * SECOND);
    assert!(hall.microphone(tu).is_open());
    for muted in [hoa, mai] {
        assert!(hall.microphone(muted).muted);
        assert_eq!(hall.gate(muted), Some(false));
    }
    assert_eq!(hall.gate(minh), Some(false), "the earlier turn is over");
    let mute = Command::Microphone(MicrophoneCommand::Mute {
        participant: mai.id,
    });
    hall.ask(chair, at_chair, mute).unwrap();

    let (survived, claim) = (hall.journal.len(), hall.claim(at_chair));
    let mut hall = hall.killed_and_restarted(survived);
    let at_chair = hall.connect(chair, Some(claim));
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    for back in [hoa, tu] {
        assert!(hall.microphone(back).is_open(), "as before the turns");
    }
    assert_eq!(hall.gate(hoa), Some(true));
    assert!(hall.microphone(mai).muted, "muted by hand meanwhile");
    for closed in [minh, silent] {
        assert!(!hall.microphone(closed).is_open(), "never opened its own");
    }
}

#[test]
fn floor_given_again_silences_who_spoke_meanwhile() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(tu, at_tu, microphone(true)).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert_eq!(hall.gate(tu), Some(false));
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(hall.gate(tu), Some(true));
}

#[test]
fn viewer_speaks_while_holding_the_floor_and_watches_again_afterwards() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (viewer, at_viewer) = hall.join("Hoa", Viewer);
    for command in [
        microphone(true),
        Command::Picture(PictureCommand::SetCamera { on: true }),
        Command::Picture(PictureCommand::SetScreen { on: true }),
    ] {
        assert_eq!(
            hall.ask(viewer, at_viewer, command),
            Err(RefusalCode::NotAllowed)
        );
    }
    hall.ask(chair, at_chair, grant(viewer)).unwrap();
    hall.pass(3 * SECOND);
    assert_eq!(hall.gate(viewer), Some(true));
    hall.ask(
        viewer,
        at_viewer,
        Command::Picture(PictureCommand::SetCamera { on: true }),
    )
    .unwrap();
    hall.ask(
        viewer,
        at_viewer,
        Command::Picture(PictureCommand::SetScreen { on: true }),
    )
    .unwrap();
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(hall.gate(viewer), Some(false));
    assert!(!hall.participant(viewer).unwrap().camera_on);
    assert_eq!(hall.room.snapshot().screen, None);
}

#[test]
fn one_screen_is_shared_at_a_time() {
    let mut hall = Hall::open();
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let share = Command::Picture(PictureCommand::SetScreen { on: true });
    hall.ask(minh, at_minh, share.clone()).unwrap();
    let refusal = hall
        .ask_in_full(tu, at_tu, share.clone())
        .expect_err("Minh shares");
    assert_eq!(
        (refusal.code, refusal.detail.as_deref()),
        (RefusalCode::ScreenTaken, Some("Minh"))
    );
    hall.lose(at_minh);
    hall.ask(tu, at_tu, share).unwrap();
    assert_eq!(
        hall.room.snapshot().screen,
        Some(tu.id),
        "a sharer whose line is cut gives way"
    );
    assert!(hall.media.contains(&SfuCommand::SetPublishing {
        room: setup().session.id,
        participant: minh.id,
        source: Source::Screen,
        on: false
    }));
}
