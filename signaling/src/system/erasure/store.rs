//! Where somebody stands in the tables.

use office_core::traces::Traces;
use protocol::api::KeptRecording;
use protocol::{
    AccountId, Day, ImportId, ParticipantId, PersonId, PointId, RecordingId, SessionCode,
    SessionId, UtcMicros,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{GONE, NOBODY};
use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};
use crate::platform::text::{fold, like, name_sort_key};

/// Somebody, before they are erased.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Who {
    pub(super) id: PersonId,
    pub(super) code: Option<String>,
    pub(super) full_name: String,
    #[sqlx(rename = "erased_at_us")]
    pub(super) erased_at: Option<UtcMicros>,
}

pub(super) async fn who(conn: &mut Conn, id: PersonId) -> StoreResult<Option<Who>> {
    sql!(
        optional Who, conn,
        "SELECT id, code, full_name, erased_at_us FROM person WHERE id = $1",
        id
    )
}

/// Their accounts and logins.
pub(super) async fn accounts(
    conn: &mut Conn,
    person: PersonId,
) -> StoreResult<Vec<(AccountId, String)>> {
    sql!(
        all(AccountId, String),
        conn,
        "SELECT id, login FROM account WHERE person_id = $1 ORDER BY id",
        person
    )
}

/// How many others are called the same.
pub(super) async fn namesakes(conn: &mut Conn, who: &Who) -> StoreResult<i64> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM person WHERE search_key = $1 AND id <> $2",
        fold(&who.full_name),
        who.id
    )?;
    Ok(count)
}

/// Somebody in a room.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Present {
    pub(super) id: ParticipantId,
    pub(super) session_id: SessionId,
    pub(super) display_name: String,
    pub(super) point_id: Option<PointId>,
}

/// As whom they took part in sessions: by account, by a link that was theirs, or as a guest who is tied to nobody and called so.
pub(super) async fn present(
    conn: &mut Conn,
    person: PersonId,
    full_name: &str,
) -> StoreResult<Vec<Present>> {
    sql!(
        all Present, conn,
        "SELECT p.id, p.session_id, p.display_name, p.point_id FROM participant p
         WHERE p.account_id IN (SELECT id FROM account WHERE person_id = $1)
            OR p.access_token_id IN
                (SELECT k.id FROM access_token k JOIN account a ON a.id = k.account_id WHERE a.person_id = $1)
            OR (p.account_id IS NULL AND p.point_id IS NULL AND p.display_name = $2
                AND NOT EXISTS (SELECT 1 FROM access_token t WHERE t.id = p.access_token_id AND t.account_id IS NOT NULL))
         ORDER BY p.session_id, p.id",
        person, full_name
    )
}

/// What else they called themselves: names on links that were made for them, names in rooms.
pub(super) async fn link_names(conn: &mut Conn, person: PersonId) -> StoreResult<Vec<String>> {
    let names = sql!(
        all(String,),
        conn,
        "SELECT DISTINCT k.display_name FROM access_token k JOIN account a ON a.id = k.account_id
         WHERE a.person_id = $1 AND k.display_name IS NOT NULL AND k.point_id IS NULL",
        person
    )?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Takes the name off somebody in a room; a resume token is worth nothing any more.
pub(super) async fn forget_present(tx: &mut Tx, id: ParticipantId, name: &str) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE participant SET display_name = $2, resume_hash = NULL WHERE id = $1",
        id,
        name
    )?;
    Ok(())
}

/// Takes away what makes somebody known.
pub(super) async fn forget_person(tx: &mut Tx, id: PersonId, now: UtcMicros) -> StoreResult<u64> {
    sql!(
        execute, tx,
        "UPDATE person SET code = NULL, full_name = $2, sort_key = $3, search_key = $4, form_of_address = NULL, email = NULL,
             version = version + 1, erased_at_us = $5
         WHERE id = $1",
        id, NOBODY, name_sort_key(NOBODY), fold(NOBODY), now
    )
}

/// Forgets the letter that was to invite somebody; it is not sent any more.
pub(super) async fn forget_letter(tx: &mut Tx, person: PersonId) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM account_letter WHERE person_id = $1",
        person
    )
}

/// Takes login, password and code from an account.
pub(super) async fn forget_account(tx: &mut Tx, id: AccountId) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE account SET login = $2, password_hash = NULL, code_hash = NULL, code_expires_at_us = NULL,
             second_factor = NULL
         WHERE id = $1",
        id,
        format!("da-xoa-{id}")
    )
}

