//! Copies of everything: taken while people work, refused when they are not whole, put back where nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use protocol::api::{BackupTrouble, Backups, Page, Session};
use serde_json::Value;
use signaling::platform::audit::{self, Head};
use signaling::platform::config::Database;
use signaling::system::backup::{self, Flaw, Made, Source};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::recordings::{film, filmed};
use crate::support::{Browser, PASSWORD, Server, eventually, problem, serve};

/// A copy of what a server has, in a folder of its own.
async fn copy_of(server: &Server, database: &Database, into: &Path) -> anyhow::Result<Made> {
    let source = Source {
        store: &server.store,
        database,
        data_dir: server.folder.path(),
    };
    let stop = CancellationToken::new();
    backup::take(source, into, server.clock.now(), &stop, |_| ()).await
}

async fn check(copy: &Path) -> Result<backup::Manifest, Flaw> {
    backup::check(copy, &CancellationToken::new()).await
}

#[tokio::test]
async fn copy_taken_under_load_opens_again_elsewhere_with_its_people_film_keys_and_log() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), Database::default(), |_| {}).await;
    let id = filmed(&server).await;
    let chief = server.signed_in("chutri").await;
    let into = TempDir::new().unwrap();
    // Signs in and out, over and over, while the copy is taken.
    let load = async {
        for _ in 0..20 {
            let browser = server.signed_in("thanhvien").await;
            browser.post("/api/v1/sign-out", &Value::Null).await;
        }
    };
    let sqlite = Database::default();
    let (made, ()) = tokio::join!(copy_of(&server, &sqlite, into.path()), load);
    let made = made.unwrap();
    let manifest = check(&made.folder).await.unwrap();
    assert_eq!(manifest, made.manifest);
    assert_eq!(manifest.facts.counts.account, 6);
    let later = audit::newest(&mut server.store.read().await.unwrap()).await;
    let copied: Head = manifest.facts.audit_head.clone().unwrap().parse().unwrap();
    assert!(copied.seq <= later.unwrap().unwrap().seq);

    let clean = TempDir::new().unwrap();
    let now = server.clock.now();
    let ended = backup::restore(&made.folder, &manifest, &sqlite, clean.path(), now).await;
    assert!(ended.unwrap() >= 1, "who was signed in is no longer");
    let (running, _parts) = serve(sqlite.clone(), clean.path()).await;
    let same_name = fs::read(clean.path().join("tls/ca.crt")).unwrap();
    assert_eq!(
        fs::read(server.folder.path().join("tls/ca.crt")).unwrap(),
        same_name
    );
    let browser = Browser::new(clean.path(), running.address);
    assert_eq!(browser.sign_in("chutri", PASSWORD).await.status(), 200);
    let film_again = browser.get(&format!("/api/v1/recordings/{id}/media")).await;
    assert_eq!(film_again.status(), 200);
    assert_eq!(film_again.bytes().await.unwrap(), film());
    let sessions: Page<Session> = browser.read("/api/v1/sessions").await;
    assert_eq!(sessions.items[0].code, "GB-01");
    let store = &running.state.store;
    let head = Head::read(clean.path()).unwrap();
    assert!(head.unwrap().seq >= copied.seq);
    let verdict = audit::verify(&mut store.read().await.unwrap(), head).await;
    let verdict = verdict.unwrap();
    assert!(verdict.is_intact(), "{verdict:?}");
    let lines = audit::last(&mut store.read().await.unwrap(), 10)
        .await
        .unwrap();
    assert!(lines.iter().any(|line| line.action == "restore_backup"));
    // The server that it was taken of goes on.
    let _: Page<Session> = chief.read("/api/v1/sessions").await;
}

