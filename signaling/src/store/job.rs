//! Work to do later. A job is held by a lease; each new holder gets a higher fencing number, and what an older holder
//! writes is refused.
//!
//! ```text
//! queued ─ claim ─► running ─ finish ─► done
//!   ▲                 │  └─── fail ───► failed        attempts used up
//!   └──── retry ◄─────┘                               attempts left, or the lease ran out
//! ```

use protocol::UtcMicros;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Conn, StoreResult, Tx, new_id, sql};

/// A job that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What kind of work.
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// The holder's number.
    pub fencing: i64,
}

/// Puts a job in the queue.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &mut Tx, kind: &str, payload: &str, now: UtcMicros) -> StoreResult<Uuid> {
    let id = new_id();
    sql!(
        execute, tx,
        "INSERT INTO job (id, kind, payload, state, attempts, fencing, progress_percent, run_after_us, created_at_us)
         VALUES ($1, $2, $3, 'queued', 0, 0, 0, $4, $4)",
        id, kind, payload, now.0
    )?;
    Ok(id)
}

/// Whether a job is due, or its holder let its lease run out; a look that keeps no writer waiting.
///
/// # Errors
/// When the database fails.
pub async fn is_due(conn: &mut Conn, now: UtcMicros) -> StoreResult<bool> {
    let found = sql!(
        optional (Uuid,), conn,
        "SELECT id FROM job
         WHERE (state = 'queued' AND run_after_us <= $1) OR (state = 'running' AND lease_until_us < $1) LIMIT 1",
        now.0
    )?;
    Ok(found.is_some())
}

/// Takes the oldest job that is due, or whose holder let its lease run out.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &mut Tx,
    owner: &str,
    lease_until: UtcMicros,
    now: UtcMicros,
) -> StoreResult<Option<Job>> {
    if tx.is_postgres() {
        // SQLite's one writer needs no lock; here two claimers must not see the same row as free.
        sql!(execute, tx, "LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE")?;
    }
    sql!(
        optional Job, tx,
        "UPDATE job SET state = 'running', lease_owner = $1, lease_until_us = $2, fencing = fencing + 1,
             attempts = attempts + 1, progress_percent = 0, failure = NULL
         WHERE id = (SELECT id FROM job
                     WHERE (state = 'queued' AND run_after_us <= $3)
                        OR (state = 'running' AND lease_until_us < $3)
                     ORDER BY run_after_us, id LIMIT 1)
         RETURNING id, kind, payload, attempts, fencing",
        owner, lease_until.0, now.0
    )
}

/// Prolongs the lease and reports progress; false when the lease is somebody else's by now.
///
/// # Errors
/// When the database fails.
pub async fn renew(
    tx: &mut Tx,
    job: &Job,
    lease_until: UtcMicros,
    progress_percent: u8,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE job SET lease_until_us = $3, progress_percent = $4
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id,
        job.fencing,
        lease_until.0,
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
        execute, tx,
        "UPDATE job SET state = 'done', progress_percent = 100, finished_at_us = $3, lease_until_us = NULL
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id, job.fencing, now.0
    )?;
    Ok(changed > 0)
}

/// Gives a job back, to be tried again at `run_after`; without that it has failed. False when the lease is somebody
/// else's by now.
///
/// # Errors
/// When the database fails.
pub async fn give_back(
    tx: &mut Tx,
    job: &Job,
    failure: &str,
    run_after: Option<UtcMicros>,
    now: UtcMicros,
) -> StoreResult<bool> {
    let failure = &protocol::text::storable(failure);
    let changed = match run_after {
        Some(run_after) => sql!(
            execute, tx,
            "UPDATE job SET state = 'queued', failure = $3, run_after_us = $4, lease_owner = NULL,
                 lease_until_us = NULL
             WHERE id = $1 AND fencing = $2 AND state = 'running'",
            job.id, job.fencing, failure, run_after.0
        )?,
        None => sql!(
            execute, tx,
            "UPDATE job SET state = 'failed', failure = $3, finished_at_us = $4, lease_until_us = NULL
             WHERE id = $1 AND fencing = $2 AND state = 'running'",
            job.id, job.fencing, failure, now.0
        )?,
    };
    Ok(changed > 0)
}

/// Gives a job back untried, for example because the server stops; the attempt does not count.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, job: &Job, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute, tx,
        "UPDATE job SET state = 'queued', attempts = attempts - 1, run_after_us = $3, lease_owner = NULL,
             lease_until_us = NULL
         WHERE id = $1 AND fencing = $2 AND state = 'running'",
        job.id, job.fencing, now.0
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
