//! Accounts, their roles, and browsers that signed in.

use office_core::rights::{Grant, Grants};
use protocol::api::{AccountRole, PointRef};
use protocol::{
    AccountId, Day, GrantId, IdentityId, PersonId, SignInId, TokenId, UnitId, UtcMicros, text,
};
use sqlx::FromRow;

use crate::access::Device;
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its login, in lower case.
    pub login: String,
    /// argon2id, as a PHC string; none before the one-time code was used.
    pub password_hash: Option<String>,
    /// Whose it is.
    pub person_id: PersonId,
    /// The person's name.
    pub full_name: String,
    /// When it was disabled.
    #[sqlx(rename = "disabled_at_us")]
    pub disabled_at: Option<UtcMicros>,
}

/// Logins are compared in lower case.
#[must_use]
pub fn normalise_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// An account by its login.
///
/// # Errors
/// When the database fails.
pub async fn by_login(conn: &mut Conn, login: &str) -> StoreResult<Option<Account>> {
    let Some(login) = text::key(login) else {
        return Ok(None);
    };
    sql!(
        optional Account, conn,
        "SELECT a.id, a.login, a.password_hash, a.person_id, p.full_name, a.disabled_at_us
         FROM account a JOIN person p ON p.id = a.person_id WHERE a.login = $1",
        &normalise_login(&login)
    )
}

/// An account by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: AccountId) -> StoreResult<Option<Account>> {
    sql!(
        optional Account, conn,
        "SELECT a.id, a.login, a.password_hash, a.person_id, p.full_name, a.disabled_at_us
         FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = $1",
        id
    )
}

/// Whether an account that was read before is still open by the same password, which it has. If so, whoever disables it or replaces the
/// password waits for the end of this transaction.
///
/// # Errors
/// When the database fails.
pub async fn hold_as_it_was(tx: &mut Tx, before: &Account) -> StoreResult<bool> {
    // Written as it is: that locks the row in every database.
    let held = sql!(
        execute,
        tx,
        "UPDATE account SET login = login WHERE id = $1 AND password_hash = $2 AND disabled_at_us IS NULL",
        before.id,
        &before.password_hash
    )?;
    Ok(held == 1)
}

/// Whether an account is open. If so, whoever disables it waits for the end of this transaction.
///
/// # Errors
/// When the database fails.
pub(crate) async fn hold_open(tx: &mut Tx, account: AccountId) -> StoreResult<bool> {
    let held = sql!(
        execute,
        tx,
        "UPDATE account SET login = login WHERE id = $1 AND disabled_at_us IS NULL",
        account
    )?;
    Ok(held == 1)
}

/// The roles an account holds on `day`.
///
/// # Errors
/// When the database fails, or holds a role it cannot hold.
pub async fn grants(conn: &mut Conn, account: AccountId, day: &Day) -> StoreResult<Grants> {
    let rows = sql!(
        all(Word<AccountRole>, UnitId),
        conn,
        "SELECT role, unit_id FROM role_grant
         WHERE account_id = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
         ORDER BY id",
        account,
        day
    )?;
    Ok(Grants(
        rows.into_iter()
            .map(|(Word(role), unit)| Grant { role, unit })
            .collect(),
    ))
}

/// The point whose host or served units somebody is appointed at on `day`; the first in seat order.
///
/// # Errors
/// When the database fails.
pub async fn point_of(
    conn: &mut Conn,
    person: PersonId,
    day: &Day,
) -> StoreResult<Option<PointRef>> {
    let found = sql!(
        optional(String, String, i64),
        conn,
        "SELECT p.code, p.name, p.seat_order
         FROM appointment a
         JOIN bridge_point_unit pu ON pu.unit_id = a.unit_id
              AND pu.valid_from <= $2 AND (pu.valid_to IS NULL OR pu.valid_to >= $2)
         JOIN bridge_point p ON p.id = pu.point_id AND p.state = 'active'
         WHERE a.person_id = $1 AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $2)
         ORDER BY p.seat_order LIMIT 1",
        person,
        day
    )?;
    Ok(found.map(|(code, name, number)| PointRef::new(code, name, number)))
}

/// Adds an account with a password.
///
/// # Errors
/// `Duplicate` when the login is taken.
pub async fn insert(
    tx: &mut Tx,
    login: &str,
    password_hash: &str,
    person: PersonId,
    now: UtcMicros,
) -> StoreResult<AccountId> {
    let id = AccountId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO account (id, login, password_hash, person_id, created_at_us, password_changed_at_us)
         VALUES ($1, $2, $3, $4, $5, $5)",
        id, &normalise_login(login), password_hash, person, now
    )?;
    Ok(id)
}

