//! People and their appointments.

use protocol::{Day, PersonId, UnitId, UtcMicros};

use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};
use crate::platform::text::{fold, name_sort_key};

/// Adds somebody.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &mut Tx,
    full_name: &str,
    form_of_address: Option<&str>,
    now: UtcMicros,
) -> StoreResult<PersonId> {
    let id = PersonId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO person (id, full_name, sort_key, search_key, form_of_address, created_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        full_name,
        name_sort_key(full_name),
        fold(full_name),
        form_of_address,
        now
    )?;
    Ok(id)
}

/// Appoints somebody at a unit from a day on.
///
/// # Errors
/// When the database fails.
pub async fn appoint(
    tx: &mut Tx,
    person: PersonId,
    unit: UnitId,
    position: &str,
    from: &Day,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO appointment (id, person_id, unit_id, position, valid_from) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        person,
        unit,
        position,
        from
    )?;
    Ok(())
}

/// Full names that contain `wanted` whatever its case and diacritics, by given name.
///
/// # Errors
/// When the database fails.
pub async fn search(conn: &mut Conn, wanted: &str, limit: i64) -> StoreResult<Vec<String>> {
    if wanted.contains('\0') {
        return Ok(Vec::new());
    }
    let pattern = format!("%{}%", escape_like(&fold(wanted)));
    let rows = sql!(
        all(String,),
        conn,
        "SELECT full_name FROM person WHERE search_key LIKE $1 ESCAPE '!' ORDER BY sort_key, id LIMIT $2",
        &pattern,
        limit
    )?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Makes the wildcards of `LIKE` ordinary characters, with `!` as the escape.
fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(c);
    }
    escaped
}
