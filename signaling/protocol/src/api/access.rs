//! Who somebody is, and what they may.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::ParticipantId;
use crate::client::LinkReport;
use crate::explain::Explanation;

/// What an account may do, granted at a unit for its whole subtree.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AccountRole {
    /// Runs everything.
    DepartmentAdmin,
    /// Runs one unit's subtree.
    UnitAdmin,
    /// Watches points and lines.
    ItStaff,
    /// Gives training.
    Trainer,
    /// Takes part.
    Member,
}

/// `POST /sign-in`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SignInRequest {
    /// Login name, case-insensitive.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `GET /me` (`null` when nobody is signed in), and the answer to a sign-in or to the exchange of a joining link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Me {
    /// The name to show.
    pub name: String,
    /// Login; none for somebody who came by a link.
    pub login: Option<String>,
    /// Roles and the unit each is granted at.
    pub roles: Vec<GrantedRole>,
    /// The one session a link leads to.
    pub link_session: Option<String>,
    /// The bridge point this person or link belongs to.
    pub bridge_point: Option<PointRef>,
    /// What of the whole office is open to them.
    pub may: Vec<OfficeAct>,
    /// The units in whose name they may make sessions, each with all below it.
    pub convenes_for: Vec<UnitRef>,
}

/// What somebody may do that is about no one thing. A page offers the caller these and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OfficeAct {
    /// Make sessions.
    PlanSessions,
    /// Open the monitor board.
    OpenMonitor,
    /// Open the list of people.
    ManagePeople,
    /// Open the pages of the installation itself: its log, its copies.
    OpenSystem,
    /// See the tree of units.
    ListUnits,
    /// Change it, somewhere.
    ChangeUnits,
    /// Look after bridge points.
    ManagePoints,
}

/// A role and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct GrantedRole {
    /// The role.
    pub role: AccountRole,
    /// The unit at the root of the subtree.
    pub unit: UnitRef,
}

/// How media reach one participant of a live room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct MediaExplanation {
    /// Who.
    #[schema(value_type = String)]
    pub participant: ParticipantId,
    /// The name on the plate.
    pub name: String,
    /// The seat number, if seated.
    pub seat: Option<u32>,
    /// The link as last measured, at most 10 s ago.
    #[schema(value_type = Option<Object>)]
    pub link: Option<LinkReport>,
    /// What the media engine gives and why; none when the participant has no media transport.
    pub explanation: Option<Explanation>,
}
