//! What must not be lost: a full disk, a database that is away, a server that is killed.

use protocol::client::{
    ByeReason, ChatCommand, ChatEvent, Command, Event, JournalTrouble, LeaveReason,
    MicrophoneCommand, MicrophoneEvent, RefusalCode, RosterCommand, RosterEvent, ServerFrame,
    SessionCommand, SessionEvent, SessionRole,
};
use serde_json::Value;
use signaling::live::journal;
use signaling::schedule::sessions;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::access::by_hand;
use crate::disk::SmallDisk;
use crate::page::Page;
use crate::postgres::OwnPostgres;
use crate::server::{Caps, Province, Server};

const CAPS: Caps = Caps {
    interactive: 60,
    receive_only: 1_000,
};

fn chat(text: &str) -> Command {
    Command::Chat(ChatCommand::SendChat {
        text: text.to_owned(),
    })
}

/// Waits until the page is told this of the journal's health; that the database is slow to answer may come before.
async fn told_of_the_journal(page: &mut Page, wanted: Option<JournalTrouble>) {
    page.wait(|frame| match frame {
        ServerFrame::Journal { trouble } => (trouble == wanted).then_some(()),
        _ => None,
    })
    .await;
}

async fn readiness(server: &Server) -> (u16, Value) {
    let answer = server
        .client
        .get(server.url("/readyz"))
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// What a gauge of `/metrics` says.
async fn gauge(server: &Server, name: &str) -> f64 {
    let answer = server.client.get(server.url("/metrics")).send().await;
    let text = answer.unwrap().text().await.unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value.expect(name).trim().parse().expect("a number")
}

/// The chat of the journal, whose numbers must have no gap.
async fn journalled_chat(province: &Province) -> Vec<String> {
    let store = province.store().await;
    let entries = journal::load(&mut store.read().await.unwrap(), province.session)
        .await
        .unwrap();
    store.close().await;
    let seqs: Vec<u64> = entries.iter().map(|e| e.frame.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "a gap");
    entries
        .into_iter()
        .filter_map(|entry| match entry.frame.event {
            Event::Chat(ChatEvent::ChatSent { message }) => Some(message.text),
            _ => None,
        })
        .collect()
}

/// A room that goes on although the database takes nothing, and what follows when it does again. `break_it` and
/// `mend_it` do to the database what the test is about.
async fn room_outlives(
    province: &Province,
    server: &Server,
    trouble: JournalTrouble,
    break_it: impl AsyncFnOnce(),
    mend_it: impl AsyncFnOnce(),
) {
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let late = province.token("Tú", SessionRole::Point, None).await;
    let mut lan_page = server.join(&lan).await;
    let mut minh_page = server.join(&minh).await;
    minh_page
        .ask(Command::Microphone(MicrophoneCommand::SetMicrophone {
            on: true,
        }))
        .await
        .unwrap();
    lan_page.ask(chat("trước")).await.unwrap();
    server.running.state.rooms.flush().await;

    minh_page
        .stays_while(async {
            break_it().await;
            told_of_the_journal(&mut lan_page, Some(trouble)).await;
        })
        .await;
    let (status, body) = readiness(server).await;
    assert_eq!(
        (status, &body["writes"]),
        (503, &Value::Bool(false)),
        "{body}"
    );
    minh_page.ask(chat("trong lúc đó")).await.unwrap();
    let lock = Command::Microphone(MicrophoneCommand::SetLock {
        participant: minh_page.welcome.you,
        locked: true,
    });
    let answer = minh_page.stays_while(lan_page.ask(lock)).await;
    assert_eq!(answer, Err(RefusalCode::NotSaved));
    minh_page
        .event(|e| matches!(e, Event::Microphone(MicrophoneEvent::MicrophoneChanged { microphone, .. }) if microphone.locked))
        .await;
    assert_eq!(gauge(server, "diemcau_journal_saving ").await, 0.0);
    assert!(gauge(server, "diemcau_journal_unsaved_bytes ").await > 0.0);

    minh_page
        .stays_while(async {
            mend_it().await;
            told_of_the_journal(&mut lan_page, None).await;
        })
        .await;
    let mute = Command::Microphone(MicrophoneCommand::Mute {
        participant: minh_page.welcome.you,
    });
    lan_page.ask(mute).await.unwrap();
    server.join(&late).await;
    lan_page.ask(chat("sau")).await.unwrap();
    server.running.state.rooms.flush().await;
    assert_eq!(readiness(server).await.0, 200);
    assert_eq!(gauge(server, "diemcau_journal_saving ").await, 1.0);
    assert_eq!(gauge(server, "diemcau_journal_unsaved_bytes ").await, 0.0);
    assert_eq!(
        journalled_chat(province).await,
        ["trước", "trong lúc đó", "sau"]
    );
}

#[tokio::test]
async fn full_disk_loses_nothing_and_is_told() {
    let Some(disk) = SmallDisk::mount(24) else {
        eprintln!("not root: no small disk can be mounted");
        return;
    };
    let folder = tempfile::tempdir_in(&disk.at).unwrap();
    let province = Province::in_folder(
        folder,
        signaling::platform::config::Database::default(),
        CAPS,
    )
    .await;
    let server = Server::of(&province).await;
    room_outlives(
        &province,
        &server,
        JournalTrouble::DiskFull,
        async || disk.fill(),
        async || disk.free(),
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_called_saved_behind_an_event_that_can_never_be_stored() {
    let province = Province::new().await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&lan).await;
    server.running.state.rooms.flush().await;
    // Somebody else's entry has the next number.
    by_hand(
        &province,
        "INSERT INTO session_event (session_id, seq, at_us, kind, payload, payload_version)
         SELECT session_id, MAX(seq) + 1, 0, $1, '{}', 2 FROM session_event WHERE session_id = $2 GROUP BY session_id",
        "chat_sent",
        province.session.0,
    )
    .await;
    page.ask(chat("không ghi được")).await.unwrap();
    let lock = Command::Microphone(MicrophoneCommand::SetLockAll { locked: true });
    assert_eq!(page.ask(lock).await, Err(RefusalCode::NotSaved));
    server.stop().await;
}

#[tokio::test]
async fn database_that_does_not_answer_is_told_while_it_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let province = Province::in_folder(
        folder,
        signaling::platform::config::Database::default(),
        CAPS,
    )
    .await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&lan).await;
    server.running.state.rooms.flush().await;
    // Another writer holds the file: nothing fails, and nothing is written.
    let store = province.store().await;
    let other = store.write().await.unwrap();
    page.ask(chat("ai đó giữ tệp")).await.unwrap();
    told_of_the_journal(&mut page, Some(JournalTrouble::DatabaseAway)).await;
    drop(other);
    told_of_the_journal(&mut page, None).await;
    server.running.state.rooms.flush().await;
    assert_eq!(journalled_chat(&province).await, ["ai đó giữ tệp"]);
    server.stop().await;
}

