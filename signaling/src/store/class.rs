//! Training classes, their modules and trainees.

use protocol::api::{ClassModule, ModuleMode};
use protocol::{AccountId, ClassId, PersonId, SessionId, UnitId, UtcMicros, text};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Conn, StoreResult, Tx, Word, new_id, sql};
use crate::text::fold;

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

/// Every class, newest year first.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &mut Conn) -> StoreResult<Vec<Class>> {
    sql!(all Class, conn, "SELECT id, code, title, unit_id, year FROM training_class ORDER BY year DESC, code")
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

/// A class by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: ClassId) -> StoreResult<Option<Class>> {
    sql!(optional Class, conn, "SELECT id, code, title, unit_id, year FROM training_class WHERE id = $1", id)
}

/// The modules of a class, in order.
///
/// # Errors
/// When the database fails.
pub async fn modules(conn: &mut Conn, class: ClassId) -> StoreResult<Vec<ClassModule>> {
    let rows = sql!(
        all(String, f64, Word<ModuleMode>),
        conn,
        "SELECT title, hours, mode FROM class_module WHERE class_id = $1 ORDER BY position",
        class
    )?;
    Ok(rows
        .into_iter()
        .map(|(title, hours, Word(mode))| ClassModule {
            title,
            #[expect(clippy::cast_possible_truncation, reason = "hours are small")]
            hours: hours as f32,
            mode,
        })
        .collect())
}

/// How many trainees a class has.
///
/// # Errors
/// When the database fails.
pub async fn enrolled(conn: &mut Conn, class: ClassId) -> StoreResult<u32> {
    let (count,) = sql!(
        one(i64,),
        conn,
        "SELECT COUNT(*) FROM enrolment WHERE class_id = $1 AND withdrawn_at_us IS NULL",
        class
    )?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
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
