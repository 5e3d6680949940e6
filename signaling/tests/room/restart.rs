//! A server that is killed: no good-bye, no flush, nothing.

use protocol::client::{Command, Event, SessionRole};
use signaling::store::journal;
use tokio::runtime::Runtime;

use crate::page::Page;
use crate::server::{Province, Server};

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
        let server = Server::start(province.folder.path()).await;
        let mut lan_page = server.join(&lan).await;
        let mut minh_page = server.join(&minh).await;
        minh_page.ask(Command::RaiseHand).await.unwrap();
        let you = minh_page.welcome.you;
        lan_page
            .ask(Command::SetLock {
                participant: you,
                locked: true,
            })
            .await
            .unwrap();
        minh_page
            .event(|e| matches!(e, Event::MicrophoneChanged { .. }))
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
        let server = Server::start(province.folder.path()).await;
        let mut minh_page = server.rejoin(&minh, minh_resume).await;
        assert!(minh_page.welcome.resumed);
        assert!(minh_page.welcome.state.is_none(), "it goes on by events");
        assert_eq!(minh_page.welcome.you, you);
        assert_eq!(
            minh_page.ask_as(1, Command::RaiseHand).await,
            None,
            "what was done before the kill is done"
        );
        let mut lan_page = server.rejoin(&lan, lan_resume).await;
        lan_page
            .ask(Command::SendChat {
                text: "Ta tiếp tục".to_owned(),
            })
            .await
            .unwrap();
        minh_page
            .event(|e| matches!(e, Event::ChatSent { .. }))
            .await;
        let third = server.join(&lan).await;
        let state = third.welcome.state.unwrap();
        assert_eq!(state.hands, [you]);
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
