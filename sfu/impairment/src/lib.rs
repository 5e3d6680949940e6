//! One direction of a bad link, without sockets or clocks: packets go in, and come out late, out of order or never.
//!
//! ```text
//! packet --lost?--> bottleneck queue --at the link's rate--> in the air --delay, jitter--> delivered
//!           |               `- full: dropped
//!           `- by chance, alone or in bursts
//! ```
//! The same [`Link`] serves the core's tests on virtual time and the UDP proxy of the load generator. What happens
//! follows from the seed and from when packets come, never from when the link is looked at.

mod chance;
mod profile;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

pub use chance::Chance;
pub use profile::{Profile, ProfileError};

/// The least that a bottleneck's queue holds, so that a full-sized packet fits one of any length in time.
const MIN_QUEUE_BYTES: usize = 3000;

/// Loss that comes in bursts: the two states of Gilbert and Elliott. In the good one nothing is lost, in the bad one
/// everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bursts {
    /// The share of packets lost to bursts, 0.0 to below 1.0.
    pub share: f64,
    /// The mean length of a burst, in packets; at least 1.
    pub length: f64,
}

/// What a link is like for a while.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Conditions {
    /// The share of packets lost each by itself, 0.0 to 1.0.
    pub loss: f64,
    /// Loss in bursts, on top of that.
    pub bursts: Option<Bursts>,
    /// How long a packet is in the air, at least.
    pub delay: Duration,
    /// Up to this much is added to the delay of each packet; the order stays.
    pub jitter: Duration,
    /// What the bottleneck carries, bits per second, headers included; `None` is no bottleneck.
    pub rate_bps: Option<u64>,
    /// How long a packet may wait at the bottleneck; one that would wait longer is dropped. Zero stands for 200 ms.
    pub queue: Duration,
    /// The share of packets that are overtaken by those behind them.
    pub reordered: f64,
    /// How much longer an overtaken packet is in the air.
    pub held_back: Duration,
}

/// Conditions and when each begins, counted from the start of the link. Before the first they are perfect.
pub type Schedule = Vec<(Duration, Conditions)>;

/// What became of the packets so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets that were put in.
    pub offered: u64,
    /// Lost by chance, alone or in bursts.
    pub lost: u64,
    /// Dropped because the bottleneck's queue was full.
    pub dropped: u64,
    /// Delivered.
    pub delivered: u64,
}

/// One direction of a link, carrying packets of type `T`.
#[derive(Debug)]
pub struct Link<T> {
    start: Instant,
    schedule: Schedule,
    chance: Chance,
    in_burst: bool,
    /// Packets at the bottleneck, with when they came.
    waiting: VecDeque<(Instant, usize, T)>,
    waiting_bytes: usize,
    /// When the bottleneck is done with the last packet it sent.
    free: Instant,
    /// The latest delivery so far of packets that keep their order.
    last: Instant,
    air: BinaryHeap<Reverse<InAir<T>>>,
    /// Numbers packets, so that those due at the same moment keep their order.
    number: u64,
    tally: Tally,
}

#[derive(Debug)]
struct InAir<T> {
    due: Instant,
    number: u64,
    packet: T,
}

impl<T> PartialEq for InAir<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.due, self.number) == (other.due, other.number)
    }
}

impl<T> Eq for InAir<T> {}

impl<T> PartialOrd for InAir<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for InAir<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl<T> Link<T> {
    /// A link that begins at `start`. The same seed and the same packets at the same times have the same fate.
    #[must_use]
    pub fn new(start: Instant, mut schedule: Schedule, seed: u64) -> Self {
        schedule.sort_by_key(|(from, _)| *from);
        Self {
            start,
            schedule,
            chance: Chance::new(seed),
            in_burst: false,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            free: start,
            last: start,
            air: BinaryHeap::new(),
            number: 0,
            tally: Tally::default(),
        }
    }

