//! Sign-in by a provider, and which of its identities an account is linked with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::access::Me;
use super::second_factor::SecondStep;
use crate::UtcMicros;

/// `GET /sign-in/provider` (`null` when there is none): the provider, for the key that leads there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct SignInProvider {
    /// What stands on the key.
    pub name: String,
    /// Whether it did not answer when it was asked last.
    pub down: bool,
}

/// `POST /sign-in/provider`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ProviderDeparture {
    /// The page to go to afterwards; the first one when it is none of this site.
    pub next: Option<String>,
}

/// Where a browser goes now: to a page of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ProviderAddress {
    /// The page.
    pub address: String,
}

/// `POST /sign-in/provider/finish`: what the provider put into the address with which the browser came back.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ProviderReturn {
    /// `state`.
    pub state: String,
    /// `code`, when the provider agrees.
    pub code: Option<String>,
    /// `error`, when it does not.
    pub error: Option<String>,
    /// `iss`, where the provider says it (RFC 9207).
    pub iss: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ProviderArrival {
    /// Who one is by now; none when nobody signed in, but linked, or when the second factor is asked for.
    pub me: Option<Me>,
    /// The question for the second factor, when the account has one and the provider saw none.
    pub second_step: Option<SecondStep>,
    /// The page to go to.
    pub next: String,
}

/// `GET /account/external`: what one's own account is linked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ExternalIdentities {
    /// What stands on the key of the provider, if there is one.
    pub provider: Option<String>,
    /// The identities.
    pub linked: Vec<ExternalIdentity>,
    /// Whether one of them is the provider's.
    pub is_linked: bool,
    /// Whether the password is asked for: it is not when it was given in this browser a moment ago.
    pub asks_password: bool,
}

/// Somebody as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct ExternalIdentity {
    /// What the provider called them when they were linked.
    pub label: Option<String>,
    /// The host of the provider.
    pub host: String,
    /// When they were linked.
    #[schema(value_type = i64)]
    pub linked_at_us: UtcMicros,
    /// When somebody last signed in by it.
    #[schema(value_type = Option<i64>)]
    pub last_used_us: Option<UtcMicros>,
}

/// `POST /account/external` and `POST /account/external/unlink`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct OwnPassword {
    /// The present password, where it is asked for.
    pub password: Option<String>,
}
