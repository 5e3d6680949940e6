//! A code, and what is stored of it.

use std::num::NonZeroU32;
use std::time::Duration;

use aws_lc_rs::pbkdf2;
use office_core::accounts::{CODE_LENGTH, code_of, read_code};

use crate::platform::clock::days;

/// How long a code can be used.
pub(crate) const GOOD_FOR: Duration = days(7);

/// Rounds of PBKDF2. A code has 40 bits: whoever took the database has to do 2^54 of them to try all, which takes longer than a
/// code is good for; making one takes some milliseconds, so hundreds are made at a press.
const ROUNDS: NonZeroU32 = NonZeroU32::new(20_000).expect("it is not zero");

const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
const ALGORITHM: pbkdf2::Algorithm = pbkdf2::PBKDF2_HMAC_SHA256;

/// A new code in the clear, shown once, and what is stored of it.
#[derive(Clone)]
pub(crate) struct Code {
    /// As it is shown, in two groups: `7KQ4 MW2P`.
    pub(crate) shown: String,
    /// What is stored: the salt, then the digest.
    pub(crate) hash: Vec<u8>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// A new code. It takes some milliseconds of a core.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut letters = [0_u8; CODE_LENGTH];
        let mut hash = vec![0_u8; SALT_BYTES + DIGEST_BYTES];
        getrandom::fill(&mut letters)?;
        getrandom::fill(&mut hash[..SALT_BYTES])?;
        let shown = code_of(letters);
        let plain = read_code(&shown).unwrap_or_default();
        let (salt, digest) = hash.split_at_mut(SALT_BYTES);
        pbkdf2::derive(ALGORITHM, ROUNDS, salt, plain.as_bytes(), digest);
        Ok(Self { shown, hash })
    }
}

/// Whether `typed` is the code that is stored as `hash`. It takes as long when nothing is stored, or what was typed is no code.
pub(super) fn is_made_of(hash: Option<&[u8]>, typed: &str) -> bool {
    let nothing = [0_u8; SALT_BYTES + DIGEST_BYTES];
    let stored = hash.filter(|hash| hash.len() == nothing.len());
    let (salt, digest) = stored.unwrap_or(&nothing).split_at(SALT_BYTES);
    let code = read_code(typed);
    let plain = code.as_deref().unwrap_or_default();
    let right = pbkdf2::verify(ALGORITHM, ROUNDS, salt, plain.as_bytes(), digest).is_ok();
    right && stored.is_some() && code.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_known_again_however_it_is_typed_and_nothing_of_it_is_stored() {
        let code = Code::generate().unwrap();
        assert!(is_made_of(Some(&code.hash), &code.shown));
        assert!(is_made_of(
            Some(&code.hash),
            &code.shown.to_lowercase().replace(' ', "-")
        ));
        let other = Code::generate().unwrap();
        assert!(!is_made_of(Some(&code.hash), &other.shown));
        assert!(!is_made_of(None, &code.shown));
        assert!(!is_made_of(Some(&[]), &code.shown));
        assert!(!is_made_of(Some(&code.hash), ""));
        assert!(!format!("{code:?}").contains(&code.shown));
    }
}
