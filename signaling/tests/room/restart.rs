//! A server that is killed: no good-bye, no flush, nothing.

use protocol::client::{
    ChatCommand, ChatEvent, Command, Event, HandCommand, MicrophoneCommand, MicrophoneEvent,
    RecordingCommand, RecordingEvent, RecordingState, RosterCommand, SessionCommand, SessionRole,
};
use protocol::recorder::RecorderMessage;
use protocol::sfu::SfuCommand;
use signaling::live::{journal, presence};
use signaling::schedule::sessions;
use tokio::runtime::Runtime;

use crate::page::Page;
use crate::recorder::Recorder;
use crate::server::{Province, SOON, Server, now};

#[test]
fn room_is_still_there_after_a_kill() {
    let outside = Runtime::new().unwrap();
    let (province, lan, minh) = outside.block_on(async {
        let province = Province::new().await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let minh = province
            .token("Minh", SessionRole::Point, Some(province.points[2]))
            .await;
        (province, lan, minh)
    });

    let first_life = Runtime::new().unwrap();
    let (lan_resume, minh_resume, you) = first_life.block_on(async {
        let server = Server::of(&province).await;
        let mut lan_page = server.join(&lan).await;
        let mut minh_page = server.join(&minh).await;
        minh_page
            .ask(Command::Hand(HandCommand::RaiseHand))
            .await
            .unwrap();
        let you = minh_page.welcome.you;
        lan_page
            .ask(Command::Microphone(MicrophoneCommand::SetLock {
                participant: you,
                locked: true,
            }))
            .await
            .unwrap();
        minh_page
            .event(|e| {
                matches!(
                    e,
                    Event::Microphone(MicrophoneEvent::MicrophoneChanged { .. })
                )
            })
            .await;
        server.running.state.rooms.flush().await;
        (
            lan_page.pull_the_cable(),
            Page::pull_the_cable(minh_page),
            you,
        )
    });
    // Every task of the server vanishes at once.
    first_life.shutdown_background();

    outside.block_on(async {
        let server = Server::of(&province).await;
        let mut minh_page = server.rejoin(&minh, minh_resume).await;
        assert!(minh_page.welcome.resumed);
        assert!(minh_page.welcome.state.is_none(), "it goes on by events");
        assert_eq!(minh_page.welcome.you, you);
        assert_eq!(
            minh_page
                .ask_as(1, Command::Hand(HandCommand::RaiseHand))
                .await,
            None,
            "what was done before the kill is done"
        );
        let mut lan_page = server.rejoin(&lan, lan_resume).await;
        lan_page
            .ask(Command::Chat(ChatCommand::SendChat {
                text: "Ta tiếp tục".to_owned(),
            }))
            .await
            .unwrap();
        minh_page
            .event(|e| matches!(e, Event::Chat(ChatEvent::ChatSent { .. })))
            .await;
        let third = server.join(&lan).await;
        let state = third.welcome.state.unwrap();
        assert_eq!(state.hands.len(), 1);
        assert_eq!(state.hands[0].participant, you);
        let minh_now = state.participants.iter().find(|p| p.id == you).unwrap();
        assert!(minh_now.microphone.locked);
        assert_eq!(minh_now.seat, Some(3));

        server.running.state.rooms.flush().await;
        let store = province.store().await;
        let entries = journal::load(&mut store.read().await.unwrap(), province.session)
            .await
            .unwrap();
        let seqs: Vec<u64> = entries.iter().map(|e| e.frame.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    });
}

#[test]
fn recording_goes_on_under_the_same_id_after_a_kill() {
    let outside = Runtime::new().unwrap();
    let (province, lan) = outside.block_on(async {
        let province = Province::new().await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        (province, lan)
    });
    let first_life = Runtime::new().unwrap();
    let recorded = first_life.block_on(async {
        let server = Server::of(&province).await;
        let mut recorder = Recorder::connect(&province).await;
        let mut page = server.join(&lan).await;
        page.ask(Command::Recording(RecordingCommand::SetRecording {
            on: true,
        }))
        .await
        .unwrap();
        let id = recorder.started().await;
        recorder
            .say(RecorderMessage::Started { recording: id })
            .await;
        page.event(|e| {
            *e == Event::Recording(RecordingEvent::RecordingChanged {
                state: RecordingState::On,
            })
        })
        .await;
        server.running.state.rooms.flush().await;
        id
    });
    first_life.shutdown_background();

    outside.block_on(async {
        let server = Server::of(&province).await;
        let mut recorder = Recorder::connect(&province).await;
        assert_eq!(recorder.started().await, recorded, "before anybody is back");
        server
            .sfu
            .told(
                |c| matches!(c, SfuCommand::StartRelay { recording, .. } if *recording == recorded),
            )
            .await;
    });
}

#[test]
fn recording_of_a_session_that_ended_in_the_dark_is_closed() {
    let outside = Runtime::new().unwrap();
    let (province, lan) = outside.block_on(async {
        let province = Province::new().await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        (province, lan)
    });
    let first_life = Runtime::new().unwrap();
    let recorded = first_life.block_on(async {
        let server = Server::of(&province).await;
        let mut recorder = Recorder::connect(&province).await;
        let mut page = server.join(&lan).await;
        page.ask(Command::Recording(RecordingCommand::SetRecording {
            on: true,
        }))
        .await
        .unwrap();
        let id = recorder.started().await;
        page.ask(Command::Session(SessionCommand::EndSession))
            .await
            .unwrap();
        server.running.state.rooms.flush().await;
        id
    });
    // Killed before the recorder could say that its files are closed.
    first_life.shutdown_background();

    outside.block_on(async {
        let _server = Server::of(&province).await;
        let mut recorder = Recorder::connect(&province).await;
        // Nothing else is said before it: a start would make the recording go on until now.
        let stop = RecorderMessage::Stop {
            recording: recorded,
            at_mono_us: None,
        };
        assert_eq!(recorder.hear().await, stop);
    });
}

#[tokio::test]
async fn short_break_is_one_visit_and_leaving_ends_it() {
    let province = Province::new().await;
    let token = province.token("Minh", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let page = server.join(&token).await;
    let (you, came) = (page.welcome.you, page.welcome.server_time_us);
    let mut page = server.rejoin(&token, page.pull_the_cable()).await;
    page.ask(Command::Roster(RosterCommand::Leave))
        .await
        .unwrap();

    let store = province.store().await;
    let deadline = tokio::time::Instant::now() + SOON;
    let intervals = loop {
        server.running.state.rooms.flush().await;
        let mut conn = store.read().await.unwrap();
        let intervals = presence::of(&mut conn, you).await.unwrap();
        if intervals.iter().all(|(_, to)| to.is_some()) && !intervals.is_empty() {
            break intervals;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "the visit never ends"
        );
    };
    let [(from, Some(to))] = intervals[..] else {
        panic!("one visit: {intervals:?}")
    };
    assert!(came <= from && from <= to && to <= now());
    let mut conn = store.read().await.unwrap();
    let known = sessions::by_id(&mut conn, province.session)
        .await
        .unwrap()
        .unwrap();
    assert!(known.opened_at.is_some() && known.ended_at.is_none());
}
