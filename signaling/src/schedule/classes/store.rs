//! Training classes, their modules and trainees.

use protocol::api::{ClassModule, ModuleMode};
use protocol::{AccountId, ClassId, PersonId, SessionId, UnitId, UtcMicros, text};
use sqlx::FromRow;
use uuid::Uuid;

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
    /// Whether whoever asks is one of them.
    pub enrolled: bool,
}

/// Every class, or the one with this id, newest year first, as seen by `person`.
///
/// # Errors
/// When the database fails.
pub async fn listed(
    conn: &mut Conn,
    id: Option<ClassId>,
    person: Option<PersonId>,
) -> StoreResult<Vec<ListedClass>> {
    sql!(
        all ListedClass, conn,
        "SELECT c.id, c.code, c.title, c.unit_id, c.year,
                (SELECT COUNT(*) FROM enrolment e WHERE e.class_id = c.id AND e.withdrawn_at_us IS NULL) AS trainees,
                EXISTS (SELECT 1 FROM enrolment e WHERE e.class_id = c.id AND e.person_id = $2
                            AND e.withdrawn_at_us IS NULL) AS enrolled
         FROM training_class c WHERE $1 IS NULL OR c.id = $1
         ORDER BY c.year DESC, c.code",
        id, person
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
        "SELECT id FROM session WHERE class_id = $1 AND chair_account_id = $2 AND cancelled_at_us IS NULL LIMIT 1",
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
