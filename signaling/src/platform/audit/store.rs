//! Who did what: a chain of hashes, written in the transaction of the change itself.

use std::collections::BTreeMap;

use protocol::UtcMicros;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::head::Head;
use super::seal::{self, CHAIN, Salts};
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
    let details = [line.before, line.after].map(|value| value.map(seal::as_read));
    let salts = Salts::fresh(&details)
        .map_err(|cause| StoreError::Corrupt(format!("a line without salts: {cause}")))?
        .stored();
    let [before, after] = details.map(|value| value.map(|value| value.to_string()));
    let row = Row {
        seq,
        at_us: now.0,
        actor: line.actor.to_owned(),
        action: line.action.to_owned(),
        resource: line.resource.to_owned(),
        before,
        after,
    };
    let hash = hash_by(&row, CHAIN, Some(&salts), &previous_hash)
        .ok_or_else(|| StoreError::Corrupt(format!("what audit line {seq} says")))?;
    sql!(
        execute, tx,
        "INSERT INTO audit_log (seq, at_us, actor, action, resource, before, after, previous_hash, hash, chain, salts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.seq, row.at_us, &row.actor, &row.action, &row.resource, &row.before, &row.after, &previous_hash, &hash,
        CHAIN, &salts
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

/// SHA-256 over the hash before and the line as JSON: unlike columns put end to end, it has one reading. None when the line is not
/// as lines of this rule are written.
fn hash_by(row: &Row, chain: i64, salts: Option<&str>, previous: &[u8]) -> Option<Vec<u8>> {
    let line = seal::bytes(row, chain, salts)?;
    let hash = Sha256::new().chain_update(previous).chain_update(line);
    Some(hash.finalize().to_vec())
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

#[derive(Debug, FromRow)]
struct Stored {
    #[sqlx(flatten)]
    row: Row,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
    chain: i64,
    salts: Option<String>,
    erased_by: Option<i64>,
}

impl Stored {
    /// Whether it is as it was written, as far as it says so itself: one of the first rule that lost a text cannot.
    fn is_as_written(&self) -> bool {
        if self.chain == 1 && self.erased_by.is_some() {
            return true;
        }
        let salts = self.salts.as_deref();
        hash_by(&self.row, self.chain, salts, &self.previous_hash).as_ref() == Some(&self.hash)
    }

    fn remains(&self) -> Vec<u8> {
        seal::remains(&self.row, self.salts.as_deref(), &self.hash)
    }
}

/// Checks every line. `head` is what was written down outside the database before: without it, a log cut off at its end
/// looks intact.
///
/// # Errors
/// When the database fails.
pub async fn verify(conn: &mut Conn, head: Option<Head>) -> StoreResult<Verdict> {
    let salted = is_salted(conn).await?;
    let erasures = match salted {
        true => erasures(conn).await?,
        false => Erasures::new(),
    };
    let mut check = Check::new(head, erasures);
    loop {
        let statement = match salted {
            true => SALTED_LINES,
            false => LINES,
        };
        let page = sql!(all Stored, conn, statement, check.seq, VERIFY_PAGE)?;
        if page.is_empty() {
            return Ok(check.end());
        }
        for stored in page {
            check.line(&stored);
        }
    }
}

/// The lines after a number.
const SALTED_LINES: &str = "SELECT seq, at_us, actor, action, resource, before, after, previous_hash, hash, chain, salts, erased_by
     FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2";

/// The same where no line has salts yet.
const LINES: &str = "SELECT seq, at_us, actor, action, resource, before, after, previous_hash, hash,
            CAST(1 AS BIGINT) AS chain, CAST(NULL AS TEXT) AS salts, CAST(NULL AS BIGINT) AS erased_by
     FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2";

/// Whether texts of the log can go: before an upgrade, the log of an older release is checked as it was written.
async fn is_salted(conn: &mut Conn) -> StoreResult<bool> {
    const SALTS_SINCE: i64 = 17;
    let (applied,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM _sqlx_migrations WHERE version = $1",
        SALTS_SINCE
    )?;
    Ok(applied > 0)
}

/// A check of the chain, line by line.
struct Check {
    seq: i64,
    previous: Vec<u8>,
    erasures: Erasures,
    /// Lines that lost texts, by which, and what is left of them.
    lost: Vec<(i64, i64, Vec<u8>)>,
    verdict: Verdict,
}

impl Check {
    fn new(head: Option<Head>, erasures: Erasures) -> Self {
        Self {
            seq: 0,
            previous: vec![0; 32],
            erasures,
            lost: Vec::new(),
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
        if let Some(by) = stored.erased_by {
            self.lost.push((seq, by, stored.remains()));
        }
        // What a line says was left of others is what is written beside the log, or that counts for nothing.
        if let Some(left) = self.erasures.get(&seq)
            && vouched(&stored.row).as_deref() != Some(&*digest_of(left))
        {
            self.erasures.remove(&seq);
        }
        if !stored.is_as_written() {
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
        for (seq, by, remains) in std::mem::take(&mut self.lost) {
            let left = self.erasures.get(&by).filter(|_| by <= self.seq);
            if left.and_then(|left| left.get(&seq)) != Some(&remains) {
                self.found(Fault::Changed(seq));
            }
        }
        let place = |fault: &Fault| match *fault {
            Fault::Missing { from, .. } => from,
            Fault::Changed(seq) | Fault::Rewritten(seq) => seq,
        };
        self.verdict.faults.sort_by_key(place);
        self.verdict.faults.dedup();
        if let Some(head) = self.verdict.head.filter(|head| head.seq > self.seq) {
            self.found(Fault::Missing {
                from: self.seq + 1,
                to: head.seq,
            });
        }
        self.verdict
    }
}

/// What is left of lines that lost texts, by the line that says so and their own number.
type Erasures = BTreeMap<i64, BTreeMap<i64, Vec<u8>>>;

async fn erasures(conn: &mut Conn) -> StoreResult<Erasures> {
    let rows = sql!(
        all(i64, i64, Vec<u8>),
        conn,
        "SELECT erased_by, seq, remains FROM audit_erasure"
    )?;
    let mut erasures = Erasures::new();
    for (by, seq, remains) in rows {
        erasures.entry(by).or_default().insert(seq, remains);
    }
    Ok(erasures)
}

/// One digest over what is left of several lines.
fn digest_of(left: &BTreeMap<i64, Vec<u8>>) -> String {
    let mut all = Sha256::new();
    for (seq, remains) in left {
        all.update(seq.to_be_bytes());
        all.update(remains);
    }
    hex::encode(all.finalize())
}

/// The digest that a line holds of what it left of others.
fn vouched(row: &Row) -> Option<String> {
    let after: Value = serde_json::from_str(row.after.as_deref()?).ok()?;
    after.get(REMAINS)?.as_str().map(str::to_owned)
}

/// Under which name a line that says that texts were deleted holds the digest of what is left.
pub const REMAINS: &str = "remains";

/// What was deleted from the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenOut {
    /// From how many lines.
    pub lines: u64,
    /// A digest of what is left of them: the next line of this transaction has to hold it under [`REMAINS`].
    pub remains: String,
}

/// Deletes personal texts from the details of every line. `like` are patterns of which every line has one that may hold such a text;
/// four at a time are looked for. The line that says so has to be the next that this transaction adds.
///
/// # Errors
/// When the database fails.
pub async fn take_out(
    tx: &mut Tx,
    like: &[String],
    is_personal: &(dyn Fn(&str) -> bool + Sync),
) -> StoreResult<TakenOut> {
    lock(tx).await?;
    let by = newest(tx).await?.map_or(1, |head| head.seq + 1);
    let mut left = BTreeMap::new();
    for four in like.chunks(4) {
        let pattern = |at: usize| four.get(at).unwrap_or(&four[0]);
        let found = sql!(
            all Stored, tx,
            "SELECT seq, at_us, actor, action, resource, before, after, previous_hash, hash, chain, salts, erased_by
             FROM audit_log
             WHERE before LIKE $1 ESCAPE '!' OR after LIKE $1 ESCAPE '!' OR before LIKE $2 ESCAPE '!'
                OR after LIKE $2 ESCAPE '!' OR before LIKE $3 ESCAPE '!' OR after LIKE $3 ESCAPE '!'
                OR before LIKE $4 ESCAPE '!' OR after LIKE $4 ESCAPE '!' ORDER BY seq",
            pattern(0), pattern(1), pattern(2), pattern(3)
        )?;
        for mut line in found {
            if seal::take_out(&mut line.row, &mut line.salts, is_personal) > 0 {
                sql!(
                    execute,
                    tx,
                    "UPDATE audit_log SET before = $2, after = $3, salts = $4, erased_by = $5 WHERE seq = $1",
                    line.row.seq,
                    &line.row.before,
                    &line.row.after,
                    &line.salts,
                    by
                )?;
                left.insert(line.row.seq, line.remains());
            }
        }
    }
    for (seq, remains) in &left {
        sql!(
            execute,
            tx,
            "INSERT INTO audit_erasure (erased_by, seq, remains) VALUES ($1, $2, $3)",
            by,
            *seq,
            remains
        )?;
    }
    Ok(TakenOut {
        lines: left.len() as u64,
        remains: digest_of(&left),
    })
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

/// At most `limit` lines about one thing before the line `before`, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_resource(
    conn: &mut Conn,
    resource: &str,
    before: i64,
    limit: i64,
) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        "SELECT seq, at_us, actor, action, resource, before, after FROM audit_log
         WHERE resource = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
        resource, before, limit
    )
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
