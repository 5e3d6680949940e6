//! Recording: it says what the recorder says, and stops when nobody is there.

use crate::common::{Hall, SECOND, START, setup};
use protocol::RecordingId;
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{Command, HandCommand, RecordingCommand, RecordingState};
use signaling_core::{Input, RecorderCommand, RecorderReport};

/// Under which id the plan records.
const BY_PLAN: RecordingId = RecordingId(uuid::Uuid::from_u128(0xA0));

#[test]
fn recording_says_on_only_when_the_recorder_does() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let state = |hall: &Hall| hall.room.snapshot().recording;
    hall.ask(
        chair,
        at_chair,
        Command::Recording(RecordingCommand::SetRecording { on: true }),
    )
    .unwrap();
    assert_eq!(state(&hall), RecordingState::Starting);
    let Some(&RecorderCommand::Start(id)) = hall.recorder.last() else {
        panic!("the recorder was asked")
    };
    hall.handle(Input::Recorder(RecorderReport::Started(id)));
    assert_eq!(state(&hall), RecordingState::On);
    hall.handle(Input::Recorder(RecorderReport::Lost));
    assert_eq!(state(&hall), RecordingState::Failed);
    hall.handle(Input::Recorder(RecorderReport::Back));
    hall.handle(Input::Recorder(RecorderReport::Started(id)));
    assert_eq!(state(&hall), RecordingState::On);
    let other = RecordingId(uuid::Uuid::from_u128(99));
    hall.handle(Input::Recorder(RecorderReport::Failed(other)));
    assert_eq!(state(&hall), RecordingState::On, "not ours");
    hall.ask(
        chair,
        at_chair,
        Command::Recording(RecordingCommand::SetRecording { on: false }),
    )
    .unwrap();
    assert_eq!(state(&hall), RecordingState::Off);
    assert_eq!(hall.recorder.last(), Some(&RecorderCommand::Stop(id)));
}

#[test]
fn recording_that_cannot_be_forgotten_begins_at_its_time_when_somebody_presides() {
    let mut planned = setup();
    planned.auto_record = Some(BY_PLAN);
    planned.session.starts_at_us = START.plus_us(600 * SECOND);
    let mut hall = Hall::with(planned);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (_, at_secretary) = hall.join("Thư", Secretary);
    hall.pass(599 * SECOND);
    assert!(
        hall.recorder.is_empty(),
        "before its time nobody is recorded"
    );
    hall.lose(at_secretary);
    hall.pass(2 * SECOND);
    assert!(hall.recorder.is_empty(), "nor while nobody presides");
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    assert!(hall.recorder.is_empty());
    let (chair, at_chair) = hall.join("Lan", Chair);
    assert_eq!(hall.recorder, [RecorderCommand::Start(BY_PLAN)]);
    hall.join("Hoa", Point);
    assert_eq!(hall.recorder.len(), 1);
    hall.ask(
        chair,
        at_chair,
        Command::Recording(RecordingCommand::SetRecording { on: false }),
    )
    .unwrap();
    hall.join("Tú", Point);
    hall.pass(60 * SECOND);
    assert_eq!(hall.recorder.len(), 2, "whoever stops it by hand is obeyed");
}

#[test]
fn plan_that_was_called_off_before_its_time_stays_so_after_a_restart() {
    let mut planned = setup();
    planned.auto_record = Some(BY_PLAN);
    planned.session.starts_at_us = START.plus_us(600 * SECOND);
    let mut hall = Hall::with(planned);
    let (chair, at_chair) = hall.join("Lan", Chair);
    let off = Command::Recording(RecordingCommand::SetRecording { on: false });
    hall.ask(chair, at_chair, off).unwrap();
    let survived = hall.journal.len();
    let mut hall = hall.killed_and_restarted(survived);
    hall.connect(chair, None);
    hall.pass(1_200 * SECOND);
    assert_eq!(hall.recorder, []);
}

#[test]
fn recording_by_plan_begins_on_time_without_any_other_event() {
    let mut planned = setup();
    planned.auto_record = Some(BY_PLAN);
    planned.session.starts_at_us = START.plus_us(600 * SECOND);
    let mut hall = Hall::with(planned);
    hall.join("Lan", Chair);
    hall.pass(600 * SECOND);
    assert_eq!(hall.recorder, [RecorderCommand::Start(BY_PLAN)]);
}

#[test]
fn recording_of_a_room_that_nobody_is_in_stops_after_10_minutes() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    hall.watch();
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
    hall.pass(3_600 * SECOND);
    hall.lose(at_chair);
    hall.pass(60 * SECOND);
    let at_chair = hall.connect(chair, None);
    hall.pass(3_600 * SECOND);
    assert_eq!(
        hall.room.snapshot().recording,
        RecordingState::On,
        "somebody is here"
    );
    hall.lose(at_chair);
    hall.pass(599 * SECOND);
    assert_eq!(hall.room.snapshot().recording, RecordingState::On);
    hall.pass(2 * SECOND);
    assert_eq!(hall.room.snapshot().recording, RecordingState::Off);
    assert_eq!(hall.recorder.last(), Some(&RecorderCommand::Stop(id)));
    assert!(!hall.ended, "a viewer without a seat is still watching");
}
