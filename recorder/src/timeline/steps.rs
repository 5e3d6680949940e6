//! Finds where a sender's clocks stepped, and undoes it. Pure: facts in, facts without steps out.
//!
//! A laptop sleeps for three seconds, an encoder stalls, Windows sets the clock: RTP time, the sender's NTP time, or
//! both stand still or jump, while the server's clock goes on. Two differences tell which:
//!
//! ```text
//!              stood still or jumped:   RTP time   NTP time   both    neither: the network
//!   lateness, received − RTP: frames    steps      –          steps   rises, and comes back
//!   pairing, NTP − RTP: reports         steps      steps      –       –
//! ```
//!
//! A step of lateness counts when it lasts: packets are late for a while, never early. Reports on both sides confirm
//! it; where they are missing, the frames alone decide. What seems to have happened to the NTP clock is asked of every
//! track of the sender, for they share that clock, and is undone in all of them by the same amount: sound and picture
//! stay on one clock before and after every step.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::{Facts, MAX_SKEW, signed_difference};

/// A step of less is left alone: noise of the network, and no ear or eye notices.
const STEP_US: f64 = 100_000.0;

/// Packets that are late come back within this time; a step that lasts longer is one of the clock.
const LASTING_US: i64 = 20_000_000;

/// How long a state holds before a jump out of it is one of the clock, and not the end of a delay.
const SETTLED_US: i64 = 1_000_000;

/// A report that comes so near to a step may have overtaken frames, or the frames it; and two tracks may show the same
/// step so far apart.
const SLACK_US: i64 = 500_000;

/// At least so many frames tell the lateness of the moment of a report; more when there are more within [`SLACK_US`] of it,
/// for the first frames of a burst are all late.
const FEW_FRAMES: usize = 3;

/// How far they may be from it.
const NEARBY_US: i64 = 2_000_000;

/// What steps more often in one epoch is no clock, and is left as it is.
const MOST_STEPS: usize = 1_000;

/// Fewer frames behind a step say nothing.
const ENOUGH_FRAMES: usize = 5;

/// From this frame on, RTP time is to be read as so much later than from the frames before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) frame: usize,
    pub(super) later_us: f64,
}

/// A sender report; RTP and NTP time in microseconds since arbitrary moments of the epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) rtp_us: f64,
    pub(super) ntp_us: f64,
    pub(super) received_us: i64,
}

impl Pair {
    fn pairing(&self) -> f64 {
        self.ntp_us - self.rtp_us
    }

    pub(super) fn delay(&self) -> f64 {
        self.received_us as f64 - self.ntp_us
    }
}

/// An epoch whose clocks do not step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Straight {
    /// RTP time in microseconds since the epoch's base, and receive time, of each frame.
    pub(super) frames: Vec<(f64, i64)>,
    /// The reports, on the same clocks.
    pub(super) reports: Vec<Pair>,
    /// What was done to the frames: in order, each on top of those before.
    pub(super) cuts: Vec<Cut>,
}

/// A step that one track shows, between two moments of receipt.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    kind: Kind,
    /// The first frame, or the first report, behind it.
    at: usize,
    from_us: i64,
    to_us: i64,
    by_us: f64,
}

/// Which clock stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// RTP time, as reports confirm.
    Rtp,
    /// RTP time at least: there are no reports on one side.
    Unconfirmed,
    /// RTP and NTP time, or the network: the reports know of no step.
    Both,
    /// NTP time.
    Ntp,
    /// What the reports say of RTP time, while RTP time itself goes on.
    Stray,
}

/// Undoes the steps in all epochs of one sender; the result has the same length and order. RTP times count from the
/// `base_rtp` of each epoch.
pub(super) fn straighten(epochs: &[Facts], base_rtp: &[u64]) -> Vec<Straight> {
    let mut straight: Vec<_> = epochs
        .iter()
        .zip(base_rtp)
        .map(|(epoch, base)| Straight::of(epoch, *base))
        .collect();
    undo_steps_of_frames(&mut straight);
    undo_steps_of_reports(&mut straight);
    straight
}

