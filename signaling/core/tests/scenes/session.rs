//! The session as a whole: opening, commands and their replies, the end.

use crate::common::{Hall, Person, SECOND, START, TWO_HOURS, setup};
use crate::{chat, offer};
use protocol::client::SessionRole::{Chair, Point};
use protocol::client::{
    ByeReason, Command, Event, MicrophoneCommand, Preset, RecordingCommand, RefusalCode,
    RosterCommand, ServerFrame, SessionCommand, SessionEvent,
};
use protocol::sfu::{OfferRefusal, SfuCommand};
use signaling_core::{Done, Input, MediaFailure, Plan, RecorderCommand};

#[test]
fn room_opens_once_and_remembers_when() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    hall.pass(60 * SECOND);
    hall.join("Minh", Point);
    assert_eq!(
        hall.happened(|e| *e == Event::Session(SessionEvent::RoomOpened)),
        1
    );
    assert_eq!(hall.room.snapshot().session.opened_at_us, Some(START));
}

#[test]
fn conference_opens_with_microphones_locked_but_those_of_who_presides() {
    let mut planned = setup();
    planned.session.preset = Preset::Conference;
    let mut hall = Hall::with(planned);
    let (lan, at_lan) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let locked = |hall: &Hall, who: Person| {
        let room = hall.room.snapshot();
        let person = room.participants.iter().find(|p| p.id == who.id).unwrap();
        person.microphone.locked
    };
    assert!(hall.room.snapshot().all_locked);
    assert!(locked(&hall, minh) && !locked(&hall, lan));
    let open = Command::Microphone(MicrophoneCommand::SetMicrophone { on: true });
    assert_eq!(
        hall.ask(minh, at_minh, open.clone()),
        Err(RefusalCode::MicrophoneLocked)
    );
    let unlock = Command::Microphone(MicrophoneCommand::SetLockAll { locked: false });
    hall.ask(lan, at_lan, unlock).unwrap();
    hall.ask(minh, at_minh, open).unwrap();

    let mut meeting = Hall::open();
    let (minh, _) = meeting.join("Minh", Point);
    assert!(!meeting.room.snapshot().all_locked && !locked(&meeting, minh));
}

#[test]
fn command_sent_again_is_applied_once_and_answered_alike() {
    let mut hall = Hall::open();
    let (_, at) = hall.join("Lan", Chair);
    assert_eq!(hall.ask_as(at, 7, chat("Xin chào")), Some(None));
    assert_eq!(hall.ask_as(at, 7, chat("Xin chào")), Some(None));
    let refused = hall.ask_as(at, 8, chat("  "));
    assert_eq!(hall.ask_as(at, 8, chat("  ")), refused);
    assert_eq!(refused.unwrap().unwrap().code, RefusalCode::BadText);
    assert_eq!(hall.room.snapshot().chat.len(), 1);
}

#[test]
fn command_sent_again_after_a_restart_is_applied_once() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    hall.ask(lan, at, chat("một")).unwrap();
    let (claim, survived) = (hall.claim(at), hall.journal.len());
    let mut hall = hall.killed_and_restarted(survived);
    let at = hall.connect(lan, Some(claim));
    assert_eq!(hall.welcome(at).last_command_id, 1);
    assert_eq!(hall.ask_as(at, 1, chat("một")), Some(None));
    assert_eq!(hall.room.snapshot().chat.len(), 1);
}

