//! What a measurement brings, as written to a file and read for the page.

use std::fmt;
use std::time::Duration;

use protocol::media::SlotKind;
use serde::{Deserialize, Serialize};

use crate::health::Health;
use crate::report::{Observation, Tally, percentile_ms};

/// The figures, by the names that the design gives them. P5, memory, is the growth over the rows of P1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Figure {
    /// A lesson: packets per CPU second, and memory per viewer.
    P1,
    /// A provincial meeting: participants per core.
    P2,
    /// A hall of open microphones.
    P3,
    /// The delay that the server adds.
    P4,
    /// A silent room.
    P6,
    /// Everybody comes at once.
    P7,
    /// The lesson of P1 for two servers.
    Comparison,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P1 => "p1",
            Self::P2 => "p2",
            Self::P3 => "p3",
            Self::P4 => "p4",
            Self::P6 => "p6",
            Self::P7 => "p7",
            Self::Comparison => "comparison",
        })
    }
}

/// One figure of one server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub figure: Figure,
    /// Of what.
    pub subject: String,
    /// Over what.
    pub network: String,
    /// The machine that ran both server and generator.
    pub machine: String,
    /// How long each row was measured, in seconds.
    pub duration_s: f64,
    /// The SRTP profile of the viewers, where one tells.
    pub suite: Option<String>,
    /// The rows, in the order measured.
    pub rows: Vec<Row>,
    /// Those who failed, with the reason.
    pub failures: Vec<String>,
}

/// One load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What was special about it, for example how the publisher sends.
    pub label: String,
    /// Those who received.
    pub people: usize,
    /// How long it was measured, in seconds.
    pub seconds: f64,
    /// What they received in that time.
    pub seen: Tally,
    /// The server's user and system time in it, in seconds.
    pub server_cpu_s: f64,
    /// The server's resident memory at the end, in bytes.
    pub server_resident_bytes: u64,
    /// What the generator was like.
    pub generator: Health,
    /// P4.
    pub delay: Option<DelayFigures>,
    /// P7.
    pub storm: Option<StormFigures>,
}

/// Delays of packets from the publisher's socket to the viewers' sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DelayFigures {
    /// How many packets were timed.
    pub packets: u64,
    /// Half of them took no longer, in microseconds.
    pub p50_us: u64,
    /// Ninety-nine in a hundred took no longer.
    pub p99_us: u64,
    /// Half of the packets that went the same way without a server took no longer.
    pub bare_p50_us: u64,
    /// Ninety-nine in a hundred of those.
    pub bare_p99_us: u64,
}

/// What a join storm was like, or the coming of a publisher whom viewers wait for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StormFigures {
    /// Whether the viewers were there before the publisher.
    #[serde(default)]
    pub waited: bool,
    /// How many came, or waited.
    pub comers: usize,
    /// Over how long they came, in seconds.
    pub within_s: f64,
    /// From the first request, or the publisher's beginning, to the first picture: half of them were faster, in
    /// milliseconds.
    pub first_picture_p50_ms: Option<u64>,
    /// Nineteen in twenty were.
    pub first_picture_p95_ms: Option<u64>,
    /// The slowest; none when somebody never saw one.
    pub first_picture_worst_ms: Option<u64>,
    /// Keyframe requests at the publisher, per second of the storm.
    pub keyframe_requests_per_second: f64,
    /// The most of them in any one second.
    pub keyframe_requests_worst_second: usize,
}

/// The group of those who come in a storm.
pub(super) const COMERS: &str = "comer";

impl StormFigures {
    /// Fills in what is known once everybody has told what they saw.
    pub(super) fn finish(&mut self, observations: &[Observation]) {
        let pictures: Vec<Option<Duration>> = observations
            .iter()
            .filter(|seen| seen.group == COMERS)
            .map(|seen| {
                let pictures = seen
                    .lines
                    .iter()
                    .filter(|line| line.kind != SlotKind::Audio);
                pictures.filter_map(|line| line.first_after).min()
            })
            .collect();
        self.take(&pictures);
    }

