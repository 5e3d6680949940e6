//! The runner of jobs, with a script in place of the composer.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use protocol::RecordingId;
use protocol::api::{Recording, RecordingFailure, RecordingStage};
use signaling::jobs::queue;
use signaling::live::captures::{COMPOSE, Captured};
use tempfile::TempDir;

use crate::recordings::{archived, count_by_hand};
use crate::support::{Browser, HOUR_US, MINUTE_US, Server, eventually, take_job};

/// A script that is called as the composer is: `compose --recording FOLDER --output FILE`.
fn script(folder: &TempDir, body: &str) -> PathBuf {
    let file = folder.path().join("composer.sh");
    let text = format!("#!/bin/sh\nfolder=$3\noutput=$5\n{body}\n");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file
}

async fn server_with(composer: &Path) -> Server {
    server_trying(composer, 1).await
}

async fn server_trying(composer: &Path, max_attempts: u32) -> Server {
    let composer = composer.to_path_buf();
    Server::start_with(|config| {
        config.jobs.executable = Some(composer);
        config.jobs.parallel = 2;
        config.jobs.lease_seconds = 2;
        config.jobs.poll_ms = 20;
        config.jobs.max_attempts = max_attempts;
    })
    .await
}

async fn enqueue(server: &Server, id: RecordingId) {
    std::fs::create_dir_all(server.folder.path().join(format!("recordings/{id}"))).unwrap();
    let mut tx = server.store.write().await.unwrap();
    queue::enqueue(
        &mut tx,
        COMPOSE,
        &Captured { recording: id }.stored(),
        server.clock.now(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn look(browser: &Browser, id: RecordingId) -> Recording {
    browser.read(&format!("/api/v1/recordings/{id}")).await
}

/// A recording whose film is to be made, and somebody who looks at it.
async fn film_wanted(server: &Server) -> (Browser, RecordingId) {
    let browser = server.signed_in("chutri").await;
    let id = archived(server).await;
    enqueue(server, id).await;
    (browser, id)
}

async fn reaches(browser: &Browser, id: RecordingId, stage: RecordingStage) {
    eventually(&format!("{stage:?}"), async || {
        look(browser, id).await.state == stage
    })
    .await;
}

#[tokio::test]
async fn film_is_made_with_progress_and_published_when_whole() {
    let scripts = tempfile::tempdir().unwrap();
    let go = scripts.path().join("go");
    let composer = script(
        &scripts,
        &format!(
            "echo '{{\"progress_percent\": 40}}'\nwhile [ ! -e {} ]; do sleep 0.05; done\nprintf film > \"$output\"",
            go.display()
        ),
    );
    let server = server_with(&composer).await;
    let (browser, id) = film_wanted(&server).await;
    eventually("the progress is seen", async || {
        let recording = look(&browser, id).await;
        recording.state == RecordingStage::Composing && recording.progress_percent == 40
    })
    .await;
    assert_eq!(
        look(&browser, id).await.media_url,
        None,
        "half a film is not shown"
    );
    std::fs::write(&go, "").unwrap();
    reaches(&browser, id, RecordingStage::Ready).await;
    let path = look(&browser, id).await.media_url.unwrap();
    assert_eq!(browser.get(&path).await.text().await.unwrap(), "film");
}

#[tokio::test]
async fn lasting_failure_is_told_at_once_by_its_code_alone() {
    let scripts = tempfile::tempdir().unwrap();
    let starts = scripts.path().join("starts");
    let composer = script(
        &scripts,
        &format!(
            "echo start >> {}\necho \"{{\\\"failure\\\": \\\"no_media\\\"}}\"\n\
             echo \"cannot compose $folder\" >&2\nexit 1",
            starts.display()
        ),
    );
    let server = server_trying(&composer, 3).await;
    let (browser, id) = film_wanted(&server).await;
    reaches(&browser, id, RecordingStage::Failed).await;
    assert_eq!(
        look(&browser, id).await.failure,
        Some(RecordingFailure::NoMedia)
    );
    assert_eq!(std::fs::read_to_string(&starts).unwrap(), "start\n");
    let mut conn = server.store.read().await.unwrap();
    let pending = queue::progress(&mut conn, COMPOSE, &Captured { recording: id }.stored()).await;
    assert_eq!(pending.unwrap(), None, "it is not tried again");
}

/// Lets time pass until the film is there: a pause counts from when a runner has first seen it.
async fn film_after_a_pause(server: &Server, browser: &Browser, id: RecordingId) {
    eventually("the film is there", async || {
        server.clock.advance(MINUTE_US);
        look(browser, id).await.state == RecordingStage::Ready
    })
    .await;
}

#[tokio::test]
async fn passing_failure_is_told_and_tried_again() {
    let scripts = tempfile::tempdir().unwrap();
    let starts = scripts.path().join("starts");
    // Killed twice, then it has its way.
    let composer = script(
        &scripts,
        &format!(
            "echo start >> {0}\n[ $(wc -l < {0}) -gt 2 ] || kill -9 $$\n\
             echo '{{\"duration_us\": 4000000}}'\nprintf film > \"$output\"",
            starts.display()
        ),
    );
    let server = server_trying(&composer, 1).await;
    let (browser, id) = film_wanted(&server).await;
    eventually(
        "it waits for its third try, the second having come at once",
        async || {
            let recording = look(&browser, id).await;
            (recording.state, recording.failure)
                == (
                    RecordingStage::Archived,
                    Some(RecordingFailure::Interrupted),
                )
                && std::fs::read_to_string(&starts).unwrap().lines().count() == 2
        },
    )
    .await;
    film_after_a_pause(&server, &browser, id).await;
    let made = look(&browser, id).await;
    assert_eq!((made.failure, made.duration_us), (None, Some(4_000_000)));
}

#[tokio::test]
async fn holder_that_lost_its_lease_publishes_nothing() {
    let scripts = tempfile::tempdir().unwrap();
    let go = scripts.path().join("go");
    let composer = script(
        &scripts,
        &format!(
            "while [ ! -e {} ]; do sleep 0.05; done\nprintf old > \"$output\"",
            go.display()
        ),
    );
    let server = server_with(&composer).await;
    let (browser, id) = film_wanted(&server).await;
    reaches(&browser, id, RecordingStage::Composing).await;

    // As if this process had slept through its lease: another takes the job over.
    let mut tx = server.store.write().await.unwrap();
    let other = take_job(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    std::fs::write(&go, "").unwrap();

    let folder = server.folder.path().join(format!("recordings/{id}"));
    eventually("the leftover is removed", async || {
        std::fs::read_dir(&folder).unwrap().next().is_none()
    })
    .await;
    assert_eq!(
        look(&browser, id).await.state,
        RecordingStage::Composing,
        "the other is still at it"
    );
    let mut tx = server.store.write().await.unwrap();
    assert!(
        queue::finish(&mut tx, &other, server.clock.now())
            .await
            .unwrap(),
        "the other's lease holds"
    );
}

#[tokio::test]
async fn renewal_that_fails_costs_no_work_while_the_lease_stands() {
    let scripts = tempfile::tempdir().unwrap();
    let [go, worked, end] = ["go", "worked", "end"].map(|name| scripts.path().join(name));
    // Goes on for as long as four renewals are apart.
    let composer = script(
        &scripts,
        &format!(
            "while [ ! -e {} ]; do sleep 0.05; done\nsleep 2\necho > {}\n\
             while [ ! -e {} ]; do sleep 0.05; done\nprintf film > \"$output\"",
            go.display(),
            worked.display(),
            end.display()
        ),
    );
    // The lease stands as long as the test's clock does.
    let server = server_with(&composer).await;
    let (browser, id) = film_wanted(&server).await;
    reaches(&browser, id, RecordingStage::Composing).await;
    let rename = async |from: &str, to: &str| {
        let statement = format!("ALTER TABLE job RENAME COLUMN {from} TO {to}");
        count_by_hand(&server, &statement).await
    };
    rename("progress_percent", "elsewhere").await;
    std::fs::write(&go, "").unwrap();
    eventually("the child lives on", async || worked.exists()).await;
    rename("elsewhere", "progress_percent").await;
    std::fs::write(&end, "").unwrap();
    reaches(&browser, id, RecordingStage::Ready).await;
}

#[tokio::test]
async fn job_of_a_kind_that_a_newer_server_knows_is_left_to_it() {
    let scripts = tempfile::tempdir().unwrap();
    let composer = script(&scripts, "printf film > \"$output\"");
    let server = server_with(&composer).await;
    let mut tx = server.store.write().await.unwrap();
    let now = server.clock.now();
    let theirs = queue::enqueue(&mut tx, "translate", "{}", now).await;
    let theirs = theirs.unwrap();
    tx.commit().await.unwrap();
    let (browser, id) = film_wanted(&server).await;
    reaches(&browser, id, RecordingStage::Ready).await;
    let mut conn = server.store.read().await.unwrap();
    let pending = queue::pending(&mut conn).await.unwrap();
    let theirs = pending.iter().find(|job| job.id == theirs).unwrap();
    assert_eq!((theirs.is_held, theirs.revision), (false, 0), "untouched");
}

/// So long that no busy machine renews it late.
const LEASE_S: u64 = 20;

#[tokio::test]
async fn silent_child_is_not_taken_over_while_its_runner_lives_however_the_clock_is_set() {
    let scripts = tempfile::tempdir().unwrap();
    let (starts, go) = (scripts.path().join("starts"), scripts.path().join("go"));
    // Longer than the first lease, and without a word.
    let composer = script(
        &scripts,
        &format!(
            "echo start >> {}\nwhile [ ! -e {} ]; do sleep 0.05; done\nprintf film > \"$output\"",
            starts.display(),
            go.display()
        ),
    );
    let server = Server::start_with(|config| {
        config.jobs.executable = Some(composer);
        config.jobs.parallel = 2;
        config.jobs.lease_seconds = LEASE_S;
        config.jobs.poll_ms = 20;
    })
    .await;
    let (browser, id) = film_wanted(&server).await;
    reaches(&browser, id, RecordingStage::Composing).await;
    for step_us in [HOUR_US, -3 * HOUR_US] {
        server.clock.set(step_us);
        let before = revision(&server).await;
        eventually("the lease is renewed", async || {
            revision(&server).await > before
        })
        .await;
    }
    std::fs::write(&go, "").unwrap();
    reaches(&browser, id, RecordingStage::Ready).await;
    assert_eq!(std::fs::read_to_string(&starts).unwrap(), "start\n");
}

/// How often the only job there is has changed.
async fn revision(server: &Server) -> i64 {
    let mut conn = server.store.read().await.unwrap();
    queue::pending(&mut conn).await.unwrap()[0].revision
}

#[tokio::test]
async fn film_that_failed_is_tried_again_after_its_pause_also_when_the_clock_is_set_back() {
    let scripts = tempfile::tempdir().unwrap();
    let starts = scripts.path().join("starts");
    let composer = script(
        &scripts,
        &format!(
            "echo start >> {0}\n[ $(wc -l < {0}) -gt 2 ] || kill -9 $$\nprintf film > \"$output\"",
            starts.display()
        ),
    );
    let server = server_with(&composer).await;
    let (browser, id) = film_wanted(&server).await;
    eventually("it waits for its third try", async || {
        std::fs::read_to_string(&starts).is_ok_and(|starts| starts.lines().count() == 2)
            && look(&browser, id).await.state == RecordingStage::Archived
    })
    .await;
    server.clock.set(-HOUR_US);
    film_after_a_pause(&server, &browser, id).await;
}

#[tokio::test]
async fn child_of_a_lost_lease_is_ended() {
    let scripts = tempfile::tempdir().unwrap();
    let pid_file = scripts.path().join("pid");
    let composer = script(
        &scripts,
        &format!("echo $$ > {}\nexec sleep 600", pid_file.display()),
    );
    let server = server_with(&composer).await;
    let id = archived(&server).await;
    enqueue(&server, id).await;
    eventually("the child runs", async || is_alive(&pid_file)).await;
    let mut tx = server.store.write().await.unwrap();
    let other = take_job(&mut tx).await;
    tx.commit().await.unwrap();
    assert!(other.is_some());
    eventually("the child is gone", async || !is_alive(&pid_file)).await;
}

/// Whether the process runs whose id a script wrote into a file.
fn is_alive(pid_file: &Path) -> bool {
    let pid = std::fs::read_to_string(pid_file).unwrap_or_default();
    let pid = pid.trim();
    // A process that ended but was not waited for has no open files.
    !pid.is_empty()
        && Path::new("/proc")
            .join(pid)
            .join("fd")
            .read_dir()
            .is_ok_and(|mut files| files.next().is_some())
}

#[tokio::test]
async fn stopping_server_ends_the_child_and_gives_the_job_back() {
    let scripts = tempfile::tempdir().unwrap();
    let pid_file = scripts.path().join("pid");
    let composer = script(
        &scripts,
        &format!("echo $$ > {}\nexec sleep 600", pid_file.display()),
    );
    let mut server = server_with(&composer).await;
    let id = archived(&server).await;
    enqueue(&server, id).await;
    eventually("the child runs", async || is_alive(&pid_file)).await;
    server.stop();
    eventually("the child is gone", async || !is_alive(&pid_file)).await;
    let database = server.running.state.config.database.clone();
    let store = signaling::Store::open(&database, server.folder.path())
        .await
        .unwrap();
    // The server writes that down when the child is gone.
    eventually("the job is given back", async || {
        let mut tx = store.write().await.unwrap();
        let again = take_job(&mut tx).await;
        again.is_some_and(|job| job.attempts == 1)
    })
    .await;
}
