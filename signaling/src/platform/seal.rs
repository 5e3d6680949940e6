//! Secrets that the server has to read again, sealed by a key that lies in the data folder: who has the database alone has
//! none of them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};

use crate::platform::tls;

/// The file of the key, in the data folder: 64 hexadecimal digits. Copies of everything have it.
pub const KEY_FILE: &str = "seal.key";

/// A key of AES-256.
const KEY_BYTES: usize = 32;

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Seal(Arc<RandomizedNonceKey>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// The seal of a data folder; its key is made at first use.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not whole.
    pub fn load(data_dir: &Path) -> anyhow::Result<Self> {
        let file = data_dir.join(KEY_FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let mut key = [0_u8; KEY_BYTES];
                getrandom::fill(&mut key).context("no randomness")?;
                let text = hex::encode(key);
                tls::write(&file, &text, 0o600)?;
                text
            }
            Err(cause) => {
                return Err(cause).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        let damaged = || {
            format!(
                "{} is no key of 64 hexadecimal digits; put it back from a copy of everything",
                file.display()
            )
        };
        let key = hex::decode(text.trim()).with_context(damaged)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).with_context(damaged)?;
        Ok(Self(Arc::new(key)))
    }

    /// Seals `plain`. It opens again for the same `purpose` of the same `owner` alone.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn seal(&self, purpose: &str, owner: &[u8], plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut text = plain.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(bound_to(purpose, owner), &mut text)
            .context("cannot seal")?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// What was sealed; none when it was not by this key, for this purpose of this owner, or is not whole.
    #[must_use]
    pub fn open(&self, purpose: &str, owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, bound_to(purpose, owner), &mut text);
        opened.ok().map(|plain| plain.to_vec())
    }
}

fn bound_to(purpose: &str, owner: &[u8]) -> Aad<Vec<u8>> {
    let mut bound = purpose.as_bytes().to_vec();
    bound.push(0);
    bound.extend_from_slice(owner);
    Aad::from(bound)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn sealed_text_opens_for_its_owner_and_purpose_after_a_restart_and_for_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::load(folder.path()).unwrap();
        let sealed = seal.seal("tea", b"lan", b"jasmine").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"jasmine"));
        assert_ne!(seal.seal("tea", b"lan", b"jasmine").unwrap(), sealed);
        let again = Seal::load(folder.path()).unwrap();
        assert_eq!(
            again.open("tea", b"lan", &sealed).as_deref(),
            Some(b"jasmine".as_slice())
        );
        assert_eq!(again.open("tea", b"mai", &sealed), None);
        assert_eq!(again.open("te", b"alan", &sealed), None);
        for at in 0..sealed.len() {
            assert_eq!(again.open("tea", b"lan", &sealed[..at]), None);
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(again.open("tea", b"lan", &changed), None);
        }
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn key_that_is_cut_short_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        for broken in ["", "abc", "00ff", &"z".repeat(64)] {
            fs::write(folder.path().join(KEY_FILE), broken).unwrap();
            assert!(Seal::load(folder.path()).is_err(), "{broken}");
            let left = fs::read_to_string(folder.path().join(KEY_FILE)).unwrap();
            assert_eq!(left, broken);
        }
    }
}
