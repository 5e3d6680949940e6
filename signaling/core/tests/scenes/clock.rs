//! Somebody sets the server's clock: how long things last is not moved by it.

use crate::chat;
use crate::common::{Hall, SECOND, START, TWO_HOURS, setup};
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{
    Command, ConnectionState, HandCommand, RecordingCommand, RecordingState, RosterCommand,
};
use signaling_core::{Input, RecorderCommand, RecorderReport};

const HOUR: i64 = 3_600 * SECOND;

#[test]
fn seat_and_hand_of_somebody_who_is_away_for_a_second_survive_a_step_of_an_hour() {
    for step in [HOUR, -HOUR, 365 * 24 * HOUR] {
        let mut hall = Hall::open();
        hall.join("Lan", Chair);
        let (minh, at_minh) = hall.join("Minh", Point);
        hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
            .unwrap();
        let claim = hall.claim(at_minh);
        hall.lose(at_minh);
        hall.step_clock(step);
        hall.pass(SECOND);
        let back = hall.connect(minh, Some(claim));
        assert!(hall.welcome(back).resumed, "a step of {step}");
        assert_eq!(hall.queue(), [minh.id]);
        hall.lose(back);
        hall.pass(119 * SECOND);
        assert_eq!(
            hall.participant(minh).map(|p| p.connection),
            Some(ConnectionState::Reconnecting)
        );
        hall.pass(2 * SECOND);
        assert_eq!(hall.participant(minh), None, "and is held no longer");
    }
}

#[test]
fn chair_is_not_away_sooner_or_later_because_of_a_step() {
    for step in [HOUR, -HOUR] {
        let mut hall = Hall::open();
        hall.join("Thư", Secretary);
        let (_, at_chair) = hall.join("Lan", Chair);
        hall.lose(at_chair);
        hall.step_clock(step);
        hall.pass(9 * SECOND);
        assert!(!hall.room.snapshot().chair_away, "a step of {step}");
        hall.pass(2 * SECOND);
        assert!(hall.room.snapshot().chair_away);
    }
}

#[test]
fn announcement_of_a_turn_takes_3_s_whatever_the_clock_says() {
    for step in [HOUR, -HOUR] {
        let mut hall = Hall::open();
        let (chair, at_chair) = hall.join("Lan", Chair);
        let (minh, _) = hall.join("Minh", Point);
        hall.ask(chair, at_chair, crate::grant(minh)).unwrap();
        hall.step_clock(step);
        hall.pass(2 * SECOND);
        assert!(!hall.microphone(minh).is_open());
        hall.pass(SECOND);
        assert!(hall.microphone(minh).is_open());
    }
}

#[test]
fn empty_room_and_unattended_recording_wait_their_10_minutes() {
    for step in [HOUR, -HOUR] {
        let mut hall = Hall::open();
        let (chair, at_chair) = hall.join("Lan", Chair);
        hall.ask(
            chair,
            at_chair,
            Command::Recording(RecordingCommand::SetRecording { on: true }),
        )
        .unwrap();
        let Some(&RecorderCommand::Start(id)) = hall.recorder.last() else {
            panic!("the recorder was asked")
        };
        hall.handle(Input::Recorder(RecorderReport::Started(id)));
        hall.pass(TWO_HOURS);
        hall.lose(at_chair);
        hall.step_clock(step);
        hall.pass(595 * SECOND);
        assert_ne!(hall.room.snapshot().recording, RecordingState::Off);
        hall.pass(6 * SECOND);
        assert_eq!(hall.room.snapshot().recording, RecordingState::Off);
    }
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    hall.pass(TWO_HOURS);
    hall.ask(lan, at, Command::Roster(RosterCommand::Leave))
        .unwrap();
    hall.step_clock(HOUR);
    hall.pass(599 * SECOND);
    assert!(!hall.ended);
    hall.pass(2 * SECOND);
    assert!(hall.ended);
}

#[test]
fn planned_times_follow_the_clock_that_people_set() {
    let mut planned = setup();
    planned.auto_record = Some(protocol::RecordingId(uuid::Uuid::from_u128(0xA0)));
    planned.session.starts_at_us = START.plus_us(HOUR);
    let mut hall = Hall::with(planned);
    hall.join("Lan", Chair);
    hall.pass(60 * SECOND);
    assert!(hall.recorder.is_empty());
    hall.step_clock(HOUR);
    assert_eq!(hall.recorder.len(), 1, "the clock was an hour late");
}

#[test]
fn labels_say_what_the_clock_says_and_numbers_go_on() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    hall.ask(chair, at_chair, chat("một")).unwrap();
    hall.step_clock(-HOUR);
    hall.ask(chair, at_chair, chat("hai")).unwrap();
    let [first, second] = &hall.journal[hall.journal.len() - 2..] else {
        panic!("two lines")
    };
    assert_eq!(second.frame.at_us, START.plus_us(-HOUR));
    assert_eq!(second.frame.seq, first.frame.seq + 1);
}
