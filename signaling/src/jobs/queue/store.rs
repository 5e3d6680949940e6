//! Work to do later. A job is held by a lease; each new holder gets a higher fencing number, and what an older holder
//! writes is refused.
//!
//! ```text
//! queued ─ claim ─► running ─ finish ─► done
//!   ▲                 │  └─── give_back ► failed      attempts used up
//!   └── give_back ◄───┘                               attempts left; or the holder is silent for a lease
//! ```
//!
//! A lease has no date: clocks of several nodes differ, and people set them. Whoever wants a job watches its row, and takes
//! it when its [`Pending::revision`] has stood still for long enough by the watcher's own even clock.

use protocol::{JobId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};

/// A job that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// The holder's number.
    pub fencing: i64,
}

/// A job that is not over, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Pending {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// Whether somebody holds it, or held it when its server died.
    pub is_held: bool,
    /// Raised by each change.
    pub revision: i64,
    /// How long it waits when nobody holds it, in microseconds.
    pub wait_us: i64,
}

/// Puts a job in the queue.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &mut Tx, kind: &str, payload: &str, now: UtcMicros) -> StoreResult<JobId> {
    let id = JobId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO job (id, kind, payload, state, attempts, fencing, progress_percent, created_at_us)
         VALUES ($1, $2, $3, 'queued', 0, 0, 0, $4)",
        id, kind, payload, now
    )?;
    Ok(id)
}

/// The jobs that are not over, the oldest first; a look that keeps no writer waiting.
///
/// # Errors
/// When the database fails.
pub async fn pending(conn: &mut Conn) -> StoreResult<Vec<Pending>> {
    sql!(
        all Pending, conn,
        "SELECT id, kind, state = 'running' AS is_held, revision, wait_us FROM job
         WHERE state IN ('queued', 'running') ORDER BY id"
    )
}

/// Takes a job that still is as it was seen; `None` when another was quicker.
///
/// # Errors
/// When the database fails.
pub async fn claim(tx: &mut Tx, owner: &str, seen: &Pending) -> StoreResult<Option<Job>> {
    sql!(
        optional Job, tx,
        "UPDATE job SET state = 'running', lease_owner = $3, fencing = fencing + 1, attempts = attempts + 1,
             progress_percent = 0, failure = NULL, revision = revision + 1
         WHERE id = $1 AND revision = $2 AND state IN ('queued', 'running')
         RETURNING id, kind, payload, attempts, fencing",
        seen.id, seen.revision, owner
    )
}

/// Prolongs the lease and reports progress; false when the lease is somebody else's by now.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Tx, job: &Job, progress_percent: u8) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE job SET revision = revision + 1, progress_percent = $3
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id,
        job.fencing,
        i64::from(progress_percent)
    )?;
    Ok(changed > 0)
}

/// Ends a job; false when the lease is somebody else's by now, and then nothing may be published.
///
/// # Errors
/// When the database fails.
pub async fn finish(tx: &mut Tx, job: &Job, now: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE job SET state = 'done', progress_percent = 100, finished_at_us = $3
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id,
        job.fencing,
        now
    )?;
    Ok(changed > 0)
}

/// Gives a job back, to be tried again after `wait_us`; without that it has failed. False when the lease is somebody else's
/// by now.
///
/// # Errors
/// When the database fails.
pub async fn give_back(
    tx: &mut Tx,
    job: &Job,
    failure: &str,
    wait_us: Option<i64>,
    now: UtcMicros,
) -> StoreResult<bool> {
    let failure = &protocol::text::storable(failure);
    let changed = match wait_us {
        Some(wait_us) => sql!(
            execute, tx,
            "UPDATE job SET state = 'queued', failure = $3, wait_us = $4, lease_owner = NULL, revision = revision + 1
             WHERE id = $1 AND fencing = $2 AND state = 'running'",
            job.id, job.fencing, failure, wait_us
        )?,
        None => sql!(
            execute, tx,
            "UPDATE job SET state = 'failed', failure = $3, finished_at_us = $4
             WHERE id = $1 AND fencing = $2 AND state = 'running'",
            job.id, job.fencing, failure, now
        )?,
    };
    Ok(changed > 0)
}

/// Gives a job back untried, for example because the server stops; the attempt does not count.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, job: &Job) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE job SET state = 'queued', attempts = attempts - 1, wait_us = 0, lease_owner = NULL,
             revision = revision + 1
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id,
        job.fencing
    )?;
    Ok(())
}

/// How far the newest job of a kind with this payload is, in percent; none when there is none under way.
///
/// # Errors
/// When the database fails.
pub async fn progress(conn: &mut Conn, kind: &str, payload: &str) -> StoreResult<Option<u8>> {
    let found = sql!(
        optional (i64,), conn,
        "SELECT progress_percent FROM job
         WHERE kind = $1 AND payload = $2 AND state IN ('queued', 'running') ORDER BY id DESC LIMIT 1",
        kind, payload
    )?;
    Ok(found.map(|(percent,)| u8::try_from(percent.clamp(0, 100)).unwrap_or(0)))
}

/// Deletes the jobs of a kind that were done before `before`.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &mut Tx, kind: &str, before: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM job WHERE kind = $1 AND state = 'done' AND finished_at_us < $2",
        kind,
        before
    )?;
    Ok(())
}
