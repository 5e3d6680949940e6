//! What sessions book: points, and rooms that serve two purposes.

use protocol::{MeetingRoomId, PointId, SessionId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};

/// A booking in the way of another.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Conflict {
    /// Code of the session that has it.
    pub code: String,
    /// Its title.
    pub title: String,
    /// From when.
    #[sqlx(rename = "from_us")]
    pub from: UtcMicros,
    /// Until when.
    #[sqlx(rename = "to_us")]
    pub to: UtcMicros,
}

/// The first booking of a point, or of its dual-use rooms, that overlaps `from..to`.
///
/// # Errors
/// When the database fails.
pub async fn conflict(
    conn: &mut Conn,
    point: PointId,
    from: UtcMicros,
    to: UtcMicros,
) -> StoreResult<Option<Conflict>> {
    sql!(
        optional Conflict, conn,
        "SELECT s.code, s.title, b.from_us, b.to_us
         FROM booking b JOIN session s ON s.id = b.session_id
         WHERE b.released_at_us IS NULL AND b.from_us < $3 AND b.to_us > $2
           AND (b.point_id = $1 OR b.room_id IN (SELECT id FROM meeting_room WHERE point_id = $1 AND dual_use))
         ORDER BY b.from_us, b.id LIMIT 1",
        point, from, to
    )
}

/// When a point, or one of its dual-use rooms, is taken in `from..to`.
///
/// # Errors
/// When the database fails.
pub async fn taken(
    conn: &mut Conn,
    point: PointId,
    from: UtcMicros,
    to: UtcMicros,
) -> StoreResult<Vec<(UtcMicros, UtcMicros)>> {
    sql!(
        all(UtcMicros, UtcMicros),
        conn,
        "SELECT from_us, to_us FROM booking
         WHERE released_at_us IS NULL AND from_us < $3 AND to_us > $2
           AND (point_id = $1 OR room_id IN (SELECT id FROM meeting_room WHERE point_id = $1 AND dual_use))
         ORDER BY from_us, id",
        point,
        from,
        to
    )
}

/// Books a point or a room for a session.
///
/// # Errors
/// When the database fails.
pub async fn book(
    tx: &mut Tx,
    session: SessionId,
    point: Option<PointId>,
    room: Option<MeetingRoomId>,
    from: UtcMicros,
    to: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO booking (id, session_id, point_id, room_id, from_us, to_us) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(),
        session,
        point,
        room,
        from,
        to
    )?;
    Ok(())
}

/// Releases what a session booked.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE booking SET released_at_us = $2 WHERE session_id = $1 AND released_at_us IS NULL",
        session,
        at
    )?;
    Ok(())
}

/// Keeps others from booking until this transaction ends. SQLite's one writer does so by itself.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &mut Tx) -> StoreResult<()> {
    if tx.is_postgres() {
        sql!(
            execute,
            tx,
            "LOCK TABLE booking IN SHARE ROW EXCLUSIVE MODE"
        )?;
    }
    Ok(())
}
