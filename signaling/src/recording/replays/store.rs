//! Recordings as people see them, and the last steps of their life.
//!
//! The room and the recorder bring a recording up to `archived` ([`crate::live::captures`]); the compose job goes on from
//! there: `archived ─► composing ─► ready | failed`, and `failed ─► archived` when somebody asks for another try.

use protocol::api::{RecordingFailure, RecordingStage};
use protocol::{RecordingId, SessionId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its id.
    pub id: RecordingId,
    /// Of which session.
    pub session: SessionId,
    /// Where it stands.
    pub stage: RecordingStage,
    /// When it began, or was asked for.
    pub started_at: UtcMicros,
    /// How long it is, once known.
    pub duration_us: Option<i64>,
    /// Why it failed, or why it is tried again.
    pub failure: Option<RecordingFailure>,
    /// Until when it is kept.
    pub keep_until: Option<UtcMicros>,
}

#[derive(FromRow)]
struct Row {
    id: RecordingId,
    session_id: SessionId,
    state: Word<RecordingStage>,
    requested_at_us: UtcMicros,
    started_at_us: Option<UtcMicros>,
    duration_us: Option<i64>,
    failure: Option<String>,
    keep_until_us: Option<UtcMicros>,
}

impl From<Row> for Recording {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            session: row.session_id,
            stage: row.state.0,
            started_at: row.started_at_us.unwrap_or(row.requested_at_us),
            duration_us: row.duration_us,
            failure: row.failure.as_deref().map(RecordingFailure::of_code),
            keep_until: row.keep_until_us,
        }
    }
}

/// The recordings of a session that are still there, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_session(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<Recording>> {
    let rows = sql!(
        all Row, conn,
        "SELECT id, session_id, state, requested_at_us, started_at_us, duration_us, failure, keep_until_us
         FROM recording WHERE session_id = $1 AND state NOT IN ('expired', 'deleted')
         ORDER BY requested_at_us, id",
        session
    )?;
    Ok(rows.into_iter().map(Recording::from).collect())
}

/// A recording by its id, unless it is gone.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: RecordingId) -> StoreResult<Option<Recording>> {
    sql!(
        optional Row, conn,
        "SELECT id, session_id, state, requested_at_us, started_at_us, duration_us, failure, keep_until_us
         FROM recording WHERE id = $1 AND state NOT IN ('expired', 'deleted')",
        id
    )
    .map(|row| row.map(Recording::from))
}

/// The MP4 is being made. False when the recording is in no state for that.
///
/// # Errors
/// When the database fails.
pub async fn composing(tx: &mut Tx, id: RecordingId) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'composing', failure = NULL
         WHERE id = $1 AND state IN ('archived', 'composing', 'failed', 'ready')",
        id
    )?;
    Ok(changed > 0)
}

/// The MP4 is there.
///
/// # Errors
/// When the database fails.
pub async fn ready(tx: &mut Tx, id: RecordingId) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'ready', failure = NULL WHERE id = $1",
        id
    )?;
    Ok(())
}

/// How long the film is, which may begin and end elsewhere than the raw tracks.
///
/// # Errors
/// When the database fails.
pub async fn lasts(tx: &mut Tx, id: RecordingId, duration_us: u64) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET duration_us = $2 WHERE id = $1",
        id,
        duration_us.cast_signed()
    )?;
    Ok(())
}

/// No MP4 could be made; the raw tracks are safe.
///
/// # Errors
/// When the database fails.
pub async fn failed(tx: &mut Tx, id: RecordingId, failure: RecordingFailure) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'failed', failure = $2 WHERE id = $1 AND state NOT IN ('expired', 'deleted')",
        id,
        failure.code()
    )?;
    Ok(())
}

/// No MP4 could be made this time; it is tried again.
///
/// # Errors
/// When the database fails.
pub async fn waits(tx: &mut Tx, id: RecordingId, failure: RecordingFailure) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'archived', failure = $2 WHERE id = $1 AND state = 'composing'",
        id,
        failure.code()
    )?;
    Ok(())
}

/// The MP4 waits to be made once more: it could not be made, or is `lost`. False when the recording is in no state for
/// that.
///
/// # Errors
/// When the database fails.
pub async fn retry(tx: &mut Tx, id: RecordingId, lost: bool) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'archived', failure = NULL
         WHERE id = $1 AND (state IN ('archived', 'failed') OR (state = 'ready' AND $2))",
        id,
        lost
    )?;
    Ok(changed > 0)
}
