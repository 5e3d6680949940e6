//! The rows of the register.

use protocol::api::Equipment;
use protocol::{Day, MeetingRoomId, PointId, UnitId, UtcMicros, text};
use sqlx::FromRow;
use uuid::Uuid;

use crate::access::Reader;
use crate::org::points::store::{PointKind, PointState, Relation};
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::text::fold;

/// A point of the register, with its host on the day asked for, or the last one.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Row {
    pub(super) id: PointId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: Word<PointKind>,
    pub(super) number: i64,
    pub(super) state: Word<PointState>,
    #[sqlx(rename = "last_seen_us")]
    pub(super) last_seen: Option<UtcMicros>,
    pub(super) host_unit_id: Option<UnitId>,
}

/// Points `p` with their hosts on the day `$1`, else the last before it.
macro_rules! select_point {
    ($with:literal, $rest:literal) => {
        concat!(
            $with,
            "SELECT p.id, p.code, p.name, p.kind, p.seat_order AS number, p.state, p.last_seen_us,
                    h.unit_id AS host_unit_id
             FROM bridge_point p
             LEFT JOIN bridge_point_unit h ON h.point_id = p.id AND h.relation = 'host' AND h.valid_from <= $1
                  AND NOT EXISTS (SELECT 1 FROM bridge_point_unit o
                                  WHERE o.point_id = p.id AND o.relation = 'host' AND o.valid_from <= $1
                                    AND (o.valid_from > h.valid_from OR (o.valid_from = h.valid_from AND o.id > h.id))) ",
            $rest
        )
    };
}

/// The points that somebody with an account looks after on `day`, also closed ones, by number. Points that nobody hosts are
/// the department's.
///
/// # Errors
/// When the database fails.
pub(super) async fn administered(
    conn: &mut Conn,
    reader: &Reader,
    day: &Day,
) -> StoreResult<Vec<Row>> {
    sql!(
        all Row, conn,
        select_point!(
            "WITH RECURSIVE
             own (unit_id, role) AS (
                 SELECT unit_id, role FROM role_grant
                 WHERE account_id = $2 AND role IN ('department_admin', 'unit_admin')
                   AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
                 -- What a key reaches.
                 UNION ALL SELECT id, CAST($4 AS TEXT) FROM org_unit WHERE id = $3
             ),
             administered (unit_id) AS (
                 SELECT unit_id FROM own
                 UNION
                 SELECT v.unit_id FROM org_unit_version v JOIN administered a ON v.parent_id = a.unit_id
                 WHERE v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)
             ) ",
            "WHERE h.unit_id IN (SELECT unit_id FROM administered)
                OR (h.unit_id IS NULL AND EXISTS (SELECT 1 FROM own WHERE role = 'department_admin'))
             ORDER BY p.seat_order"
        ),
        day, reader.account, reader.key_unit(), reader.key_role().map(Word)
    )
}

/// A point by its code, also a closed one.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_code(conn: &mut Conn, code: &str, day: &Day) -> StoreResult<Option<Row>> {
    let Some(code) = text::key(code) else {
        return Ok(None);
    };
    sql!(optional Row, conn, select_point!("", "WHERE p.code = $2"), day, &code)
}

/// Keeps others from changing a point until the end of this transaction.
///
/// # Errors
/// When the database fails.
pub(super) async fn hold(tx: &mut Tx, point: PointId) -> StoreResult<()> {
    // Written as it is: that locks the row in every database.
    sql!(
        execute,
        tx,
        "UPDATE bridge_point SET code = code WHERE id = $1",
        point
    )?;
    Ok(())
}

/// A unit of a point.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Tie {
    pub(super) id: Uuid,
    pub(super) point_id: PointId,
    pub(super) unit_id: UnitId,
    pub(super) relation: Word<Relation>,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
}

/// The units of all points, or of one, by day.
///
/// # Errors
/// When the database fails.
pub(super) async fn ties(conn: &mut Conn, point: Option<PointId>) -> StoreResult<Vec<Tie>> {
    sql!(
        all Tie, conn,
        "SELECT id, point_id, unit_id, relation, valid_from, valid_to FROM bridge_point_unit
         WHERE $1 IS NULL OR point_id = $1
         ORDER BY valid_from, id",
        point
    )
}

/// A room of a point.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Room {
    pub(super) id: MeetingRoomId,
    pub(super) point_id: PointId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) seats: i64,
    pub(super) dual_use: bool,
    pub(super) asset_code: Option<String>,
    #[sqlx(try_from = "String")]
    pub(super) equipment: Equipped,
}

