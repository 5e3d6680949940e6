//! What was measured: for people a table, for programs JSON, and a verdict.

use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use protocol::media::SlotKind;
use serde::{Deserialize, Serialize};

use crate::health::Health;
use crate::lines::{Lines, Meter};
use crate::scenario::Expectation;

/// What one participant saw.
#[derive(Debug, Clone, Serialize)]
pub struct Observation {
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: String,
    /// From the first request to media that can flow.
    pub connected_after: Option<Duration>,
    /// What went wrong, if anything did.
    pub failure: Option<String>,
    /// The SRTP profile that its media were encrypted with, where the end tells it.
    pub suite: Option<&'static str>,
    /// What came on each receive line.
    pub lines: Vec<LineObservation>,
    /// From the first request to the end.
    pub stayed: Duration,
    /// Packets that belonged to no line.
    pub stray_packets: u64,
}

/// What came on one receive line.
#[derive(Debug, Clone, Serialize)]
pub struct LineObservation {
    /// What the line is for.
    pub kind: SlotKind,
    /// From the first request to the first whole picture, or to the first packet of a voice.
    pub first_after: Option<Duration>,
    /// How much came.
    pub tally: Tally,
}

/// Sums over one or more receive lines. The sums of a stretch of time are the difference of two tallies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// RTP packets, retransmissions included.
    pub packets: u64,
    /// RTP payload bytes.
    pub bytes: u64,
    /// Packets that should have come.
    pub expected: u64,
    /// Packets that never came, retransmissions considered.
    pub lost: u64,
    /// Packets that came by retransmission or late.
    pub repaired: u64,
    /// Whole pictures.
    pub frames: u64,
    /// Times the picture stood still.
    pub freezes: u64,
    /// For how long, in seconds.
    pub frozen_seconds: f64,
    /// How long there was a picture, in seconds, summed over lines.
    pub watched_seconds: f64,
    /// Breaks of the sound.
    pub breaks: u64,
}

impl Tally {
    /// Of one line at this moment.
    #[must_use]
    pub fn of(meter: &Meter, now: Instant) -> Self {
        match meter {
            Meter::Video(meter) => Self {
                packets: meter.packets,
                bytes: meter.bytes,
                expected: meter.sequence.expected(),
                lost: meter.sequence.lost(now),
                repaired: meter.sequence.repaired,
                frames: meter.frames,
                freezes: u64::from(meter.freeze.freezes),
                frozen_seconds: meter.freeze.frozen.as_secs_f64(),
                watched_seconds: meter.freeze.watched.as_secs_f64(),
                breaks: 0,
            },
            Meter::Audio(meter) => Self {
                packets: meter.packets,
                bytes: meter.bytes,
                expected: meter.sequence.expected(),
                lost: meter.sequence.lost(now),
                repaired: meter.sequence.repaired,
                breaks: u64::from(meter.breaks),
                ..Self::default()
            },
        }
    }

    /// Of all lines at this moment.
    #[must_use]
    pub fn of_lines(lines: &Lines, now: Instant) -> Self {
        let lines = lines.all().iter();
        lines.map(|line| Self::of(&line.meter, now)).sum()
    }

    /// What came after `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(earlier.packets),
            bytes: self.bytes.saturating_sub(earlier.bytes),
            expected: self.expected.saturating_sub(earlier.expected),
            lost: self.lost.saturating_sub(earlier.lost),
            repaired: self.repaired.saturating_sub(earlier.repaired),
            frames: self.frames.saturating_sub(earlier.frames),
            freezes: self.freezes.saturating_sub(earlier.freezes),
            frozen_seconds: self.frozen_seconds - earlier.frozen_seconds,
            watched_seconds: self.watched_seconds - earlier.watched_seconds,
            breaks: self.breaks.saturating_sub(earlier.breaks),
        }
    }

    /// Packets that came, each once.
    #[must_use]
    pub const fn delivered(&self) -> u64 {
        self.expected.saturating_sub(self.lost)
    }

    /// Lost of expected, in percent.
    #[must_use]
    pub fn loss_percent(&self) -> f64 {
        100.0 * self.lost as f64 / self.expected.max(1) as f64
    }

    /// The part of the watched time in which the picture stood still, in percent.
    #[must_use]
    pub fn frozen_percent(&self) -> f64 {
        if self.watched_seconds > 0.0 {
            100.0 * self.frozen_seconds / self.watched_seconds
        } else {
            0.0
        }
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| Self {
            packets: sum.packets + tally.packets,
            bytes: sum.bytes + tally.bytes,
            expected: sum.expected + tally.expected,
            lost: sum.lost + tally.lost,
            repaired: sum.repaired + tally.repaired,
            frames: sum.frames + tally.frames,
            freezes: sum.freezes + tally.freezes,
            frozen_seconds: sum.frozen_seconds + tally.frozen_seconds,
            watched_seconds: sum.watched_seconds + tally.watched_seconds,
            breaks: sum.breaks + tally.breaks,
        })
    }
}

