//! Runs what takes longer than a request: one child process per job, held by a lease.
//!
//! A runner claims a job, starts the child, reads its progress and renews the lease. The child writes beside the
//! final name; only the holder of the lease gives the file its name, in the transaction that ends the job, so two
//! runners never publish the same output. A child ends when its standard input closes, which it does when this
//! process dies.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use protocol::RecordingId;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::AppState;
use crate::store::job::Job;
use crate::store::{StoreResult, job, link_sample, media, replay};

/// The kind of job that makes the MP4 of a recording.
pub const COMPOSE: &str = "compose";

/// How often a lease is renewed while it lasts, so that three renewals may fail.
const RENEWALS_PER_LEASE: u32 = 4;
/// Progress is written down when it has moved by so much, in percent.
const PROGRESS_STEP: u8 = 5;
/// How long a failed job waits before its next try, times the tries so far.
const RETRY_AFTER: Duration = Duration::from_secs(30);
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
    let runner = Runner {
        owner: format!("{}:{}", std::process::id(), Uuid::now_v7()),
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
        let days = i64::from(state.config.retention.link_sample_days);
        let before = state.clock.now().plus_us(-days * 86_400_000_000);
        match delete_samples(&state, before).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted old measurements of links"),
            Err(error) => tracing::error!(%error, "old measurements of links cannot be deleted"),
        }
        state.sign_in_limits.forget_idle();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
        }
    }
}

async fn delete_samples(state: &AppState, before: protocol::UtcMicros) -> StoreResult<u64> {
    let mut tx = state.store.write().await?;
    let count = link_sample::delete_before(&mut tx, before).await?;
    tx.commit().await?;
    Ok(count)
}

struct Runner {
    owner: String,
    state: AppState,
    shutdown: CancellationToken,
}

/// How a child ended.
enum Outcome {
    /// It made its output.
    Made,
    /// The server stops.
    Stopped,
    /// Another holds the lease.
    LeaseLost,
}

impl Runner {
    /// Does one job; false when none was due.
    async fn work(&self) -> anyhow::Result<bool> {
        let now = self.state.clock.now();
        if !job::is_due(&mut self.state.store.read().await?, now).await? {
            return Ok(false);
        }
        let mut tx = self.state.store.write().await?;
        let claimed =
            job::claim(&mut tx, &self.owner, now.plus_us(micros(self.lease())), now).await?;
        let Some(job) = claimed else {
            return Ok(false);
        };
        tx.commit().await?;
        tracing::info!(job = %job.id, kind = %job.kind, attempt = job.attempts, "job begins");
        let worked = match job.kind.as_str() {
            COMPOSE => self.compose(&job).await,
            other => Err(anyhow::anyhow!("no job of kind {other} is known")),
        };
        if let Err(error) = worked {
            self.failed(&job, &format!("{error:#}")).await?;
        }
        Ok(true)
    }

