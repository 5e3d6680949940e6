//! Notices, and who has seen them.

use protocol::api::{Notice, NoticeKind};
use protocol::{AccountId, NoticeId, PersonId, SessionId, UtcMicros};
use sqlx::FromRow;

use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::paging::Place;

/// A change of a session that those invited are to be told of.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    /// Which session.
    pub session: SessionId,
    /// What happened to it.
    pub kind: NoticeKind,
    /// Its planned time before.
    pub before: (UtcMicros, UtcMicros),
    /// Its planned time since.
    pub after: (UtcMicros, UtcMicros),
    /// Why.
    pub reason: Option<&'a str>,
    /// Who did it. They need not be told.
    pub by: Option<AccountId>,
}

/// Tells everybody who is invited to a session, each once: those in charge, the people appointed at invited points and units,
/// those on lists and with links of their own, the trainees of its class. How many they are.
///
/// # Errors
/// When the database fails.
pub async fn tell(tx: &mut Tx, notice: NewNotice<'_>, now: UtcMicros) -> StoreResult<u64> {
    let id = NoticeId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO notice (id, session_id, kind, starts_before_us, ends_before_us, starts_after_us, ends_after_us,
             reason, made_by, created_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        notice.session,
        Word(notice.kind),
        notice.before.0,
        notice.before.1,
        notice.after.0,
        notice.after.1,
        notice.reason,
        notice.by,
        now
    )?;
    sql!(
        execute,
        tx,
        "INSERT INTO notice_reader (notice_id, person_id)
         SELECT n.id, told.person_id
         FROM notice n, (
             SELECT a.person_id FROM invitation i
             JOIN bridge_point p ON p.id = i.point_id AND p.state = 'active'
             JOIN bridge_point_unit u ON u.point_id = p.id
                  AND u.valid_from <= $3 AND (u.valid_to IS NULL OR u.valid_to >= $3)
             JOIN appointment a ON a.unit_id = u.unit_id
                  AND a.valid_from <= $3 AND (a.valid_to IS NULL OR a.valid_to >= $3)
             WHERE i.session_id = $2
             UNION SELECT a.person_id FROM invitation i
             JOIN appointment a ON a.unit_id = i.unit_id
                  AND a.valid_from <= $3 AND (a.valid_to IS NULL OR a.valid_to >= $3)
             WHERE i.session_id = $2
             UNION SELECT person_id FROM roster_entry WHERE session_id = $2
             UNION SELECT c.person_id FROM access_token t JOIN account c ON c.id = t.account_id
             WHERE t.session_id = $2 AND t.revoked_at_us IS NULL
             UNION SELECT e.person_id FROM session s JOIN enrolment e ON e.class_id = s.class_id
             WHERE s.id = $2 AND e.withdrawn_at_us IS NULL
             UNION SELECT person_id FROM session_officer WHERE session_id = $2
         ) told
         WHERE n.id = $1
           AND NOT EXISTS (SELECT 1 FROM account c WHERE c.id = n.made_by AND c.person_id = told.person_id)",
        id,
        notice.session,
        day(now)
    )
}

#[derive(FromRow)]
struct Row {
    id: NoticeId,
    kind: Word<NoticeKind>,
    code: String,
    title: String,
    starts_before_us: UtcMicros,
    ends_before_us: UtcMicros,
    starts_after_us: UtcMicros,
    ends_after_us: UtcMicros,
    reason: Option<String>,
    made_by: Option<String>,
    created_at_us: UtcMicros,
}

/// What somebody was told and has not seen yet, newest first.
///
/// # Errors
/// When the database fails.
pub(crate) async fn unseen(
    conn: &mut Conn,
    person: PersonId,
    before: Place<NoticeId>,
    limit: i64,
) -> StoreResult<Vec<Notice>> {
    let rows = sql!(
        all Row, conn,
        "SELECT n.id, n.kind, s.code, s.title, n.starts_before_us, n.ends_before_us, n.starts_after_us, n.ends_after_us,
                n.reason, n.created_at_us,
                (SELECT p.full_name FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = n.made_by) AS made_by
         FROM notice_reader r JOIN notice n ON n.id = r.notice_id JOIN session s ON s.id = n.session_id
         WHERE r.person_id = $1 AND r.seen_at_us IS NULL
           AND (n.created_at_us < $2 OR (n.created_at_us = $2 AND n.id < $3))
         ORDER BY n.created_at_us DESC, n.id DESC LIMIT $4",
        person, before.at, before.id, limit
    )?;
    let told = rows.into_iter().map(|row| Notice {
        id: row.id.to_string(),
        kind: row.kind.0,
        session: row.code,
        title: row.title,
        starts_before_us: row.starts_before_us,
        ends_before_us: row.ends_before_us,
        starts_after_us: row.starts_after_us,
        ends_after_us: row.ends_after_us,
        reason: row.reason,
        by: row.made_by,
        at_us: row.created_at_us,
    });
    Ok(told.collect())
}

/// Notes that somebody saw what they were told; whether they were told it. Seeing it again changes nothing.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mark_seen(
    tx: &mut Tx,
    notice: NoticeId,
    person: PersonId,
    at: UtcMicros,
) -> StoreResult<bool> {
    let told = sql!(
        execute,
        tx,
        "UPDATE notice_reader SET seen_at_us = COALESCE(seen_at_us, $3) WHERE notice_id = $1 AND person_id = $2",
        notice,
        person,
        at
    )?;
    Ok(told > 0)
}
