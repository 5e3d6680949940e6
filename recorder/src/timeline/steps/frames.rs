//! Undoes the steps that the lateness of frames tells: of RTP time, and of RTP and NTP time together.
//!
//! A jump from one frame to the next is a step when what came before and what comes after lie on two levels; reports on
//! both sides tell which clock it was.

use std::collections::VecDeque;

use super::shared::Shared;
use super::{Kind, LEAST_US, MOST_STEPS, Pair, SLACK_US, STEP_US, Step, Straight, allowed_us};

/// Packets that are late come back within this time; a step that lasts longer is one of the clock.
const LASTING_US: i64 = 20_000_000;

/// How long a state holds before a jump out of it is one of the clock, and not the end of a delay.
const SETTLED_US: i64 = 1_000_000;

/// Fewer frames behind a step say nothing.
const ENOUGH_FRAMES: usize = 5;

/// Undoes what the lateness of frames tells.
pub(super) fn undo(epochs: &mut [Straight]) {
    let mut steps: Vec<_> = epochs.iter().map(Straight::steps_of_frames).collect();
    let is_one = |step: &Step| matches!(step.kind, Kind::Both | Kind::Unconfirmed);
    let shared = Shared::among(&steps, Kind::Both, is_one, |epoch, from_us, to_us| {
        epochs[epoch].has_frames_around(from_us, to_us)
    });
    for stop in &shared {
        for (epoch, n) in &stop.members {
            steps[*epoch][*n] = Step {
                kind: Kind::Both,
                to_us: stop.to_us,
                by_us: stop.by_us,
                ..steps[*epoch][*n]
            };
        }
    }
    for (n, (epoch, steps)) in epochs.iter_mut().zip(&mut steps).enumerate() {
        let of_both = |step: usize| shared.iter().any(|stop| stop.members.contains(&(n, step)));
        epoch.confirm_pairs(steps, of_both);
        for stop in &shared {
            let report = epoch.first_report_behind_stop(stop);
            if let Some((_, step)) = stop.members.iter().find(|(member, _)| *member == n) {
                epoch.cut(steps[*step].at, report, stop.by_us);
            }
            epoch.set_ntp_forward(report, stop.by_us);
        }
        for step in steps.iter().filter(|step| step.kind != Kind::Both) {
            epoch.cut(step.at, epoch.first_report_behind(step), step.by_us);
        }
    }
}

/// The least lateness of the frames that came within [`LASTING_US`].
#[derive(Default)]
struct Past {
    /// Rising in both: whoever is later than somebody after it never is the least again.
    least: VecDeque<(i64, f64)>,
    /// When the frames of the window came, and the last.
    since_us: VecDeque<i64>,
}

impl Past {
    fn push(&mut self, received_us: i64, late: f64) {
        while self
            .least
            .pop_back_if(|(_, other)| *other >= late)
            .is_some()
        {}
        self.least.push_back((received_us, late));
        self.since_us.push_back(received_us);
        let old = |at: i64| received_us.saturating_sub(at) > LASTING_US;
        while self.least.pop_front_if(|(at, _)| old(*at)).is_some() {}
        while self.since_us.pop_front_if(|at| old(*at)).is_some() {}
    }

    fn level(&self) -> Option<f64> {
        self.least.front().map(|(_, late)| *late)
    }

    fn is_settled(&self) -> bool {
        let ends = self.since_us.front().zip(self.since_us.back());
        ends.is_some_and(|(first, last)| last.saturating_sub(*first) >= SETTLED_US)
    }
}

/// What lies ahead of a frame that comes after a jump.
struct Ahead {
    /// The least lateness up to the next jump, and up to the next leap of the clock.
    soon: f64,
    lasting: f64,
    frames: usize,
}

impl Straight {
    /// How much later a frame is than the one before it.
    fn jump(&self, frame: usize) -> f64 {
        self.late(frame) - self.late(frame - 1)
    }

