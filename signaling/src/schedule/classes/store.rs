//! Training classes, their modules and trainees.

use protocol::api::{ClassModule, ModuleMode};
use protocol::{AccountId, ClassId, Day, PersonId, SessionId, UnitId, UtcMicros, text};
use sqlx::FromRow;
use uuid::Uuid;

use crate::access::Reader;
use crate::platform::database::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::platform::text::fold;

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Class {
    /// Its id.
    pub id: ClassId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Who gives it.
    pub unit_id: UnitId,
    /// Its year.
    pub year: i64,
}

/// A class of a list.
#[derive(Debug, Clone, FromRow)]
pub struct ListedClass {
    /// The class.
    #[sqlx(flatten)]
    pub class: Class,
    /// How many trainees it has.
    pub trainees: i64,
}

/// Which classes of those that somebody may see.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The one with this id; any when there is none.
    pub id: Option<ClassId>,
    /// Where the page begins.
    pub after: After,
    /// How many at most.
    pub limit: usize,
}

/// Where a page of a list begins: after this year and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Year of the last class of the page before.
    pub year: i64,
    /// Its code.
    pub code: String,
}

impl After {
    /// Before every class.
    pub const BEGINNING: Self = Self {
        year: i64::MAX,
        code: String::new(),
    };
}

/// The classes that somebody with an account may see on `day` and that `filter` takes, newest year first.
///
/// Visibility is the rule of [`office_core::rights::ViewClass`] in SQL; a test compares the two.
///
/// # Errors
/// When the database fails.
pub async fn visible_to(
    conn: &mut Conn,
    reader: &Reader,
    day: &Day,
    filter: &Filter,
) -> StoreResult<Vec<ListedClass>> {
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    sql!(
        all ListedClass, conn,
        "WITH RECURSIVE
         -- The units over which they hold an office of some kind.
         staffed (unit_id) AS (
             SELECT unit_id FROM role_grant
             WHERE account_id = $1 AND role IN ('department_admin', 'unit_admin', 'it_staff', 'trainer')
               AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
             UNION SELECT id FROM org_unit WHERE id = $8 -- What a key reaches.
             UNION
             SELECT v.unit_id FROM org_unit_version v JOIN staffed ON v.parent_id = staffed.unit_id
             WHERE v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to >= $3)
         ),
         enrolled (class_id) AS (
             SELECT class_id FROM enrolment WHERE person_id = $2 AND withdrawn_at_us IS NULL
         )
         SELECT c.id, c.code, c.title, c.unit_id, c.year,
                (SELECT COUNT(*) FROM enrolment e WHERE e.class_id = c.id AND e.withdrawn_at_us IS NULL) AS trainees
         FROM training_class c
         WHERE ($4 IS NULL OR c.id = $4)
           AND (c.year < $5 OR (c.year = $5 AND c.code > $6))
           AND (c.unit_id IN (SELECT unit_id FROM staffed) OR c.id IN (SELECT class_id FROM enrolled))
         ORDER BY c.year DESC, c.code LIMIT $7",
        reader.account, reader.person, day, filter.id, filter.after.year, &filter.after.code, limit, reader.key_unit()
    )
}

/// A class by its code.
///
/// # Errors
/// When the database fails.
pub async fn by_code(conn: &mut Conn, code: &str) -> StoreResult<Option<Class>> {
    let Some(code) = text::key(code) else {
        return Ok(None);
    };
    sql!(optional Class, conn, "SELECT id, code, title, unit_id, year FROM training_class WHERE code = $1", &code)
}

/// The modules of every class, or of the one with this id, in order.
///
/// # Errors
/// When the database fails.
pub async fn modules(
    conn: &mut Conn,
    id: Option<ClassId>,
) -> StoreResult<Vec<(ClassId, ClassModule)>> {
    let rows = sql!(
        all(ClassId, String, f64, Word<ModuleMode>),
        conn,
        "SELECT class_id, title, hours, mode FROM class_module WHERE $1 IS NULL OR class_id = $1
         ORDER BY class_id, position",
        id
    )?;
    let module = |(class, title, hours, Word(mode))| {
        #[expect(clippy::cast_possible_truncation, reason = "hours are small")]
        let hours = hours as f32;
        (class, ClassModule { title, hours, mode })
    };
    Ok(rows.into_iter().map(module).collect())
}

/// Whether somebody is a trainee of a class.
///
/// # Errors
/// When the database fails.
pub async fn is_enrolled(conn: &mut Conn, class: ClassId, person: PersonId) -> StoreResult<bool> {
    let found = sql!(
        optional(Uuid,),
        conn,
        "SELECT id FROM enrolment WHERE class_id = $1 AND person_id = $2 AND withdrawn_at_us IS NULL",
        class,
        person
    )?;
    Ok(found.is_some())
}

/// Whether somebody teaches a class: chairs one of its sessions.
///
/// # Errors
/// When the database fails.
pub async fn teaches(conn: &mut Conn, class: ClassId, account: AccountId) -> StoreResult<bool> {
    let found = sql!(
        optional(SessionId,),
        conn,
        "SELECT s.id FROM session s JOIN session_officer o ON o.session_id = s.id AND o.part = 'chair'
         JOIN account a ON a.person_id = o.person_id AND a.id = $2
         WHERE s.class_id = $1 AND s.cancelled_at_us IS NULL LIMIT 1",
        class,
        account
    )?;
    Ok(found.is_some())
}

/// Adds a class.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert(
    tx: &mut Tx,
    code: &str,
    title: &str,
    unit: UnitId,
    year: i64,
    now: UtcMicros,
) -> StoreResult<ClassId> {
    let id = ClassId(new_id());
    sql!(
        execute,
        tx,
        "INSERT INTO training_class (id, code, title, search_key, unit_id, year, created_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        code,
        title,
        fold(title),
        unit,
        year,
        now
    )?;
    Ok(id)
}

/// Adds a module at a position, counted from 1.
///
/// # Errors
/// `Duplicate` when the position is taken.
pub async fn insert_module(
    tx: &mut Tx,
    class: ClassId,
    position: i64,
    module: &ClassModule,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO class_module (id, class_id, position, title, hours, mode) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(),
        class,
        position,
        &module.title,
        f64::from(module.hours),
        Word(module.mode)
    )?;
    Ok(())
}

/// Enrols somebody.
///
/// # Errors
/// `Duplicate` when the person is enrolled already.
pub async fn enrol(
    tx: &mut Tx,
    class: ClassId,
    person: PersonId,
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO enrolment (id, class_id, person_id, enrolled_at_us) VALUES ($1, $2, $3, $4)",
        new_id(),
        class,
        person,
        now
    )?;
    Ok(())
}
