//! Access tokens: joining links, and bearers of WHIP, WHEP and the interface.

use protocol::api::{LinkPurpose, LinkSummary};
use protocol::client::SessionRole;
use protocol::{SessionId, UtcMicros};
use sqlx::FromRow;
use uuid::Uuid;

use super::point::named_if_any;
use super::{Conn, StoreError, StoreResult, Tx, new_id, sql};

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A joining link.
    Join,
    /// An encoder.
    Whip,
    /// A player.
    Whep,
    /// Everything that its role may, as a bearer.
    Api,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Whip => "whip",
            Self::Whep => "whep",
            Self::Api => "api",
        }
    }

    const fn told(self) -> LinkPurpose {
        match self {
            Self::Join => LinkPurpose::Join,
            Self::Whip => LinkPurpose::Whip,
            Self::Whep => LinkPurpose::Whep,
            Self::Api => LinkPurpose::Api,
        }
    }

    fn of(name: &str) -> StoreResult<Self> {
        Ok(match name {
            "join" => Self::Join,
            "whip" => Self::Whip,
            "whep" => Self::Whep,
            "api" => Self::Api,
            other => return Err(StoreError::Corrupt(format!("token purpose {other}"))),
        })
    }
}

/// A token as stored: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Its id.
    pub id: Uuid,
    /// What it may be used for.
    pub purpose: Purpose,
    /// The session it opens.
    pub session_id: Option<Uuid>,
    /// The role in it.
    pub role: SessionRole,
    /// The point it belongs to.
    pub point_id: Option<Uuid>,
    /// The account it belongs to.
    pub account_id: Option<Uuid>,
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
}

impl AccessToken {
    /// Whether its bearer must say a name: it is for neither a point nor a person, and names no guest.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.display_name.is_none() && self.point_id.is_none() && self.account_id.is_none()
    }
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    purpose: String,
    session_id: Option<Uuid>,
    role: String,
    point_id: Option<Uuid>,
    account_id: Option<Uuid>,
    display_name: Option<String>,
    expires_at_us: i64,
    revoked_at_us: Option<i64>,
}

impl Row {
    fn parse(self) -> StoreResult<AccessToken> {
        Ok(AccessToken {
            id: self.id,
            purpose: Purpose::of(&self.purpose)?,
            session_id: self.session_id,
            role: role_of(&self.role)?,
            point_id: self.point_id,
            account_id: self.account_id,
            display_name: self.display_name,
            expires_at: UtcMicros(self.expires_at_us),
            revoked_at: self.revoked_at_us.map(UtcMicros),
        })
    }
}

/// A token by the hash of its secret, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(conn: &mut Conn, hash: &[u8]) -> StoreResult<Option<AccessToken>> {
    sql!(
        optional Row, conn,
        "SELECT id, purpose, session_id, role, point_id, account_id, display_name, expires_at_us, revoked_at_us
         FROM access_token WHERE secret_hash = $1",
        hash
    )?
    .map(Row::parse)
    .transpose()
}

/// A token by its id, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: Uuid) -> StoreResult<Option<AccessToken>> {
    sql!(
        optional Row, conn,
        "SELECT id, purpose, session_id, role, point_id, account_id, display_name, expires_at_us, revoked_at_us
         FROM access_token WHERE id = $1",
        id
    )?
    .map(Row::parse)
    .transpose()
}

#[derive(FromRow)]
struct SummaryRow {
    id: Uuid,
    purpose: String,
    role: String,
    point_code: Option<String>,
    point_name: Option<String>,
    point_number: Option<i64>,
    display_name: Option<String>,
    person: Option<String>,
    maker: Option<String>,
    created_at_us: i64,
    first_used_at_us: Option<i64>,
    expires_at_us: i64,
    revoked_at_us: Option<i64>,
}

