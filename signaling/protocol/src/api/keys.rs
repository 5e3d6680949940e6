//! Keys by which other systems ask the interface.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::UnitRef;
use crate::UtcMicros;

/// A group of actions that a key may ask for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[ts(export)]
pub enum ApiScope {
    /// Read the tree of units.
    #[serde(rename = "units:read")]
    UnitsRead,
    /// Read people and their appointments.
    #[serde(rename = "people:read")]
    PeopleRead,
    /// Add people, change what they are called, appoint them.
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// Read bridge points and how their lines do.
    #[serde(rename = "points:read")]
    PointsRead,
    /// Add, change and close bridge points.
    #[serde(rename = "points:write")]
    PointsWrite,
    /// Read sessions, their attendance and the state of their recordings.
    #[serde(rename = "sessions:read")]
    SessionsRead,
    /// Plan, change, end and call off sessions.
    #[serde(rename = "sessions:write")]
    SessionsWrite,
    /// Read training classes.
    #[serde(rename = "classes:read")]
    ClassesRead,
    /// Read the audit log.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl ApiScope {
    /// Every scope, reading before writing.
    pub const ALL: [Self; 9] = [
        Self::UnitsRead,
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::PointsRead,
        Self::PointsWrite,
        Self::SessionsRead,
        Self::SessionsWrite,
        Self::ClassesRead,
        Self::AuditRead,
    ];

    /// The word that it is on the wire and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnitsRead => "units:read",
            Self::PeopleRead => "people:read",
            Self::PeopleWrite => "people:write",
            Self::PointsRead => "points:read",
            Self::PointsWrite => "points:write",
            Self::SessionsRead => "sessions:read",
            Self::SessionsWrite => "sessions:write",
            Self::ClassesRead => "classes:read",
            Self::AuditRead => "audit:read",
        }
    }

    /// The scope with this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ApiKeyState {
    /// It works.
    Active,
    /// Its last day is over.
    Expired,
    /// Somebody took it back.
    Revoked,
    /// Whoever made it was disabled, or administers its unit no more.
    MakerGone,
}

/// What a caller may do with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ApiKeyAct {
    /// Take it back.
    RevokeKey,
}

/// `POST /api-keys`: a key to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewApiKey {
    /// Which system is to use it.
    pub name: String,
    /// Code of the unit: the key reaches it and all below it.
    pub unit: String,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// Its last day, for example `2027-06-30`, at most a year from today.
    pub last_day: String,
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ApiKey {
    /// Its id; the audit log names it by this.
    pub id: String,
    /// Which system uses it.
    pub name: String,
    /// The unit: the key reaches it and all below it.
    pub unit: UnitRef,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// How it stands.
    pub state: ApiKeyState,
    /// The name of whoever made it.
    pub made_by: String,
    /// When it was made.
    #[schema(value_type = i64)]
    pub made_at_us: UtcMicros,
    /// The first moment at which it works no longer.
    #[schema(value_type = i64)]
    pub expires_at_us: UtcMicros,
    /// When it was used last, within some minutes.
    #[schema(value_type = Option<i64>)]
    pub last_used_us: Option<UtcMicros>,
    /// When it was taken back.
    #[schema(value_type = Option<i64>)]
    pub revoked_at_us: Option<UtcMicros>,
    /// What the caller may do with it.
    pub may: Vec<ApiKeyAct>,
}

/// A key that was made. The secret is told here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct MadeApiKey {
    /// The key.
    pub key: ApiKey,
    /// What the other system shows: `Authorization: Bearer dc_…`.
    pub secret: String,
}
