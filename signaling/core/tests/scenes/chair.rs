//! The chair: who has its powers, who holds it, who stands in.

use crate::common::{Hall, Person, SECOND, setup};
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{
    ChairCommand, ChairEvent, Command, Event, FloorCommand, HandCommand, MicrophoneCommand,
    PictureCommand, Preset, RecordingCommand, RefusalCode, RoomAct, RosterCommand, ServerFrame,
    SessionCommand, SessionRole,
};
use protocol::sfu::{RoomPolicy, SfuCommand};

#[test]
fn member_who_plays_chair_is_refused_and_nothing_happens() {
    let mut hall = Hall::open();
    let (chair, _) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let before = hall.journal.len();
    let victim = chair.id;
    for command in [
        Command::Microphone(MicrophoneCommand::Mute {
            participant: victim,
        }),
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: victim,
            locked: true,
        }),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
        Command::Floor(FloorCommand::GrantFloor {
            participant: minh.id,
            interrupt: true,
        }),
        Command::Floor(FloorCommand::CancelNext),
        Command::Floor(FloorCommand::ReleaseFloor),
        Command::Picture(PictureCommand::Broadcast {
            participant: Some(minh.id),
        }),
        Command::Recording(RecordingCommand::SetRecording { on: true }),
        Command::Roster(RosterCommand::Remove {
            participant: victim,
        }),
        Command::Roster(RosterCommand::Readmit {
            participant: victim,
        }),
        Command::Hand(HandCommand::LowerHand {
            participant: Some(victim),
        }),
        Command::Session(SessionCommand::EndSession),
    ] {
        assert_eq!(
            hall.ask(minh, at_minh, command.clone()),
            Err(RefusalCode::NotChair),
            "{command:?}"
        );
    }
    assert_eq!(hall.journal.len(), before);
}

#[test]
fn secretary_moderates_but_never_silences_or_removes_the_chair() {
    let mut hall = Hall::open();
    let (chair, _) = hall.join("Lan", Chair);
    let (secretary, at) = hall.join("Thư", Secretary);
    for command in [
        Command::Microphone(MicrophoneCommand::Mute {
            participant: chair.id,
        }),
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: chair.id,
            locked: true,
        }),
        Command::Roster(RosterCommand::Remove {
            participant: chair.id,
        }),
    ] {
        assert_eq!(
            hall.ask(secretary, at, command),
            Err(RefusalCode::NotAllowed)
        );
    }
    assert_eq!(
        hall.ask(secretary, at, Command::Session(SessionCommand::EndSession)),
        Err(RefusalCode::NotChair)
    );
    hall.ask(
        secretary,
        at,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    assert!(hall.room.snapshot().all_locked);
}

#[test]
fn secretary_ends_the_session_only_while_the_chair_is_away() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (secretary, at) = hall.join("Thư", Secretary);
    let (minh, at_minh) = hall.join("Minh", Point);
    let refused = Err(RefusalCode::NotChair);
    assert_eq!(
        hall.ask(secretary, at, Command::Session(SessionCommand::EndSession)),
        refused
    );
    hall.lose(at_chair);
    hall.pass(9 * SECOND);
    assert_eq!(
        hall.ask(secretary, at, Command::Session(SessionCommand::EndSession)),
        refused
    );
    hall.pass(2 * SECOND);
    let at_chair = hall.connect(chair, None);
    assert_eq!(
        hall.ask(secretary, at, Command::Session(SessionCommand::EndSession)),
        refused,
        "the chair is back"
    );
    hall.lose(at_chair);
    hall.pass(10 * SECOND);
    assert_eq!(
        hall.ask(minh, at_minh, Command::Session(SessionCommand::EndSession)),
        refused,
        "nobody else may"
    );
    hall.ask(secretary, at, Command::Session(SessionCommand::EndSession))
        .unwrap();
    assert!(hall.ended);
}

#[test]
fn pages_are_told_what_their_owners_may_do_when_it_changes() {
    use RoomAct::{EndSession, GiveChair, Preside, PublishMedia, ShareScreen, TakeChair};
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (secretary, at_secretary) = hall.join("Thư", Secretary);
    let (viewer, at_viewer) = hall.join("Hoa", SessionRole::Viewer);
    let all = [PublishMedia, ShareScreen, Preside, GiveChair, EndSession];
    assert_eq!(hall.may(at_chair), all);
    let presides = [PublishMedia, ShareScreen, Preside];
    assert_eq!(hall.may(at_secretary), presides);
    assert_eq!(hall.may(at_viewer), []);

    let grant = Command::Floor(FloorCommand::GrantFloor {
        participant: viewer.id,
        interrupt: false,
    });
    hall.ask(chair, at_chair, grant).unwrap();
    assert_eq!(hall.may(at_viewer), [PublishMedia, ShareScreen]);
    hall.ask(
        viewer,
        at_viewer,
        Command::Floor(FloorCommand::ReleaseFloor),
    )
    .unwrap();
    assert_eq!(hall.may(at_viewer), []);

    hall.lose(at_chair);
    hall.pass(10 * SECOND);
    let stands_in = [PublishMedia, ShareScreen, Preside, EndSession];
    assert_eq!(hall.may(at_secretary), stands_in);
    let at_chair = hall.connect(chair, None);
    assert_eq!(hall.may(at_secretary), presides);
    let participant = secretary.id;
    let give = Command::Chair(ChairCommand::GiveChair { participant });
    hall.ask(chair, at_chair, give).unwrap();
    assert_eq!(hall.may(at_secretary), all);
    assert_eq!(
        hall.may(at_chair),
        [PublishMedia, ShareScreen, Preside, TakeChair]
    );
    let told = |frame: &&ServerFrame| matches!(frame, ServerFrame::May { .. });
    assert_eq!(hall.frames[&at_viewer].iter().filter(told).count(), 2);
}

