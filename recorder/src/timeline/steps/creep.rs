//! Undoes what steps add up to that are too small to be told one by one: an overloaded encoder that loses 50 ms of sound
//! every second, a clock that is set right little by little.

use super::super::{MAX_SKEW_OF_RTP, fit_reports};
use super::{MOST_STEPS, Pair, Straight};

/// Reports that stay within this of one straight line are left alone.
const STRAIGHT_US: f64 = 60_000.0;

/// Fewer reports do not tell how fast RTP time runs usually.
const ENOUGH_REPORTS: usize = 8;

/// Undoes what adds up.
pub(super) fn undo(epochs: &mut [Straight]) {
    for epoch in epochs {
        if !epoch.is_straight() {
            epoch.undo_creeping();
        }
    }
}

impl Straight {
    fn is_straight(&self) -> bool {
        fit_reports(&self.reports).is_none_or(|line| {
            let off = |report: &Pair| report.ntp_us - line.at(report.rtp_us);
            self.reports.iter().all(|r| off(r).abs() <= STRAIGHT_US)
        })
    }

    /// Cuts where the reports have left the line that began at the last cut, and stay away from it.
    fn undo_creeping(&mut self) {
        let slope = self.usual_slope();
        let mut begin = 0;
        for at in 1..self.reports.len() {
            let first = self.reports[begin];
            let off = |report: &Pair| {
                report.pairing() - first.pairing() - (report.rtp_us - first.rtp_us) * slope
            };
            let by_us = off(&self.reports[at]);
            let lasts = self
                .reports
                .get(at + 1)
                .is_some_and(|next| off(next) / by_us > 0.5);
            if by_us.abs() <= STRAIGHT_US || !lasts {
                continue;
            }
            let (from_us, to_us) = (
                self.reports[at - 1].received_us,
                self.reports[at].received_us,
            );
            let followed = self
                .levels_around(first.received_us, to_us)
                .is_some_and(|(level, next)| (next - level) / by_us > 0.5);
            if followed && self.cuts.len() < MOST_STEPS {
                let frame = self.steepest(from_us, to_us, by_us.signum());
                self.cut(frame, at, by_us);
            } else {
                self.set_ntp_forward(at, -by_us);
            }
            begin = at;
        }
    }

    /// How much faster NTP time runs than RTP time between most reports.
    fn usual_slope(&self) -> f64 {
        let pairs = self.reports.windows(2);
        let mut slopes: Vec<f64> = pairs
            .map(|pair| (pair[1].pairing() - pair[0].pairing()) / (pair[1].rtp_us - pair[0].rtp_us))
            .filter(|slope| slope.abs() <= MAX_SKEW_OF_RTP)
            .collect();
        if slopes.len() < ENOUGH_REPORTS {
            return 0.0;
        }
        slopes.sort_by(f64::total_cmp);
        slopes[slopes.len() / 2]
    }

    /// The frame between two moments before which the lateness changes most in one direction.
    fn steepest(&self, from_us: i64, to_us: i64, sign: f64) -> usize {
        let at = |us: i64| self.frames.partition_point(|frame| frame.1 <= us);
        let (first, last) = (at(from_us), at(to_us));
        let change = |frame: &usize| (self.late(*frame) - self.late(*frame - 1)) * sign;
        let most = |a: &usize, b: &usize| change(a).total_cmp(&change(b));
        (first.max(1)..last).max_by(most).unwrap_or(first)
    }
}
