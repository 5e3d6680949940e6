//! Runs what takes longer than a request: one child process per job, held by a lease.
//!
//! A runner claims a job, starts the child, reads its progress and renews the lease. The child writes beside the
//! final name; only the holder of the lease gives the file its name, in the transaction that ends the job, so two
//! runners never publish the same output. A child ends when its standard input closes, which it does when this
//! process dies.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use protocol::api::RecordingFailure;
use protocol::{JobId, RecordingId};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use signaling_core::Mono;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::AppState;
use crate::clock::days;
use crate::store::job::{Job, Pending};
use crate::store::{StoreResult, job, link_sample, media, replay, rights};

/// The kind of job that makes the MP4 of a recording.
pub const COMPOSE: &str = "compose";

/// How often a lease is renewed while it lasts, so that three renewals may fail.
const RENEWALS_PER_LEASE: u32 = 4;
/// Progress is written down when it has moved by so much, in percent.
const PROGRESS_STEP: u8 = 5;
/// The pauses before a failed job is tried again: the first try follows at once, the second after the first of these,
/// and so on, doubled each time up to the last.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(600));
/// How often a job is tried that fails of what passes by itself or by somebody's care, a full disk or a kill: two hours.
const PATIENT_ATTEMPTS: i64 = 16;
/// How much of what a child said last goes into the reason of its failure, in bytes.
const COMPLAINT_BYTES: usize = 2_000;
/// How often old measurements are deleted.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(3_600);

/// What a compose job is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
struct ComposePayload {
    recording: RecordingId,
}

/// The payload of the compose job of a recording.
#[must_use]
pub fn compose_payload(recording: RecordingId) -> String {
    serde_json::json!({ "recording": recording }).to_string()
}

/// Runs jobs one after another until `shutdown`; start as many as may run at the same time.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let mut runner = Runner {
        owner: format!("{}:{}", std::process::id(), Uuid::now_v7()),
        watch: Watch::default(),
        state,
        shutdown,
    };
    let poll = Duration::from_millis(runner.state.config.jobs.poll_ms.max(10));
    loop {
        let worked = match runner.work().await {
            Ok(worked) => worked,
            Err(error) => {
                tracing::error!(%error, "a job could not be carried on");
                false
            }
        };
        if runner.shutdown.is_cancelled() {
            return;
        }
        if !worked {
            tokio::select! {
                () = runner.shutdown.cancelled() => return,
                () = tokio::time::sleep(poll) => {}
            }
        }
    }
}

/// Deletes measurements that are too old, and forgets idle rate limits, until `shutdown`.
pub async fn keep_house(state: AppState, shutdown: CancellationToken) {
    loop {
        let kept = days(state.config.retention.link_sample_days);
        let before = state.clock.now().minus(kept);
        match delete_samples(&state, before).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted old measurements of links"),
            Err(error) => tracing::error!(%error, "old measurements of links cannot be deleted"),
        }
        state.sign_in_limits.forget_idle();
        state.media_places.forget_idle();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
        }
    }
}

async fn delete_samples(state: &AppState, before: protocol::UtcMicros) -> StoreResult<u64> {
    let mut tx = state.store.write().await?;
    let count = link_sample::delete_before(&mut tx, before).await?;
    rights::prune(&mut tx).await?;
    tx.commit().await?;
    Ok(count)
}

struct Runner {
    owner: String,
    watch: Watch,
    state: AppState,
    shutdown: CancellationToken,
}

/// Since when a runner has seen each job as it stands, by its own even clock.
#[derive(Debug, Default)]
struct Watch(HashMap<JobId, (Pending, Mono)>);

impl Watch {
    /// The jobs that have stood still for long enough: those that wait, for their pause; those that are held, for a lease.
    fn due(&mut self, pending: &[Pending], lease: Duration, now: Mono) -> Vec<Pending> {
        self.0 = pending
            .iter()
            .map(|job| {
                let since = match self.0.get(&job.id) {
                    Some((seen, since)) if seen == job => *since,
                    _ => now,
                };
                (job.id, (*job, since))
            })
            .collect();
        let is_due = |job: &&Pending| {
            let wait = Duration::from_micros(job.wait_us.max(0).unsigned_abs());
            now.since(self.0[&job.id].1) >= if job.is_held { lease } else { wait }
        };
        pending.iter().filter(is_due).copied().collect()
    }
}

/// Why a job came to nothing.
struct Trouble {
    failure: RecordingFailure,
    /// For the technician.
    cause: anyhow::Error,
}

impl Trouble {
    const fn new(failure: RecordingFailure, cause: anyhow::Error) -> Self {
        Self { failure, cause }
    }

