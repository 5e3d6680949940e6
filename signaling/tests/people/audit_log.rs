//! The audit log as people read it: searched, paged through, exported, checked; and what its actions are called.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use office_core::deeds;
use protocol::api::{AuditAction, AuditChain, AuditFault, AuditLine, Page};
use serde_json::{Value, json};
use signaling::platform::audit::{self, Line};
use signaling::platform::clock::start_of;

use crate::support::{Browser, HOUR_US, Server, date, problem, stores};

const LOG: &str = "/api/v1/audit-log";

/// A server on each database.
async fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        servers.push(Server::start_in(test.folder, test.database, |_| {}).await);
    }
    servers
}

/// Writes a line past the routes.
async fn write(server: &Server, action: &str, resource: &str, at: protocol::UtcMicros) {
    let mut tx = server.store.write().await.unwrap();
    let line = Line {
        actor: "system",
        action,
        resource,
        before: None,
        after: Some(json!({ "reason": "clock" })),
    };
    audit::append(&mut tx, line, at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn read(browser: &Browser, query: &str) -> Vec<AuditLine> {
    let page: Page<AuditLine> = browser.read(&format!("{LOG}{query}")).await;
    page.items
}

#[tokio::test]
async fn log_is_found_by_person_thing_action_and_day_and_names_them() {
    for server in servers().await {
        let _school = server.signed_in("thanhvien").await;
        let chief = server.signed_in("chutri").await;
        let last_second = start_of(&date("2026-11-02")).unwrap().plus_us(-1);
        write(&server, "end_session", "session:GB-01", last_second).await;

        // Whoever did it, with and without marks, by part of the name or by login.
        for who in ["nguyễn thị yến", "NGUYEN%20THI%20Y", "thanhvien"] {
            let found = read(&chief, &format!("?who={who}")).await;
            assert_eq!(found.len(), 1, "{who}");
            assert_eq!(found[0].action, "sign_in");
            assert_eq!(found[0].actor.name.as_deref(), Some("Nguyễn Thị Yến"));
            assert_eq!(found[0].actor.login.as_deref(), Some("thanhvien"));
        }
        // What it was done to, by title and by code.
        for thing in ["giao ban", "GB-01", "gb-0"] {
            let found = read(&chief, &format!("?thing={thing}")).await;
            assert_eq!(found.len(), 1, "{thing}");
            assert_eq!(found[0].thing.name.as_deref(), Some("Họp giao ban"));
            assert_eq!(found[0].thing.code.as_deref(), Some("GB-01"));
            assert_eq!(found[0].actor.kind, "system");
        }
        assert_eq!(read(&chief, "?action=sign_in").await.len(), 2);
        // A wildcard is a letter like any other.
        assert!(read(&chief, "?who=%25").await.is_empty());
        assert!(read(&chief, "?thing=_").await.is_empty());
        // The last day is inside, to its last microsecond, in Viet Nam's days.
        for (span, found) in [
            ("from=2026-11-01&to=2026-11-01", 1),
            ("from=2026-11-02&to=2026-11-02", 0),
            ("to=2026-10-31", 0),
        ] {
            let lines = read(&chief, &format!("?thing=GB-01&{span}")).await;
            assert_eq!(lines.len(), found, "{span}");
        }
        for query in ["from=01/11/2026", "to=2026-02-30", "cursor=x", "who=%00"] {
            let answer = chief.get(&format!("{LOG}?{query}")).await;
            assert_eq!(
                problem(answer, 400).await.code,
                "malformed_query",
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn pages_hold_each_line_once_the_newest_first_though_all_are_of_one_moment() {
    for server in servers().await {
        let now = server.clock.now();
        for number in 0..120 {
            write(
                &server,
                "lapse_session",
                &format!("session:X-{number}"),
                now,
            )
            .await;
        }
        let chief = server.signed_in("chutri").await;
        let (mut seen, mut next) = (Vec::new(), Some(String::new()));
        while let Some(cursor) = next {
            let at = match cursor.as_str() {
                "" => String::new(),
                cursor => format!("&cursor={cursor}"),
            };
            let page: Page<AuditLine> =
                chief.read(&format!("{LOG}?action=lapse_session{at}")).await;
            assert!(page.items.len() <= 50);
            seen.extend(page.items.into_iter().map(|line| line.seq));
            next = page.next;
        }
        assert_eq!(seen, (1..=120).rev().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn reading_is_noted_once_an_hour_and_every_export_and_check_is() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let count = async |action: &str| {
            let lines = audit::last(&mut server.store.read().await.unwrap(), 100).await;
            let lines = lines.unwrap().into_iter();
            lines.filter(|line| line.action == action).count()
        };
        read(&chief, "").await;
        read(&chief, "?who=chutri").await;
        assert_eq!(count("read_audit").await, 1);
        server.clock.advance(HOUR_US + 1);
        read(&chief, "").await;
        assert_eq!(count("read_audit").await, 2);
        for _ in 0..2 {
            assert_eq!(chief.get(&format!("{LOG}/file")).await.status(), 200);
        }
        assert_eq!(count("export_audit").await, 2);
        let answer = chief.post(&format!("{LOG}/check"), &Value::Null).await;
        let chain: AuditChain = answer.json().await.unwrap();
        assert_eq!(chain.faults, Vec::<AuditFault>::new());
        assert_eq!(count("check_audit").await, 1);
        assert!(chain.lines >= 5, "{chain:?}");
        let found: Page<AuditAction> = chief.read(&format!("{LOG}/actions")).await;
        assert!(found.items.iter().any(|action| action.vi == "Xuất nhật ký"));
    }
}

#[tokio::test]
async fn export_is_what_excel_opens_and_calculates_nothing_of_it() {
    for server in servers().await {
        let now = start_of(&date("2026-11-02")).unwrap();
        write(&server, "lapse_session", "=cmd|'/c calc'!A1", now).await;
        for number in 0..1_100 {
            write(&server, "end_session", &format!("session:X-{number}"), now).await;
        }
        let chief = server.signed_in("chutri").await;
        let answer = chief.get(&format!("{LOG}/file?to=2026-11-02")).await;
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(kind, "text/csv; charset=utf-8");
        let bytes = answer.bytes().await.unwrap();
        assert!(
            bytes.starts_with(b"\xef\xbb\xbf"),
            "Excel reads it as UTF-8"
        );
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.len(),
            1 + 1_101,
            "a head, and every line that is asked for"
        );
        assert!(lines[0].contains("Số dòng,Lúc,Ai"), "{}", lines[0]);
        assert!(lines[1].starts_with("1101,02/11/2026 00:00:00,Hệ thống,,Kết thúc phiên,"));
        let last = lines.last().unwrap();
        assert!(last.contains("\"'=cmd|'/c calc'!A1\""), "{last}");
        let english = chief
            .get(&format!("{LOG}/file?to=2026-11-02&lang=en"))
            .await;
        let english = english.text().await.unwrap();
        assert!(english.contains("Line,At,Who") && english.contains("The server,,End a session"));
    }
}

/// The names under which something is written into the log, as the sources have them.
fn names_in_sources() -> BTreeSet<String> {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    let mut files = Vec::new();
    for folder in ["src", "core/src/rules"] {
        gather(&server.join(folder), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        // A permit's note under a name of its own, a line written by hand, a choice of names, and the rules of rooms.
        for (begin, end) in [
            ("note_as(", ";"),
            ("note(tx, permit, ", ","),
            ("action: ", ","),
            ("let action = ", ";"),
            ("fn action(", "\n    }\n"),
        ] {
            for found in code.split(begin).skip(1) {
                let part = found.split(end).next().unwrap();
                let quoted = part.split('"').skip(1).step_by(2);
                names.extend(quoted.filter(|word| is_name(word)).map(str::to_owned));
            }
        }
    }
    names
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn everything_that_is_written_into_the_log_has_words() {
    let names = names_in_sources();
    for known in [
        "sign_in",
        "create_token",
        "revoke_link",
        "add_account",
        "grant_floor",
        "lock_all",
        "lower_hand",
    ] {
        assert!(names.contains(known), "{known} is found: {names:?}");
    }
    let silent: Vec<_> = names
        .iter()
        .filter(|name| deeds::of(name).is_none())
        .collect();
    assert!(
        silent.is_empty(),
        "give them words in office/src/deeds.rs: {silent:?}"
    );
}
