//! People and their appointments.

use office_core::rights::PersonFacts;
use protocol::{AppointmentId, Day, PersonId, UnitId, UtcMicros};
use sqlx::FromRow;

use crate::access::Reader;
use crate::platform::database::{Conn, StoreError, StoreResult, Tx, new_id, sql};
use crate::platform::text::{fold, like, name_sort_key};

/// What somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names<'a> {
    /// Full name.
    pub full_name: &'a str,
    /// The external code.
    pub code: Option<&'a str>,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<&'a str>,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The external code.
    pub code: Option<String>,
    /// Full name.
    pub full_name: String,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
    /// Where letters reach them.
    pub email: Option<String>,
    /// How often these were changed.
    pub version: i64,
    /// When what made them known was deleted.
    #[sqlx(rename = "erased_at_us")]
    pub erased_at: Option<UtcMicros>,
}

/// Where somebody sits or sat, as what, and when.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// Where.
    pub unit_id: UnitId,
    /// As what.
    pub position: String,
    /// What a teacher teaches.
    pub subject: Option<String>,
    /// The first day.
    pub valid_from: Day,
    /// The last day; none while it lasts.
    pub valid_to: Option<Day>,
}

impl Appointment {
    /// Whether it is over on `today`.
    #[must_use]
    pub fn is_over(&self, today: &Day) -> bool {
        self.valid_to.as_ref().is_some_and(|last| last < today)
    }
}

/// An appointment to add.
#[derive(Debug, Clone, Copy)]
pub struct NewAppointment<'a> {
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub position: &'a str,
    /// What a teacher teaches.
    pub subject: Option<&'a str>,
    /// The first day.
    pub from: &'a Day,
    /// The last day, when it is known.
    pub to: Option<&'a Day>,
}

/// Adds somebody whom no other system knows.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &mut Tx,
    full_name: &str,
    form_of_address: Option<&str>,
    now: UtcMicros,
) -> StoreResult<PersonId> {
    let names = Names {
        full_name,
        code: None,
        form_of_address,
    };
    insert_named(tx, names, now).await
}

/// Adds somebody.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert_named(tx: &mut Tx, names: Names<'_>, now: UtcMicros) -> StoreResult<PersonId> {
    let id = PersonId(new_id());
    sql!(
        execute, tx,
        "INSERT INTO person (id, code, full_name, sort_key, search_key, form_of_address, created_at_us, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
        id, names.code, names.full_name, name_sort_key(names.full_name), fold(names.full_name), names.form_of_address,
        now
    )?;
    Ok(id)
}

/// Changes what somebody is called, if that is as it was read. Whether it was.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn rename(
    tx: &mut Tx,
    id: PersonId,
    version: i64,
    names: Names<'_>,
) -> StoreResult<bool> {
    let changed = sql!(
        execute, tx,
        "UPDATE person SET code = $3, full_name = $4, sort_key = $5, search_key = $6, form_of_address = $7,
             version = version + 1
         WHERE id = $1 AND version = $2",
        id, version, names.code, names.full_name, name_sort_key(names.full_name), fold(names.full_name),
        names.form_of_address
    )?;
    Ok(changed > 0)
}

/// Says where letters reach somebody.
///
/// # Errors
/// When the database fails.
pub async fn set_email(tx: &mut Tx, id: PersonId, email: Option<&str>) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE person SET email = $2 WHERE id = $1",
        id,
        email
    )?;
    Ok(())
}

/// Appoints somebody at a unit from a day on.
///
/// # Errors
/// When the database fails.
pub async fn appoint(
    tx: &mut Tx,
    person: PersonId,
    unit: UnitId,
    position: &str,
    from: &Day,
) -> StoreResult<()> {
    let new = NewAppointment {
        unit,
        position,
        subject: None,
        from,
        to: None,
    };
    insert_appointment(tx, person, new).await.map(drop)
}

/// Adds an appointment.
///
/// # Errors
/// When the database fails.
pub async fn insert_appointment(
    tx: &mut Tx,
    person: PersonId,
    new: NewAppointment<'_>,
) -> StoreResult<AppointmentId> {
    let id = AppointmentId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO appointment (id, person_id, unit_id, position, subject, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        person,
        new.unit,
        new.position,
        new.subject,
        new.from,
        new.to
    )?;
    Ok(id)
}

/// Makes an appointment say something else.
///
/// # Errors
/// When the database fails.
pub async fn correct_appointment(
    tx: &mut Tx,
    id: AppointmentId,
    is: NewAppointment<'_>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE appointment SET position = $2, subject = $3, valid_from = $4, valid_to = $5 WHERE id = $1",
        id,
        is.position,
        is.subject,
        is.from,
        is.to
    )?;
    Ok(())
}

