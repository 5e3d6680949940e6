//! P1 and P5 of the media engine's targets: forwarded packets per CPU second, and memory per viewer.
//!
//! One encoder publishes 720p30 at 1.5 Mbit/s with Opus by WHIP; a growing number of viewers watches by WHEP with
//! bandwidth estimation on. At each number the load settles and is measured for a while.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use protocol::media::Profile;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::health::{Health, HealthWatch, Lateness, machine};
use crate::lines::Lines;
use crate::media::{Layer, Library};
use crate::observe::ServerWatch;
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings};
use crate::report::{Observation, Tally};
use crate::server::Server;
use crate::{whep, whip};

/// Viewers come at this rate, slow enough that joining does not disturb those who watch.
const JOINS_PER_SECOND: f64 = 20.0;

/// After the last join: estimates have risen and the buffers of joining are given back.
const SETTLING: Duration = Duration::from_secs(5);

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The session.
    pub session: String,
    /// The encoder's token.
    pub publisher_token: String,
    /// The token of all viewers.
    pub viewer_token: String,
    /// How many viewers, ascending.
    pub viewers: Vec<usize>,
    /// How long to measure at each number.
    pub duration: Duration,
    /// The counter of packets that the server has sent. When the server does not show it, the packets that viewers
    /// received are counted.
    pub packets_metric: String,
}

/// One number of viewers.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// How many viewers watched.
    pub viewers: usize,
    /// RTP packets that the server sent, per second.
    pub packets_per_second: f64,
    /// The server's user and system time per second.
    pub server_cpu: f64,
    /// The server's resident memory, in bytes.
    pub server_resident_bytes: u64,
    /// P1: packets sent per second of the server's CPU time.
    pub packets_per_cpu_second: f64,
    /// Lost after retransmission, in percent of what viewers should have got.
    pub loss_percent: f64,
    /// Pictures that stood still, summed over viewers.
    pub freezes: u64,
    /// Whole pictures per viewer and second.
    pub frames_per_second: f64,
    /// What the generator was like.
    pub generator: Health,
    /// Why this row must not be believed, if so.
    pub refused: Option<String>,
}

/// All rows, and memory per viewer.
#[derive(Debug, Clone, Serialize)]
pub struct Bench {
    /// The machine that ran both server and generator, or the generator's.
    pub machine: String,
    /// How long each number was measured, in seconds.
    pub duration_s: f64,
    /// One row for each number of viewers.
    pub rows: Vec<Row>,
    /// P5: resident memory that one more viewer costs, in bytes, between the first and the last row.
    pub bytes_per_viewer: Option<f64>,
    /// Those who failed, with the reason.
    pub failures: Vec<String>,
}

impl Bench {
    /// Whether all figures may be believed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.failures.is_empty() && self.rows.iter().all(|row| row.refused.is_none())
    }

    /// Why figures may not be believed, a sentence each.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let refused = self.rows.iter().filter_map(|row| {
            let reason = row.refused.as_ref()?;
            let viewers = row.viewers;
            Some(format!(
                "{viewers} viewers: refused, the generator was the bottleneck: {reason}."
            ))
        });
        let failed = match self.failures.as_slice() {
            [] => None,
            [only] => Some(format!("Failed: {only}.")),
            [first, others @ ..] => Some(format!("Failed: {first}; and {} others.", others.len())),
        };
        refused.chain(failed).collect()
    }

    /// The figures as a Markdown section.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "{}; {:.0} s at each number of viewers, server and generator on the same machine over loopback.\n\n\
             | viewers | packets/s | server CPU | **packets per CPU second** | lost | freezes | frames/s each | memory | generator CPU | machine busy |\n\
             |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
            self.machine, self.duration_s
        );
        for row in &self.rows {
            let figure = match &row.refused {
                None => format!("**{:.0} k**", row.packets_per_cpu_second / 1000.0),
                Some(_) => format!("refused ({:.0} k)", row.packets_per_cpu_second / 1000.0),
            };
            let _ = writeln!(
                text,
                "| {} | {:.0} | {:.1} % | {figure} | {:.4} % | {} | {:.1} | {:.1} MB | {:.0} % | {:.0} % |",
                row.viewers,
                row.packets_per_second,
                row.server_cpu * 100.0,
                row.loss_percent,
                row.freezes,
                row.frames_per_second,
                row.server_resident_bytes as f64 / 1e6,
                row.generator.cpu * 100.0,
                row.generator.machine_load * 100.0,
            );
        }
        if let (Some(bytes), [first, .., last]) = (self.bytes_per_viewer, self.rows.as_slice()) {
            let _ = writeln!(
                text,
                "\nMemory per viewer, from {} to {} viewers: **{:.0} KB**.",
                first.viewers,
                last.viewers,
                bytes / 1000.0
            );
        }
        for complaint in self.complaints() {
            let _ = writeln!(text, "\n{complaint}");
        }
        text
    }
}

