//! P12 on real sockets: people join and leave all the time, and the server must be the same at the end.
//!
//! A publisher stays. Others come at a steady rate, by WHEP and, every fourth, by WebSocket as somebody who speaks; each
//! stays a while and leaves. What is watched: joins that fail, panics in the server, and its resident memory.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use protocol::client::SessionRole;
use protocol::media::Profile;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::end::Gauge;
use crate::health::Lateness;
use crate::media::{Layer, Library};
use crate::observe::ServerWatch;
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings, take_part};
use crate::report::Observation;
use crate::server::Server;
use crate::thin::ThinPeer;
use crate::tokens::Tokens;
use crate::{whep, whip};

/// How long everybody stays once connected.
const STAY: Duration = Duration::from_secs(2);

/// When so many are there, nobody joins until one has left: a slow machine is no fault of the server.
const MOST_AT_ONCE: usize = 100;

/// Every so manieth comes by WebSocket.
const BY_WEBSOCKET: usize = 4;

/// Tokens of those who come by WHEP, taken in turns: each has one player at a time and rests meanwhile, because a server
/// lets nobody have many players or ask for them without pause.
pub const VIEWERS: usize = MOST_AT_ONCE;

/// Seats for those who come by WebSocket; each is taken again when its holder has left.
pub const SEATS: usize = 40;

/// The counter of peers that ended by a panic.
const PANICS: &str = "sfu_peer_panics_total";

/// Memory is judged from here on: buffers and tables have the size that this many people at once need.
const WARM_UP: f64 = 0.2;

/// What to do.
#[derive(Debug)]
pub struct Plan {
    /// The code of the session.
    pub session: String,
    /// Tokens: one point for the publisher, [`SEATS`] further points, [`VIEWERS`] viewers.
    pub tokens: Tokens,
    /// Who joins in a second; as many leave.
    pub joins_per_second: f64,
    /// How long.
    pub duration: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Churn {
    /// Who joined and left again as it should be.
    pub joined: usize,
    /// Those who failed, with the reason.
    pub failures: Vec<String>,
    /// Peers that ended by a panic in the server; none when its metrics are closed to us.
    pub panics: Option<f64>,
    /// The server's resident memory once warmed up, in bytes.
    pub resident_before: u64,
    /// At the end.
    pub resident_after: u64,
}

impl Churn {
    /// Growth of resident memory, in percent.
    #[must_use]
    pub fn growth_percent(&self) -> f64 {
        100.0 * (self.resident_after as f64 / self.resident_before.max(1) as f64 - 1.0)
    }

    /// What is wrong, a sentence each, when memory may grow by this much.
    #[must_use]
    pub fn misses(&self, most_growth_percent: f64) -> Vec<String> {
        let mut misses = Vec::new();
        if let Some(first) = self.failures.first() {
            misses.push(format!("{} failed, first {first}", self.failures.len()));
        }
        match self.panics {
            Some(0.0) => {}
            Some(panics) => misses.push(format!("{panics} peers ended by a panic")),
            None => misses.push("the server does not tell its panics".to_owned()),
        }
        if self.growth_percent() > most_growth_percent {
            misses.push(format!(
                "memory grew by {:.1} %, allowed {most_growth_percent} %",
                self.growth_percent()
            ));
        }
        misses
    }
}

impl fmt::Display for Churn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "joined and left {}, failed {}, panics {}",
            self.joined,
            self.failures.len(),
            self.panics
                .map_or("unknown".to_owned(), |panics| panics.to_string())
        )?;
        write!(
            f,
            "resident memory {:.1} MB, in the end {:.1} MB: {:+.2} %",
            self.resident_before as f64 / 1e6,
            self.resident_after as f64 / 1e6,
            self.growth_percent()
        )
    }
}

/// Lets people come and go.
///
/// # Errors
/// When it cannot begin: no tokens, nobody to publish, no view of the server's memory.
pub async fn churn(
    mut plan: Plan,
    server: Server,
    process: Option<u32>,
    clips: Library,
) -> anyhow::Result<Churn> {
    ensure!(plan.joins_per_second > 0.0, "somebody must join");
    let publisher = plan.tokens.take(SessionRole::Point, "encoder")?.1;
    let mut free = Free::take(&mut plan.tokens)?;
    let (arrivals, mut arrived) = watch::channel(0);
    let surroundings = Surroundings {
        server: server.clone(),
        session: plan.session.clone(),
        clips,
        lateness: Lateness::default(),
        arrivals,
        leave: CancellationToken::new(),
    };
    let watch = ServerWatch::new(server, process);
    let mut encoder = part("encoder", publisher, Profile::Whip);
    encoder.layers = vec![Layer::Low];
    let publishing = tokio::spawn(whip::publish::<ThinPeer>(encoder, surroundings.clone()));
    let seated = arrived.wait_for(|arrived| *arrived >= 1);
    timeout(JOIN_TIMEOUT, seated)
        .await
        .context("the encoder did not connect")??;

    let began = tokio::time::Instant::now();
    let warm = began + plan.duration.mul_f64(WARM_UP);
    let ends = began + plan.duration;
    let mut joined = 0;
    let mut failures = Vec::new();
    let mut resident_before = None;
    let mut visits = JoinSet::new();
    let mut number = 0u32;
    while tokio::time::Instant::now() < ends {
        number += 1;
        let place = free
            .next(number)
            .context("fewer are there than there are places")?;
        visits.spawn(visit(place, surroundings.clone()));
        while let Some(left) = visits.try_join_next() {
            count(left?, &mut free, &mut joined, &mut failures);
        }
        if resident_before.is_none() && tokio::time::Instant::now() >= warm {
            resident_before = Some(watch.usage().await?.resident_bytes);
        }
        let next = began + Duration::from_secs_f64(f64::from(number) / plan.joins_per_second);
        sleep_until(next).await;
        while visits.len() >= MOST_AT_ONCE
            && let Some(left) = visits.join_next().await
        {
            count(left?, &mut free, &mut joined, &mut failures);
        }
    }
    // While as many are there as at the first look.
    let resident_after = watch.usage().await?.resident_bytes;
    for left in visits.join_all().await {
        count(left, &mut free, &mut joined, &mut failures);
    }
    surroundings.leave.cancel();
    failures.extend(
        publishing
            .await?
            .failure
            .map(|failure| format!("encoder: {failure}")),
    );
    Ok(Churn {
        joined,
        failures,
        panics: watch.counter(PANICS).await,
        resident_before: resident_before.unwrap_or(resident_after),
        resident_after,
    })
}

