//! What can be done with imports of people.

use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::people_import::{
    Cell, Codes, Decision, Fault, Ground, Header, Known, KnownAppointment, KnownPerson, Outcome,
    Step, Wanted, find_header, read_row, short_codes, twins,
};
use office_core::rights::{AddPerson, ImportPeople, ManageImport};
use protocol::api::{
    FileColumn, ImportColumns, ImportState, LostZeros, ProblemCode, RowFaultCode, RowVerdict,
    ShortCodes,
};
use protocol::{AccountId, Day, ImportId, PersonId, UtcMicros, text};
use serde_json::json;

use super::file::Table;
use super::store::{self, Import, Row, Told};
use super::view::SeenImport;
use super::work::{ImportWork, Whole};
use crate::access::Permit;
use crate::jobs::Work as _;
use crate::org::people::{self, NewAppointment};
use crate::platform::clock::day;
use crate::platform::database::{Store, StoreResult, Tx};
use crate::platform::error::{ApiError, ApiResult};

/// How many rows a transaction stores or writes: others who write wait for it a fraction of a second.
const AT_ONCE: usize = 250;

/// A row of a file: its number and its cells.
type Numbered = (u32, Vec<Cell>);

/// Stores a table that came as a file and looks it through; nobody is written.
///
/// # Errors
/// `no_header`, `no_rows`.
pub(super) async fn take(
    store: &Store,
    permit: &Permit<ImportPeople>,
    (account, tree): (AccountId, &Tree),
    (file_name, table): (&str, Table),
    now: UtcMicros,
) -> ApiResult<ImportId> {
    let header = find_header(&table.rows).ok_or_else(|| {
        ApiError::bad_request(ProblemCode::NoHeader, "no row names the columns of people")
    })?;
    let columns = file_columns(&header, &table.rows);
    let rows: Vec<Numbered> = (1..)
        .zip(table.rows)
        .skip(header.at + 1)
        .filter(|(_, cells)| !cells.iter().all(Cell::is_empty))
        .collect();
    if rows.is_empty() {
        return Err(ApiError::bad_request(
            ProblemCode::NoRows,
            "nobody stands below the header",
        ));
    }
    let mut import = Import {
        id: store::new_import_id(),
        account,
        file_name: text::drawable(file_name, 120),
        sheet: table.sheet.map(|sheet| text::drawable(&sheet, 60)),
        header_row: u32::try_from(header.at + 1).unwrap_or(u32::MAX),
        columns,
        lost_zeros: None,
        short_codes: ShortCodes::Ask,
        state: ImportState::Reading,
        is_stopped: false,
        created_at: now,
    };
    import.lost_zeros = lost_zeros(&import, &rows);
    let wanted = read_all(&import, &rows);
    let mut tx = store.write().await?;
    store::insert(&mut tx, &import).await?;
    tx.commit().await?;
    for (rows, wanted) in rows.chunks(AT_ONCE).zip(wanted.chunks(AT_ONCE)) {
        let mut tx = store.write().await?;
        for ((number, cells), wanted) in rows.iter().zip(wanted) {
            let wanted = wanted.as_ref().ok();
            store::insert_row(&mut tx, import.id, *number, cells, wanted).await?;
        }
        tx.commit().await?;
    }
    let ours = |unit| permit.may::<AddPerson>(&tree.lineage(unit));
    look_through(store, &mut import, (tree, &day(now), &ours), &rows, &wanted).await?;
    let mut tx = store.write().await?;
    store::go(&mut tx, import.id, ImportState::Reading, ImportState::Ready).await?;
    let after = json!({ "rows": rows.len() });
    permit
        .note(&mut tx, &resource(import.id), None, Some(after), now)
        .await?;
    tx.commit().await?;
    Ok(import.id)
}

/// The columns of a file as somebody is shown them.
fn file_columns(header: &Header, rows: &[Vec<Cell>]) -> Vec<FileColumn> {
    let shown = |cell: Option<&Cell>| text::drawable(cell.map_or("", Cell::text), 60);
    let below = rows.iter().skip(header.at + 1);
    (0..header.columns.len())
        .map(|at| {
            let example = below
                .clone()
                .find_map(|row| row.get(at).filter(|cell| !cell.is_empty()));
            FileColumn {
                header: shown(rows[header.at].get(at)),
                column: header.columns[at],
                example: shown(example),
            }
        })
        .collect()
}