/// Says which day of an appointment is the last.
///
/// # Errors
/// When the database fails.
pub async fn end_appointment(tx: &mut Tx, id: AppointmentId, last: &Day) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE appointment SET valid_to = $2 WHERE id = $1",
        id,
        last
    )?;
    Ok(())
}

/// Somebody by their id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: PersonId) -> StoreResult<Option<Person>> {
    sql!(
        optional Person, conn,
        "SELECT id, code, full_name, form_of_address, email, version, erased_at_us FROM person WHERE id = $1",
        id
    )
}

/// Every appointment of somebody, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn appointments(conn: &mut Conn, person: PersonId) -> StoreResult<Vec<Appointment>> {
    sql!(
        all Appointment, conn,
        "SELECT id, unit_id, position, subject, valid_from, valid_to FROM appointment
         WHERE person_id = $1 ORDER BY valid_from DESC, id DESC",
        person
    )
}

/// Whether somebody can sign in: has an account that is not disabled.
///
/// # Errors
/// When the database fails.
pub async fn has_account(conn: &mut Conn, person: PersonId) -> StoreResult<bool> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM account WHERE person_id = $1 AND disabled_at_us IS NULL",
        person
    )?;
    Ok(count > 0)
}

/// Those who are called the same, whatever its case and diacritics, and are at a unit on `today` or later.
///
/// # Errors
/// When the database fails.
pub async fn namesakes(
    conn: &mut Conn,
    full_name: &str,
    unit: UnitId,
    today: &Day,
) -> StoreResult<Vec<Person>> {
    sql!(
        all Person, conn,
        "SELECT id, code, full_name, form_of_address, email, version, erased_at_us FROM person p
         WHERE search_key = $1 AND EXISTS (
             SELECT 1 FROM appointment a
             WHERE a.person_id = p.id AND a.unit_id = $2 AND (a.valid_to IS NULL OR a.valid_to >= $3))
         ORDER BY id",
        fold(full_name), unit, today
    )
}

/// Full names that contain `wanted` whatever its case and diacritics, by given name.
///
/// # Errors
/// When the database fails.
pub async fn search(conn: &mut Conn, wanted: &str, limit: i64) -> StoreResult<Vec<String>> {
    if wanted.contains('\0') {
        return Ok(Vec::new());
    }
    let rows = sql!(
        all(String,),
        conn,
        "SELECT full_name FROM person WHERE search_key LIKE $1 ESCAPE '!' ORDER BY sort_key, id LIMIT $2",
        anywhere(wanted),
        limit
    )?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Which people of those that an administrator sees.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Those whose name or code contains this, whatever its case and diacritics.
    pub wanted: Option<String>,
    /// Those at this unit or below it.
    pub unit: Option<UnitId>,
    /// Where the page begins.
    pub after: After,
    /// How many at most.
    pub limit: i64,
}

/// Where a page of the list begins: after this key and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Sort key of the last of the page before.
    pub sort_key: Vec<u8>,
    /// Their id.
    pub id: PersonId,
}

impl After {
    /// Before everybody.
    #[must_use]
    pub const fn beginning() -> Self {
        Self {
            sort_key: Vec::new(),
            id: PersonId(uuid::Uuid::nil()),
        }
    }
}

/// Somebody of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub id: PersonId,
    /// The external code.
    pub code: Option<String>,
    /// Full name.
    pub full_name: String,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
    /// By which they are listed.
    pub sort_key: Vec<u8>,
    /// Whether they can sign in.
    pub has_account: bool,
    /// Code of the unit, and position, of what they are or will be.
    pub appointments: Vec<(String, String)>,
}

#[derive(FromRow)]
struct ListedRow {
    id: PersonId,
    code: Option<String>,
    full_name: String,
    form_of_address: Option<String>,
    sort_key: Vec<u8>,
    has_account: bool,
    /// One appointment after another, each as code of the unit and position: see [`BETWEEN_FIELDS`].
    appointments: Option<String>,
}

/// What stands between the fields of an appointment, and between the appointments, in [`ListedRow::appointments`]: control
/// characters, which no position has.
const BETWEEN_FIELDS: &str = "\u{1f}";
const BETWEEN_APPOINTMENTS: &str = "\u{1e}";

impl ListedRow {
    fn parse(self) -> StoreResult<Listed> {
        let all = self.appointments.as_deref();
        let each = all
            .into_iter()
            .flat_map(|all| all.split(BETWEEN_APPOINTMENTS));
        let fields = each.map(|one| {
            let (unit, position) = one
                .split_once(BETWEEN_FIELDS)
                .ok_or_else(|| StoreError::Corrupt(format!("an appointment {one:?}")))?;
            Ok((unit.to_owned(), position.to_owned()))
        });
        Ok(Listed {
            appointments: fields.collect::<StoreResult<_>>()?,
            id: self.id,
            code: self.code,
            full_name: self.full_name,
            form_of_address: self.form_of_address,
            sort_key: self.sort_key,
            has_account: self.has_account,
        })
    }
}

