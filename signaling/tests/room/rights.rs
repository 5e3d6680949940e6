//! Which part may ask for what, walked through a real room: every command that there is a fixture of, from every part.
//!
//! The table is `rights.txt`.

use std::fmt::Write as _;

use protocol::client::{ByeReason, Command, RefusalCode, SessionRole};
use serde_json::Value;

use crate::server::{Province, Server};

const TABLE: &str = include_str!("rights.txt");

const ROLES: [(SessionRole, &str); 5] = [
    (SessionRole::Chair, "chair"),
    (SessionRole::Secretary, "secretary"),
    (SessionRole::Point, "point"),
    (SessionRole::Presenter, "presenter"),
    (SessionRole::Viewer, "viewer"),
];

/// The commands of the fixtures by their names, what ends a stay or the session last.
fn commands() -> Vec<(String, Value)> {
    let folder = format!("{}/protocol/fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path
                .file_stem()?
                .to_str()?
                .strip_prefix("client.command.")?;
            let frame: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            Some((name.to_owned(), frame["command"].clone()))
        })
        .collect();
    found.sort_by_key(|(name, _)| (name == "end_session", name == "leave", name.clone()));
    found
}

#[tokio::test]
async fn every_command_is_refused_to_the_parts_that_the_table_says_and_to_no_other() {
    let commands = commands();
    let mut columns = Vec::new();
    for (role, _) in ROLES {
        columns.push(answers(role, &commands).await);
    }
    let mut told = format!("{:<27}", "# yes: the part may ask");
    for (_, name) in ROLES {
        write!(told, "{name:<12}").unwrap();
    }
    told = told.trim_end().to_owned() + "\n";
    for (row, (name, _)) in commands.iter().enumerate() {
        write!(told, "{name:<27}").unwrap();
        for column in &columns {
            write!(told, "{:<12}", column[row]).unwrap();
        }
        told = told.trim_end().to_owned() + "\n";
    }
    assert_eq!(told, TABLE, "the room's answers are:\n{told}");
}

/// What a room answers one part, in the order of `commands`.
async fn answers(role: SessionRole, commands: &[(String, Value)]) -> Vec<&'static str> {
    let province = Province::new().await;
    let asking = province.token("Minh", role, None).await;
    let other = province.token("Lan", SessionRole::Presenter, None).await;
    let server = Server::of(&province).await;
    let lan = server.join(&other).await;
    let mut answers = Vec::new();
    for (name, command) in commands {
        let mut page = server.join(&asking).await;
        let mut command = command.clone();
        if let Some(whom) = command
            .get_mut("participant")
            .filter(|whom| whom.is_string())
        {
            // Who hands the chair to themselves keeps it for the rest of the table.
            let about = if name == "give_chair" { &page } else { &lan };
            *whom = Value::String(about.welcome.you.to_string());
        }
        let command: Command = serde_json::from_value(command).unwrap();
        if name == "leave" {
            let id = page.welcome.last_command_id + 1;
            page.send(id, command).await;
            let left = page.bye().await == ByeReason::Left;
            answers.push(if left { "yes" } else { "kept" });
            continue;
        }
        answers.push(match page.ask(command).await {
            Err(RefusalCode::NotChair) => "not_chair",
            Err(RefusalCode::NotAllowed) => "not_allowed",
            Err(_) | Ok(()) => "yes",
        });
    }
    server.stop().await;
    answers
}
