//! Who is here: coming, coming back to the held seat, taking over, being removed, the caps.

use crate::common::{Hall, SECOND, point, setup};
use crate::{chat, microphone, offer};
use protocol::client::SessionRole::{Chair, Point, Secretary};
use protocol::client::{
    ByeReason, Command, ConnectionState, Event, HandCommand, LeaveReason, MicrophoneCommand,
    PictureCommand, RecordingCommand, RefusalCode, RosterCommand, RosterEvent, ViewersEvent,
};
use protocol::sfu::SfuCommand;
use signaling_core::{
    EVENTS_RESENT, Input, NegotiationKind, RecorderCommand, RecorderReport, ResumeClaim,
};

#[test]
fn newcomer_is_welcomed_with_the_whole_room_and_the_others_are_told() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Chị Lan", Chair);
    let (minh, at_minh) = hall.join_at("Trường Minh Khai", Point, Some(point(2)));

    let welcome = hall.welcome(at_minh);
    let state = welcome.state.as_ref().unwrap();
    assert_eq!(welcome.you, minh.id);
    assert!(!welcome.resumed);
    assert_eq!(state.participants.len(), 2);
    assert_eq!(state.seats.len(), 3, "absent points keep their grey seats");
    assert_eq!(hall.participant(minh).unwrap().seat, Some(2));
    assert!(
        hall.events(at_minh).is_empty(),
        "its own arrival is in its state"
    );
    let told = hall.events(at_chair);
    assert!(matches!(
        &told.last().unwrap().event,
        Event::Roster(RosterEvent::ParticipantJoined { participant }) if participant.id == minh.id
    ));
}

#[test]
fn second_participant_of_a_point_sits_beside_the_seat() {
    let mut hall = Hall::open();
    let (device, _) = hall.join_at("Thiết bị phòng họp", Point, Some(point(1)));
    let (person, _) = hall.join_at("Anh Tú", Point, Some(point(1)));
    assert_eq!(hall.participant(device).unwrap().seat, Some(1));
    assert_eq!(hall.participant(person).unwrap().seat, None);
}

#[test]
fn seat_role_hand_and_mute_are_held_for_120_s_and_not_longer() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(2)));
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::Microphone(MicrophoneCommand::SetLock {
            participant: minh.id,
            locked: true,
        }),
    )
    .unwrap();
    hall.lose(at_minh);
    hall.pass(119 * SECOND);
    let held = hall.participant(minh).unwrap().clone();
    assert_eq!(held.connection, ConnectionState::Reconnecting);
    assert_eq!((held.seat, held.role), (Some(2), Point));
    assert!(held.microphone.on && held.microphone.locked);
    assert_eq!(hall.queue(), [minh.id]);

    hall.pass(2 * SECOND);
    assert_eq!(hall.participant(minh), None);
    assert!(hall.room.snapshot().hands.is_empty());
    assert_eq!(
        hall.events(at_chair).last().unwrap().event,
        Event::Roster(RosterEvent::ParticipantLeft {
            participant: minh.id,
            reason: LeaveReason::TimedOut
        })
    );
}

#[test]
fn page_that_comes_back_gets_exactly_what_it_missed() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, before) = hall.join("Minh", Point);
    let claim = hall.claim(before);
    hall.lose(before);
    hall.ask(chair, at_chair, chat("một")).unwrap();
    hall.ask(chair, at_chair, chat("hai")).unwrap();
    let after = hall.connect(minh, Some(claim));

    let welcome = hall.welcome(after);
    assert!(welcome.resumed && welcome.state.is_none());
    let seqs: Vec<u64> = welcome.missed.iter().map(|e| e.seq).collect();
    let expected: Vec<u64> = (claim.last_seq + 1..=welcome.seq).collect();
    assert_eq!(seqs, expected);
    assert_eq!(
        hall.happened(|e| matches!(e, Event::Roster(RosterEvent::ParticipantJoined { .. }))),
        2,
        "nobody joined twice"
    );
    assert!(
        !hall.media.contains(&SfuCommand::Leave {
            room: setup().session.id,
            participant: minh.id
        }),
        "its peer lives on"
    );
}