#[tokio::test]
async fn copy_that_is_damaged_foreign_or_incomplete_is_refused_by_what_is_wrong() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), Database::default(), |_| {}).await;
    filmed(&server).await;
    let into = TempDir::new().unwrap();
    let sqlite = Database::default();
    let made = copy_of(&server, &sqlite, into.path()).await.unwrap();
    let at = |path: &str| made.folder.join(path);
    assert_eq!(check(into.path()).await, Err(Flaw::NoArchive));

    let key = fs::read(at("files/tls/ca.key")).unwrap();
    fs::remove_file(at("files/tls/ca.key")).unwrap();
    let missing = Flaw::Missing("files/tls/ca.key".to_owned());
    assert_eq!(check(&made.folder).await, Err(missing));
    std::os::unix::fs::symlink("/etc/hostname", at("files/tls/ca.key")).unwrap();
    let foreign = Flaw::Foreign("files/tls/ca.key".to_owned());
    assert_eq!(check(&made.folder).await, Err(foreign));
    fs::remove_file(at("files/tls/ca.key")).unwrap();
    fs::write(at("files/tls/ca.key"), key).unwrap();

    fs::write(at("files/more"), "x").unwrap();
    let more = Flaw::Foreign("files/more".to_owned());
    assert_eq!(check(&made.folder).await, Err(more));
    fs::remove_file(at("files/more")).unwrap();

    // One bit of the database.
    let file = at("database/diemcau.db");
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let changed = Flaw::Changed("database/diemcau.db".to_owned());
    assert_eq!(check(&made.folder).await, Err(changed));
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(check(&made.folder).await.is_err(), "cut short");
    fs::write(&file, whole).unwrap();
    check(&made.folder).await.unwrap();

    // Where something is, nothing is put back, and what is there stays.
    let taken = TempDir::new().unwrap();
    fs::write(taken.path().join("diemcau.db"), "mine").unwrap();
    let manifest = made.manifest.clone();
    let refused = backup::restore(
        &made.folder,
        &manifest,
        &sqlite,
        taken.path(),
        server.clock.now(),
    )
    .await;
    assert!(refused.unwrap_err().to_string().contains("not empty"));
    assert_eq!(fs::read(taken.path().join("diemcau.db")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(taken.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn copy_of_a_log_that_was_cut_is_not_called_good_and_leaves_nothing_behind() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), Database::default(), |_| {}).await;
    server.signed_in("chutri").await;
    server.signed_in("chutri").await;
    eventually("the head is written down", async || {
        Head::read(server.folder.path())
            .unwrap()
            .is_some_and(|head| head.seq == 2)
    })
    .await;
    let file = server.folder.path().join("diemcau.db");
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!(
        "sqlite:{}",
        file.display()
    ))
    .await
    .unwrap();
    for statement in [
        "DROP TRIGGER audit_log_no_delete",
        "DELETE FROM audit_log WHERE seq = 2",
    ] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let into = TempDir::new().unwrap();
    let made = copy_of(&server, &Database::default(), into.path()).await;
    assert_eq!(made.unwrap_err().downcast_ref::<Flaw>(), Some(&Flaw::Audit));
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn restore_that_was_killed_is_done_again_from_the_beginning() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), Database::default(), |_| {}).await;
    filmed(&server).await;
    let into = TempDir::new().unwrap();
    let sqlite = Database::default();
    let made = copy_of(&server, &sqlite, into.path()).await.unwrap();
    let data = TempDir::new().unwrap();
    fs::write(data.path().join("restoring"), "").unwrap();
    fs::write(data.path().join("half"), "x").unwrap();
    fs::create_dir_all(data.path().join("recordings/half")).unwrap();
    assert!(backup::is_empty(data.path()).unwrap());
    let now = server.clock.now();
    backup::restore(&made.folder, &made.manifest, &sqlite, data.path(), now)
        .await
        .unwrap();
    assert!(!data.path().join("half").exists() && !data.path().join("restoring").exists());
    assert!(!backup::is_empty(data.path()).unwrap());
    // What was taken away later is known to the folder that it was taken of.
    let mut tx = server.store.write().await.unwrap();
    let account = signaling::access::accounts::by_login(&mut tx, "nguoila")
        .await
        .unwrap()
        .unwrap();
    let later = now.plus_us(1_000_000);
    signaling::access::accounts::disable(&mut tx, account.id, later)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let since = made.manifest.made_at_us;
    let gone = backup::revoked_since(&sqlite, server.folder.path(), since)
        .await
        .unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].kind.as_str(), gone[0].name.as_str()),
        ("account", "nguoila")
    );
}

