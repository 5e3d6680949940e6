//! Who did what: a chain of hashes, written in the transaction of the change itself.

use protocol::UtcMicros;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::head::Head;
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
    remember(tx, &row.actor).await?;
    remember(tx, &row.resource).await?;
    tx.saw(head_of(seq, &hash)?);
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

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// These lines are not there, from the first to the last.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// This line is not as it was written.
    Changed(i64),
    /// Every line up to this one follows from the one before, but they are not those that were written.
    Rewritten(i64),
}

/// How the log looks after a check of its whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How many lines there are.
    pub lines: u64,
    /// The line that was written down outside the database; none was, or it was lost.
    pub head: Option<Head>,
    /// What is wrong, in the order of the lines; the first [`MOST_FAULTS`].
    pub faults: Vec<Fault>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }
}

/// How many faults of a log are told: more are no more than that.
pub const MOST_FAULTS: usize = 100;

/// How many lines [`verify`] reads at a time.
const VERIFY_PAGE: i64 = 1_000;

#[derive(FromRow)]
struct Stored {
    #[sqlx(flatten)]
    row: Row,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// Checks every line. `head` is what was written down outside the database before: without it, a log cut off at its end
/// looks intact.
///
/// # Errors
/// When the database fails.
pub async fn verify(conn: &mut Conn, head: Option<Head>) -> StoreResult<Verdict> {
    let mut check = Check::new(head);
    loop {
        let page = sql!(
            all Stored, conn,
            "SELECT seq, at_us, actor, action, resource, before, after, previous_hash, hash
             FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2",
            check.seq, VERIFY_PAGE
        )?;
        if page.is_empty() {
            return Ok(check.end());
        }
        for stored in page {
            check.line(&stored);
        }
    }
}

/// A check of the chain, line by line.
struct Check {
    seq: i64,
    previous: Vec<u8>,
    verdict: Verdict,
}

impl Check {
    fn new(head: Option<Head>) -> Self {
        Self {
            seq: 0,
            previous: vec![0; 32],
            verdict: Verdict {
                lines: 0,
                head,
                faults: Vec::new(),
            },
        }
    }

    fn line(&mut self, stored: &Stored) {
        let seq = stored.row.seq;
        let is_next = seq == self.seq + 1;
        if !is_next {
            self.found(Fault::Missing {
                from: self.seq + 1,
                to: seq - 1,
            });
        }
        if stored.hash != stored.row.hash(&stored.previous_hash) {
            self.found(Fault::Changed(seq));
        } else if is_next && stored.previous_hash != self.previous {
            // This line is as it was written, so the one before, to which it holds, is another. Before the first is none.
            self.found(Fault::Changed(self.seq.max(1)));
        }
        let is_head = |head: Head| head.seq == seq && head.hash[..] != stored.hash;
        if self.verdict.head.is_some_and(is_head) && self.verdict.is_intact() {
            self.found(Fault::Rewritten(seq));
        }
        self.seq = seq;
        self.previous.clone_from(&stored.hash);
        self.verdict.lines += 1;
    }

    fn found(&mut self, fault: Fault) {
        let faults = &mut self.verdict.faults;
        if faults.len() < MOST_FAULTS && faults.last() != Some(&fault) {
            faults.push(fault);
        }
    }

    fn end(mut self) -> Verdict {
        if let Some(head) = self.verdict.head.filter(|head| head.seq > self.seq) {
            self.found(Fault::Missing {
                from: self.seq + 1,
                to: head.seq,
            });
        }
        self.verdict
    }
}

/// The newest line, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn newest(conn: &mut Conn) -> StoreResult<Option<Head>> {
    let last = sql!(
        optional(i64, Vec<u8>),
        conn,
        "SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1"
    )?;
    last.map(|(seq, hash)| head_of(seq, &hash)).transpose()
}

/// The hash of a line, if it is there.
pub(super) async fn hash_of(conn: &mut Conn, seq: i64) -> StoreResult<Option<Vec<u8>>> {
    let found = sql!(
        optional(i64, Vec<u8>),
        conn,
        "SELECT seq, hash FROM audit_log WHERE seq = $1",
        seq
    )?;
    Ok(found.map(|(_, hash)| hash))
}

fn head_of(seq: i64, hash: &[u8]) -> StoreResult<Head> {
    let hash = hash
        .try_into()
        .map_err(|_| StoreError::Corrupt(format!("the hash of audit line {seq}")))?;
    Ok(Head { seq, hash })
}

/// What an actor or a resource of the log names, so that lines are found by a name.
struct Named<'a> {
    kind: &'a str,
    id: Option<Uuid>,
    code: Option<&'a str>,
    participant: Option<Uuid>,
}

impl<'a> Named<'a> {
    /// Of `kind`, `kind:<id or code>`, and of a session also `session:<code>/participant:<id>`.
    fn of(word: &'a str) -> Self {
        let (whole, part) = match word.split_once("/participant:") {
            Some((whole, part)) => (whole, Some(part)),
            None => (word, None),
        };
        let (kind, what) = match whole.split_once(':') {
            Some((kind, what)) => (kind, Some(what)),
            None => (whole, None),
        };
        let id = what.and_then(|what| what.parse().ok());
        Self {
            kind,
            id,
            code: what.filter(|_| id.is_none()),
            participant: part.and_then(|part| part.parse().ok()),
        }
    }
}

async fn remember(tx: &mut Tx, word: &str) -> StoreResult<()> {
    let named = Named::of(word);
    sql!(
        execute,
        tx,
        "INSERT INTO audit_word (word, kind, id, code, participant_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (word) DO NOTHING",
        word,
        named.kind,
        named.id,
        named.code,
        named.participant
    )?;
    Ok(())
}

/// Remembers what the lines name that an earlier release wrote.
///
/// # Errors
/// When the database fails.
pub(crate) async fn remember_all(tx: &mut Tx) -> StoreResult<()> {
    let known = sql!(optional(String,), tx, "SELECT word FROM audit_word LIMIT 1")?;
    if known.is_some() {
        return Ok(());
    }
    let words = sql!(
        all(String,),
        tx,
        "SELECT actor FROM audit_log UNION SELECT resource FROM audit_log"
    )?;
    for (word,) in words {
        remember(tx, &word).await?;
    }
    Ok(())
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
