//! Access tokens: joining links, and bearers of WHIP, WHEP and the interface.

use protocol::api::{LinkPurpose, LinkSummary, PointRef};
use protocol::client::SessionRole;
use protocol::{AccountId, PointId, SessionCode, SessionId, TokenId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::paging::Place;

/// A token as stored: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Its id.
    pub id: TokenId,
    /// What it may be used for.
    pub purpose: LinkPurpose,
    /// The session it opens.
    pub session_id: Option<SessionId>,
    /// That session's code.
    pub session_code: Option<SessionCode>,
    /// The role in it.
    pub role: SessionRole,
    /// The point it belongs to.
    pub point_id: Option<PointId>,
    /// That point, as people are told of it.
    pub point: Option<PointRef>,
    /// The account it belongs to.
    pub account_id: Option<AccountId>,
    /// The name of its bearer.
    pub display_name: Option<String>,
    /// When it ceases to work.
    pub expires_at: UtcMicros,
    /// When it was revoked.
    pub revoked_at: Option<UtcMicros>,
}

impl AccessToken {
    /// Whether it works at `now`.
    #[must_use]
    pub fn holds(&self, now: UtcMicros) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether its bearer must say a name: it is for neither a point nor a person, and names no guest.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.display_name.is_none() && self.point_id.is_none() && self.account_id.is_none()
    }
}

#[derive(FromRow)]
struct Row {
    id: TokenId,
    purpose: Word<LinkPurpose>,
    session_id: Option<SessionId>,
    session_code: Option<SessionCode>,
    role: Word<SessionRole>,
    point_id: Option<PointId>,
    point_code: Option<String>,
    point_name: Option<String>,
    point_number: Option<i64>,
    account_id: Option<AccountId>,
    display_name: Option<String>,
    expires_at_us: UtcMicros,
    revoked_at_us: Option<UtcMicros>,
}

impl From<Row> for AccessToken {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose.0,
            session_id: row.session_id,
            session_code: row.session_code,
            role: row.role.0,
            point_id: row.point_id,
            point: PointRef::if_any(row.point_code, row.point_name, row.point_number),
            account_id: row.account_id,
            display_name: row.display_name,
            expires_at: row.expires_at_us,
            revoked_at: row.revoked_at_us,
        }
    }
}

/// The columns of [`Row`], for the queries below.
macro_rules! select_token {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.purpose, t.session_id, s.code AS session_code, t.role, t.point_id, b.code AS point_code,
                    b.name AS point_name, b.seat_order AS point_number, t.account_id, t.display_name, t.expires_at_us,
                    t.revoked_at_us
             FROM access_token t
             LEFT JOIN session s ON s.id = t.session_id LEFT JOIN bridge_point b ON b.id = t.point_id ",
            $rest
        )
    };
}

/// A token by the hash of its secret, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(conn: &mut Conn, hash: &[u8]) -> StoreResult<Option<AccessToken>> {
    sql!(
        optional Row, conn,
        select_token!("WHERE t.secret_hash = $1"),
        hash
    )
    .map(|row| row.map(AccessToken::from))
}

/// A token by its id, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: TokenId) -> StoreResult<Option<AccessToken>> {
    sql!(
        optional Row, conn,
        select_token!("WHERE t.id = $1"),
        id
    )
    .map(|row| row.map(AccessToken::from))
}

#[derive(FromRow)]
struct SummaryRow {
    id: TokenId,
    purpose: Word<LinkPurpose>,
    role: Word<SessionRole>,
    point_code: Option<String>,
    point_name: Option<String>,
    point_number: Option<i64>,
    display_name: Option<String>,
    person: Option<String>,
    maker: Option<String>,
    created_at_us: UtcMicros,
    first_used_at_us: Option<UtcMicros>,
    expires_at_us: UtcMicros,
    revoked_at_us: Option<UtcMicros>,
}