impl Observation {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(name: &str, group: &str) -> Self {
        Self {
            name: name.to_owned(),
            group: group.to_owned(),
            connected_after: None,
            failure: None,
            suite: None,
            lines: Vec::new(),
            stayed: Duration::ZERO,
            stray_packets: 0,
        }
    }

    /// Ends the measurement on these lines and takes its results.
    pub(crate) fn take_lines(&mut self, lines: &mut Lines, began: Instant) {
        let now = Instant::now();
        lines.finish(now);
        self.stayed = now - began;
        self.stray_packets = lines.stray;
        self.lines = lines
            .all()
            .iter()
            .map(|line| {
                let first = match &line.meter {
                    Meter::Video(meter) => meter.first_frame,
                    Meter::Audio(meter) => meter.first_packet,
                };
                LineObservation {
                    kind: line.kind,
                    first_after: first.map(|first| first - began),
                    tally: Tally::of(&line.meter, now),
                }
            })
            .collect();
    }

    /// From the first request to the first picture on any line.
    fn first_picture(&self) -> Option<Duration> {
        let pictures = self
            .lines
            .iter()
            .filter(|line| line.kind != SlotKind::Audio);
        pictures.filter_map(|line| line.first_after).min()
    }

    /// How many lines of a kind showed or sounded something.
    fn alive(&self, kind: SlotKind) -> usize {
        let of_kind = self.lines.iter().filter(|line| line.kind == kind);
        of_kind.filter(|line| line.first_after.is_some()).count()
    }

    fn tally(&self) -> Tally {
        self.lines.iter().map(|line| line.tally).sum()
    }
}

/// The results of one group of participants.
#[derive(Debug, Clone, Serialize)]
pub struct GroupResult {
    /// Its name.
    pub group: String,
    /// How many there were.
    pub people: usize,
    /// How many of them joined.
    pub joined: usize,
    /// How many of them failed, at joining or later.
    pub failed: usize,
    /// Time to connect, in milliseconds: half of them were faster than this.
    pub connect_p50_ms: Option<u64>,
    /// Nineteen in twenty were faster than this.
    pub connect_p95_ms: Option<u64>,
    /// Time to the first picture, in milliseconds; the second half of the name as above.
    pub first_frame_p50_ms: Option<u64>,
    /// Nineteen in twenty were faster than this.
    pub first_frame_p95_ms: Option<u64>,
    /// The fewest tiles that one participant saw.
    pub fewest_tiles: usize,
    /// The fewest main pictures that one participant saw, 0 or 1.
    pub fewest_stages: usize,
    /// The fewest voice lines that one participant heard.
    pub fewest_voices: usize,
    /// Everything received by the group.
    pub total: Tally,
    /// Lost in percent, of all.
    pub loss_percent: f64,
    /// Lost in percent, of the worst participant.
    pub worst_loss_percent: f64,
    /// Frozen in percent of the watched time, of all.
    pub frozen_percent: f64,
    /// Frozen in percent, of the worst participant.
    pub worst_frozen_percent: f64,
    /// Received payload per participant, in kbit/s.
    pub received_kbps: f64,
}

