//! Identities that accounts are linked with, browsers that left for the provider, and roles that its groups give.

use protocol::api::AccountRole;
use protocol::{AccountId, Day, GrantId, IdentityId, SignInId, UnitId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};

/// What a role is marked with that the provider's groups gave.
const SOURCE: &str = "oidc";

/// How many departures that are over are cleared away by each new one: more than come.
const CLEARED_AT_ONCE: i64 = 100;

/// Somebody as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Identity {
    pub(crate) id: IdentityId,
    pub(crate) issuer: String,
    pub(crate) account_id: AccountId,
    pub(crate) label: Option<String>,
    pub(crate) linked_at_us: UtcMicros,
    pub(crate) last_used_us: Option<UtcMicros>,
}

/// By issuer and subject, which is how somebody is known and the only way.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_subject(
    conn: &mut Conn,
    issuer: &str,
    subject: &str,
) -> StoreResult<Option<Identity>> {
    sql!(
        optional Identity, conn,
        "SELECT id, issuer, account_id, label, linked_at_us, last_used_us FROM external_identity
         WHERE issuer = $1 AND subject = $2",
        issuer, subject
    )
}

/// What an account is linked with.
///
/// # Errors
/// When the database fails.
pub(crate) async fn of_account(conn: &mut Conn, account: AccountId) -> StoreResult<Vec<Identity>> {
    sql!(
        all Identity, conn,
        "SELECT id, issuer, account_id, label, linked_at_us, last_used_us FROM external_identity
         WHERE account_id = $1 ORDER BY linked_at_us, id",
        account
    )
}

/// Links an account.
///
/// # Errors
/// `Duplicate` when the identity is linked, or the account is with another of the issuer.
pub(super) async fn link(
    tx: &mut Tx,
    account: AccountId,
    (issuer, subject): (&str, &str),
    label: Option<&str>,
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO external_identity (id, issuer, subject, account_id, label, linked_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)",
        IdentityId(new_id()),
        issuer,
        subject,
        account,
        label,
        now
    )?;
    Ok(())
}

/// Takes every link of an account away, and ends the sign-ins by them but `kept`. How many links they were.
///
/// # Errors
/// When the database fails.
pub(super) async fn unlink(
    tx: &mut Tx,
    account: AccountId,
    kept: Option<SignInId>,
    now: UtcMicros,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $2
         WHERE account_id = $1 AND external_identity_id IS NOT NULL AND ended_at_us IS NULL AND ($3 IS NULL OR id <> $3)",
        account,
        now,
        kept
    )?;
    sql!(
        execute,
        tx,
        "DELETE FROM external_identity WHERE account_id = $1",
        account
    )
}

/// Notes that somebody signed in by it. False when it was taken away meanwhile.
///
/// # Errors
/// When the database fails.
pub(super) async fn note_used(tx: &mut Tx, id: IdentityId, now: UtcMicros) -> StoreResult<bool> {
    let noted = sql!(
        execute,
        tx,
        "UPDATE external_identity SET last_used_us = $2 WHERE id = $1",
        id,
        now
    )?;
    Ok(noted == 1)
}

/// Whether somebody signed in by what is ours, in this browser, since `since`.
///
/// # Errors
/// When the database fails.
pub(super) async fn signed_in_by_password(
    conn: &mut Conn,
    sign_in: SignInId,
    since: UtcMicros,
) -> StoreResult<bool> {
    let found = sql!(
        optional(i32,),
        conn,
        "SELECT 1 FROM sign_in WHERE id = $1 AND external_identity_id IS NULL AND created_at_us >= $2 AND ended_at_us IS NULL",
        sign_in,
        since
    )?;
    Ok(found.is_some())
}

/// Who left, and to where they go afterwards.
#[derive(Debug, FromRow)]
pub(super) struct Left {
    /// Whose account is to be linked; none when somebody signs in.
    pub(super) account_id: Option<AccountId>,
    pub(super) next: String,
    pub(super) expires_at_us: UtcMicros,
}

/// Notes that somebody left, and clears away who did not come back.
///
/// # Errors
/// When the database fails.
pub(super) async fn leave(
    tx: &mut Tx,
    (state, browser): (&[u8], &[u8]),
    left: &Left,
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM oidc_departure WHERE state_hash IN
             (SELECT state_hash FROM oidc_departure WHERE expires_at_us <= $1 LIMIT $2)",
        now,
        CLEARED_AT_ONCE
    )?;
    sql!(
        execute,
        tx,
        "INSERT INTO oidc_departure (state_hash, browser_hash, account_id, next, expires_at_us) VALUES ($1, $2, $3, $4, $5)",
        state,
        browser,
        left.account_id,
        &left.next,
        left.expires_at_us
    )?;
    Ok(())
}

/// Whether somebody left so from this browser and has not come back.
///
/// # Errors
/// When the database fails.
pub(super) async fn is_away(conn: &mut Conn, state: &[u8], browser: &[u8]) -> StoreResult<bool> {
    let found = sql!(
        optional(i32,),
        conn,
        "SELECT 1 FROM oidc_departure WHERE state_hash = $1 AND browser_hash = $2",
        state,
        browser
    )?;
    Ok(found.is_some())
}

/// Takes out who left so from this browser: they come back once.
///
/// # Errors
/// When the database fails.
pub(super) async fn come_back(
    tx: &mut Tx,
    state: &[u8],
    browser: &[u8],
) -> StoreResult<Option<Left>> {
    sql!(
        optional Left, tx,
        "DELETE FROM oidc_departure WHERE state_hash = $1 AND browser_hash = $2 RETURNING account_id, next, expires_at_us",
        state, browser
    )
}

/// A role that the provider's groups gave.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Given {
    pub(super) id: GrantId,
    pub(super) role: Word<AccountRole>,
    pub(super) unit_id: UnitId,
    pub(super) valid_from: Day,
}

/// The roles that the provider's groups gave an account, as far as they hold on `day` or later.
///
/// # Errors
/// When the database fails.
pub(super) async fn given(
    conn: &mut Conn,
    account: AccountId,
    day: &Day,
) -> StoreResult<Vec<Given>> {
    sql!(
        all Given, conn,
        "SELECT id, role, unit_id, valid_from FROM role_grant
         WHERE account_id = $1 AND source = $2 AND (valid_to IS NULL OR valid_to >= $3) ORDER BY id",
        account, SOURCE, day
    )
}

/// Gives an account a role because of its groups.
///
/// # Errors
/// When the database fails.
pub(super) async fn give(
    tx: &mut Tx,
    account: AccountId,
    (role, unit): (AccountRole, UnitId),
    from: &Day,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO role_grant (id, account_id, role, unit_id, valid_from, source) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(),
        account,
        Word(role),
        unit,
        from,
        SOURCE
    )?;
    Ok(())
}