/// The links and tokens of a session, the newest first, also those that hold no longer.
///
/// # Errors
/// When the database fails.
pub async fn of_session(
    conn: &mut Conn,
    session: SessionId,
    before: Place<TokenId>,
    limit: i64,
) -> StoreResult<Vec<LinkSummary>> {
    let rows = sql!(
        all SummaryRow, conn,
        "SELECT t.id, t.purpose, t.role, b.code AS point_code, b.name AS point_name,
                b.seat_order AS point_number, t.display_name, bearer.full_name AS person, maker.full_name AS maker, t.created_at_us, t.first_used_at_us,
                t.expires_at_us, t.revoked_at_us
         FROM access_token t
         LEFT JOIN bridge_point b ON b.id = t.point_id
         LEFT JOIN account ba ON ba.id = t.account_id LEFT JOIN person bearer ON bearer.id = ba.person_id
         LEFT JOIN account ma ON ma.id = t.created_by LEFT JOIN person maker ON maker.id = ma.person_id
         WHERE t.session_id = $1 AND (t.created_at_us < $2 OR (t.created_at_us = $2 AND t.id < $3))
         ORDER BY t.created_at_us DESC, t.id DESC LIMIT $4",
        session, before.at, before.id, limit
    )?;
    Ok(rows
        .into_iter()
        .map(|row| LinkSummary {
            id: row.id.to_string(),
            purpose: row.purpose.0,
            role: row.role.0,
            bridge_point: PointRef::if_any(row.point_code, row.point_name, row.point_number),
            name: row.person.or(row.display_name),
            created_at_us: row.created_at_us,
            created_by: row.maker,
            first_used_at_us: row.first_used_at_us,
            expires_at_us: row.expires_at_us,
            revoked_at_us: row.revoked_at_us,
        })
        .collect())
}

/// A token to add.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// SHA-256 of its secret.
    pub secret_hash: &'a [u8],
    /// What it may be used for.
    pub purpose: LinkPurpose,
    /// The session it opens.
    pub session: SessionId,
    /// The role in it.
    pub role: SessionRole,
    /// The point it belongs to.
    pub point: Option<PointId>,
    /// The account it belongs to.
    pub account: Option<AccountId>,
    /// The name of its bearer.
    pub display_name: Option<&'a str>,
    /// Who made it.
    pub created_by: Option<AccountId>,
    /// When it ceases to work.
    pub expires_at: UtcMicros,
}

/// Adds a token.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &mut Tx, token: NewToken<'_>, now: UtcMicros) -> StoreResult<TokenId> {
    let id = TokenId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO access_token (id, secret_hash, purpose, session_id, role, point_id, account_id, display_name,
             created_by, created_at_us, expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id, token.secret_hash, Word(token.purpose), token.session, Word(token.role), token.point, token.account,
        token.display_name, token.created_by, now, token.expires_at
    )?;
    Ok(id)
}

/// Notes the first use of a token; false when it was revoked. Whoever would revoke it waits for the end of this transaction.
///
/// # Errors
/// When the database fails.
pub async fn mark_used(tx: &mut Tx, id: TokenId, now: UtcMicros) -> StoreResult<bool> {
    // Written also where it was used before: that locks the row in every database.
    let changed = sql!(
        execute,
        tx,
        "UPDATE access_token SET first_used_at_us = COALESCE(first_used_at_us, $2)
         WHERE id = $1 AND revoked_at_us IS NULL",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// Revokes a token of a session and ends the sign-ins that came by it. False when it is not one of that session, or was
/// revoked before.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    tx: &mut Tx,
    session: SessionId,
    id: TokenId,
    now: UtcMicros,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE access_token SET revoked_at_us = $3 WHERE id = $1 AND session_id = $2 AND revoked_at_us IS NULL",
        id,
        session,
        now
    )?;
    if changed == 0 {
        return Ok(false);
    }
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $2 WHERE access_token_id = $1 AND ended_at_us IS NULL",
        id,
        now
    )?;
    Ok(true)
}

/// Lets the links and tokens of a session that were not taken back, and the cookies that came by them, work for so much
/// longer: its end comes later.
///
/// # Errors
/// When the database fails.
pub async fn prolong(tx: &mut Tx, session: SessionId, by_us: i64) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE access_token SET expires_at_us = expires_at_us + $2 WHERE session_id = $1 AND revoked_at_us IS NULL",
        session,
        by_us
    )?;
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET expires_at_us = expires_at_us + $2
         WHERE ended_at_us IS NULL AND access_token_id IN
             (SELECT id FROM access_token WHERE session_id = $1 AND revoked_at_us IS NULL)",
        session,
        by_us
    )?;
    Ok(())
}
