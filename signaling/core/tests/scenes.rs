//! The rules of a room, as scenes with people.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod common;

use common::{Hall, SECOND, START, TWO_HOURS, point, setup};
use protocol::RecordingId;
use protocol::client::{
    ByeReason, Command, ConnectionState, Event, LeaveReason, Microphone, RecordingState,
    RefusalCode, ServerFrame, SessionRole,
};
use protocol::media::Source;
use protocol::sfu::{OfferRefusal, RoomPolicy, SfuCommand};
use signaling_core::{
    Caps, EVENTS_KEPT, Input, MediaFailure, NegotiationKind, RecorderCommand, RecorderReport,
    ResumeClaim,
};

use SessionRole::{Chair, Point, Secretary, Viewer};

const OPEN: Microphone = Microphone {
    on: true,
    muted: false,
    locked: false,
};

fn microphone(on: bool) -> Command {
    Command::SetMicrophone { on }
}

fn chat(text: &str) -> Command {
    Command::SendChat {
        text: text.to_owned(),
    }
}

fn offer() -> Command {
    Command::Offer {
        sdp: "v=0".to_owned(),
        ice_restart: false,
    }
}

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
        Event::ParticipantJoined { participant } if participant.id == minh.id
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
fn seat_role_hand_and_mute_are_held_for_120_s_and_not_longer() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(2)));
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    hall.ask(minh, at_minh, Command::RaiseHand).unwrap();
    hall.ask(
        chair,
        at_chair,
        Command::SetLock {
            participant: minh.id,
            locked: true,
        },
    )
    .unwrap();
    hall.lose(at_minh);
    hall.pass(119 * SECOND);
    let held = hall.participant(minh).unwrap().clone();
    assert_eq!(held.connection, ConnectionState::Reconnecting);
    assert_eq!((held.seat, held.role), (Some(2), Point));
    assert!(held.microphone.on && held.microphone.locked);
    assert_eq!(hall.room.snapshot().hands, [minh.id]);

    hall.pass(2 * SECOND);
    assert_eq!(hall.participant(minh), None);
    assert!(hall.room.snapshot().hands.is_empty());
    assert_eq!(
        hall.events(at_chair).last().unwrap().event,
        Event::ParticipantLeft {
            participant: minh.id,
            reason: LeaveReason::TimedOut
        }
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
        hall.happened(|e| matches!(e, Event::ParticipantJoined { .. })),
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
    for _ in 0..=EVENTS_KEPT {
        hall.ask(chair, at_chair, chat("…")).unwrap();
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
    hall.ask(minh, first, Command::SetScreen { on: true })
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
        hall.ask(minh, encoder, Command::RaiseHand),
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
fn locked_person_cannot_open_and_the_gate_stays_closed() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, microphone(true)).unwrap();
    assert_eq!(hall.gate(minh), Some(true));
    let lock = |locked| Command::SetLock {
        participant: minh.id,
        locked,
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
        Command::Mute {
            participant: minh.id,
        },
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
    let grant = Command::GrantFloor {
        participant: speaker.id,
    };
    hall.ask(chair, at_chair, grant).unwrap();
    hall.ask(chair, at_chair, Command::SetLockAll { locked: true })
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
    hall.ask(chair, at_chair, Command::ReleaseFloor).unwrap();
    assert!(
        hall.microphone(speaker).locked,
        "after the turn the lock of all holds"
    );
    hall.ask(chair, at_chair, Command::SetLockAll { locked: false })
        .unwrap();
    for free in [speaker, listener, newcomer] {
        assert!(!hall.microphone(free).locked);
    }
}

#[test]
fn granting_the_floor_opens_the_microphone_and_lowers_the_hand() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    hall.ask(chair, at_chair, Command::SetLockAll { locked: true })
        .unwrap();
    for (person, at) in [(minh, at_minh), (tu, at_tu)] {
        hall.ask(person, at, Command::RaiseHand).unwrap();
    }
    assert_eq!(hall.room.snapshot().hands, [minh.id, tu.id]);
    hall.ask(
        chair,
        at_chair,
        Command::GrantFloor {
            participant: minh.id,
        },
    )
    .unwrap();
    assert_eq!(hall.microphone(minh), OPEN);
    assert_eq!(hall.gate(minh), Some(true));
    assert_eq!(hall.room.snapshot().hands, [tu.id]);
    assert!(hall.media.contains(&SfuCommand::SetPolicy {
        room: setup().session.id,
        policy: RoomPolicy {
            chair: Some(chair.id),
            floor: Some(minh.id),
            broadcast: None
        }
    }));
    hall.ask(chair, at_chair, Command::GrantFloor { participant: tu.id })
        .unwrap();
    assert_eq!(hall.room.snapshot().floor, Some(tu.id), "one holder");
    assert!(hall.microphone(minh).locked && !hall.microphone(tu).locked);
    hall.ask(tu, at_tu, Command::ReleaseFloor).unwrap();
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
    let grant = |whom: common::Person| Command::GrantFloor {
        participant: whom.id,
    };
    hall.ask(chair, at_chair, grant(minh)).unwrap();
    for open in [chair, secretary, minh] {
        assert!(hall.microphone(open).is_open());
    }
    for muted in [tu, hoa, mai] {
        assert!(hall.microphone(muted).muted);
        assert_eq!(hall.gate(muted), Some(false));
        let told = hall.events(at_minh).into_iter().any(|e| {
            matches!(e.event, Event::MicrophoneChanged { participant, microphone, by }
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
    hall.ask(chair, at_chair, grant(tu)).unwrap();
    assert!(hall.microphone(tu).is_open());
    for muted in [minh, hoa, mai] {
        assert!(hall.microphone(muted).muted, "the earlier holder too");
        assert_eq!(hall.gate(muted), Some(false));
    }
    let mute = Command::Mute {
        participant: mai.id,
    };
    hall.ask(chair, at_chair, mute).unwrap();

    let (survived, claim) = (hall.journal.len(), hall.claim(at_chair));
    let mut hall = hall.killed_and_restarted(survived);
    let at_chair = hall.connect(chair, Some(claim));
    hall.ask(chair, at_chair, Command::ReleaseFloor).unwrap();
    for back in [minh, hoa] {
        assert!(hall.microphone(back).is_open());
        assert_eq!(hall.gate(back), Some(true));
    }
    assert!(hall.microphone(mai).muted, "muted by hand meanwhile");
    assert!(!hall.microphone(silent).is_open());
}

#[test]
fn floor_given_again_silences_who_spoke_meanwhile() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, _) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let grant = Command::GrantFloor {
        participant: minh.id,
    };
    hall.ask(chair, at_chair, grant.clone()).unwrap();
    hall.ask(tu, at_tu, microphone(true)).unwrap();
    hall.ask(chair, at_chair, grant).unwrap();
    assert_eq!(hall.gate(tu), Some(false));
    hall.ask(chair, at_chair, Command::ReleaseFloor).unwrap();
    assert_eq!(hall.gate(tu), Some(true));
}

#[test]
fn viewer_speaks_while_holding_the_floor_and_watches_again_afterwards() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (viewer, at_viewer) = hall.join("Hoa", Viewer);
    for command in [
        microphone(true),
        Command::SetCamera { on: true },
        Command::SetScreen { on: true },
    ] {
        assert_eq!(
            hall.ask(viewer, at_viewer, command),
            Err(RefusalCode::NotAllowed)
        );
    }
    let grant = Command::GrantFloor {
        participant: viewer.id,
    };
    hall.ask(chair, at_chair, grant).unwrap();
    assert_eq!(hall.gate(viewer), Some(true));
    hall.ask(viewer, at_viewer, Command::SetCamera { on: true })
        .unwrap();
    hall.ask(viewer, at_viewer, Command::SetScreen { on: true })
        .unwrap();
    hall.ask(chair, at_chair, Command::ReleaseFloor).unwrap();
    assert_eq!(hall.gate(viewer), Some(false));
    assert!(!hall.participant(viewer).unwrap().camera_on);
    assert_eq!(hall.room.snapshot().screen, None);
}

#[test]
fn member_who_plays_chair_is_refused_and_nothing_happens() {
    let mut hall = Hall::open();
    let (chair, _) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let before = hall.journal.len();
    let victim = chair.id;
    for command in [
        Command::Mute {
            participant: victim,
        },
        Command::SetLock {
            participant: victim,
            locked: true,
        },
        Command::SetLockAll { locked: true },
        Command::GrantFloor {
            participant: minh.id,
        },
        Command::ReleaseFloor,
        Command::Broadcast {
            participant: Some(minh.id),
        },
        Command::SetRecording { on: true },
        Command::Remove {
            participant: victim,
        },
        Command::LowerHand {
            participant: Some(victim),
        },
        Command::EndSession,
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
        Command::Mute {
            participant: chair.id,
        },
        Command::SetLock {
            participant: chair.id,
            locked: true,
        },
        Command::Remove {
            participant: chair.id,
        },
    ] {
        assert_eq!(
            hall.ask(secretary, at, command),
            Err(RefusalCode::NotAllowed)
        );
    }
    assert_eq!(
        hall.ask(secretary, at, Command::EndSession),
        Err(RefusalCode::NotChair)
    );
    hall.ask(secretary, at, Command::SetLockAll { locked: true })
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
    assert_eq!(hall.ask(secretary, at, Command::EndSession), refused);
    hall.lose(at_chair);
    hall.pass(9 * SECOND);
    assert_eq!(hall.ask(secretary, at, Command::EndSession), refused);
    hall.pass(2 * SECOND);
    let at_chair = hall.connect(chair, None);
    assert_eq!(
        hall.ask(secretary, at, Command::EndSession),
        refused,
        "the chair is back"
    );
    hall.lose(at_chair);
    hall.pass(10 * SECOND);
    assert_eq!(
        hall.ask(minh, at_minh, Command::EndSession),
        refused,
        "nobody else may"
    );
    hall.ask(secretary, at, Command::EndSession).unwrap();
    assert!(hall.ended);
}

#[test]
fn recording_of_a_room_that_nobody_is_in_stops_after_10_minutes() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    hall.watch();
    hall.ask(chair, at_chair, Command::SetRecording { on: true })
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

#[test]
fn one_screen_is_shared_at_a_time() {
    let mut hall = Hall::open();
    let (minh, at_minh) = hall.join("Minh", Point);
    let (tu, at_tu) = hall.join("Tú", Point);
    let share = Command::SetScreen { on: true };
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

#[test]
fn hand_cannot_be_raised_twice_and_the_chair_lowers_it() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.ask(minh, at_minh, Command::RaiseHand).unwrap();
    assert_eq!(
        hall.ask(minh, at_minh, Command::RaiseHand),
        Err(RefusalCode::HandUnchanged)
    );
    let lower = Command::LowerHand {
        participant: Some(minh.id),
    };
    hall.ask(chair, at_chair, lower.clone()).unwrap();
    assert_eq!(
        hall.ask(minh, at_minh, lower),
        Err(RefusalCode::HandUnchanged),
        "naming oneself is the same as naming nobody"
    );
}

#[test]
fn removed_person_cannot_come_back() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let remove = Command::Remove {
        participant: minh.id,
    };
    hall.ask(chair, at_chair, remove).unwrap();
    assert_eq!(hall.bye(at_minh), Some(&ByeReason::Removed));
    let again = hall.connect(minh, None);
    assert_eq!(
        hall.bye(again),
        Some(&ByeReason::Refused {
            refusal: RefusalCode::NotAllowed.into()
        })
    );
    let survived = hall.journal.len();
    let mut hall = hall.killed_and_restarted(survived);
    let again = hall.connect(minh, None);
    assert!(hall.bye(again).is_some(), "nor after a restart");
}