    /// Changes the link for good, from `now` on. Packets at the bottleneck leave it at the new rate.
    pub fn set(&mut self, now: Instant, conditions: Conditions) {
        self.advance(now);
        let from = now.saturating_duration_since(self.start);
        self.schedule.retain(|(at, _)| *at < from);
        self.schedule.push((from, conditions));
    }

    /// Puts a packet in. `bytes` is its size on the wire, headers included.
    pub fn push(&mut self, now: Instant, bytes: usize, packet: T) {
        self.advance(now);
        self.tally.offered += 1;
        let conditions = self.conditions(now);
        if self.is_lost(&conditions) {
            self.tally.lost += 1;
            return;
        }
        let Some(rate_bps) = conditions.rate_bps else {
            if self.waiting.is_empty() {
                self.fly(now.max(self.free), &conditions, packet);
            } else {
                self.wait(now, bytes, packet);
            }
            return;
        };
        let queue = if conditions.queue.is_zero() {
            Duration::from_millis(200)
        } else {
            conditions.queue
        };
        let limit = (rate_bps as f64 / 8.0 * queue.as_secs_f64()) as usize;
        if self.waiting_bytes + bytes > limit.max(MIN_QUEUE_BYTES) {
            self.tally.dropped += 1;
            return;
        }
        self.wait(now, bytes, packet);
        self.advance(now);
    }

    /// The next packet that has arrived by `now`.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        self.advance(now);
        let Reverse(next) = self.air.peek()?;
        if next.due > now {
            return None;
        }
        self.tally.delivered += 1;
        self.air.pop().map(|Reverse(next)| next.packet)
    }

    /// When to look again, at the latest; `None` while the link is empty.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let air = self.air.peek().map(|Reverse(next)| next.due);
        let bottleneck = self.waiting.front().map(|(came, bytes, _)| {
            let begin = self.free.max(*came);
            begin + serialisation(*bytes, self.conditions(begin).rate_bps)
        });
        match (air, bottleneck) {
            (Some(air), Some(bottleneck)) => Some(air.min(bottleneck)),
            (one, other) => one.or(other),
        }
    }

    /// What became of the packets so far.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// What the link is like at a moment.
    #[must_use]
    pub fn conditions(&self, at: Instant) -> Conditions {
        let since = at.saturating_duration_since(self.start);
        self.schedule
            .iter()
            .rev()
            .find(|(from, _)| *from <= since)
            .map_or_else(Conditions::default, |(_, conditions)| *conditions)
    }

    fn wait(&mut self, now: Instant, bytes: usize, packet: T) {
        self.waiting_bytes += bytes;
        self.waiting.push_back((now, bytes, packet));
    }

    /// Lets everything leave the bottleneck that has done so by `now`.
    fn advance(&mut self, now: Instant) {
        while let Some((came, bytes, _)) = self.waiting.front() {
            let begin = self.free.max(*came);
            let conditions = self.conditions(begin);
            let end = begin + serialisation(*bytes, conditions.rate_bps);
            if end > now {
                return;
            }
            let Some((_, bytes, packet)) = self.waiting.pop_front() else {
                return;
            };
            self.waiting_bytes -= bytes;
            self.free = end;
            self.fly(end, &conditions, packet);
        }
    }

    fn fly(&mut self, from: Instant, conditions: &Conditions, packet: T) {
        let jitter = conditions.jitter.mul_f64(self.chance.share());
        let due = from + conditions.delay + jitter;
        let overtaken = conditions.reordered > 0.0 && self.chance.hits(conditions.reordered);
        let due = if overtaken {
            due + conditions.held_back
        } else {
            self.last = self.last.max(due);
            self.last
        };
        let number = self.number;
        self.number += 1;
        self.air.push(Reverse(InAir {
            due,
            number,
            packet,
        }));
    }

    fn is_lost(&mut self, conditions: &Conditions) -> bool {
        let burst = match conditions.bursts {
            Some(Bursts { share, length }) => {
                let leave = 1.0 / length.max(1.0);
                let enter = leave * share / (1.0 - share).max(f64::EPSILON);
                let change = if self.in_burst { leave } else { enter };
                if self.chance.hits(change) {
                    self.in_burst = !self.in_burst;
                }
                self.in_burst
            }
            None => false,
        };
        // Drawn in any case, so that bursts do not shift the other losses.
        self.chance.hits(conditions.loss) || burst
    }
}

