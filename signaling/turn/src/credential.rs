//! Credentials that prove themselves: the user name says until when and for whom, the password is its signature
//! (draft-uberti-behave-turn-rest). Nothing is stored, and a restarted server, with a new key, knows none of the old.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest user name that is looked at.
const MAX_NAME_BYTES: usize = 128;

/// What a client is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// `seconds:subject`, the seconds since 1970 at which it expires.
    pub username: String,
    /// The signature of the name.
    pub password: String,
}

/// Makes credentials, and knows its own again.
pub struct Credentials(hmac::Key);

impl Credentials {
    /// Credentials signed with `secret`, which should be 32 random bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret))
    }

    /// A credential for `subject` until `expires` (seconds since 1970).
    #[must_use]
    pub fn issue(&self, subject: &str, expires: u64) -> Credential {
        let username = format!("{expires}:{subject}");
        let password = self.password(&username);
        Credential { username, password }
    }

    /// For whom a user name is, and its password; `None` when it is not one of ours or has expired at `unix` (seconds
    /// since 1970). That the client knows the password is still to be shown.
    pub(crate) fn recognise<'n>(&self, username: &'n str, unix: u64) -> Option<(&'n str, String)> {
        if username.len() > MAX_NAME_BYTES {
            return None;
        }
        let (expires, subject) = username.split_once(':')?;
        let expires: u64 = expires.parse().ok()?;
        (expires > unix).then(|| (subject, self.password(username)))
    }

    fn password(&self, username: &str) -> String {
        STANDARD.encode(hmac::sign(&self.0, username.as_bytes()))
    }
}

impl std::fmt::Debug for Credentials {
    /// Keeps the key out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credential_is_known_until_it_expires() {
        let credentials = Credentials::new(b"key");
        let given = credentials.issue("point-7", 1_000);
        assert_eq!(given.username, "1000:point-7");
        let known = credentials.recognise(&given.username, 999);
        assert_eq!(known, Some(("point-7", given.password.clone())));
        assert_eq!(credentials.recognise(&given.username, 1_000), None);
    }

    #[test]
    fn another_server_signs_otherwise() {
        let given = Credentials::new(b"key").issue("point-7", 1_000);
        let other = Credentials::new(b"yek");
        let (_, password) = other.recognise(&given.username, 0).unwrap();
        assert_ne!(password, given.password);
    }

    #[test]
    fn names_of_other_forms_are_nobody() {
        let credentials = Credentials::new(b"key");
        let long = format!("9999:{}", "x".repeat(MAX_NAME_BYTES));
        for name in ["", "point", ":point", "soon:point", "-1:point", &long] {
            assert_eq!(credentials.recognise(name, 0), None, "{name}");
        }
    }
}