#[test]
fn full_session_refuses_the_next_one_with_the_number_and_keeps_held_seats() {
    let mut full = setup();
    full.caps = Caps {
        max_interactive: 2,
        max_receive_only: 1,
    };
    let mut hall = Hall::with(full);
    let (_, _) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    hall.lose(at_minh);
    let (tu, at_tu) = hall.join("Tú", Point);
    let Some(ByeReason::Refused { refusal }) = hall.bye(at_tu) else {
        panic!("Minh's seat is held")
    };
    assert_eq!(
        (refusal.code, refusal.detail.as_deref()),
        (RefusalCode::SessionFull, Some("2"))
    );
    let back = hall.connect(minh, None);
    assert_eq!(hall.bye(back), None, "Minh comes back to the held seat");
    hall.lose(back);
    hall.pass(121 * SECOND);
    let at_tu = hall.connect(tu, None);
    assert_eq!(hall.bye(at_tu), None, "the seat is free");

    let first = hall.watch();
    let second = hall.watch();
    assert_eq!(hall.bye(first), None);
    assert!(matches!(
        hall.bye(second),
        Some(ByeReason::Refused { refusal }) if refusal.detail.as_deref() == Some("1")
    ));
}

#[test]
fn number_of_viewers_is_told_at_most_every_10_s() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    let told = |hall: &Hall| hall.happened(|e| matches!(e, Event::ViewersChanged { .. }));
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
fn end_of_the_session_is_told_to_all_and_closes_everything() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (_, at_minh) = hall.join("Minh", Point);
    let watching = hall.watch();
    hall.ask(chair, at_chair, Command::SetRecording { on: true })
        .unwrap();
    hall.ask(chair, at_chair, Command::EndSession).unwrap();
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
    hall.ask(lan, at, Command::Leave).unwrap();
    assert_eq!(hall.bye(at), Some(&ByeReason::Left));
    hall.pass(TWO_HOURS + 599 * SECOND);
    assert!(!hall.ended);
    hall.pass(2 * SECOND);
    assert!(hall.ended);
    assert!(matches!(
        hall.journal.last().unwrap().event(),
        Event::SessionEnded { by: None }
    ));
}

