//! Passwords: argon2id, a few at a time, off the threads that serve requests, those who are at home first, and every
//! network in turn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::oneshot;
use unicode_normalization::UnicodeNormalization as _;

use crate::access::limits::{Attempt, Network};
use crate::platform::secret;

/// How many checks of one network may wait: a school whose teachers all sign in when the bell rings.
const WAITING_OF_NETWORK: usize = 128;

/// How many checks may wait in all: about a minute's work of one core.
const WAITING: usize = 2_048;

/// After so many in a row who signed in from their network before, one goes in who did not, if any waits.
const AT_HOME_IN_A_ROW: u32 = 8;

/// Hashes and checks passwords: argon2id, a few at a time, off the threads that serve requests.
#[derive(Debug, Clone)]
pub struct Passwords {
    gate: Gate,
    /// What a password is checked against when there is no such login, so that the answer takes as long.
    nobody: Arc<str>,
}

/// So many checks wait that one more would not be done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TooBusy;

/// Why a password was not checked.
#[derive(Debug, thiserror::Error)]
pub enum Unchecked {
    /// Too many wait.
    #[error("too many passwords wait to be checked")]
    TooBusy,
    /// The stored hash cannot be read, or is none of ours.
    #[error("a stored password cannot be read: {0}")]
    Unreadable(String),
    /// The check broke off.
    #[error("checking a password broke off: {0}")]
    BrokeOff(#[source] tokio::task::JoinError),
}

impl From<TooBusy> for Unchecked {
    fn from(TooBusy: TooBusy) -> Self {
        Self::TooBusy
    }
}

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
    /// who ask from one network wait for each other; networks take turns. Whoever signed in from that network before
    /// waits for no guesses from elsewhere.
    ///
    /// # Errors
    /// When that is not known.
    pub async fn verify(
        &self,
        attempt: Attempt,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Unchecked> {
        let _turn = self.gate.enter(attempt.network, attempt.at_home).await?;
        let nobody = Arc::clone(&self.nobody);
        tokio::task::spawn_blocking(move || {
            let hash_or_nobodys = hash.as_deref().unwrap_or(&nobody);
            Ok(is_made_of(hash_or_nobodys, &password)? && hash.is_some())
        })
        .await
        .map_err(Unchecked::BrokeOff)?
    }

    /// The PHC string of a password that somebody chose, as [`hash_password`] makes it; waits as [`Self::verify`] does.
    ///
    /// # Errors
    /// When it could not be made.
    pub async fn hash(&self, attempt: Attempt, password: String) -> Result<String, Unchecked> {
        let _turn = self.gate.enter(attempt.network, attempt.at_home).await?;
        tokio::task::spawn_blocking(move || {
            hash_password(&password).map_err(|cause| Unchecked::Unreadable(cause.to_string()))
        })
        .await
        .map_err(Unchecked::BrokeOff)?
    }
}

/// Whether a stored hash was made of this password.
fn is_made_of(hash: &str, password: &str) -> Result<bool, Unchecked> {
    let unreadable = |cause: &dyn std::fmt::Display| Unchecked::Unreadable(cause.to_string());
    let hash = PasswordHash::new(hash).map_err(|cause| unreadable(&cause))?;
    // The check would take one that was cut short for that of another password.
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(unreadable(&"it is cut short"));
    }
    match Argon2::default().verify_password(composed(password).as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(cause) => Err(unreadable(&cause)),
    }
}

/// A password in NFC: keyboards and systems write one Vietnamese letter in several ways.
fn composed(password: &str) -> String {
    password.nfc().collect()
}

/// Lets a few in at a time, one of each network after the other.
#[derive(Debug, Clone)]
struct Gate(Arc<Mutex<Line>>);

#[derive(Debug, Default)]
struct Line {
    free: usize,
    at_home: Queue,
    strangers: Queue,
    /// How many who are at home went in since the last who is not.
    in_a_row: u32,
}

/// Networks that wait, in the order of their turns, and who waits there.
#[derive(Debug, Default)]
struct Queue(VecDeque<(Network, VecDeque<oneshot::Sender<Turn>>)>);

/// Somebody is inside; given back when dropped.
#[derive(Debug)]
struct Turn(Gate);

impl Gate {
    fn new(parallel: usize) -> Self {
        Self(Arc::new(Mutex::new(Line {
            free: parallel,
            ..Line::default()
        })))
    }