/// What stands in a room; JSON in its column.
#[derive(Debug, Clone)]
pub(super) struct Equipped(pub(super) Vec<Equipment>);

impl TryFrom<String> for Equipped {
    type Error = serde_json::Error;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&stored).map(Self)
    }
}

/// The rooms of all points, or of one, by code.
///
/// # Errors
/// When the database fails.
pub(super) async fn rooms(conn: &mut Conn, point: Option<PointId>) -> StoreResult<Vec<Room>> {
    sql!(
        all Room, conn,
        "SELECT id, point_id, code, name, seats, dual_use, asset_code, equipment FROM meeting_room
         WHERE $1 IS NULL OR point_id = $1
         ORDER BY code",
        point
    )
}

/// Changes the row of a point.
///
/// # Errors
/// `Duplicate` when the number is taken.
pub(super) async fn update(
    tx: &mut Tx,
    point: PointId,
    name: &str,
    number: i64,
    main: bool,
) -> StoreResult<()> {
    let kind = match main {
        true => PointKind::Main,
        false => PointKind::Base,
    };
    sql!(
        execute,
        tx,
        "UPDATE bridge_point SET name = $2, search_key = $3, seat_order = $4, kind = $5 WHERE id = $1",
        point,
        name,
        fold(name),
        number,
        Word(kind)
    )?;
    Ok(())
}

/// The name of another active point that is the main one.
///
/// # Errors
/// When the database fails.
pub(super) async fn other_main(conn: &mut Conn, code: &str) -> StoreResult<Option<String>> {
    let row = sql!(
        optional(String,),
        conn,
        "SELECT name FROM bridge_point WHERE kind = 'main' AND state = 'active' AND code <> $1 LIMIT 1",
        code
    )?;
    Ok(row.map(|(name,)| name))
}

/// Sets the last day of a unit of a point.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_tie(tx: &mut Tx, tie: Uuid, eve: &Day) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE bridge_point_unit SET valid_to = $2 WHERE id = $1",
        tie,
        eve
    )?;
    Ok(())
}

/// Takes back a unit of a point that did not begin before the day that is written anew: it held on no day.
///
/// # Errors
/// When the database fails.
pub(super) async fn drop_tie(tx: &mut Tx, tie: Uuid) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM bridge_point_unit WHERE id = $1",
        tie
    )?;
    Ok(())
}

/// How a room is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoomRow<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) seats: i64,
    pub(super) dual_use: bool,
    pub(super) asset_code: Option<&'a str>,
    /// JSON.
    pub(super) equipment: &'a str,
}

/// Adds a room, or changes the one with this id.
///
/// # Errors
/// `Duplicate` when the code is another room's.
pub(super) async fn put_room(
    tx: &mut Tx,
    point: PointId,
    id: Option<MeetingRoomId>,
    room: RoomRow<'_>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO meeting_room (id, point_id, code, name, seats, dual_use, asset_code, equipment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, seats = excluded.seats, dual_use = excluded.dual_use,
             asset_code = excluded.asset_code, equipment = excluded.equipment",
        id.unwrap_or_else(|| MeetingRoomId(new_id())),
        point,
        room.code,
        room.name,
        room.seats,
        room.dual_use,
        room.asset_code,
        room.equipment
    )?;
    Ok(())
}

/// The sessions that run or are to come and invite a point: how many, and the title of the next.
///
/// # Errors
/// When the database fails.
pub(super) async fn in_use(
    conn: &mut Conn,
    point: PointId,
    now: UtcMicros,
) -> StoreResult<(i64, Option<String>)> {
    let rows = sql!(
        all(String,),
        conn,
        "SELECT s.title FROM invitation i JOIN session s ON s.id = i.session_id
         WHERE i.point_id = $1 AND s.ended_at_us IS NULL AND s.cancelled_at_us IS NULL AND s.lapsed_at_us IS NULL
           AND (s.opened_at_us IS NOT NULL OR s.ends_at_us > $2)
         ORDER BY s.starts_at_us, s.id",
        point,
        now
    )?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok((count, rows.into_iter().next().map(|(title,)| title)))
}

/// Closes a point. False when it was closed before.
///
/// # Errors
/// When the database fails.
pub(super) async fn close(tx: &mut Tx, point: PointId) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE bridge_point SET state = $2 WHERE id = $1 AND state <> $2",
        point,
        Word(PointState::Closed)
    )?;
    Ok(changed > 0)
}