#[test]
fn page_that_missed_too_much_gets_the_whole_room() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, before) = hall.join("Minh", Point);
    let claim = hall.claim(before);
    hall.lose(before);
    for _ in 0..=EVENTS_RESENT / 2 {
        hall.ask(
            chair,
            at_chair,
            Command::Picture(PictureCommand::SetCamera { on: true }),
        )
        .unwrap();
        hall.ask(
            chair,
            at_chair,
            Command::Picture(PictureCommand::SetCamera { on: false }),
        )
        .unwrap();
    }
    let after = hall.connect(minh, Some(claim));
    let welcome = hall.welcome(after);
    assert!(welcome.resumed && welcome.state.is_some() && welcome.missed.is_empty());
}

#[test]
fn page_that_saw_no_event_gets_the_whole_room() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    let (minh, before) = hall.join("Minh", Point);
    let claim = ResumeClaim {
        last_seq: 0,
        ..hall.claim(before)
    };
    hall.lose(before);
    let after = hall.connect(minh, Some(claim));
    let welcome = hall.welcome(after);
    assert!(welcome.resumed && welcome.missed.is_empty());
    assert_eq!(welcome.state.as_ref().unwrap().participants.len(), 2);
}

#[test]
fn forged_or_old_resume_token_brings_a_fresh_start() {
    let mut hall = Hall::open();
    let (minh, first) = hall.join("Minh", Point);
    let old = hall.claim(first);
    let second = hall.connect(minh, Some(old));
    assert!(hall.welcome(second).resumed);
    let third = hall.connect(minh, Some(old));
    let welcome = hall.welcome(third);
    assert!(!welcome.resumed && welcome.state.is_some());
}

#[test]
fn second_page_takes_over_and_the_first_is_told() {
    let mut hall = Hall::open();
    let (minh, first) = hall.join("Minh", Point);
    hall.ask(
        minh,
        first,
        Command::Picture(PictureCommand::SetScreen { on: true }),
    )
    .unwrap();
    let second = hall.connect(minh, None);
    assert_eq!(hall.bye(first), Some(&ByeReason::TakenOver));
    assert_eq!(hall.room.connection_of(minh.id), Some(second));
    assert_eq!(hall.room.snapshot().participants.len(), 1);
    assert_eq!(
        hall.room.snapshot().screen,
        None,
        "the first page's capture is over"
    );
    assert!(hall.media.contains(&SfuCommand::Leave {
        room: setup().session.id,
        participant: minh.id
    }));
    hall.lose(first);
    assert_eq!(
        hall.participant(minh).unwrap().connection,
        ConnectionState::Connected,
        "the end of the first changes nothing"
    );
}

#[test]
fn encoder_publishes_at_once_and_takes_over_from_the_page() {
    let mut hall = Hall::open();
    let (minh, page) = hall.join("Minh", Point);
    let encoder = hall.connect_as(minh, None, true);
    assert_eq!(hall.bye(page), Some(&ByeReason::TakenOver));
    let now = hall.participant(minh).unwrap().clone();
    assert!(now.encoder && now.camera_on && now.microphone.is_open());
    hall.ask(minh, encoder, offer()).ok();
    let NegotiationKind::Join {
        microphone_open, ..
    } = hall.negotiations[0].kind
    else {
        panic!("a new peer")
    };
    assert!(microphone_open);
    assert_eq!(
        hall.ask(minh, encoder, Command::Hand(HandCommand::RaiseHand)),
        Err(RefusalCode::NotAllowed)
    );
    assert!(
        hall.events(encoder).is_empty(),
        "an encoder is told no events"
    );
    let page = hall.connect(minh, None);
    assert_eq!(hall.bye(encoder), Some(&ByeReason::TakenOver));
    assert!(!hall.participant(minh).unwrap().encoder);
    assert_eq!(hall.bye(page), None);
}

#[test]
fn second_page_is_told_of_the_first_before_it_takes_its_place() {
    let mut hall = Hall::open();
    let (minh, first) = hall.join("Minh", Point);
    let second = hall.knock(minh, None, false, false);
    assert_eq!(
        hall.bye(second),
        Some(&ByeReason::Refused {
            refusal: RefusalCode::AlreadyHere.into()
        })
    );
    assert_eq!(hall.bye(first), None, "the first notices nothing");
    hall.lose(first);
    let second = hall.knock(minh, None, false, false);
    assert_eq!(hall.bye(second), None, "a place that nobody is at is free");
    let claim = hall.claim(second);
    let again = hall.knock(minh, Some(claim), false, false);
    assert_eq!(
        hall.bye(again),
        None,
        "a page that comes back needs no leave"
    );
    let encoder = hall.knock(minh, None, true, false);
    assert_eq!(hall.bye(encoder), None, "an encoder cannot be asked");
}