    /// A reader of its own is told of a failure of the disk by its kind; of anything else, that it is unknown.
    fn of(cause: anyhow::Error) -> Self {
        let disk = cause.downcast_ref::<std::io::Error>();
        let failure = disk.map_or(RecordingFailure::Unknown, RecordingFailure::of_disk);
        Self { failure, cause }
    }

    /// How long to wait before the next try, the last one having had this number; `None` when there is none.
    fn retry_after(&self, attempts: i64, most: u32) -> Option<Duration> {
        let most = match self.failure {
            failure if failure.is_lasting() => return None,
            RecordingFailure::DiskFull | RecordingFailure::Interrupted => PATIENT_ATTEMPTS,
            _ => i64::from(most),
        };
        let (first, longest) = RETRY_AFTER;
        let pause = match attempts {
            ..=1 => Duration::ZERO,
            more => {
                let doublings = u32::try_from(more - 2).unwrap_or(u32::MAX).min(16);
                first.saturating_mul(1 << doublings).min(longest)
            }
        };
        (attempts < most).then_some(pause)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(cause: E) -> Self {
        Self::of(cause.into())
    }
}

/// How a child ended.
enum Outcome {
    /// It made its output, a film of so many microseconds if it said so.
    Made(Option<u64>),
    /// The server stops.
    Stopped,
    /// Another holds the lease.
    LeaseLost,
}

impl Runner {
    /// Does one job; false when none was due.
    async fn work(&mut self) -> anyhow::Result<bool> {
        let pending = job::pending(&mut self.state.store.read().await?).await?;
        let now = self.state.clock.mono();
        let due = self.watch.due(&pending, self.lease(), now);
        let Some(job) = self.claim_first(&due).await? else {
            return Ok(false);
        };
        tracing::info!(job = %job.id, kind = %job.kind, attempt = job.attempts, "job begins");
        let worked = match job.kind.as_str() {
            COMPOSE => self.compose(&job).await,
            other => Err(anyhow::anyhow!("no job of kind {other} is known").into()),
        };
        if let Err(trouble) = worked {
            self.failed(&job, &trouble).await?;
        }
        Ok(true)
    }

    async fn claim_first(&self, due: &[Pending]) -> StoreResult<Option<Job>> {
        for seen in due {
            let mut tx = self.state.store.write().await?;
            let claimed = job::claim(&mut tx, &self.owner, seen).await?;
            tx.commit().await?;
            if claimed.is_some() {
                return Ok(claimed);
            }
        }
        Ok(None)
    }

    async fn compose(&self, job: &Job) -> Result<(), Trouble> {
        let ComposePayload { recording } =
            serde_json::from_str(&job.payload).context("the payload is not understood")?;
        let mut tx = self.state.store.write().await?;
        if !replay::composing(&mut tx, recording).await? {
            let cause = anyhow::anyhow!("there is no such recording, or it is not finished");
            return Err(Trouble::new(RecordingFailure::FilesMissing, cause));
        }
        tx.commit().await?;
        let key = format!("recordings/{recording}/composite.mp4");
        let output = self.state.data_dir.join(&key);
        let folder = self
            .state
            .data_dir
            .join("recordings")
            .join(recording.to_string());
        let beside = folder.join(beside_name(job.fencing));
        remove_older(&folder, job.fencing).await;
        let result = self.compose_beside(job, &folder, &beside).await;
        let outcome = match result {
            Ok(Outcome::Made(duration_us)) => {
                let names = (key.as_str(), beside.as_path(), output.as_path());
                self.publish(job, recording, duration_us, names).await
            }
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(error),
        };
        if !matches!(outcome, Ok(Outcome::Made(_))) {
            discard(&beside).await;
        }
        match outcome? {
            Outcome::Made(_) => {
                self.state.metrics.count_job("done");
                tracing::info!(job = %job.id, %recording, "film made");
            }
            Outcome::Stopped => {
                let mut tx = self.state.store.write().await?;
                job::release(&mut tx, job).await?;
                tx.commit().await?;
            }
            Outcome::LeaseLost => {
                self.state.metrics.count_job("lease_lost");
                tracing::warn!(job = %job.id, "another runner holds this job; the work here is thrown away");
            }
        }
        Ok(())
    }