#[tokio::test]
async fn whoever_was_in_a_room_comes_back_to_it_over_a_full_disk() {
    let Some(disk) = SmallDisk::mount(24) else {
        eprintln!("not root: no small disk can be mounted");
        return;
    };
    let folder = tempfile::tempdir_in(&disk.at).unwrap();
    let province = Province::in_folder(
        folder,
        signaling::platform::config::Database::default(),
        CAPS,
    )
    .await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let stranger = province.token("Khách", SessionRole::Point, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&lan).await;
    server.running.state.rooms.flush().await;
    disk.fill();
    told_of_the_journal(&mut page, Some(JournalTrouble::DiskFull)).await;
    let resume = page.pull_the_cable();
    let mut page = server.rejoin(&lan, resume).await;
    told_of_the_journal(&mut page, Some(JournalTrouble::DiskFull)).await;
    assert_eq!(
        server.enter(&stranger, None).await.err(),
        Some(ByeReason::NotSaved {
            trouble: JournalTrouble::DiskFull
        }),
        "who was not here is told why"
    );
    disk.free();
    told_of_the_journal(&mut page, None).await;
    server.join(&stranger).await;
    server.stop().await;
}

#[tokio::test]
async fn database_that_is_away_for_a_while_loses_nothing_and_is_told() {
    let Some(postgres) = OwnPostgres::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let province = Province::in_folder(folder, postgres.database(), CAPS).await;
    let server = Server::of(&province).await;
    room_outlives(
        &province,
        &server,
        JournalTrouble::DatabaseAway,
        async || postgres.meanwhile(OwnPostgres::stop).await,
        async || postgres.meanwhile(OwnPostgres::start_again).await,
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn lines_said_while_the_database_goes_and_comes_are_there_once_and_in_order() {
    let Some(postgres) = OwnPostgres::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let province = Province::in_folder(folder, postgres.database(), CAPS).await;
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let server = Server::of(&province).await;
    let mut page = server.join(&lan).await;
    let mut said = Vec::new();
    for round in 0..3 {
        // Cut off in the middle of its commits: nobody knows which of them were carried out.
        for line in 0..4 {
            let text = format!("lượt {round}, dòng {line}");
            while page.ask(chat(&text)).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            said.push(text);
            if line == 1 {
                postgres.meanwhile(OwnPostgres::kill).await;
            }
        }
        postgres.meanwhile(OwnPostgres::start_again).await;
    }
    server.running.state.rooms.flush().await;
    assert_eq!(journalled_chat(&province).await, said);
    server.stop().await;
}

/// Two people in a room on a server that is killed as soon as the chair has the answer to a command; then what the room
/// is like.
fn after_a_kill(command: impl FnOnce(&Page) -> Command) -> (Province, Vec<Event>) {
    let outside = Runtime::new().unwrap();
    let (province, lan, minh) = outside.block_on(async {
        let province = Province::new().await;
        let lan = province.token("Lan", SessionRole::Chair, None).await;
        let minh = province.token("Minh", SessionRole::Point, None).await;
        (province, lan, minh)
    });
    let first_life = Runtime::new().unwrap();
    first_life.block_on(async {
        let server = Server::of(&province).await;
        let mut lan_page = server.join(&lan).await;
        let minh_page = server.join(&minh).await;
        server.running.state.rooms.flush().await;
        lan_page.ask(command(&minh_page)).await.unwrap();
    });
    // Every task of the server vanishes at once.
    first_life.shutdown_background();
    let events = outside.block_on(async {
        let store = province.store().await;
        let entries = journal::load(&mut store.read().await.unwrap(), province.session).await;
        store.close().await;
        entries
            .unwrap()
            .into_iter()
            .map(|e| e.frame.event)
            .collect()
    });
    (province, events)
}

#[test]
fn end_that_was_answered_is_not_undone_by_a_kill() {
    let (province, events) = after_a_kill(|_| Command::Session(SessionCommand::EndSession));
    assert!(matches!(
        events.last(),
        Some(Event::Session(SessionEvent::SessionEnded { .. }))
    ));
    Runtime::new().unwrap().block_on(async {
        let store = province.store().await;
        let known = sessions::by_id(&mut store.read().await.unwrap(), province.session)
            .await
            .unwrap()
            .unwrap();
        assert!(known.is_over(crate::server::now()));
    });
}

#[test]
fn removal_lock_and_mute_that_were_answered_are_not_undone_by_a_kill() {
    let (_, events) = after_a_kill(|minh| {
        Command::Roster(RosterCommand::Remove {
            participant: minh.welcome.you,
        })
    });
    let removed = |event: &Event| {
        matches!(
            event,
            Event::Roster(RosterEvent::ParticipantLeft {
                reason: LeaveReason::Removed,
                ..
            })
        )
    };
    assert!(events.iter().any(removed));
    let (_, events) =
        after_a_kill(|_| Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }));
    assert!(
        events
            .iter()
            .any(|e| matches!(e, Event::Microphone(MicrophoneEvent::AllLocked { .. })))
    );
    let (_, events) = after_a_kill(|minh| {
        Command::Microphone(MicrophoneCommand::Mute {
            participant: minh.welcome.you,
        })
    });
    let muted = |event: &Event| matches!(event, Event::Microphone(MicrophoneEvent::MicrophoneChanged { microphone, .. }) if microphone.muted);
    assert!(events.iter().any(muted));
}
