//! People in a room.

use futures_util::SinkExt as _;
use protocol::client::{
    ByeReason, ChatCommand, ChatEvent, ClientFrame, Command, ConnectionState, Event, FloorCommand,
    HandCommand, HandEvent, LinkReport, MediaCommand, MediaMessage, MicrophoneCommand,
    PictureCommand, RefusalCode, RosterCommand, RosterEvent, ServerFrame, SessionCommand,
    SessionRole,
};
use protocol::media::{MediaPath, Profile, SlotKind, Source, TrackRef};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{PROTOCOL_VERSION, UtcMicros};
use signaling::monitor;
use tokio_tungstenite::tungstenite::Message;

use SessionRole::{Chair, Point};

use crate::page::bearer;
use crate::server::{ANSWER, CODE, Caps, Province, Server, eventually, now};

fn chat(text: &str) -> Command {
    Command::Chat(ChatCommand::SendChat {
        text: text.to_owned(),
    })
}

#[tokio::test]
async fn people_meet_talk_and_raise_hands() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Chị Lan", Chair, None).await,
        province
            .token("Minh Khai", Point, Some(province.points[1]))
            .await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut minh = server.join(&minh).await;

    let joined = lan
        .event(|e| matches!(e, Event::Roster(RosterEvent::ParticipantJoined { .. })))
        .await;
    let Event::Roster(RosterEvent::ParticipantJoined { participant }) = joined.event else {
        unreachable!()
    };
    assert_eq!(participant.id, minh.welcome.you);
    assert_eq!(participant.seat, Some(2));
    let state = minh.welcome.state.clone().unwrap();
    assert_eq!(state.seats.len(), 3);
    assert_eq!(state.participants.len(), 2);
    assert_eq!(server.running.state.rooms.present(province.session), 2);
    let (hers, his) = (&lan.welcome.ice_servers[0], &minh.welcome.ice_servers[0]);
    assert!(his.username.ends_with(&minh.welcome.you.to_string()));
    assert_ne!(hers.credential, his.credential);
    let port = server.running.address.port();
    let turn = format!("turns:localhost:{port}?transport=tcp");
    assert_eq!(his.urls, [turn]);

    minh.ask(chat("  Xin chào  ")).await.unwrap();
    let said = lan
        .event(|e| matches!(e, Event::Chat(ChatEvent::ChatSent { .. })))
        .await;
    assert!(
        matches!(said.event, Event::Chat(ChatEvent::ChatSent { message }) if message.text == "Xin chào")
    );
    minh.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    assert_eq!(
        minh.ask(Command::Hand(HandCommand::RaiseHand)).await,
        Err(RefusalCode::HandUnchanged)
    );
    let you = minh.welcome.you;
    lan.event(|e| *e == Event::Hand(HandEvent::HandRaised { participant: you }))
        .await;
    minh.ask(Command::Roster(RosterCommand::Leave))
        .await
        .unwrap();
    assert_eq!(minh.bye().await, ByeReason::Left);
    lan.event(|e| *e == Event::Hand(HandEvent::HandLowered { participant: you }))
        .await;
}

#[tokio::test]
async fn half_a_character_in_the_chat_is_refused_and_the_stay_goes_on() {
    let province = Province::new().await;
    let token = province.token("Minh", Point, None).await;
    let server = Server::of(&province).await;
    let mut minh = server.join(&token).await;
    for (id, text) in [
        (1, r"Chào \ud83d"),
        (2, r"\udc4d"),
        (3, r"\u0000"),
        (4, r"\u202eabc"),
    ] {
        let frame = format!(
            r#"{{"type":"command","id":{id},"command":{{"type":"send_chat","text":"{text}"}}}}"#
        );
        minh.say_text(&frame).await;
        let refusal = minh
            .wait(|frame| match frame {
                ServerFrame::Reply { id: of, refusal } if of == id => Some(refusal),
                ServerFrame::Bye { reason } => panic!("{text} ends the stay: {reason:?}"),
                _ => None,
            })
            .await;
        assert_eq!(refusal.unwrap().code, RefusalCode::UnreadableText, "{text}");
    }
    minh.send(5, chat("Chào 👍")).await;
    let said = minh
        .event(|e| matches!(e, Event::Chat(ChatEvent::ChatSent { .. })))
        .await;
    assert!(
        matches!(said.event, Event::Chat(ChatEvent::ChatSent { message }) if message.text == "Chào 👍")
    );
}