/// Whether anybody has an account.
///
/// # Errors
/// When the database fails.
pub async fn any(conn: &mut Conn) -> StoreResult<bool> {
    let found = sql!(optional(i32,), conn, "SELECT 1 FROM account LIMIT 1")?;
    Ok(found.is_some())
}

/// Keeps others from adding an account until this transaction ends. SQLite's one writer does so by itself.
///
/// # Errors
/// When the database fails.
pub async fn hold_all(tx: &mut Tx) -> StoreResult<()> {
    if tx.is_postgres() {
        sql!(
            execute,
            tx,
            "LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE"
        )?;
    }
    Ok(())
}

/// Grants a role at a unit from a day on.
///
/// # Errors
/// When the database fails.
pub async fn grant(
    tx: &mut Tx,
    account: AccountId,
    role: AccountRole,
    unit: UnitId,
    from: &Day,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO role_grant (id, account_id, role, unit_id, valid_from) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        account,
        Word(role),
        unit,
        from
    )?;
    Ok(())
}

/// Disables an account and ends its sign-ins. False when it was disabled before.
///
/// # Errors
/// When the database fails.
pub async fn disable(tx: &mut Tx, account: AccountId, now: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE account SET disabled_at_us = $2, code_hash = NULL, code_expires_at_us = NULL
         WHERE id = $1 AND disabled_at_us IS NULL",
        account,
        now
    )?;
    end_sign_ins(tx, account, None, now).await?;
    Ok(changed > 0)
}

/// Replaces an account's password, takes back its one-time code, and ends its sign-ins but `kept`.
///
/// # Errors
/// When the database fails.
pub async fn set_password(
    tx: &mut Tx,
    account: AccountId,
    password_hash: &str,
    kept: Option<SignInId>,
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute, tx,
        "UPDATE account SET password_hash = $2, password_changed_at_us = $3, code_hash = NULL, code_expires_at_us = NULL
         WHERE id = $1",
        account, password_hash, now
    )?;
    end_sign_ins(tx, account, kept, now).await?;
    Ok(())
}

/// Ends the sign-ins of an account but `kept`. How many they were.
///
/// # Errors
/// When the database fails.
pub async fn end_sign_ins(
    tx: &mut Tx,
    account: AccountId,
    kept: Option<SignInId>,
    now: UtcMicros,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $2
         WHERE account_id = $1 AND ended_at_us IS NULL AND ($3 IS NULL OR id <> $3)",
        account,
        now,
        kept
    )
}

/// A browser that signed in, or came by a link.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// Whose, when somebody signed in.
    pub account_id: Option<AccountId>,
    /// By which link, when it came by one.
    pub access_token_id: Option<TokenId>,
    /// The name a guest chose.
    pub guest_name: Option<String>,
    /// Until when it holds.
    #[sqlx(rename = "expires_at_us")]
    pub expires_at: UtcMicros,
    /// When it was last shown, within some minutes.
    #[sqlx(rename = "last_seen_us")]
    pub last_seen: Option<UtcMicros>,
    /// When it showed a second factor.
    #[sqlx(rename = "second_factor_at_us")]
    pub second_factor_at: Option<UtcMicros>,
}

/// A sign-in to add. Exactly one of `account` and `access_token` is given.
#[derive(Debug, Clone, Copy)]
pub struct NewSignIn<'a> {
    /// SHA-256 of the cookie's token.
    pub token_hash: &'a [u8],
    /// Who signed in.
    pub account: Option<AccountId>,
    /// The link that was exchanged.
    pub access_token: Option<TokenId>,
    /// The name a guest chose.
    pub guest_name: Option<&'a str>,
    /// By what and from where somebody signed in; of guests it is not kept.
    pub device: Option<&'a Device>,
    /// By which identity of a provider somebody signed in.
    pub identity: Option<IdentityId>,
    /// Whether a second factor was shown.
    pub by_second_factor: bool,
    /// Until when it holds.
    pub expires_at: UtcMicros,
}

/// Adds a sign-in.
///
/// # Errors
/// When the database fails.
pub async fn insert_sign_in(
    tx: &mut Tx,
    sign_in: NewSignIn<'_>,
    now: UtcMicros,
) -> StoreResult<SignInId> {
    let id = SignInId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO sign_in (id, token_hash, account_id, access_token_id, guest_name, browser, address, created_at_us,
             last_seen_us, expires_at_us, external_identity_id, second_factor_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)",
        id, sign_in.token_hash, sign_in.account, sign_in.access_token, sign_in.guest_name,
        sign_in.device.and_then(|device| device.browser.as_deref()), sign_in.device.map(|device| &*device.address), now,
        sign_in.expires_at, sign_in.identity, sign_in.by_second_factor.then_some(now)
    )?;
    Ok(id)
}

