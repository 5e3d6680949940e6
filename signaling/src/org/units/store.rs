//! Units and their versions.

use std::collections::HashMap;

use office_core::org::{History, Unit, Version};
use protocol::api::{PointRef, SuccessionKind, UnitPoint};
use protocol::{Day, UnitId, UtcMicros, text};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
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

/// A unit of a list.
#[derive(Debug, FromRow)]
pub(super) struct ListedRow {
    pub(super) unit_id: UnitId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) parent_code: Option<String>,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
    pub(super) ended: bool,
    pub(super) people: i64,
    pub(super) points: i64,
}

/// The columns of [`ListedRow`] for the version `s` of the unit `u` on the day `$1`, and where they come from.
macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "SELECT s.unit_id, u.code, s.name, s.kind, p.code AS parent_code, s.valid_from, s.valid_to,
                    COALESCE(s.valid_to < $1, FALSE) AS ended,
                    (SELECT COUNT(DISTINCT a.person_id) FROM appointment a
                     WHERE a.unit_id = s.unit_id AND a.valid_from <= $1 AND (a.valid_to IS NULL OR a.valid_to >= $1))
                        AS people,
                    (SELECT COUNT(*) FROM bridge_point_unit b JOIN bridge_point bp ON bp.id = b.point_id
                     WHERE b.unit_id = s.unit_id AND b.relation = 'host' AND bp.state = 'active'
                       AND b.valid_from <= $1 AND (b.valid_to IS NULL OR b.valid_to >= $1)) AS points
             FROM shown s JOIN org_unit u ON u.id = s.unit_id LEFT JOIN org_unit p ON p.id = s.parent_id ",
            $rest
        )
    };
}

/// How many people have an appointment at each unit on `day`.
///
/// # Errors
/// When the database fails.
pub(super) async fn people(conn: &mut Conn, day: &Day) -> StoreResult<HashMap<UnitId, i64>> {
    let rows = sql!(
        all(UnitId, i64),
        conn,
        "SELECT unit_id, COUNT(DISTINCT person_id) FROM appointment
         WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) GROUP BY unit_id",
        day
    )?;
    Ok(rows.into_iter().collect())
}

/// How many active bridge points each unit hosts on `day`.
///
/// # Errors
/// When the database fails.
pub(super) async fn hosted(conn: &mut Conn, day: &Day) -> StoreResult<HashMap<UnitId, i64>> {
    let rows = sql!(
        all(UnitId, i64),
        conn,
        "SELECT b.unit_id, COUNT(*) FROM bridge_point_unit b JOIN bridge_point p ON p.id = b.point_id
         WHERE b.relation = 'host' AND p.state = 'active'
           AND b.valid_from <= $1 AND (b.valid_to IS NULL OR b.valid_to >= $1) GROUP BY b.unit_id",
        day
    )?;
    Ok(rows.into_iter().collect())
}

/// A unit by its code as it stands on `day`, else as it stood last before, else as it will stand first.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_code(
    conn: &mut Conn,
    code: &str,
    day: &Day,
) -> StoreResult<Option<ListedRow>> {
    let Some(code) = text::key(code) else {
        return Ok(None);
    };
    sql!(
        optional ListedRow, conn,
        concat!(
            "WITH shown AS (
                 SELECT v.unit_id, v.name, v.kind, v.parent_id, v.valid_from, v.valid_to
                 FROM org_unit_version v JOIN org_unit o ON o.id = v.unit_id
                 WHERE o.code = $2
                 ORDER BY CASE WHEN v.valid_from <= $1 THEN 0 ELSE 1 END,
                          CASE WHEN v.valid_from <= $1 THEN v.valid_from END DESC, v.valid_from
                 LIMIT 1
             ) ",
            listed!("")
        ),
        day, &code
    )
}

/// A version of one unit.
#[derive(Debug, FromRow)]
pub(super) struct VersionRow {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) parent_id: Option<UnitId>,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
}

/// Every version of a unit, the earliest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn versions(conn: &mut Conn, unit: UnitId) -> StoreResult<Vec<VersionRow>> {
    sql!(
        all VersionRow, conn,
        "SELECT name, kind, parent_id, valid_from, valid_to FROM org_unit_version WHERE unit_id = $1
         ORDER BY valid_from",
        unit
    )
}

/// That a unit came after another.
#[derive(Debug, FromRow)]
pub(super) struct SuccessionRow {
    pub(super) from_unit_id: UnitId,
    pub(super) to_unit_id: Option<UnitId>,
    pub(super) kind: Word<SuccessionKind>,
    pub(super) on_day: Day,
}

/// What became of units up to `day`.
///
/// # Errors
/// When the database fails.
pub(super) async fn successions(conn: &mut Conn, day: &Day) -> StoreResult<Vec<SuccessionRow>> {
    sql!(
        all SuccessionRow, conn,
        "SELECT from_unit_id, to_unit_id, kind, on_day FROM org_unit_succession WHERE on_day <= $1",
        day
    )
}

/// What a unit came from, and what became of it, by day.
///
/// # Errors
/// When the database fails.
pub(super) async fn successions_of(
    conn: &mut Conn,
    unit: UnitId,
) -> StoreResult<Vec<SuccessionRow>> {
    sql!(
        all SuccessionRow, conn,
        "SELECT from_unit_id, to_unit_id, kind, on_day FROM org_unit_succession
         WHERE from_unit_id = $1 OR to_unit_id = $1 ORDER BY on_day, id",
        unit
    )
}

/// The active bridge points that a unit hosts, or to which its people come, on `day`; those that it hosts first.
///
/// # Errors
/// When the database fails.
pub(super) async fn points(
    conn: &mut Conn,
    unit: UnitId,
    day: &Day,
) -> StoreResult<Vec<UnitPoint>> {
    let rows = sql!(
        all(String, String, i64, bool, Day),
        conn,
        "SELECT p.code, p.name, p.seat_order, b.relation = 'host', b.valid_from
         FROM bridge_point_unit b JOIN bridge_point p ON p.id = b.point_id
         WHERE b.unit_id = $1 AND p.state = 'active' AND b.valid_from <= $2 AND (b.valid_to IS NULL OR b.valid_to >= $2)
         ORDER BY b.relation = 'host' DESC, p.seat_order",
        unit,
        day
    )?;
    let point = |(code, name, number, host, from)| UnitPoint {
        point: PointRef::new(code, name, number),
        host,
        from,
    };
    Ok(rows.into_iter().map(point).collect())
}
