//! The journal of a session.

use protocol::client::{ChatEvent, ChatMessage, Event, EventFrame};
use protocol::{ParticipantId, SessionId, UtcMicros};
use signaling_core::JournalEntry;
use uuid::Uuid;

use super::{Conn, StoreError, StoreResult, Tx, sql};

/// The version of the payloads written by this program.
const PAYLOAD_VERSION: i64 = 1;

/// Appends an entry. Its `seq` must be the next one of the session. False when this very entry is there already: the
/// answer to its commit was lost.
///
/// # Errors
/// `Corrupt` when another entry has that number: two rooms of one session were live.
pub async fn append(tx: &mut Tx, session: SessionId, entry: &JournalEntry) -> StoreResult<bool> {
    let payload = serde_json::to_value(entry.event())
        .map_err(|e| StoreError::Corrupt(format!("an event is not JSON: {e}")))?;
    let kind = payload["type"].as_str().unwrap_or_default().to_owned();
    let payload = payload.to_string();
    let appended = sql!(
        execute,
        tx,
        "INSERT INTO session_event (session_id, seq, at_us, actor, command, kind, payload, payload_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (session_id, seq) DO NOTHING",
        session,
        entry.frame.seq.cast_signed(),
        entry.frame.at_us,
        entry.actor,
        entry.command.map(u64::cast_signed),
        kind,
        &payload,
        PAYLOAD_VERSION,
    )?;
    if appended == 1 {
        return Ok(true);
    }
    let (at, known) = sql!(
        one(UtcMicros, String),
        tx,
        "SELECT at_us, payload FROM session_event WHERE session_id = $1 AND seq = $2",
        session,
        entry.frame.seq.cast_signed(),
    )?;
    if (at, known) == (entry.frame.at_us, payload) {
        return Ok(false);
    }
    Err(StoreError::Corrupt(format!(
        "another event has number {} of session {session}",
        entry.frame.seq
    )))
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    seq: i64,
    at_us: UtcMicros,
    actor: Option<ParticipantId>,
    command: Option<i64>,
    payload: String,
}

/// What the journal says of the coming and going of some participants, in order.
///
/// # Errors
/// When a payload cannot be understood.
pub async fn comings_and_goings(
    conn: &mut Conn,
    session: SessionId,
    participants: &[ParticipantId],
) -> StoreResult<Vec<(UtcMicros, Event)>> {
    let rows = sql!(
        all(i64, UtcMicros, String),
        conn,
        "SELECT seq, at_us, payload FROM session_event WHERE session_id = $1 \
         AND kind IN ('participant_joined', 'connection_changed', 'participant_left', 'session_ended') ORDER BY seq",
        session,
    )?;
    let names: Vec<String> = participants.iter().map(ToString::to_string).collect();
    rows.into_iter()
        // Most are of others, and need not be understood.
        .filter(|(_, _, payload)| {
            payload.contains("session_ended") || names.iter().any(|name| payload.contains(name))
        })
        .map(|(seq, at, payload)| {
            let event = serde_json::from_str(&payload).map_err(|e| {
                StoreError::Corrupt(format!("event {seq} of session {session}: {e}"))
            })?;
            Ok((at, event))
        })
        .collect()
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
        session,
    )?;
    rows.into_iter()
        .map(|row| {
            let event = serde_json::from_str(&row.payload).map_err(|e| {
                StoreError::Corrupt(format!("event {} of session {session}: {e}", row.seq))
            })?;
            Ok(JournalEntry {
                frame: EventFrame {
                    seq: row.seq.cast_unsigned(),
                    at_us: row.at_us,
                    event,
                },
                actor: row.actor,
                command: row.command.map(i64::cast_unsigned),
            })
        })
        .collect()
}

/// Chat lines of a session that were said before the line `before`, oldest first: at most `limit` of them, the newest,
/// and whether there are older ones. None at all when there is no such line.
///
/// # Errors
/// When a payload cannot be understood.
pub async fn chat_before(
    conn: &mut Conn,
    session: SessionId,
    before: Uuid,
    limit: usize,
) -> StoreResult<(Vec<ChatMessage>, bool)> {
    // The id stands in the payload as text, and nowhere else does a line of that form.
    let mark = format!("%\"id\":\"{before}\"%");
    let rows = sql!(
        all(i64, String),
        conn,
        "SELECT seq, payload FROM session_event WHERE session_id = $1 AND kind = 'chat_sent' AND seq < \
         (SELECT MIN(seq) FROM session_event WHERE session_id = $1 AND kind = 'chat_sent' AND payload LIKE $2) \
         ORDER BY seq DESC LIMIT $3",
        session,
        mark,
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    )?;
    let more = rows.len() > limit;
    let mut messages = rows
        .into_iter()
        .take(limit)
        .map(|(seq, payload)| match serde_json::from_str(&payload) {
            Ok(Event::Chat(ChatEvent::ChatSent { message })) => Ok(message),
            Ok(_) => Err(StoreError::Corrupt(format!(
                "event {seq} of session {session} is no chat line"
            ))),
            Err(e) => Err(StoreError::Corrupt(format!(
                "event {seq} of session {session}: {e}"
            ))),
        })
        .collect::<StoreResult<Vec<_>>>()?;
    messages.reverse();
    Ok((messages, more))
}