fn columns_of(import: &Import) -> Vec<Option<protocol::api::ImportColumn>> {
    import.columns.iter().map(|column| column.column).collect()
}

/// How codes of an import are read, given what somebody said of short ones.
fn codes_of(import: &Import) -> Codes {
    let width = import.lost_zeros.as_ref().map(|lost| lost.width as usize);
    match (import.short_codes, width) {
        (ShortCodes::Keep, _) | (_, None) => Codes::Keep,
        (ShortCodes::Pad, Some(width)) => Codes::Pad(width),
        (ShortCodes::Ask, Some(width)) => Codes::Ask(width),
    }
}

/// Codes in the file that are shorter than most.
fn lost_zeros(import: &Import, rows: &[Numbered]) -> Option<LostZeros> {
    let columns = columns_of(import);
    let at = columns
        .iter()
        .position(|column| *column == Some(protocol::api::ImportColumn::Code))?;
    let codes = rows
        .iter()
        .filter_map(|(_, cells)| cells.get(at).map(Cell::text));
    let (rows, width, example) = short_codes(codes)?;
    Some(LostZeros {
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        width: u32::try_from(width).unwrap_or(u32::MAX),
        example: text::drawable(example, 40),
    })
}

/// What each row says; those of one person name each other and say nothing else.
fn read_all(import: &Import, rows: &[Numbered]) -> Vec<Result<Wanted, Vec<Fault>>> {
    let (columns, codes) = (columns_of(import), codes_of(import));
    let mut read: Vec<_> = rows
        .iter()
        .map(|(_, cells)| read_row(cells, &columns, codes))
        .collect();
    let keys: Vec<(u32, String)> = rows
        .iter()
        .zip(&read)
        .filter_map(|((number, _), row)| Some((*number, row.as_ref().ok()?.key()?)))
        .collect();
    let twins = twins(keys.iter().map(|(number, key)| (*number, key.as_str())));
    for ((number, _), row) in rows.iter().zip(&mut read) {
        if let Some(other) = twins.get(number) {
            *row = Err(vec![Fault::new(RowFaultCode::TwinRow).with("row", other)]);
        }
    }
    read
}

/// The units of today, and which of them whoever imports administers.
type Grounds<'a> = (
    &'a Tree,
    &'a Day,
    &'a (dyn Fn(protocol::UnitId) -> bool + Sync),
);

