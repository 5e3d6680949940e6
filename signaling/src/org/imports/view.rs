//! Imports as somebody sees them.

use office_core::people_import::Cell;
use office_core::rights::{ImportFacts, ManageImport};
use protocol::ImportId;
use protocol::api::{
    ImportAct, ImportColumn, ImportRow, ImportState, PeopleImport, ProblemCode, RowVerdict,
};

use super::store::{self, Import, Row};
use crate::access::{Actor, Subject};
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::{ApiError, ApiResult};

/// An import, and whether it is of whoever asks.
#[derive(Debug, Clone)]
pub(super) struct SeenImport {
    pub(super) import: Import,
    facts: ImportFacts,
}

impl SeenImport {
    /// As somebody sees it.
    pub(super) fn by(actor: &Actor, import: Import) -> Self {
        let mine = actor.account() == Some(import.account);
        Self {
            import,
            facts: ImportFacts { mine },
        }
    }
}

impl Subject<ImportFacts> for SeenImport {
    fn facts(&self) -> &ImportFacts {
        &self.facts
    }
}

/// An import by the id that an address shows.
///
/// # Errors
/// `unknown_import`.
pub(super) async fn find(conn: &mut Conn, actor: &Actor, id: &str) -> ApiResult<SeenImport> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownImport);
    let id = id.parse().map_err(|_| unknown())?;
    let found = store::by_id(conn, ImportId(id)).await?;
    Ok(SeenImport::by(actor, found.ok_or_else(unknown)?))
}

/// Tells of an import.
///
/// # Errors
/// When the database fails.
pub(super) async fn describe(
    conn: &mut Conn,
    actor: &Actor,
    seen: &SeenImport,
) -> StoreResult<PeopleImport> {
    let import = &seen.import;
    let mut told = PeopleImport {
        id: import.id.to_string(),
        file_name: import.file_name.clone(),
        sheet: import.sheet.clone(),
        header_row: import.header_row,
        columns: import.columns.clone(),
        state: import.state,
        created_at_us: import.created_at,
        rows: 0,
        new: 0,
        changed: 0,
        same: 0,
        refused: 0,
        written: 0,
        refused_later: 0,
        lost_zeros: import.lost_zeros.clone(),
        short_codes: import.short_codes,
        may: Vec::new(),
    };
    for (verdict, result, count) in store::counts(conn, import.id).await? {
        told.rows += count;
        *match verdict {
            RowVerdict::New => &mut told.new,
            RowVerdict::Changed => &mut told.changed,
            RowVerdict::Same => &mut told.same,
            RowVerdict::Refused => &mut told.refused,
        } += count;
        match result {
            None => {}
            Some(RowVerdict::Refused) => told.refused_later += count,
            Some(_) => told.written += count,
        }
    }
    if actor.may::<ManageImport>(&seen.facts) {
        told.may = acts(&told, import.is_stopped);
    }
    Ok(told)
}

fn acts(told: &PeopleImport, is_stopped: bool) -> Vec<ImportAct> {
    let waits = told.new + told.changed > told.written + told.refused_later;
    match told.state {
        ImportState::Ready if waits => vec![ImportAct::CorrectImport, ImportAct::ApplyImport],
        ImportState::Ready => vec![ImportAct::CorrectImport],
        ImportState::Applying if !is_stopped => vec![ImportAct::CancelImport],
        ImportState::Cancelled | ImportState::Failed if waits => vec![ImportAct::ApplyImport],
        _ => Vec::new(),
    }
}

/// Tells of a row.
pub(super) fn describe_row(import: &Import, row: Row) -> ImportRow {
    let cell = |wanted: ImportColumn| cell_of(import, &row.cells, wanted).to_owned();
    let name = [cell(ImportColumn::FamilyName), cell(ImportColumn::Name)].join(" ");
    ImportRow {
        number: row.number,
        name: name.trim().to_owned(),
        code: cell(ImportColumn::Code),
        unit: cell(ImportColumn::Unit),
        position: cell(ImportColumn::Position),
        verdict: row.verdict,
        result: row.result,
        changes: row.told.changes,
        faults: row.told.faults,
    }
}

fn cell_of<'a>(import: &Import, cells: &'a [Cell], wanted: ImportColumn) -> &'a str {
    let mut columns = import.columns.iter();
    let at = columns.position(|column| column.column == Some(wanted));
    at.and_then(|at| cells.get(at)).map_or("", Cell::text)
}
