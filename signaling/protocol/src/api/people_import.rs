//! Lists of people that come as a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::UtcMicros;

/// What a column of the file holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportColumn {
    /// The external code.
    Code,
    /// All names but the given one, where it stands in a column of its own.
    FamilyName,
    /// Full name, or the given name beside [`ImportColumn::FamilyName`].
    Name,
    /// Ông, Bà, Đồng chí.
    FormOfAddress,
    /// Code or name of the unit.
    Unit,
    /// As what.
    Position,
    /// What a teacher teaches.
    Subject,
    /// The first day.
    From,
    /// The last day.
    To,
}

impl ImportColumn {
    /// The stable word, for example `form_of_address`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::FamilyName => "family_name",
            Self::Name => "name",
            Self::FormOfAddress => "form_of_address",
            Self::Unit => "unit",
            Self::Position => "position",
            Self::Subject => "subject",
            Self::From => "from",
            Self::To => "to",
        }
    }
}

/// Why a row is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RowFaultCode {
    /// There is no name, and no code of anybody who is known.
    MissingName,
    /// Somebody new needs a unit.
    MissingUnit,
    /// Somebody new needs a position.
    MissingPosition,
    /// The text in `column` cannot be taken; `reason` and `limit` say why.
    BadText,
    /// The `text` in `column` was typed with a `font` of the time before Unicode.
    LegacyFont,
    /// The `text` in `column` is no day of the calendar.
    BadDay,
    /// The last day `to` lies before the first, `from`.
    EndsBeforeItBegins,
    /// The `code` may have lost its zeros: others are as long as `padded`.
    LostZeros,
    /// Row `row` has the same key.
    TwinRow,
    /// The cell in `column` is a part of a merged one that begins in row `row`.
    MergedCell,
    /// The formula in `column` came to an error: `text`.
    FormulaError,
    /// No unit is called `unit`, or has this code.
    UnknownUnit,
    /// `unit` is no more.
    UnitGone,
    /// Several units are called `unit`: its code says which.
    UnitAmbiguous,
    /// `unit` lies outside the units of whoever imports.
    UnitNotYours,
    /// Somebody known, `name`, sits at units of others too.
    PersonNotYours,
    /// Somebody of this `name` without such a code is there already: `code`, which may be empty.
    Namesake,
    /// `name` has several appointments: their page says which is meant.
    SeveralAppointments,
    /// The appointment that is known begins later, on `from`.
    BeginsLater,
}

/// How a row stands before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RowVerdict {
    /// Somebody new.
    New,
    /// Somebody known is changed.
    Changed,
    /// All of it is so already.
    Same,
    /// It cannot be written.
    Refused,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportState {
    /// Its rows are being stored; after a crash it stays so, and is asked for anew.
    Reading,
    /// It was looked through; nothing is written.
    Ready,
    /// It is being written.
    Applying,
    /// Every row has its result.
    Done,
    /// It was stopped; what was written stays, and it may go on.
    Cancelled,
    /// It could not be written to its end; it may go on.
    Failed,
}

/// What somebody may do with an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportAct {
    /// Say which column is what.
    CorrectImport,
    /// Have it written, or go on with that.
    ApplyImport,
    /// Stop it.
    CancelImport,
}

/// What becomes of codes that are shorter than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ShortCodes {
    /// Their rows are not written until somebody says.
    Ask,
    /// Zeros are put before them.
    Pad,
    /// They are as they are.
    Keep,
}

/// Codes that may have lost zeros.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct LostZeros {
    /// How many rows.
    pub rows: u32,
    /// How long most codes are.
    pub width: u32,
    /// One of them.
    pub example: String,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct FileColumn {
    /// What stands in its header.
    pub header: String,
    /// What it holds; none when it is passed over.
    pub column: Option<ImportColumn>,
    /// What stands in the first row that has something there.
    pub example: String,
}

/// A list of people that came as a file, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PeopleImport {
    /// Its id.
    pub id: String,
    /// Name of the file.
    pub file_name: String,
    /// The sheet that was read; none of a text file.
    pub sheet: Option<String>,
    /// The row that names the columns, from 1.
    pub header_row: u32,
    /// The columns of the file.
    pub columns: Vec<FileColumn>,
    /// Where it stands.
    pub state: ImportState,
    /// When it came.
    #[schema(value_type = i64)]
    pub created_at_us: UtcMicros,
    /// Rows of people. `new + changed + same + refused` are as many.
    pub rows: u32,
    /// Rows with somebody new.
    pub new: u32,
    /// Rows that change somebody known.
    pub changed: u32,
    /// Rows of which all is so already.
    pub same: u32,
    /// Rows that cannot be written.
    pub refused: u32,
    /// How many rows have their result.
    pub written: u32,
    /// Rows that were refused when they were written, though they were not before.
    pub refused_later: u32,
    /// Codes that may have lost zeros.
    pub lost_zeros: Option<LostZeros>,
    /// What becomes of them.
    pub short_codes: ShortCodes,
    /// What the caller may do with it.
    pub may: Vec<ImportAct>,
}

/// `PUT /people-imports/{import}/columns`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ImportColumns {
    /// What each column of the file holds, in its order.
    pub columns: Vec<Option<ImportColumn>>,
    /// What becomes of codes that are shorter than the others.
    pub short_codes: ShortCodes,
}

/// One thing that a row changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct RowChange {
    /// Which.
    pub column: ImportColumn,
    /// As it was; days as `2026-09-01`. None when there was nothing.
    pub before: Option<String>,
    /// As it is to be.
    pub after: String,
}

/// Why a row is not written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct RowFault {
    /// What is wrong.
    pub code: RowFaultCode,
    /// Parameters of the sentence, by name.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl RowFault {
    /// A fault without parameters.
    #[must_use]
    pub const fn new(code: RowFaultCode) -> Self {
        Self {
            code,
            params: BTreeMap::new(),
        }
    }

    /// The same with a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ImportRow {
    /// Its number in the file, from 1.
    pub number: u32,
    /// The name in it.
    pub name: String,
    /// The code in it.
    pub code: String,
    /// The unit in it.
    pub unit: String,
    /// The position in it.
    pub position: String,
    /// How it stands, or stood before anything was written.
    pub verdict: RowVerdict,
    /// What came of it; none before.
    pub result: Option<RowVerdict>,
    /// What it changes.
    pub changes: Vec<RowChange>,
    /// Why it is not written.
    pub faults: Vec<RowFault>,
}