fn serialisation(bytes: usize, rate_bps: Option<u64>) -> Duration {
    rate_bps.map_or(Duration::ZERO, |rate| {
        Duration::from_nanos(bytes as u64 * 8_000_000_000 / rate.max(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    /// Sends `count` packets of `bytes` every `interval`; returns who arrived, and when.
    fn send(
        link: &mut Link<u64>,
        begin: Instant,
        count: u64,
        bytes: usize,
        interval: Duration,
    ) -> Vec<(u64, Duration)> {
        let mut arrived = Vec::new();
        let mut now = begin;
        for number in 0..count {
            while let Some(at) = link.next().filter(|at| *at <= now) {
                while let Some(packet) = link.pop(at) {
                    arrived.push((packet, at - begin));
                }
            }
            link.push(now, bytes, number);
            now += interval;
        }
        while let Some(at) = link.next() {
            while let Some(packet) = link.pop(at) {
                arrived.push((packet, at - begin));
            }
        }
        arrived
    }

    fn link(conditions: Conditions, seed: u64) -> (Link<u64>, Instant) {
        let start = start();
        (
            Link::new(start, vec![(Duration::ZERO, conditions)], seed),
            start,
        )
    }

    #[test]
    fn losses_have_the_share_that_was_asked_for() {
        let conditions = Conditions {
            loss: 0.05,
            bursts: Some(Bursts {
                share: 0.02,
                length: 4.0,
            }),
            ..Conditions::default()
        };
        let (mut link, start) = link(conditions, 7);
        send(&mut link, start, 200_000, 100, MS);
        let share = link.tally().lost as f64 / 200_000.0;
        // 1 − 0.95 × 0.98.
        assert!((share - 0.069).abs() < 0.004, "{share}");
    }

    #[test]
    fn bursts_have_the_length_that_was_asked_for() {
        let bursts = Bursts {
            share: 0.1,
            length: 5.0,
        };
        let conditions = Conditions {
            bursts: Some(bursts),
            ..Conditions::default()
        };
        let (mut link, start) = link(conditions, 3);
        let arrived = send(&mut link, start, 100_000, 100, MS);
        let gaps: Vec<u64> = arrived
            .windows(2)
            .map(|pair| pair[1].0 - pair[0].0 - 1)
            .filter(|gap| *gap > 0)
            .collect();
        let mean = gaps.iter().sum::<u64>() as f64 / gaps.len() as f64;
        assert!((mean - 5.0).abs() < 0.4, "{mean}");
        assert!((link.tally().lost as f64 / 100_000.0 - 0.1).abs() < 0.01);
    }

    #[test]
    fn bottleneck_carries_its_rate_and_drops_what_waits_too_long() {
        let conditions = Conditions {
            rate_bps: Some(1_000_000),
            queue: 100 * MS,
            ..Conditions::default()
        };
        let (mut link, start) = link(conditions, 1);
        // Two megabits per second for ten seconds.
        let arrived = send(&mut link, start, 2500, 1000, 4 * MS);
        let seconds = arrived.last().unwrap().1.as_secs_f64();
        let bps = arrived.len() as f64 * 8000.0 / seconds;
        assert!((bps - 1e6).abs() < 1e4, "{bps}");
        for (packet, at) in &arrived {
            let waited = *at - 4 * MS * u32::try_from(*packet).unwrap();
            assert!(waited <= 100 * MS, "{packet} waited {waited:?}");
        }
        let tally = link.tally();
        assert_eq!(tally.delivered + tally.dropped, 2500);
        assert_eq!(tally.lost, 0);
    }

    #[test]
    fn jitter_delays_within_its_bounds_and_keeps_the_order() {
        let conditions = Conditions {
            delay: 20 * MS,
            jitter: 20 * MS,
            ..Conditions::default()
        };
        let (mut link, start) = link(conditions, 5);
        let arrived = send(&mut link, start, 5000, 100, 5 * MS);
        assert_eq!(arrived.len(), 5000);
        let mut spread = (Duration::MAX, Duration::ZERO);
        for (at, (packet, arrived)) in arrived.iter().enumerate() {
            assert_eq!(*packet as usize, at);
            let delay = *arrived - 5 * MS * u32::try_from(at).unwrap();
            assert!((20 * MS..=40 * MS).contains(&delay), "{delay:?}");
            spread = (spread.0.min(delay), spread.1.max(delay));
        }
        assert!(spread.1 - spread.0 > 15 * MS, "{spread:?}");
    }

    #[test]
    fn held_back_packets_are_overtaken() {
        let conditions = Conditions {
            delay: 10 * MS,
            reordered: 0.1,
            held_back: 12 * MS,
            ..Conditions::default()
        };
        let (mut link, start) = link(conditions, 9);
        let arrived = send(&mut link, start, 10_000, 100, 5 * MS);
        let overtaken = arrived
            .windows(2)
            .filter(|pair| pair[1].0 < pair[0].0)
            .count();
        assert_eq!(arrived.len(), 10_000);
        assert!((800..1200).contains(&overtaken), "{overtaken}");
    }

    #[test]
    fn scheduled_change_lets_the_queue_out_at_the_new_rate() {
        let narrow = Conditions {
            rate_bps: Some(100_000),
            queue: Duration::from_secs(2),
            ..Conditions::default()
        };
        let wide = Conditions {
            rate_bps: Some(10_000_000),
            ..narrow
        };
        let start = start();
        let schedule = vec![(Duration::ZERO, narrow), (Duration::from_secs(1), wide)];
        let mut link = Link::new(start, schedule, 1);
        // 20 packets of 80 ms each at first.
        let arrived = send(&mut link, start, 20, 1000, Duration::ZERO);
        let before = arrived.iter().filter(|(_, at)| at.as_secs() == 0).count();
        assert_eq!(before, 12);
        assert_eq!(arrived.len(), 20);
        assert!(arrived.last().unwrap().1 < Duration::from_millis(1060));
    }

    #[test]
    fn perfect_link_changes_nothing() {
        let start = start();
        let mut link = Link::new(start, Vec::new(), 0);
        link.push(start, 1200, 1_u64);
        assert_eq!(link.pop(start), Some(1));
        assert_eq!(link.next(), None);
    }

    proptest! {
        /// When the link is looked at must not matter, or virtual time and a proxy would disagree.
        #[test]
        fn fate_does_not_depend_on_when_the_link_is_polled(
            seed in any::<u64>(),
            looks in prop::collection::vec(0..40_u64, 1..200),
        ) {
            let conditions = Conditions {
                loss: 0.1,
                bursts: Some(Bursts { share: 0.1, length: 3.0 }),
                delay: 10 * MS,
                jitter: 10 * MS,
                rate_bps: Some(400_000),
                queue: 150 * MS,
                reordered: 0.05,
                held_back: 20 * MS,
            };
            let (mut watched, start) = link(conditions, seed);
            let mut ignored = Link::new(start, vec![(Duration::ZERO, conditions)], seed);
            let mut now = start;
            let mut early = Vec::new();
            for (number, wait) in (0_u64..).zip(&looks) {
                watched.push(now, 900, number);
                ignored.push(now, 900, number);
                let until = now + MS * u32::try_from(*wait).unwrap();
                while now < until {
                    now += MS;
                    early.extend(std::iter::from_fn(|| watched.pop(now)));
                }
            }
            let end = now + Duration::from_secs(10);
            early.extend(std::iter::from_fn(|| watched.pop(end)));
            let late: Vec<u64> = std::iter::from_fn(|| ignored.pop(end)).collect();
            prop_assert_eq!(early, late);
            prop_assert_eq!(watched.tally(), ignored.tally());
        }
    }
}
