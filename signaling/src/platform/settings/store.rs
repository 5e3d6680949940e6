//! The rows of settings, and the department's mark.

use protocol::api::SettingKey;
use protocol::{AccountId, UtcMicros};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};

/// The row of the department's mark.
pub(super) const EMBLEM: &str = "emblem";
/// The row of what was decided about the guide of the first days.
pub(crate) const GUIDE: &str = "guide";

/// A setting of a year, else the one of every year; JSON.
///
/// # Errors
/// When the database fails.
pub async fn of_year(conn: &mut Conn, key: &str, year: i64) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT value FROM setting WHERE key = $1 AND (year = $2 OR year = 0) AND value <> 'null'
         ORDER BY year DESC LIMIT 1",
        key,
        year
    )?;
    Ok(found.map(|(value,)| value))
}

/// Sets a setting for a year, 0 meaning every year.
///
/// # Errors
/// When the database fails.
pub async fn set(tx: &mut Tx, key: &str, year: i64, value: &str) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO setting (key, year, value) VALUES ($1, $2, $3)
         ON CONFLICT (key, year) DO UPDATE SET value = excluded.value",
        key,
        year,
        value
    )?;
    Ok(())
}

/// A number that stays the same for this installation, made at first use; for example the subject of its certificates.
///
/// # Errors
/// When the database fails.
pub async fn installation(tx: &mut Tx) -> StoreResult<Uuid> {
    if let Some(text) = of_year(tx, "installation", 0).await?
        && let Ok(id) = text.trim_matches('"').parse()
    {
        return Ok(id);
    }
    let id = crate::platform::database::new_id();
    set(tx, "installation", 0, &format!("\"{id}\"")).await?;
    Ok(id)
}

/// How far the changes of settings have come: another number after each.
///
/// # Errors
/// When the database fails.
pub(super) async fn version(conn: &mut Conn) -> StoreResult<i64> {
    let (version,) = sql!(one(i64,), conn, "SELECT version FROM setting_version")?;
    Ok(version)
}

/// Notes that settings are changed which stood at `version`. Whether they still did; nobody else changes them until the transaction
/// ends.
///
/// # Errors
/// When the database fails.
pub(crate) async fn raise(tx: &mut Tx, version: i64) -> StoreResult<bool> {
    let rows = sql!(
        execute,
        tx,
        "UPDATE setting_version SET version = version + 1 WHERE version = $1",
        version
    )?;
    Ok(rows == 1)
}

/// What is set for every year, by its key; JSON.
///
/// # Errors
/// When the database fails.
pub(super) async fn of_every_year(conn: &mut Conn) -> StoreResult<Vec<(String, String)>> {
    sql!(
        all(String, String),
        conn,
        "SELECT key, value FROM setting WHERE year = 0 AND value <> 'null'"
    )
}

/// A row, with who changed it last.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) year: i64,
    /// JSON; `null` when it was put back.
    pub(crate) value: String,
    pub(crate) changed_at_us: Option<UtcMicros>,
    /// The name of whoever changed it.
    pub(crate) changed_by: Option<String>,
}

/// Every row.
///
/// # Errors
/// When the database fails.
pub(crate) async fn rows(conn: &mut Conn) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        "SELECT s.key, s.year, s.value, s.changed_at_us, p.full_name AS changed_by
         FROM setting s LEFT JOIN account a ON a.id = s.changed_by LEFT JOIN person p ON p.id = a.person_id
         ORDER BY s.key, s.year"
    )
}

/// Writes what a setting is to be, 0 meaning every year, and who says so.
///
/// # Errors
/// When the database fails.
pub(crate) async fn write(
    tx: &mut Tx,
    key: SettingKey,
    year: i64,
    value: &Value,
    (by, now): (Option<AccountId>, UtcMicros),
) -> StoreResult<()> {
    write_row(tx, &Word(key).to_string(), year, value, (by, now)).await
}

/// Writes what is decided under a name that no setting of the page has.
///
/// # Errors
/// When the database fails.
pub(crate) async fn write_named(
    tx: &mut Tx,
    key: &str,
    value: &Value,
    (by, now): (Option<AccountId>, UtcMicros),
) -> StoreResult<()> {
    write_row(tx, key, 0, value, (by, now)).await
}

async fn write_row(
    tx: &mut Tx,
    key: &str,
    year: i64,
    value: &Value,
    (by, now): (Option<AccountId>, UtcMicros),
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO setting (key, year, value, changed_at_us, changed_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key, year) DO UPDATE SET value = excluded.value, changed_at_us = excluded.changed_at_us,
                                               changed_by = excluded.changed_by",
        key,
        year,
        value.to_string(),
        now,
        by
    )?;
    Ok(())
}

/// Puts the department's mark in place of the one that was there; none is that of the product.
///
/// # Errors
/// When the database fails.
pub(crate) async fn write_emblem(
    tx: &mut Tx,
    picture: Option<(&str, &[u8])>,
    (by, now): (Option<AccountId>, UtcMicros),
) -> StoreResult<()> {
    sql!(execute, tx, "DELETE FROM emblem")?;
    if let Some((hash, bytes)) = picture {
        sql!(
            execute,
            tx,
            "INSERT INTO emblem (hash, bytes) VALUES ($1, $2)",
            hash,
            bytes
        )?;
    }
    let hash = picture.map(|(hash, _)| hash);
    write_row(tx, EMBLEM, 0, &hash.into(), (by, now)).await
}

/// The department's mark, if it is the one with this hash.
///
/// # Errors
/// When the database fails.
pub(crate) async fn emblem(conn: &mut Conn, hash: &str) -> StoreResult<Option<Vec<u8>>> {
    let found = sql!(
        optional(String, Vec<u8>),
        conn,
        "SELECT hash, bytes FROM emblem WHERE hash = $1",
        hash
    )?;
    Ok(found.map(|(_, bytes)| bytes))
}
