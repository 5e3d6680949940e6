//! The tree of units of any day.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::Day;

/// The tree of a day, as far as the caller may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitTree {
    /// The day.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
    /// Today.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub today: Day,
    /// The units that stand on the day, and those that stood before and are no more, by code.
    pub units: Vec<UnitRow>,
    /// The days on which something is different from the day before, earliest first.
    pub days: Vec<TreeDay>,
}

/// A unit of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitRow {
    /// External code.
    pub code: String,
    /// Name on the day, or the last one.
    pub name: String,
    /// What it is: one of the office's words, for example `school`, or a word of the department's own.
    pub kind: String,
    /// Code of the unit above.
    pub parent: Option<String>,
    /// Since when it stands like this.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Day,
    /// The last day; none while it lasts.
    #[ts(type = "string | null")]
    #[schema(value_type = Option<String>)]
    pub to: Option<Day>,
    /// Whether it is no more on the day.
    pub ended: bool,
    /// Who came after it, when it is no more.
    pub became: Vec<UnitRef>,
    /// How many people are appointed there on the day.
    pub people: u32,
    /// How many bridge points it hosts on the day.
    pub points: u32,
}

/// A day on which the tree is different from the day before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct TreeDay {
    /// The day.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
    /// How many units begin, or begin to stand differently.
    pub changes: u32,
}

/// A unit by its code: how it stands on a day, how it stood, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitDetail {
    /// The unit on the day.
    pub unit: UnitRow,
    /// The units above it on the day, the nearest first.
    pub above: Vec<UnitRef>,
    /// All its versions, the earliest first.
    pub versions: Vec<UnitVersion>,
    /// The units that it came from.
    pub came_from: Vec<UnitSuccession>,
    /// What became of it, on any day.
    pub became: Vec<UnitSuccession>,
    /// The bridge points that it hosts, or that serve it, on the day.
    pub points: Vec<UnitPoint>,
    /// What the caller may do with it.
    pub may: Vec<UnitAct>,
}

/// What may be done with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnitAct {
    /// Add a unit below it.
    AddBelow,
    /// Rename, move, close, merge or split it by a decision.
    Change,
}

/// How a unit stood for some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitVersion {
    /// Name.
    pub name: String,
    /// What it was.
    pub kind: String,
    /// The unit above.
    pub parent: Option<UnitRef>,
    /// The first day.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Day,
    /// The last day; none while it lasts.
    #[ts(type = "string | null")]
    #[schema(value_type = Option<String>)]
    pub to: Option<Day>,
}

/// That one unit came after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitSuccession {
    /// The other unit; none when it was closed and nobody came after it.
    pub unit: Option<UnitRef>,
    /// How.
    pub kind: SuccessionKind,
    /// The first day of the new state.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub day: Day,
}

/// How a unit comes after another.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SuccessionKind {
    /// It was merged into it.
    Merged,
    /// It took over a part of it.
    Split,
    /// It was called otherwise, under another code.
    Renamed,
    /// It was closed; what it had went to the other, if there is one.
    Closed,
}

/// A bridge point of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitPoint {
    /// The point.
    pub point: PointRef,
    /// Whether the unit hosts it; else its people come to it.
    pub host: bool,
    /// Since when.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Day,
}