/// Measures.
///
/// # Errors
/// When nothing can be measured: no encoder, no viewer, no view of the server's CPU time.
pub async fn bench(
    plan: Plan,
    server: Server,
    process: Option<u32>,
    library: Library,
) -> anyhow::Result<Bench> {
    ensure!(
        plan.viewers.is_sorted() && plan.viewers.first().is_some_and(|&first| first > 0),
        "the numbers of viewers must ascend from at least 1"
    );
    let (arrivals, arrived) = watch::channel(0);
    let surroundings = Surroundings {
        server: server.clone(),
        session: plan.session.clone(),
        library,
        lateness: Lateness::default(),
        arrivals,
        leave: CancellationToken::new(),
    };
    let pulse = tokio::spawn(surroundings.lateness.clone().watch());
    let mut audience = Audience {
        surroundings: surroundings.clone(),
        arrived,
        token: plan.viewer_token.clone(),
        tasks: JoinSet::new(),
        meters: Vec::new(),
    };
    let watch = ServerWatch::new(server, process);
    audience.seat_publisher(&plan.publisher_token).await?;
    let mut rows = Vec::new();
    for &viewers in &plan.viewers {
        audience.grow_to(viewers).await;
        sleep(SETTLING).await;
        rows.push(measure(&plan, &audience, &watch).await?);
    }
    pulse.abort();
    surroundings.leave.cancel();
    let observations = audience.tasks.join_all().await;
    let failures = observations.into_iter().filter_map(|observation| {
        let failure = observation.failure?;
        Some(format!("{}: {failure}", observation.name))
    });
    Ok(Bench {
        machine: machine(),
        duration_s: plan.duration.as_secs_f64(),
        bytes_per_viewer: bytes_per_viewer(&rows),
        rows,
        failures: failures.collect(),
    })
}

async fn measure(plan: &Plan, audience: &Audience, watch: &ServerWatch) -> anyhow::Result<Row> {
    let usage_before = watch
        .usage()
        .await
        .context("cannot see the server's CPU time")?;
    let sent_before = watch.counter(&plan.packets_metric).await;
    let seen_before = audience.tally();
    let health = HealthWatch::start(&audience.surroundings.lateness);
    let began = Instant::now();
    sleep(plan.duration).await;
    let usage = watch.usage().await?;
    let elapsed = began.elapsed().as_secs_f64();
    let seen = audience.tally().since(seen_before);
    let generator = health.finish();
    let sent = watch.counter(&plan.packets_metric).await;
    let packets = match (sent_before, sent) {
        (Some(before), Some(after)) => after - before,
        _ => seen.packets as f64,
    };
    let cpu_seconds = usage.cpu_seconds - usage_before.cpu_seconds;
    let viewers = audience.meters.len();
    Ok(Row {
        viewers,
        packets_per_second: packets / elapsed,
        server_cpu: cpu_seconds / elapsed,
        server_resident_bytes: usage.resident_bytes,
        packets_per_cpu_second: if cpu_seconds > 0.0 {
            packets / cpu_seconds
        } else {
            0.0
        },
        loss_percent: seen.loss_percent(),
        freezes: seen.freezes,
        frames_per_second: seen.frames as f64 / elapsed / viewers as f64,
        refused: generator.bottleneck(),
        generator,
    })
}

