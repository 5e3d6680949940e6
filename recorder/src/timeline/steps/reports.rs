//! Undoes the steps that only the reports tell: of NTP time, of RTP time that its frames follow slowly, and of single
//! reports that say something wrong.

use std::collections::BTreeMap;
use std::ops::Range;

use super::shared::Shared;
use super::{Kind, MOST_STEPS, SLACK_US, STEP_US, Step, Straight, allowed_us};

/// At least so many frames tell the lateness of the moment of a report; more when there are more within [`SLACK_US`] of it,
/// for the first frames of a burst are all late.
const FEW_FRAMES: usize = 3;

/// How far they may be from it.
const NEARBY_US: i64 = 2_000_000;

/// Undoes what only the reports tell.
pub(super) fn undo(epochs: &mut [Straight]) {
    let steps: Vec<_> = epochs.iter_mut().map(Straight::steps_of_reports).collect();
    let is_one = |step: &Step| step.kind == Kind::Ntp;
    let shared = Shared::among(&steps, Kind::Ntp, is_one, |epoch, from_us, to_us| {
        epochs[epoch].has_reports_around(from_us, to_us)
    });
    for (n, (epoch, steps)) in epochs.iter_mut().zip(&steps).enumerate() {
        let own: Vec<_> = (0..steps.len())
            .filter(|step| !shared.iter().any(|ntp| ntp.members.contains(&(n, *step))))
            .map(|step| steps[step])
            .collect();
        epoch.mend_reports(&own);
        for ntp in &shared {
            epoch.set_ntp_forward(epoch.first_report_from(ntp.to_us), -ntp.by_us);
        }
    }
}

impl Straight {
    fn has_reports_around(&self, from_us: i64, to_us: i64) -> bool {
        let ends = self.reports.first().zip(self.reports.last());
        ends.is_some_and(|(first, last)| first.received_us <= from_us && to_us <= last.received_us)
    }

    /// The steps of the pairing that are left. Those that frames follow, however slowly, are undone here; the others,
    /// of NTP time and of stray reports, are returned in order.
    fn steps_of_reports(&mut self) -> Vec<Step> {
        let mut left = Vec::new();
        for at in 1..self.reports.len() {
            let (before, behind) = (self.reports[at - 1], self.reports[at]);
            let by_us = behind.pairing() - before.pairing();
            // Smaller ones may be of a sender that was held up; if they last, they add up.
            if by_us.abs() <= STEP_US.max(allowed_us(&before, &behind)) {
                continue;
            }
            let near = |a: f64, b: f64| (a - b).abs() <= (by_us.abs() / 4.0).max(STEP_US);
            let (from_us, to_us) = (before.received_us, behind.received_us);
            let step = |kind, at| Step {
                kind,
                at,
                from_us,
                to_us,
                by_us,
            };
            let followed = |(level, next): &(f64, f64)| {
                let moved_us = next - level;
                near(moved_us, by_us) && moved_us / by_us > 0.5 && self.cuts.len() < MOST_STEPS
            };
            match self.levels_around(from_us, to_us).filter(followed) {
                Some((level, _)) => {
                    let turn = self.turn(from_us, to_us, (level, level + by_us));
                    self.cut(turn, at, by_us);
                }
                None if near(behind.delay() - before.delay(), -by_us) => {
                    left.push(step(Kind::Ntp, at));
                }
                None => left.push(step(Kind::Stray, at)),
            }
        }
        left
    }

    /// The lateness at one moment, and at another: the least of the frames that follow it, up to a leap of the clock, for a
    /// burst begins with those that are late; where none follows the first, of the few before it.
    pub(super) fn levels_around(&self, from_us: i64, to_us: i64) -> Option<(f64, f64)> {
        let at = |us: i64| self.frames.partition_point(|frame| frame.1 < us);
        let (first, second) = (at(from_us), at(to_us));
        let nearby = |n: &usize| from_us.saturating_sub(self.frames[*n].1) <= NEARBY_US;
        let few = (0..first).rev().take(FEW_FRAMES).take_while(nearby);
        let before = self
            .level(first..second, from_us)
            .or_else(|| few.map(|n| self.late(n)).reduce(f64::min))?;
        let behind = self.level(second..self.frames.len(), to_us)?;
        Some((before, behind))
    }

    /// The least lateness of the frames of a range that come soon after a moment.
    fn level(&self, range: Range<usize>, moment_us: i64) -> Option<f64> {
        let first = range.start;
        let tells = |n: &usize| {
            let few = *n - first < FEW_FRAMES;
            let within_us = if few { NEARBY_US } else { SLACK_US };
            let soon = self.frames[*n].1.saturating_sub(moment_us) <= within_us;
            soon && (*n == first || !self.leaps(*n))
        };
        let frames = range.take_while(tells);
        frames.map(|n| self.late(n)).reduce(f64::min)
    }

    /// The frame between two moments at which the lateness turns from the first level to the second.
    fn turn(&self, from_us: i64, to_us: i64, (level, next): (f64, f64)) -> usize {
        let (first, last) = (
            self.frames.partition_point(|frame| frame.1 <= from_us),
            self.frames.partition_point(|frame| frame.1 <= to_us),
        );
        let off =
            |frame: usize, level: f64| (self.late(frame) - level).abs().min((next - level).abs());
        // What it costs to turn at the first frame, and from there on frame by frame.
        let (mut best, mut turn, mut cost) = (0.0, first, 0.0);
        for frame in first..last {
            cost += off(frame, level) - (self.late(frame) - next).abs().min((next - level).abs());
            if cost < best {
                (best, turn) = (cost, frame + 1);
            }
        }
        turn
    }

    /// Undoes steps that only this track's reports know of. The state that most of the reports are in stays.
    fn mend_reports(&mut self, steps: &[Step]) {
        let mut states = vec![(0.0, 0.0)];
        let mut counts: Vec<usize> = Vec::new();
        let mut begin = 0;
        for step in steps {
            let (rtp_us, ntp_us) = states.last().copied().unwrap_or_default();
            states.push(match step.kind {
                Kind::Ntp => (rtp_us, ntp_us - step.by_us),
                _ => (rtp_us + step.by_us, ntp_us),
            });
            counts.push(step.at - begin);
            begin = step.at;
        }
        counts.push(self.reports.len() - begin);
        let mut usual: BTreeMap<(i64, i64), (usize, (f64, f64))> = BTreeMap::new();
        for (state, count) in states.iter().zip(&counts) {
            let cell = |us: f64| (us / STEP_US).round() as i64;
            let entry = usual.entry((cell(state.0), cell(state.1)));
            entry.or_insert((0, *state)).0 += count;
        }
        let usual = usual.into_values().max_by_key(|(count, _)| *count);
        let (rtp_us, ntp_us) = usual.map_or((0.0, 0.0), |(_, state)| state);
        let mut reports = self.reports.iter_mut();
        for (state, count) in states.iter().zip(counts) {
            for report in reports.by_ref().take(count) {
                report.rtp_us += state.0 - rtp_us;
                report.ntp_us += state.1 - ntp_us;
            }
        }
    }
}