/// What lets somebody in, and how.
#[derive(Debug)]
enum Place {
    /// By WebSocket, as somebody who speaks.
    Seat { name: String, token: String },
    /// By WHEP.
    Player { name: String, token: String },
}

/// The places that nobody has.
#[derive(Debug, Default)]
struct Free {
    seats: VecDeque<Place>,
    players: VecDeque<Place>,
}

impl Free {
    fn take(tokens: &mut Tokens) -> anyhow::Result<Self> {
        let mut free = Self::default();
        for number in 1..=SEATS {
            let name = format!("point-{number:03}");
            let token = tokens.take(SessionRole::Point, &name)?.1;
            free.give_back(Place::Seat { name, token });
        }
        for number in 1..=VIEWERS {
            let name = format!("viewer-{number:03}");
            let token = tokens.take(SessionRole::Viewer, &name)?.1;
            free.give_back(Place::Player { name, token });
        }
        Ok(free)
    }

    /// The place that rested longest for the next who comes: a seat for every [`BY_WEBSOCKET`]th, if one is free.
    fn next(&mut self, number: u32) -> Option<Place> {
        let seat = match number as usize % BY_WEBSOCKET {
            0 => self.seats.pop_front(),
            _ => None,
        };
        seat.or_else(|| self.players.pop_front())
    }

    fn give_back(&mut self, place: Place) {
        match place {
            Place::Seat { .. } => self.seats.push_back(place),
            Place::Player { .. } => self.players.push_back(place),
        }
    }
}

/// One who comes, stays a while and leaves.
async fn visit(place: Place, shared: Surroundings) -> (Observation, Place) {
    let (arrivals, mut arrived) = watch::channel(0);
    let surroundings = Surroundings {
        arrivals,
        leave: CancellationToken::new(),
        ..shared
    };
    let leave = surroundings.leave.clone();
    let stay = async move {
        // Those who fail count as arrived, and end by themselves.
        let _ = arrived.wait_for(|arrived| *arrived >= 1).await;
        sleep(STAY).await;
        leave.cancel();
    };
    let began = Instant::now();
    let visiting = async {
        match &place {
            Place::Seat { name, token } => {
                let mut part = part(name, token.clone(), Profile::Phone);
                part.microphone = true;
                take_part::<ThinPeer>(part, surroundings).await
            }
            Place::Player { name, token } => {
                let part = part(name, token.clone(), Profile::Whep);
                whep::watch(part, surroundings).await
            }
        }
    };
    let (mut observation, ()) = tokio::join!(visiting, stay);
    if observation.failure.is_none() && observation.connected_after.is_none() {
        observation.failure = Some(format!("not connected after {:?}", began.elapsed()));
    }
    (observation, place)
}

fn count(
    (observation, place): (Observation, Place),
    free: &mut Free,
    joined: &mut usize,
    failures: &mut Vec<String>,
) {
    free.give_back(place);
    match observation.failure {
        Some(failure) => failures.push(format!("{}: {failure}", observation.name)),
        None => *joined += 1,
    }
}

fn part(name: &str, token: String, profile: Profile) -> Part {
    Part {
        name: name.to_owned(),
        group: "churn".to_owned(),
        token,
        profile,
        layers: Vec::new(),
        microphone: false,
        gauge: Gauge::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_panics_and_failures_are_told() {
        let sound = Churn {
            joined: 100,
            failures: Vec::new(),
            panics: Some(0.0),
            resident_before: 100_000_000,
            resident_after: 101_000_000,
        };
        assert!(sound.misses(2.0).is_empty());
        assert_eq!(sound.misses(0.5), ["memory grew by 1.0 %, allowed 0.5 %"]);
        let worse = Churn {
            failures: vec!["viewer-7: no".to_owned()],
            panics: Some(3.0),
            ..sound.clone()
        };
        assert_eq!(worse.misses(2.0).len(), 2);
        assert_eq!(
            Churn {
                panics: None,
                ..sound
            }
            .misses(2.0)
            .len(),
            1
        );
    }
}