impl GroupResult {
    /// Sums up the observations of one group.
    #[must_use]
    pub fn of(group: &str, all: &[Observation]) -> Self {
        let members: Vec<&Observation> = all.iter().filter(|o| o.group == group).collect();
        let joined = || {
            members
                .iter()
                .filter(|member| member.connected_after.is_some())
        };
        let receives = |kind| {
            let lines = joined().filter(|member| !member.lines.is_empty());
            lines.map(|member| member.alive(kind)).min().unwrap_or(0)
        };
        let connected: Vec<_> = members
            .iter()
            .map(|member| member.connected_after)
            .collect();
        let pictures: Vec<_> = members
            .iter()
            .map(|member| member.first_picture())
            .collect();
        let total: Tally = members.iter().map(|member| member.tally()).sum();
        let worst = |percent: fn(&Tally) -> f64| {
            let all = members.iter().map(|member| percent(&member.tally()));
            all.fold(0.0, f64::max)
        };
        let stayed: f64 = members
            .iter()
            .map(|member| member.stayed.as_secs_f64())
            .sum();
        Self {
            group: group.to_owned(),
            people: members.len(),
            joined: joined().count(),
            failed: members
                .iter()
                .filter(|member| member.failure.is_some())
                .count(),
            connect_p50_ms: percentile_ms(&connected, 50),
            connect_p95_ms: percentile_ms(&connected, 95),
            first_frame_p50_ms: percentile_ms(&pictures, 50),
            first_frame_p95_ms: percentile_ms(&pictures, 95),
            fewest_tiles: receives(SlotKind::Tile),
            fewest_stages: receives(SlotKind::Stage),
            fewest_voices: receives(SlotKind::Audio),
            loss_percent: total.loss_percent(),
            worst_loss_percent: worst(Tally::loss_percent),
            frozen_percent: total.frozen_percent(),
            worst_frozen_percent: worst(Tally::frozen_percent),
            received_kbps: if stayed > 0.0 {
                total.bytes as f64 * 0.008 / stayed
            } else {
                0.0
            },
            total,
        }
    }

    /// Every expectation that was missed, in words.
    #[must_use]
    pub fn misses(&self, expected: &Expectation) -> Vec<String> {
        let mut misses = Vec::new();
        let mut miss = |text: String| misses.push(format!("{}: {text}", self.group));
        if self.failed > 0 || self.joined < self.people {
            miss(format!(
                "{} of {} joined, {} failed",
                self.joined, self.people, self.failed
            ));
        }
        if let Some(limit) = expected.first_frame_p95_ms {
            match self.first_frame_p95_ms {
                Some(took) if took <= limit => {}
                Some(took) => miss(format!("first picture p95 {took} ms, allowed {limit} ms")),
                None => miss("fewer than 95 % ever saw a picture".to_owned()),
            }
        }
        for (what, seen, wanted) in [
            ("main pictures", self.fewest_stages, expected.stages),
            ("tiles", self.fewest_tiles, expected.tiles),
            ("voices", self.fewest_voices, expected.voices),
        ] {
            if seen < wanted {
                miss(format!("somebody got {seen} {what}, promised {wanted}"));
            }
        }
        for (what, seen, limit) in [
            ("lost", self.worst_loss_percent, expected.loss_percent),
            ("frozen", self.worst_frozen_percent, expected.frozen_percent),
        ] {
            if let Some(limit) = limit
                && seen > limit
            {
                miss(format!(
                    "{seen:.2} % {what} for the worst off, allowed {limit} %"
                ));
            }
        }
        misses
    }
}

/// The nearest-rank percentile in milliseconds; what never happened counts as slowest. None when the rank falls there.
#[must_use]
pub fn percentile_ms(times: &[Option<Duration>], percent: usize) -> Option<u64> {
    let mut times = times.to_vec();
    times.sort_by_key(|time| time.unwrap_or(Duration::MAX));
    let rank = (times.len() * percent).div_ceil(100).max(1);
    let time = (*times.get(rank - 1)?)?;
    u64::try_from(time.as_millis()).ok()
}

/// What the server used.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ServerUse {
    /// User and system time per second.
    pub cpu: f64,
    /// Resident memory at the end, in bytes.
    pub resident_bytes: u64,
}