/// The slope of resident memory over viewers between the first and the last row.
fn bytes_per_viewer(rows: &[Row]) -> Option<f64> {
    let [first, .., last] = rows else {
        return None;
    };
    let viewers = last
        .viewers
        .checked_sub(first.viewers)
        .filter(|&more| more > 0)?;
    let bytes = last.server_resident_bytes as f64 - first.server_resident_bytes as f64;
    Some(bytes / viewers as f64)
}

/// The encoder and those who watch it.
struct Audience {
    surroundings: Surroundings,
    arrived: watch::Receiver<usize>,
    token: String,
    tasks: JoinSet<Observation>,
    meters: Vec<Arc<Mutex<Lines>>>,
}

impl Audience {
    async fn seat_publisher(&mut self, token: &str) -> anyhow::Result<()> {
        let part = Part {
            name: "encoder".to_owned(),
            group: "encoder".to_owned(),
            token: token.to_owned(),
            profile: Profile::Whip,
            layers: vec![Layer::High],
            microphone: true,
        };
        self.tasks
            .spawn(whip::publish(part, self.surroundings.clone()));
        self.wait_for(1).await;
        match self.tasks.try_join_next() {
            Some(ended) => {
                let failure = ended?.failure.unwrap_or_default();
                anyhow::bail!("the encoder could not publish: {failure}")
            }
            None => Ok(()),
        }
    }

    async fn grow_to(&mut self, viewers: usize) {
        while self.meters.len() < viewers {
            let part = Part {
                name: format!("viewer-{:03}", self.meters.len() + 1),
                group: "viewer".to_owned(),
                token: self.token.clone(),
                profile: Profile::Whep,
                layers: Vec::new(),
                microphone: false,
            };
            let meter = whep::SharedLines::default();
            self.tasks
                .spawn(whep::watch(part, self.surroundings.clone(), meter.clone()));
            self.meters.push(meter);
            sleep(Duration::from_secs_f64(1.0 / JOINS_PER_SECOND)).await;
        }
        self.wait_for(viewers + 1).await;
    }

    /// Waits until so many have joined or failed; a failure shows in the result.
    async fn wait_for(&mut self, people: usize) {
        let everybody = self.arrived.wait_for(|arrived| *arrived >= people);
        let _ = timeout(JOIN_TIMEOUT * 2, everybody).await;
    }

    fn tally(&self) -> Tally {
        let now = Instant::now();
        let meters = self.meters.iter();
        meters
            .map(|meter| {
                let lines = meter.lock().expect("no holder of the lock panics");
                Tally::of_lines(&lines, now)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(viewers: usize, resident_bytes: u64) -> Row {
        Row {
            viewers,
            packets_per_second: 22_000.0,
            server_cpu: 0.1,
            server_resident_bytes: resident_bytes,
            packets_per_cpu_second: 220_000.0,
            loss_percent: 0.0,
            freezes: 0,
            frames_per_second: 30.0,
            generator: Health {
                cpu: 0.7,
                machine_load: 0.5,
                late_share: 0.0,
                worst_late_ms: 1,
                dropped_datagrams: 0,
            },
            refused: None,
        }
    }

    #[test]
    fn memory_per_viewer_is_the_slope_between_first_and_last() {
        assert_eq!(bytes_per_viewer(&[row(50, 50_000_000)]), None);
        let rows = [row(50, 50_000_000), row(100, 1), row(150, 70_000_000)];
        assert_eq!(bytes_per_viewer(&rows), Some(200_000.0));
    }

    #[test]
    fn a_refused_row_is_marked_in_the_table() {
        let mut rows = vec![row(50, 50_000_000), row(100, 60_000_000)];
        rows[1].refused = Some("it was late".to_owned());
        let bench = Bench {
            machine: "2 × test".to_owned(),
            duration_s: 20.0,
            bytes_per_viewer: bytes_per_viewer(&rows),
            rows,
            failures: Vec::new(),
        };
        let text = bench.markdown();
        assert!(
            text.contains("| 50 | 22000 | 10.0 % | **220 k** | 0.0000 % |"),
            "{text}"
        );
        assert!(text.contains("| refused (220 k) |") && text.contains("it was late"));
        assert!(text.contains("from 50 to 100 viewers: **200 KB**"));
        assert!(!bench.is_sound());
    }
}