    /// Whether the track goes on from before to behind these moments.
    fn has_frames_around(&self, from_us: i64, to_us: i64) -> bool {
        let (first, last) = (
            self.frames.get(ENOUGH_FRAMES - 1),
            self.frames.iter().nth_back(ENOUGH_FRAMES - 1),
        );
        first
            .zip(last)
            .is_some_and(|(first, last)| first.1 <= from_us && to_us <= last.1)
    }

    /// The steps of the frames in order, each measured as if those before it were undone.
    fn steps_of_frames(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut past = Past::default();
        let mut undone_us = 0.0;
        for frame in 0..self.frames.len() {
            if frame > 0
                && self.jump(frame).abs() > LEAST_US
                && let Some(step) = self.step_before(frame, &past, undone_us, &steps)
            {
                undone_us += step.by_us;
                steps.push(step);
            }
            past.push(self.frames[frame].1, self.late(frame) - undone_us);
        }
        if steps.len() > MOST_STEPS {
            steps.clear();
        }
        steps
    }

    /// The step between a frame and the one before it, if there is one. The `past` has the known steps undone, which
    /// are `undone_us` in all.
    fn step_before(
        &self,
        frame: usize,
        past: &Past,
        undone_us: f64,
        steps: &[Step],
    ) -> Option<Step> {
        let (from_us, to_us) = (self.frames[frame - 1].1, self.frames[frame].1);
        let level = past.level()?;
        let ahead = self.ahead(frame);
        let (soon, lasting) = (
            ahead.soon - undone_us - level,
            ahead.lasting - undone_us - level,
        );
        let lasts = lasting.abs() > LEAST_US && ahead.frames >= ENOUGH_FRAMES;
        let credible = lasts && (lasting > 0.0 || (self.leaps(frame) && past.is_settled()));
        let (kind, by_us) = match self.told_across(from_us, to_us, steps) {
            None if credible => (Kind::Unconfirmed, lasting),
            Some(told) if told != 0.0 => {
                let confirmed = [soon, lasting]
                    .into_iter()
                    .any(|by| by.abs() > STEP_US / 2.0 && (by - told).abs() <= STEP_US);
                match (confirmed, credible) {
                    (true, _) => (Kind::Rtp, told),
                    (false, true) => (Kind::Rtp, lasting),
                    (false, false) => return None,
                }
            }
            Some(_) if credible && self.is_told_for_a_moment(from_us, to_us, lasting) => {
                (Kind::Rtp, lasting)
            }
            Some(_) if credible => (Kind::Both, lasting),
            _ => return None,
        };
        Some(Step {
            kind,
            at: frame,
            from_us,
            to_us,
            by_us,
        })
    }

    fn ahead(&self, frame: usize) -> Ahead {
        let until_us = self.frames[frame].1.saturating_add(LASTING_US);
        let mut ahead = Ahead {
            soon: f64::INFINITY,
            lasting: f64::INFINITY,
            frames: 0,
        };
        let mut jumped = false;
        for n in frame..self.frames.len() {
            if self.frames[n].1 > until_us || (n > frame && self.leaps(n)) {
                break;
            }
            jumped |= n > frame && self.jump(n).abs() > STEP_US;
            ahead.lasting = ahead.lasting.min(self.late(n));
            if !jumped {
                ahead.soon = ahead.lasting;
            }
            ahead.frames += 1;
        }
        ahead
    }

