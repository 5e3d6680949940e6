//! What the department decides, by year.

use uuid::Uuid;

use crate::platform::database::{Conn, StoreResult, Tx, sql};

/// A setting of a year, else the one of every year; JSON.
///
/// # Errors
/// When the database fails.
pub async fn of_year(conn: &mut Conn, key: &str, year: i64) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT value FROM setting WHERE key = $1 AND (year = $2 OR year = 0) ORDER BY year DESC LIMIT 1",
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
