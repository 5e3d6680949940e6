//! Imports of people, their rows, and those whom the rows may be about.

use office_core::people_import::{
    Cell, Change, Fault, Known, KnownAppointment, KnownPerson, Wanted,
};
use office_core::text::fold;
use protocol::api::{FileColumn, ImportState, LostZeros, RowVerdict, ShortCodes};
use protocol::{AccountId, AppointmentId, Day, ImportId, PersonId, UnitId, UtcMicros};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreError, StoreResult, Tx, Word, new_id, sql};

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Import {
    pub(super) id: ImportId,
    /// Who made it.
    pub(super) account: AccountId,
    pub(super) file_name: String,
    pub(super) sheet: Option<String>,
    /// From 1.
    pub(super) header_row: u32,
    pub(super) columns: Vec<FileColumn>,
    pub(super) lost_zeros: Option<LostZeros>,
    pub(super) short_codes: ShortCodes,
    pub(super) state: ImportState,
    /// Whether somebody wants it to stop.
    pub(super) is_stopped: bool,
    pub(super) created_at: UtcMicros,
}

#[derive(FromRow)]
struct ImportRow {
    id: ImportId,
    account_id: AccountId,
    file_name: String,
    sheet: Option<String>,
    header_row: i64,
    columns: String,
    lost_zeros: Option<String>,
    short_codes: Word<ShortCodes>,
    state: Word<ImportState>,
    stop_asked: bool,
    created_at_us: UtcMicros,
}

impl ImportRow {
    fn parse(self) -> StoreResult<Import> {
        Ok(Import {
            id: self.id,
            account: self.account_id,
            file_name: self.file_name,
            sheet: self.sheet,
            header_row: number(self.header_row)?,
            columns: parsed(&self.columns)?,
            lost_zeros: self.lost_zeros.as_deref().map(parsed).transpose()?,
            short_codes: self.short_codes.0,
            state: self.state.0,
            is_stopped: self.stop_asked,
            created_at: self.created_at_us,
        })
    }
}

fn number(stored: i64) -> StoreResult<u32> {
    u32::try_from(stored).map_err(|_| StoreError::Corrupt(format!("a number of a row {stored}")))
}

fn parsed<T: DeserializeOwned>(text: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn stored<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it is a plain structure")
}

/// Adds an import whose rows follow.
pub(super) async fn insert(tx: &mut Tx, new: &Import) -> StoreResult<()> {
    sql!(
        execute, tx,
        "INSERT INTO people_import (id, account_id, file_name, sheet, header_row, columns, lost_zeros, short_codes, state,
             stop_asked, holder, created_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, 0, $10)",
        new.id, new.account, &new.file_name, &new.sheet, i64::from(new.header_row), stored(&new.columns),
        new.lost_zeros.as_ref().map(stored), Word(new.short_codes), Word(new.state), new.created_at
    )?;
    Ok(())
}

/// An id for an import.
pub(super) fn new_import_id() -> ImportId {
    ImportId(new_id())
}

/// An import by its id.
pub(super) async fn by_id(conn: &mut Conn, id: ImportId) -> StoreResult<Option<Import>> {
    sql!(
        optional ImportRow, conn,
        "SELECT id, account_id, file_name, sheet, header_row, columns, lost_zeros, short_codes, state, stop_asked,
                created_at_us
         FROM people_import WHERE id = $1",
        id
    )?
    .map(ImportRow::parse)
    .transpose()
}

/// The newest imports of an account whose rows are all there.
pub(super) async fn of_account(
    conn: &mut Conn,
    account: AccountId,
    before: Option<ImportId>,
    limit: i64,
) -> StoreResult<Vec<Import>> {
    sql!(
        all ImportRow, conn,
        "SELECT id, account_id, file_name, sheet, header_row, columns, lost_zeros, short_codes, state, stop_asked,
                created_at_us
         FROM people_import WHERE account_id = $1 AND state <> 'reading' AND ($2 IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        account, before, limit
    )?
    .into_iter()
    .map(ImportRow::parse)
    .collect()
}

/// Moves an import from one state to another. Whether it was in it.
pub(super) async fn go(
    tx: &mut Tx,
    id: ImportId,
    from: ImportState,
    to: ImportState,
) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE people_import SET state = $3, stop_asked = FALSE WHERE id = $1 AND state = $2",
        id,
        Word(from),
        Word(to)
    )?;
    Ok(changed > 0)
}

