//! Second factors and recovery codes of accounts.

use protocol::{AccountId, SignInId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, sql};

/// The factor that is asked for at the door.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Working {
    /// Its sealed secret.
    pub(super) secret: Vec<u8>,
    /// Since when.
    pub(super) confirmed_at_us: UtcMicros,
    /// The step of the last code that was accepted.
    pub(super) last_step: Option<i64>,
}

/// The factor of an account that works.
///
/// # Errors
/// When the database fails.
pub(super) async fn working(conn: &mut Conn, account: AccountId) -> StoreResult<Option<Working>> {
    sql!(
        optional Working, conn,
        "SELECT secret, confirmed_at_us, last_step FROM second_factor WHERE account_id = $1 AND state = 'working'",
        account
    )
}

/// Whether a second factor is asked for when somebody signs in.
///
/// # Errors
/// When the database fails.
pub(crate) async fn is_on(conn: &mut Conn, account: AccountId) -> StoreResult<bool> {
    Ok(working(conn, account).await?.is_some())
}

/// The sealed secret that waits for its first code, and since when.
///
/// # Errors
/// When the database fails.
pub(super) async fn waiting(
    conn: &mut Conn,
    account: AccountId,
) -> StoreResult<Option<(Vec<u8>, UtcMicros)>> {
    sql!(
        optional(Vec<u8>, UtcMicros),
        conn,
        "SELECT secret, made_at_us FROM second_factor WHERE account_id = $1 AND state = 'new'",
        account
    )
}

/// Lets a sealed secret wait for its first code, in place of one that waited before. The one that works stays.
///
/// # Errors
/// When the database fails.
pub(super) async fn put_new(
    tx: &mut Tx,
    account: AccountId,
    secret: &[u8],
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO second_factor (account_id, state, secret, made_at_us) VALUES ($1, 'new', $2, $3)
         ON CONFLICT (account_id, state) DO UPDATE SET secret = excluded.secret, made_at_us = excluded.made_at_us",
        account,
        secret,
        now
    )?;
    Ok(())
}

/// Keeps others from signing in to an account, and from changing its second factor, until this transaction ends.
///
/// # Errors
/// When the database fails.
pub(super) async fn hold(tx: &mut Tx, account: AccountId) -> StoreResult<()> {
    // Written as it is: that locks the row in every database.
    sql!(
        execute,
        tx,
        "UPDATE account SET login = login WHERE id = $1",
        account
    )?;
    Ok(())
}

/// Puts the secret that waited, which is stored as `secret`, in the place of the one that worked: the code of `step` was accepted.
/// False when it waits no longer; then nothing may be kept of this transaction. Otherwise says whether there was one before.
///
/// # Errors
/// When the database fails.
pub(super) async fn confirm(
    tx: &mut Tx,
    account: AccountId,
    (secret, step): (&[u8], i64),
    now: UtcMicros,
) -> StoreResult<Option<bool>> {
    let replaced = sql!(
        execute,
        tx,
        "DELETE FROM second_factor WHERE account_id = $1 AND state = 'working'",
        account
    )?;
    let confirmed = sql!(
        execute,
        tx,
        "UPDATE second_factor SET state = 'working', confirmed_at_us = $4, last_step = $3
         WHERE account_id = $1 AND state = 'new' AND secret = $2",
        account,
        secret,
        step,
        now
    )?;
    Ok((confirmed == 1).then_some(replaced == 1))
}

/// Notes that the code of `step` was accepted. False when it was before, or a later one was, or the secret is another one.
///
/// # Errors
/// When the database fails.
pub(super) async fn accept(
    tx: &mut Tx,
    account: AccountId,
    secret: &[u8],
    step: i64,
) -> StoreResult<bool> {
    let accepted = sql!(
        execute,
        tx,
        "UPDATE second_factor SET last_step = $3
         WHERE account_id = $1 AND state = 'working' AND secret = $2 AND (last_step IS NULL OR last_step < $3)",
        account,
        secret,
        step
    )?;
    Ok(accepted == 1)
}

/// Takes an account's second factor away, with one that waits and all recovery codes. False when none worked.
///
/// # Errors
/// When the database fails.
pub(crate) async fn remove(tx: &mut Tx, account: AccountId) -> StoreResult<bool> {
    let worked = is_on(tx, account).await?;
    sql!(
        execute,
        tx,
        "DELETE FROM second_factor WHERE account_id = $1",
        account
    )?;
    sql!(
        execute,
        tx,
        "DELETE FROM recovery_code WHERE account_id = $1",
        account
    )?;
    Ok(worked)
}

/// A row of one column.
type OneHash = (Vec<u8>,);

/// What is stored of the recovery codes that are left.
///
/// # Errors
/// When the database fails.
pub(super) async fn recovery_codes(
    conn: &mut Conn,
    account: AccountId,
) -> StoreResult<Vec<Vec<u8>>> {
    let rows = sql!(
        all OneHash, conn,
        "SELECT code_hash FROM recovery_code WHERE account_id = $1 AND used_at_us IS NULL ORDER BY code_hash",
        account
    )?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Puts new recovery codes in the place of all that there were.
///
/// # Errors
/// When the database fails.
pub(super) async fn put_recovery_codes(
    tx: &mut Tx,
    account: AccountId,
    hashes: &[Vec<u8>],
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM recovery_code WHERE account_id = $1",
        account
    )?;
    for hash in hashes {
        sql!(
            execute,
            tx,
            "INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)",
            account,
            hash
        )?;
    }
    Ok(())
}

/// Uses a recovery code. False when it was used before, or is none.
///
/// # Errors
/// When the database fails.
pub(super) async fn use_recovery_code(
    tx: &mut Tx,
    account: AccountId,
    hash: &[u8],
    now: UtcMicros,
) -> StoreResult<bool> {
    let used = sql!(
        execute,
        tx,
        "UPDATE recovery_code SET used_at_us = $3 WHERE account_id = $1 AND code_hash = $2 AND used_at_us IS NULL",
        account,
        hash,
        now
    )?;
    Ok(used == 1)
}

/// Notes that whoever signed in showed a second factor.
///
/// # Errors
/// When the database fails.
pub(super) async fn mark_sign_in(tx: &mut Tx, id: SignInId, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET second_factor_at_us = $2 WHERE id = $1",
        id,
        now
    )?;
    Ok(())
}