/// Whether the run was a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "reasons", rename_all = "snake_case")]
pub enum Verdict {
    /// Every expectation was met.
    Passed,
    /// These were missed.
    Missed(Vec<String>),
    /// The generator was the bottleneck: the figures say nothing about the server.
    Refused(String),
}

impl Verdict {
    /// The exit code of the program.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Missed(_) => 1,
            Self::Refused(_) => 3,
        }
    }
}

/// All about one run of a scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which scenario.
    pub scenario: String,
    /// The generator's machine.
    pub machine: String,
    /// How long everybody was in the room together, in seconds.
    pub duration_s: f64,
    /// The results, group by group.
    pub groups: Vec<GroupResult>,
    /// What the server used, if we may know.
    pub server: Option<ServerUse>,
    /// What the generator was like.
    pub generator: Health,
    /// The conclusion.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Each participant.
    pub participants: Vec<Observation>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, {:.0} s, {}",
            self.scenario, self.duration_s, self.machine
        )?;
        writeln!(f, "{}", self.table())?;
        if let Some(server) = self.server {
            writeln!(
                f,
                "server     {:5.1} % of a core, {:.0} MB",
                server.cpu * 100.0,
                server.resident_bytes as f64 / 1e6
            )?;
        }
        let generator = &self.generator;
        writeln!(
            f,
            "generator  {:5.1} % of a core, machine {:.0} % busy, {:.2} % of acts late (worst {} ms), {} datagrams dropped",
            generator.cpu * 100.0,
            generator.machine_load * 100.0,
            generator.late_share * 100.0,
            generator.worst_late_ms,
            generator.dropped_datagrams
        )?;
        for (name, failure) in self
            .participants
            .iter()
            .filter_map(|o| Some((&o.name, o.failure.as_ref()?)))
            .take(5)
        {
            writeln!(f, "failed     {name}: {failure}")?;
        }
        match &self.verdict {
            Verdict::Passed => write!(f, "PASSED"),
            Verdict::Missed(misses) => write!(f, "MISSED\n  {}", misses.join("\n  ")),
            Verdict::Refused(reason) => {
                write!(f, "REFUSED: the generator was the bottleneck, {reason}")
            }
        }
    }
}

impl Report {
    fn table(&self) -> String {
        let mut rows = vec![
            [
                "group",
                "joined",
                "connect p50/p95",
                "first picture p50/p95",
                "stage/tiles/voices",
                "lost (worst)",
                "freezes",
                "frozen (worst)",
                "sound breaks",
                "kbit/s each",
            ]
            .map(str::to_owned),
        ];
        let pair = |a: Option<u64>, b: Option<u64>| {
            let text = |ms: Option<u64>| ms.map_or("–".to_owned(), |ms| ms.to_string());
            format!("{}/{} ms", text(a), text(b))
        };
        rows.extend(self.groups.iter().map(|group| {
            [
                group.group.clone(),
                format!("{}/{}", group.joined, group.people),
                pair(group.connect_p50_ms, group.connect_p95_ms),
                pair(group.first_frame_p50_ms, group.first_frame_p95_ms),
                format!(
                    "{}/{}/{}",
                    group.fewest_stages, group.fewest_tiles, group.fewest_voices
                ),
                format!(
                    "{:.3} ({:.3}) %",
                    group.loss_percent, group.worst_loss_percent
                ),
                group.total.freezes.to_string(),
                format!(
                    "{:.2} ({:.2}) %",
                    group.frozen_percent, group.worst_frozen_percent
                ),
                group.total.breaks.to_string(),
                format!("{:.0}", group.received_kbps),
            ]
        }));
        aligned(&rows)
    }
}