    /// Runs the child that makes the film, renewing the lease meanwhile.
    async fn compose_beside(
        &self,
        job: &Job,
        folder: &Path,
        output: &Path,
    ) -> Result<Outcome, Trouble> {
        let settings = &self.state.config.jobs;
        let executable = match &settings.executable {
            Some(executable) => executable.clone(),
            None => std::env::current_exe().context("the server's own executable is unknown")?,
        };
        let mut child = Command::new(&executable)
            .args(&settings.args)
            .arg("--recording")
            .arg(folder)
            .arg("--output")
            .arg(output)
            .args(settings.config_dir_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", executable.display()))?;
        let stdout = child.stdout.take().context("the child has no output")?;
        let complaint = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(last_words(stderr)));
        let mut lines = BufReader::new(stdout).lines();
        let mut renew = tokio::time::interval(self.lease() / RENEWALS_PER_LEASE);
        let mut said = Said::default();
        let mut told = 0_u8;
        loop {
            let mut due = false;
            tokio::select! {
                () = self.shutdown.cancelled() => {
                    kill(&mut child).await;
                    return Ok(Outcome::Stopped);
                }
                line = lines.next_line() => match line.context("the child's output cannot be read")? {
                    Some(line) => said.take(&line),
                    None => break,
                },
                _ = renew.tick() => due = true,
            }
            // A child that says much is not a reason to write much: whole steps, and the lease in any case.
            if due || said.progress().abs_diff(told) >= PROGRESS_STEP {
                if !self.renew(job, said.progress()).await? {
                    kill(&mut child).await;
                    return Ok(Outcome::LeaseLost);
                }
                told = said.progress();
            }
        }
        let status = loop {
            tokio::select! {
                () = self.shutdown.cancelled() => {
                    kill(&mut child).await;
                    return Ok(Outcome::Stopped);
                }
                status = child.wait() => break status.context("the child cannot be waited for")?,
                _ = renew.tick() => {
                    if !self.renew(job, said.progress()).await? {
                        kill(&mut child).await;
                        return Ok(Outcome::LeaseLost);
                    }
                }
            }
        };
        if status.success() {
            return Ok(Outcome::Made(said.duration_us));
        }
        let complaint = match complaint {
            Some(task) => task.await.unwrap_or_default(),
            None => String::new(),
        };
        let failure = said.failure.unwrap_or(if status.signal().is_some() {
            RecordingFailure::Interrupted
        } else {
            RecordingFailure::Unknown
        });
        let cause = anyhow::anyhow!("the composer ended with {status}: {}", complaint.trim());
        Err(Trouble::new(failure, cause))
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(self.state.config.jobs.lease_seconds.max(1))
    }

    async fn renew(&self, job: &Job, progress: u8) -> anyhow::Result<bool> {
        let mut tx = self.state.store.write().await?;
        let held = job::renew(&mut tx, job, progress).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Ends the job, gives the film its name and tells of it, all or nothing.
    async fn publish(
        &self,
        job: &Job,
        recording: RecordingId,
        duration_us: Option<u64>,
        (key, beside, output): (&str, &Path, &Path),
    ) -> Result<Outcome, Trouble> {
        let (bytes, sha256) = measure(beside.to_path_buf()).await?;
        let now = self.state.clock.now();
        let mut tx = self.state.store.write().await?;
        if !job::finish(&mut tx, job, now).await? {
            return Ok(Outcome::LeaseLost);
        }
        media::put_composite(&mut tx, recording, key, bytes, &sha256, now).await?;
        replay::ready(&mut tx, recording).await?;
        if let Some(duration_us) = duration_us {
            replay::lasts(&mut tx, recording, duration_us).await?;
        }
        tokio::fs::rename(beside, output)
            .await
            .with_context(|| format!("cannot write {}", output.display()))?;
        tx.commit().await?;
        Ok(Outcome::Made(duration_us))
    }

    /// Gives a failed job back for another try, or gives it up.
    async fn failed(&self, job: &Job, trouble: &Trouble) -> anyhow::Result<()> {
        let reason = format!("{:#}", trouble.cause);
        let failure = trouble.failure;
        tracing::error!(job = %job.id, attempt = job.attempts, ?failure, reason, "a job failed");
        let now = self.state.clock.now();
        let most = self.state.config.jobs.max_attempts;
        let wait_us = trouble.retry_after(job.attempts, most).map(micros);
        let mut tx = self.state.store.write().await?;
        let held = job::give_back(&mut tx, job, &reason, wait_us, now).await?;
        if held && let Ok(ComposePayload { recording }) = serde_json::from_str(&job.payload) {
            match wait_us {
                Some(_) => replay::waits(&mut tx, recording, failure).await?,
                None => replay::failed(&mut tx, recording, failure).await?,
            }
        }
        tx.commit().await?;
        self.state.metrics.count_job("failed");
        Ok(())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// What a child has said, in lines such as `{"progress_percent": 42}`; other lines say nothing.
#[derive(Debug, Default, PartialEq, Deserialize)]
struct Said {
    progress_percent: Option<f64>,
    duration_us: Option<u64>,
    failure: Option<RecordingFailure>,
}

impl Said {
    fn take(&mut self, line: &str) {
        let Ok(new) = serde_json::from_str::<Self>(line) else {
            return;
        };
        self.progress_percent = new.progress_percent.or(self.progress_percent);
        self.duration_us = new.duration_us.or(self.duration_us);
        self.failure = new.failure.or(self.failure);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100"
    )]
    fn progress(&self) -> u8 {
        self.progress_percent.unwrap_or(0.0).clamp(0.0, 100.0) as u8
    }
}

/// The name of a film that is being made by the holder with this number.
fn beside_name(fencing: i64) -> String {
    format!("composite.{fencing}.part.mp4")
}

/// Removes what earlier holders left behind when their server was killed: they cannot publish it any more.
async fn remove_older(folder: &Path, fencing: i64) {
    // A folder that cannot be read is the composer's to complain of.
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name();
        let older = (1..fencing).any(|older| *name == *beside_name(older));
        if older {
            discard(&entry.path()).await;
        }
    }
}

/// The end of what a child complains of.
async fn last_words(mut stderr: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0_u8; 4_096];
    while let Ok(count) = stderr.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..count]);
        let surplus = kept.len().saturating_sub(COMPLAINT_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

async fn kill(child: &mut Child) {
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "a child could not be ended");
    }
}