    async fn enter(&self, network: Network, at_home: bool) -> Result<Turn, TooBusy> {
        let called = {
            let mut line = self.line();
            if line.free > 0 {
                line.free -= 1;
                return Ok(Turn(self.clone()));
            }
            let queue = if at_home {
                &mut line.at_home
            } else {
                &mut line.strangers
            };
            queue.join(network)?
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
    /// Whose turn is next: those at home first, now and then somebody who is not.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let strangers_first = self.in_a_row >= AT_HOME_IN_A_ROW;
        self.in_a_row += 1;
        let next = if strangers_first {
            None
        } else {
            self.at_home.next()
        };
        next.or_else(|| {
            self.in_a_row = 0;
            self.strangers.next().or_else(|| self.at_home.next())
        })
    }
}

impl Queue {
    /// Joins the line of a network; told when it is one's turn.
    ///
    /// # Errors
    /// `TooBusy` when too many wait, in all or in that network.
    fn join(&mut self, network: Network) -> Result<oneshot::Receiver<Turn>, TooBusy> {
        let waiting: usize = self.0.iter().map(|(_, people)| people.len()).sum();
        if waiting >= WAITING {
            return Err(TooBusy);
        }
        let (call, called) = oneshot::channel();
        match self.0.iter_mut().find(|(id, _)| *id == network) {
            Some((_, people)) if people.len() >= WAITING_OF_NETWORK => return Err(TooBusy),
            Some((_, people)) => people.push_back(call),
            None => self.0.push_back((network, VecDeque::from([call]))),
        }
        Ok(called)
    }

    /// Whose turn is next: the first of the first network, which goes to the end of the line.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let (network, mut people) = self.0.pop_front()?;
        let next = people.pop_front();
        if !people.is_empty() {
            self.0.push_back((network, people));
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
        .hash_password(composed(password).as_bytes())
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

    fn attempt(number: u8) -> Attempt {
        Attempt {
            login: 0,
            network: network(number),
            at_home: false,
        }
    }

    /// The networks of those who come in, in that order. The line has, for each place in it, a network, whether people are at home
    /// there, and how many they are.
    async fn order_of(line: &[(u8, bool, usize)]) -> Vec<u8> {
        let gate = Gate::new(1);
        let inside = gate.enter(network(0), false).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (from, at_home, count) in line.iter().copied() {
            for _ in 0..count {
                let (gate, order) = (gate.clone(), Arc::clone(&order));
                let turn = tokio::spawn(async move {
                    let _turn = gate.enter(network(from), at_home).await.unwrap();
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
        order.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn password_is_told_from_another_and_unknown_login_never_passes() {
        let passwords = Passwords::new(2).unwrap();
        let hash = hash_password("Hoa phượng 2026").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let verify = async |password: &str, hash: Option<&str>| {
            passwords
                .verify(attempt(1), password.to_owned(), hash.map(str::to_owned))
                .await
        };
        assert!(verify("Hoa phượng 2026", Some(&hash)).await.unwrap());
        let in_parts: String = "Hoa phượng 2026".nfd().collect();
        assert!(verify(&in_parts, Some(&hash)).await.unwrap());
        assert!(!verify("hoa phuong", Some(&hash)).await.unwrap());
        assert!(!verify("hoa phuong", None).await.unwrap());
        for broken in ["", "hoa phuong", "$argon2id$v=19$m=19456,t=2,p=1"] {
            let unknown = verify("hoa phuong", Some(broken)).await;
            assert!(
                matches!(unknown, Err(Unchecked::Unreadable(_))),
                "{broken}: {unknown:?}"
            );
        }
    }

    #[tokio::test]
    async fn honest_network_waits_for_one_of_a_flood_and_not_for_all() {
        let order = order_of(&[(1, false, 20), (2, false, 1), (3, false, 1)]).await;
        assert_eq!(order[..4], [1, 2, 3, 1]);
    }

    #[tokio::test]
    async fn whoever_signed_in_from_there_before_waits_for_no_flood_however_many_networks_it_comes_from()
     {
        let flood = (1..=40).map(|network| (network, false, 3));
        let line: Vec<(u8, bool, usize)> = flood.chain([(50, true, 2)]).collect();
        assert_eq!(order_of(&line).await[..3], [50, 50, 1]);
    }

    #[tokio::test]
    async fn stranger_is_not_kept_out_by_those_who_are_at_home() {
        let row = AT_HOME_IN_A_ROW as usize;
        let order = order_of(&[(2, true, 5 * row), (3, false, 2)]).await;
        assert_eq!(order[row], 3);
        assert_eq!(order[2 * row + 1], 3);
    }

    #[tokio::test]
    async fn flood_of_one_network_is_refused_and_others_still_get_in_line() {
        let gate = Gate::new(1);
        let inside = gate.enter(network(1), false).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..WAITING_OF_NETWORK {
            let gate = gate.clone();
            waiting.push(tokio::spawn(async move {
                gate.enter(network(1), false).await.map(drop)
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter(network(1), false).await.err(), Some(TooBusy));
        let other = {
            let gate = gate.clone();
            tokio::spawn(async move { gate.enter(network(2), false).await.map(drop) })
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
