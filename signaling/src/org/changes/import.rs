//! A file of units as one decision.

use axum::http::StatusCode;
use office_core::unit_rows::{self, Outcome, RowFault};
use protocol::api::{
    NewUnitChange, ProblemCode, UnitFile, UnitFileFault, UnitFileOutcome, UnitFileRow,
};

use super::file::{self, Line};
use super::look::onset;
use super::store;
use crate::org::units::Org;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// A file that was read: its rows, and the decision that it comes to.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) rows: Vec<UnitFileRow>,
    pub(super) change: NewUnitChange,
}

impl Read {
    /// How many rows are refused.
    pub(super) fn refused(&self) -> usize {
        let refused = |row: &&UnitFileRow| row.outcome == UnitFileOutcome::Refused;
        self.rows.iter().filter(refused).count()
    }

    /// The decision, unless a row is refused: a file is written as a whole or not at all.
    ///
    /// # Errors
    /// 409 `file_refused`.
    pub(super) fn whole(self) -> ApiResult<NewUnitChange> {
        let count = self.refused();
        let refused = |row: &&UnitFileRow| row.outcome == UnitFileOutcome::Refused;
        match self.rows.iter().find(refused) {
            None => Ok(self.change),
            Some(first) => Err(ApiError::new(
                StatusCode::CONFLICT,
                ProblemCode::FileRefused,
                "rows of the file cannot be taken, so nothing of it is",
            )
            .with("count", count)
            .with("line", first.line)),
        }
    }
}

/// Reads a file on the tree of its day, as it is while the transaction lasts.
///
/// # Errors
/// `bad_day`; `file_without_header`, `file_too_long`.
pub(super) async fn read(tx: &mut Tx, org: &Org, file: UnitFile) -> ApiResult<Read> {
    let onset = onset(&file.day)?;
    let lines = file::read(&file.text)?;
    store::lock(tx).await?;
    let units = org.history(tx).await?.register().on(&onset.day);
    let good = lines.iter().filter(|line| line.fault.is_none());
    let good: Vec<_> = good.map(|line| line.row.clone()).collect();
    let reading = unit_rows::read(&units, &good);
    let mut outcomes = reading.outcomes.into_iter();
    let rows = lines.into_iter().map(|line| {
        let fault = line.fault;
        let outcome = match fault {
            Some(_) => None,
            None => outcomes.next(),
        };
        describe(line, outcome)
    });
    Ok(Read {
        rows: rows.collect(),
        change: NewUnitChange {
            document: file.document,
            title: file.title,
            day: file.day,
            steps: reading.steps,
        },
    })
}

fn describe(line: Line, outcome: Option<Outcome>) -> UnitFileRow {
    let (outcome, fault) = match outcome {
        Some(Outcome::New) => (UnitFileOutcome::New, None),
        Some(Outcome::Changed) => (UnitFileOutcome::Changed, None),
        Some(Outcome::Same) => (UnitFileOutcome::Same, None),
        Some(Outcome::Refused(fault)) => (UnitFileOutcome::Refused, Some(told(fault))),
        None => (UnitFileOutcome::Refused, line.fault),
    };
    UnitFileRow {
        line: u32::try_from(line.row.line).unwrap_or(u32::MAX),
        code: line.row.code,
        name: line.row.name,
        outcome,
        fault,
    }
}

const fn told(fault: RowFault) -> UnitFileFault {
    match fault {
        RowFault::Twice => UnitFileFault::Twice,
        RowFault::NoName => UnitFileFault::NoName,
        RowFault::NoParent => UnitFileFault::NoParent,
        RowFault::UnknownParent => UnitFileFault::UnknownParent,
        RowFault::UnknownReplaced => UnitFileFault::UnknownReplaced,
    }
}
