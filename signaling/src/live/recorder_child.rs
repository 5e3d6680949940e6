//! The recorder's process: started when something is to be recorded, and again whenever it ends.
//!
//! ```text
//! needed ─► runs ── ended after it recorded ─────────► at once ─┐
//!            ▲  └── ended before, several in a row ─► pause ────┤
//!            └──────────────────────────────────────────────────┘
//! ```
//!
//! Whoever presses the key during a pause has it started at once. It is told to end when the server stops.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::jobs::child::Child;
use crate::platform::config::Jobs;

/// How long the recorder may take to close its files when the server stops.
const CLOSES_WITHIN: Duration = Duration::from_secs(8);

/// The pauses before a recorder that never gets to record is started again: the first of them, and the longest.
const RESTART_AFTER: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// Recorders are started at most so often, whatever they die of: one that dies of a packet must not take a whole core.
const STARTS_APART: Duration = Duration::from_millis(500);

/// What the link tells of it.
#[derive(Default)]
pub(crate) struct Signs {
    /// Something is to be recorded.
    pub(crate) needed: Notify,
    /// The recorder that runs has begun to record.
    pub(crate) records: AtomicBool,
}

/// Keeps a recorder running from the first time it is needed until the server stops.
pub(crate) async fn supervise(
    config: Arc<Config>,
    data_dir: PathBuf,
    signs: Arc<Signs>,
    shutdown: CancellationToken,
) {
    tokio::select! {
        () = signs.needed.notified() => {}
        () = shutdown.cancelled() => return,
    }
    let mut restarts = Restarts::default();
    loop {
        signs.records.store(false, Ordering::Relaxed);
        let began = Instant::now();
        match run_child(&config.jobs, &data_dir, &shutdown).await {
            Ok(status) if shutdown.is_cancelled() => {
                tracing::info!(%status, "the recorder has stopped");
                return;
            }
            Ok(status) => tracing::error!(%status, "the recorder ended; it is started again"),
            Err(cause) => tracing::error!(%cause, "the recorder cannot be started"),
        }
        let pause = restarts.pause(began.elapsed(), signs.records.load(Ordering::Relaxed));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // Somebody presses the key meanwhile: what kept it from running may have been put right.
            () = signs.needed.notified() => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// When a recorder that ended is started again.
///
/// One that had begun to record is followed at once, however often that happens: what ended it came from outside, and
/// every pause is missing in the film. Only recorders that die before they record get longer and longer pauses, from
/// the second in a row on.
#[derive(Debug, Default)]
struct Restarts {
    /// How many in a row never got to record.
    fruitless: u32,
}

impl Restarts {
    /// The pause after a recorder that ran for `lived`, and that `recorded` or not.
    fn pause(&mut self, lived: Duration, recorded: bool) -> Duration {
        let (first, longest) = RESTART_AFTER;
        let patience = if recorded {
            self.fruitless = 0;
            Duration::ZERO
        } else {
            let before = self.fruitless;
            self.fruitless = before.saturating_add(1);
            match before.checked_sub(1) {
                None => Duration::ZERO,
                Some(doublings) => first.saturating_mul(1 << doublings.min(16)).min(longest),
            }
        };
        patience.max(STARTS_APART.saturating_sub(lived))
    }
}

/// Runs one recorder to its end.
async fn run_child(
    settings: &Jobs,
    data_dir: &Path,
    shutdown: &CancellationToken,
) -> anyhow::Result<std::process::ExitStatus> {
    let recorder = Child {
        arguments: vec!["recorder".into(), "--data-dir".into(), data_dir.into()],
        is_heard: false,
        ends_within: CLOSES_WITHIN,
    };
    Ok(recorder.run(settings, shutdown, |_| {}).await?.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn recorder_that_works_is_followed_at_once_however_often_it_is_killed() {
        let mut restarts = Restarts::default();
        for _ in 0..50 {
            assert_eq!(restarts.pause(SECOND, true), Duration::ZERO);
        }
    }

    #[test]
    fn recorder_that_never_records_is_given_more_and_more_time() {
        let mut restarts = Restarts::default();
        let pauses: Vec<u128> = (0..9)
            .map(|_| restarts.pause(SECOND, false).as_millis())
            .collect();
        assert_eq!(
            pauses,
            [0, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
        );
        assert_eq!(
            restarts.pause(SECOND, true),
            Duration::ZERO,
            "it works again"
        );
        assert_eq!(restarts.pause(SECOND, false), Duration::ZERO);
    }

    #[test]
    fn recorder_that_dies_of_its_first_packet_does_not_take_a_core() {
        let mut restarts = Restarts::default();
        let lived = Duration::from_millis(80);
        for _ in 0..50 {
            assert_eq!(restarts.pause(lived, true) + lived, STARTS_APART);
        }
    }
}