/// Lays rows out in columns.
fn aligned<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(table, "{cell:<width$}  ");
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    fn viewer(first_after: Option<Duration>, lost: u64) -> Observation {
        Observation {
            connected_after: ms(100),
            stayed: Duration::from_secs(10),
            lines: vec![LineObservation {
                kind: SlotKind::Stage,
                first_after,
                tally: Tally {
                    packets: 1000 - lost,
                    bytes: 1_000_000,
                    expected: 1000,
                    lost,
                    watched_seconds: 10.0,
                    frozen_seconds: 0.05,
                    ..Tally::default()
                },
            }],
            ..Observation::new("viewer", "viewers")
        }
    }

    #[test]
    fn percentiles_take_the_nearest_rank_and_never_is_slowest() {
        let times: Vec<_> = (1..=20).map(ms).collect();
        assert_eq!(percentile_ms(&times, 50), Some(10));
        assert_eq!(percentile_ms(&times, 95), Some(19));
        assert_eq!(percentile_ms(&[ms(5), None], 50), Some(5));
        assert_eq!(percentile_ms(&[ms(5), None], 95), None);
        assert_eq!(percentile_ms(&[], 50), None);
    }

    #[test]
    fn a_group_that_meets_its_expectations_misses_nothing() {
        let all = [viewer(ms(300), 0), viewer(ms(400), 1)];
        let group = GroupResult::of("viewers", &all);
        assert_eq!((group.people, group.joined, group.fewest_stages), (2, 2, 1));
        assert_eq!(group.first_frame_p95_ms, Some(400));
        assert_eq!(group.received_kbps, 800.0);
        let expected = Expectation {
            first_frame_p95_ms: Some(500),
            loss_percent: Some(0.1),
            frozen_percent: Some(1.0),
            stages: 1,
            tiles: 0,
            voices: 0,
        };
        assert_eq!(group.misses(&expected), Vec::<String>::new());
    }

    #[test]
    fn each_missed_expectation_is_named() {
        let mut refused = Observation::new("late", "viewers");
        refused.failure = Some("the session is full".to_owned());
        let all = [viewer(ms(300), 20), viewer(None, 0), refused];
        let expected = Expectation {
            first_frame_p95_ms: Some(500),
            loss_percent: Some(0.1),
            frozen_percent: Some(0.1),
            stages: 1,
            tiles: 8,
            voices: 3,
        };
        let misses = GroupResult::of("viewers", &all).misses(&expected);
        for part in [
            "2 of 3 joined, 1 failed",
            "95 %",
            "0 main",
            "0 tiles",
            "0 voices",
            "2.00 % lost",
            "0.50 % frozen",
        ] {
            assert!(
                misses.iter().any(|miss| miss.contains(part)),
                "{part}: {misses:?}"
            );
        }
        assert_eq!(misses.len(), 7);
    }

    #[test]
    fn a_stretch_of_time_is_the_difference_of_two_tallies() {
        let early = Tally {
            packets: 10,
            lost: 1,
            frozen_seconds: 0.5,
            ..Tally::default()
        };
        let late = Tally {
            packets: 30,
            lost: 1,
            frozen_seconds: 0.75,
            ..Tally::default()
        };
        let stretch = late.since(early);
        assert_eq!(
            (stretch.packets, stretch.lost, stretch.frozen_seconds),
            (20, 0, 0.25)
        );
    }

    #[test]
    fn the_table_shows_the_verdict_and_json_names_it() {
        let all = vec![viewer(ms(300), 0)];
        let report = Report {
            scenario: "lecture".to_owned(),
            machine: "2 × test".to_owned(),
            duration_s: 10.0,
            groups: vec![GroupResult::of("viewers", &all)],
            server: Some(ServerUse {
                cpu: 0.25,
                resident_bytes: 50_000_000,
            }),
            generator: Health {
                cpu: 0.5,
                machine_load: 0.6,
                late_share: 0.0,
                worst_late_ms: 3,
                dropped_datagrams: 0,
            },
            verdict: Verdict::Missed(vec!["viewers: too slow".to_owned()]),
            participants: all,
        };
        let text = report.to_string();
        assert!(text.contains("300/300 ms") && text.contains("25.0 % of a core, 50 MB"));
        assert!(text.ends_with("MISSED\n  viewers: too slow"));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["verdict"], "missed");
        assert_eq!(json["reasons"][0], "viewers: too slow");
        assert_eq!(report.verdict.exit_code(), 1);
    }
}
