//! Patch 9: how long packets wait at the bottleneck, by transport feedback.
//!
//! One-way delays are known up to a constant, because the clocks of both ends have nothing to do with each other; their
//! least value of late is the delay of an empty queue.

use std::time::{Duration, Instant};

use super::AckedPacket;
use crate::rtp_::{Bitrate, DataSize};

/// The least delay is remembered for one to two of these, so that drifting clocks and new routes are followed.
const BASE_BUCKET: Duration = Duration::from_secs(15);

/// The delay at the end of a feedback is the least of packets sent within this before its last one, so that one late
/// packet does not count.
const RECENT: Duration = Duration::from_millis(40);

/// Feedback that covers less than this is judged together with the one before.
const STANDING: Duration = Duration::from_millis(90);

/// Patch 14: from this on, a queue is long enough to be judged by itself: what comes through meanwhile is what the link
/// carries. The slow way there, by trend and averages, takes some 500 ms, in which the bottleneck drops packets.
const CONGESTED: Duration = Duration::from_millis(100);
/// Patch 14: a shorter span says more about bursts than about the link.
const MIN_SPAN: Duration = Duration::from_millis(30);
/// Patch 14: a link that carries at least this share of what was sent is not the one that made the queue.
const CARRIES: f64 = 0.9;

/// Patch 33: when packets wait for longer than this, the link was given all that it carries.
const FILLED: Duration = Duration::from_millis(10);

/// Measures the queue at the bottleneck.
#[derive(Debug, Default)]
pub(crate) struct QueueDelay {
    base: Option<Base>,
    /// The least delay of the last feedback, when its first packet was sent, and the same of the one before.
    last: Option<(Instant, i64)>,
    before: Option<(Instant, i64)>,
    recent: Duration,
    standing: Duration,
    congested_rate: Option<Bitrate>,
    filled_rate: Option<Bitrate>,
}

#[derive(Debug)]
struct Base {
    since: Instant,
    least: i64,
    least_before: i64,
}

impl QueueDelay {
    /// Takes the packets of one feedback, in the order of their arrival.
    pub(crate) fn update(&mut self, acked: &[AckedPacket], now: Instant) {
        let (Some(first), Some(last)) = (acked.first(), acked.last()) else {
            return;
        };
        let Some(least) = acked.iter().map(one_way_us).min() else {
            return;
        };
        let base = self.base.get_or_insert(Base {
            since: now,
            least,
            least_before: least,
        });
        if now.saturating_duration_since(base.since) > BASE_BUCKET {
            base.least_before = base.least;
            base.least = least;
            base.since = now;
        }
        base.least = base.least.min(least);
        let empty = base.least.min(base.least_before);

        let end = acked
            .iter()
            .map(|packet| packet.local_send_time)
            .max()
            .unwrap_or(last.local_send_time);
        let recent = acked
            .iter()
            .filter(|packet| end.saturating_duration_since(packet.local_send_time) <= RECENT)
            .map(one_way_us)
            .min()
            .unwrap_or(least);
        self.recent = micros(recent - empty);

        self.before = self.last.replace((first.local_send_time, least));
        let covered = end.saturating_duration_since(first.local_send_time);
        let standing = match self.before {
            Some((_, before)) if covered < STANDING => least.min(before),
            _ => least,
        };
        self.standing = micros(standing - empty);
        self.congested_rate = (self.recent >= CONGESTED)
            .then(|| carried(acked))
            .flatten();
        self.filled_rate = (self.recent >= FILLED).then(|| arrived(acked)).flatten();
    }

    /// How long the packets sent last waited.
    pub(crate) fn recent(&self) -> Duration {
        self.recent
    }

    /// Patch 14: what the link carries, when a long queue tells that it is less than what is sent.
    pub(crate) fn congested_rate(&self) -> Option<Bitrate> {
        self.congested_rate
    }

    /// Patch 33: the rate at which packets came in while they waited, which is at most what the link carries; `None` when
    /// none waits, or the feedback covers too little.
    pub(crate) fn filled_rate(&self) -> Option<Bitrate> {
        self.filled_rate
    }

    /// How long every packet of about the last 100 ms waited, at least. Jitter does not raise it; a queue does.
    pub(crate) fn standing(&self) -> Duration {
        self.standing
    }
}

/// The rate at which packets came in, if that is less than the rate at which they were sent.
fn carried(acked: &[AckedPacket]) -> Option<Bitrate> {
    let (first, last) = (acked.first()?, acked.last()?);
    let came = last
        .remote_recv_time
        .saturating_duration_since(first.remote_recv_time);
    let sent = last
        .local_send_time
        .saturating_duration_since(first.local_send_time);
    (sent < came.mul_f64(CARRIES)).then(|| arrived(acked)).flatten()
}

/// The rate at which packets came in.
fn arrived(acked: &[AckedPacket]) -> Option<Bitrate> {
    let [first, rest @ ..] = acked else {
        return None;
    };
    let last = rest.last()?;
    let bytes: DataSize = rest.iter().map(|packet| packet.size).sum();
    let came = last
        .remote_recv_time
        .saturating_duration_since(first.remote_recv_time);
    (came >= MIN_SPAN).then(|| bytes / came)
}

fn one_way_us(packet: &AckedPacket) -> i64 {
    let (sent, came) = (packet.local_send_time, packet.remote_recv_time);
    match came.checked_duration_since(sent) {
        Some(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX / 4),
        None => {
            let before = sent.saturating_duration_since(came).as_micros();
            -i64::try_from(before).unwrap_or(i64::MAX / 4)
        }
    }
}

fn micros(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}
