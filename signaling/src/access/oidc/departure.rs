//! Somebody who leaves for the provider, and how it is known that the same browser comes back.
//!
//! Two secrets are drawn: the *browser's*, which stays in a cookie of this server, and the *state*, which goes to the provider and
//! comes back in the address. What proves more is made of both, so that whoever has one of them has nothing: the nonce, which the
//! provider puts into the ID token, and the verifier of the code (RFC 7636), which it is shown only for the token.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::platform::clock::minutes;
use crate::platform::secret::Secret;

/// The cookie of a browser that left. `Lax`: it comes back by a link of the provider's page.
const COOKIE: &str = "__Host-diemcau-provider";

/// How long somebody may take at the provider.
pub(super) const BACK_WITHIN: Duration = minutes(10);

/// Both secrets.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) state: Secret,
    pub(super) browser: Secret,
}

impl Departure {
    /// From a browser that may have left in another tab: it has one secret for all of them.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub(super) fn begin(cookies: &CookieJar) -> Result<Self, getrandom::Error> {
        let browser = browser_of(cookies).map_or_else(Secret::generate, Ok)?;
        Ok(Self {
            state: Secret::generate()?,
            browser,
        })
    }

    /// What the provider puts into the ID token.
    pub(super) fn nonce(&self) -> String {
        self.made_for("nonce")
    }

    /// What the token is given for.
    pub(super) fn verifier(&self) -> String {
        self.made_for("verifier")
    }

    /// What is told of the verifier beforehand: its SHA-256 (S256).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier()))
    }

    /// The cookie that remembers the browser.
    pub(super) fn cookie(&self) -> CookieJar {
        let cookie = Cookie::build((COOKIE, self.browser.expose().to_owned()))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(BACK_WITHIN.try_into().unwrap_or_default());
        CookieJar::new().add(cookie)
    }

    fn made_for(&self, purpose: &str) -> String {
        let mut digest = Sha256::new();
        for part in [purpose, self.state.expose(), self.browser.expose()] {
            digest.update(part);
            digest.update([0]);
        }
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }
}

/// The secret of a browser that left.
pub(super) fn browser_of(cookies: &CookieJar) -> Option<Secret> {
    let value = cookies.get(COOKIE)?.value();
    let is_ours = value.len() == 43
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_ours.then(|| Secret::of(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_more_is_made_of_both_secrets() {
        let departure = Departure::begin(&CookieJar::new()).unwrap();
        let of = |state: &Secret, browser: &Secret| Departure {
            state: state.clone(),
            browser: browser.clone(),
        };
        let again = of(&departure.state, &departure.browser);
        assert_eq!(again.nonce(), departure.nonce());
        assert_eq!(again.verifier(), departure.verifier());
        let other = Departure::begin(&CookieJar::new()).unwrap();
        for other in [
            of(&other.state, &departure.browser),
            of(&departure.state, &other.browser),
        ] {
            assert_ne!(other.nonce(), departure.nonce());
            assert_ne!(other.verifier(), departure.verifier());
        }
        assert_ne!(departure.nonce(), departure.verifier());
        assert_eq!(departure.verifier().len(), 43, "RFC 7636, section 4.1");
    }

    #[test]
    fn browser_leaves_in_two_tabs_by_one_secret() {
        let first = Departure::begin(&CookieJar::new()).unwrap();
        let second = Departure::begin(&first.cookie()).unwrap();
        assert!(first.browser == second.browser && first.state != second.state);
        let foreign = CookieJar::new().add(Cookie::new(COOKIE, "short"));
        assert!(browser_of(&foreign).is_none());
    }
}
