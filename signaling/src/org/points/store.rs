//! Bridge points, their units and rooms.

use protocol::api::PointRef;
use protocol::{Day, MeetingRoomId, PersonId, PointId, UnitId, UtcMicros, text};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::access::Reader;
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::text::fold;

/// What a bridge point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PointKind {
    /// The one of the department.
    Main,
    Base,
}

/// Whether a bridge point takes part in anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PointState {
    Active,
    /// Not any more.
    Closed,
}

/// What a unit is to a bridge point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It hosts it.
    Host,
    /// It sends its people there.
    Served,
}

/// A bridge point and the unit that hosts it on the day asked for.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Point {
    /// Its id.
    pub id: PointId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    kind: Word<PointKind>,
    /// Its number, from 1.
    pub number: i64,
    /// When it was last connected.
    #[sqlx(rename = "last_seen_us")]
    pub last_seen: Option<UtcMicros>,
    /// Who hosts it; none when nobody does on that day.
    pub host_unit_id: Option<UnitId>,
}

impl Point {
    /// Names it.
    #[must_use]
    pub fn name(&self) -> PointRef {
        PointRef::new(self.code.clone(), self.name.clone(), self.number)
    }

    /// Whether it is the main bridge point.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.kind.0 == PointKind::Main
    }
}

/// Every active point with its host on `day`, in seat order.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &mut Conn, day: &Day) -> StoreResult<Vec<Point>> {
    sql!(
        all Point, conn,
        "SELECT p.id, p.code, p.name, p.kind, p.seat_order AS number, p.last_seen_us, h.unit_id AS host_unit_id
         FROM bridge_point p
         LEFT JOIN bridge_point_unit h ON h.point_id = p.id AND h.relation = 'host'
              AND h.valid_from <= $1 AND (h.valid_to IS NULL OR h.valid_to >= $1)
         WHERE p.state = 'active'
         ORDER BY p.seat_order",
        day
    )
}

/// The active points that somebody with an account may see on `day`, with their hosts, in seat order.
///
/// Visibility is the rule of [`office_core::rights::ViewPoint`] in SQL; a test compares the two.
///
/// # Errors
/// When the database fails.
pub(crate) async fn visible_to(
    conn: &mut Conn,
    reader: &Reader,
    day: &Day,
) -> StoreResult<Vec<Point>> {
    sql!(
        all Point, conn,
        "WITH RECURSIVE
         -- The units over which they hold an office of some kind.
         staffed (unit_id) AS (
             SELECT unit_id FROM role_grant
             WHERE account_id = $1 AND role IN ('department_admin', 'unit_admin', 'it_staff', 'trainer')
               AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
             UNION SELECT id FROM org_unit WHERE id = $4 -- What a key reaches.
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN staffed ON v.parent_id = staffed.unit_id
             WHERE v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to >= $3)
         ),
         -- The points of the units where they work.
         own (point_id) AS (
             SELECT u.point_id FROM appointment a
             JOIN bridge_point_unit u ON u.unit_id = a.unit_id
                  AND u.valid_from <= $3 AND (u.valid_to IS NULL OR u.valid_to >= $3)
             WHERE a.person_id = $2 AND a.valid_from <= $3 AND (a.valid_to IS NULL OR a.valid_to >= $3)
         )
         SELECT p.id, p.code, p.name, p.kind, p.seat_order AS number, p.last_seen_us, h.unit_id AS host_unit_id
         FROM bridge_point p
         LEFT JOIN bridge_point_unit h ON h.point_id = p.id AND h.relation = 'host'
              AND h.valid_from <= $3 AND (h.valid_to IS NULL OR h.valid_to >= $3)
         WHERE p.state = 'active'
           AND (h.unit_id IN (SELECT unit_id FROM staffed) OR p.id IN (SELECT point_id FROM own))
         ORDER BY p.seat_order",
        reader.account, reader.person, day, reader.key_unit()
    )
}

