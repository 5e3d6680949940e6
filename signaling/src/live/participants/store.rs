//! Participants of a session. Whoever comes again with the same identity is the same participant.

use protocol::client::SessionRole;
use protocol::{AccountId, ParticipantId, PointId, SessionCode, SessionId, TokenId, UtcMicros};
use signaling_core::TokenHash;

use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};

/// Who comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Into which session.
    pub session: SessionId,
    /// Unique in the session: `point:<id>`, `account:<id>`, `token:<id>` or `sign_in:<id>`.
    pub identity: String,
    /// The role.
    pub role: SessionRole,
    /// The name to show.
    pub name: String,
    /// At which point.
    pub bridge_point: Option<PointId>,
    /// The account, of a person who signed in.
    pub account: Option<AccountId>,
    /// The link or token, of somebody who came by one.
    pub token: Option<TokenId>,
    /// Whether it is a WHIP encoder.
    pub encoder: bool,
}

/// Notes that somebody comes, for the first time or again: the participant's id.
///
/// # Errors
/// When the database fails.
pub async fn enter(tx: &mut Tx, entrant: &Entrant, now: UtcMicros) -> StoreResult<ParticipantId> {
    let (id,) = sql!(
        one(ParticipantId,),
        tx,
        "INSERT INTO participant (id, session_id, identity, role, display_name, point_id, account_id, \
         access_token_id, encoder, consent, created_at_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'informed', $10) \
         ON CONFLICT (session_id, identity) DO UPDATE SET role = excluded.role, \
         display_name = excluded.display_name, point_id = excluded.point_id, encoder = excluded.encoder \
         RETURNING id",
        new_id(),
        entrant.session,
        &entrant.identity,
        Word(entrant.role),
        &entrant.name,
        entrant.bridge_point,
        entrant.account,
        entrant.token,
        entrant.encoder,
        now,
    )?;
    Ok(id)
}

/// Who comes, when they came before and are just as they were then.
///
/// # Errors
/// When the database fails.
pub async fn known(conn: &mut Conn, entrant: &Entrant) -> StoreResult<Option<ParticipantId>> {
    let row = sql!(
        optional(ParticipantId,),
        conn,
        "SELECT id FROM participant WHERE session_id = $1 AND identity = $2 AND role = $3 AND display_name = $4 \
         AND encoder = $5 AND (point_id = $6 OR (point_id IS NULL AND $6 IS NULL))",
        entrant.session,
        &entrant.identity,
        Word(entrant.role),
        &entrant.name,
        entrant.encoder,
        entrant.bridge_point,
    )?;
    Ok(row.map(|(id,)| id))
}

/// Who has an identity in a session.
///
/// # Errors
/// When the database fails.
pub async fn by_identity(
    conn: &mut Conn,
    session: SessionId,
    identity: &str,
) -> StoreResult<Option<ParticipantId>> {
    let row = sql!(
        optional(ParticipantId,),
        conn,
        "SELECT id FROM participant WHERE session_id = $1 AND identity = $2",
        session,
        identity,
    )?;
    Ok(row.map(|(id,)| id))
}

/// Remembers the resume token that a participant was given.
///
/// # Errors
/// When the database fails.
pub async fn remember_token(
    tx: &mut Tx,
    participant: ParticipantId,
    hash: &TokenHash,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE participant SET resume_hash = $2 WHERE id = $1",
        participant,
        hash.to_vec(),
    )?;
    Ok(())
}

/// Notes when the chair removed a participant; nothing when they may come back.
///
/// # Errors
/// When the database fails.
pub async fn mark_removed(
    tx: &mut Tx,
    participant: ParticipantId,
    at: Option<UtcMicros>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE participant SET removed_at_us = $2 WHERE id = $1",
        participant,
        at,
    )?;
    Ok(())
}

/// How the audit log names a participant: by account, else by link or token, else by what is unique of them.
///
/// # Errors
/// When the database fails.
pub async fn audit_name(conn: &mut Conn, participant: ParticipantId) -> StoreResult<String> {
    let known = sql!(
        optional(Option<AccountId>, Option<TokenId>, String),
        conn,
        "SELECT account_id, access_token_id, identity FROM participant WHERE id = $1",
        participant,
    )?;
    Ok(match known {
        Some((Some(account), _, _)) => format!("account:{account}"),
        Some((None, Some(token), _)) => format!("token:{token}"),
        Some((None, None, identity)) => identity,
        None => format!("participant:{participant}"),
    })
}

/// The resume tokens last given in a session.
///
/// # Errors
/// When the database fails.
pub async fn resume_tokens(
    conn: &mut Conn,
    session: SessionId,
) -> StoreResult<Vec<(ParticipantId, TokenHash)>> {
    let rows = sql!(
        all(ParticipantId, Vec<u8>),
        conn,
        "SELECT id, resume_hash FROM participant WHERE session_id = $1 AND resume_hash IS NOT NULL",
        session,
    )?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, hash)| Some((id, hash.try_into().ok()?)))
        .collect())
}

/// The sessions that ran in `from..to` and that a point took part in, oldest first: id, code, and as whom.
///
/// # Errors
/// When the database fails.
pub async fn sessions_of_point(
    conn: &mut Conn,
    point: PointId,
    from: UtcMicros,
    to: UtcMicros,
) -> StoreResult<Vec<(SessionId, SessionCode, Vec<ParticipantId>)>> {
    let rows = sql!(
        all(SessionId, SessionCode, ParticipantId),
        conn,
        "SELECT s.id, s.code, p.id FROM participant p JOIN session s ON s.id = p.session_id \
         WHERE p.point_id = $1 AND s.opened_at_us < $3 AND (s.ended_at_us IS NULL OR s.ended_at_us > $2) \
         ORDER BY s.opened_at_us, s.id, p.id",
        point,
        from,
        to,
    )?;
    let mut sessions: Vec<(SessionId, SessionCode, Vec<ParticipantId>)> = Vec::new();
    for (session, code, participant) in rows {
        match sessions.last_mut() {
            Some((last, _, participants)) if *last == session => {
                participants.push(participant);
            }
            _ => sessions.push((session, code, vec![participant])),
        }
    }
    Ok(sessions)
}
