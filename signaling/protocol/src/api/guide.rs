//! The guide of an installation's first days: what there is already, and what is next.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A step of the guide.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum GuideStep {
    /// Units below the one at the root.
    Units,
    /// Bridge points, of which two can meet.
    Points,
    /// People besides the first administrator.
    People,
    /// Accounts besides that of the first administrator.
    Accounts,
    /// Two who were in a room together.
    TestCall,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct GuideStanding {
    /// Which.
    pub step: GuideStep,
    /// How many there are of what it is about.
    pub count: u32,
    /// Whether that is enough.
    pub is_done: bool,
    /// Whether somebody wants to go on without it.
    pub is_skipped: bool,
}

/// `GET /guide`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Guide {
    /// Whether it is to be shown unasked: something is left to do, and nobody has closed it.
    pub is_open: bool,
    /// Whether somebody has closed it.
    pub is_closed: bool,
    /// The steps, in their order.
    pub steps: Vec<GuideStanding>,
}

/// `PUT /guide`: what somebody decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct GuideChange {
    /// The steps that are gone on without.
    pub skipped: Vec<GuideStep>,
    /// Whether it is closed.
    pub is_closed: bool,
}
