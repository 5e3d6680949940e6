//! What other tables tell of a room is made again from its journal.

use protocol::client::{Command, RecordingCommand, RosterCommand, SessionCommand, SessionRole};
use signaling::live::{journal, projection};

use crate::server::{Province, Server};

/// A room in which everything happens that other tables tell of.
async fn play(province: &Province) {
    let lan = province.token("Lan", SessionRole::Chair, None).await;
    let minh = province.token("Minh", SessionRole::Point, None).await;
    let tu = province.token("Tú", SessionRole::Point, None).await;
    let server = Server::of(province).await;
    let mut lan = server.join(&lan).await;
    let (minh, tu) = (server.join(&minh).await, server.join(&tu).await);
    let (minh, tu) = (minh.welcome.you, tu.welcome.you);
    for command in [
        Command::Roster(RosterCommand::Remove { participant: minh }),
        Command::Roster(RosterCommand::Remove { participant: tu }),
        Command::Roster(RosterCommand::Readmit { participant: minh }),
        Command::Recording(RecordingCommand::SetRecording { on: true }),
        Command::Recording(RecordingCommand::SetRecording { on: false }),
    ] {
        lan.ask(command).await.unwrap();
    }
    lan.send(90, Command::Session(SessionCommand::EndSession))
        .await;
    lan.bye().await;
    server.running.state.rooms.flush().await;
    server.stop().await;
}

/// Changes or reads the database with a tool of its own.
async fn told(province: &Province, forget: bool) -> Vec<(String, Option<i64>)> {
    use sqlx::Connection as _;

    const FORGET: &str = "UPDATE session SET opened_at_us = NULL, ended_at_us = NULL;
        UPDATE participant SET removed_at_us = NULL;
        UPDATE recording SET ended_at_us = NULL, state = 'starting';";
    const TOLD: &str = "SELECT 'opened' AS what, opened_at_us FROM session
        UNION ALL SELECT 'ended', ended_at_us FROM session
        UNION ALL SELECT 'removed ' || display_name, removed_at_us FROM participant
        UNION ALL SELECT 'recording ' || state, ended_at_us FROM recording
        ORDER BY 1";

    if province.database.url.is_empty() {
        let file = province.folder.path().join("diemcau.db");
        let url = format!("sqlite://{}", file.display());
        let mut tool = sqlx::SqliteConnection::connect(&url).await.unwrap();
        if forget {
            sqlx::raw_sql(FORGET).execute(&mut tool).await.unwrap();
        }
        let rows = sqlx::query_as(TOLD).fetch_all(&mut tool).await;
        rows.unwrap()
    } else {
        let url = &province.database.url;
        let mut tool = sqlx::PgConnection::connect(url).await.unwrap();
        if forget {
            sqlx::raw_sql(FORGET).execute(&mut tool).await.unwrap();
        }
        let rows = sqlx::query_as(TOLD).fetch_all(&mut tool).await;
        rows.unwrap()
    }
}

#[tokio::test]
async fn what_other_tables_tell_of_a_room_is_made_again_from_its_journal() {
    for province in Province::everywhere().await {
        play(&province).await;
        let before = told(&province, false).await;
        let none: Vec<&str> = before
            .iter()
            .filter(|(_, at)| at.is_none())
            .map(|(what, _)| what.as_str())
            .collect();
        assert_eq!(none, ["removed Lan", "removed Minh"], "{before:?}");
        let forgotten = told(&province, true).await;
        assert!(forgotten.iter().all(|(_, at)| at.is_none()));

        let store = province.store().await;
        let mut tx = store.write().await.unwrap();
        for entry in journal::load(&mut tx, province.session).await.unwrap() {
            projection::project(&mut tx, province.session, &entry)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
        assert_eq!(told(&province, false).await, before);
    }
}