    /// By how much the reports on both sides of these moments say that RTP time stepped, beyond the `steps` that are
    /// known; zero when it is less than a step; `None` when there are no reports on one side.
    fn told_across(&self, from_us: i64, to_us: i64, steps: &[Step]) -> Option<f64> {
        let before = self
            .first_report_from(from_us.saturating_sub(SLACK_US))
            .checked_sub(1)?;
        let behind = self.first_report_from(to_us.saturating_add(SLACK_US));
        let (before, behind) = (self.reports.get(before)?, self.reports.get(behind)?);
        let known: f64 = steps
            .iter()
            .rev()
            .take_while(|step| step.to_us > before.received_us)
            .filter(|step| step.kind != Kind::Both)
            .map(|step| step.by_us)
            .sum();
        let told = behind.pairing() - before.pairing() - known;
        Some(if told.abs() > allowed_us(before, behind) {
            told
        } else {
            0.0
        })
    }

    /// Whether a report soon after these moments says that RTP time stepped by so much, though a later one knows nothing
    /// of it: the clock has caught up meanwhile.
    fn is_told_for_a_moment(&self, from_us: i64, to_us: i64, by_us: f64) -> bool {
        let (first, last) = self.reports_about(from_us, to_us);
        let Some(before) = first.checked_sub(1).map(|n| self.reports[n].pairing()) else {
            return false;
        };
        let tells = |report: &Pair| (report.pairing() - before - by_us).abs() <= STEP_US / 2.0;
        self.reports[first..last].iter().any(tells)
    }

    /// A clock that stands still and catches up before the next report shows two steps that the reports know nothing
    /// of, and other tracks neither.
    fn confirm_pairs(&self, steps: &mut [Step], of_both: impl Fn(usize) -> bool) {
        let open = |steps: &[Step], n: usize| steps[n].kind == Kind::Both && !of_both(n);
        for n in 1..steps.len() {
            let (a, b) = (steps[n - 1], steps[n]);
            let reported = self
                .reports
                .iter()
                .any(|report| (a.to_us..=b.from_us).contains(&report.received_us));
            if open(steps, n - 1)
                && open(steps, n)
                && !reported
                && (a.by_us + b.by_us).abs() <= STEP_US
                && b.from_us.saturating_sub(a.to_us) >= SETTLED_US
            {
                (steps[n - 1].kind, steps[n].kind) = (Kind::Rtp, Kind::Rtp);
            }
        }
    }

    /// The first report that knows of a step of RTP time. Those that came about then may or may not: they are like the
    /// one before, or like the one behind.
    fn first_report_behind(&self, step: &Step) -> usize {
        let (first, last) = self.reports_about(step.from_us, step.to_us);
        let before = first.checked_sub(1).map(|n| self.reports[n].pairing());
        let behind = self.reports.get(last).map(|report| report.pairing());
        let expected = before.or(behind.map(|behind| behind - step.by_us));
        let knows = |report: &Pair| {
            let (off, off_then) = match expected {
                Some(before) => (
                    report.pairing() - before,
                    report.pairing() - before - step.by_us,
                ),
                None => return false,
            };
            off_then.abs() < off.abs()
        };
        let between = &self.reports[first..last];
        first + between.iter().take_while(|report| !knows(report)).count()
    }

    /// The first report that knows of a step of both clocks: it is later by that.
    fn first_report_behind_stop(&self, stop: &Shared) -> usize {
        let (first, last) = self.reports_about(stop.from_us, stop.to_us);
        let before = first.checked_sub(1).map(|n| self.reports[n].delay());
        let behind = self.reports.get(last).map(Pair::delay);
        let Some(expected) = before.or(behind.map(|behind| behind - stop.by_us)) else {
            return self.first_report_from(stop.to_us);
        };
        let knows = |report: &Pair| {
            let off = report.delay() - expected;
            (off - stop.by_us).abs() < off.abs()
        };
        let between = &self.reports[first..last];
        first + between.iter().take_while(|report| !knows(report)).count()
    }

    /// The reports that came about these moments: the first, and the first behind.
    fn reports_about(&self, from_us: i64, to_us: i64) -> (usize, usize) {
        let first = self.first_report_from(from_us.saturating_sub(SLACK_US));
        let last = self.first_report_from(to_us.saturating_add(SLACK_US));
        (first, last.max(first))
    }
}
