//! Decisions that change the tree of units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::UnitRef;
use crate::{Day, UtcMicros};

/// A unit as a decision wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitSpec {
    /// External code. A new one when the unit is new; codes are never used twice.
    pub code: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Code of the unit above; none for the first unit of all.
    pub parent: Option<String>,
}

/// One thing that a decision does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
#[ts(export)]
pub enum UnitStep {
    /// Adds a unit.
    Add {
        /// The unit.
        unit: UnitSpec,
    },
    /// Gives a unit another name or kind.
    Rename {
        /// Which unit.
        code: String,
        /// The new name.
        name: String,
        /// The new kind.
        kind: String,
    },
    /// Puts a unit, with all below it, under another.
    Move {
        /// Which unit.
        code: String,
        /// Code of the new unit above.
        parent: String,
    },
    /// Closes a unit.
    Close {
        /// Which unit.
        code: String,
        /// Who takes over what it has: the units below it, people, points, rights, sessions. Needed when it has any.
        heir: Option<String>,
    },
    /// Makes one unit of several.
    Merge {
        /// The units that are merged.
        codes: Vec<String>,
        /// What they become: a new unit, or one that stands and goes on like this.
        into: UnitSpec,
    },
    /// Makes several units of one.
    Split {
        /// Which unit.
        code: String,
        /// What it becomes. It ends unless it is one of them.
        into: Vec<UnitSpec>,
        /// Which of them takes over what is not given to another.
        heir: String,
        /// Which unit below it goes to which of them.
        #[serde(default)]
        children: BTreeMap<String, String>,
    },
}

/// `POST /unit-changes`, and `/unit-changes/preview`: a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewUnitChange {
    /// Number and sign of the document.
    pub document: String,
    /// What it is about.
    pub title: String,
    /// The first day of the new state.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
    /// What it does, one after the other.
    pub steps: Vec<UnitStep>,
}

/// What a decision writes, or would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitChangeEffect {
    /// How many rows it writes.
    pub rows: u32,
    /// Units that stand differently, by code.
    pub units: Vec<UnitShift>,
    /// What moves with them.
    pub moved: Vec<MovedThings>,
}

/// A unit before and after a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitShift {
    /// External code.
    pub code: String,
    /// How it stood; none when it is new.
    pub before: Option<UnitStanding>,
    /// How it stands; none when it is no more.
    pub after: Option<UnitStanding>,
    /// Who takes over what it had, when it is no more.
    pub heir: Option<UnitRef>,
}

/// How a unit stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitStanding {
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// The unit above.
    pub parent: Option<UnitRef>,
}

/// Things of one sort that a decision moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct MovedThings {
    /// What they are.
    pub kind: MovedKind,
    /// How many go to an heir.
    pub moved: u32,
    /// How many end without going anywhere: there is no heir, or the heir has the same already.
    pub ended: u32,
    /// Whose they are, or what they are called; the first of them, by name.
    pub names: Vec<String>,
}

/// What a decision moves besides units.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MovedKind {
    /// Appointments of people.
    Appointment,
    /// Ties of bridge points to their hosts and to those they serve.
    Point,
    /// Roles of accounts.
    Grant,
    /// Sessions to come that a unit convenes; they move on the day.
    Session,
    /// Bookings of points and rooms by these sessions; place and time stay.
    Booking,
    /// Invitations of a unit to sessions to come; they move on the day.
    Invitation,
}

/// A decision that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitChange {
    /// Its id.
    pub id: String,
    /// Number and sign of the document.
    pub document: String,
    /// What it is about.
    pub title: String,
    /// The first day of the new state.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
    /// Whether it is in effect.
    pub state: UnitChangeState,
    /// How many rows it wrote.
    pub rows: u32,
    /// Who wrote it down; none when the operator did.
    pub by: Option<String>,
    /// When it was written down.
    #[schema(value_type = i64)]
    pub created_at_us: UtcMicros,
    /// What it does.
    pub steps: Vec<UnitStep>,
    /// What the caller may do with it.
    pub may: Vec<UnitChangeAct>,
}

/// Whether a decision is in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnitChangeState {
    /// Its day is to come.
    Planned,
    /// It is in effect.
    Applied,
    /// It was taken back.
    Undone,
}

/// What may be done with a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnitChangeAct {
    /// Take it back, as long as nothing later builds on it.
    Undo,
}

/// `POST /unit-changes/import`, and `/unit-changes/import/preview`: a file of units as one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitFile {
    /// Number and sign of the document.
    pub document: String,
    /// What it is about.
    pub title: String,
    /// The first day of the new state.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
    /// The file: CSV with the columns `code`, `name`, and any of `kind`, `parent`, `replaces` (an old district), also by
    /// their Vietnamese names.
    pub text: String,
}

/// What a file of units comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitFileReading {
    /// Its rows, each with what becomes of it.
    pub rows: Vec<UnitFileRow>,
    /// What it would write; none when it would write nothing, or a row is refused.
    pub effect: Option<UnitChangeEffect>,
}

/// A row of a file of units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitFileRow {
    /// The line of the file, from 1.
    pub line: u32,
    /// The code in it.
    pub code: String,
    /// The name in it.
    pub name: Option<String>,
    /// What becomes of it.
    pub outcome: UnitFileOutcome,
    /// Why it is refused.
    pub fault: Option<UnitFileFault>,
}

/// What becomes of a row of a file of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnitFileOutcome {
    /// A unit that there was not.
    New,
    /// A unit that will stand differently.
    Changed,
    /// Nothing.
    Same,
    /// It cannot be.
    Refused,
}

/// Why a row of a file of units is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnitFileFault {
    /// A code is missing, or has letters that no code has.
    BadCode,
    /// A name or kind cannot be taken.
    BadText,
    /// Another row has the same code.
    Twice,
    /// A new unit has no name.
    NoName,
    /// A new unit names neither a unit above nor one that it replaces.
    NoParent,
    /// No unit has the code of the unit above, neither on the day nor in the file.
    UnknownParent,
    /// No unit has the code of the one that it replaces.
    UnknownReplaced,
}