    async fn compose(&self, job: &Job) -> anyhow::Result<()> {
        let ComposePayload { recording } =
            serde_json::from_str(&job.payload).context("the payload is not understood")?;
        let mut tx = self.state.store.write().await?;
        if !replay::composing(&mut tx, recording).await? {
            bail!("there is no such recording, or it is not finished");
        }
        tx.commit().await?;
        let key = format!("recordings/{recording}/composite.mp4");
        let output = self.state.data_dir.join(&key);
        let folder = self
            .state
            .data_dir
            .join("recordings")
            .join(recording.to_string());
        let beside = folder.join(format!("composite.{}.part.mp4", job.fencing));
        let result = self.compose_beside(job, &folder, &beside).await;
        let outcome = match result {
            Ok(Outcome::Made) => self.publish(job, recording, &key, &beside, &output).await,
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(error),
        };
        if !matches!(outcome, Ok(Outcome::Made)) {
            discard(&beside).await;
        }
        match outcome? {
            Outcome::Made => {
                self.state.metrics.count_job("done");
                tracing::info!(job = %job.id, %recording, "film made");
            }
            Outcome::Stopped => {
                let mut tx = self.state.store.write().await?;
                job::release(&mut tx, job, self.state.clock.now()).await?;
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
    ) -> anyhow::Result<Outcome> {
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
        let mut progress = 0_u8;
        let mut told = 0_u8;
        loop {
            let mut due = false;
            tokio::select! {
                () = self.shutdown.cancelled() => {
                    kill(&mut child).await;
                    return Ok(Outcome::Stopped);
                }
                line = lines.next_line() => match line.context("the child's output cannot be read")? {
                    Some(line) => progress = progress_of(&line).unwrap_or(progress),
                    None => break,
                },
                _ = renew.tick() => due = true,
            }
            // A child that says much is not a reason to write much: whole steps, and the lease in any case.
            if due || progress.abs_diff(told) >= PROGRESS_STEP {
                if !self.renew(job, progress).await? {
                    kill(&mut child).await;
                    return Ok(Outcome::LeaseLost);
                }
                told = progress;
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
                    if !self.renew(job, progress).await? {
                        kill(&mut child).await;
                        return Ok(Outcome::LeaseLost);
                    }
                }
            }
        };
        if status.success() {
            return Ok(Outcome::Made);
        }
        let complaint = match complaint {
            Some(task) => task.await.unwrap_or_default(),
            None => String::new(),
        };
        bail!("the composer ended with {status}: {}", complaint.trim());
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(self.state.config.jobs.lease_seconds.max(1))
    }

    async fn renew(&self, job: &Job, progress: u8) -> anyhow::Result<bool> {
        let until = self.state.clock.now().plus_us(micros(self.lease()));
        let mut tx = self.state.store.write().await?;
        let held = job::renew(&mut tx, job, until, progress).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Ends the job, gives the film its name and tells of it, all or nothing.
    async fn publish(
        &self,
        job: &Job,
        recording: RecordingId,
        key: &str,
        beside: &Path,
        output: &Path,
    ) -> anyhow::Result<Outcome> {
        let (bytes, sha256) = measure(beside.to_path_buf()).await?;
        let now = self.state.clock.now();
        let mut tx = self.state.store.write().await?;
        if !job::finish(&mut tx, job, now).await? {
            return Ok(Outcome::LeaseLost);
        }
        media::put_composite(&mut tx, recording, key, bytes, &sha256, now).await?;
        replay::ready(&mut tx, recording).await?;
        tokio::fs::rename(beside, output)
            .await
            .with_context(|| format!("cannot write {}", output.display()))?;
        tx.commit().await?;
        Ok(Outcome::Made)
    }

    /// Gives a failed job back for another try, or gives it up.
    async fn failed(&self, job: &Job, reason: &str) -> anyhow::Result<()> {
        tracing::error!(job = %job.id, attempt = job.attempts, reason, "a job failed");
        let now = self.state.clock.now();
        let tries_left = job.attempts < i64::from(self.state.config.jobs.max_attempts);
        let retry_at = tries_left.then(|| now.plus_us(micros(RETRY_AFTER) * job.attempts));
        let mut tx = self.state.store.write().await?;
        let held = job::give_back(&mut tx, job, reason, retry_at, now).await?;
        if held
            && !tries_left
            && let Ok(ComposePayload { recording }) = serde_json::from_str(&job.payload)
        {
            replay::failed(&mut tx, recording, reason).await?;
        }
        tx.commit().await?;
        self.state.metrics.count_job("failed");
        Ok(())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A line of a child: `{"progress_percent": 42}`. Other lines say nothing.
fn progress_of(line: &str) -> Option<u8> {
    #[derive(Deserialize)]
    struct Line {
        progress_percent: f64,
    }

    let line: Line = serde_json::from_str(line).ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100"
    )]
    Some(line.progress_percent.clamp(0.0, 100.0) as u8)
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
    fn progress_is_read_from_json_lines_and_nothing_else() {
        assert_eq!(progress_of(r#"{"progress_percent": 42}"#), Some(42));
        assert_eq!(
            progress_of(r#"{"progress_percent": 42.7, "more": 1}"#),
            Some(42)
        );
        assert_eq!(progress_of(r#"{"progress_percent": 250}"#), Some(100));
        assert_eq!(progress_of("frame= 12"), None);
        assert_eq!(progress_of(""), None);
    }
}