/// The last day before `today` on which something of theirs can have held.
pub(super) async fn end_offices(tx: &mut Tx, person: PersonId, yesterday: &Day) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE appointment SET valid_to = CASE WHEN valid_from > $2 THEN valid_from ELSE $2 END
         WHERE person_id = $1 AND (valid_to IS NULL OR valid_to > $2)",
        person,
        yesterday
    )?;
    sql!(
        execute,
        tx,
        "UPDATE role_grant SET valid_to = CASE WHEN valid_from > $2 THEN valid_from ELSE $2 END
         WHERE account_id IN (SELECT id FROM account WHERE person_id = $1) AND (valid_to IS NULL OR valid_to > $2)",
        person,
        yesterday
    )?;
    Ok(())
}

/// What a provider of sign-ins calls them.
pub(super) async fn identity_names(conn: &mut Conn, person: PersonId) -> StoreResult<Vec<String>> {
    let rows = sql!(
        all(String, Option<String>),
        conn,
        "SELECT i.subject, i.label FROM external_identity i JOIN account a ON a.id = i.account_id WHERE a.person_id = $1",
        person
    )?;
    let names = rows.into_iter();
    Ok(names
        .flat_map(|(subject, label)| [Some(subject), label])
        .flatten()
        .collect())
}

/// By which identities of a provider they sign in.
pub(super) async fn forget_identities(tx: &mut Tx, person: PersonId) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET external_identity_id = NULL
         WHERE account_id IN (SELECT id FROM account WHERE person_id = $1)",
        person
    )?;
    sql!(
        execute,
        tx,
        "DELETE FROM oidc_departure WHERE account_id IN (SELECT id FROM account WHERE person_id = $1)",
        person
    )?;
    sql!(
        execute,
        tx,
        "DELETE FROM external_identity WHERE account_id IN (SELECT id FROM account WHERE person_id = $1)",
        person
    )
}

/// From where and by what they signed in.
pub(super) async fn forget_sign_ins(
    tx: &mut Tx,
    person: PersonId,
    now: UtcMicros,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE sign_in SET browser = NULL, address = NULL, guest_name = NULL, ended_at_us = COALESCE(ended_at_us, $2)
         WHERE account_id IN (SELECT id FROM account WHERE person_id = $1)
            OR access_token_id IN
                (SELECT k.id FROM access_token k JOIN account a ON a.id = k.account_id WHERE a.person_id = $1)",
        person,
        now
    )
}

/// Links that were made for them.
pub(super) async fn forget_links(
    tx: &mut Tx,
    person: PersonId,
    now: UtcMicros,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "UPDATE access_token SET display_name = NULL, revoked_at_us = COALESCE(revoked_at_us, $2)
         WHERE account_id IN (SELECT id FROM account WHERE person_id = $1)",
        person,
        now
    )
}

/// What they were told of sessions.
pub(super) async fn forget_notices(tx: &mut Tx, person: PersonId) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM notice_reader WHERE person_id = $1",
        person
    )
}

/// Why they did not come.
pub(super) async fn forget_reasons(tx: &mut Tx, person: PersonId) -> StoreResult<u64> {
    let absences = sql!(
        execute,
        tx,
        "UPDATE attendance SET absence_reason = NULL WHERE person_id = $1 AND absence_reason IS NOT NULL",
        person
    )?;
    let substitutes = sql!(
        execute,
        tx,
        "UPDATE roster_entry SET reason = NULL
         WHERE (person_id = $1 OR substitute_for = $1) AND reason IS NOT NULL",
        person
    )?;
    Ok(absences + substitutes)
}

/// That they are in charge of sessions to come.
pub(super) async fn leave_sessions(
    tx: &mut Tx,
    person: PersonId,
    now: UtcMicros,
) -> StoreResult<u64> {
    sql!(
        execute,
        tx,
        "DELETE FROM session_officer WHERE person_id = $1 AND session_id IN
             (SELECT id FROM session WHERE ended_at_us IS NULL AND cancelled_at_us IS NULL AND ends_at_us > $2)",
        person,
        now
    )
}

/// Rows of lists that are about them: with their code, or without a code and with their name; also unread ones that mention them.
pub(super) async fn import_rows(
    conn: &mut Conn,
    who: &Who,
    traces: &Traces,
) -> StoreResult<Vec<(ImportId, i64, String)>> {
    let mut rows = sql!(
        all(ImportId, i64, String),
        conn,
        "SELECT import_id, number, cells FROM people_import_row
         WHERE code = $1 OR (code IS NULL AND name_key = $2)",
        &who.code,
        fold(&who.full_name)
    )?;
    for form in traces.forms() {
        rows.extend(sql!(
            all(ImportId, i64, String),
            conn,
            "SELECT import_id, number, cells FROM people_import_row
             WHERE code IS NULL AND name_key IS NULL AND cells LIKE $1 ESCAPE '!'",
            like(&form)
        )?);
    }
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

/// Empties a row of a list. One that was not written yet never will be.
pub(super) async fn forget_import_row(
    tx: &mut Tx,
    import: ImportId,
    number: i64,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import_row SET cells = '[]', code = NULL, name_key = NULL, told = '{}',
             verdict = CASE WHEN result IS NULL THEN 'refused' ELSE verdict END
         WHERE import_id = $1 AND number = $2",
        import,
        number
    )?;
    Ok(())
}

