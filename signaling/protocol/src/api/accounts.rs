//! Accounts of people, as their administrators see them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::{AccountRole, HeldRole};
use super::oidc::ExternalIdentity;
use super::org::UnitRef;
use crate::UtcMicros;

/// How somebody's account stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AccountState {
    /// There is none.
    None,
    /// A one-time code was given and not used; it may be over.
    Invited,
    /// It has a password.
    Active,
    /// It was disabled.
    Disabled,
}

/// What a caller may do with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AccountAct {
    /// Give a one-time code, disable and enable, take the second factor away.
    ManageAccount,
    /// Give and end roles.
    GrantRoles,
}

/// Somebody with an account, or without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PersonAccount {
    /// Id of the person.
    pub person: String,
    /// Full name.
    pub name: String,
    /// Id of the account.
    pub account: Option<String>,
    /// Its login.
    pub login: Option<String>,
    /// How it stands.
    pub state: AccountState,
    /// Whether it is the caller's.
    pub own: bool,
    /// Where they are appointed today or later, else where they ever were.
    pub places: Vec<AccountPlace>,
    /// The roles that they hold today or later.
    pub roles: Vec<RoleSpan>,
    /// Until when the one-time code is good, or was.
    #[schema(value_type = Option<i64>)]
    pub code_expires_at_us: Option<UtcMicros>,
    /// When they were last seen.
    #[schema(value_type = Option<i64>)]
    pub last_seen_us: Option<UtcMicros>,
    /// Whether letters can be sent to them.
    pub has_address: bool,
    /// The last letter that was to invite them.
    pub letter: Option<InvitationLetter>,
    /// What the caller may do.
    pub may: Vec<AccountAct>,
}

/// A letter that invites somebody to their account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct InvitationLetter {
    /// What became of it.
    pub state: LetterState,
    /// Why it failed, or why it waits.
    pub failure: Option<LetterFailure>,
    /// When it was asked for, or came to its end.
    #[schema(value_type = i64)]
    pub at_us: UtcMicros,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LetterState {
    /// It waits, for the first time or again.
    Queued,
    /// The mail server took it.
    Sent,
    /// It will not be sent.
    Failed,
}

/// Why a letter was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LetterFailure {
    /// The mail server does not answer.
    Unreachable,
    /// The way to it cannot be sealed.
    NotSecure,
    /// It does not take this server's user and password.
    NotSignedIn,
    /// It asked to come again later.
    Later,
    /// It refused the letter for good: there is no such mailbox, for example.
    Refused,
    /// Whoever asked for it may not any more, or there is nobody to send it to.
    Withdrawn,
    /// Something else; the server's log says what.
    Internal,
}

/// Where somebody is appointed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AccountPlace {
    /// The unit.
    pub unit: UnitRef,
    /// As what.
    pub position: String,
}

/// A role and its days, which are ISO; the last one is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct RoleSpan {
    /// The role.
    pub role: AccountRole,
    /// The unit at the root of the subtree.
    pub unit: UnitRef,
    /// The first day.
    pub from: String,
    /// The last day; none while it lasts.
    pub to: Option<String>,
}

/// `GET /accounts`: one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AccountPage {
    /// By given name.
    pub items: Vec<PersonAccount>,
    /// Give this as `?cursor=` for the next page; none on the last.
    pub next: Option<String>,
    /// How many there are, whatever state is asked for; on the first page.
    pub counts: Option<AccountCounts>,
}

/// How many people have an account that stands so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[expect(missing_docs, reason = "each is a state of [`AccountState`]")]
#[ts(export)]
pub struct AccountCounts {
    #[ts(type = "number")]
    pub none: i64,
    #[ts(type = "number")]
    pub invited: i64,
    #[ts(type = "number")]
    pub active: i64,
    #[ts(type = "number")]
    pub disabled: i64,
}

/// `GET /accounts/{account}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AccountDetail {
    /// Whose.
    pub of: PersonAccount,
    /// The roles that they hold today or later, as they can be ended.
    pub roles: Vec<HeldRole>,
    /// By whom else they sign in.
    pub linked: Vec<ExternalIdentity>,
    /// Whether a second factor is asked for when they sign in.
    pub second_factor: bool,
}

/// `GET /accounts/administration`: what the caller administers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Administration {
    /// The units, each above those below it.
    pub units: Vec<AdministeredUnit>,
    /// The roles that the caller may give.
    pub roles: Vec<AccountRole>,
    /// Whether there is mail, so that invitations can be sent.
    pub mail: bool,
}

/// A unit of a tree that is shown as a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AdministeredUnit {
    /// The unit.
    pub unit: UnitRef,
    /// How far it stands below the one that the caller administers.
    pub depth: u32,
}

/// `POST /accounts/codes`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct GiveCodes {
    /// Ids of people; whoever is named twice gets one code.
    #[ts(type = "string[]")]
    #[schema(value_type = Vec<String>)]
    pub people: Vec<Uuid>,
    /// Whether those who have a password lose it; without, they are refused.
    #[serde(default)]
    pub reset: bool,
}

/// `POST /accounts/invitations`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SendInvitations {
    /// Ids of people; whoever is named twice gets one letter.
    #[ts(type = "string[]")]
    #[schema(value_type = Vec<String>)]
    pub people: Vec<Uuid>,
    /// Whether those who have a password lose it; without, they are refused.
    #[serde(default)]
    pub reset: bool,
}

/// What is handed to somebody: their login and a one-time code, which is told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Slip {
    /// Full name.
    pub name: String,
    /// As what they are appointed.
    pub position: Option<String>,
    /// Where.
    pub unit: Option<UnitRef>,
    /// Login.
    pub login: String,
    /// The code, in two groups.
    pub code: String,
    /// Until when it is good.
    #[schema(value_type = i64)]
    pub expires_at_us: UtcMicros,
}

/// `GET /first-day`: whether the first administrator is still to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct FirstDay {
    /// Whether nobody has an account.
    pub needed: bool,
    /// The name of the unit at the root, if there is one already.
    pub unit: Option<String>,
}

/// `POST /first-day`: makes the first administrator.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct FirstAdministrator {
    /// The code that the server printed.
    pub code: String,
    /// Name of the unit at the root, if there is none yet.
    pub unit: String,
    /// Full name.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `POST /accounts/{account}/roles`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewRole {
    /// The role.
    pub role: AccountRole,
    /// Code of the unit at the root of the subtree.
    pub unit: String,
    /// The first day, as ISO writes it; today when absent.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day, which is inside; none while it lasts.
    #[serde(default)]
    pub to: Option<String>,
}