/// The links and tokens of a session, the newest first, also those that hold no longer.
///
/// # Errors
/// When the database fails.
pub async fn of_session(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<LinkSummary>> {
    sql!(
        all SummaryRow, conn,
        "SELECT t.id, t.purpose, t.role, b.code AS point_code, b.name AS point_name,
                b.seat_order AS point_number, t.display_name, bearer.full_name AS person, maker.full_name AS maker, t.created_at_us, t.first_used_at_us,
                t.expires_at_us, t.revoked_at_us
         FROM access_token t
         LEFT JOIN bridge_point b ON b.id = t.point_id
         LEFT JOIN account ba ON ba.id = t.account_id LEFT JOIN person bearer ON bearer.id = ba.person_id
         LEFT JOIN account ma ON ma.id = t.created_by LEFT JOIN person maker ON maker.id = ma.person_id
         WHERE t.session_id = $1
         ORDER BY t.created_at_us DESC, t.id DESC",
        session.0
    )?
    .into_iter()
    .map(|row| {
        Ok(LinkSummary {
            id: row.id.to_string(),
            purpose: Purpose::of(&row.purpose)?.told(),
            role: role_of(&row.role)?,
            bridge_point: named_if_any(row.point_code, row.point_name, row.point_number),
            name: row.person.or(row.display_name),
            created_at_us: UtcMicros(row.created_at_us),
            created_by: row.maker,
            first_used_at_us: row.first_used_at_us.map(UtcMicros),
            expires_at_us: UtcMicros(row.expires_at_us),
            revoked_at_us: row.revoked_at_us.map(UtcMicros),
        })
    })
    .collect()
}

/// A token to add.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// SHA-256 of its secret.
    pub secret_hash: &'a [u8],
    /// What it may be used for.
    pub purpose: Purpose,
    /// The session it opens.
    pub session: Uuid,
    /// The role in it.
    pub role: SessionRole,
    /// The point it belongs to.
    pub point: Option<Uuid>,
    /// The account it belongs to.
    pub account: Option<Uuid>,
    /// The name of its bearer.
    pub display_name: Option<&'a str>,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// When it ceases to work.
    pub expires_at: UtcMicros,
}

/// Adds a token.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &mut Tx, token: NewToken<'_>, now: UtcMicros) -> StoreResult<Uuid> {
    let id = new_id();
    sql!(
        execute, tx,
        "INSERT INTO access_token (id, secret_hash, purpose, session_id, role, point_id, account_id, display_name,
             created_by, created_at_us, expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id, token.secret_hash, token.purpose.name(), token.session, role_name(token.role), token.point, token.account,
        token.display_name, token.created_by, now.0, token.expires_at.0
    )?;
    Ok(id)
}

/// Notes the first use of a token.
///
/// # Errors
/// When the database fails.
pub async fn mark_used(tx: &mut Tx, id: Uuid, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE access_token SET first_used_at_us = $2 WHERE id = $1 AND first_used_at_us IS NULL",
        id,
        now.0
    )?;
    Ok(())
}

/// Revokes a token and ends the sign-ins that came by it.
///
/// # Errors
/// When the database fails.
pub async fn revoke(tx: &mut Tx, id: Uuid, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE access_token SET revoked_at_us = $2 WHERE id = $1 AND revoked_at_us IS NULL",
        id,
        now.0
    )?;
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET ended_at_us = $2 WHERE access_token_id = $1 AND ended_at_us IS NULL",
        id,
        now.0
    )?;
    Ok(())
}

/// How a session role is stored.
#[must_use]
pub const fn role_name(role: SessionRole) -> &'static str {
    match role {
        SessionRole::Chair => "chair",
        SessionRole::Secretary => "secretary",
        SessionRole::Point => "point",
        SessionRole::Presenter => "presenter",
        SessionRole::Viewer => "viewer",
    }
}

/// Which session role is stored under `name`.
///
/// # Errors
/// `Corrupt` when there is no such role.
pub fn role_of(name: &str) -> StoreResult<SessionRole> {
    Ok(match name {
        "chair" => SessionRole::Chair,
        "secretary" => SessionRole::Secretary,
        "point" => SessionRole::Point,
        "presenter" => SessionRole::Presenter,
        "viewer" => SessionRole::Viewer,
        other => return Err(StoreError::Corrupt(format!("session role {other}"))),
    })
}