/// Begins to write an import, or goes on with that. Whether it could.
pub(super) async fn begin(tx: &mut Tx, id: ImportId) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE people_import SET state = 'applying', stop_asked = FALSE, holder = 0
         WHERE id = $1 AND state IN ('ready', 'cancelled', 'failed')",
        id
    )?;
    Ok(changed > 0)
}

/// Says what the columns are.
pub(super) async fn set_columns(tx: &mut Tx, import: &Import) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import SET columns = $2, lost_zeros = $3, short_codes = $4 WHERE id = $1",
        import.id,
        stored(&import.columns),
        import.lost_zeros.as_ref().map(stored),
        Word(import.short_codes)
    )?;
    Ok(())
}

/// Asks that an import that is being written stops.
pub(super) async fn ask_to_stop(tx: &mut Tx, id: ImportId) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE people_import SET stop_asked = TRUE WHERE id = $1 AND state = 'applying'",
        id
    )?;
    Ok(changed > 0)
}

/// Takes an import for the holder with this number, who keeps its row until the transaction ends: of two who write one
/// import, one waits, and an older one is told that it is another's by now.
pub(super) async fn hold(tx: &mut Tx, id: ImportId, holder: i64) -> StoreResult<bool> {
    let changed = sql!(
        execute,
        tx,
        "UPDATE people_import SET holder = $2 WHERE id = $1 AND holder <= $2",
        id,
        holder
    )?;
    Ok(changed > 0)
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) number: u32,
    pub(super) cells: Vec<Cell>,
    pub(super) verdict: RowVerdict,
    pub(super) result: Option<RowVerdict>,
    pub(super) told: Told,
}

/// What is told of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    pub(super) changes: Vec<Change>,
    #[serde(default)]
    pub(super) faults: Vec<Fault>,
}

#[derive(FromRow)]
struct RowRow {
    number: i64,
    cells: String,
    verdict: Word<RowVerdict>,
    result: Option<Word<RowVerdict>>,
    told: String,
}

impl RowRow {
    fn parse(self) -> StoreResult<Row> {
        Ok(Row {
            number: number(self.number)?,
            cells: parsed(&self.cells)?,
            verdict: self.verdict.0,
            result: self.result.map(|word| word.0),
            told: parsed(&self.told)?,
        })
    }
}

/// Adds a row that is not looked through yet.
pub(super) async fn insert_row(
    tx: &mut Tx,
    import: ImportId,
    number: u32,
    cells: &[Cell],
    wanted: Option<&Wanted>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "INSERT INTO people_import_row (import_id, number, cells, code, name_key, verdict, told)
         VALUES ($1, $2, $3, $4, $5, 'refused', '{}')",
        import,
        i64::from(number),
        stored(&cells),
        wanted.and_then(|row| row.code.as_deref()),
        wanted.and_then(|row| row.name.as_deref()).map(fold)
    )?;
    Ok(())
}

/// Says by what people are looked for, for a row whose columns are read otherwise now.
pub(super) async fn set_keys(
    tx: &mut Tx,
    import: ImportId,
    number: u32,
    wanted: Option<&Wanted>,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import_row SET code = $3, name_key = $4 WHERE import_id = $1 AND number = $2",
        import,
        i64::from(number),
        wanted.and_then(|row| row.code.as_deref()),
        wanted.and_then(|row| row.name.as_deref()).map(fold)
    )?;
    Ok(())
}

/// Says how a row stands before anything is written.
pub(super) async fn set_verdict(
    tx: &mut Tx,
    import: ImportId,
    number: u32,
    verdict: RowVerdict,
    told: &Told,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import_row SET verdict = $3, told = $4 WHERE import_id = $1 AND number = $2",
        import,
        i64::from(number),
        Word(verdict),
        stored(told)
    )?;
    Ok(())
}

/// Says what came of a row.
pub(super) async fn set_result(
    tx: &mut Tx,
    import: ImportId,
    number: u32,
    result: RowVerdict,
    told: &Told,
) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE people_import_row SET result = $3, told = $4 WHERE import_id = $1 AND number = $2",
        import,
        i64::from(number),
        Word(result),
        stored(told)
    )?;
    Ok(())
}

/// The rows of an import after one, some at most; of one verdict if that is named.
pub(super) async fn rows(
    conn: &mut Conn,
    import: ImportId,
    verdict: Option<RowVerdict>,
    after: u32,
    limit: i64,
) -> StoreResult<Vec<Row>> {
    sql!(
        all RowRow, conn,
        "SELECT number, cells, verdict, result, told FROM people_import_row
         WHERE import_id = $1 AND ($2 IS NULL OR COALESCE(result, verdict) = $2) AND number > $3
         ORDER BY number LIMIT $4",
        import, verdict.map(Word), i64::from(after), limit
    )?
    .into_iter()
    .map(RowRow::parse)
    .collect()
}

