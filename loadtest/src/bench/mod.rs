//! The figures of the media engine for `docs/benchmarks.md`: [`Figure`] names them, [`measure`] takes one, [`page`] writes
//! them down.
//!
//! A figure is taken of a server that runs already and of nothing else: the process is given by its id, the load comes
//! from this process, and what is counted is what arrived. Loads are made of thin ends ([`crate::thin`]), so that the
//! generator fits beside the server; each of them decrypts every packet and sends all RTCP that a browser sends.

mod delay;
mod lesson;
mod outcome;
pub mod page;
mod rooms;
mod stand;

use std::time::Duration;

use anyhow::{Context, ensure};
use protocol::client::SessionRole;

pub use self::outcome::{DelayFigures, Figure, Outcome, Row, StormFigures};
use self::stand::Stand;
use crate::health::machine;
use crate::janus::Janus;
use crate::media::Library;
use crate::server::Server;
use crate::tokens::Tokens;

/// Where people meet.
#[derive(Debug, Clone)]
pub enum Venue {
    /// A session of a Điểm Cầu.
    DiemCau {
        /// The server.
        server: Server,
        /// The code of the session.
        session: String,
    },
    /// A room of Janus, for comparison.
    Janus(Janus),
}

/// What to measure, and of what.
#[derive(Debug)]
pub struct Plan {
    /// Which figure.
    pub figure: Figure,
    /// What is measured, as the page names it: the program and its version.
    pub subject: String,
    /// What lies between server and generator, as the page names it.
    pub network: String,
    /// Where.
    pub venue: Venue,
    /// The server's process on this machine.
    pub process: u32,
    /// What lets people in.
    pub tokens: Tokens,
    /// Numbers of people, ascending, for figures that are taken at several; else the figure's own.
    pub people: Vec<usize>,
    /// How long each row is measured.
    pub duration: Duration,
    /// Whether the publisher paces the packets of a picture 0.3 ms apart instead of sending them one after the other.
    pub paced: bool,
    /// Whether the load of P4 is made of meetings instead of lessons.
    pub meetings: bool,
    /// Whether the viewers of P7 are there before the publisher is.
    pub waiting: bool,
}

/// Takes a figure.
///
/// # Errors
/// When it cannot begin: nobody to publish, no view of the server's CPU time. What goes wrong later is in the outcome.
pub async fn measure(mut plan: Plan, library: Library) -> anyhow::Result<Outcome> {
    ensure!(
        plan.people.is_sorted() && plan.people.first().is_none_or(|&first| first > 0),
        "the numbers of people must ascend from at least 1"
    );
    ensure!(
        matches!(plan.venue, Venue::DiemCau { .. }) || plan.figure == Figure::Comparison,
        "another server takes part in the comparison only"
    );
    let mut stand = Stand::new(plan.venue.clone(), plan.process, library);
    let measured = match plan.figure {
        Figure::P1 | Figure::Comparison => lesson::throughput(&mut plan, &mut stand).await,
        Figure::P2 => rooms::meeting(&mut plan, &mut stand).await,
        Figure::P3 => rooms::hall(&mut plan, &mut stand).await,
        Figure::P4 => delay::delay(&mut plan, &mut stand).await,
        Figure::P6 => rooms::idle(&mut plan, &mut stand).await,
        Figure::P7 if plan.waiting => lesson::premiere(&mut plan, &mut stand).await,
        Figure::P7 => lesson::storm(&mut plan, &mut stand).await,
    };
    let mut rows = measured.with_context(|| format!("cannot take {}", plan.figure))?;
    let observations = stand.leave().await;
    let mut storms = rows.iter_mut().filter_map(|row| row.storm.as_mut());
    if let Some(storm) = storms.find(|storm| !storm.waited) {
        storm.finish(&observations);
    }
    let suites = observations.iter().find_map(|seen| seen.suite);
    let failures = observations.iter().filter_map(|seen| {
        let failure = seen.failure.as_ref()?;
        Some(format!("{}: {failure}", seen.name))
    });
    Ok(Outcome {
        figure: plan.figure,
        subject: plan.subject,
        network: plan.network,
        machine: machine(),
        duration_s: plan.duration.as_secs_f64(),
        suite: suites.map(str::to_owned),
        failures: failures.collect(),
        rows,
    })
}

impl Plan {
    fn token(&mut self, role: SessionRole, name: &str) -> anyhow::Result<String> {
        Ok(self.tokens.take(role, name)?.1)
    }

    /// How many people the figure wants when only one number does.
    fn crowd(&self, usual: usize) -> usize {
        self.people.last().copied().unwrap_or(usual)
    }
}
