//! Codes of an application (RFC 6238): HMAC-SHA-1, six digits, 30 seconds, which is what every application makes.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use data_encoding::BASE32_NOPAD;
use office_core::second_factor::{Verdict, digits_of, judge};
use protocol::{AccountId, UtcMicros};

use crate::platform::seal::Seal;

/// The length of a secret: that of what SHA-1 makes (RFC 4226, 4, R6).
const SECRET_BYTES: usize = 20;

/// What a sealed secret is for.
const PURPOSE: &str = "second factor";

/// A secret in the clear.
pub(super) struct TotpSecret(Vec<u8>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub(super) fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0_u8; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// As it is stored.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub(super) fn seal(&self, seal: &Seal, account: AccountId) -> anyhow::Result<Vec<u8>> {
        seal.seal(PURPOSE, account.0.as_bytes(), &self.0)
    }

    /// What was stored; none when the key is another one.
    pub(super) fn open(seal: &Seal, account: AccountId, sealed: &[u8]) -> Option<Self> {
        seal.open(PURPOSE, account.0.as_bytes(), sealed).map(Self)
    }

    /// As an application takes it.
    pub(super) fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// Judges digits at `now`; `last` is the step of the last code that was accepted.
    pub(super) fn judge(&self, digits: &str, now: UtcMicros, last: Option<i64>) -> Verdict {
        judge(digits, now, last, |step| self.code_of(step))
    }

    fn code_of(&self, step: i64) -> Option<String> {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        digits_of(sign(&key, &step.to_be_bytes()).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_document() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = UtcMicros(seconds * 1_000_000);
            assert_eq!(
                secret.judge(code, now, None),
                Verdict::Right(seconds / 30),
                "{seconds}"
            );
        }
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::generate().unwrap().base32().len(), 32);
    }
}
