//! Recovery codes, and what is stored of them.

use std::num::NonZeroU32;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::pbkdf2;
use office_core::second_factor::{RECOVERY_CODES, RECOVERY_LENGTH, Shown, read, recovery_code_of};

/// Rounds of PBKDF2. A code has 60 bits, so that who took the database has 2^74 of them to do; making ten takes some tens of
/// milliseconds.
const ROUNDS: NonZeroU32 = NonZeroU32::new(20_000).expect("it is not zero");

const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;

/// New codes in the clear, shown once, and what is stored of each.
pub(super) struct NewCodes {
    pub(super) shown: Vec<String>,
    pub(super) hashes: Vec<Vec<u8>>,
}

impl std::fmt::Debug for NewCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewCodes(…)")
    }
}

impl NewCodes {
    /// New codes with one salt. It takes some tens of milliseconds of a core.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub(super) fn generate() -> Result<Self, getrandom::Error> {
        let mut salt = [0_u8; SALT_BYTES];
        getrandom::fill(&mut salt)?;
        let (mut shown, mut hashes) = (Vec::new(), Vec::new());
        for _ in 0..RECOVERY_CODES {
            let mut letters = [0_u8; RECOVERY_LENGTH];
            getrandom::fill(&mut letters)?;
            let code = recovery_code_of(letters);
            let Some(Shown::Recovery(plain)) = read(&code) else {
                continue;
            };
            hashes.push(hash(&salt, &plain));
            shown.push(code);
        }
        Ok(Self { shown, hashes })
    }
}

/// Which of what is stored was made of this code. It takes some milliseconds of a core.
pub(super) fn find(stored: &[Vec<u8>], plain: &str) -> Option<Vec<u8>> {
    let salt = stored.first()?.get(..SALT_BYTES)?;
    let made = hash(salt, plain);
    let is_it = |one: &&Vec<u8>| verify_slices_are_equal(one, &made).is_ok();
    stored.iter().find(is_it).cloned()
}

fn hash(salt: &[u8], plain: &str) -> Vec<u8> {
    let mut digest = [0_u8; DIGEST_BYTES];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        salt,
        plain.as_bytes(),
        &mut digest,
    );
    [salt, &digest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_ten_codes_is_known_again_and_nothing_of_it_is_stored() {
        let codes = NewCodes::generate().unwrap();
        assert_eq!(codes.shown.len(), RECOVERY_CODES);
        for (shown, hash) in codes.shown.iter().zip(&codes.hashes) {
            let plain = shown.replace(' ', "");
            assert_eq!(find(&codes.hashes, &plain).as_ref(), Some(hash));
            assert!(
                !hash
                    .windows(4)
                    .any(|part| plain.as_bytes().starts_with(part))
            );
        }
        assert_eq!(find(&codes.hashes, "222222222222"), None);
        assert_eq!(find(&[], "222222222222"), None);
        assert_eq!(find(&[vec![1, 2]], "222222222222"), None);
    }
}
