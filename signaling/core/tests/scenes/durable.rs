//! What must not be undone is answered when it is on disk; what cannot be saved is told.

use crate::common::{Hall, Person, SECOND, setup};
use crate::{chat, microphone};
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{
    ByeReason, Command, Event, HandCommand, JournalTrouble, MicrophoneCommand, RecordingCommand,
    RecordingState, RefusalCode, RosterCommand, ServerFrame, SessionCommand, SessionEvent,
};
use protocol::sfu::SfuCommand;
use signaling_core::{
    ConnectionId, Input, JournalHealth, RecorderCommand, RecorderReport, SAVED_WITHIN,
};

/// The replies that a connection has had, by number of the command.
fn replies(hall: &Hall, at: ConnectionId) -> Vec<(u64, Option<RefusalCode>)> {
    hall.frames[&at]
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Reply { id, refusal } => {
                Some((*id, refusal.as_ref().map(|refusal| refusal.code)))
            }
            _ => None,
        })
        .collect()
}

fn lock(whom: Person) -> Command {
    Command::Microphone(MicrophoneCommand::SetLock {
        participant: whom.id,
        locked: true,
    })
}

#[test]
fn lock_mute_and_removal_act_at_once_and_are_answered_when_saved() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.disk_works = false;
    assert_eq!(hall.ask_as(at_chair, 1, lock(minh)), None, "not yet");
    assert_eq!(hall.gate(minh), Some(false), "but silent at once");
    let remove = Command::Roster(RosterCommand::Remove { participant: tu.id });
    assert_eq!(hall.ask_as(at_chair, 2, remove), None);
    assert_eq!(hall.bye(at_tu), Some(&ByeReason::Removed));
    assert_eq!(
        hall.ask_as(at_chair, 3, chat("Đang khóa micro.")),
        Some(None),
        "what may be lost waits for nothing"
    );
    hall.save();
    assert_eq!(replies(&hall, at_chair), [(3, None), (1, None), (2, None)]);
}

#[test]
fn without_the_disk_the_answer_says_so_after_5_s_and_the_effect_stays() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    hall.disk_works = false;
    hall.ask_as(at_chair, 1, lock(minh));
    hall.pass(SAVED_WITHIN.as_micros() as i64 - 1);
    assert!(replies(&hall, at_chair).is_empty());
    hall.pass(1);
    assert_eq!(replies(&hall, at_chair), [(1, Some(RefusalCode::NotSaved))]);
    assert!(hall.microphone(minh).locked);
    hall.save();
    assert_eq!(replies(&hall, at_chair).len(), 1, "answered once");
}

#[test]
fn repeated_command_is_not_answered_before_the_first_is_saved() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (_, at_secretary) = hall.join("Thư", Secretary);
    let (minh, _) = hall.join("Minh", Point);
    hall.disk_works = false;
    assert_eq!(hall.ask_as(at_chair, 1, lock(minh)), None);
    assert_eq!(hall.ask_as(at_chair, 1, lock(minh)), None, "sent again");
    assert_eq!(
        hall.ask_as(at_secretary, 1, lock(minh)),
        None,
        "changes nothing, and rests on what is not saved"
    );
    hall.save();
    assert_eq!(replies(&hall, at_chair), [(1, None)]);
    assert_eq!(replies(&hall, at_secretary), [(1, None)]);
}

#[test]
fn answer_follows_whoever_asked_to_a_new_connection() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    hall.disk_works = false;
    hall.ask_as(at_chair, 1, lock(minh));
    let claim = hall.claim(at_chair);
    hall.lose(at_chair);
    let back = hall.connect(chair, Some(claim));
    assert_eq!(hall.ask_as(back, 1, lock(minh)), None, "asked again");
    hall.save();
    assert_eq!(replies(&hall, back), [(1, None)]);
}

#[test]
fn end_is_told_to_nobody_before_it_is_saved() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.disk_works = false;
    hall.ask_as(at_chair, 1, Command::Session(SessionCommand::EndSession));
    assert!(!hall.ended);
    assert_eq!(hall.bye(at_minh), None, "a kill would bring the room back");
    assert_eq!(
        hall.happened(|e| matches!(e, Event::Session(SessionEvent::SessionEnded { .. }))),
        1
    );
    assert_eq!(
        hall.ask(minh, at_minh, chat("?")),
        Err(RefusalCode::SessionOver)
    );
    hall.lose(at_minh);
    let last = hall.journal.last().unwrap();
    assert!(
        matches!(
            last.event(),
            Event::Session(SessionEvent::SessionEnded { .. })
        ),
        "nothing happens after the end"
    );
    hall.save();
    assert!(hall.ended);
    let frames = &hall.frames[&at_chair];
    let end = |frame: &ServerFrame| match frame {
        ServerFrame::Event(event) => matches!(
            event.event,
            Event::Session(SessionEvent::SessionEnded { .. })
        ),
        _ => false,
    };
    let order: Vec<usize> = [
        frames.iter().position(|f| {
            matches!(
                f,
                ServerFrame::Reply {
                    id: 1,
                    refusal: None
                }
            )
        }),
        frames.iter().position(end),
        frames
            .iter()
            .position(|f| matches!(f, ServerFrame::Bye { .. })),
    ]
    .into_iter()
    .map(Option::unwrap)
    .collect();
    assert!(order.is_sorted(), "answer, event, good-bye: {order:?}");
}