/// The first rows that are to be written and have no result.
pub(super) async fn waiting(
    conn: &mut Conn,
    import: ImportId,
    limit: i64,
) -> StoreResult<Vec<Row>> {
    sql!(
        all RowRow, conn,
        "SELECT number, cells, verdict, result, told FROM people_import_row
         WHERE import_id = $1 AND result IS NULL AND verdict IN ('new', 'changed') ORDER BY number LIMIT $2",
        import, limit
    )?
    .into_iter()
    .map(RowRow::parse)
    .collect()
}

/// How many rows stand in each way, and with which result.
pub(super) async fn counts(
    conn: &mut Conn,
    import: ImportId,
) -> StoreResult<Vec<(RowVerdict, Option<RowVerdict>, u32)>> {
    let rows = sql!(
        all(Word<RowVerdict>, Option<Word<RowVerdict>>, i64),
        conn,
        "SELECT verdict, result, COUNT(*) FROM people_import_row WHERE import_id = $1 GROUP BY verdict, result",
        import
    )?;
    rows.into_iter()
        .map(|(verdict, result, count)| Ok((verdict.0, result.map(|word| word.0), number(count)?)))
        .collect()
}

#[derive(FromRow)]
struct KnownRow {
    id: PersonId,
    code: Option<String>,
    full_name: String,
    form_of_address: Option<String>,
    version: i64,
    appointment_id: Option<AppointmentId>,
    unit_id: Option<UnitId>,
    position: Option<String>,
    subject: Option<String>,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
}

impl KnownRow {
    fn appointment(&self) -> Option<KnownAppointment> {
        Some(KnownAppointment {
            id: self.appointment_id?,
            unit: self.unit_id?,
            position: self.position.clone()?,
            subject: self.subject.clone(),
            from: self.valid_from.clone()?,
            to: self.valid_to.clone(),
        })
    }
}

/// Everybody whom the rows from one number to another may be about: by code, by a code with zeros before it, by name.
pub(super) async fn known(
    conn: &mut Conn,
    import: ImportId,
    from: u32,
    to: u32,
) -> StoreResult<Known> {
    let rows = sql!(
        all KnownRow, conn,
        "WITH meant (code, name_key) AS (
             SELECT code, name_key FROM people_import_row WHERE import_id = $1 AND number >= $2 AND number <= $3
         )
         SELECT p.id, p.code, p.full_name, p.form_of_address, p.version,
                a.id AS appointment_id, a.unit_id, a.position, a.subject, a.valid_from, a.valid_to
         FROM person p LEFT JOIN appointment a ON a.person_id = p.id
         WHERE p.id IN (
             SELECT q.id FROM meant m JOIN person q ON q.code = m.code
             UNION SELECT q.id FROM meant m JOIN person q ON q.code = '0' || m.code
             UNION SELECT q.id FROM meant m JOIN person q ON q.code = '00' || m.code
             UNION SELECT q.id FROM meant m JOIN person q ON q.search_key = m.name_key
         )
         ORDER BY p.id",
        import, i64::from(from), i64::from(to)
    )?;
    let mut people: Vec<KnownPerson> = Vec::new();
    for row in rows {
        let appointment = row.appointment();
        if people.last().is_none_or(|last| last.id != row.id) {
            people.push(KnownPerson {
                id: row.id,
                code: row.code,
                name: row.full_name,
                form_of_address: row.form_of_address,
                version: row.version,
                appointments: Vec::new(),
            });
        }
        if let Some(last) = people.last_mut() {
            last.appointments.extend(appointment);
        }
    }
    Ok(Known::new(people))
}

/// An appointment of somebody, as a file has it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Sits {
    pub(super) person_id: PersonId,
    pub(super) unit_code: String,
    pub(super) position: String,
    pub(super) subject: Option<String>,
    pub(super) valid_from: Day,
    pub(super) valid_to: Option<Day>,
}

/// Every appointment of today or later, the oldest first.
pub(super) async fn sitting(conn: &mut Conn, today: &Day) -> StoreResult<Vec<Sits>> {
    sql!(
        all Sits, conn,
        "SELECT a.person_id, u.code AS unit_code, a.position, a.subject, a.valid_from, a.valid_to
         FROM appointment a JOIN org_unit u ON u.id = a.unit_id
         WHERE a.valid_to IS NULL OR a.valid_to >= $1 ORDER BY a.valid_from, a.id",
        today
    )
}
