//! Classes and their modules.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::UnitRef;
use super::schedule::Session;

/// A training class with its sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct TrainingClass {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Who gives it.
    pub unit: UnitRef,
    /// School year or year.
    pub year: i32,
    /// Modules in order.
    pub modules: Vec<ClassModule>,
    /// Sessions, oldest first.
    pub sessions: Vec<Session>,
    /// How many are enrolled.
    pub enrolled: u32,
}

/// A part of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ClassModule {
    /// Title.
    pub title: String,
    /// Planned hours.
    pub hours: f32,
    /// `live` or `self_study`.
    pub mode: ModuleMode,
}

/// How a module is taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ModuleMode {
    /// Buổi học trực tuyến.
    Live,
    /// Tự học.
    SelfStudy,
}