#[tokio::test]
async fn offer_is_answered_by_the_sfu() {
    let province = Province::new().await;
    let token = province.token("Minh", Point, None).await;
    let server = Server::of(&province).await;
    let mut minh = server.join(&token).await;
    let offer = Command::Media(MediaCommand::Offer {
        sdp: "v=0 offer".to_owned(),
        ice_restart: false,
    });
    minh.send(1, offer).await;
    let answer = minh
        .wait(|frame| match frame {
            ServerFrame::Media {
                message: MediaMessage::Answer { sdp },
            } => Some(sdp),
            _ => None,
        })
        .await;
    assert_eq!(answer, ANSWER);
    let join = server
        .sfu
        .told(|c| matches!(c, SfuCommand::Join { .. }))
        .await;
    let SfuCommand::Join {
        participant,
        profile,
        offer,
        microphone_open,
        ..
    } = join
    else {
        unreachable!()
    };
    assert_eq!(participant, minh.welcome.you);
    assert_eq!(profile, Profile::Desk);
    assert_eq!(offer, "v=0 offer");
    assert!(!microphone_open, "nobody's microphone opens by itself");
}

#[tokio::test]
async fn locked_member_is_closed_at_the_sfu_and_cannot_cheat() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut minh = server.join(&minh).await;
    let participant = minh.welcome.you;
    let gate = |open| move |c: &SfuCommand| matches!(c, SfuCommand::SetGate { microphone_open, .. } if *microphone_open == open);
    minh.ask(Command::Microphone(MicrophoneCommand::SetMicrophone {
        on: true,
    }))
    .await
    .unwrap();
    server.sfu.told(gate(true)).await;
    lan.ask(Command::Microphone(MicrophoneCommand::SetLock {
        participant,
        locked: true,
    }))
    .await
    .unwrap();
    server.sfu.told(gate(false)).await;
    assert_eq!(
        minh.ask(Command::Microphone(MicrophoneCommand::SetMicrophone {
            on: true
        }))
        .await,
        Err(RefusalCode::MicrophoneLocked)
    );
    for cheat in [
        Command::Microphone(MicrophoneCommand::SetLock {
            participant,
            locked: false,
        }),
        Command::Microphone(MicrophoneCommand::SetLockAll { locked: false }),
        Command::Floor(FloorCommand::GrantFloor {
            participant,
            interrupt: true,
        }),
        Command::Session(SessionCommand::EndSession),
    ] {
        assert_eq!(minh.ask(cheat).await, Err(RefusalCode::NotChair));
    }
}

#[tokio::test]
async fn page_that_comes_back_gets_what_it_missed_and_its_command_counts_once() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut page = server.join(&minh).await;
    page.ask_as(1, chat("một")).await;
    let you = page.welcome.you;
    let resume = page.pull_the_cable();
    lan.event(|e| {
        *e == Event::Roster(RosterEvent::ConnectionChanged {
            participant: you,
            connection: ConnectionState::Reconnecting,
        })
    })
    .await;
    lan.ask(chat("hai")).await.unwrap();

    let mut page = server.rejoin(&minh, resume).await;
    assert!(page.welcome.resumed && page.welcome.state.is_none());
    assert_eq!(page.welcome.last_command_id, 1);
    assert!(
        page.welcome
            .missed
            .iter()
            .any(|e| matches!(&e.event, Event::Chat(ChatEvent::ChatSent { message }) if message.text == "hai"))
    );
    assert_eq!(page.ask_as(1, chat("một")).await, None);
    lan.ask(chat("ba")).await.unwrap();
    let next = page
        .event(|e| matches!(e, Event::Chat(ChatEvent::ChatSent { .. })))
        .await;
    assert!(
        matches!(next.event, Event::Chat(ChatEvent::ChatSent { message }) if message.text == "ba"),
        "the command that was sent again said nothing new"
    );
}

#[tokio::test]
async fn second_page_takes_over() {
    let province = Province::new().await;
    let token = province.token("Minh", Point, None).await;
    let server = Server::of(&province).await;
    let mut first = server.join(&token).await;
    let second = server.join(&token).await;
    assert_eq!(first.bye().await, ByeReason::TakenOver);
    assert_eq!(first.welcome.you, second.welcome.you);
    assert_eq!(server.running.state.rooms.present(province.session), 1);
}