/// The sign-in that a cookie's token belongs to, also when it is over by its date; none when it was ended.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(conn: &mut Conn, token_hash: &[u8]) -> StoreResult<Option<SignIn>> {
    sql!(
        optional SignIn, conn,
        "SELECT id, account_id, access_token_id, guest_name, expires_at_us, last_seen_us, second_factor_at_us FROM sign_in
         WHERE token_hash = $1 AND ended_at_us IS NULL",
        token_hash
    )
}

/// A sign-in by its id, also when it is over by its date; none when it was ended.
///
/// # Errors
/// When the database fails.
pub async fn sign_in_by_id(conn: &mut Conn, id: SignInId) -> StoreResult<Option<SignIn>> {
    sql!(
        optional SignIn, conn,
        "SELECT id, account_id, access_token_id, guest_name, expires_at_us, last_seen_us, second_factor_at_us FROM sign_in
         WHERE id = $1 AND ended_at_us IS NULL",
        id
    )
}

/// Gives a guest who comes by the same link again another name and more time. False when the sign-in was ended.
///
/// # Errors
/// When the database fails.
pub async fn renew_sign_in(
    tx: &mut Tx,
    id: SignInId,
    guest_name: Option<&str>,
    expires_at: UtcMicros,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE sign_in SET guest_name = $2, expires_at_us = $3 WHERE id = $1 AND ended_at_us IS NULL",
        id,
        guest_name,
        expires_at
    )?;
    Ok(changed > 0)
}

/// Notes that a sign-in was shown.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note_seen(tx: &mut Tx, id: SignInId, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET last_seen_us = $2 WHERE id = $1 AND (last_seen_us IS NULL OR last_seen_us < $2)",
        id,
        now
    )?;
    Ok(())
}

/// Ends a sign-in. False when it was ended before.
///
/// # Errors
/// When the database fails.
pub async fn end_sign_in(tx: &mut Tx, id: SignInId, now: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $2 WHERE id = $1 AND ended_at_us IS NULL",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// Deletes sign-ins that ended or ran out before `before`, at most `limit`. How many they were.
///
/// # Errors
/// When the database fails.
pub async fn delete_sign_ins_before(
    tx: &mut Tx,
    before: UtcMicros,
    limit: i64,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM sign_in WHERE id IN
             (SELECT id FROM sign_in WHERE expires_at_us < $1 OR ended_at_us < $1 LIMIT $2)",
        before,
        limit
    )
}

/// Keeps others from changing who administers the department until this transaction ends: of two who take it from each other
/// at the same moment, one has to see the other's doing. SQLite's one writer does so by itself.
///
/// # Errors
/// When the database fails.
pub(crate) async fn hold_administrators(tx: &mut Tx) -> StoreResult<()> {
    if tx.is_postgres() {
        sql!(
            execute,
            tx,
            "LOCK TABLE role_grant IN SHARE ROW EXCLUSIVE MODE"
        )?;
    }
    Ok(())
}

/// How many administer the whole department on `day`: enabled, with a password, by a role other than `except` at a unit that has
/// none above it. And how many of those roles have no last day.
///
/// # Errors
/// When the database fails.
pub(crate) async fn department_administrators(
    conn: &mut Conn,
    day: &Day,
    except: Option<GrantId>,
) -> StoreResult<(i64, i64)> {
    sql!(
        one(i64, i64), conn,
        "SELECT COUNT(*), COUNT(CASE WHEN g.valid_to IS NULL THEN 1 END)
         FROM role_grant g JOIN account a ON a.id = g.account_id
         WHERE g.role = 'department_admin' AND g.valid_from <= $1 AND (g.valid_to IS NULL OR g.valid_to >= $1)
           AND a.disabled_at_us IS NULL AND a.password_hash IS NOT NULL AND ($2 IS NULL OR g.id <> $2)
           AND EXISTS (SELECT 1 FROM org_unit_version v WHERE v.unit_id = g.unit_id AND v.parent_id IS NULL
                       AND v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1))",
        day, except
    )
}

/// Gives a role a last day.
///
/// # Errors
/// When the database fails, also when it is before the first day.
pub(crate) async fn end_grant(tx: &mut Tx, id: GrantId, last: &Day) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE role_grant SET valid_to = $2 WHERE id = $1",
        id,
        last
    )?;
    Ok(())
}

/// Takes out a role that did not hold for a whole day, which no report of a day has counted. The audit log has what it was.
///
/// # Errors
/// When the database fails.
pub(crate) async fn delete_grant(tx: &mut Tx, id: GrantId) -> StoreResult<()> {
    sql!(execute, tx, "DELETE FROM role_grant WHERE id = $1", id)?;
    Ok(())
}