#[test]
fn page_on_another_device_begins_with_everything_switched_off() {
    let mut hall = Hall::open();
    let (minh, page) = hall.join("Minh", Point);
    hall.ask(minh, page, microphone(true)).unwrap();
    hall.ask(
        minh,
        page,
        Command::Picture(PictureCommand::SetCamera { on: true }),
    )
    .unwrap();
    let claim = hall.claim(page);
    hall.lose(page);
    let same_page = hall.connect(minh, Some(claim));
    let me = hall.participant(minh).unwrap();
    assert!(me.microphone.on && me.camera_on, "a cable that was out");
    hall.lose(same_page);
    hall.connect(minh, None);
    let me = hall.participant(minh).unwrap();
    assert!(!me.microphone.on && !me.camera_on, "nobody there opened it");
}

#[test]
fn removed_person_comes_back_only_when_readmitted() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(2)));
    let remove = Command::Roster(RosterCommand::Remove {
        participant: minh.id,
    });
    hall.ask(chair, at_chair, remove).unwrap();
    assert_eq!(hall.bye(at_minh), Some(&ByeReason::Removed));
    let refused = ByeReason::Refused {
        refusal: RefusalCode::NotAllowed.into(),
    };
    let again = hall.connect(minh, None);
    assert_eq!(hall.bye(again), Some(&refused));

    let (survived, claim) = (hall.journal.len(), hall.claim(at_chair));
    let mut hall = hall.killed_and_restarted(survived);
    let again = hall.connect(minh, None);
    assert_eq!(hall.bye(again), Some(&refused), "nor after a restart");
    let at_chair = hall.connect(chair, Some(claim));
    let room = hall.room.snapshot();
    let listed = &room.removed[0];
    assert_eq!(
        (
            listed.participant,
            listed.name.as_str(),
            listed.bridge_point
        ),
        (minh.id, "Minh", Some(point(2)))
    );
    let readmit = Command::Roster(RosterCommand::Readmit {
        participant: minh.id,
    });
    hall.ask(chair, at_chair, readmit.clone()).unwrap();
    assert!(hall.room.snapshot().removed.is_empty());
    assert_eq!(
        hall.ask(chair, at_chair, readmit),
        Err(RefusalCode::UnknownParticipant)
    );
    let again = hall.connect(minh, None);
    assert_eq!(hall.bye(again), None);
    assert_eq!(hall.participant(minh).unwrap().seat, Some(2));
}

#[test]
fn whose_right_was_taken_away_is_sent_away_and_all_that_hung_on_the_seat_is_freed() {
    let mut hall = Hall::open();
    let (_, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
    hall.lose(at_tu);
    for participant in [minh.id, tu.id] {
        hall.handle(Input::AccessEnded { participant });
    }
    assert_eq!(hall.bye(at_minh), Some(&ByeReason::AccessEnded));
    assert!(hall.room.snapshot().hands.is_empty());
    assert_eq!(hall.room.snapshot().participants.len(), 1, "held seats too");
    assert_eq!(
        hall.events(at_chair).last().unwrap().event,
        Event::Roster(RosterEvent::ParticipantLeft {
            participant: tu.id,
            reason: LeaveReason::AccessEnded
        })
    );
}

#[test]
fn removed_person_may_not_watch_either_until_readmitted() {
    let mut hall = Hall::open();
    let (lan, at_lan) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    let participant = minh.id;
    hall.ask(
        lan,
        at_lan,
        Command::Roster(RosterCommand::Remove { participant }),
    )
    .unwrap();
    let watching = hall.watch_as(Some(participant));
    assert!(matches!(
        hall.bye(watching),
        Some(ByeReason::Refused { refusal }) if refusal.code == RefusalCode::NotAllowed
    ));
    let another = hall.watch_as(Some(lan.id));
    assert_eq!(hall.bye(another), None);
    hall.ask(
        lan,
        at_lan,
        Command::Roster(RosterCommand::Readmit { participant }),
    )
    .unwrap();
    let watching = hall.watch_as(Some(participant));
    assert_eq!(hall.bye(watching), None);
}

#[test]
fn removed_person_does_not_go_on_hearing_by_a_player_also_after_a_restart() {
    let mut hall = Hall::open();
    let (minh, _) = hall.join("Minh", Point);
    let (lan, _) = hall.join("Lan", Chair);
    let mut hall = hall.killed_and_restarted(usize::MAX);
    // The player is back before its holder's page is.
    let own = hall.watch_as(Some(minh.id));
    let of_another = hall.watch_as(Some(lan.id));
    let at_lan = hall.connect(lan, None);
    hall.ask(
        lan,
        at_lan,
        Command::Roster(RosterCommand::Remove {
            participant: minh.id,
        }),
    )
    .unwrap();
    assert_eq!(hall.bye(own), Some(&ByeReason::AccessEnded));
    assert_eq!(hall.bye(of_another), None);
}

#[test]
fn viewer_whose_right_was_taken_away_is_sent_away() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    let watching = hall.watch();
    let Some(viewer) = hall.viewer_at(watching) else {
        panic!("somebody watches")
    };
    hall.handle(Input::AccessEnded {
        participant: viewer,
    });
    assert_eq!(hall.bye(watching), Some(&ByeReason::AccessEnded));
    assert!(hall.media.contains(&SfuCommand::Leave {
        room: setup().session.id,
        participant: viewer
    }));
}