fn role_of(hall: &Hall, person: Person) -> SessionRole {
    hall.participant(person).unwrap().role
}

#[test]
fn powers_of_an_absent_chair_are_told_when_they_pass_and_when_they_return() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (_, at) = hall.join("Thư", Secretary);
    let told = |hall: &Hall| -> Vec<bool> {
        hall.events(at)
            .into_iter()
            .filter_map(|e| match e.event {
                Event::Chair(ChairEvent::ChairAwayChanged { away }) => Some(away),
                _ => None,
            })
            .collect()
    };
    hall.lose(at_chair);
    hall.pass(9 * SECOND);
    assert!(told(&hall).is_empty() && !hall.room.snapshot().chair_away);
    hall.pass(SECOND);
    assert_eq!(told(&hall), [true]);
    assert!(hall.room.snapshot().chair_away);
    let survived = hall.journal.len();
    hall.connect(chair, None);
    assert_eq!(told(&hall), [true, false]);
    assert_eq!(
        role_of(&hall, chair),
        Chair,
        "the chair is back as the chair"
    );

    let hall = hall.killed_and_restarted(survived);
    assert!(hall.room.snapshot().chair_away, "a restart forgets nothing");
}

#[test]
fn room_that_nobody_is_in_is_told_nothing_of_its_chair() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    hall.lose(at_chair);
    hall.pass(60 * SECOND);
    assert!(!hall.room.snapshot().chair_away);
    let (_, at) = hall.join("Thư", Secretary);
    assert_eq!(
        hall.events(at).last().map(|e| e.event.clone()),
        Some(Event::Chair(ChairEvent::ChairAwayChanged { away: true })),
        "whoever comes is told at once"
    );
}

