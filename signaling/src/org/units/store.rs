//! Units and their versions.

use office_core::org::{History, Unit, Version};
use protocol::{Day, UnitId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};
use crate::platform::text::fold;

/// How far the changes of units have come: another number after each.
///
/// # Errors
/// When the database fails.
pub(super) async fn version(conn: &mut Conn) -> StoreResult<i64> {
    let (version,) = sql!(one(i64,), conn, "SELECT version FROM org_version")?;
    Ok(version)
}

#[derive(FromRow)]
struct Row {
    id: UnitId,
    code: String,
    name: String,
    kind: String,
    parent_id: Option<UnitId>,
    valid_from: Day,
    valid_to: Option<Day>,
}

/// Every version of every unit.
///
/// # Errors
/// When the database fails.
pub(super) async fn history(conn: &mut Conn) -> StoreResult<History> {
    let rows = sql!(
        all Row, conn,
        "SELECT u.id, u.code, v.name, v.kind, v.parent_id, v.valid_from, v.valid_to
         FROM org_unit u JOIN org_unit_version v ON v.unit_id = u.id"
    )?;
    let version = |row: Row| Version {
        unit: Unit {
            id: row.id,
            code: row.code,
            name: row.name,
            kind: row.kind,
            parent: row.parent_id,
        },
        from: row.valid_from,
        to: row.valid_to,
    };
    Ok(History::new(rows.into_iter().map(version).collect()))
}

/// Adds a unit.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert(tx: &mut Tx, code: &str, now: UtcMicros) -> StoreResult<UnitId> {
    let id = UnitId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit (id, code, created_at_us) VALUES ($1, $2, $3)",
        id,
        code,
        now
    )?;
    Ok(id)
}

/// What a unit is called, and where it stands, for some time.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// Of which unit.
    pub unit: UnitId,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub kind: &'a str,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// The first day.
    pub from: &'a Day,
    /// The last day; none while it lasts.
    pub to: Option<&'a Day>,
}

/// Adds a dated version of a unit.
///
/// # Errors
/// When the database fails.
pub async fn insert_version(tx: &mut Tx, version: NewVersion<'_>) -> StoreResult<()> {
    sql!(
        execute, tx,
        "INSERT INTO org_unit_version (id, unit_id, name, search_key, kind, parent_id, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(), version.unit, version.name, fold(version.name), version.kind, version.parent, version.from, version.to
    )?;
    Ok(())
}

/// Records what became of a unit.
///
/// # Errors
/// When the database fails.
pub async fn insert_succession(
    tx: &mut Tx,
    from: UnitId,
    to: Option<UnitId>,
    kind: &str,
    on_day: &Day,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO org_unit_succession (id, from_unit_id, to_unit_id, kind, on_day) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        from,
        to,
        kind,
        on_day
    )?;
    Ok(())
}
