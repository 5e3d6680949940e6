//! What is asked of a database that is copied, and of the copy.

use protocol::UtcMicros;
use sqlx::FromRow;

use super::manifest::{Counts, Facts};
use crate::platform::audit;
use crate::platform::database::{Conn, StoreResult, Tx, sql};

/// What a database holds.
///
/// # Errors
/// When the database fails.
pub(super) async fn facts(conn: &mut Conn) -> StoreResult<Facts> {
    let counts = sql!(
        one Counts, conn,
        "SELECT (SELECT COUNT(*) FROM org_unit) AS org_unit,
                (SELECT COUNT(*) FROM bridge_point) AS bridge_point,
                (SELECT COUNT(*) FROM person) AS person,
                (SELECT COUNT(*) FROM account) AS account,
                (SELECT COUNT(*) FROM role_grant) AS role_grant,
                (SELECT COUNT(*) FROM session) AS session,
                (SELECT COUNT(*) FROM participant) AS participant,
                (SELECT COUNT(*) FROM session_event) AS session_event,
                (SELECT COUNT(*) FROM recording) AS recording,
                (SELECT COUNT(*) FROM media_file) AS media_file,
                (SELECT COUNT(*) FROM training_class) AS training_class,
                (SELECT COUNT(*) FROM audit_log) AS audit_log"
    )?;
    let (schema,) = sql!(
        one(i64,),
        conn,
        "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations"
    )?;
    let head = audit::newest(conn).await?;
    Ok(Facts {
        schema,
        counts,
        audit_head: head.map(|head| head.to_string()),
    })
}

/// The first fault that SQLite finds in a file of its own, which it reads whole.
///
/// # Errors
/// When it cannot be read.
pub(super) async fn first_fault(conn: &mut Conn) -> StoreResult<Option<String>> {
    let (found,) = sql!(one(String,), conn, "PRAGMA integrity_check(1)")?;
    Ok((found != "ok").then_some(found))
}

/// Has everything that this transaction of PostgreSQL reads be of one moment, for others too: the name of that moment, and
/// the schema in which the tables lie.
///
/// # Errors
/// When the database fails.
pub(super) async fn moment(tx: &mut Tx) -> StoreResult<(String, String)> {
    sql!(
        execute,
        tx,
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )?;
    sql!(
        one(String, String),
        tx,
        "SELECT pg_export_snapshot(), current_schema()::text"
    )
}

/// How many tables a database of PostgreSQL has.
///
/// # Errors
/// When the database fails.
pub(super) async fn tables(conn: &mut Conn) -> StoreResult<i64> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"
    )?;
    Ok(count)
}

/// Ends every sign-in; how many.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_sign_ins(tx: &mut Tx, now: UtcMicros) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $1 WHERE ended_at_us IS NULL",
        now
    )
}

/// What was taken away: a login, the session of a link with the name on it, or a key.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Revoked {
    /// `account`, `link` or `api_key`.
    pub kind: String,
    /// The login, the code of the session, or which system uses the key.
    pub name: String,
    /// The name on a link.
    pub whose: Option<String>,
    /// When.
    pub at_us: UtcMicros,
}

/// What was taken away since a moment, in the order of time.
///
/// # Errors
/// When the database fails.
pub(super) async fn revoked_since(conn: &mut Conn, since: UtcMicros) -> StoreResult<Vec<Revoked>> {
    let mut found = sql!(
        all Revoked, conn,
        "SELECT 'account' AS kind, login AS name, NULL AS whose, disabled_at_us AS at_us
         FROM account WHERE disabled_at_us > $1
         UNION ALL
         SELECT 'link' AS kind, session.code AS name, access_token.display_name AS whose,
                access_token.revoked_at_us AS at_us
         FROM access_token JOIN session ON session.id = access_token.session_id
         WHERE access_token.revoked_at_us > $1
         ORDER BY 4, 2",
        since
    )?;
    // A database of before there were keys has no table of them.
    let keys = sql!(
        all Revoked, conn,
        "SELECT 'api_key' AS kind, name, NULL AS whose, revoked_at_us AS at_us
         FROM api_key WHERE revoked_at_us > $1 ORDER BY 4, 2",
        since
    );
    found.extend(keys.unwrap_or_default());
    Ok(found)
}
