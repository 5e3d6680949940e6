//! Presence intervals: from when to when a participant was proven to be there.

use protocol::{ParticipantId, UtcMicros};
use uuid::Uuid;

use super::{Conn, StoreResult, Tx, sql};

/// What proves that somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Frames and pongs on the WebSocket.
    Signaling,
    /// The SFU's reports.
    Media,
}

impl Proof {
    const fn word(self) -> &'static str {
        match self {
            Self::Signaling => "signaling",
            Self::Media => "media",
        }
    }
}

/// Begins an interval under an id of the caller's; one that has begun stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    tx: &mut Tx,
    id: Uuid,
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
        participant.0,
        from.0,
        proof.word(),
    )?;
    Ok(())
}

/// Moves the last proof of an interval that lasts.
///
/// # Errors
/// When the database fails.
pub async fn prove(tx: &mut Tx, id: Uuid, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE presence_interval SET proven_us = $2 WHERE id = $1 AND to_us IS NULL AND proven_us < $2",
        id,
        at.0,
    )?;
    Ok(())
}

/// Ends an interval at its last proof.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &mut Tx, id: Uuid, at: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE presence_interval SET proven_us = $2, to_us = $2 WHERE id = $1 AND to_us IS NULL",
        id,
        at.0,
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
    let rows = sql!(
        all(i64, Option<i64>),
        conn,
        "SELECT from_us, to_us FROM presence_interval WHERE participant_id = $1 ORDER BY from_us, id",
        participant.0,
    )?;
    Ok(rows
        .into_iter()
        .map(|(from, to)| (UtcMicros(from), to.map(UtcMicros)))
        .collect())
}