/// The columns of a list with what stands in its first row.
pub(super) async fn import_columns(conn: &mut Conn, import: ImportId) -> StoreResult<String> {
    let (columns,) = sql!(
        one(String,),
        conn,
        "SELECT columns FROM people_import WHERE id = $1",
        import
    )?;
    Ok(columns)
}

pub(super) async fn set_import_columns(
    tx: &mut Tx,
    import: ImportId,
    columns: &str,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import SET columns = $2, lost_zeros = NULL WHERE id = $1",
        import,
        columns
    )?;
    Ok(())
}

/// Texts of others in which somebody may be named, each with the condition under which it is tied to nobody else.
macro_rules! texts {
    ($($table:literal . $column:literal, $also:literal;)*) => {
        /// Takes them out of every text of others. How many rows of which table changed.
        pub(super) async fn forget_mentions(
            tx: &mut Tx,
            traces: &Traces,
            count: &mut (dyn FnMut(&str, u64) + Send),
        ) -> StoreResult<()> {
            for form in traces.forms() {
                let pattern = like(&form);
                $(
                    let found = sql!(
                        all(Uuid, String), tx,
                        concat!("SELECT id, ", $column, " FROM ", $table, " WHERE ", $also, " AND ", $column,
                            " LIKE $1 ESCAPE '!'"),
                        &pattern
                    )?;
                    for (id, text) in found {
                        let Some(left) = traces.without(&text, GONE) else { continue };
                        let changed = sql!(
                            execute, tx,
                            concat!("UPDATE ", $table, " SET ", $column, " = $2 WHERE id = $1"),
                            id, left
                        )?;
                        count($table, changed);
                    }
                )*
            }
            Ok(())
        }
    };
}

texts! {
    "session"."cancel_reason", "TRUE";
    "notice"."reason", "TRUE";
    "roster_entry"."reason", "TRUE";
    "attendance"."absence_reason", "TRUE";
    "invitation"."required_composition", "TRUE";
    "appointment"."position", "TRUE";
    "access_token"."display_name", "account_id IS NULL";
    "sign_in"."guest_name", "account_id IS NULL";
    "people_import"."file_name", "TRUE";
    "people_import"."columns", "TRUE";
    "job"."payload", "TRUE";
    "job"."failure", "TRUE";
    "api_key"."name", "TRUE";
    "api_key"."search_key", "TRUE";
}

/// What rows of lists that are about others say of them, for example that there is a namesake.
pub(super) async fn forget_told(tx: &mut Tx, traces: &Traces) -> StoreResult<u64> {
    let mut count = 0;
    for form in traces.forms() {
        let found = sql!(
            all(ImportId, i64, String),
            tx,
            "SELECT import_id, number, told FROM people_import_row WHERE told LIKE $1 ESCAPE '!'",
            like(&form)
        )?;
        for (import, number, told) in found {
            let Some(left) = traces.without(&told, GONE) else {
                continue;
            };
            count += sql!(
                execute,
                tx,
                "UPDATE people_import_row SET told = $3 WHERE import_id = $1 AND number = $2",
                import,
                number,
                left
            )?;
        }
    }
    Ok(count)
}

/// Answers that are kept for a day, to be told again when a request is. How many lost something.
pub(super) async fn forget_answers(tx: &mut Tx, traces: &Traces) -> StoreResult<u64> {
    let kept = sql!(
        all(String, String, Vec<u8>),
        tx,
        "SELECT caller, word, body FROM idempotent_request WHERE body IS NOT NULL"
    )?;
    let mut count = 0;
    for (caller, word, body) in kept {
        let said = String::from_utf8_lossy(&body);
        let Some(left) = traces.without(&said, GONE) else {
            continue;
        };
        count += sql!(
            execute,
            tx,
            "UPDATE idempotent_request SET body = $3 WHERE caller = $1 AND word = $2",
            caller,
            word,
            left.into_bytes()
        )?;
    }
    Ok(count)
}

/// Events of a session of which somebody's coming or words may be told, by number.
pub(super) async fn events_about(
    conn: &mut Conn,
    session: SessionId,
    participant: ParticipantId,
) -> StoreResult<Vec<(i64, String)>> {
    sql!(
        all(i64, String),
        conn,
        "SELECT seq, payload FROM session_event
         WHERE session_id = $1 AND kind IN ('participant_joined', 'chat_sent', 'topic_changed', 'floor_granted')
           AND payload LIKE $2 ORDER BY seq",
        session,
        format!("%{participant}%")
    )
}

