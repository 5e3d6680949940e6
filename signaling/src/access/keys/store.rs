//! Keys as they are stored: without their secrets.

use protocol::api::ApiScope;
use protocol::{AccountId, ApiKeyId, Day, UnitId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreError, StoreResult, Tx, new_id, sql};
use crate::platform::paging::Place;
use crate::platform::text::fold;

/// A key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: ApiKeyId,
    pub(super) name: String,
    pub(super) unit: UnitId,
    pub(super) scopes: Vec<ApiScope>,
    pub(super) made_by: AccountId,
    pub(super) maker_name: String,
    pub(super) maker_disabled: bool,
    pub(super) made_at: UtcMicros,
    pub(super) expires_at: UtcMicros,
    pub(super) last_used: Option<UtcMicros>,
    pub(super) revoked_at: Option<UtcMicros>,
}

#[derive(FromRow)]
struct Row {
    id: ApiKeyId,
    name: String,
    unit_id: UnitId,
    scopes: String,
    created_by: AccountId,
    maker_name: String,
    maker_disabled: bool,
    created_at_us: UtcMicros,
    expires_at_us: UtcMicros,
    last_used_us: Option<UtcMicros>,
    revoked_at_us: Option<UtcMicros>,
}

impl Row {
    fn parse(self) -> StoreResult<Key> {
        let scopes = self.scopes.split_whitespace().map(|word| {
            ApiScope::of(word).ok_or_else(|| StoreError::Corrupt(format!("the scope {word:?}")))
        });
        Ok(Key {
            scopes: scopes.collect::<StoreResult<_>>()?,
            id: self.id,
            name: self.name,
            unit: self.unit_id,
            made_by: self.created_by,
            maker_name: self.maker_name,
            maker_disabled: self.maker_disabled,
            made_at: self.created_at_us,
            expires_at: self.expires_at_us,
            last_used: self.last_used_us,
            revoked_at: self.revoked_at_us,
        })
    }
}

/// The columns of [`Row`], for the queries below.
macro_rules! select_key {
    ($before:literal, $rest:literal) => {
        concat!(
            $before,
            "SELECT k.id, k.name, k.unit_id, k.scopes, k.created_by, p.full_name AS maker_name,
                    a.disabled_at_us IS NOT NULL AS maker_disabled, k.created_at_us, k.expires_at_us, k.last_used_us,
                    k.revoked_at_us
             FROM api_key k JOIN account a ON a.id = k.created_by JOIN person p ON p.id = a.person_id ",
            $rest
        )
    };
}

/// A key by the hash of its secret, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_hash(conn: &mut Conn, hash: &[u8]) -> StoreResult<Option<Key>> {
    sql!(optional Row, conn, select_key!("", "WHERE k.secret_hash = $1"), hash)?
        .map(Row::parse)
        .transpose()
}

/// A key by its id, also when it holds no longer.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_id(conn: &mut Conn, id: ApiKeyId) -> StoreResult<Option<Key>> {
    sql!(optional Row, conn, select_key!("", "WHERE k.id = $1"), id)?
        .map(Row::parse)
        .transpose()
}

/// A unit and those above it on `day`, from below.
///
/// # Errors
/// When the database fails.
pub(super) async fn lineage(conn: &mut Conn, unit: UnitId, day: &Day) -> StoreResult<Vec<UnitId>> {
    let rows = sql!(
        all(UnitId, i64),
        conn,
        "WITH RECURSIVE above (unit_id, depth) AS (
             SELECT id, CAST(0 AS BIGINT) FROM org_unit WHERE id = $1
             UNION ALL
             SELECT v.parent_id, a.depth + 1 FROM org_unit_version v JOIN above a ON v.unit_id = a.unit_id
             WHERE v.parent_id IS NOT NULL AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to >= $2)
               AND a.depth < 100
         )
         SELECT unit_id, depth FROM above ORDER BY depth",
        unit,
        day
    )?;
    Ok(rows.into_iter().map(|(unit, _)| unit).collect())
}

/// The keys of units that an account administers on `today`, and those that it made, the newest first.
///
/// Visibility is the rule of [`office_core::rights::RevokeKey`] in SQL.
///
/// # Errors
/// When the database fails.
pub(super) async fn visible_to(
    conn: &mut Conn,
    account: AccountId,
    today: &Day,
    before: Place<ApiKeyId>,
    limit: i64,
) -> StoreResult<Vec<Key>> {
    let rows = sql!(
        all Row, conn,
        select_key!(
            "WITH RECURSIVE administered (unit_id) AS (
                 SELECT unit_id FROM role_grant
                 WHERE account_id = $1 AND role IN ('department_admin', 'unit_admin')
                   AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
                 UNION
                 SELECT v.unit_id FROM org_unit_version v JOIN administered ON v.parent_id = administered.unit_id
                 WHERE v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to >= $2)
             ) ",
            "WHERE (k.unit_id IN (SELECT unit_id FROM administered) OR k.created_by = $1)
               AND (k.created_at_us < $3 OR (k.created_at_us = $3 AND k.id < $4))
             ORDER BY k.created_at_us DESC, k.id DESC LIMIT $5"
        ),
        account, today, before.at, before.id, limit
    )?;
    rows.into_iter().map(Row::parse).collect()
}

/// A key to add.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewKey<'a> {
    /// SHA-256 of its secret.
    pub(super) secret_hash: &'a [u8],
    /// Which system is to use it.
    pub(super) name: &'a str,
    /// What it reaches.
    pub(super) unit: UnitId,
    /// What it may be used for.
    pub(super) scopes: &'a [ApiScope],
    /// Who makes it.
    pub(super) made_by: AccountId,
    /// The first moment at which it works no longer.
    pub(super) expires_at: UtcMicros,
}

/// Adds a key.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(tx: &mut Tx, key: NewKey<'_>, now: UtcMicros) -> StoreResult<ApiKeyId> {
    let id = ApiKeyId(new_id());
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.word()).collect();
    sql!(
        execute, tx,
        "INSERT INTO api_key (id, secret_hash, name, search_key, unit_id, scopes, created_by, created_at_us, expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id, key.secret_hash, key.name, fold(key.name), key.unit, scopes.join(" "), key.made_by, now, key.expires_at
    )?;
    Ok(id)
}

/// Takes a key back; false when it was before.
///
/// # Errors
/// When the database fails.
pub(super) async fn revoke(tx: &mut Tx, id: ApiKeyId, now: UtcMicros) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE api_key SET revoked_at_us = $2 WHERE id = $1 AND revoked_at_us IS NULL",
        id,
        now
    )?;
    Ok(changed > 0)
}

/// Notes that a key was used.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note_used(tx: &mut Tx, id: ApiKeyId, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE api_key SET last_used_us = $2 WHERE id = $1 AND (last_used_us IS NULL OR last_used_us < $2)",
        id,
        now
    )?;
    Ok(())
}