#[test]
fn end_that_cannot_be_saved_ends_after_5_s_and_says_so() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (_, at_minh) = hall.join("Minh", Point);
    hall.disk_works = false;
    hall.ask_as(at_chair, 1, Command::Session(SessionCommand::EndSession));
    hall.pass(6 * SECOND);
    assert!(hall.ended);
    assert_eq!(replies(&hall, at_chair), [(1, Some(RefusalCode::NotSaved))]);
    assert_eq!(hall.bye(at_minh), Some(&ByeReason::SessionEnded));
}

#[test]
fn recorder_goes_on_until_the_stop_is_saved() {
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
    hall.disk_works = false;
    assert_eq!(
        hall.ask_as(
            at_chair,
            2,
            Command::Recording(RecordingCommand::SetRecording { on: false })
        ),
        None
    );
    assert_eq!(hall.room.snapshot().recording, RecordingState::Off);
    let stop = SfuCommand::StopRelay {
        room: setup().session.id,
        recording: id,
    };
    assert!(!hall.media.contains(&stop));
    hall.save();
    assert!(hall.media.contains(&stop));
    assert_eq!(hall.recorder.last(), Some(&RecorderCommand::Stop(id)));
    assert_eq!(replies(&hall, at_chair).last(), Some(&(2, None)));
}

#[test]
fn whoever_presides_is_told_that_nothing_is_saved_and_when_it_is_again() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (_, at_minh) = hall.join("Minh", Point);
    let told = |hall: &Hall, at: ConnectionId| -> Vec<Option<JournalTrouble>> {
        hall.frames[&at]
            .iter()
            .filter_map(|frame| match frame {
                ServerFrame::Journal { trouble } => Some(*trouble),
                _ => None,
            })
            .collect()
    };
    let health = |trouble| JournalHealth {
        trouble,
        full: false,
    };
    let full = Some(JournalTrouble::DiskFull);
    for trouble in [full, full, None] {
        hall.handle(Input::Journal(health(trouble)));
    }
    assert_eq!(told(&hall, at_chair), [full, None]);
    assert!(told(&hall, at_minh).is_empty());
    hall.handle(Input::Journal(health(full)));
    let (_, at_secretary) = hall.join("Thư", Secretary);
    assert_eq!(told(&hall, at_secretary), [full], "also who comes later");
}

#[test]
fn when_too_much_waits_only_what_protects_and_what_ends_is_taken() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.handle(Input::Journal(JournalHealth {
        trouble: Some(JournalTrouble::DiskFull),
        full: true,
    }));
    for command in [
        chat("?"),
        microphone(true),
        Command::Hand(HandCommand::RaiseHand),
    ] {
        assert_eq!(
            hall.ask(minh, at_minh, command),
            Err(RefusalCode::JournalNotSaved)
        );
    }
    let (_, at_stranger) = hall.join("Hoa", Point);
    assert!(matches!(
        hall.bye(at_stranger),
        Some(ByeReason::Refused { refusal }) if refusal.code == RefusalCode::JournalNotSaved
    ));
    hall.lose(at_minh);
    let at_minh = hall.connect(minh, None);
    assert_eq!(hall.bye(at_minh), None, "who was here comes back");
    hall.ask(minh, at_minh, microphone(false)).unwrap();
    hall.ask(chair, at_chair, lock(minh)).unwrap();
    hall.ask(minh, at_minh, Command::Roster(RosterCommand::Leave))
        .unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Session(SessionCommand::EndSession),
    )
    .unwrap();
    assert!(hall.ended);
}

#[test]
fn command_number_that_would_silence_the_seat_is_refused_and_the_next_one_taken() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    assert_eq!(hall.ask_as(at_chair, 1, chat("một")), Some(None));
    for id in [u64::MAX, 1 << 53, 1_000_002] {
        let refusal = hall.ask_as(at_chair, id, chat("?")).unwrap().unwrap();
        assert_eq!(
            (refusal.code, refusal.detail.as_deref()),
            (RefusalCode::BadCommandId, Some("1"))
        );
    }
    assert_eq!(hall.ask_as(at_chair, 1_000_001, chat("hai")), Some(None));
    assert_eq!(hall.room.snapshot().chat.len(), 2);
}
