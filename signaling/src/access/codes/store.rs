//! One-time codes of accounts.

use protocol::{AccountId, PersonId, UtcMicros};

use crate::access::accounts::{end_sign_ins, normalise_login};
use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};

/// What is stored of an account's code, and until when the code is good; none when it has no code.
///
/// # Errors
/// When the database fails.
pub(super) async fn of_account(
    conn: &mut Conn,
    account: AccountId,
) -> StoreResult<Option<(Vec<u8>, UtcMicros)>> {
    sql!(
        optional(Vec<u8>, UtcMicros),
        conn,
        "SELECT code_hash, code_expires_at_us FROM account
         WHERE id = $1 AND code_hash IS NOT NULL AND code_expires_at_us IS NOT NULL",
        account
    )
}

/// Adds an account that has a code and no password.
///
/// # Errors
/// `Duplicate` when the login is taken.
pub(crate) async fn insert_account(
    tx: &mut Tx,
    login: &str,
    person: PersonId,
    (hash, expires_at): (&[u8], UtcMicros),
    now: UtcMicros,
) -> StoreResult<AccountId> {
    let id = AccountId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO account (id, login, person_id, code_hash, code_expires_at_us, created_at_us, password_changed_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        id, &normalise_login(login), person, hash, expires_at, now
    )?;
    Ok(id)
}

/// Gives an account a code in place of its password and of the code it had, and ends its sign-ins.
///
/// # Errors
/// When the database fails.
pub(crate) async fn give(
    tx: &mut Tx,
    account: AccountId,
    (hash, expires_at): (&[u8], UtcMicros),
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE account SET password_hash = NULL, code_hash = $2, code_expires_at_us = $3 WHERE id = $1",
        account,
        hash,
        expires_at
    )?;
    end_sign_ins(tx, account, None, now).await?;
    Ok(())
}

/// Puts a password in the place of the code that is stored as `hash`. False when it was spent or replaced before, or the account is
/// disabled.
///
/// # Errors
/// When the database fails.
pub(super) async fn spend(
    tx: &mut Tx,
    account: AccountId,
    hash: &[u8],
    password_hash: &str,
    now: UtcMicros,
) -> StoreResult<bool> {
    let spent = sql!(
        execute, tx,
        "UPDATE account SET password_hash = $3, password_changed_at_us = $4, code_hash = NULL, code_expires_at_us = NULL
         WHERE id = $1 AND code_hash = $2 AND code_expires_at_us > $4 AND disabled_at_us IS NULL",
        account, hash, password_hash, now
    )?;
    Ok(spent == 1)
}
