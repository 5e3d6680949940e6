//! Recordings.
//!
//! ```text
//! starting ──► recording ──► finalising ──► archived ──► composing ──► ready
//!    │             │              │                          │
//!    └─────────────┴──────────────┴──────────────────────────┴───────► failed
//! ```
//!
//! The room and the recorder move a recording up to `archived`; the jobs move it on.

use protocol::{RecordingId, SessionCode, SessionId, UtcMicros, text};

use crate::platform::database::{Conn, StoreResult, Tx, sql};

/// Notes that a recording was asked for; a known one goes on.
///
/// # Errors
/// When the database fails.
pub async fn request(
    tx: &mut Tx,
    id: RecordingId,
    session: SessionId,
    at: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO recording (id, session_id, state, requested_at_us, fencing, recovered, on_hold, keep_until_us) \
         VALUES ($1, $2, 'starting', $3, 1, $4, $4, \
         (SELECT $3 + s.keep_days * 86400000000 FROM session s WHERE s.id = $2)) \
         ON CONFLICT (id) DO UPDATE SET recovered = $5, fencing = recording.fencing + 1",
        id,
        session,
        at,
        false,
        true,
    )?;
    Ok(())
}

/// The recorder has begun.
///
/// # Errors
/// When the database fails.
pub async fn started(tx: &mut Tx, id: RecordingId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'recording', started_at_us = COALESCE(started_at_us, $2), failure = NULL \
         WHERE id = $1 AND state IN ('starting', 'recording')",
        id,
        at,
    )?;
    Ok(())
}

/// The room wants no more of it; the recorder is closing it.
///
/// # Errors
/// When the database fails.
pub async fn stopping(tx: &mut Tx, id: RecordingId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'finalising', ended_at_us = COALESCE(ended_at_us, $2) \
         WHERE id = $1 AND state IN ('starting', 'recording')",
        id,
        at,
    )?;
    Ok(())
}

/// The room of a session wants no more of whatever recording runs in it.
///
/// # Errors
/// When the database fails.
pub async fn stopping_in(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'finalising', ended_at_us = COALESCE(ended_at_us, $2) \
         WHERE session_id = $1 AND state IN ('starting', 'recording')",
        session,
        at,
    )?;
    Ok(())
}

/// Everything is on disk. False when that was known already.
///
/// # Errors
/// When the database fails.
pub async fn finalised(
    tx: &mut Tx,
    id: RecordingId,
    duration_us: u64,
    bytes: u64,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE recording SET state = 'archived', duration_us = $2, bytes = $3, failure = NULL \
         WHERE id = $1 AND state = 'finalising'",
        id,
        duration_us.cast_signed(),
        bytes.cast_signed(),
    )?;
    Ok(changed == 1)
}

/// It could not be recorded: noted, but not final, because the recorder is asked again.
///
/// # Errors
/// When the database fails.
pub async fn troubled(tx: &mut Tx, id: RecordingId, reason: &str) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE recording SET failure = $2 WHERE id = $1 AND state IN ('starting', 'recording', 'finalising')",
        id,
        text::storable(reason),
    )?;
    Ok(())
}

/// The recording of a session that should be running.
///
/// # Errors
/// When the database fails.
pub async fn running(conn: &mut Conn, session: SessionId) -> StoreResult<Option<RecordingId>> {
    let row = sql!(
        optional(RecordingId,),
        conn,
        "SELECT id FROM recording WHERE session_id = $1 AND state IN ('starting', 'recording') \
         ORDER BY requested_at_us DESC LIMIT 1",
        session,
    )?;
    Ok(row.map(|(id,)| id))
}

/// The recordings that the recorder was told to close and has not reported closed, with the code of their session.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(
    conn: &mut Conn,
) -> StoreResult<Vec<(RecordingId, SessionId, SessionCode)>> {
    sql!(
        all(RecordingId, SessionId, SessionCode),
        conn,
        "SELECT r.id, r.session_id, s.code FROM recording r JOIN session s ON s.id = r.session_id \
         WHERE r.state = 'finalising' OR (r.state IN ('starting', 'recording') AND s.ended_at_us IS NOT NULL)",
    )
}