/// The copies in a folder.
fn copies(into: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(into)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn job_makes_copies_rotates_them_and_shows_the_first_that_fails() {
    let into = TempDir::new().unwrap();
    let place = into.path().join("copies");
    let folder = place.clone();
    let server = Server::start_in(
        tempfile::tempdir().unwrap(),
        Database::default(),
        |config| {
            config.backup.folder = Some(folder);
            config.backup.keep = 2;
            config.jobs.poll_ms = 20;
            config.jobs.max_attempts = 1;
        },
    )
    .await;
    filmed(&server).await;
    let chief = server.signed_in("chutri").await;
    let runs = async |count: usize| {
        eventually("the run is over", async || {
            let state: Backups = chief.read("/api/v1/backups").await;
            state.runs.len() == count && state.percent.is_none()
        })
        .await;
    };
    // The first is due at once: none was made last night.
    runs(1).await;
    for count in 2..=4 {
        server.clock.advance(2_000_000);
        let answer = chief.post("/api/v1/backups", &Value::Null).await;
        assert_eq!(answer.status(), 202);
        runs(count).await;
    }
    let state: Backups = chief.read("/api/v1/backups").await;
    assert!(
        state.runs.iter().all(|run| run.failure.is_none()),
        "{state:?}"
    );
    assert!(state.next_at_us.unwrap() > server.clock.now());
    let kept = copies(&place);
    assert_eq!(kept.len(), 2, "{kept:?}");
    check(&kept[0]).await.unwrap();
    check(&kept[1]).await.unwrap();
    // A film that has not changed lies there once.
    assert!(state.runs[0].new_bytes < state.runs[0].bytes);

    // The disk is gone: seen at once, and the good ones stay.
    fs::rename(&place, into.path().join("away")).unwrap();
    fs::write(&place, "no folder").unwrap();
    server.clock.advance(2_000_000);
    chief.post("/api/v1/backups", &Value::Null).await;
    runs(5).await;
    let state: Backups = chief.read("/api/v1/backups").await;
    assert!(state.runs[0].failure.is_some());
    assert_eq!(state.runs[0].trouble, Some(BackupTrouble::NoFolder));
    assert_eq!(state.last_good, Some(state.runs[1].clone()));
    assert_eq!(copies(&into.path().join("away")).len(), 2);
}

#[tokio::test]
async fn copy_is_refused_where_no_place_is_set() {
    let server = Server::start().await;
    let chief = server.signed_in("chutri").await;
    let answer = chief.post("/api/v1/backups", &Value::Null).await;
    assert_eq!(problem(answer, 409).await.code, "no_backup_folder");
    let state: Backups = chief.read("/api/v1/backups").await;
    assert_eq!((state.folder, state.next_at_us), (None, None));
}

/// A database beside the one that `database` is of, without tables.
async fn new_database(database: &Database) -> Database {
    use sqlx::Connection as _;

    let name = format!("restored_{}", uuid::Uuid::now_v7().simple());
    let mut admin = sqlx::PgConnection::connect(&database.url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut admin)
        .await
        .unwrap();
    let (server, options) = database.url.split_once('?').unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    Database {
        url: format!("{server}/{name}?{options}"),
        ..database.clone()
    }
}

#[tokio::test]
async fn database_of_postgres_is_copied_at_one_moment_counted_and_put_into_an_empty_one() {
    for test in crate::support::stores().await {
        if test.database.url.is_empty() {
            continue;
        }
        let database = test.database.clone();
        test.store.close().await;
        let server = Server::start_in(test.folder, test.database, |_| {}).await;
        filmed(&server).await;
        let into = TempDir::new().unwrap();
        let load = async {
            for _ in 0..5 {
                server.signed_in("thanhvien").await;
            }
        };
        let (made, ()) = tokio::join!(copy_of(&server, &database, into.path()), load);
        let made = made.unwrap();
        let manifest = check(&made.folder).await.unwrap();
        assert_eq!(manifest.facts.counts.account, 6);
        assert!(made.folder.join("database/diemcau.dump").exists());
        // Not over what is there.
        let clean = TempDir::new().unwrap();
        let now = server.clock.now();
        let over = backup::restore(&made.folder, &manifest, &database, clean.path(), now).await;
        assert!(over.unwrap_err().to_string().contains("not empty"));
        assert_eq!(fs::read_dir(clean.path()).unwrap().count(), 0);

        let empty = new_database(&database).await;
        backup::restore(&made.folder, &manifest, &empty, clean.path(), now)
            .await
            .unwrap();
        let (running, _parts) = serve(empty, clean.path()).await;
        let browser = Browser::new(clean.path(), running.address);
        assert_eq!(browser.sign_in("chutri", PASSWORD).await.status(), 200);
        let head = Head::read(clean.path()).unwrap();
        let store = &running.state.store;
        let verdict = audit::verify(&mut store.read().await.unwrap(), head).await;
        assert!(verdict.unwrap().is_intact());
    }
}