    /// Takes how long each waited for a first picture.
    pub(super) fn take(&mut self, waits: &[Option<Duration>]) {
        self.comers = waits.len();
        self.first_picture_p50_ms = percentile_ms(waits, 50);
        self.first_picture_p95_ms = percentile_ms(waits, 95);
        self.first_picture_worst_ms = percentile_ms(waits, 100);
    }
}

impl Row {
    /// RTP packets delivered to viewers, each once, per second.
    #[must_use]
    pub fn packets_per_second(&self) -> f64 {
        self.seen.delivered() as f64 / self.seconds
    }

    /// The server's CPU time per second: 1 is a whole core.
    #[must_use]
    pub fn server_cpu(&self) -> f64 {
        self.server_cpu_s / self.seconds
    }

    /// Packets delivered per second of the server's CPU time.
    #[must_use]
    pub fn packets_per_cpu_second(&self) -> f64 {
        per(self.seen.delivered() as f64, self.server_cpu_s)
    }

    /// Whole pictures per person and second.
    #[must_use]
    pub fn frames_per_second(&self) -> f64 {
        self.seen.frames as f64 / self.seconds / self.people.max(1) as f64
    }

    /// How many like these a core would carry.
    #[must_use]
    pub fn people_per_core(&self) -> f64 {
        per(self.people as f64, self.server_cpu())
    }

    /// Why this row must not be believed, if so.
    #[must_use]
    pub fn refused(&self) -> Option<String> {
        self.generator.bottleneck()
    }

    /// Takes in what the same load brought another time.
    fn join(&mut self, again: &Self) {
        self.generator = self.generator.joined(
            self.seconds / (self.seconds + again.seconds),
            &again.generator,
        );
        self.seconds += again.seconds;
        self.seen = [self.seen, again.seen].into_iter().sum();
        self.server_cpu_s += again.server_cpu_s;
        self.server_resident_bytes = self.server_resident_bytes.max(again.server_resident_bytes);
    }
}

fn per(amount: f64, of: f64) -> f64 {
    if of > 0.0 { amount / of } else { 0.0 }
}

