//! The register of bridge points, for those who look after them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::{Day, UtcMicros};

/// A bridge point of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct RegisteredPoint {
    /// Number, code and name.
    pub point: PointRef,
    /// Whether it is the main point of the department.
    pub main: bool,
    /// Whether it takes part in nothing any more.
    pub closed: bool,
    /// Who hosts it, or did last.
    pub host: Option<PointUnit>,
    /// The other units whose people come to it, today or from a later day on.
    pub served: Vec<PointUnit>,
    /// Its rooms, by code.
    pub rooms: Vec<PointRoom>,
    /// When it was last connected.
    #[schema(value_type = Option<i64>)]
    pub last_seen_us: Option<UtcMicros>,
    /// What the caller may do with it.
    pub may: Vec<PointAct>,
    /// Its tag; a change names it in `If-Match`.
    pub etag: String,
}

/// A unit of a bridge point, with its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointUnit {
    /// The unit.
    pub unit: UnitRef,
    /// The first day.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Day,
    /// The last day; none while it lasts.
    #[ts(type = "string | null")]
    #[schema(value_type = Option<String>)]
    pub to: Option<Day>,
}

/// A physical room of a bridge point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointRoom {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// How many people it seats.
    pub seats: u32,
    /// Whether it is used without video too, so that it is booked by itself.
    pub dual_use: bool,
    /// Its number in the register of assets.
    pub asset_code: Option<String>,
    /// What stands in it.
    #[serde(default)]
    pub equipment: Vec<Equipment>,
}

/// Equipment of a room: camera, microphones, screen, computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Equipment {
    /// What it is.
    pub name: String,
    /// How many of them, from 1.
    pub count: u32,
    /// Its number in the register of assets.
    pub asset_code: Option<String>,
}

/// What may be done with a bridge point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PointAct {
    /// Change it.
    Edit,
    /// Close it.
    Close,
}

/// `POST /bridge-points`, and `POST /bridge-points/{code}`, which changes it: how a point is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointSpec {
    /// Code; that of a point that is changed stays.
    pub code: String,
    /// Name.
    pub name: String,
    /// Number, from 1, the same on every wall, list and film.
    pub number: u32,
    /// Whether it is the main point of the department.
    pub main: bool,
    /// Code of the unit that hosts it.
    pub host: String,
    /// Codes of the other units whose people come to it.
    pub served: Vec<String>,
    /// Since when the units are these; today when absent. What was before ends on the eve.
    #[serde(default)]
    #[ts(type = "string | null")]
    #[schema(value_type = Option<String>)]
    pub day: Option<Day>,
    /// Its rooms. One that is there and not named stays.
    pub rooms: Vec<PointRoom>,
}

/// `POST /bridge-points/{code}/close`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointClosing {
    /// Whether it is closed even though sessions that run or are to come invite it; they lose it.
    pub even_in_use: bool,
}