#[test]
fn viewer_whose_right_changed_receives_nothing_more() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    let watching = hall.watch();
    let viewer = hall.viewer_at(watching).unwrap();
    hall.handle(Input::AccessChanged {
        participant: viewer,
    });
    assert_eq!(hall.bye(watching), Some(&ByeReason::AccessChanged));
    assert!(hall.media.contains(&SfuCommand::Leave {
        room: setup().session.id,
        participant: viewer
    }));
}

#[test]
fn whose_part_changed_comes_back_in_it() {
    let mut hall = Hall::open();
    let (mut thu, at_thu) = hall.join("Thư", Secretary);
    hall.handle(Input::AccessChanged {
        participant: thu.id,
    });
    assert_eq!(hall.bye(at_thu), Some(&ByeReason::AccessChanged));
    let claim = hall.claim(at_thu);
    thu.role = Point;
    let back = hall.connect(thu, Some(claim));
    assert!(hall.welcome(back).resumed);
    assert_eq!(hall.participant(thu).unwrap().role, Point);
}

#[test]
fn number_of_viewers_is_told_at_most_every_10_s() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    let told = |hall: &Hall| {
        hall.happened(|e| matches!(e, Event::Viewers(ViewersEvent::ViewersChanged { .. })))
    };
    let first = hall.watch();
    assert_eq!(told(&hall), 1);
    for _ in 0..20 {
        hall.watch();
    }
    hall.lose(first);
    assert_eq!(told(&hall), 1);
    hall.pass(11 * SECOND);
    assert_eq!(told(&hall), 2);
    assert_eq!(hall.room.snapshot().viewers, 20);
    assert_eq!(
        hall.room.snapshot().participants.len(),
        1,
        "they take no seat"
    );
}

#[test]
fn after_a_kill_the_room_is_still_there_and_records_under_the_same_id() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(3)));
    hall.ask(minh, at_minh, Command::Hand(HandCommand::RaiseHand))
        .unwrap();
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
    let (claim, survived) = (hall.claim(at_minh), hall.journal.len());

    let mut hall = hall.killed_and_restarted(survived);
    assert_eq!(hall.recorder, [RecorderCommand::Start(id)]);
    assert_eq!(
        hall.participant(minh).unwrap().connection,
        ConnectionState::Reconnecting
    );
    let back = hall.connect(minh, Some(claim));
    let welcome = hall.welcome(back);
    assert!(welcome.resumed && welcome.state.is_none());
    assert_eq!(hall.queue(), [minh.id]);
    assert_eq!(hall.participant(minh).unwrap().seat, Some(3));
    hall.pass(121 * SECOND);
    assert_eq!(hall.participant(chair), None, "held from the restart on");
    assert!(hall.participant(minh).is_some());
}

#[test]
fn page_that_saw_events_lost_in_a_kill_gets_the_whole_room() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let survived = hall.journal.len();
    for text in ["một", "hai", "ba"] {
        hall.ask(chair, at_chair, chat(text)).unwrap();
    }
    let claim = hall.claim(at_minh);
    let mut hall = hall.killed_and_restarted(survived);
    let at_chair = hall.connect(chair, None);
    for text in ["bốn", "năm", "sáu"] {
        hall.ask(chair, at_chair, chat(text)).unwrap();
    }
    let back = hall.connect(minh, Some(claim));
    let welcome = hall.welcome(back);
    assert!(welcome.resumed && welcome.missed.is_empty());
    assert_eq!(welcome.state.as_ref().unwrap().chat.len(), 3);
}
