//! Who owes a second factor.

use axum::http::StatusCode;
use office_core::rights::{Act, SetUpSecondFactor, SignOut};
use protocol::api::ProblemCode;

use crate::Config;
use crate::access::Actor;
use crate::platform::error::ApiError;

/// Whether somebody signed in without a second factor that a role of theirs demands.
pub(crate) fn owes(config: &Config, actor: &Actor) -> bool {
    actor.sign_in.is_some() && !actor.by_second_factor && is_demanded(config, actor)
}

/// Whether a role of theirs demands a second factor.
pub(super) fn is_demanded(config: &Config, actor: &Actor) -> bool {
    actor
        .grants
        .hold_anywhere(&config.sign_in.second_factor_roles)
}

/// Whether who owes a second factor may do this.
pub(crate) fn is_open_to_owing<A: Act>() -> bool {
    [SetUpSecondFactor::NAME, SignOut::NAME].contains(&A::NAME)
}

/// 403: first the second factor.
pub(crate) fn owed() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ProblemCode::SecondFactorOwed,
        "a role demands a second factor; set it up first",
    )
}
