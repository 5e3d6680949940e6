//! Presence intervals: from when to when a participant was proven to be there.

use std::collections::BTreeMap;

use protocol::api::{Attendee, PointRef};
use protocol::client::SessionRole;
use protocol::{ParticipantId, PresenceId, SessionId, UtcMicros};
use serde::Serialize;
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};

/// What proves that somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Frames and pongs on the WebSocket.
    Signaling,
    /// The SFU's reports.
    Media,
}

/// Begins an interval under an id of the caller's; one that has begun stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    tx: &mut Tx,
    id: PresenceId,
    participant: ParticipantId,
    proof: Proof,
    from: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO presence_interval (id, participant_id, from_us, proven_us, proof, node) \
         VALUES ($1, $2, $3, $3, $4, 'main') ON CONFLICT (id) DO NOTHING",
        id,
        participant,
        from,
        Word(proof),
    )?;
    Ok(())
}

/// Moves the last proof of an interval that lasts.
///
/// # Errors
/// When the database fails.
pub async fn prove(tx: &mut Tx, id: PresenceId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE presence_interval SET proven_us = $2 WHERE id = $1 AND to_us IS NULL AND proven_us < $2",
        id,
        at,
    )?;
    Ok(())
}

/// Ends an interval at its last proof.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &mut Tx, id: PresenceId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE presence_interval SET proven_us = $2, to_us = $2 WHERE id = $1 AND to_us IS NULL",
        id,
        at,
    )?;
    Ok(())
}

/// Ends every interval that a crash left open, each at its last proof. The number of them.
///
/// # Errors
/// When the database fails.
pub async fn end_all(tx: &mut Tx) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE presence_interval SET to_us = proven_us WHERE to_us IS NULL",
    )
}

/// The intervals of a participant, oldest first: from when to when, without an end while it lasts.
///
/// # Errors
/// When the database fails.
pub async fn of(
    conn: &mut Conn,
    participant: ParticipantId,
) -> StoreResult<Vec<(UtcMicros, Option<UtcMicros>)>> {
    sql!(
        all(UtcMicros, Option<UtcMicros>),
        conn,
        "SELECT from_us, to_us FROM presence_interval WHERE participant_id = $1 ORDER BY from_us, id",
        participant,
    )
}

#[derive(FromRow)]
struct StayRow {
    id: ParticipantId,
    display_name: String,
    role: Word<SessionRole>,
    point_code: Option<String>,
    point_name: Option<String>,
    point_number: Option<i64>,
    from_us: UtcMicros,
    until_us: UtcMicros,
}

/// Who was proven to be in a session's room, in no particular order; who never was is not in it.
///
/// # Errors
/// When the database fails, or holds a role it cannot hold.
pub async fn attendees(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<Attendee>> {
    let rows = sql!(
        all StayRow, conn,
        "SELECT p.id, p.display_name, p.role, b.code AS point_code, b.name AS point_name,
                b.seat_order AS point_number, i.from_us, COALESCE(i.to_us, i.proven_us) AS until_us
         FROM participant p
         JOIN presence_interval i ON i.participant_id = p.id
         LEFT JOIN bridge_point b ON b.id = p.point_id
         WHERE p.session_id = $1
         ORDER BY p.id, i.from_us, i.id",
        session
    )?;
    let mut attendees: BTreeMap<ParticipantId, Attendee> = BTreeMap::new();
    for row in rows {
        let (from, until) = (row.from_us, row.until_us.max(row.from_us));
        if let Some(known) = attendees.get_mut(&row.id) {
            // Intervals come by their begin; what two of them share counts once.
            let new = until.0.saturating_sub(known.last_us.max(from).0);
            known.present_us += new.max(0);
            known.last_us = known.last_us.max(until);
            continue;
        }
        let attendee = Attendee {
            name: row.display_name,
            role: row.role.0,
            bridge_point: PointRef::if_any(row.point_code, row.point_name, row.point_number),
            first_us: from,
            last_us: until,
            present_us: until.0 - from.0,
        };
        attendees.insert(row.id, attendee);
    }
    Ok(attendees.into_values().collect())
}
