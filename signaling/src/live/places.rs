//! How many players somebody may have at once, and how fast media connections may be asked for: by whoever it is, and by
//! the network that they come from. A token that many people hold is then no way to take every place of a session or node.
//! And how often somebody may come into a room: each coming is an event for everybody there, and a line in the journal.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use protocol::SessionId;
use protocol::api::ProblemCode;

use crate::Clock;
use crate::access::{Allowance, Budgets, Network, too_many};
use crate::platform::config::Media;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::lock::lock;

/// How soon to try again when the own players are too many, in seconds: one that vanished is given up by then.
const RETRY_AFTER_SECONDS: u64 = 15;

/// Comings of one participant per minute. A page whose line breaks every second comes half as often.
const COMINGS_PER_MINUTE: u32 = 60;

/// The places and the pace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MediaPlaces {
    tables: Arc<Mutex<Tables>>,
    players_each: usize,
    clock: Clock,
}

#[derive(Debug)]
struct Tables {
    /// Players of each identity that has any.
    players: HashMap<String, usize>,
    of_identity: Budgets<u64>,
    of_network: Budgets<Network>,
    comings: Budgets<u64>,
    hasher: std::hash::RandomState,
}

/// The place of one player; free again when this is dropped.
#[derive(Debug)]
pub(crate) struct PlayerPlace {
    tables: Arc<Mutex<Tables>>,
    identity: String,
}

impl MediaPlaces {
    /// As configured.
    #[must_use]
    pub fn new(settings: &Media, clock: Clock) -> Self {
        Self {
            tables: Arc::new(Mutex::new(Tables {
                players: HashMap::new(),
                of_identity: Budgets::new(Allowance::per_minute(settings.offers_per_minute)),
                of_network: Budgets::new(Allowance::per_minute(
                    settings.offers_per_minute_per_address,
                )),
                comings: Budgets::new(Allowance::per_minute(COMINGS_PER_MINUTE)),
                hasher: std::hash::RandomState::new(),
            })),
            players_each: settings.players_per_identity,
            clock,
        }
    }

    /// Somebody offers media: whether it is not too soon.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After`.
    pub(crate) fn pace(&self, identity: &str, address: IpAddr) -> ApiResult<()> {
        use std::hash::BuildHasher as _;

        let now = self.clock.mono();
        let mut tables = lock(&self.tables);
        let identity = tables.hasher.hash_one(identity);
        let network = Network::of(address);
        let wait = tables
            .of_identity
            .wait(identity, now)
            .max(tables.of_network.wait(network, now));
        if !wait.is_zero() {
            return Err(too_many(wait));
        }
        tables.of_identity.spend(identity, now);
        tables.of_network.spend(network, now);
        Ok(())
    }

    /// Somebody comes into a room: whether it is not too soon.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After`.
    pub(crate) fn comes(&self, session: SessionId, identity: &str) -> ApiResult<()> {
        use std::hash::BuildHasher as _;

        let now = self.clock.mono();
        let mut tables = lock(&self.tables);
        let comer = tables.hasher.hash_one((session, identity));
        let wait = tables.comings.wait(comer, now);
        if !wait.is_zero() {
            return Err(too_many(wait));
        }
        tables.comings.spend(comer, now);
        Ok(())
    }

    /// Takes a place for one more player.
    ///
    /// # Errors
    /// 429 `too_many_players` with the `limit`.
    pub(crate) fn player(&self, identity: &str) -> ApiResult<PlayerPlace> {
        let mut tables = lock(&self.tables);
        let players = tables.players.entry(identity.to_owned()).or_default();
        if *players >= self.players_each {
            return Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                ProblemCode::TooManyPlayers,
                "this token or account has as many players as it may",
            )
            .with("limit", self.players_each)
            .retry_after(RETRY_AFTER_SECONDS));
        }
        *players += 1;
        Ok(PlayerPlace {
            tables: Arc::clone(&self.tables),
            identity: identity.to_owned(),
        })
    }

    /// Forgets who is as good as new, so that the tables do not grow for ever.
    pub fn forget_idle(&self) {
        let now = self.clock.mono();
        let mut tables = lock(&self.tables);
        tables.of_identity.forget_full(now);
        tables.of_network.forget_full(now);
        tables.comings.forget_full(now);
    }
}

impl Drop for PlayerPlace {
    fn drop(&mut self) {
        let mut tables = lock(&self.tables);
        if let Some(players) = tables.players.get_mut(&self.identity) {
            *players -= 1;
            if *players == 0 {
                tables.players.remove(&self.identity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use protocol::UtcMicros;
    use signaling_core::Mono;

    use super::*;

    const SCHOOL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

    fn places() -> (MediaPlaces, Arc<AtomicI64>) {
        let seconds = Arc::new(AtomicI64::new(0));
        let reads = Arc::clone(&seconds);
        let clock = Clock::of(
            || UtcMicros(0),
            move || Mono(reads.load(Ordering::SeqCst) * 1_000_000),
        );
        (MediaPlaces::new(&Media::default(), clock), seconds)
    }

    #[test]
    fn each_has_a_few_players_and_gets_the_place_of_one_that_ended() {
        let (places, _) = places();
        let mut mine: Vec<_> = (0..4).map(|_| places.player("token:a").unwrap()).collect();
        let refusal = places.player("token:a").unwrap_err();
        assert_eq!(refusal.code, ProblemCode::TooManyPlayers);
        assert!(places.player("token:b").is_ok(), "others are not concerned");
        mine.pop();
        assert!(places.player("token:a").is_ok());
        drop(mine);
        assert!(lock(&places.tables).players.is_empty());
    }

    #[test]
    fn flood_of_one_identity_is_refused_and_its_school_is_not() {
        let (places, seconds) = places();
        let settings = Media::default();
        let let_in = (0..1_100)
            .filter(|_| places.pace("token:a", SCHOOL).is_ok())
            .count();
        assert_eq!(let_in, settings.offers_per_minute as usize);
        places.pace("token:b", SCHOOL).unwrap();
        seconds.fetch_add(60, Ordering::SeqCst);
        places.pace("token:a", SCHOOL).unwrap();
    }

    #[test]
    fn flood_of_many_identities_of_one_network_is_refused_and_others_are_not() {
        let (places, _) = places();
        let settings = Media::default();
        let let_in = (0..3_000)
            .filter(|number| places.pace(&format!("token:{number}"), SCHOOL).is_ok())
            .count();
        assert_eq!(let_in, settings.offers_per_minute_per_address as usize);
        let elsewhere = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 4));
        places.pace("token:x", elsewhere).unwrap();
    }
}
