//! Passwords: argon2id, a few at a time, off the threads that serve requests.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::secret;

/// Hashes and checks passwords: argon2id, a few at a time, off the threads that serve requests.
#[derive(Debug, Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// What a password is checked against when there is no such login, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// `parallel` checks at the same time.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(parallel: usize) -> anyhow::Result<Self> {
        let nobody = hash_password(secret::Secret::generate()?.expose())?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(parallel.max(1))),
            nobody: nobody.into(),
        })
    }

    /// Whether `password` is the one that `hash` was made of; without a hash the answer is no, and takes as long.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_permit) = self.permits.acquire().await else {
            return false;
        };
        let nobody = Arc::clone(&self.nobody);
        tokio::task::spawn_blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobody.to_string());
            let right = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            });
            right && known
        })
        .await
        .unwrap_or(false)
    }
}

/// The PHC string of a password: argon2id, 19 MiB, 2 passes.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn hash_password(password: &str) -> anyhow::Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| anyhow::anyhow!("cannot hash a password: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn password_is_told_from_another_and_unknown_login_never_passes() {
        let passwords = Passwords::new(2).unwrap();
        let hash = hash_password("Hoa phượng 2026").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(
            passwords
                .verify("Hoa phượng 2026".to_owned(), Some(hash.clone()))
                .await
        );
        assert!(!passwords.verify("hoa phuong".to_owned(), Some(hash)).await);
        assert!(!passwords.verify("hoa phuong".to_owned(), None).await);
    }
}