/// Says of each row how it stands.
async fn look_through(
    store: &Store,
    import: &mut Import,
    (tree, today, ours): Grounds<'_>,
    rows: &[Numbered],
    wanted: &[Result<Wanted, Vec<Fault>>],
) -> ApiResult<()> {
    let mut conn = store.read().await?;
    let known = store::known(&mut conn, import.id, 0, u32::MAX).await?;
    drop(conn);
    let keeps = import.short_codes == ShortCodes::Keep;
    // Made in one go, without waiting: the ground is no thing of another task.
    let verdicts: Vec<(RowVerdict, Told)> = {
        let ground = Ground::new(tree, today, ours, keeps);
        let verdict = |row: &Result<Wanted, Vec<Fault>>| match row {
            Ok(wanted) => verdict_of(&Decision::of(wanted, &known, &ground)),
            Err(faults) => refused(faults.clone()),
        };
        wanted.iter().map(verdict).collect()
    };
    if import.lost_zeros.is_none() {
        import.lost_zeros = lost_beside_known(&verdicts);
    }
    let mut tx = store.write().await?;
    store::set_columns(&mut tx, import).await?;
    tx.commit().await?;
    for (rows, verdicts) in rows.chunks(AT_ONCE).zip(verdicts.chunks(AT_ONCE)) {
        let mut tx = store.write().await?;
        for ((number, _), (verdict, told)) in rows.iter().zip(verdicts) {
            store::set_verdict(&mut tx, import.id, *number, *verdict, told).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Codes that are known with zeros before them.
fn lost_beside_known(verdicts: &[(RowVerdict, Told)]) -> Option<LostZeros> {
    let faults = verdicts.iter().flat_map(|(_, told)| &told.faults);
    let mut lost = faults.filter(|fault| fault.code == RowFaultCode::LostZeros);
    let first = lost.next()?;
    Some(LostZeros {
        width: u32::try_from(first.params.get("padded")?.len()).ok()?,
        example: first.params.get("code")?.clone(),
        rows: u32::try_from(1 + lost.count()).unwrap_or(u32::MAX),
    })
}

fn refused(faults: Vec<Fault>) -> (RowVerdict, Told) {
    let told = Told {
        changes: Vec::new(),
        faults,
    };
    (RowVerdict::Refused, told)
}

fn verdict_of(decision: &Decision) -> (RowVerdict, Told) {
    let verdict = match &decision.outcome {
        Outcome::New(..) => RowVerdict::New,
        Outcome::Changed(..) => RowVerdict::Changed,
        Outcome::Same(_) => RowVerdict::Same,
        Outcome::Refused(faults) => return refused(faults.clone()),
    };
    let told = Told {
        changes: decision.changes.clone(),
        faults: Vec::new(),
    };
    (verdict, told)
}

/// Says which column is what, and what becomes of short codes, and looks the rows through again.
///
/// # Errors
/// `import_not_ready` when it was written already, or is read by another request; `bad_columns` when there are more or
/// fewer than the file has, or one is named twice.
pub(super) async fn correct(
    store: &Store,
    permit: &Permit<ManageImport, SeenImport>,
    tree: &Tree,
    said: &ImportColumns,
    now: UtcMicros,
) -> ApiResult<()> {
    let mut import = permit.import.clone();
    let mut named: Vec<_> = said.columns.iter().flatten().collect();
    let all = named.len();
    named.sort();
    named.dedup();
    if said.columns.len() != import.columns.len() || named.len() != all {
        return Err(ApiError::bad_request(
            ProblemCode::BadColumns,
            "each column of the file holds one thing, and no two the same",
        ));
    }
    let mut tx = store.write().await?;
    if !store::go(&mut tx, import.id, ImportState::Ready, ImportState::Reading).await? {
        return Err(not_ready());
    }
    let rows = store::rows(&mut tx, import.id, None, 0, i64::MAX).await?;
    tx.commit().await?;
    let is_code_moved = columns_of(&import) != said.columns;
    for (column, said) in import.columns.iter_mut().zip(&said.columns) {
        column.column = *said;
    }
    import.short_codes = said.short_codes;
    let rows: Vec<Numbered> = rows
        .into_iter()
        .map(|row| (row.number, row.cells))
        .collect();
    if is_code_moved {
        import.lost_zeros = lost_zeros(&import, &rows);
    }
    let wanted = read_all(&import, &rows);
    for (rows, wanted) in rows.chunks(AT_ONCE).zip(wanted.chunks(AT_ONCE)) {
        let mut tx = store.write().await?;
        for ((number, _), wanted) in rows.iter().zip(wanted) {
            store::set_keys(&mut tx, import.id, *number, wanted.as_ref().ok()).await?;
        }
        tx.commit().await?;
    }
    let ours = |unit| permit.may::<AddPerson>(&tree.lineage(unit));
    look_through(store, &mut import, (tree, &day(now), &ours), &rows, &wanted).await?;
    let mut tx = store.write().await?;
    store::go(&mut tx, import.id, ImportState::Reading, ImportState::Ready).await?;
    permit
        .note_as(
            &mut tx,
            "correct_import",
            &resource(import.id),
            (None, None),
            now,
        )
        .await?;
    tx.commit().await?;
    Ok(())
}

fn not_ready() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::ImportNotReady,
        "the import is not in a state in which this can be done",
    )
}

/// Has an import written by a job; one that was stopped or failed goes on.
///
/// # Errors
/// `import_not_ready`.
pub(super) async fn apply(
    tx: &mut Tx,
    permit: &Permit<ManageImport, SeenImport>,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = permit.import.id;
    if !store::begin(tx, id).await? {
        return Err(not_ready());
    }
    ImportWork::enqueue(tx, &Whole { import: id }, now).await?;
    permit
        .note_as(tx, "apply_import", &resource(id), (None, None), now)
        .await?;
    Ok(())
}

/// Asks that the writing of an import stops; what was written stays.
///
/// # Errors
/// `import_not_ready` when it is not being written.
pub(super) async fn cancel(
    tx: &mut Tx,
    permit: &Permit<ManageImport, SeenImport>,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = permit.import.id;
    if !store::ask_to_stop(tx, id).await? {
        return Err(not_ready());
    }
    permit
        .note_as(tx, "cancel_import", &resource(id), (None, None), now)
        .await?;
    Ok(())
}

/// Writes the next rows of an import, each as it stands by now: whoever was added meanwhile is not added again. How many
/// rows these were.
///
/// # Errors
/// When the database fails, or somebody else writes the same person at the same moment; then none of these rows is written.
pub(super) async fn write_some(
    tx: &mut Tx,
    permit: &Permit<ManageImport, SeenImport>,
    tree: &Tree,
    now: UtcMicros,
) -> ApiResult<usize> {
    let (import, today) = (&permit.import, day(now));
    let rows = store::waiting(tx, import.id, AT_ONCE as i64).await?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(0);
    };
    let mut known = store::known(tx, import.id, first.number, last.number).await?;
    let (columns, codes) = (columns_of(import), codes_of(import));
    let keeps = import.short_codes == ShortCodes::Keep;
    let ours = |unit| permit.may::<AddPerson>(&tree.lineage(unit));
    for row in &rows {
        let decision = {
            let ground = Ground::new(tree, &today, &ours, keeps);
            read_row(&row.cells, &columns, codes)
                .map(|wanted| Decision::of(&wanted, &known, &ground))
        };
        let (result, told) = match decision {
            Err(faults) => refused(faults),
            Ok(decision) => {
                write(tx, permit, row, &decision, &mut known, now).await?;
                verdict_of(&decision)
            }
        };
        // What was to be changed, and is so by now, is told as it was shown.
        let told = if result == RowVerdict::Same {
            row.told.clone()
        } else {
            told
        };
        store::set_result(tx, import.id, row.number, result, &told).await?;
    }
    Ok(rows.len())
}