#[test]
fn second_person_with_a_right_to_the_chair_sits_as_secretary() {
    let mut hall = Hall::open();
    let (first, at_first) = hall.join_as_stand_in("Ông Bình");
    let (second, at_second) = hall.join_as_stand_in("Bà Hạnh");
    assert_eq!(role_of(&hall, first), Chair);
    assert_eq!(role_of(&hall, second), Secretary);
    assert_eq!(
        hall.ask(
            second,
            at_second,
            Command::Session(SessionCommand::EndSession)
        ),
        Err(RefusalCode::NotChair)
    );
    hall.ask(
        second,
        at_second,
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
    )
    .unwrap();
    hall.lose(at_first);
    hall.pass(60 * SECOND);
    assert_eq!(role_of(&hall, first), Chair, "held with the seat");
    let at_first = hall.connect(first, None);
    hall.ask(first, at_first, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(role_of(&hall, second), Chair, "the holder is gone for good");
    assert!(hall.media.contains(&SfuCommand::SetPolicy {
        room: setup().session.id,
        policy: RoomPolicy {
            chair: Some(second.id),
            floor: None,
            broadcast: None
        }
    }));
    let at_first = hall.connect(first, None);
    assert_eq!(role_of(&hall, first), Secretary, "who came back is second");
    hall.lose(at_first);
    hall.ask(second, at_second, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(role_of(&hall, first), Secretary, "not to an empty seat");
    hall.connect(first, None);
    assert_eq!(role_of(&hall, first), Chair);
}

#[test]
fn chair_of_the_schedule_takes_over_from_a_stand_in_who_goes_on_as_secretary() {
    let mut hall = Hall::open();
    let (stand_in, at_stand_in) = hall.join_as_stand_in("Ông Bình");
    let (scheduled, at_scheduled) = hall.join("Lan", Chair);
    assert_eq!(role_of(&hall, scheduled), Chair);
    assert_eq!(role_of(&hall, stand_in), Secretary);
    let told: Vec<Event> = hall
        .events(at_stand_in)
        .into_iter()
        .map(|e| e.event)
        .collect();
    assert!(told.contains(&Event::Chair(ChairEvent::RoleChanged {
        participant: stand_in.id,
        role: Secretary
    })));
    let back = hall.connect(stand_in, None);
    assert_eq!(
        role_of(&hall, stand_in),
        Secretary,
        "coming back changes nothing"
    );
    hall.lose(at_scheduled);
    hall.pass(10 * SECOND);
    hall.ask(stand_in, back, Command::Session(SessionCommand::EndSession))
        .unwrap();
}

#[test]
fn stand_in_of_before_a_restart_gives_way_too() {
    let mut hall = Hall::open();
    let (stand_in, _) = hall.join_as_stand_in("Ông Bình");
    let survived = hall.journal.len();
    let mut hall = hall.killed_and_restarted(survived);
    assert_eq!(role_of(&hall, stand_in), Chair);
    let (scheduled, _) = hall.join("Lan", Chair);
    assert_eq!(role_of(&hall, scheduled), Chair);
    assert_eq!(role_of(&hall, stand_in), Secretary);
}

fn give(to: Person) -> Command {
    Command::Chair(ChairCommand::GiveChair { participant: to.id })
}

const TAKE: Command = Command::Chair(ChairCommand::TakeChair);

#[test]
fn handed_chair_stays_where_it_is_whoever_comes_until_the_scheduled_one_takes_it_back() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    let (thanh, _) = hall.join("Thành", Point);
    assert_eq!(
        hall.ask(vinh, at_vinh, TAKE),
        Err(RefusalCode::NotAllowed),
        "the schedule names another"
    );
    hall.ask(chair, at_chair, give(vinh)).unwrap();
    assert_eq!(role_of(&hall, vinh), Chair);
    assert_eq!(role_of(&hall, chair), Secretary);
    assert_eq!(
        hall.ask(chair, at_chair, give(thanh)),
        Err(RefusalCode::NotChair)
    );

    // Neither a new page of the scheduled one nor a stand-in takes it, and neither a cut cable nor a kill loses it.
    hall.connect(chair, None);
    let (second, _) = hall.join_as_stand_in("Phó");
    assert_eq!(role_of(&hall, second), Secretary);
    hall.lose(at_vinh);
    hall.pass(20 * SECOND);
    hall.connect(vinh, None);
    assert_eq!(role_of(&hall, vinh), Chair);
    let survived = hall.journal.len();
    let mut hall = hall.killed_and_restarted(survived);
    let at_chair = hall.connect(chair, None);
    assert_eq!(role_of(&hall, chair), Secretary);
    let at_vinh = hall.connect(vinh, None);
    hall.connect(thanh, None);
    assert_eq!(role_of(&hall, vinh), Chair);

    hall.ask(vinh, at_vinh, give(thanh)).unwrap();
    assert_eq!(role_of(&hall, vinh), Secretary);
    hall.ask(chair, at_chair, TAKE).unwrap();
    assert_eq!(role_of(&hall, chair), Chair);
    assert_eq!(role_of(&hall, thanh), Point, "as before");
}

#[test]
fn whoever_holds_a_handed_chair_speaks_freely_and_sits_as_before_afterwards() {
    let mut planned = setup();
    planned.session.preset = Preset::Conference;
    let mut hall = Hall::with(planned);
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    let open = Command::Microphone(MicrophoneCommand::SetMicrophone { on: true });
    assert_eq!(
        hall.ask(vinh, at_vinh, open.clone()),
        Err(RefusalCode::MicrophoneLocked)
    );
    hall.ask(chair, at_chair, give(vinh)).unwrap();
    hall.ask(vinh, at_vinh, open.clone()).unwrap();
    assert!(hall.participant(vinh).unwrap().microphone.is_open());
    hall.ask(chair, at_chair, TAKE).unwrap();
    assert!(!hall.participant(vinh).unwrap().microphone.is_open());
    assert_eq!(
        hall.ask(vinh, at_vinh, open),
        Err(RefusalCode::MicrophoneLocked)
    );
}

#[test]
fn chair_is_handed_to_nobody_who_cannot_hold_it() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (viewer, _) = hall.join("Hoa", SessionRole::Viewer);
    let (encoder, _) = hall.join("Máy ghi hình", Point);
    hall.connect_as(encoder, None, true);
    let (gone, at_gone) = hall.join("Minh", Point);
    hall.lose(at_gone);
    let before = hall.journal.len();
    for whom in [viewer, encoder, gone] {
        assert_eq!(
            hall.ask(chair, at_chair, give(whom)),
            Err(RefusalCode::CannotChair)
        );
    }
    hall.ask(chair, at_chair, give(chair)).unwrap();
    assert_eq!(hall.journal.len(), before, "who holds it, holds it");
}

#[test]
fn handed_chair_whose_holder_leaves_goes_to_the_scheduled_one_before_any_other() {
    let mut hall = Hall::open();
    let (second, _) = hall.join_as_stand_in("Phó");
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    hall.ask(chair, at_chair, give(vinh)).unwrap();
    hall.ask(vinh, at_vinh, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(role_of(&hall, chair), Chair);
    assert_eq!(role_of(&hall, second), Secretary);
    let at_vinh = hall.connect(vinh, None);
    assert_eq!(role_of(&hall, vinh), Point);
    assert_eq!(
        hall.ask(vinh, at_vinh, give(vinh)),
        Err(RefusalCode::NotChair)
    );
}
