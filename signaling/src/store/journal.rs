//! The journal of a session.

use protocol::client::EventFrame;
use protocol::{ParticipantId, SessionId, UtcMicros};
use serde::Serialize;
use signaling_core::JournalEntry;
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

/// The word for a plain value of the protocol, as it stands in the database and on the wire.
pub(crate) fn to_word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
