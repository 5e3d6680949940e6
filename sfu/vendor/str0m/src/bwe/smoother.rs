use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rtp_::Bitrate;

/// Patch 12: an estimate is told when it held for this long.
const ESTIMATE_WINDOW: Duration = Duration::from_millis(500);

/// Patch 12: this long after the first, estimates are told as they come: probes then find out what the link carries.
const STARTUP: Duration = Duration::from_secs(3);

type TimeBitrate = (Instant, Bitrate);

const TOLERANCE: f64 = 0.05;

/// Holds back estimates that rise, until they stand; tells at once when they fall.
///
/// Patch 12: upstream tells the mean of the last 3 seconds, so that a sender goes on for seconds with what a link
/// carried before it shrank.
pub struct EstimateSmoother {
    started: Option<Instant>,
    in_startup: bool,
    /// Estimates of the window, the first of them the one that held when it began.
    estimates: VecDeque<TimeBitrate>,
    emitted: Option<Bitrate>,
}

impl EstimateSmoother {
    pub fn new() -> Self {
        Self {
            started: None,
            in_startup: true,
            estimates: VecDeque::new(),
            emitted: None,
        }
    }

    /// Record a new estimate.
    pub fn record(&mut self, now: Instant, estimate: Bitrate) {
        let started = *self.started.get_or_insert(now);
        self.in_startup = now.saturating_duration_since(started) < STARTUP;
        if self.estimates.back().map(|b| b.1) != Some(estimate) {
            self.estimates.push_back((now, estimate));
        }
        while let Some((next, _)) = self.estimates.get(1) {
            if now.saturating_duration_since(*next) < ESTIMATE_WINDOW {
                break;
            }
            self.estimates.pop_front();
        }
    }

    /// Poll for an estimate to emit. Returns Some only when there's a new value to emit.
    pub fn poll(&mut self) -> Option<Bitrate> {
        let latest = self.estimates.back()?.1;
        let rate = if self.in_startup {
            latest
        } else {
            let values = self.estimates.iter().map(|(_, value)| *value);
            values.fold(latest, |least, value| least.min(value))
        };
        // A value that stands is told exactly, others when they differ enough.
        let stands = self.estimates.len() == 1 && self.emitted != Some(rate);
        if !stands && self.emitted.is_some_and(|emitted| in_tolerance(emitted, rate)) {
            return None;
        }
        self.emitted = Some(rate);
        Some(rate)
    }
}

fn in_tolerance(b1: Bitrate, b2: Bitrate) -> bool {
    let min = b1 * (1.0 - TOLERANCE);
    let max = b1 * (1.0 + TOLERANCE);
    b2 > min && b2 < max
}