/// Writes what a row comes to, with a line in the log.
async fn write(
    tx: &mut Tx,
    permit: &Permit<ManageImport, SeenImport>,
    row: &Row,
    decision: &Decision,
    known: &mut Known,
    now: UtcMicros,
) -> ApiResult<()> {
    let (person, action) = match &decision.outcome {
        Outcome::New(names, place) => {
            let person = people::insert_named(tx, named(names), now).await?;
            let id = people::insert_appointment(tx, person, placed(place)).await?;
            // Another row may mean the same person without a code.
            known.add(KnownPerson {
                id: person,
                code: names.code.clone(),
                name: names.name.clone(),
                form_of_address: names.form_of_address.clone(),
                version: 1,
                appointments: vec![KnownAppointment {
                    id,
                    unit: place.unit,
                    position: place.position.clone(),
                    subject: place.subject.clone(),
                    from: place.from.clone(),
                    to: place.to.clone(),
                }],
            });
            (person, "add_person")
        }
        Outcome::Changed(person, steps) => {
            for step in steps {
                take_step(tx, *person, step).await?;
            }
            (*person, "change_person")
        }
        Outcome::Same(_) | Outcome::Refused(_) => return Ok(()),
    };
    let columns: Vec<&str> = decision
        .changes
        .iter()
        .map(|change| change.column.word())
        .collect();
    let after = json!({ "import": permit.import.id, "row": row.number, "columns": columns });
    let resource = format!("person:{person}");
    permit
        .note_as(tx, action, &resource, (None, Some(after)), now)
        .await?;
    Ok(())
}

async fn take_step(tx: &mut Tx, person: PersonId, step: &Step) -> ApiResult<()> {
    match step {
        Step::Rename(version, names) => {
            if !people::rename(tx, person, *version, named(names)).await? {
                return Err(ApiError::internal(
                    "somebody was changed at the same moment",
                ));
            }
        }
        Step::Correct(id, place) => {
            people::correct_appointment(tx, *id, placed(place)).await?;
        }
        Step::End(id, last) => people::end_appointment(tx, *id, last).await?,
        Step::Appoint(place) => {
            people::insert_appointment(tx, person, placed(place)).await?;
        }
    }
    Ok(())
}

fn named(names: &office_core::people_import::Names) -> people::Names<'_> {
    people::Names {
        full_name: &names.name,
        code: names.code.as_deref(),
        form_of_address: names.form_of_address.as_deref(),
    }
}

fn placed(place: &office_core::people_import::Place) -> NewAppointment<'_> {
    NewAppointment {
        unit: place.unit,
        position: &place.position,
        subject: place.subject.as_deref(),
        from: &place.from,
        to: place.to.as_ref(),
    }
}

/// Says how an import ended.
///
/// # Errors
/// When the database fails.
pub(super) async fn end(tx: &mut Tx, import: ImportId, state: ImportState) -> StoreResult<()> {
    store::go(tx, import, ImportState::Applying, state)
        .await
        .map(drop)
}

fn resource(import: ImportId) -> String {
    format!("people_import:{import}")
}
