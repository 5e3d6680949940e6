//! Who did what: a chain of hashes, written in the transaction of the change itself.

use protocol::UtcMicros;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreError, StoreResult, Tx, sql};

/// What happened, for the audit log.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Who did it: `account:<id>`, `token:<id>` or `system`.
    pub actor: &'a str,
    /// What was done, for example `create_session`.
    pub action: &'a str,
    /// To what, for example `session:GB-1107`.
    pub resource: &'a str,
    /// How it was before.
    pub before: Option<Value>,
    /// How it is after.
    pub after: Option<Value>,
}

/// Adds a line. Lines are numbered one by one: on PostgreSQL the log is locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn append(tx: &mut Tx, line: Line<'_>, now: UtcMicros) -> StoreResult<()> {
    lock(tx).await?;
    let last = sql!(
        optional(i64, Vec<u8>),
        tx,
        "SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1"
    )?;
    let (seq, previous_hash) = last.map_or((1, vec![0; 32]), |(seq, hash)| (seq + 1, hash));
    let row = Row {
        seq,
        at_us: now.0,
        actor: line.actor.to_owned(),
        action: line.action.to_owned(),
        resource: line.resource.to_owned(),
        before: line.before.map(|value| value.to_string()),
        after: line.after.map(|value| value.to_string()),
    };
    let hash = row.hash(&previous_hash);
    sql!(
        execute, tx,
        "INSERT INTO audit_log (seq, at_us, actor, action, resource, before, after, previous_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.seq, row.at_us, &row.actor, &row.action, &row.resource, &row.before, &row.after, &previous_hash, &hash
    )?;
    Ok(())
}

/// Keeps others from adding a line until this transaction ends. SQLite's one writer does so by itself.
async fn lock(tx: &mut Tx) -> StoreResult<()> {
    if tx.is_postgres() {
        sql!(
            execute,
            tx,
            "LOCK TABLE audit_log IN SHARE ROW EXCLUSIVE MODE"
        )?;
    }
    Ok(())
}

/// Adds a line, unless the same actor did the same to the same since `since`. Whether it was added.
///
/// # Errors
/// When the database fails.
pub async fn append_once(
    tx: &mut Tx,
    line: Line<'_>,
    since: UtcMicros,
    now: UtcMicros,
) -> StoreResult<bool> {
    // Before the question, so that of two who ask at the same moment one sees the other's line.
    lock(tx).await?;
    if happened(tx, &line, since).await? {
        return Ok(false);
    }
    append(tx, line, now).await?;
    Ok(true)
}

/// Whether the same actor did the same to the same since `since`.
///
/// # Errors
/// When the database fails.
pub async fn happened(conn: &mut Conn, line: &Line<'_>, since: UtcMicros) -> StoreResult<bool> {
    let found = sql!(
        optional(i64,),
        conn,
        "SELECT seq FROM audit_log WHERE resource = $1 AND at_us > $2 AND actor = $3 AND action = $4 LIMIT 1",
        line.resource,
        since,
        line.actor,
        line.action
    )?;
    Ok(found.is_some())
}

/// A line without its hashes, in the order in which it is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Row {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at_us: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub resource: String,
    /// JSON.
    pub before: Option<String>,
    /// JSON.
    pub after: Option<String>,
}

impl Row {
    /// SHA-256 over the hash before and the line as JSON: unlike columns put end to end, it has one reading.
    fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let line = serde_json::to_vec(self).expect("a line has only strings and numbers");
        Sha256::new()
            .chain_update(previous)
            .chain_update(line)
            .finalize()
            .to_vec()
    }
}

/// How the log looks after a check of its whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every line follows from the one before; so many lines.
    Intact(u64),
    /// This line, or one before it, was changed or removed.
    BrokenAt(i64),
}

/// How many lines [`verify`] reads at a time.
const VERIFY_PAGE: i64 = 1_000;

/// Checks the whole chain. A log cut off at its end looks intact: keep the last hash elsewhere to notice that.
///
/// # Errors
/// When the database fails.
pub async fn verify(conn: &mut Conn) -> StoreResult<Verdict> {
    #[derive(FromRow)]
    struct Stored {
        #[sqlx(flatten)]
        row: Row,
        previous_hash: Vec<u8>,
        hash: Vec<u8>,
    }

    let (mut seq, mut previous) = (0_i64, vec![0_u8; 32]);
    loop {
        let page = sql!(
            all Stored, conn,
            "SELECT seq, at_us, actor, action, resource, before, after, previous_hash, hash
             FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2",
            seq, VERIFY_PAGE
        )?;
        if page.is_empty() {
            return u64::try_from(seq)
                .map(Verdict::Intact)
                .map_err(|_| StoreError::Corrupt(format!("audit line {seq}")));
        }
        for stored in page {
            let follows = stored.row.seq == seq + 1
                && stored.previous_hash == previous
                && stored.hash == stored.row.hash(&previous);
            if !follows {
                return Ok(Verdict::BrokenAt(stored.row.seq));
            }
            seq = stored.row.seq;
            previous = stored.hash;
        }
    }
}

/// The last lines, newest first.
///
/// # Errors
/// When the database fails.
pub async fn last(conn: &mut Conn, limit: i64) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        "SELECT seq, at_us, actor, action, resource, before, after FROM audit_log ORDER BY seq DESC LIMIT $1",
        limit
    )
}