impl Outcome {
    /// Makes one of those that measured the same server over the same network: their rows are sums.
    pub(super) fn join_rounds(outcomes: &[&Self]) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for outcome in outcomes {
            let same = |o: &&mut Self| o.subject == outcome.subject && o.network == outcome.network;
            let Some(former) = joined.iter_mut().find(same) else {
                joined.push((*outcome).clone());
                continue;
            };
            for row in &outcome.rows {
                let same = former.rows.iter_mut().find(|r| r.people == row.people);
                match same {
                    Some(former) => former.join(row),
                    None => former.rows.push(row.clone()),
                }
            }
            former.failures.extend(outcome.failures.iter().cloned());
        }
        joined
    }

    /// Whether all figures may be believed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.complaints().is_empty()
    }

    /// Why figures may not be believed, a sentence each.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let refused = self.rows.iter().filter_map(|row| {
            let (people, reason) = (row.people, row.refused()?);
            Some(format!(
                "{people} people: refused, the generator was the bottleneck: {reason}."
            ))
        });
        let failed = match self.failures.as_slice() {
            [] => None,
            [only] => Some(format!("Failed: {only}.")),
            [first, others @ ..] => Some(format!("Failed: {first}; and {} others.", others.len())),
        };
        refused.chain(failed).collect()
    }

    /// P5: resident memory that one more viewer costs, in bytes, between the first and the last row.
    #[must_use]
    pub fn bytes_per_viewer(&self) -> Option<f64> {
        let [first, .., last] = self.rows.as_slice() else {
            return None;
        };
        let viewers = last.people.checked_sub(first.people)?;
        let bytes = last.server_resident_bytes as f64 - first.server_resident_bytes as f64;
        (viewers > 0).then(|| bytes / viewers as f64)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::bench) fn row(people: usize, resident_bytes: u64) -> Row {
        Row {
            label: "frames at once".to_owned(),
            people,
            seconds: 10.0,
            seen: Tally {
                expected: 220_010,
                lost: 10,
                frames: 300 * people as u64,
                ..Tally::default()
            },
            server_cpu_s: 1.0,
            server_resident_bytes: resident_bytes,
            generator: Health {
                cpu: 0.7,
                machine_load: 0.5,
                late_share: 0.0,
                worst_late_ms: 1,
                dropped_datagrams: 0,
            },
            delay: None,
            storm: None,
        }
    }

    pub(in crate::bench) fn outcome(figure: Figure, rows: Vec<Row>) -> Outcome {
        Outcome {
            figure,
            subject: "a server".to_owned(),
            network: "loopback".to_owned(),
            machine: "2 × a processor".to_owned(),
            duration_s: 10.0,
            suite: Some("SRTP_AEAD_AES_256_GCM".to_owned()),
            rows,
            failures: Vec::new(),
        }
    }

    #[test]
    fn a_row_counts_what_was_delivered() {
        let row = row(50, 1);
        assert_eq!(row.packets_per_second(), 22_000.0);
        assert_eq!(row.packets_per_cpu_second(), 220_000.0);
        assert_eq!((row.server_cpu(), row.people_per_core()), (0.1, 500.0));
        assert_eq!(row.frames_per_second(), 30.0);
    }

    #[test]
    fn memory_per_viewer_is_the_slope_between_first_and_last() {
        assert_eq!(
            outcome(Figure::P1, vec![row(50, 1)]).bytes_per_viewer(),
            None
        );
        let rows = vec![row(50, 50_000_000), row(100, 1), row(150, 70_000_000)];
        assert_eq!(
            outcome(Figure::P1, rows).bytes_per_viewer(),
            Some(200_000.0)
        );
    }

    #[test]
    fn rounds_of_one_server_become_one() {
        let mut again = row(50, 7_000_000);
        again.server_cpu_s = 3.0;
        again.generator.dropped_datagrams = 5;
        again.generator.cpu = 0.9;
        let mut other = outcome(Figure::Comparison, vec![row(50, 1)]);
        other.subject = "another".to_owned();
        let first = outcome(Figure::Comparison, vec![row(50, 1)]);
        let second = outcome(Figure::Comparison, vec![again, row(100, 1)]);
        let joined = Outcome::join_rounds(&[&first, &other, &second]);
        let [ours, theirs] = joined.as_slice() else {
            panic!("{joined:?}");
        };
        let (sum, alone) = (&ours.rows[0], &theirs.rows[0]);
        assert_eq!(sum.packets_per_second(), alone.packets_per_second());
        assert_eq!(sum.packets_per_cpu_second(), 110_000.0);
        assert_eq!(sum.server_resident_bytes, 7_000_000);
        assert!((sum.generator.cpu - 0.8).abs() < 1e-9);
        assert!(sum.refused().is_some() && alone.refused().is_none());
        assert_eq!(ours.rows[1].people, 100);
    }

    #[test]
    fn an_outcome_with_a_refused_row_or_a_failure_is_not_sound() {
        let mut refused = row(5, 1);
        refused.generator.dropped_datagrams = 5;
        let mut outcome = outcome(Figure::P1, vec![row(50, 1), refused]);
        assert!(!outcome.is_sound() && outcome.complaints()[0].contains("5 datagrams"));
        outcome.rows.pop();
        assert!(outcome.is_sound());
        outcome.failures = vec!["viewer-001: no".to_owned(), "viewer-002: no".to_owned()];
        assert_eq!(
            outcome.complaints(),
            ["Failed: viewer-001: no; and 1 others."]
        );
    }

    #[test]
    fn a_storm_counts_whoever_never_saw_a_picture_as_slowest() {
        let seen = |name: &str, first: Option<u64>| {
            let mut observation = Observation::new(name, COMERS);
            observation.lines = vec![crate::report::LineObservation {
                kind: SlotKind::Stage,
                first_after: first.map(Duration::from_millis),
                tally: Tally::default(),
            }];
            observation
        };
        let mut storm = StormFigures::default();
        storm.finish(&[
            seen("a", Some(300)),
            seen("b", Some(500)),
            Observation::new("c", "host"),
        ]);
        assert_eq!(storm.comers, 2);
        assert_eq!(storm.first_picture_worst_ms, Some(500));
        storm.finish(&[seen("a", Some(300)), seen("b", None)]);
        assert_eq!(
            (storm.first_picture_p50_ms, storm.first_picture_worst_ms),
            (Some(300), None)
        );
    }
}
