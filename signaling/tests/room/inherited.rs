//! A data folder that an earlier release left behind when it was killed: what is in it is taken over.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use protocol::client::{
    Command, ConnectionState, FloorCommand, MicrophoneCommand, RecordingState, RosterCommand,
    SessionCommand,
};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use signaling::platform::config::Database;
use tempfile::TempDir;

use crate::server::Server;

/// The data folders of earlier releases; `tests/data_folder/make.mjs` makes them.
fn archives() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data_folder");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "gz"))
        .collect();
    found.sort();
    found
}

/// A data folder, unpacked, and what its maker wrote about it.
fn unpack(archive: &Path) -> (TempDir, Value) {
    let folder = TempDir::new().unwrap();
    let status = Process::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    let about = std::fs::read(folder.path().join("about.json")).unwrap();
    (folder, serde_json::from_slice(&about).unwrap())
}

/// Somebody who signed in: the cookie.
async fn sign_in(server: &Server, about: &Value) -> String {
    let answer = server
        .client
        .post(server.url("/api/v1/sign-in"))
        .header(ORIGIN, server.url(""))
        .json(&json!({ "login": about["chair"], "password": about["password"] }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "the old password works");
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn earlier_releases_leave_accounts_rooms_and_films_to_this_one() {
    let archives = archives();
    assert!(!archives.is_empty());
    for archive in archives {
        let (folder, about) = unpack(&archive);
        let server = Server::start_with(Database::default(), folder.path(), |config| {
            // The sessions of the archive are planned for a day that has not come.
            config.sessions.early_minutes = 10_000_000;
        })
        .await;
        let cookie = sign_in(&server, &about).await;
        film_is_there(&server, &cookie, about["recorded"].as_str().unwrap()).await;
        room_goes_on(&server, &cookie, about["running"].as_str().unwrap()).await;
        server.stop().await;
    }
}

async fn film_is_there(server: &Server, cookie: &str, session: &str) {
    let get = async |path: &str| {
        let request = server.client.get(server.url(&format!("/api/v1{path}")));
        request.header(COOKIE, cookie).send().await.unwrap()
    };
    let answer = get(&format!("/sessions/{session}/recordings")).await;
    let list: Value = answer.json().await.unwrap();
    let recording = &list["items"].as_array().or(list.as_array()).unwrap()[0];
    assert_eq!(recording["state"], "ready", "{list}");
    let id = recording["id"].as_str().unwrap();
    let film = get(&format!("/recordings/{id}/media")).await;
    assert_eq!(film.status(), 200);
    let bytes = film.bytes().await.unwrap();
    assert_eq!(&bytes[4..8], b"ftyp", "an MP4");
}

async fn room_goes_on(server: &Server, cookie: &str, session: &str) {
    let headers = [("cookie", cookie.to_owned()), ("origin", server.url(""))];
    let raw = server.dial(session, &headers).await.unwrap();
    let mut lan = Server::greet(raw, None).await.expect("a welcome");
    let room = lan.welcome.state.clone().unwrap();
    let named = |name: &str| {
        let found = room.participants.iter().find(|p| p.name == name);
        found.unwrap_or_else(|| panic!("{name} has a seat"))
    };
    let (minh, tu) = (named("THPT Quế Phong"), named("THPT Con Cuông"));
    assert_eq!(minh.connection, ConnectionState::Reconnecting);
    assert_eq!(room.floor, Some(minh.id));
    assert!(minh.microphone.is_open(), "who had the floor has it");
    assert_eq!(room.hands.len(), 1);
    assert_eq!(room.hands[0].participant, tu.id);
    assert_eq!(room.broadcast, Some(tu.id));
    assert!(tu.microphone.locked && tu.microphone.on);
    assert_eq!(room.recording, RecordingState::Off);
    let said: Vec<&str> = room.chat.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(said, ["Chào các đồng chí.", "Nghe rõ."]);
    let removed: Vec<&str> = room.removed.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(removed, ["Khách lạ"]);

    lan.ask(Command::Floor(FloorCommand::ReleaseFloor))
        .await
        .unwrap();
    lan.ask(Command::Microphone(MicrophoneCommand::SetLock {
        participant: tu.id,
        locked: false,
    }))
    .await
    .unwrap();
    lan.ask(Command::Roster(RosterCommand::Readmit {
        participant: room.removed[0].participant,
    }))
    .await
    .unwrap();
    lan.ask(Command::Session(SessionCommand::EndSession))
        .await
        .unwrap();
}
