//! Takes jobs from the queue, one after another, each held by a lease.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use protocol::JobId;
use signaling_core::Mono;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::queue::{self, Job, Pending};
use super::work::{End, Held, Trouble, Work, Worker};
use crate::AppState;
use crate::platform::database::StoreResult;
use crate::platform::lock::lock;

/// How often a lease is renewed while it lasts, so that three renewals may fail.
const RENEWALS_PER_LEASE: u32 = 4;
/// Progress is written down when it has moved by so much, in percent.
const PROGRESS_STEP: u8 = 5;

/// The kinds of work that a server knows.
pub(crate) struct Kinds {
    known: Vec<Box<dyn Worker>>,
    /// The kinds that it met and does not know.
    strange: Mutex<BTreeSet<String>>,
}

impl Kinds {
    /// These, and no others.
    pub(crate) const fn new(known: Vec<Box<dyn Worker>>) -> Self {
        Self {
            known,
            strange: Mutex::new(BTreeSet::new()),
        }
    }

    fn of(&self, kind: &str) -> Option<&dyn Worker> {
        let mut known = self.known.iter();
        known.find(|known| known.kind() == kind).map(Box::as_ref)
    }

    /// A kind that nobody here knows: a newer server, which knows it, may share the database. Told once.
    fn note_strange(&self, kind: &str) {
        if lock(&self.strange).insert(kind.to_owned()) {
            tracing::warn!(kind, "jobs of this kind wait for a server that knows it");
        }
    }
}

/// Which jobs a runner takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Work done by child processes, which take a core each: as much at the same time as `jobs.parallel` says.
    Children,
    /// Letters: they wait for another server, which may be slow, and nothing else is to wait for it with them.
    Letters,
    /// All other work.
    Housekeeping,
}

/// Runs jobs one after another; make as many as may run at the same time.
pub struct Runner {
    shift: Shift,
    watch: Watch,
    kinds: Arc<Kinds>,
    takes: Takes,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("owner", &self.shift.owner)
            .field("takes", &self.takes)
            .finish_non_exhaustive()
    }
}

/// What a runner works with.
pub(crate) struct Shift {
    owner: String,
    state: AppState,
    shutdown: CancellationToken,
}

impl Runner {
    /// A runner that takes these jobs of the kinds that the server knows.
    pub(crate) fn new(
        state: AppState,
        kinds: Arc<Kinds>,
        takes: Takes,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            shift: Shift {
                owner: format!("{}:{}", std::process::id(), Uuid::now_v7()),
                state,
                shutdown,
            },
            watch: Watch::default(),
            kinds,
            takes,
        }
    }

    /// Works until the server stops.
    pub async fn run(mut self) {
        let poll = Duration::from_millis(self.shift.state.config.jobs.poll_ms.max(10));
        loop {
            let worked = match self.work().await {
                Ok(worked) => worked,
                Err(error) => {
                    tracing::error!(%error, "a job could not be carried on");
                    false
                }
            };
            if self.shift.shutdown.is_cancelled() {
                return;
            }
            if !worked {
                tokio::select! {
                    () = self.shift.shutdown.cancelled() => return,
                    () = tokio::time::sleep(poll) => {}
                }
            }
        }
    }

    /// Whether a job is one that this runner takes.
    fn is_ours(&self, job: &Pending) -> bool {
        match self.kinds.of(&job.kind) {
            Some(kind) => kind.taken_by() == self.takes,
            None => {
                self.kinds.note_strange(&job.kind);
                false
            }
        }
    }

    /// Does one job; false when none was due.
    async fn work(&mut self) -> anyhow::Result<bool> {
        let state = &self.shift.state;
        let mut pending = queue::pending(&mut state.store.read().await?).await?;
        pending.retain(|job| self.is_ours(job));
        let due = self
            .watch
            .due(&pending, self.shift.lease(), state.clock.mono());
        let Some(job) = self.shift.claim_first(&due).await? else {
            return Ok(false);
        };
        tracing::info!(job = %job.id, kind = %job.kind, attempt = job.attempts, "job begins");
        let kind = self.kinds.of(&job.kind);
        let kind = kind.context("a job was taken whose kind nobody here knows")?;
        let end = kind.carry_out(&job, &self.shift).await?;
        let outcome = match end {
            End::Done => "done",
            End::LeaseLost => {
                tracing::warn!(job = %job.id, "another runner holds this job; the work here is thrown away");
                "lease_lost"
            }
            End::Failed => "failed",
            End::Released => return Ok(true),
        };
        self.shift.state.metrics.count_job(outcome);
        Ok(true)
    }
}

impl Shift {
    fn lease(&self) -> Duration {
        Duration::from_secs(self.state.config.jobs.lease_seconds.max(1))
    }

    async fn claim_first(&self, due: &[Pending]) -> StoreResult<Option<Job>> {
        for seen in due {
            let mut tx = self.state.store.write().await?;
            let claimed = queue::claim(&mut tx, &self.owner, seen).await?;
            tx.commit().await?;
            if claimed.is_some() {
                return Ok(claimed);
            }
        }
        Ok(None)
    }

