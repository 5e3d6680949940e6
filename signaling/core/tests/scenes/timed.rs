//! Turns that last so long, what people ask to speak about, and who stands first.

use crate::common::{Hall, Person, SECOND, START};
use crate::{chat, grant, grant_at_once, microphone};
use protocol::UtcMicros;
use protocol::client::SessionRole::{Chair, Point, Secretary, Viewer};
use protocol::client::{
    Command, ConnectionState, Event, FloorCommand, FloorEvent, HandCommand, RefusalCode, Turn,
};

const RAISE: Command = Command::Hand(HandCommand::RaiseHand);
const EXTEND: Command = Command::Floor(FloorCommand::ExtendTurn);
const UNHEARD_FIRST: Command = Command::Floor(FloorCommand::SetQueueOrder {
    unheard_first: true,
});

const fn turns_of(seconds: u32) -> Command {
    Command::Floor(FloorCommand::SetTurnLength {
        seconds: Some(seconds),
    })
}

fn about(topic: &str) -> Command {
    Command::Hand(HandCommand::SetTopic {
        topic: topic.to_owned(),
    })
}

fn turn(hall: &Hall) -> Turn {
    hall.room.snapshot().turn.unwrap()
}

fn ends_at(hall: &Hall) -> Option<UtcMicros> {
    turn(hall).ends_at_us
}

fn holder(hall: &Hall) -> Option<protocol::ParticipantId> {
    hall.room.snapshot().floor
}

#[test]
fn turn_closes_at_its_end_and_the_next_one_has_the_floor() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, turns_of(180)).unwrap();
    for (who, at) in [(minh, at_minh), (tu, at_tu)] {
        hall.ask(who, at, RAISE).unwrap();
        hall.ask(chair, at_chair, grant(who)).unwrap();
    }
    assert_eq!(ends_at(&hall), Some(START.plus_us(180 * SECOND)));
    hall.pass(180 * SECOND - 1);
    assert!(holder(&hall) == Some(minh.id) && hall.microphone(minh).is_open());
    hall.pass(1);
    assert!(!hall.microphone(minh).is_open(), "the end closes");
    assert_eq!(hall.gate(minh), Some(false));
    assert_eq!(holder(&hall), Some(tu.id));
    assert_eq!(ends_at(&hall), Some(START.plus_us(360 * SECOND)));
    hall.pass(180 * SECOND);
    assert_eq!(holder(&hall), None, "and nobody is next");
    let heard = hall.room.snapshot().heard;
    let spoken: Vec<_> = heard.iter().map(|h| (h.participant, h.spoken_us)).collect();
    assert_eq!(spoken, [(minh.id, 180_000_000), (tu.id, 180_000_000)]);
    let expired = |e: &Event| matches!(e, Event::Floor(FloorEvent::FloorReleased { expired, .. }) if *expired);
    assert_eq!(hall.happened(expired), 2);
}

#[test]
fn time_counts_from_when_the_microphone_opens() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    hall.ask(chair, at_chair, turns_of(60)).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert_eq!(ends_at(&hall), Some(START.plus_us(63 * SECOND)));
    hall.pass(62 * SECOND);
    assert!(hall.microphone(minh).is_open());
    hall.pass(SECOND);
    assert!(!hall.microphone(minh).is_open());
}

#[test]
fn chair_gives_a_minute_more_as_often_as_it_takes() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    assert_eq!(
        hall.ask(chair, at_chair, EXTEND),
        Err(RefusalCode::NoTurnEnd),
        "nobody speaks"
    );
    hall.ask(minh, at_minh, RAISE).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert_eq!(
        hall.ask(chair, at_chair, EXTEND),
        Err(RefusalCode::NoTurnEnd),
        "for as long as it takes"
    );
    hall.ask(chair, at_chair, turns_of(60)).unwrap();
    assert_eq!(ends_at(&hall), None, "a turn that runs stays as it was");
    hall.ask(chair, at_chair, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    hall.ask(minh, at_minh, RAISE).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.pass(59 * SECOND);
    // Whatever becomes of the server's clock.
    hall.step_clock(-3_600 * SECOND);
    for _ in 0..2 {
        hall.ask(chair, at_chair, EXTEND).unwrap();
    }
    hall.pass(121 * SECOND - 1);
    assert_eq!(holder(&hall), Some(minh.id));
    hall.pass(1);
    assert_eq!(holder(&hall), None);
    assert_eq!(
        hall.ask(minh, at_minh, EXTEND),
        Err(RefusalCode::NotChair),
        "nobody gives it to themselves"
    );
}

#[test]
fn nothing_that_happens_to_others_moves_the_end_of_a_turn() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, turns_of(60)).unwrap();
    hall.ask(minh, at_minh, RAISE).unwrap();
    hall.ask(minh, at_minh, about("Học bù")).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    let before = turn(&hall);
    hall.pass(10 * SECOND);
    hall.ask(tu, at_tu, RAISE).unwrap();
    hall.ask(tu, at_tu, microphone(true)).unwrap();
    for command in [
        grant(minh),
        grant(tu),
        turns_of(30),
        UNHEARD_FIRST,
        Command::Hand(HandCommand::LowerHand {
            participant: Some(tu.id),
        }),
        Command::Microphone(protocol::client::MicrophoneCommand::SetLockAll { locked: true }),
        Command::Roster(protocol::client::RosterCommand::Remove { participant: tu.id }),
    ] {
        hall.ask(chair, at_chair, command.clone()).unwrap();
        assert_eq!(turn(&hall), before, "{command:?}");
    }
    hall.lose(at_chair);
    hall.pass(50 * SECOND);
    assert_eq!(holder(&hall), None);
}

