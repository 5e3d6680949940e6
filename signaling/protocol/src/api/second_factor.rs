//! The second factor: the second step at the door, and setting it up.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::access::Me;
use crate::UtcMicros;

/// The answer (202) to a password or one-time code that was right, of an account with a second factor. Nobody is signed in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondStep {
    /// Shown again with the code.
    pub challenge: String,
    /// Until when.
    #[schema(value_type = i64)]
    pub expires_at_us: UtcMicros,
}

/// `POST /sign-in/second`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondStepCode {
    /// What the first step gave.
    pub challenge: String,
    /// Six digits of the application, or a recovery code, however they are grouped.
    pub code: String,
}

/// The answer to a second step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondStepDone {
    /// Who one is.
    pub me: Me,
    /// How many recovery codes are left, when one was used.
    pub recovery_codes_left: Option<u32>,
}

/// `GET /account/second-factor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondFactor {
    /// Since when it is asked for; none when it is off.
    #[schema(value_type = Option<i64>)]
    pub since_us: Option<UtcMicros>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
    /// Whether a role of theirs demands it.
    pub demanded: bool,
    /// Whether the password is wanted for a new secret.
    pub asks_password: bool,
}

/// `POST /account/second-factor/secret`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewSecondFactor {
    /// The password, where it is wanted.
    #[serde(default)]
    pub password: Option<String>,
}

/// A secret for an application. The one that works goes on working until a code of this one was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondFactorSecret {
    /// In base32 (RFC 4648), without padding.
    pub secret: String,
}

/// `POST /account/second-factor/confirm` and `/recovery-codes`: six digits of the application.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SecondFactorCode {
    /// However they are grouped.
    pub code: String,
}

/// Recovery codes, told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct RecoveryCodes {
    /// Each in three groups of four.
    pub codes: Vec<String>,
}

/// `POST /account/second-factor/off`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct EndSecondFactor {
    /// The password, for who has one.
    #[serde(default)]
    pub password: Option<String>,
    /// Six digits of the application, or a recovery code.
    pub code: String,
}