    /// Has a job done, renews its lease meanwhile, and ends it.
    ///
    /// # Errors
    /// When the database cannot be told of the end; the lease runs out then.
    pub(super) async fn carry_out<W: Work>(&self, work: &W, job: &Job) -> anyhow::Result<End> {
        let payload: W::Payload = match serde_json::from_str(&job.payload) {
            Ok(payload) => payload,
            Err(error) => {
                let cause = anyhow::Error::from(error).context("the payload is not understood");
                return self.failed(work, job, None, cause.into()).await;
            }
        };
        let done = match self.lead(work, job, &payload).await {
            Ok(Led::Made(made)) => self.publish(work, job, &payload, made).await,
            Ok(Led::Stopped) => {
                let mut tx = self.state.store.write().await?;
                queue::release(&mut tx, job).await?;
                tx.commit().await?;
                return Ok(End::Released);
            }
            Ok(Led::LeaseLost) => return Ok(End::LeaseLost),
            Err(trouble) => Err(trouble),
        };
        match done {
            Ok(end) => Ok(end),
            Err(trouble) => self.failed(work, job, Some(&payload), trouble).await,
        }
    }

    /// Has the work done and holds the lease as long as it takes.
    async fn lead<W: Work>(
        &self,
        work: &W,
        job: &Job,
        payload: &W::Payload,
    ) -> Result<Led<W::Made>, Trouble<W::Failure>> {
        let (progress, heard) = watch::channel(0);
        let held = Held {
            job: job.id,
            fencing: job.fencing,
            stop: self.shutdown.child_token(),
            progress,
        };
        let mut doing = std::pin::pin!(work.run(&held, payload));
        // Side by side: the work may hold the only writer of the database, for which the renewal waits.
        let lost = tokio::select! {
            made = &mut doing => {
                return match made {
                    _ if held.stop.is_cancelled() => Ok(Led::Stopped),
                    made => made.map(Led::Made),
                };
            }
            lost = self.hold(job, heard) => lost,
        };
        held.stop.cancel();
        // What comes of it is nobody's.
        drop(doing.await);
        lost?;
        Ok(Led::LeaseLost)
    }

    /// Renews the lease until it is lost, and tells of progress meanwhile. A renewal that fails is tried again as long as the
    /// lease stands: nobody else takes the job by then.
    ///
    /// # Errors
    /// When the lease has run out and the database cannot be told.
    async fn hold(&self, job: &Job, mut heard: watch::Receiver<u8>) -> anyhow::Result<()> {
        let mut renew = tokio::time::interval(self.lease() / RENEWALS_PER_LEASE);
        let mut told = 0_u8;
        let mut renewed_at = self.state.clock.mono();
        loop {
            tokio::select! {
                _ = renew.tick() => {}
                // Whole steps: a child that says much is not a reason to write much.
                moved = heard.wait_for(|at| at.abs_diff(told) >= PROGRESS_STEP) => drop(moved),
            }
            told = *heard.borrow();
            let asked_at = self.state.clock.mono();
            match self.renew(job, told).await {
                Ok(true) => renewed_at = asked_at,
                Ok(false) => return Ok(()),
                Err(cause) if self.state.clock.mono().since(renewed_at) < self.lease() => {
                    tracing::warn!(job = %job.id, %cause, "a lease could not be renewed; it still stands");
                }
                Err(cause) => return Err(cause),
            }
        }
    }

    async fn renew(&self, job: &Job, progress: u8) -> anyhow::Result<bool> {
        let mut tx = self.state.store.write().await?;
        let held = queue::renew(&mut tx, job, progress).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Ends the job and shows what was made, all or nothing.
    async fn publish<W: Work>(
        &self,
        work: &W,
        job: &Job,
        payload: &W::Payload,
        made: W::Made,
    ) -> Result<End, Trouble<W::Failure>> {
        let now = self.state.clock.now();
        let mut tx = self.state.store.write().await?;
        if !queue::finish(&mut tx, job, now).await? {
            return Ok(End::LeaseLost);
        }
        work.publish(&mut tx, payload, &made, now).await?;
        tx.commit().await?;
        tracing::info!(job = %job.id, kind = W::KIND, ?payload, "job done");
        Ok(End::Done)
    }

    /// Gives a failed job back for another try, or gives it up.
    async fn failed<W: Work>(
        &self,
        work: &W,
        job: &Job,
        payload: Option<&W::Payload>,
        trouble: Trouble<W::Failure>,
    ) -> anyhow::Result<End> {
        let reason = format!("{:#}", trouble.cause);
        let failure = trouble.failure;
        tracing::error!(job = %job.id, attempt = job.attempts, ?failure, reason, "a job failed");
        let now = self.state.clock.now();
        let most = self.state.config.jobs.max_attempts;
        let wait_us = trouble.retry_after(job.attempts, most).map(micros);
        let mut tx = self.state.store.write().await?;
        let held = queue::give_back(&mut tx, job, &reason, wait_us, now).await?;
        if held && let Some(payload) = payload {
            work.gave_up(&mut tx, payload, failure, wait_us.is_some())
                .await
                .context("the end of a job cannot be noted")?;
        }
        tx.commit().await?;
        Ok(End::Failed)
    }
}

/// What leading a job to its end came to.
enum Led<M> {
    Made(M),
    Stopped,
    LeaseLost,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
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
                (job.id, (job.clone(), since))
            })
            .collect();
        let is_due = |job: &&Pending| {
            let wait = Duration::from_micros(job.wait_us.max(0).unsigned_abs());
            now.since(self.0[&job.id].1) >= if job.is_held { lease } else { wait }
        };
        pending.iter().filter(is_due).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_is_due_when_it_has_stood_still_for_its_pause_or_for_a_lease() {
        const LEASE: Duration = Duration::from_micros(60);
        let id = JobId(Uuid::now_v7());
        let job = |is_held, revision, wait_us| Pending {
            id,
            kind: String::new(),
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
}