#[test]
fn room_that_runs_over_its_time_goes_on() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    hall.pass(TWO_HOURS + 3_600 * SECOND);
    assert!(!hall.ended);
}

#[test]
fn recording_says_on_only_when_the_recorder_does() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let state = |hall: &Hall| hall.room.snapshot().recording;
    hall.ask(chair, at_chair, Command::SetRecording { on: true })
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
    hall.ask(chair, at_chair, Command::SetRecording { on: false })
        .unwrap();
    assert_eq!(state(&hall), RecordingState::Off);
    assert_eq!(hall.recorder.last(), Some(&RecorderCommand::Stop(id)));
}

#[test]
fn recording_that_cannot_be_forgotten_begins_with_the_first_arrival() {
    let mut planned = setup();
    planned.auto_record = true;
    let mut hall = Hall::with(planned);
    let (chair, at_chair) = hall.join("Lan", Chair);
    hall.join("Minh", Point);
    assert_eq!(hall.recorder.len(), 1);
    hall.ask(chair, at_chair, Command::SetRecording { on: false })
        .unwrap();
    hall.join("Tú", Point);
    assert_eq!(hall.recorder.len(), 2, "whoever stops it by hand is obeyed");
}

#[test]
fn after_a_kill_the_room_is_still_there_and_records_under_the_same_id() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(3)));
    hall.ask(minh, at_minh, Command::RaiseHand).unwrap();
    hall.ask(chair, at_chair, Command::SetRecording { on: true })
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
    assert_eq!(hall.room.snapshot().hands, [minh.id]);
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

#[test]
fn offer_is_answered_or_refused_in_the_rooms_words() {
    let mut hall = Hall::open();
    let (_, at) = hall.join("Minh", Point);
    assert_eq!(hall.ask_as(at, 1, offer()), None, "the reply comes later");
    assert_eq!(hall.ask_as(at, 1, offer()), None, "and only once");
    assert_eq!(hall.negotiations.len(), 1);
    hall.handle(Input::Negotiated {
        connection: at,
        command: 1,
        result: Ok("answer".to_owned()),
    });
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
        hall.handle(Input::Negotiated {
            connection: at,
            command: 1,
            result: Err(failure),
        });
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
fn room_opens_once_and_remembers_when() {
    let mut hall = Hall::open();
    hall.join("Lan", Chair);
    hall.pass(60 * SECOND);
    hall.join("Minh", Point);
    assert_eq!(hall.happened(|e| *e == Event::RoomOpened), 1);
    assert_eq!(hall.room.snapshot().session.opened_at_us, Some(START));
}
