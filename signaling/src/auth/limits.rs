//! How often somebody may try.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::api::ProblemCode;

use crate::config::SignIn;
use crate::error::{ApiError, ApiResult};
use crate::store::account;

/// The longest login that is told from others.
const MAX_LOGIN_CHARS: usize = 64;

/// How often somebody may try to sign in: strictly per login and address, generously per address, because a whole
/// school shares one.
#[derive(Clone)]
pub struct SignInLimits {
    by_login: Arc<DefaultKeyedRateLimiter<(String, IpAddr)>>,
    by_address: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl SignInLimits {
    /// Limits as configured.
    #[must_use]
    pub fn new(settings: &SignIn) -> Self {
        let per_minute = |n: u32| Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        Self {
            by_login: Arc::new(RateLimiter::keyed(per_minute(settings.attempts_per_minute))),
            by_address: Arc::new(RateLimiter::keyed(per_minute(
                settings.attempts_per_minute_per_address,
            ))),
        }
    }

    /// Counts an attempt to sign in.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After`.
    pub fn check(&self, login: &str, address: IpAddr) -> ApiResult<()> {
        self.check_address(address)?;
        let login = account::normalise_login(login);
        // A name that no account can have must not fill the table.
        let login = login.chars().take(MAX_LOGIN_CHARS).collect();
        self.by_login
            .check_key(&(login, address))
            .map_err(|not_until| too_many(not_until.wait_time_from(DefaultClock::default().now())))
    }

    /// Counts an attempt that names no login, for example the exchange of a link.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After`.
    pub fn check_address(&self, address: IpAddr) -> ApiResult<()> {
        self.by_address
            .check_key(&address)
            .map_err(|not_until| too_many(not_until.wait_time_from(DefaultClock::default().now())))
    }

    /// Forgets keys that are as good as new; called from time to time so that the tables do not grow for ever.
    pub fn forget_idle(&self) {
        self.by_login.retain_recent();
        self.by_address.retain_recent();
    }
}

impl std::fmt::Debug for SignInLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInLimits").finish_non_exhaustive()
    }
}

fn too_many(wait: std::time::Duration) -> ApiError {
    let seconds = wait.as_secs() + 1;
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::RateLimited,
        "too many attempts; wait a moment",
    )
    .with("seconds", seconds)
    .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_login_is_limited_before_the_school_it_sits_in() {
        let limits = SignInLimits::new(&SignIn {
            attempts_per_minute: 3,
            attempts_per_minute_per_address: 100,
            ..SignIn::default()
        });
        let school = IpAddr::from([10, 1, 2, 3]);
        for _ in 0..3 {
            limits.check("ha.le", school).unwrap();
        }
        let refused = limits.check("Ha.Le ", school).unwrap_err();
        assert_eq!(refused.code, ProblemCode::RateLimited);
        assert!(refused.retry_after.is_some());
        limits.check("minh.tran", school).unwrap();
        limits.check("ha.le", IpAddr::from([10, 1, 2, 4])).unwrap();
    }
}