/// Undoes what the lateness of frames tells.
fn undo_steps_of_frames(epochs: &mut [Straight]) {
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
        let kept: Vec<_> = (0..steps.len())
            .filter(|step| steps[*step].kind != Kind::Both || of_both(*step))
            .map(|step| steps[step])
            .collect();
        for step in &kept {
            epoch.cut(step.at, epoch.first_report_behind(step), step.by_us);
        }
        for stop in &shared {
            epoch.set_ntp_forward(stop.to_us, stop.by_us);
        }
    }
}

/// Undoes what only the reports tell.
fn undo_steps_of_reports(epochs: &mut [Straight]) {
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
            epoch.set_ntp_forward(ntp.to_us, -ntp.by_us);
        }
    }
}

/// A step that all tracks of a sender show which were there.
struct Shared {
    from_us: i64,
    to_us: i64,
    by_us: f64,
    /// Epoch, and which of its steps.
    members: Vec<(usize, usize)>,
}

impl Shared {
    /// The steps of a kind that every epoch shows which was there before and behind, each as a step that `is_one`.
    fn among(
        steps: &[Vec<Step>],
        kind: Kind,
        is_one: impl Fn(&Step) -> bool,
        was_there: impl Fn(usize, i64, i64) -> bool,
    ) -> Vec<Self> {
        let mut all: Vec<(usize, usize)> = (0..steps.len())
            .flat_map(|epoch| (0..steps[epoch].len()).map(move |n| (epoch, n)))
            .filter(|(epoch, n)| is_one(&steps[*epoch][*n]) && steps[*epoch].len() <= MOST_STEPS)
            .collect();
        all.sort_by_key(|(epoch, n)| (steps[*epoch][*n].kind != kind, steps[*epoch][*n].to_us));
        let mut shared: Vec<Self> = Vec::new();
        while !all.is_empty() {
            let (epoch, n) = all.remove(0);
            let step = steps[epoch][n];
            if step.kind != kind {
                break;
            }
            let mut one = Self {
                from_us: step.from_us,
                to_us: step.to_us,
                by_us: step.by_us,
                members: vec![(epoch, n)],
            };
            all.retain(|(epoch, n)| !one.takes(*epoch, *n, &steps[*epoch][*n]));
            let agreed = (0..steps.len()).all(|epoch| {
                let member = one.members.iter().any(|(member, _)| *member == epoch);
                member || !was_there(epoch, one.from_us, one.to_us)
            });
            if agreed {
                shared.push(one);
            }
        }
        shared.sort_by_key(|one| one.to_us);
        shared
    }

