//! Making the film of a recording: a child process writes it beside its final name, which the runner gives it.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use protocol::api::RecordingFailure;
use protocol::{JobId, UtcMicros};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{films, replays};
use crate::AppState;
use crate::jobs::child::Child;
use crate::jobs::{Failure, Held, Patience, Takes, Trouble, Work};
use crate::live::captures::{COMPOSE, Captured};
use crate::platform::database::{StoreResult, Tx};

/// Makes the MP4 of a recording whose raw tracks are on disk.
#[derive(Debug, Clone)]
pub struct Compose {
    state: AppState,
}

/// A film beside its final name: removed again unless it is given that.
#[derive(Debug)]
pub struct Film {
    beside: PathBuf,
    bytes: i64,
    sha256: Vec<u8>,
    duration_us: Option<u64>,
}

impl Compose {
    /// Work of this server.
    #[must_use]
    pub const fn new(state: AppState) -> Self {
        Self { state }
    }

    fn folder(&self, of: &Captured) -> PathBuf {
        let recordings = self.state.data_dir.join("recordings");
        recordings.join(of.recording.to_string())
    }
}

impl Work for Compose {
    const KIND: &'static str = COMPOSE;
    const TAKEN_BY: Takes = Takes::Children;
    type Payload = Captured;
    type Made = Film;
    type Failure = RecordingFailure;

    async fn run(&self, held: &Held, of: &Captured) -> Result<Film, Trouble<RecordingFailure>> {
        let mut tx = self.state.store.write().await?;
        if !replays::composing(&mut tx, of.recording).await? {
            let cause = anyhow::anyhow!("there is no such recording, or it is not finished");
            return Err(Trouble::new(RecordingFailure::FilesMissing, cause));
        }
        tx.commit().await?;
        let folder = self.folder(of);
        remove_older(&folder, held).await;
        let mut film = Film {
            beside: folder.join(beside_name(held.job, held.fencing)),
            bytes: 0,
            sha256: Vec::new(),
            duration_us: None,
        };
        film.duration_us = self.compose(held, &folder, &film.beside).await?;
        (film.bytes, film.sha256) = measure(film.beside.clone()).await?;
        Ok(film)
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        of: &Captured,
        film: &Film,
        now: UtcMicros,
    ) -> Result<(), Trouble<RecordingFailure>> {
        let key = format!("recordings/{}/composite.mp4", of.recording);
        films::put_composite(tx, of.recording, &key, film.bytes, &film.sha256, now).await?;
        replays::ready(tx, of.recording).await?;
        if let Some(duration_us) = film.duration_us {
            replays::lasts(tx, of.recording, duration_us).await?;
        }
        let output = self.state.data_dir.join(&key);
        tokio::fs::rename(&film.beside, &output)
            .await
            .with_context(|| format!("cannot write {}", output.display()))?;
        Ok(())
    }

    async fn gave_up(
        &self,
        tx: &mut Tx,
        of: &Captured,
        failure: RecordingFailure,
        again: bool,
    ) -> StoreResult<()> {
        match again {
            true => replays::waits(tx, of.recording, failure).await,
            false => replays::failed(tx, of.recording, failure).await,
        }
    }
}

impl Compose {
    /// Runs the child that makes the film. How long the film is, if the child says so.
    async fn compose(
        &self,
        held: &Held,
        folder: &Path,
        output: &Path,
    ) -> Result<Option<u64>, Trouble<RecordingFailure>> {
        let settings = &self.state.config.jobs;
        let mut arguments: Vec<OsString> = settings.args.iter().map(OsString::from).collect();
        arguments.extend(["--recording".into(), folder.into()]);
        arguments.extend(["--output".into(), output.into()]);
        let composer = Child {
            arguments,
            is_heard: true,
            ends_within: Duration::ZERO,
        };
        let mut said = Said::default();
        let hear = |line: &str| {
            said.take(line);
            held.is_at(said.progress());
        };
        let ended = composer.run(settings, &held.stop, hear).await?;
        if ended.status.success() {
            return Ok(said.duration_us);
        }
        let failure = said.failure.unwrap_or(if ended.status.signal().is_some() {
            RecordingFailure::Interrupted
        } else {
            RecordingFailure::Unknown
        });
        let (status, complaint) = (ended.status, ended.complaint.trim());
        let cause = anyhow::anyhow!("the composer ended with {status}: {complaint}");
        Err(Trouble::new(failure, cause))
    }
}

impl Failure for RecordingFailure {
    fn of(cause: &anyhow::Error) -> Self {
        let disk = cause.downcast_ref::<std::io::Error>();
        disk.map_or(Self::Unknown, Self::of_disk)
    }

    fn patience(self) -> Patience {
        match self {
            failure if failure.is_lasting() => Patience::Never,
            Self::DiskFull | Self::Interrupted => Patience::Patient,
            _ => Patience::Usual,
        }
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        // One that was published has another name by now.
        discard(&self.beside);
    }
}

/// What a composer has said, in lines such as `{"progress_percent": 42}`; other lines say nothing.
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

/// The name of a film that is being made by the holder with this number of this job.
fn beside_name(job: JobId, fencing: i64) -> String {
    format!("composite.{job}.{fencing}.part.mp4")
}

/// Removes what earlier holders of the job left behind when their server was killed: they cannot publish it any more.
async fn remove_older(folder: &Path, held: &Held) {
    // A folder that cannot be read is the composer's to complain of.
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name();
        let older = (1..held.fencing).any(|older| *name == *beside_name(held.job, older));
        if older {
            discard(&entry.path());
        }
    }
}

fn discard(file: &Path) {
    match std::fs::remove_file(file) {
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
    fn full_disk_and_kill_are_waited_for_and_what_lasts_is_not() {
        for failure in RecordingFailure::ALL {
            let expected = match failure {
                RecordingFailure::DiskFull | RecordingFailure::Interrupted => Patience::Patient,
                _ if failure.is_lasting() => Patience::Never,
                _ => Patience::Usual,
            };
            assert_eq!(failure.patience(), expected, "{failure:?}");
        }
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let cause = anyhow::Error::from(full).context("cannot write");
        assert_eq!(RecordingFailure::of(&cause), RecordingFailure::DiskFull);
    }
}
