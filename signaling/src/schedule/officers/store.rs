//! Chairs, secretaries, presenters and technicians of sessions, by person.

use protocol::api::{Officer, OfficerPart};
use protocol::{AccountId, Day, PersonId, SessionId, UnitId};
use sqlx::FromRow;

use crate::access::Reader;
use crate::platform::database::{Conn, StoreResult, Tx, Word, sql};
use crate::platform::text::{fold, like};

/// Somebody's part in a session.
pub type Named = (OfficerPart, PersonId);

/// Those in charge of a session, chair first, then in the order in which they were named; with their positions on `day`.
///
/// # Errors
/// When the database fails.
pub async fn of_session(
    conn: &mut Conn,
    session: SessionId,
    day: &Day,
) -> StoreResult<Vec<Officer>> {
    let mut rows = sql!(
        all(Word<OfficerPart>, PersonId, String, Option<String>),
        conn,
        "SELECT o.part, o.person_id, p.full_name,
                (SELECT a.position FROM appointment a WHERE a.person_id = p.id
                   AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $2)
                 ORDER BY a.valid_from, a.id LIMIT 1)
         FROM session_officer o JOIN person p ON p.id = o.person_id
         WHERE o.session_id = $1 ORDER BY o.position, o.person_id",
        session,
        day
    )?;
    rows.sort_by_key(|(Word(part), ..)| *part);
    let officers = rows
        .into_iter()
        .map(|(Word(part), person, name, position)| Officer {
            part,
            person: person.to_string(),
            name,
            position,
        });
    Ok(officers.collect())
}

/// Everybody's part in a session.
///
/// # Errors
/// When the database fails.
pub async fn named_in(conn: &mut Conn, session: SessionId) -> StoreResult<Vec<Named>> {
    let rows = sql!(
        all(Word<OfficerPart>, PersonId),
        conn,
        "SELECT part, person_id FROM session_officer WHERE session_id = $1 ORDER BY position, person_id",
        session
    )?;
    Ok(rows
        .into_iter()
        .map(|(Word(part), person)| (part, person))
        .collect())
}

/// The parts that somebody is named for in a session.
///
/// # Errors
/// When the database fails.
pub async fn parts_of(
    conn: &mut Conn,
    session: SessionId,
    person: PersonId,
) -> StoreResult<Vec<OfficerPart>> {
    type Row = (Word<OfficerPart>,);
    let rows = sql!(
        all Row, conn,
        "SELECT part FROM session_officer WHERE session_id = $1 AND person_id = $2",
        session, person
    )?;
    Ok(rows.into_iter().map(|(Word(part),)| part).collect())
}

/// The name of a session's chair.
///
/// # Errors
/// When the database fails.
pub async fn chair_of(conn: &mut Conn, session: SessionId) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT p.full_name FROM session_officer o JOIN person p ON p.id = o.person_id
         WHERE o.session_id = $1 AND o.part = 'chair'",
        session
    )?;
    Ok(found.map(|(name,)| name))
}

/// Somebody's name.
///
/// # Errors
/// When the database fails.
pub async fn name_of(conn: &mut Conn, person: PersonId) -> StoreResult<Option<String>> {
    let found = sql!(
        optional(String,),
        conn,
        "SELECT full_name FROM person WHERE id = $1",
        person
    )?;
    Ok(found.map(|(name,)| name))
}

/// The person whose account this is.
///
/// # Errors
/// When the database fails.
pub async fn person_of(conn: &mut Conn, account: AccountId) -> StoreResult<Option<PersonId>> {
    let found = sql!(
        optional(PersonId,),
        conn,
        "SELECT person_id FROM account WHERE id = $1",
        account
    )?;
    Ok(found.map(|(person,)| person))
}

/// Names those in charge of a session, in this order and nobody else. Rows that stay as they are stay untouched.
///
/// # Errors
/// When the database fails.
pub async fn set(
    tx: &mut Tx,
    session: SessionId,
    before: &[Named],
    after: &[Named],
) -> StoreResult<()> {
    for (part, person) in before.iter().filter(|named| !after.contains(named)) {
        sql!(
            execute,
            tx,
            "DELETE FROM session_officer WHERE session_id = $1 AND part = $2 AND person_id = $3",
            session,
            Word(*part),
            *person
        )?;
    }
    for (position, named) in (1_i64..).zip(after) {
        let (part, person) = named;
        let statement = if before.contains(named) {
            "UPDATE session_officer SET position = $4
             WHERE session_id = $1 AND part = $2 AND person_id = $3 AND position <> $4"
        } else {
            "INSERT INTO session_officer (session_id, part, person_id, position) VALUES ($1, $2, $3, $4)"
        };
        sql!(
            execute,
            tx,
            statement,
            session,
            Word(*part),
            *person,
            position
        )?;
    }
    Ok(())
}

/// Somebody, and where they are appointed.
#[derive(Debug, Clone, FromRow)]
pub struct Appointed {
    /// Who.
    pub person_id: PersonId,
    /// The name.
    pub full_name: String,
    /// As what.
    pub position: String,
    /// Where.
    pub unit_id: UnitId,
}

/// Somebody's name and appointments on `day`: one row each, none for somebody without any.
///
/// # Errors
/// When the database fails.
pub async fn appointed(
    conn: &mut Conn,
    person: PersonId,
    day: &Day,
) -> StoreResult<Vec<Appointed>> {
    sql!(
        all Appointed, conn,
        "SELECT p.id AS person_id, p.full_name, a.position, a.unit_id
         FROM person p JOIN appointment a ON a.person_id = p.id
              AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $2)
         WHERE p.id = $1 ORDER BY a.valid_from, a.id",
        person, day
    )
}

/// People whose names have the letters of `wanted` whatever their case and diacritics, by given name: those who work on `day`
/// below `convening`, or below a unit over which `reader` holds an office. The rule is
/// [`office_core::rights::NameOfficer`].
///
/// # Errors
/// When the database fails.
pub async fn candidates(
    conn: &mut Conn,
    (convening, reader): (UnitId, Option<Reader>),
    wanted: &str,
    day: &Day,
    limit: i64,
) -> StoreResult<Vec<Appointed>> {
    if wanted.contains('\0') {
        return Ok(Vec::new());
    }
    let pattern = like(&fold(wanted));
    sql!(
        all Appointed, conn,
        "WITH RECURSIVE reach (unit_id) AS (
             SELECT id FROM org_unit WHERE id = $1
             UNION
             SELECT unit_id FROM role_grant
             WHERE account_id = $2 AND role IN ('department_admin', 'unit_admin', 'it_staff', 'trainer')
               AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
             UNION SELECT id FROM org_unit WHERE id = $6 -- What a key reaches.
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN reach ON v.parent_id = reach.unit_id
             WHERE v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to >= $3)
         )
         SELECT p.id AS person_id, p.full_name, a.position, a.unit_id
         -- SQLite keeps the order of a CROSS JOIN: by name, until there are enough.
         FROM person p CROSS JOIN appointment a
         WHERE p.erased_at_us IS NULL AND p.search_key LIKE $4 ESCAPE '!' AND a.person_id = p.id
           AND a.valid_from <= $3 AND (a.valid_to IS NULL OR a.valid_to >= $3)
           AND (a.unit_id IN (SELECT unit_id FROM reach)) IS TRUE
         ORDER BY p.sort_key, p.id, a.valid_from, a.id LIMIT $5",
        convening, reader.map(|reader| reader.account), day, &pattern, limit, reader.and_then(|reader| reader.key_unit())
    )
}