    /// Makes the step of another epoch a part of this one if it is the same.
    fn takes(&mut self, epoch: usize, n: usize, step: &Step) -> bool {
        let other = self.members.iter().all(|(member, _)| *member != epoch);
        let overlap = step.from_us.saturating_sub(SLACK_US) <= self.to_us
            && self.from_us <= step.to_us.saturating_add(SLACK_US);
        let same = (step.by_us - self.by_us).abs() <= 1.5 * STEP_US;
        if !(other && overlap && same) {
            return false;
        }
        self.from_us = self.from_us.max(step.from_us);
        self.to_us = self.to_us.min(step.to_us);
        self.members.push((epoch, n));
        true
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
    fn of(facts: &Facts, base_rtp: u64) -> Self {
        let us_per_tick = 1e6 / f64::from(facts.clock_rate.max(1));
        let rtp_us = |rtp: u64| signed_difference(rtp, base_rtp) * us_per_tick;
        let frames = facts.frames.iter();
        let reports = facts.reports.iter();
        Self {
            frames: frames
                .map(|(rtp, received_us)| (rtp_us(*rtp), *received_us))
                .collect(),
            reports: reports
                .map(|report| Pair {
                    rtp_us: rtp_us(report.rtp),
                    ntp_us: report.ntp_us as f64,
                    received_us: report.received_us,
                })
                .collect(),
            cuts: Vec::new(),
        }
    }

    fn late(&self, frame: usize) -> f64 {
        let (rtp_us, received_us) = self.frames[frame];
        received_us as f64 - rtp_us
    }

    /// How much later a frame is than the one before it.
    fn jump(&self, frame: usize) -> f64 {
        self.late(frame) - self.late(frame - 1)
    }

    /// Whether RTP time leaps ahead of the frame before by more than the time that went by: media are missing, or the
    /// clock jumped.
    fn leaps(&self, frame: usize) -> bool {
        let ((rtp, received), (rtp_before, received_before)) =
            (self.frames[frame], self.frames[frame - 1]);
        let passed = received.saturating_sub(received_before).max(0) as f64;
        rtp - rtp_before > passed + STEP_US
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

    fn has_reports_around(&self, from_us: i64, to_us: i64) -> bool {
        let ends = self.reports.first().zip(self.reports.last());
        ends.is_some_and(|(first, last)| first.received_us <= from_us && to_us <= last.received_us)
    }

    /// The steps of the frames in order, each measured as if those before it were undone.
    fn steps_of_frames(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut past = Past::default();
        let mut undone_us = 0.0;
        for frame in 0..self.frames.len() {
            if frame > 0
                && self.jump(frame).abs() > STEP_US
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
        let lasts = lasting.abs() > STEP_US && ahead.frames >= ENOUGH_FRAMES;
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
        let at = |received_us: i64| {
            self.reports
                .partition_point(|report| report.received_us < received_us)
        };
        let before = at(from_us.saturating_sub(SLACK_US)).checked_sub(1)?;
        let (before, behind) = (
            self.reports.get(before)?,
            self.reports.get(at(to_us.saturating_add(SLACK_US)))?,
        );
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

    /// Undoes a step of RTP time, in the frames and in the reports from these on.
    fn cut(&mut self, frame: usize, report: usize, by_us: f64) {
        for (rtp_us, _) in &mut self.frames[frame..] {
            *rtp_us += by_us;
        }
        for report in &mut self.reports[report..] {
            report.rtp_us += by_us;
        }
        let at = self.cuts.partition_point(|cut| cut.frame <= frame);
        self.cuts.insert(
            at,
            Cut {
                frame,
                later_us: by_us,
            },
        );
    }

    /// The first report that knows of a step of RTP time. Those that came about then may or may not: they are like the
    /// one before, or like the one behind.
    fn first_report_behind(&self, step: &Step) -> usize {
        let at = |received_us: i64| {
            self.reports
                .partition_point(|report| report.received_us < received_us)
        };
        if step.kind == Kind::Both {
            return at(step.to_us);
        }
        let first = at(step.from_us.saturating_sub(SLACK_US));
        let last = at(step.to_us.saturating_add(SLACK_US)).max(first);
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

    /// Reads NTP time of the reports from a moment of receipt on as so much later.
    fn set_ntp_forward(&mut self, from_us: i64, by_us: f64) {
        for report in &mut self.reports {
            if report.received_us >= from_us {
                report.ntp_us += by_us;
            }
        }
    }

    /// The steps of the pairing that are left. Those that frames follow, however slowly, are undone here; the others,
    /// of NTP time and of stray reports, are returned in order.
    fn steps_of_reports(&mut self) -> Vec<Step> {
        let mut left = Vec::new();
        for at in 1..self.reports.len() {
            let (before, behind) = (self.reports[at - 1], self.reports[at]);
            let by_us = behind.pairing() - before.pairing();
            if by_us.abs() <= allowed_us(&before, &behind) {
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
    fn levels_around(&self, from_us: i64, to_us: i64) -> Option<(f64, f64)> {
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

/// By how much the pairing may differ between two reports without a step: clocks are off by some hundred ppm.
fn allowed_us(before: &Pair, behind: &Pair) -> f64 {
    let passed = behind.received_us.saturating_sub(before.received_us);
    STEP_US + passed.max(0) as f64 * MAX_SKEW
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Report, align};
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000;

    /// What happens to a clock.
    #[derive(Debug, Clone, Copy)]
    enum Mishap {
        /// From then on it stands still for so long.
        Stands { at_us: i64, for_us: i64 },
        /// It is then set by so much.
        Jumps { at_us: i64, by_us: i64 },
    }

    use Mishap::{Jumps, Stands};

    /// A clock 100 ppm too fast.
    #[derive(Debug, Clone, Default)]
    struct Clock(Vec<Mishap>);

    impl Clock {
        fn reads_us(&self, at_us: i64) -> f64 {
            let mishaps = self.0.iter().map(|mishap| match *mishap {
                Stands {
                    at_us: from,
                    for_us,
                } => -(at_us - from).clamp(0, for_us),
                Jumps { at_us: from, by_us } if at_us >= from => by_us,
                Jumps { .. } => 0,
            });
            at_us as f64 * (1.0 + 100e-6) + mishaps.sum::<i64>() as f64
        }
    }

    /// Two minutes of one sender, 30 ms to 70 ms from the server.
    #[derive(Debug, Clone, Default)]
    struct Scene {
        sound: Clock,
        picture: Clock,
        ntp: Clock,
        /// When a track sends nothing.
        no_sound: Vec<(i64, i64)>,
        no_picture: Vec<(i64, i64)>,
        /// When its reports are lost besides.
        no_sound_reports: Vec<(i64, i64)>,
        no_picture_reports: Vec<(i64, i64)>,
        /// When everything is so much later: from, to, by.
        delays: Vec<(i64, i64, i64)>,
        /// When the sender's machine is busy with something else: what is due leaves at the end, a report with the NTP time
        /// of then and the RTP time of the last packet before.
        held: Vec<(i64, i64)>,
    }

    struct Track {
        facts: Facts,
        /// When each frame was captured.
        captured: Vec<i64>,
    }

    impl Scene {
        fn delay_us(&self, at_us: i64, seed: i64) -> i64 {
            let noise = (at_us ^ seed).wrapping_mul(0x5851_f42d_4c95_7f2d) as u64 >> 33;
            let more = self
                .delays
                .iter()
                .filter(|(from, to, _)| (*from..*to).contains(&at_us))
                .map(|(from, to, by)| by * (to - at_us) / (to - from));
            30_000 + (noise % 40_000) as i64 + more.sum::<i64>()
        }

        fn track(&self, is_sound: bool) -> Track {
            let (clock, rate, frame_us, report_us) = if is_sound {
                (&self.sound, 48_000_u32, 20_000, 5 * SECOND)
            } else {
                (&self.picture, 90_000, 40_000, SECOND)
            };
            let (silent, unreported) = if is_sound {
                (&self.no_sound, &self.no_sound_reports)
            } else {
                (&self.no_picture, &self.no_picture_reports)
            };
            let within = |list: &[(i64, i64)], at: i64| {
                list.iter().any(|(from, to)| (*from..*to).contains(&at))
            };
            let rtp = |at: i64| {
                let ticks = clock.reads_us(at) * f64::from(rate) / 1e6;
                (1_u64 << 40).saturating_add_signed(ticks.round() as i64)
            };
            let held = |at: i64| {
                self.held
                    .iter()
                    .find(|(from, to)| (*from..*to).contains(&at))
            };
            let leaves = |at: i64| held(at).map_or(at, |(_, to)| *to);
            let times = |every: i64| {
                (1..)
                    .map(move |n| n * every)
                    .take_while(|at| *at < 120 * SECOND)
            };
            let captured: Vec<_> = times(frame_us).filter(|at| !within(silent, *at)).collect();
            let mut frames: Vec<_> = captured
                .iter()
                .map(|at| (rtp(*at), leaves(*at) + self.delay_us(*at, frame_us)))
                .collect();
            // One network queue: nothing overtakes.
            for n in 1..frames.len() {
                frames[n].1 = frames[n].1.max(frames[n - 1].1);
            }
            let reports =
                times(report_us).filter(|at| !within(silent, *at) && !within(unreported, *at));
            let reports = reports.map(|at| Report {
                ntp_us: 3_900_000_000 * SECOND + self.ntp.reads_us(leaves(at)).round() as i64,
                rtp: rtp(held(at).map_or(at, |(from, _)| *from)),
                received_us: leaves(at) + self.delay_us(at, report_us),
            });
            let facts = Facts {
                run: 0,
                clock_rate: rate,
                frames,
                reports: reports.collect(),
            };
            Track { facts, captured }
        }

        /// How far the frames of sound and picture are from where they belong, at most, and from one another in any
        /// second of the scene; in milliseconds. What was captured during a mishap of a clock is not asked.
        fn displaced_ms(&self) -> (i64, i64) {
            let tracks = [self.track(true), self.track(false)];
            let mappings = align(&tracks.each_ref().map(|track| track.facts.clone()));
            let clocks = [&self.sound, &self.picture, &self.ntp];
            let mishaps: Vec<(i64, i64)> = clocks
                .into_iter()
                .flat_map(|clock| &clock.0)
                .map(|mishap| match *mishap {
                    Stands { at_us, for_us } => (at_us, at_us + for_us),
                    Jumps { at_us, .. } => (at_us, at_us),
                })
                .collect();
            let (mut worst, mut apart) = (0, 0);
            let mut seconds = [[None::<(i64, i64)>; 2]; 120];
            for (which, (track, mapping)) in tracks.iter().zip(&mappings).enumerate() {
                for (n, at) in track.captured.iter().enumerate() {
                    let amid = |(from, to): &(i64, i64)| (*from..*to).contains(at);
                    if mishaps.iter().any(amid) {
                        continue;
                    }
                    let placed = mapping.session_us(n, track.facts.frames[n].0) as i64;
                    // The least delay is part of every place.
                    let off = placed - at - 35_000;
                    worst = worst.max(off.abs());
                    let range = &mut seconds[(at / SECOND) as usize][which];
                    let (low, high) = range.unwrap_or((off, off));
                    *range = Some((low.min(off), high.max(off)));
                }
            }
            for second in &seconds {
                if let [Some(sound), Some(picture)] = second {
                    apart = apart.max((sound.1 - picture.0).max(picture.1 - sound.0));
                }
            }
            (worst / 1_000, apart / 1_000)
        }

        fn is_straight(&self, what: &str) {
            let (worst, apart) = self.displaced_ms();
            assert!(
                apart <= 60,
                "{what}: sound and picture are {apart} ms apart"
            );
            assert!(
                worst <= 100,
                "{what}: something is {worst} ms from its place"
            );
        }
    }

    fn stands(at_s: i64, for_ms: i64) -> Mishap {
        Stands {
            at_us: at_s * SECOND,
            for_us: for_ms * 1_000,
        }
    }

    fn jumps(at_s: i64, by_ms: i64) -> Mishap {
        Jumps {
            at_us: at_s * SECOND,
            by_us: by_ms * 1_000,
        }
    }

    /// The times of standing still.
    fn silences(mishaps: &[Mishap]) -> Vec<(i64, i64)> {
        let silence = |mishap: &Mishap| match *mishap {
            Stands { at_us, for_us } => Some((at_us, at_us + for_us)),
            Jumps { .. } => None,
        };
        mishaps.iter().filter_map(silence).collect()
    }

    /// Everything of the sender stands still, as when a laptop sleeps.
    fn sleeps(mishaps: &[Mishap]) -> Scene {
        let clock = Clock(mishaps.to_vec());
        Scene {
            sound: clock.clone(),
            picture: clock.clone(),
            ntp: clock,
            no_sound: silences(mishaps),
            no_picture: silences(mishaps),
            ..Scene::default()
        }
    }

    /// RTP time of sound and picture stands still; NTP time goes on.
    fn stalls(mishaps: &[Mishap]) -> Scene {
        Scene {
            ntp: Clock::default(),
            ..sleeps(mishaps)
        }
    }

    /// Sound alone stands still.
    fn sound_stalls(mishaps: &[Mishap]) -> Scene {
        Scene {
            sound: Clock(mishaps.to_vec()),
            no_sound: silences(mishaps),
            ..Scene::default()
        }
    }

    #[test]
    fn scene_without_mishaps_is_straight() {
        Scene::default().is_straight("nothing happens");
    }

    #[test]
    fn clock_that_stands_still_displaces_nothing_before_or_after() {
        for for_ms in [150, 400, 1_000, 3_000, 4_900] {
            let mishap = [stands(60, for_ms)];
            sleeps(&mishap).is_straight(&format!("asleep for {for_ms} ms"));
            stalls(&mishap).is_straight(&format!("stalled for {for_ms} ms"));
            sound_stalls(&mishap).is_straight(&format!("sound stalled for {for_ms} ms"));
        }
    }

    #[test]
    fn several_stalls_add_up() {
        let mishaps = [
            stands(20, 3_000),
            stands(26, 1_000),
            stands(40, 2_500),
            stands(43, 2_000),
            stands(90, 4_000),
        ];
        sleeps(&mishaps).is_straight("asleep again and again");
        stalls(&mishaps).is_straight("stalled again and again");
        sound_stalls(&mishaps).is_straight("sound stalled again and again");
    }

    #[test]
    fn stall_at_the_begin_or_the_end_is_told_by_frames_alone() {
        // Before the first report of the sound, and after the last one.
        for at_s in [1, 3, 116, 118] {
            let mishap = [stands(at_s, 1_500)];
            sleeps(&mishap).is_straight(&format!("asleep at {at_s} s"));
            stalls(&mishap).is_straight(&format!("stalled at {at_s} s"));
            sound_stalls(&mishap).is_straight(&format!("sound stalled at {at_s} s"));
        }
    }

    #[test]
    fn reports_that_are_missing_after_a_stall_are_not_needed() {
        let mishap = [stands(60, 3_000)];
        for (scene, what) in [
            (sleeps(&mishap), "asleep"),
            (stalls(&mishap), "stalled"),
            (sound_stalls(&mishap), "sound stalled"),
        ] {
            let rest = vec![(60 * SECOND, 120 * SECOND)];
            let silent = Scene {
                no_sound_reports: rest.clone(),
                ..scene.clone()
            };
            silent.is_straight(&format!("{what}, no report of the sound"));
            let silent = Scene {
                no_picture_reports: rest,
                ..silent
            };
            silent.is_straight(&format!("{what}, no report at all"));
            let before = vec![(0, 62 * SECOND)];
            let silent = Scene {
                no_sound_reports: before.clone(),
                no_picture_reports: before,
                ..scene
            };
            silent.is_straight(&format!("{what}, no report before"));
        }
    }

    #[test]
    fn clock_that_jumps_displaces_nothing() {
        for by_ms in [-4_500, -2_000, -300, 300, 2_000, 4_500] {
            let mishap = [jumps(60, by_ms)];
            sleeps(&mishap).is_straight(&format!("both clocks jump by {by_ms} ms"));
            stalls(&mishap).is_straight(&format!("RTP time jumps by {by_ms} ms"));
            sound_stalls(&mishap).is_straight(&format!("sound jumps by {by_ms} ms"));
        }
    }

    #[test]
    fn clock_that_stands_still_and_catches_up_displaces_nothing() {
        for again_s in [62, 64, 75, 100] {
            let mishaps = [stands(58, 1_500), jumps(again_s, 1_500)];
            sleeps(&mishaps).is_straight(&format!("awake, right at {again_s} s"));
            stalls(&mishaps).is_straight(&format!("stalled, right at {again_s} s"));
            sound_stalls(&mishaps).is_straight(&format!("sound, right at {again_s} s"));
        }
    }

    #[test]
    fn time_that_stands_still_while_packets_go_on_does_not_displace_what_follows() {
        let mishap = [stands(61, 3_000)];
        let scene = Scene {
            no_sound: Vec::new(),
            no_picture: Vec::new(),
            ..stalls(&mishap)
        };
        scene.is_straight("RTP time stands still");
    }

    #[test]
    fn ntp_time_that_is_set_in_the_middle_displaces_nothing() {
        for by_ms in [-40_000, -1_000, -150, 150, 400, 1_000, 3_600_000] {
            let set = |at_s: i64| Scene {
                ntp: Clock(vec![jumps(at_s, by_ms)]),
                ..Scene::default()
            };
            for at_s in [2, 57, 61, 118] {
                set(at_s).is_straight(&format!("NTP time is set by {by_ms} ms at {at_s} s"));
            }
            let both = Scene {
                ntp: Clock(vec![jumps(40, by_ms)]),
                ..stalls(&[stands(70, 2_000)])
            };
            both.is_straight(&format!("NTP time is set by {by_ms} ms, then a stall"));
            let woken = Scene {
                ntp: Clock(vec![jumps(73, by_ms)]),
                ..stalls(&[stands(70, 2_000)])
            };
            woken.is_straight(&format!("NTP time is set by {by_ms} ms after a sleep"));
        }
    }

    #[test]
    fn slow_network_is_no_clock() {
        // An outage of 3 s whose packets come all at once, a queue that drains for 10 s, and one for 15 s.
        for (to_s, by_ms) in [(63, 3_000), (70, 2_500), (75, 1_200)] {
            let scene = Scene {
                delays: vec![(60 * SECOND, to_s * SECOND, by_ms * 1_000)],
                ..Scene::default()
            };
            scene.is_straight(&format!("{by_ms} ms late until {to_s} s"));
        }
    }

    #[test]
    fn report_of_a_sender_that_was_held_up_displaces_nothing() {
        for (before_ms, after_ms) in [(50, 150), (150, 50), (20, 280), (280, 20), (500, 400)] {
            // The reports of the sound come at full five seconds: the first, one in the middle, the last.
            for at_s in [5, 60, 115] {
                let (from, to) = (
                    at_s * SECOND - before_ms * 1_000,
                    at_s * SECOND + after_ms * 1_000,
                );
                let scene = Scene {
                    held: vec![(from, to)],
                    ..Scene::default()
                };
                scene.is_straight(&format!("held up at {at_s} s, {before_ms} + {after_ms} ms"));
            }
        }
    }

    #[test]
    fn camera_that_was_off_while_the_laptop_slept_is_in_its_place() {
        let scene = Scene {
            no_picture: vec![(50 * SECOND, 80 * SECOND)],
            ..sleeps(&[stands(60, 3_000)])
        };
        scene.is_straight("asleep with the camera off");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever happens every twelve seconds, to one clock or to all.
        #[test]
        fn any_mishaps_leave_sound_and_picture_together(
            mishaps in proptest::collection::vec((0..4_u8, any::<bool>(), 200..4_000_i64, 0..3_000_i64), 7),
        ) {
            let mut scene = Scene::default();
            let mut drift = [0_i64; 2];
            for (n, (which, forward, ms, offset)) in mishaps.into_iter().enumerate() {
                let at_us = (14 + 14 * n as i64) * SECOND + offset * 1_000;
                let by_us = if forward { ms } else { -ms } * 1_000;
                let track = usize::from(which == 1);
                // An epoch ends where RTP time is 5 s from the receive clock.
                let stands = which == 3 || (drift[track] + by_us).abs() > 4_500_000;
                let mishap = if stands { Stands { at_us, for_us: 300_000 } } else { Jumps { at_us, by_us } };
                match which {
                    0 if !stands => { drift[0] += by_us; scene.sound.0.push(mishap) }
                    1 if !stands => { drift[1] += by_us; scene.picture.0.push(mishap) }
                    2 if !stands => scene.ntp.0.push(mishap),
                    _ => {
                        for clock in [&mut scene.sound, &mut scene.picture, &mut scene.ntp] {
                            clock.0.push(Stands { at_us, for_us: 300_000 });
                        }
                        scene.no_sound.push((at_us, at_us + 300_000));
                        scene.no_picture.push((at_us, at_us + 300_000));
                    }
                }
            }
            let (worst, apart) = scene.displaced_ms();
            prop_assert!(apart <= 80 && worst <= 120, "{apart} ms apart, {worst} ms displaced: {scene:?}");
        }
    }
}