/// The people whom an administrator, or a key of theirs, sees on `today` and whom `filter` takes, by given name.
///
/// Visibility is the rule of [`office_core::rights::ViewPerson`] in SQL; a test compares the two.
///
/// # Errors
/// When the database fails.
pub async fn visible_to(
    conn: &mut Conn,
    reader: &Reader,
    today: &Day,
    filter: &Filter,
) -> StoreResult<Vec<Listed>> {
    let wanted = filter.wanted.as_deref().map(anywhere);
    let rows = sql!(
        all ListedRow, conn,
        "WITH RECURSIVE
         administered (unit_id) AS (
             SELECT unit_id FROM role_grant
             WHERE account_id = $3 AND role IN ('department_admin', 'unit_admin')
               AND valid_from <= $4 AND (valid_to IS NULL OR valid_to >= $4)
             UNION SELECT id FROM org_unit WHERE id = $10 -- What a key reaches.
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN administered ON v.parent_id = administered.unit_id
             WHERE v.valid_from <= $4 AND (v.valid_to IS NULL OR v.valid_to >= $4)
         ),
         chosen (unit_id) AS (
             SELECT id FROM org_unit WHERE id = $5
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN chosen ON v.parent_id = chosen.unit_id
             WHERE v.valid_from <= $4 AND (v.valid_to IS NULL OR v.valid_to >= $4)
         ),
         scope (unit_id) AS (
             SELECT unit_id FROM administered WHERE $5 IS NULL OR unit_id IN (SELECT unit_id FROM chosen)
         ),
         -- Who is appointed there; what is over counts when nothing else is left.
         shown (person_id) AS (
             -- SQLite keeps the order of a CROSS JOIN: from the units, not from all appointments.
             SELECT a.person_id FROM scope CROSS JOIN appointment a
             WHERE a.unit_id = scope.unit_id
               AND (a.valid_to IS NULL OR a.valid_to >= $4
                    OR NOT EXISTS (SELECT 1 FROM appointment b
                                   WHERE b.person_id = a.person_id AND (b.valid_to IS NULL OR b.valid_to >= $4)))
         )
         SELECT p.id, p.code, p.full_name, p.form_of_address, p.sort_key,
                EXISTS (SELECT 1 FROM account c WHERE c.person_id = p.id AND c.disabled_at_us IS NULL) AS has_account,
                (SELECT string_agg(u.code || $1 || a.position, $2 ORDER BY a.valid_from, a.id)
                 FROM appointment a JOIN org_unit u ON u.id = a.unit_id
                 WHERE a.person_id = p.id AND (a.valid_to IS NULL OR a.valid_to >= $4)) AS appointments
         FROM person p
         WHERE p.erased_at_us IS NULL AND (p.sort_key > $6 OR (p.sort_key = $6 AND p.id > $7))
           AND ($8 IS NULL OR p.search_key LIKE $8 ESCAPE '!' OR lower(p.code) LIKE $8 ESCAPE '!')
           -- People are walked by name, so that a page costs no more than a page: below many units each is looked at as they
           -- come, below few all that are shown are found first.
           AND CASE WHEN (SELECT COUNT(*) FROM scope) * 8 < (SELECT COUNT(*) FROM org_unit)
                    THEN p.id IN (SELECT person_id FROM shown)
                    ELSE EXISTS (SELECT 1 FROM appointment a
                                 WHERE a.person_id = p.id AND a.unit_id IN (SELECT unit_id FROM scope)
                                   AND (a.valid_to IS NULL OR a.valid_to >= $4
                                        OR NOT EXISTS (SELECT 1 FROM appointment b
                                                       WHERE b.person_id = p.id AND (b.valid_to IS NULL OR b.valid_to >= $4))))
                    END
         ORDER BY p.sort_key, p.id LIMIT $9",
        BETWEEN_FIELDS, BETWEEN_APPOINTMENTS, reader.account, today, filter.unit, &filter.after.sort_key,
        filter.after.id, wanted, filter.limit, reader.key_unit()
    )?;
    rows.into_iter().map(ListedRow::parse).collect()
}

/// What of somebody matters to rights, given all their appointments.
#[must_use]
pub fn facts_of(
    appointments: &[Appointment],
    tree: &office_core::org::Tree,
    today: &Day,
) -> PersonFacts {
    let is_over = |one: &&Appointment| one.is_over(today);
    let all_over = appointments.iter().all(|one| is_over(&one));
    let counting = appointments.iter().filter(|one| all_over || !is_over(one));
    PersonFacts {
        units: counting.map(|one| tree.lineage(one.unit_id)).collect(),
    }
}

/// A pattern that finds `wanted` anywhere, folded.
pub(crate) fn anywhere(wanted: &str) -> String {
    like(&fold(wanted))
}
