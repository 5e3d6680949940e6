//! Who somebody is, and what they may.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::{PointRef, UnitRef};
use crate::client::LinkReport;
use crate::explain::Explanation;
use crate::{ParticipantId, UtcMicros};

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
    /// Whether a role demands a second factor that this sign-in did not show: they set it up or sign out, and nothing else.
    pub owes_second_factor: bool,
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
    /// See the settings of the installation.
    ViewSettings,
    /// See the tree of units.
    ListUnits,
    /// Change it, somewhere.
    ChangeUnits,
    /// Look after bridge points.
    ManagePoints,
    /// See one's own account.
    KeepOwnAccount,
    /// Open the list of accounts.
    ListAccounts,
    /// Make keys for other systems.
    ManageKeys,
}

/// `GET /account`: what somebody is told of their own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct OwnAccount {
    /// Full name.
    pub name: String,
    /// Login.
    pub login: String,
    /// When the password was chosen.
    #[schema(value_type = i64)]
    pub password_changed_at_us: UtcMicros,
    /// Where they work today or later.
    pub places: Vec<Workplace>,
    /// The roles that they hold today or later.
    pub roles: Vec<HeldRole>,
    /// Where they are signed in, the browser that was seen last first.
    pub sign_ins: Vec<OwnSignIn>,
}

/// Where somebody works. Days are ISO; the last one is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Workplace {
    /// The unit.
    pub unit: UnitRef,
    /// As what.
    pub position: String,
    /// The first day.
    pub from: String,
    /// The last day; none while it lasts.
    pub to: Option<String>,
}

/// A role that was given. Days are ISO; the last one is inside, until midnight in Viet Nam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct HeldRole {
    /// For ending it.
    pub id: String,
    /// The role.
    pub role: AccountRole,
    /// The unit at the root of the subtree.
    pub unit: UnitRef,
    /// The first day.
    pub from: String,
    /// The last day; none while it lasts.
    pub to: Option<String>,
    /// Whether the provider's groups gave it: it comes and goes with each sign-in by the provider.
    pub by_provider: bool,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct OwnSignIn {
    /// For ending it.
    pub id: String,
    /// What the browser calls itself.
    pub browser: Option<String>,
    /// The address from which it signed in.
    pub address: Option<String>,
    /// When it signed in.
    #[schema(value_type = i64)]
    pub since_us: UtcMicros,
    /// When it was last used, within some minutes.
    #[schema(value_type = i64)]
    pub last_seen_us: UtcMicros,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// `POST /account/password`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ChangePassword {
    /// The present password.
    pub present: String,
    /// The new one.
    pub wanted: String,
}

/// Why a password may not be chosen: the `reason` of `bad_password`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PasswordFault {
    /// It has fewer characters than `limit`.
    TooShort,
    /// It has more characters than `limit`.
    TooLong,
    /// It is among the first that anybody would guess: it has the login in it, or hardly any different characters, or a row.
    TooSimple,
    /// It is the present one.
    Same,
}

impl PasswordFault {
    /// The stable word, for example `too_short`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::TooSimple => "too_simple",
            Self::Same => "same",
        }
    }
}

/// `POST /sign-in/code`: a one-time code, and the password that takes its place.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct CodeSignIn {
    /// Login name, case-insensitive.
    pub login: String,
    /// The code, however it is grouped.
    pub code: String,
    /// The password that is chosen.
    pub password: String,
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
