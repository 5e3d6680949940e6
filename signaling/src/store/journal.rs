//! The journal of a session, and what a room is made from.

use protocol::client::{EventFrame, Seat, SessionSummary};
use protocol::{BridgePointId, ParticipantId, SessionCode, SessionId, UtcMicros};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signaling_core::{Caps, JournalEntry, RoomSetup};
use uuid::Uuid;

use super::{Conn, StoreError, StoreResult, Tx, sql};

/// The version of the payloads written by this program.
const PAYLOAD_VERSION: i64 = 1;

/// Appends an entry. Its `seq` must be the next one of the session.
///
/// # Errors
/// `Duplicate` when that number is taken: two rooms of one session were live.
pub async fn append(tx: &mut Tx, session: SessionId, entry: &JournalEntry) -> StoreResult<()> {
    let payload = serde_json::to_value(entry.event())
        .map_err(|e| StoreError::Corrupt(format!("an event is not JSON: {e}")))?;
    let kind = payload["type"].as_str().unwrap_or_default().to_owned();
    sql!(
        execute,
        tx,
        "INSERT INTO session_event (session_id, seq, at_us, actor, command, kind, payload, payload_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        session.0,
        entry.frame.seq.cast_signed(),
        entry.frame.at_us.0,
        entry.actor.map(|p| p.0),
        entry.command.map(u64::cast_signed),
        kind,
        payload.to_string(),
        PAYLOAD_VERSION,
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    seq: i64,
    at_us: i64,
    actor: Option<Uuid>,
    command: Option<i64>,
    payload: String,
}

/// The whole journal of a session, in order.
///
/// # Errors
/// When a payload cannot be understood.
pub async fn load(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<JournalEntry>> {
    let rows = sql!(
        all EntryRow,
        conn,
        "SELECT seq, at_us, actor, command, payload FROM session_event WHERE session_id = $1 ORDER BY seq",
        session.0,
    )?;
    rows.into_iter()
        .map(|row| {
            let event = serde_json::from_str(&row.payload).map_err(|e| {
                StoreError::Corrupt(format!("event {} of session {session}: {e}", row.seq))
            })?;
            Ok(JournalEntry {
                frame: EventFrame {
                    seq: row.seq.cast_unsigned(),
                    at_us: UtcMicros(row.at_us),
                    event,
                },
                actor: row.actor.map(ParticipantId),
                command: row.command.map(i64::cast_unsigned),
            })
        })
        .collect()
}

/// The sessions whose room was opened and has not ended.
///
/// # Errors
/// When the database fails.
pub async fn open_sessions(conn: &mut Conn) -> StoreResult<Vec<SessionId>> {
    let rows = sql!(
        all(Uuid,),
        conn,
        "SELECT id FROM session \
         WHERE opened_at_us IS NOT NULL AND ended_at_us IS NULL AND cancelled_at_us IS NULL ORDER BY id",
    )?;
    Ok(rows.into_iter().map(|(id,)| SessionId(id)).collect())
}

/// Notes when a session's room was first opened.
///
/// # Errors
/// When the database fails.
pub async fn mark_opened(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET opened_at_us = COALESCE(opened_at_us, $2) WHERE id = $1",
        session.0,
        at.0,
    )?;
    Ok(())
}

/// Notes when a session ended, and gives back what it had booked beyond that.
///
/// # Errors
/// When the database fails.
pub async fn mark_ended(tx: &mut Tx, session: SessionId, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET ended_at_us = COALESCE(ended_at_us, $2) WHERE id = $1",
        session.0,
        at.0,
    )?;
    sql!(
        execute,
        tx,
        "UPDATE booking SET released_at_us = $2 \
         WHERE session_id = $1 AND to_us > $2 AND released_at_us IS NULL",
        session.0,
        at.0,
    )?;
    Ok(())
}

/// What a room is made from, and whether its session may still be entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// For the room.
    pub setup: RoomSetup,
    /// Whether the session has ended or was called off.
    pub over: bool,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    code: String,
    title: String,
    kind: String,
    starts_at_us: i64,
    ends_at_us: i64,
    over: bool,
    auto_record: bool,
    max_interactive: i64,
    max_receive_only: i64,
}

#[derive(sqlx::FromRow)]
struct SeatRow {
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    seat_number: Option<i64>,
}

/// What the room of a session is made from; none when there is no such session.
///
/// # Errors
/// When what is stored cannot be understood.
pub async fn opening(conn: &mut Conn, session: SessionId) -> StoreResult<Option<Opening>> {
    let Some(row) = sql!(
        optional SessionRow,
        conn,
        "SELECT code, title, kind, starts_at_us, ends_at_us, auto_record, max_interactive, max_receive_only, \
         (ended_at_us IS NOT NULL OR cancelled_at_us IS NOT NULL) AS over FROM session WHERE id = $1",
        session.0,
    )?
    else {
        return Ok(None);
    };
    let seats = sql!(
        all SeatRow,
        conn,
        "SELECT p.id, p.code, p.name, p.kind, i.seat_number \
         FROM invitation i JOIN bridge_point p ON p.id = i.point_id \
         WHERE i.session_id = $1 ORDER BY i.seat_number, p.seat_order, p.code",
        session.0,
    )?;
    let seats = seats
        .into_iter()
        .zip(1_u32..)
        .map(|(row, place)| Seat {
            number: row
                .seat_number
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(place),
            bridge_point: BridgePointId(row.id),
            code: row.code,
            name: row.name,
            main: row.kind == "main",
        })
        .collect();
    let cap = |n: i64| u32::try_from(n).unwrap_or(0);
    Ok(Some(Opening {
        setup: RoomSetup {
            session: SessionSummary {
                id: session,
                code: SessionCode(row.code),
                title: row.title,
                kind: from_word(&row.kind)?,
                starts_at_us: UtcMicros(row.starts_at_us),
                ends_at_us: UtcMicros(row.ends_at_us),
                opened_at_us: None,
            },
            seats,
            caps: Caps {
                max_interactive: cap(row.max_interactive),
                max_receive_only: cap(row.max_receive_only),
            },
            auto_record: row.auto_record,
        },
        over: row.over,
    }))
}

/// The word for a plain value of the protocol, as it stands in the database and on the wire.
pub(crate) fn to_word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value that a word stands for.
pub(crate) fn from_word<T: DeserializeOwned>(word: &str) -> StoreResult<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}
