//! Secrets that a bearer shows: 256 random bits, written in base64url; only their SHA-256 is stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What is stored of a secret. A fast hash suffices, because 256 random bits cannot be guessed.
pub type SecretHash = Vec<u8>;

/// A secret in the clear: shown to its bearer once, never stored and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret from the operating system's randomness. Its first character is a letter, so that no command line
    /// takes it for an option; that costs a third of a bit. Those made before may begin with anything.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        loop {
            getrandom::fill(&mut bytes)?;
            let secret = URL_SAFE_NO_PAD.encode(bytes);
            if secret.starts_with(|first: char| first.is_ascii_alphabetic()) {
                return Ok(Self(secret));
            }
        }
    }

    /// One that a bearer shows.
    #[must_use]
    pub const fn of(shown: String) -> Self {
        Self(shown)
    }

    /// The text that the bearer keeps: 43 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What would be stored of a secret that somebody shows.
#[must_use]
pub fn hash(shown: &str) -> SecretHash {
    Sha256::digest(shown.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_looks_like_an_option() {
        for _ in 0..2_000 {
            let secret = Secret::generate().unwrap();
            assert!(secret.expose().as_bytes()[0].is_ascii_alphabetic());
            assert_eq!(secret.expose().len(), 43);
        }
    }
}
