//! What sessions book: points, and rooms that serve two purposes.

use protocol::{MeetingRoomId, PointId, SessionId, UtcMicros};
use sqlx::FromRow;

use crate::org::points;
use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};

/// A booking in the way of another.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Conflict {
    /// The dual-use room that is taken; none when the point itself is.
    pub room: Option<String>,
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

/// The first booking of a point, or of its dual-use rooms, that overlaps `from..to`, apart from what `but` has booked.
///
/// # Errors
/// When the database fails.
pub async fn conflict(
    conn: &mut Conn,
    point: PointId,
    (from, to): (UtcMicros, UtcMicros),
    but: Option<SessionId>,
) -> StoreResult<Option<Conflict>> {
    sql!(
        optional Conflict, conn,
        "SELECT s.code, s.title, b.from_us, b.to_us, (SELECT r.name FROM meeting_room r WHERE r.id = b.room_id) AS room
         FROM booking b JOIN session s ON s.id = b.session_id
         WHERE b.released_at_us IS NULL AND b.from_us < $3 AND b.to_us > $2
           AND (b.point_id = $1 OR b.room_id IN (SELECT id FROM meeting_room WHERE point_id = $1 AND dual_use))
           AND ($4 IS NULL OR b.session_id <> $4)
         ORDER BY b.from_us, b.point_id IS NULL, b.id LIMIT 1",
        point, from, to, but
    )
}

/// When a point, or one of its dual-use rooms, is taken in `from..to` by others than `but`.
///
/// # Errors
/// When the database fails.
pub async fn taken(
    conn: &mut Conn,
    point: PointId,
    (from, to): (UtcMicros, UtcMicros),
    but: Option<SessionId>,
) -> StoreResult<Vec<(UtcMicros, UtcMicros)>> {
    sql!(
        all(UtcMicros, UtcMicros),
        conn,
        "SELECT from_us, to_us FROM booking
         WHERE released_at_us IS NULL AND from_us < $3 AND to_us > $2
           AND (point_id = $1 OR room_id IN (SELECT id FROM meeting_room WHERE point_id = $1 AND dual_use))
           AND ($4 IS NULL OR session_id <> $4)
         ORDER BY from_us, id",
        point,
        from,
        to,
        but
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

/// Books a point and its dual-use rooms for a session.
///
/// # Errors
/// When the database fails.
pub async fn book_point(
    tx: &mut Tx,
    session: SessionId,
    point: PointId,
    (from, to): (UtcMicros, UtcMicros),
) -> StoreResult<()> {
    book(tx, session, Some(point), None, from, to).await?;
    for room in points::dual_use_rooms(tx, point).await? {
        book(tx, session, None, Some(room), from, to).await?;
    }
    Ok(())
}

/// Books anew what a session needs: its `points` and their dual-use rooms for a time, and nothing else.
///
/// # Errors
/// When the database fails.
pub async fn rebook(
    tx: &mut Tx,
    session: SessionId,
    points: &[PointId],
    time: (UtcMicros, UtcMicros),
) -> StoreResult<()> {
    // A booking that was never used up is no record of anything.
    sql!(
        execute,
        tx,
        "DELETE FROM booking WHERE session_id = $1 AND released_at_us IS NULL",
        session
    )?;
    for point in points {
        book_point(tx, session, *point, time).await?;
    }
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
