//! What somebody is told of their own account.

use office_core::accounts::DatedGrant;
use protocol::api::AccountRole;
use protocol::{AccountId, Day, GrantId, PersonId, SignInId, UnitId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};

/// Where somebody works.
#[derive(Debug, FromRow)]
pub(super) struct Place {
    pub(super) unit_id: UnitId,
    pub(super) position: String,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
}

/// Where somebody works on `day` or later.
///
/// # Errors
/// When the database fails.
pub(super) async fn places(
    conn: &mut Conn,
    person: PersonId,
    day: &Day,
) -> StoreResult<Vec<Place>> {
    sql!(
        all Place, conn,
        "SELECT unit_id, position, valid_from, valid_to FROM appointment
         WHERE person_id = $1 AND (valid_to IS NULL OR valid_to >= $2) ORDER BY valid_from, id",
        person, day
    )
}

/// A role that was given, and its days.
#[derive(Debug, Clone)]
pub(crate) struct DatedRole {
    /// Its id.
    pub(crate) id: GrantId,
    /// What was given.
    pub(crate) grant: DatedGrant,
    /// Whether the provider's groups gave it, and not somebody.
    pub(crate) by_provider: bool,
}

/// The roles that an account holds on `day` or later, by their first days.
///
/// # Errors
/// When the database fails.
pub(crate) async fn roles(
    conn: &mut Conn,
    account: AccountId,
    day: &Day,
) -> StoreResult<Vec<DatedRole>> {
    let rows = sql!(
        all(GrantId, Word<AccountRole>, UnitId, Day, Option<Day>, Option<String>),
        conn,
        "SELECT id, role, unit_id, valid_from, valid_to, source FROM role_grant
         WHERE account_id = $1 AND (valid_to IS NULL OR valid_to >= $2) ORDER BY valid_from, id",
        account,
        day
    )?;
    let dated =
        |(id, Word(role), unit, from, to, source): (_, _, _, _, _, Option<String>)| DatedRole {
            id,
            grant: DatedGrant {
                role,
                unit,
                from,
                to,
            },
            by_provider: source.is_some(),
        };
    Ok(rows.into_iter().map(dated).collect())
}

/// A browser in which somebody is signed in.
#[derive(Debug, FromRow)]
pub(super) struct OwnSignIn {
    pub(super) id: SignInId,
    pub(super) browser: Option<String>,
    pub(super) address: Option<String>,
    pub(super) created_at_us: UtcMicros,
    pub(super) last_seen_us: Option<UtcMicros>,
}

/// The browsers in which an account is signed in, the one that was seen last first.
///
/// # Errors
/// When the database fails.
pub(super) async fn sign_ins(
    conn: &mut Conn,
    account: AccountId,
    now: UtcMicros,
) -> StoreResult<Vec<OwnSignIn>> {
    sql!(
        all OwnSignIn, conn,
        "SELECT id, browser, address, created_at_us, last_seen_us FROM sign_in
         WHERE account_id = $1 AND ended_at_us IS NULL AND expires_at_us > $2
         ORDER BY COALESCE(last_seen_us, created_at_us) DESC, id DESC",
        account, now
    )
}

/// When the password was chosen.
///
/// # Errors
/// When the database fails.
pub(super) async fn password_changed_at(
    conn: &mut Conn,
    account: AccountId,
) -> StoreResult<UtcMicros> {
    let (at,) = sql!(
        one(UtcMicros,),
        conn,
        "SELECT password_changed_at_us FROM account WHERE id = $1",
        account
    )?;
    Ok(at)
}

/// Ends a sign-in of an account. False when there is none of this id.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_sign_in(
    tx: &mut Tx,
    account: AccountId,
    id: SignInId,
    now: UtcMicros,
) -> StoreResult<bool> {
    let ended = sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $3 WHERE id = $1 AND account_id = $2 AND ended_at_us IS NULL",
        id,
        account,
        now
    )?;
    Ok(ended > 0)
}