async fn discard(file: &Path) {
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, file = %file.display(), "a leftover cannot be removed");
        }
        _ => {}
    }
}

/// Size and SHA-256 of a file.
async fn measure(file: PathBuf) -> anyhow::Result<(i64, Vec<u8>)> {
    tokio::task::spawn_blocking(move || {
        use std::io::Read as _;

        let mut input = std::fs::File::open(&file)
            .with_context(|| format!("the composer left no {}", file.display()))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0_u8; 256 * 1024];
        let mut bytes = 0_i64;
        loop {
            let count = input.read(&mut buffer)?;
            if count == 0 {
                return Ok((bytes, hash.finalize().to_vec()));
            }
            hash.update(&buffer[..count]);
            bytes += i64::try_from(count)?;
        }
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_says_is_read_from_json_lines_and_nothing_else() {
        let mut said = Said::default();
        for (line, progress) in [
            (r#"{"progress_percent": 42}"#, 42),
            (r#"{"progress_percent": 43.7, "more": 1}"#, 43),
            ("frame= 12", 43),
            ("", 43),
            (r#"{"progress_percent": 250}"#, 100),
            (r#"{"duration_us": 5}"#, 100),
            (r#"{"failure": "no_media"}"#, 100),
            (r#"{"failure": "something new"}"#, 100),
        ] {
            said.take(line);
            assert_eq!(said.progress(), progress, "{line}");
        }
        assert_eq!(said.duration_us, Some(5));
        assert_eq!(said.failure, Some(RecordingFailure::NoMedia));
    }

    #[test]
    fn job_is_due_when_it_has_stood_still_for_its_pause_or_for_a_lease() {
        const LEASE: Duration = Duration::from_micros(60);
        let id = JobId(Uuid::now_v7());
        let job = |is_held, revision, wait_us| Pending {
            id,
            is_held,
            revision,
            wait_us,
        };
        let mut watch = Watch::default();
        let mut due = |job: Pending, at| !watch.due(&[job], LEASE, Mono(at)).is_empty();
        for (seen, at, expected, why) in [
            (job(false, 0, 0), 0, true, "nothing keeps it"),
            (job(true, 1, 0), 10, false, "somebody took it"),
            (
                job(true, 1, 0),
                69,
                false,
                "its holder may yet say something",
            ),
            (job(true, 2, 0), 70, false, "it said something"),
            (
                job(true, 2, 0),
                129,
                false,
                "its holder may yet say something",
            ),
            (job(true, 2, 0), 130, true, "a lease without a word"),
            (job(false, 3, 30), 140, false, "it was given back, to wait"),
            (job(false, 3, 30), 170, true, "it has waited"),
        ] {
            assert_eq!(due(seen, at), expected, "{why} at {at}");
        }
        assert!(watch.due(&[], LEASE, Mono(200)).is_empty());
        assert!(watch.0.is_empty(), "what is over is forgotten");
    }

    #[test]
    fn what_lasts_is_not_tried_again_and_what_passes_is_tried_for_two_hours() {
        let pauses = |failure| {
            let trouble = Trouble::new(failure, anyhow::anyhow!("why"));
            (1..)
                .map_while(|attempts| trouble.retry_after(attempts, 3))
                .map(|pause| pause.as_secs())
                .collect::<Vec<_>>()
        };
        for failure in RecordingFailure::ALL {
            let expected: &[u64] = match failure {
                RecordingFailure::DiskFull | RecordingFailure::Interrupted => &[
                    0, 30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600, 600, 600, 600,
                ],
                _ if failure.is_lasting() => &[],
                _ => &[0, 30],
            };
            assert_eq!(pauses(failure), expected, "{failure:?}");
        }
    }
}