#[tokio::test]
async fn full_session_says_how_many_places_it_has_for_such_as_who_asks() {
    // One beside those of three points, a chair and a secretary.
    let province = Province::with_caps(Caps {
        interactive: 6,
        receive_only: 0,
    })
    .await;
    let (lan, minh) = (
        province.token("Lan", Point, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let _lan = server.join(&lan).await;
    let Err(ByeReason::Refused { refusal }) = server.enter(&minh, None).await else {
        panic!("there is one place")
    };
    assert_eq!(refusal.code, RefusalCode::SessionFull);
    assert_eq!(refusal.detail.as_deref(), Some("1"));
}

#[tokio::test]
async fn removed_person_stays_out_and_the_end_is_told_to_all() {
    let province = Province::new().await;
    let (lan_token, minh_token) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan_token).await;
    let mut minh = server.join(&minh_token).await;
    lan.ask(Command::Roster(RosterCommand::Remove {
        participant: minh.welcome.you,
    }))
    .await
    .unwrap();
    assert_eq!(minh.bye().await, ByeReason::Removed);
    assert!(matches!(
        server.enter(&minh_token, None).await.err(),
        Some(ByeReason::Refused { refusal }) if refusal.code == RefusalCode::NotAllowed
    ));
    lan.send(90, Command::Session(SessionCommand::EndSession))
        .await;
    assert_eq!(lan.bye().await, ByeReason::SessionEnded);
    assert!(matches!(
        server.enter(&lan_token, None).await.err(),
        Some(ByeReason::Refused { refusal }) if refusal.code == RefusalCode::SessionOver
    ));
}

#[tokio::test]
async fn stranger_is_turned_away_at_the_door() {
    let province = Province::new().await;
    let good = province.token("Minh", Point, None).await;
    let expired = province
        .token_until("Minh", Point, None, now().plus_us(-1))
        .await;
    let foreign = province.foreign_token().await;
    let server = Server::of(&province).await;
    let status = async |code: &str, headers: &[(&'static str, String)]| {
        server.dial(code, headers).await.err()
    };
    assert_eq!(status(CODE, &[]).await, Some(401));
    assert_eq!(status(CODE, &[bearer("guess")]).await, Some(401));
    assert_eq!(status(CODE, &[bearer(&expired)]).await, Some(401));
    assert_eq!(status(CODE, &[bearer(&foreign)]).await, Some(403));
    assert_eq!(status("NO-SUCH", &[bearer(&good)]).await, Some(404));
    let elsewhere = ("origin", "https://elsewhere.example".to_owned());
    assert_eq!(status(CODE, &[bearer(&good), elsewhere]).await, Some(403));
    assert_eq!(status(CODE, &[bearer(&good)]).await, None);
}

#[tokio::test]
async fn nonsense_is_answered_and_the_room_goes_on() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;

    for nonsense in [
        "",
        "{",
        "[]",
        r#"{"type":"command","id":1,"command":{"type":"raise_hand"}}"#,
    ] {
        let mut raw = server.dial_with(&minh).await;
        raw.say_text(nonsense).await;
        assert!(
            matches!(
                raw.hear().await,
                Some(ServerFrame::Bye { reason: ByeReason::Refused { refusal } })
                    if refusal.code == RefusalCode::Malformed
            ),
            "{nonsense:?}"
        );
        assert_eq!(raw.hear().await, None, "and the connection closes");
    }
    let mut raw = server.dial_with(&minh).await;
    raw.say(&ClientFrame::Hello {
        protocol: PROTOCOL_VERSION + 1,
        resume: None,
        profile: Profile::Desk,
        take_over: false,
    })
    .await;
    assert_eq!(
        raw.hear().await,
        Some(ServerFrame::Bye {
            reason: ByeReason::ProtocolMismatch {
                protocol: PROTOCOL_VERSION
            }
        })
    );
    let mut raw = server.dial_with(&minh).await;
    raw.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert!(matches!(raw.hear().await, Some(ServerFrame::Bye { .. })));

    let mut page = server.join(&minh).await;
    page.say_text(r#"{"type":"command","id":5,"command":{"type":"fly"}}"#)
        .await;
    let refusal = page
        .wait(|frame| match frame {
            ServerFrame::Reply { id: 5, refusal } => refusal,
            _ => None,
        })
        .await;
    assert_eq!(refusal.code, RefusalCode::Malformed);
    page.ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    page.say_text("not json").await;
    assert!(matches!(page.bye().await, ByeReason::Refused { .. }));
    lan.ask(chat("vẫn họp")).await.unwrap();
}

#[tokio::test]
async fn page_that_hammers_is_told_to_slow_down() {
    let province = Province::new().await;
    let token = province.token("Minh", Point, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&token).await;
    for id in 1..=200 {
        page.send(
            id,
            Command::Picture(PictureCommand::SetCamera { on: id % 2 == 0 }),
        )
        .await;
    }
    page.wait(|frame| match frame {
        ServerFrame::Reply {
            refusal: Some(refusal),
            ..
        } if refusal.code == RefusalCode::TooManyCommands => Some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn what_the_sfu_sees_reaches_the_right_page_and_the_board() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province
            .token("Minh Khai", Point, Some(province.points[1]))
            .await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut minh = server.join(&minh).await;
    let (room, participant) = (province.session, minh.welcome.you);
    let track = TrackRef {
        participant: lan.welcome.you,
        source: Source::Camera,
    };
    let report = LinkReport {
        rtt_ms: Some(42.0),
        ingress_loss_percent: 1.5,
        path: Some(MediaPath::Udp),
        ..LinkReport::default()
    };
    for event in [
        SfuEvent::Connected {
            room,
            participant,
            path: MediaPath::Udp,
            client: None,
        },
        SfuEvent::SlotAssigned {
            room,
            participant,
            mid: "7".to_owned(),
            kind: SlotKind::Stage,
            track: Some(track),
            paused: None,
        },
        SfuEvent::Link {
            room,
            participant,
            report,
            client: None,
        },
        SfuEvent::Speakers {
            room,
            active: Some(participant),
            levels: vec![(participant, 90)],
        },
    ] {
        server.sfu.events.send(event).await.unwrap();
    }
    let mut seen = Vec::new();
    minh.wait(|frame| {
        if let ServerFrame::Media { message } = frame {
            seen.push(message);
        }
        (seen.len() == 4).then_some(())
    })
    .await;
    assert_eq!(
        seen[0],
        MediaMessage::Connected {
            path: MediaPath::Udp
        }
    );
    assert!(matches!(&seen[1], MediaMessage::SlotAssigned { mid, .. } if mid == "7"));
    assert_eq!(seen[2], MediaMessage::Link(report));
    assert!(matches!(&seen[3], MediaMessage::Speakers { levels, .. } if levels[0].level == 90));
    let only_speakers = lan
        .wait(|frame| match frame {
            ServerFrame::Media { message } => Some(message),
            _ => None,
        })
        .await;
    assert!(matches!(only_speakers, MediaMessage::Speakers { .. }));

    let on_board = eventually(|| {
        server
            .running
            .state
            .rooms
            .points()
            .into_iter()
            .find(|p| p.link.is_some())
    })
    .await;
    assert_eq!(on_board.bridge_point, province.points[1]);
    assert!(on_board.connected);
    server.running.state.rooms.flush().await;
    let store = province.store().await;
    let mut conn = store.read().await.unwrap();
    let samples = monitor::samples_of_point(
        &mut conn,
        province.points[1],
        UtcMicros(0),
        now().plus_us(1),
        10,
    )
    .await
    .unwrap();
    assert_eq!(samples.len(), 1);
    assert_eq!(samples[0].link.rtt_ms, Some(42.0));
}

#[tokio::test]
async fn stopping_server_says_good_bye() {
    let province = Province::new().await;
    let token = province.token("Minh", Point, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&token).await;
    let stopped = tokio::spawn(server.stop());
    assert_eq!(page.bye().await, ByeReason::ServerStopping);
    drop(page);
    stopped.await.unwrap();
}

#[tokio::test]
async fn page_that_does_not_read_is_let_go_and_the_others_notice_nothing() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let slow = server.join(&minh).await;
    let mut lan = server.join(&lan).await;
    let you = slow.welcome.you;

    // What the SFU says of the moment fills the slow page's line; the next event finds no room in it. Lan reads on.
    let gone = Event::Roster(RosterEvent::ConnectionChanged {
        participant: you,
        connection: ConnectionState::Reconnecting,
    });
    let mut let_go = false;
    for id in 1.. {
        assert!(id < 400, "the line never fills");
        for _ in 0..100 {
            let speakers = SfuEvent::Speakers {
                room: province.session,
                active: None,
                levels: vec![(you, 100); 64],
            };
            server.sfu.events.send(speakers).await.unwrap();
        }
        lan.send(id, chat("…")).await;
        lan.wait(|frame| match frame {
            ServerFrame::Event(event) => {
                let_go |= event.event == gone;
                None
            }
            ServerFrame::Reply { id: of, .. } if of == id => Some(()),
            _ => None,
        })
        .await;
        if let_go {
            break;
        }
    }
    let back = server.rejoin(&minh, slow.pull_the_cable()).await;
    assert!(back.welcome.resumed);
    assert!(
        back.welcome
            .missed
            .iter()
            .any(|e| matches!(e.event, Event::Chat(ChatEvent::ChatSent { .. }))),
        "and has missed nothing for good"
    );
}

#[tokio::test]
async fn silent_page_is_taken_for_lost() {
    let province = Province::new().await;
    let (lan, minh) = (
        province.token("Lan", Chair, None).await,
        province.token("Minh", Point, None).await,
    );
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    // Its machine hangs: the line is up, but nobody answers pings.
    let silent = server.join(&minh).await;
    let gone = Event::Roster(RosterEvent::ConnectionChanged {
        participant: silent.welcome.you,
        connection: ConnectionState::Reconnecting,
    });
    // Heartbeats keep coming meanwhile, so that each wait is short.
    lan.event(|e| *e == gone).await;
    assert_eq!(server.running.state.rooms.present(province.session), 1);
    drop(silent);
}