#[test]
fn those_who_preside_are_cut_by_no_time() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (secretary, _) = hall.join("Thư", Secretary);
    let (viewer, _) = hall.join("Hoa", Viewer);
    hall.ask(chair, at_chair, turns_of(60)).unwrap();
    for (whom, has_end) in [(chair, false), (secretary, false), (viewer, true)] {
        hall.ask(chair, at_chair, grant_at_once(whom)).unwrap();
        assert_eq!(ends_at(&hall).is_some(), has_end);
    }
}

#[test]
fn length_of_turns_has_bounds() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    for wrong in [0, 29, 7_201, u32::MAX] {
        let refusal = hall.ask_in_full(chair, at_chair, turns_of(wrong));
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::BadTurnLength);
        assert_eq!(refusal.detail.as_deref(), Some("30-7200"));
    }
    hall.ask(chair, at_chair, turns_of(30)).unwrap();
    assert_eq!(hall.room.snapshot().turn_length, Some(30));
    let without = Command::Floor(FloorCommand::SetTurnLength { seconds: None });
    hall.ask(chair, at_chair, without).unwrap();
    assert_eq!(hall.room.snapshot().turn_length, None);
}

#[test]
fn server_that_is_killed_within_a_turn_ends_it_when_it_was_to_end() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(chair, at_chair, turns_of(60)).unwrap();
    hall.ask(minh, at_minh, RAISE).unwrap();
    hall.ask(minh, at_minh, about("Thiếu giáo viên")).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.pass(20 * SECOND);
    let (before, survived) = (turn(&hall), hall.journal.len());
    let mut hall = hall.killed_and_restarted(survived);
    assert_eq!(turn(&hall), before);
    hall.pass(40 * SECOND - 1);
    assert_eq!(holder(&hall), Some(minh.id));
    hall.pass(1);
    assert_eq!(holder(&hall), None);
}

#[test]
fn topic_is_told_with_the_hand_and_with_the_turn() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    assert_eq!(
        hall.ask(minh, at_minh, about("Thiếu giáo viên")),
        Err(RefusalCode::HandUnchanged),
        "whose hand is down"
    );
    for (who, at) in [(minh, at_minh), (tu, at_tu)] {
        hall.ask(who, at, RAISE).unwrap();
    }
    hall.ask(minh, at_minh, about("  Thiếu giáo viên "))
        .unwrap();
    assert_eq!(hall.queue(), [minh.id, tu.id], "the place stays");
    let topic = |hall: &Hall| hall.room.snapshot().hands[0].topic.clone();
    assert_eq!(topic(&hall).as_deref(), Some("Thiếu giáo viên"));
    hall.ask(minh, at_minh, about("")).unwrap();
    assert_eq!(topic(&hall), None);
    for (wrong, why) in [
        (" \t ".to_owned(), RefusalCode::BadText),
        ("x".repeat(121), RefusalCode::BadText),
        ("\u{202e}x".to_owned(), RefusalCode::UnreadableText),
    ] {
        assert_eq!(
            hall.ask(minh, at_minh, about(&wrong)),
            Err(why),
            "{wrong:?}"
        );
    }
    hall.ask(minh, at_minh, about("Học bù")).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    assert_eq!(turn(&hall).topic.as_deref(), Some("Học bù"));
    hall.ask(chair, at_chair, grant_at_once(tu)).unwrap();
    assert_eq!(
        turn(&hall).topic,
        None,
        "what another asked for is not theirs"
    );
}

#[test]
fn whoever_has_not_spoken_yet_stands_first_when_the_chair_says_so() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let people: Vec<(Person, _)> = ["Minh", "Tú", "Hoa"]
        .into_iter()
        .map(|name| hall.join(name, Point))
        .collect();
    let [(minh, at_minh), (tu, at_tu), (hoa, at_hoa)] = people[..] else {
        panic!("three")
    };
    // Minh speaks; Tú is called and says not yet, which is no turn.
    hall.ask(minh, at_minh, RAISE).unwrap();
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    hall.ask(minh, at_minh, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    hall.ask(tu, at_tu, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    for (who, at) in [(minh, at_minh), (tu, at_tu), (hoa, at_hoa)] {
        hall.ask(who, at, RAISE).unwrap();
    }
    assert_eq!(hall.queue(), [minh.id, tu.id, hoa.id], "first come first");
    assert_eq!(
        hall.ask(minh, at_minh, UNHEARD_FIRST),
        Err(RefusalCode::NotChair)
    );
    hall.ask(chair, at_chair, UNHEARD_FIRST).unwrap();
    assert_eq!(hall.queue(), [tu.id, hoa.id, minh.id]);
    let heard = hall.room.snapshot().heard;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!((heard[0].participant, heard[0].turns), (minh.id, 1));
    // A link that breaks costs neither place nor turn.
    hall.lose(at_minh);
    hall.ask(chair, at_chair, chat("…")).unwrap();
    let minh_is = hall.participant(minh).unwrap().connection;
    assert_eq!(minh_is, ConnectionState::Reconnecting);
    assert_eq!(hall.queue(), [tu.id, hoa.id, minh.id]);
    let survived = hall.journal.len();
    let hall = hall.killed_and_restarted(survived);
    assert_eq!(hall.queue(), [tu.id, hoa.id, minh.id]);
}
