//! What is kept about somebody, and deleting it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::UtcMicros;

/// `POST /people/{person}/erasure`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ErasePerson {
    /// What [`ErasurePreview::to_type`] asks for.
    pub typed: String,
}

/// What deleting somebody's data would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ErasurePreview {
    /// What is typed to confirm: the code, else the name.
    pub to_type: String,
    /// What goes and what stays.
    pub report: ErasureReport,
    /// Whether the department would be left without an administrator, so that it is refused.
    pub is_last_administrator: bool,
    /// How many others are called the same: mentions of the name that are tied to nobody go as well.
    pub namesakes: u32,
}

/// That somebody's data were deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Erasure {
    /// When.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
    /// When files and free pages of the database were done as well; none while that is under way.
    #[schema(value_type = Option<i64>)]
    pub finished_at_us: Option<UtcMicros>,
    /// What went and what stays.
    pub report: ErasureReport,
}

/// What goes and what stays. It names nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ErasureReport {
    /// Rows of which something was deleted.
    pub deleted: Vec<ErasedRows>,
    /// Rows that stay, without a name unless it is said.
    pub kept: Vec<KeptRows>,
    /// Recordings of sessions that they took part in: picture and voice stay until the last day of each.
    pub recordings: Vec<KeptRecording>,
}

/// Rows of a table of which something was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ErasedRows {
    /// The table of the database.
    pub table: String,
    /// How many.
    pub rows: u32,
}

/// Rows that stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct KeptRows {
    /// What they are, which says why they stay.
    pub what: KeptWhat,
    /// How many.
    pub rows: u32,
}

/// What stays, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KeptWhat {
    /// That somebody sat there as that: reports count them.
    Appointments,
    /// That somebody held a role.
    Roles,
    /// That somebody took part in a session, and when.
    Presence,
    /// Whether somebody who was expected came.
    Attendance,
    /// That somebody was in charge of a session that is over.
    Officers,
    /// That somebody was a trainee of a class.
    Enrolments,
    /// What somebody did, in the audit log.
    LogLines,
    /// Sessions whose title names them: papers of the office, with the name.
    Titles,
    /// Copies made before, with everything, until they are rotated out.
    Backups,
}

/// A recording that shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct KeptRecording {
    /// Code of the session.
    pub session: String,
    /// When it began.
    #[schema(value_type = i64)]
    pub began_at_us: UtcMicros,
    /// Until when it is kept; none for ever.
    #[schema(value_type = Option<i64>)]
    pub keep_until_us: Option<UtcMicros>,
    /// Whether it is kept whatever that says.
    pub on_hold: bool,
}