/// Events of anybody who wrote something that has this in it.
pub(super) async fn written_with(
    conn: &mut Conn,
    form: &str,
) -> StoreResult<Vec<(SessionId, i64, String)>> {
    sql!(
        all(SessionId, i64, String),
        conn,
        "SELECT session_id, seq, payload FROM session_event
         WHERE kind IN ('chat_sent', 'topic_changed', 'floor_granted') AND payload LIKE $1 ESCAPE '!'",
        like(form)
    )
}

pub(super) async fn set_event(
    tx: &mut Tx,
    session: SessionId,
    seq: i64,
    payload: &str,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session_event SET payload = $3 WHERE session_id = $1 AND seq = $2",
        session,
        seq,
        payload
    )?;
    Ok(())
}

/// What is left of somebody, by number of rows.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Left {
    pub(super) appointments: i64,
    pub(super) roles: i64,
    pub(super) attendance: i64,
    pub(super) officers: i64,
    pub(super) enrolments: i64,
    pub(super) log_lines: i64,
}

pub(super) async fn left(conn: &mut Conn, person: PersonId) -> StoreResult<Left> {
    sql!(
        one Left, conn,
        "SELECT (SELECT COUNT(*) FROM appointment WHERE person_id = $1) AS appointments,
                (SELECT COUNT(*) FROM role_grant g JOIN account a ON a.id = g.account_id WHERE a.person_id = $1) AS roles,
                (SELECT COUNT(*) FROM attendance WHERE person_id = $1)
                    + (SELECT COUNT(*) FROM roster_entry WHERE person_id = $1) AS attendance,
                (SELECT COUNT(*) FROM session_officer WHERE person_id = $1) AS officers,
                (SELECT COUNT(*) FROM enrolment WHERE person_id = $1) AS enrolments,
                (SELECT COUNT(*) FROM audit_log l JOIN audit_word w ON w.word = l.actor
                 JOIN account a ON w.kind = 'account' AND a.id = w.id WHERE a.person_id = $1) AS log_lines",
        person
    )
}

/// Codes of sessions whose title has this in it.
pub(super) async fn titled(conn: &mut Conn, name: &str) -> StoreResult<i64> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM session WHERE search_key LIKE $1 ESCAPE '!'",
        like(&fold(name))
    )?;
    Ok(count)
}

#[derive(FromRow)]
struct Recorded {
    id: RecordingId,
    session: SessionCode,
    began_at_us: UtcMicros,
    keep_until_us: Option<UtcMicros>,
    on_hold: bool,
}

/// Recordings of a session.
pub(super) async fn recordings(
    conn: &mut Conn,
    session: SessionId,
) -> StoreResult<Vec<(RecordingId, KeptRecording)>> {
    let rows = sql!(
        all Recorded, conn,
        "SELECT r.id, s.code AS session, COALESCE(r.started_at_us, r.requested_at_us) AS began_at_us, r.keep_until_us,
                r.on_hold
         FROM recording r JOIN session s ON s.id = r.session_id
         WHERE r.session_id = $1 AND r.state NOT IN ('expired', 'deleted') ORDER BY r.id",
        session
    )?;
    let kept = |row: Recorded| {
        let recording = KeptRecording {
            session: row.session.0,
            began_at_us: row.began_at_us,
            keep_until_us: row.keep_until_us,
            on_hold: row.on_hold,
        };
        (row.id, recording)
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// Whether somebody is in a room now, as far as it is written down.
pub(super) async fn is_present(conn: &mut Conn, participant: ParticipantId) -> StoreResult<bool> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM presence_interval WHERE participant_id = $1 AND to_us IS NULL",
        participant
    )?;
    Ok(count > 0)
}

/// Notes that somebody was erased.
pub(super) async fn insert(
    tx: &mut Tx,
    person: PersonId,
    by: Option<AccountId>,
    report: &str,
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO erasure (id, person_id, account_id, at_us, report) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        person,
        by,
        now,
        report
    )?;
    Ok(())
}

/// When somebody was erased, when that was done, and the report.
pub(super) async fn erasure(
    conn: &mut Conn,
    person: PersonId,
) -> StoreResult<Option<(UtcMicros, Option<UtcMicros>, String)>> {
    sql!(
        optional(UtcMicros, Option<UtcMicros>, String),
        conn,
        "SELECT at_us, finished_at_us, report FROM erasure WHERE person_id = $1",
        person
    )
}

/// Notes that files and free pages are done too.
pub(super) async fn finish(tx: &mut Tx, person: PersonId, now: UtcMicros) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE erasure SET finished_at_us = $2 WHERE person_id = $1 AND finished_at_us IS NULL",
        person,
        now
    )?;
    Ok(())
}