#[test]
fn offer_is_answered_or_refused_in_the_rooms_words() {
    let mut hall = Hall::open();
    let (_, at) = hall.join("Minh", Point);
    assert_eq!(hall.ask_as(at, 1, offer()), None, "the reply comes later");
    assert_eq!(hall.ask_as(at, 1, offer()), None, "and only once");
    assert_eq!(hall.negotiations.len(), 1);
    hall.handle(Input::Done(Done::Negotiated {
        connection: at,
        command: 1,
        result: Ok("answer".to_owned()),
    }));
    let last_two = &hall.frames[&at][hall.frames[&at].len() - 2..];
    assert!(matches!(last_two[0], ServerFrame::Media { .. }));
    assert_eq!(
        last_two[1],
        ServerFrame::Reply {
            id: 1,
            refusal: None
        }
    );
    for (failure, code) in [
        (
            MediaFailure::Refused(OfferRefusal::BadOffer {
                detail: "no camera".to_owned(),
            }),
            RefusalCode::BadOffer,
        ),
        (
            MediaFailure::Refused(OfferRefusal::NoPeer),
            RefusalCode::NoPeer,
        ),
        (MediaFailure::Unavailable, RefusalCode::MediaUnavailable),
    ] {
        hall.handle(Input::Done(Done::Negotiated {
            connection: at,
            command: 1,
            result: Err(failure),
        }));
        let Some(ServerFrame::Reply {
            refusal: Some(refusal),
            ..
        }) = hall.frames[&at].last()
        else {
            panic!("a refusal")
        };
        assert_eq!(refusal.code, code);
    }
}

#[test]
fn chat_line_has_a_limit_that_is_named() {
    let mut hall = Hall::open();
    let (minh, at) = hall.join("Minh", Point);
    hall.ask(minh, at, chat(&"ạ".repeat(2_000))).unwrap();
    let refusal = hall
        .ask_in_full(minh, at, chat(&"ạ".repeat(2_001)))
        .unwrap_err();
    assert_eq!(refusal.detail.as_deref(), Some("2000"));
}

#[test]
fn end_of_the_session_is_told_to_all_and_closes_everything() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (_, at_minh) = hall.join("Minh", Point);
    let watching = hall.watch();
    hall.ask(
        chair,
        at_chair,
        Command::Recording(RecordingCommand::SetRecording { on: true }),
    )
    .unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Session(SessionCommand::EndSession),
    )
    .unwrap();
    for at in [at_chair, at_minh, watching] {
        assert_eq!(hall.bye(at), Some(&ByeReason::SessionEnded));
    }
    assert!(hall.ended);
    assert!(matches!(
        hall.recorder.last(),
        Some(RecorderCommand::Stop(_))
    ));
    assert!(hall.media.contains(&SfuCommand::CloseRoom {
        room: setup().session.id
    }));
    let late = hall.connect(chair, None);
    assert_eq!(
        hall.bye(late),
        Some(&ByeReason::Refused {
            refusal: RefusalCode::SessionOver.into()
        })
    );
}

#[test]
fn empty_room_ends_by_itself_10_minutes_after_the_planned_end() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    hall.ask(lan, at, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(hall.bye(at), Some(&ByeReason::Left));
    hall.pass(TWO_HOURS + 599 * SECOND);
    assert!(!hall.ended);
    hall.pass(2 * SECOND);
    assert!(hall.ended);
    assert!(matches!(
        hall.journal.last().unwrap().event(),
        Event::Session(SessionEvent::SessionEnded { by: None })
    ));
}

#[test]
fn room_is_told_of_another_end_once_and_lives_by_it() {
    let mut hall = Hall::open();
    let (lan, at) = hall.join("Lan", Chair);
    let plan = Plan {
        title: "Giao ban, kéo dài".to_owned(),
        starts_at: START,
        ends_at: START.plus_us(2 * TWO_HOURS),
    };
    for _ in 0..2 {
        hall.handle(Input::Planned(plan.clone()));
    }
    let told = |event: &Event| matches!(event, Event::Session(SessionEvent::SessionChanged { .. }));
    assert_eq!(hall.happened(told), 1);
    let session = hall.room.snapshot().session;
    assert_eq!(
        (session.title, session.ends_at_us),
        (plan.title, plan.ends_at)
    );
    hall.ask(lan, at, Command::Roster(RosterCommand::Leave))
        .unwrap();
    hall.pass(TWO_HOURS + 700 * SECOND);
    assert!(!hall.ended, "it was to end by now");
    hall.pass(TWO_HOURS);
    assert!(hall.ended);
}

#[test]
fn room_that_runs_over_its_time_goes_on() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    hall.pass(TWO_HOURS + 3_600 * SECOND);
    assert!(!hall.ended);
}
