//! Letters that invite people, and what became of each.

use protocol::api::{LetterFailure, LetterState};
use protocol::{AccountId, PersonId, UtcMicros};
use sqlx::FromRow;
use uuid::Uuid;

use super::work::Which;
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};

/// A letter that waits to be sent.
#[derive(Debug, FromRow)]
pub(super) struct Waiting {
    pub(super) asked_by: AccountId,
    pub(super) is_reset: bool,
    /// Where it goes by now; none when the address was taken away.
    pub(super) email: Option<String>,
}

/// Where letters reach somebody.
pub(super) async fn email_of(conn: &mut Conn, person: PersonId) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT email FROM person WHERE id = $1 AND email IS NOT NULL",
        person
    )?;
    Ok(found.map(|(email,)| email))
}

/// A new letter to somebody, in the place of the last one.
pub(super) async fn ask(
    tx: &mut Tx,
    person: PersonId,
    by: AccountId,
    reset: bool,
    now: UtcMicros,
) -> StoreResult<Uuid> {
    let id = new_id();
    sql!(
        execute, tx,
        "INSERT INTO account_letter (person_id, id, asked_by, is_reset, state, asked_at_us) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person_id) DO UPDATE SET id = $2, asked_by = $3, is_reset = $4, state = $5, failure = NULL,
             asked_at_us = $6, ended_at_us = NULL",
        person, id, by, reset, Word(LetterState::Queued), now
    )?;
    Ok(id)
}

/// A letter that still waits; none when another took its place, or the person is forgotten.
pub(super) async fn waiting(conn: &mut Conn, which: &Which) -> StoreResult<Option<Waiting>> {
    sql!(
        optional Waiting, conn,
        "SELECT l.asked_by, l.is_reset, p.email FROM account_letter l JOIN person p ON p.id = l.person_id
         WHERE l.person_id = $1 AND l.id = $2 AND l.state = $3",
        which.person, which.letter, Word(LetterState::Queued)
    )
}

/// Notes what became of a letter that waits. Whether it is still the last one.
pub(super) async fn note(
    tx: &mut Tx,
    which: &Which,
    state: LetterState,
    failure: Option<LetterFailure>,
    now: UtcMicros,
) -> StoreResult<bool> {
    let ended = (state != LetterState::Queued).then_some(now);
    let changed = sql!(
        execute,
        tx,
        "UPDATE account_letter SET state = $3, failure = $4, ended_at_us = $5 WHERE person_id = $1 AND id = $2",
        which.person,
        which.letter,
        Word(state),
        failure.map(Word),
        ended
    )?;
    Ok(changed > 0)
}
