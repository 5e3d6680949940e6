//! Passwords: argon2id, a few at a time, off the threads that serve requests, and every network in turn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::oneshot;

use super::limits::Network;
use crate::secret;

/// How many checks of one network may wait: a school whose teachers all sign in when the bell rings.
const WAITING_OF_NETWORK: usize = 128;

/// How many checks may wait in all: about a minute's work of one core.
const WAITING: usize = 2_048;

/// Hashes and checks passwords: argon2id, a few at a time, off the threads that serve requests.
#[derive(Debug, Clone)]
pub struct Passwords {
    gate: Gate,
    /// What a password is checked against when there is no such login, so that the answer takes as long.
    nobody: Arc<str>,
}

/// So many checks wait that one more would not be done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooBusy;

impl Passwords {
    /// At most `parallel` checks at the same time, and fewer than there are cores, so that rooms are never out of one.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(parallel: usize) -> anyhow::Result<Self> {
        let nobody = hash_password(secret::Secret::generate()?.expose())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            gate: Gate::new(parallel.clamp(1, cores.saturating_sub(1).max(1))),
            nobody: nobody.into(),
        })
    }

    /// Whether `password` is the one that `hash` was made of; without a hash the answer is no, and takes as long. Those
    /// who ask from one network wait for each other; networks take turns.
    ///
    /// # Errors
    /// `TooBusy` when too many wait.
    pub async fn verify(
        &self,
        network: Network,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, TooBusy> {
        let _turn = self.gate.enter(network).await?;
        let nobody = Arc::clone(&self.nobody);
        let right = tokio::task::spawn_blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobody.to_string());
            let right = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            });
            right && known
        })
        .await;
        Ok(right.unwrap_or(false))
    }
}

/// Lets a few in at a time, one of each network after the other.
#[derive(Debug, Clone)]
struct Gate(Arc<Mutex<Line>>);

#[derive(Debug)]
struct Line {
    free: usize,
    /// Networks that wait, in the order of their turns, and who waits there.
    networks: VecDeque<(Network, VecDeque<oneshot::Sender<Turn>>)>,
}

/// Somebody is inside; given back when dropped.
#[derive(Debug)]
struct Turn(Gate);

impl Gate {
    fn new(parallel: usize) -> Self {
        Self(Arc::new(Mutex::new(Line {
            free: parallel,
            networks: VecDeque::new(),
        })))
    }

    async fn enter(&self, network: Network) -> Result<Turn, TooBusy> {
        let called = {
            let mut line = self.line();
            if line.free > 0 {
                line.free -= 1;
                return Ok(Turn(self.clone()));
            }
            let waiting: usize = line.networks.iter().map(|(_, people)| people.len()).sum();
            if waiting >= WAITING {
                return Err(TooBusy);
            }
            let (call, called) = oneshot::channel();
            match line.networks.iter_mut().find(|(id, _)| *id == network) {
                Some((_, people)) if people.len() >= WAITING_OF_NETWORK => return Err(TooBusy),
                Some((_, people)) => people.push_back(call),
                None => line.networks.push_back((network, VecDeque::from([call]))),
            }
            called
        };
        // Whoever holds a turn calls the next one; the last of them cannot be gone while somebody waits.
        called.await.map_err(|_| TooBusy)
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        // Nothing between taking and giving back panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Whose turn is next: the first of the first network, which goes to the end of the line.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let (network, mut people) = self.networks.pop_front()?;
        let next = people.pop_front();
        if !people.is_empty() {
            self.networks.push_back((network, people));
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let gate = self.0.clone();
        let mut line = gate.line();
        loop {
            match line.next() {
                // Somebody who does not wait any more is passed over; the turn that came back must not be dropped here,
                // while the line is held.
                Some(next) if next.is_closed() => {}
                Some(next) => {
                    let turn = Turn(gate.clone());
                    drop(line);
                    // One who has gone in this moment gives the turn back.
                    let _ = next.send(turn);
                    return;
                }
                None => {
                    line.free += 1;
                    return;
                }
            }
        }
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
    use std::net::IpAddr;

    use super::*;

    fn network(number: u8) -> Network {
        Network::of(IpAddr::from([10, 0, 0, number]))
    }

    #[tokio::test]
    async fn password_is_told_from_another_and_unknown_login_never_passes() {
        let passwords = Passwords::new(2).unwrap();
        let hash = hash_password("Hoa phượng 2026").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let verify = async |password: &str, hash: Option<&str>| {
            passwords
                .verify(network(1), password.to_owned(), hash.map(str::to_owned))
                .await
        };
        assert_eq!(verify("Hoa phượng 2026", Some(&hash)).await, Ok(true));
        assert_eq!(verify("hoa phuong", Some(&hash)).await, Ok(false));
        assert_eq!(verify("hoa phuong", None).await, Ok(false));
    }

    #[tokio::test]
    async fn honest_network_waits_for_one_of_a_flood_and_not_for_all() {
        let gate = Gate::new(1);
        let inside = gate.enter(network(1)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (from, count) in [(1, 20), (2, 1), (3, 1)] {
            for _ in 0..count {
                let (gate, order) = (gate.clone(), Arc::clone(&order));
                let turn = tokio::spawn(async move {
                    let _turn = gate.enter(network(from)).await.unwrap();
                    order.lock().unwrap().push(from);
                });
                // Each is in line before the next one comes.
                tokio::task::yield_now().await;
                waiting.push(turn);
            }
        }
        drop(inside);
        for turn in waiting {
            turn.await.unwrap();
        }
        assert_eq!(order.lock().unwrap()[..4], [1, 2, 3, 1]);
    }

    #[tokio::test]
    async fn flood_of_one_network_is_refused_and_others_still_get_in_line() {
        let gate = Gate::new(1);
        let inside = gate.enter(network(1)).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..WAITING_OF_NETWORK {
            let gate = gate.clone();
            waiting.push(tokio::spawn(async move {
                gate.enter(network(1)).await.map(drop)
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter(network(1)).await.err(), Some(TooBusy));
        let other = {
            let gate = gate.clone();
            tokio::spawn(async move { gate.enter(network(2)).await.map(drop) })
        };
        tokio::task::yield_now().await;
        // Those who hang up give their places back.
        for gone in waiting.drain(..64) {
            gone.abort();
        }
        drop(inside);
        assert_eq!(other.await.unwrap(), Ok(()));
        for turn in waiting {
            assert_eq!(turn.await.unwrap(), Ok(()));
        }
        assert_eq!(gate.line().free, 1, "every turn came back");
    }
}
