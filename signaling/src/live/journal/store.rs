//! The journal of a session.

use protocol::client::{ChatEvent, ChatMessage, Event};
use protocol::{ParticipantId, SessionId, UtcMicros};
use signaling_core::{JournalEntry, Reader, Unreadable, Written};
use uuid::Uuid;

use crate::platform::database::{Conn, StoreError, StoreResult, Tx, sql};

/// Appends an entry. Its `seq` must be the next one of the session. False when this very entry is there already: the
/// answer to its commit was lost.
///
/// # Errors
/// `Corrupt` when another entry has that number: two rooms of one session were live.
pub async fn append(tx: &mut Tx, session: SessionId, entry: &JournalEntry) -> StoreResult<bool> {
    let written = entry
        .written()
        .map_err(|e| StoreError::Corrupt(format!("an entry cannot be written: {e}")))?;
    let appended = sql!(
        execute,
        tx,
        "INSERT INTO session_event (session_id, seq, at_us, actor, command, kind, payload, payload_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (session_id, seq) DO NOTHING",
        session,
        written.seq.cast_signed(),
        written.at,
        written.actor,
        written.command.map(u64::cast_signed),
        &written.kind,
        &written.payload,
        written.version,
    )?;
    if appended == 1 {
        return Ok(true);
    }
    let (at, known) = sql!(
        one(UtcMicros, String),
        tx,
        "SELECT at_us, payload FROM session_event WHERE session_id = $1 AND seq = $2",
        session,
        written.seq.cast_signed(),
    )?;
    if (at, known) == (written.at, written.payload) {
        return Ok(false);
    }
    Err(StoreError::Corrupt(format!(
        "another event has number {} of session {session}",
        written.seq
    )))
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    seq: i64,
    at_us: UtcMicros,
    actor: Option<ParticipantId>,
    command: Option<i64>,
    kind: String,
    payload: String,
    payload_version: i64,
}

/// The event of a payload.
fn event_of(session: SessionId, seq: i64, version: i64, payload: &str) -> StoreResult<Event> {
    signaling_core::event_of(version, payload).map_err(|cause| unreadable(session, seq, &cause))
}

fn unreadable(session: SessionId, seq: i64, cause: &Unreadable) -> StoreError {
    StoreError::Corrupt(format!("event {seq} of session {session}: {cause}"))
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
        all(i64, UtcMicros, String, i64),
        conn,
        "SELECT seq, at_us, payload, payload_version FROM session_event WHERE session_id = $1 \
         AND kind IN ('participant_joined', 'connection_changed', 'participant_left', 'session_ended') ORDER BY seq",
        session,
    )?;
    let names: Vec<String> = participants.iter().map(ToString::to_string).collect();
    rows.into_iter()
        // Most are of others, and need not be understood.
        .filter(|(_, _, payload, _)| {
            payload.contains("session_ended") || names.iter().any(|name| payload.contains(name))
        })
        .map(|(seq, at, payload, version)| Ok((at, event_of(session, seq, version, &payload)?)))
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
        "SELECT seq, at_us, actor, command, kind, payload, payload_version FROM session_event WHERE session_id = $1 ORDER BY seq",
        session,
    )?;
    let mut reader = Reader::default();
    rows.into_iter()
        .map(|row| {
            let written = Written {
                seq: row.seq.cast_unsigned(),
                at: row.at_us,
                actor: row.actor,
                command: row.command.map(i64::cast_unsigned),
                kind: row.kind,
                payload: row.payload,
                version: row.payload_version,
            };
            let read = reader.read(&written);
            read.map_err(|cause| unreadable(session, row.seq, &cause))
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
        all(i64, String, i64),
        conn,
        "SELECT seq, payload, payload_version FROM session_event WHERE session_id = $1 AND kind = 'chat_sent' AND seq < \
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
        .map(
            |(seq, payload, version)| match event_of(session, seq, version, &payload)? {
                Event::Chat(ChatEvent::ChatSent { message }) => Ok(message),
                _ => Err(StoreError::Corrupt(format!(
                    "event {seq} of session {session} is no chat line"
                ))),
            },
        )
        .collect::<StoreResult<Vec<_>>>()?;
    messages.reverse();
    Ok((messages, more))
}
