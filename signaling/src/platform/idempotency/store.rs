//! Requests with a name, and their answers.

use std::collections::BTreeMap;

use protocol::UtcMicros;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Answer, Named};
use crate::platform::database::{Conn, StoreError, StoreResult, Tx, sql};

/// A request that was asked before.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) claim: Uuid,
    pub(super) request_hash: Vec<u8>,
    pub(super) begun_at: UtcMicros,
    pub(super) acted: bool,
    pub(super) answer: Option<Answer>,
}

#[derive(FromRow)]
struct Row {
    claim: Uuid,
    request_hash: Vec<u8>,
    begun_at_us: UtcMicros,
    acted: bool,
    status: Option<i64>,
    headers: Option<String>,
    body: Option<Vec<u8>>,
}

impl Row {
    fn parse(self) -> StoreResult<Known> {
        let corrupt = || StoreError::Corrupt("a kept answer".to_owned());
        let answer = match self.status {
            None => None,
            Some(status) => {
                let headers: BTreeMap<String, String> =
                    serde_json::from_str(self.headers.as_deref().unwrap_or("{}"))
                        .map_err(|_| corrupt())?;
                Some(Answer {
                    status: u16::try_from(status).map_err(|_| corrupt())?,
                    headers,
                    body: self.body.unwrap_or_default(),
                })
            }
        };
        Ok(Known {
            claim: self.claim,
            request_hash: self.request_hash,
            begun_at: self.begun_at_us,
            acted: self.acted,
            answer,
        })
    }
}

/// Adds a request; false when one of this name is there.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(
    tx: &mut Tx,
    named: &Named,
    claim: Uuid,
    now: UtcMicros,
) -> StoreResult<bool> {
    let added = sql!(
        execute,
        tx,
        "INSERT INTO idempotent_request (caller, word, claim, request_hash, begun_at_us, acted)
         VALUES ($1, $2, $3, $4, $5, FALSE) ON CONFLICT (caller, word) DO NOTHING",
        &named.caller,
        &named.word,
        claim,
        &named.request_hash,
        now
    )?;
    Ok(added > 0)
}

/// Forgets a request of this name that is too old.
///
/// # Errors
/// When the database fails.
pub(super) async fn forget(tx: &mut Tx, named: &Named, before: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM idempotent_request WHERE caller = $1 AND word = $2 AND begun_at_us <= $3",
        &named.caller,
        &named.word,
        before
    )?;
    Ok(())
}

/// The request of this name.
///
/// # Errors
/// When the database fails.
pub(super) async fn find(conn: &mut Conn, named: &Named) -> StoreResult<Option<Known>> {
    sql!(
        optional Row, conn,
        "SELECT claim, request_hash, begun_at_us, acted, status, headers, body FROM idempotent_request
         WHERE caller = $1 AND word = $2",
        &named.caller, &named.word
    )?
    .map(Row::parse)
    .transpose()
}

/// Takes a claim over on which nobody acted; false when somebody did, or took it over, meanwhile.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_over(
    tx: &mut Tx,
    from: Uuid,
    claim: Uuid,
    now: UtcMicros,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE idempotent_request SET claim = $2, begun_at_us = $3 WHERE claim = $1 AND NOT acted",
        from,
        claim,
        now
    )?;
    Ok(changed > 0)
}

/// Notes that something is done under a claim; false when it is another's by now.
///
/// # Errors
/// When the database fails.
pub(super) async fn mark_acted(tx: &mut Tx, claim: Uuid) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE idempotent_request SET acted = TRUE WHERE claim = $1",
        claim
    )?;
    Ok(changed > 0)
}

/// Keeps the answer.
///
/// # Errors
/// When the database fails.
pub(super) async fn keep(tx: &mut Tx, claim: Uuid, answer: &Answer) -> StoreResult<()> {
    let headers = serde_json::to_string(&answer.headers).expect("texts are JSON");
    sql!(
        execute,
        tx,
        "UPDATE idempotent_request SET status = $2, headers = $3, body = $4 WHERE claim = $1",
        claim,
        i64::from(answer.status),
        headers,
        &answer.body
    )?;
    Ok(())
}

/// Forgets a claim under which nothing was done.
///
/// # Errors
/// When the database fails.
pub(super) async fn release(tx: &mut Tx, claim: Uuid) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM idempotent_request WHERE claim = $1 AND NOT acted",
        claim
    )?;
    Ok(())
}

/// Forgets what was asked before a moment, so many rows at most; how many they were.
///
/// # Errors
/// When the database fails.
pub(crate) async fn delete_before(tx: &mut Tx, before: UtcMicros, rows: i64) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM idempotent_request WHERE claim IN
             (SELECT claim FROM idempotent_request WHERE begun_at_us <= $1 ORDER BY begun_at_us LIMIT $2)",
        before,
        rows
    )
}
