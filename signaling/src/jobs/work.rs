//! What a kind of work is.

use std::fmt::Debug;
use std::time::Duration;

use protocol::{JobId, UtcMicros};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::queue::{self, Job};
use super::runner::Takes;
use crate::platform::database::{StoreResult, Tx};

/// The pauses before failed work is tried again: the first try follows at once, the second after the first of these,
/// and so on, doubled each time up to the last.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(600));
/// How often [`Patience::Patient`] work is tried: for two hours.
const PATIENT_ATTEMPTS: i64 = 16;

/// A kind of work.
pub trait Work: Send + Sync + 'static {
    /// How the queue names it, for example `compose`. Stored: never changed.
    const KIND: &'static str;
    /// Which runners take it.
    const TAKEN_BY: Takes;
    /// What a job of this kind is about, stored as JSON.
    type Payload: Serialize + DeserializeOwned + Debug + Send + Sync;
    /// What comes of it, before anybody can see it. Dropped without [`Work::publish`], it leaves nothing behind.
    type Made: Send;
    /// Why it comes to nothing.
    type Failure: Failure;

    /// Does the work. `held.stop` says that it is to end early: the server stops, or another runner has the job; what is
    /// answered then is thrown away.
    ///
    /// # Errors
    /// Why nothing was made.
    fn run(
        &self,
        held: &Held,
        payload: &Self::Payload,
    ) -> impl Future<Output = Result<Self::Made, Trouble<Self::Failure>>> + Send;

    /// Makes the result visible, in the transaction that ends the job: all or nothing.
    ///
    /// # Errors
    /// Why it cannot; then the job has failed.
    fn publish(
        &self,
        tx: &mut Tx,
        payload: &Self::Payload,
        made: &Self::Made,
        now: UtcMicros,
    ) -> impl Future<Output = Result<(), Trouble<Self::Failure>>> + Send;

    /// Notes that nothing was made, in the transaction that gives the job back (`again`) or gives it up.
    ///
    /// # Errors
    /// When the database fails.
    fn gave_up(
        &self,
        tx: &mut Tx,
        payload: &Self::Payload,
        failure: Self::Failure,
        again: bool,
    ) -> impl Future<Output = StoreResult<()>> + Send;

    /// The payload as the queue stores it.
    ///
    /// # Panics
    /// Never: payloads are plain structures.
    fn stored(payload: &Self::Payload) -> String {
        serde_json::to_string(payload).expect("a payload is a plain structure")
    }

    /// Puts a job in the queue.
    ///
    /// # Errors
    /// When the database fails.
    fn enqueue(
        tx: &mut Tx,
        payload: &Self::Payload,
        now: UtcMicros,
    ) -> impl Future<Output = StoreResult<()>> + Send {
        let stored = Self::stored(payload);
        async move { queue::enqueue(tx, Self::KIND, &stored, now).await.map(drop) }
    }
}

/// A job while a runner holds it.
#[derive(Debug)]
pub struct Held {
    /// The job.
    pub job: JobId,
    /// The holder's number: no two holders of a job have the same.
    pub fencing: i64,
    /// Cancelled when the work is to end early.
    pub stop: CancellationToken,
    pub(super) progress: watch::Sender<u8>,
}

impl Held {
    /// Tells how far the work is, in percent.
    pub fn is_at(&self, percent: u8) {
        self.progress.send_replace(percent.min(100));
    }

    /// The same for work that is done elsewhere, such as on a thread that may wait for the disk.
    pub fn teller(&self) -> impl Fn(u8) + Send + Clone + use<> {
        let progress = self.progress.clone();
        move |percent| {
            progress.send_replace(percent.min(100));
        }
    }
}

/// Why work came to nothing.
pub trait Failure: Debug + Copy + Send + Sync {
    /// What an error is that says no more of itself.
    fn of(cause: &anyhow::Error) -> Self;

    /// How often it is worth trying again.
    fn patience(self) -> Patience;
}

/// How often work is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Once: it stays as it is until somebody does something about it.
    Never,
    /// As often as the settings say.
    Usual,
    /// For two hours: it passes by itself or by somebody's care, for example a full disk or a kill.
    Patient,
}

/// The failure of work of which nobody is told more than the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyFailure;

impl Failure for AnyFailure {
    fn of(_: &anyhow::Error) -> Self {
        Self
    }

    fn patience(self) -> Patience {
        Patience::Usual
    }
}

/// A failure and what caused it.
#[derive(Debug)]
pub struct Trouble<F> {
    /// What people are told.
    pub failure: F,
    /// For the technician.
    pub cause: anyhow::Error,
}

impl<F: Failure> Trouble<F> {
    /// A failure of a known kind.
    pub const fn new(failure: F, cause: anyhow::Error) -> Self {
        Self { failure, cause }
    }

    /// How long to wait before the next try, the last one having had the number `attempts`, if the settings allow `most`;
    /// `None` when there is none.
    pub(super) fn retry_after(&self, attempts: i64, most: u32) -> Option<Duration> {
        let most = match self.failure.patience() {
            Patience::Never => return None,
            Patience::Patient => PATIENT_ATTEMPTS,
            Patience::Usual => i64::from(most),
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

impl<F: Failure, E: Into<anyhow::Error>> From<E> for Trouble<F> {
    fn from(cause: E) -> Self {
        let cause = cause.into();
        Self {
            failure: F::of(&cause),
            cause,
        }
    }
}

/// How a job came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// What was made is there for everybody.
    Done,
    /// The server stops; the job waits for another runner.
    Released,
    /// Another runner has it.
    LeaseLost,
    /// Nothing was made.
    Failed,
}

/// A kind of work as a runner keeps it: with its types behind it.
#[async_trait::async_trait]
pub(crate) trait Worker: Send + Sync {
    fn kind(&self) -> &'static str;

    fn taken_by(&self) -> Takes;

    /// Carries a job through to its end.
    async fn carry_out(&self, job: &Job, shift: &super::runner::Shift) -> anyhow::Result<End>;
}

#[async_trait::async_trait]
impl<W: Work> Worker for W {
    fn kind(&self) -> &'static str {
        W::KIND
    }

    fn taken_by(&self) -> Takes {
        W::TAKEN_BY
    }

    async fn carry_out(&self, job: &Job, shift: &super::runner::Shift) -> anyhow::Result<End> {
        shift.carry_out(self, job).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_not_tried_again_and_what_passes_is_tried_for_two_hours() {
        #[derive(Debug, Clone, Copy)]
        struct Of(Patience);
        impl Failure for Of {
            fn of(_: &anyhow::Error) -> Self {
                Self(Patience::Usual)
            }
            fn patience(self) -> Patience {
                self.0
            }
        }
        for (patience, expected) in [
            (Patience::Never, &[] as &[u64]),
            (Patience::Usual, &[0, 30]),
            (
                Patience::Patient,
                &[
                    0, 30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600, 600, 600, 600,
                ],
            ),
        ] {
            let trouble = Trouble::new(Of(patience), anyhow::anyhow!("why"));
            let pauses: Vec<u64> = (1..)
                .map_while(|attempts| trouble.retry_after(attempts, 3))
                .map(|pause| pause.as_secs())
                .collect();
            assert_eq!(pauses, expected, "{patience:?}");
        }
    }
}
