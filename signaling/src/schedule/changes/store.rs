//! What a change writes into a session.

use protocol::client::{Preset, SessionKind};
use protocol::{PointId, SessionId, UtcMicros, text};
use uuid::Uuid;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};
use crate::platform::text::fold;

/// Keeps others from changing a session until this transaction ends, so that the version that is looked at is the one that
/// is changed. SQLite's one writer does so by itself.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock(tx: &mut Tx, code: &str) -> StoreResult<()> {
    if tx.is_postgres()
        && let Some(code) = text::key(code)
    {
        sql!(
            execute,
            tx,
            "SELECT 1 FROM session WHERE code = $1 FOR UPDATE",
            &code
        )?;
    }
    Ok(())
}

/// How a session is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) title: String,
    pub(super) kind: SessionKind,
    /// How its room shares out rights.
    pub(super) preset: Preset,
    pub(super) starts_at: UtcMicros,
    pub(super) ends_at: UtcMicros,
}

/// Writes how a session is planned since, as its next version.
///
/// # Errors
/// When the database fails.
pub(super) async fn plan(tx: &mut Tx, session: SessionId, plan: &Plan) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET title = $2, search_key = $3, kind = $4, preset = $5, starts_at_us = $6, ends_at_us = $7,
             version = version + 1
         WHERE id = $1",
        session,
        &plan.title,
        fold(&plan.title),
        Word(plan.kind),
        Word(plan.preset),
        plan.starts_at,
        plan.ends_at
    )?;
    Ok(())
}

/// Takes back the invitation of a point.
///
/// # Errors
/// When the database fails.
pub(super) async fn uninvite(tx: &mut Tx, session: SessionId, point: PointId) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM invitation WHERE session_id = $1 AND point_id = $2",
        session,
        point
    )?;
    Ok(())
}

/// Calls a session off, as its next version.
///
/// # Errors
/// When the database fails.
pub(super) async fn cancel(
    tx: &mut Tx,
    session: SessionId,
    reason: &str,
    at: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET cancelled_at_us = $2, cancel_reason = $3, version = version + 1 WHERE id = $1",
        session,
        at,
        reason
    )?;
    Ok(())
}

/// The name of whose account this is, or of the system that uses this key.
///
/// # Errors
/// When the database fails.
pub(super) async fn name_of(conn: &mut Conn, id: Uuid) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT p.full_name FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = $1
         UNION ALL SELECT name FROM api_key WHERE id = $1",
        id
    )?;
    Ok(found.map(|(name,)| name))
}