/// A point by its code, with its host on `day`.
///
/// # Errors
/// When the database fails.
pub async fn by_code(conn: &mut Conn, code: &str, day: &Day) -> StoreResult<Option<Point>> {
    let Some(code) = text::key(code) else {
        return Ok(None);
    };
    sql!(
        optional Point, conn,
        "SELECT p.id, p.code, p.name, p.kind, p.seat_order AS number, p.last_seen_us, h.unit_id AS host_unit_id
         FROM bridge_point p
         LEFT JOIN bridge_point_unit h ON h.point_id = p.id AND h.relation = 'host'
              AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to >= $2)
         WHERE p.code = $1 AND p.state = 'active'",
        &code, day
    )
}

/// The points whose host or served units somebody is appointed at on `day`, in seat order.
///
/// # Errors
/// When the database fails.
pub async fn of_person(conn: &mut Conn, person: PersonId, day: &Day) -> StoreResult<Vec<PointId>> {
    let rows = sql!(
        all(PointId, i64),
        conn,
        "SELECT DISTINCT p.id, p.seat_order
         FROM appointment a
         JOIN bridge_point_unit pu ON pu.unit_id = a.unit_id
              AND pu.valid_from <= $2 AND (pu.valid_to IS NULL OR pu.valid_to >= $2)
         JOIN bridge_point p ON p.id = pu.point_id AND p.state = 'active'
         WHERE a.person_id = $1 AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $2)
         ORDER BY p.seat_order",
        person,
        day
    )?;
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

/// The dual-use rooms of a point.
///
/// # Errors
/// When the database fails.
pub async fn dual_use_rooms(conn: &mut Conn, point: PointId) -> StoreResult<Vec<MeetingRoomId>> {
    let rows = sql!(
        all(MeetingRoomId,),
        conn,
        "SELECT id FROM meeting_room WHERE point_id = $1 AND dual_use",
        point
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Notes that a point was connected at `at`.
///
/// # Errors
/// When the database fails.
pub async fn mark_seen(tx: &mut Tx, point: PointId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE bridge_point SET last_seen_us = $2
         WHERE id = $1 AND (last_seen_us IS NULL OR last_seen_us < $2)",
        point,
        at
    )?;
    Ok(())
}

/// A point to add.
#[derive(Debug, Clone, Copy)]
pub struct NewPoint<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it is the main one.
    pub main: bool,
    /// Its number, from 1: no two points have the same.
    pub number: i64,
}

/// Adds a point.
///
/// # Errors
/// `Duplicate` when the code or the number is taken.
pub async fn insert(tx: &mut Tx, point: NewPoint<'_>, now: UtcMicros) -> StoreResult<PointId> {
    let id = PointId(new_id());
    let kind = match point.main {
        true => PointKind::Main,
        false => PointKind::Base,
    };
    sql!(
        execute, tx,
        "INSERT INTO bridge_point (id, code, name, search_key, kind, seat_order, state, created_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id, point.code, point.name, fold(point.name), Word(kind), point.number, Word(PointState::Active), now
    )?;
    Ok(id)
}

/// Says what a unit is to a point for some time.
///
/// # Errors
/// When the database fails.
pub async fn insert_unit(
    tx: &mut Tx,
    point: PointId,
    unit: UnitId,
    relation: Relation,
    from: &Day,
    to: Option<&Day>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO bridge_point_unit (id, point_id, unit_id, relation, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(),
        point,
        unit,
        Word(relation),
        from,
        to
    )?;
    Ok(())
}

/// A physical room to add.
#[derive(Debug, Clone, Copy)]
pub struct NewRoom<'a> {
    /// Of which point.
    pub point: PointId,
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How many people it seats.
    pub seats: i64,
    /// Whether it is used without video too.
    pub dual_use: bool,
}

/// Adds a physical room.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert_room(tx: &mut Tx, room: NewRoom<'_>) -> StoreResult<MeetingRoomId> {
    let id = MeetingRoomId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO meeting_room (id, point_id, code, name, seats, dual_use) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        room.point,
        room.code,
        room.name,
        room.seats,
        room.dual_use
    )?;
    Ok(id)
}
