//! What a client may send: counted before it is read, and whoever goes on is sent away with a reason of its own.

use std::sync::atomic::Ordering;

use protocol::ParticipantId;
use protocol::client::{
    ByeReason, CHAT_LINES, ChatCommand, ChatEvent, ChatMessage, Command, Event, EventFrame,
    FloorCommand, FloorEvent, HandCommand, MAX_CLIENT_FRAME_BYTES, MediaCommand, RefusalCode,
    ServerFrame, SessionEvent, SessionRole,
};
use signaling::live::journal;
use signaling::schedule::sessions;
use signaling_core::{Cause, JournalEntry, Reason};
use uuid::Uuid;

use crate::server::{Province, Server, still_clock};

#[tokio::test]
async fn flood_of_frames_that_nobody_understands_ends_with_its_own_reason() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    for frame in [
        r#"{"type":"command","id":1,"command":{"type":"dance"}}"#,
        "{}",
    ] {
        let mut page = server.join(&minh).await;
        for _ in 0..2_000 {
            // Whoever has been sent away may find the connection closed.
            let _ = page.try_say_text(frame).await;
        }
        let reason = page.bye().await;
        let expected = if frame == "{}" {
            matches!(&reason, ByeReason::Refused { refusal } if refusal.code == RefusalCode::Malformed)
        } else {
            reason == ByeReason::TooManyFrames
        };
        assert!(expected, "{frame}: {reason:?}");
    }
    let mut honest = server.join(&lan).await;
    honest
        .ask(Command::Hand(HandCommand::RaiseHand))
        .await
        .unwrap();
    server.stop().await;
}

#[tokio::test]
async fn frame_beyond_the_rate_is_answered_with_its_number_and_later_ones_are_taken() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let (clock, passed) = still_clock();
    let folder = province.folder.path();
    let server = Server::start_at(province.database.clone(), folder, clock, |_| ()).await;
    let mut page = server.join(&minh).await;
    for id in 1..=100 {
        page.send(id, Command::Media(MediaCommand::ExplainMedia))
            .await;
    }
    let mut refused = Vec::new();
    for _ in 1..=100 {
        let (id, refusal) = page
            .wait(|frame| match frame {
                ServerFrame::Reply { id, refusal } => Some((id, refusal)),
                _ => None,
            })
            .await;
        if let Some(refusal) = refusal {
            assert_eq!(refusal.code, RefusalCode::TooManyCommands);
            refused.push(id);
        }
    }
    // Sixty at once; on a slow machine, answers to pings are among them.
    let beyond: Vec<u64> = (61..=100).collect();
    assert!(refused.ends_with(&beyond), "{refused:?}");
    passed.fetch_add(1_000_000, Ordering::SeqCst);
    assert_eq!(
        page.ask_as(101, Command::Hand(HandCommand::RaiseHand))
            .await,
        None
    );
    server.stop().await;
}

#[tokio::test]
async fn frame_that_is_too_large_says_so() {
    let province = Province::new().await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let expected = ByeReason::FrameTooLarge {
        limit: u32::try_from(MAX_CLIENT_FRAME_BYTES).unwrap(),
    };
    for bytes in [MAX_CLIENT_FRAME_BYTES + 1, 8 * 1024 * 1024] {
        let mut page = server.join(&minh).await;
        // The server may close before all of it is sent.
        let _ = page.try_say_text(&"x".repeat(bytes)).await;
        assert_eq!(page.bye().await, expected);
        let mut raw = server.dial_with(&minh).await;
        let _ = raw.try_say_text(&"x".repeat(bytes)).await;
        assert_eq!(
            raw.hear().await,
            Some(ServerFrame::Bye {
                reason: expected.clone()
            }),
            "before the hello too"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn signs_of_life_come_every_second_to_those_who_may_speak_and_every_five_to_listeners() {
    let province = Province::new().await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let hoa = province.token("Hoa", SessionRole::Viewer, None).await;
    let server = Server::of(&province).await;
    let mut lan = server.join(&lan).await;
    let mut hoa = server.join(&hoa).await;
    assert_eq!(lan.welcome.heartbeat_ms, 1_000);
    assert_eq!(hoa.welcome.heartbeat_ms, 5_000);
    let next = |frame| match frame {
        ServerFrame::Heartbeat { next_ms, .. } => Some(next_ms),
        _ => None,
    };
    assert_eq!(lan.wait(next).await, 1_000);
    lan.ask(Command::Floor(FloorCommand::GrantFloor {
        participant: hoa.welcome.you,
        interrupt: false,
    }))
    .await
    .unwrap();
    assert_eq!(hoa.wait(next).await, 1_000, "who has the floor may speak");
    lan.ask(Command::Floor(FloorCommand::ReleaseFloor))
        .await
        .unwrap();
    hoa.event(|e| matches!(e, Event::Floor(FloorEvent::FloorReleased { .. })))
        .await;
    assert_eq!(hoa.wait(next).await, 5_000);
    server.stop().await;
}

/// Writes lines of the chat into the journal of a session whose room nobody has opened since.
async fn say_in_the_past(province: &Province, texts: &[String]) {
    let store = province.store().await;
    let mut tx = store.write().await.unwrap();
    let now = crate::server::now();
    sessions::mark_opened(&mut tx, province.session, now)
        .await
        .unwrap();
    let lines = texts.iter().map(|text| {
        Event::Chat(ChatEvent::ChatSent {
            message: ChatMessage {
                id: Uuid::now_v7(),
                from: ParticipantId(Uuid::now_v7()),
                name: "Minh".to_owned(),
                bridge_point: None,
                text: text.clone(),
                at_us: now,
            },
        })
    });
    for (seq, event) in
        (1..).zip(std::iter::once(Event::Session(SessionEvent::RoomOpened)).chain(lines))
    {
        let entry = JournalEntry {
            frame: EventFrame {
                seq,
                at_us: now,
                event,
            },
            cause: Cause {
                actor: None,
                command: None,
                reason: Reason::Unknown,
            },
        };
        journal::append(&mut tx, province.session, &entry)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn older_chat_comes_page_by_page_from_the_journal() {
    for province in Province::everywhere().await {
        let said: Vec<String> = (0..2 * CHAT_LINES + 5)
            .map(|n| format!("dòng {n}"))
            .collect();
        say_in_the_past(&province, &said).await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let server = Server::of(&province).await;
        let mut page = server.join(&lan).await;
        let state = page.welcome.state.clone().unwrap();
        assert!(state.older_chat);
        let mut found = state.chat;
        assert_eq!(found.len(), CHAT_LINES);
        let mut more = true;
        while more {
            let before = found[0].id;
            page.ask(Command::Chat(ChatCommand::LoadChat { before }))
                .await
                .unwrap();
            let (older, still_more) = page
                .wait(|frame| match frame {
                    ServerFrame::Chat { messages, more } => Some((messages, more)),
                    _ => None,
                })
                .await;
            assert!(older.len() <= CHAT_LINES);
            found.splice(0..0, older);
            more = still_more;
        }
        let found: Vec<String> = found.into_iter().map(|line| line.text).collect();
        assert_eq!(found, said);
        server.stop().await;
    }
}
