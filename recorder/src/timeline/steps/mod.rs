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
//! it; where they are missing, the frames alone decide ([`frames`]). What only the reports tell comes after that
//! ([`reports`]). What seems to have happened to the NTP clock is asked of every track of the sender, for they share
//! that clock ([`shared`]), and is undone in all of them by the same amount: sound and picture stay on one clock before
//! and after every step. Last comes what adds up of steps too small to be told one by one ([`creep`]).

mod creep;
mod frames;
mod reports;
mod shared;
#[cfg(test)]
mod tests;

use super::{Facts, MAX_SKEW, signed_difference};

/// Two steps that differ by less are the same: noise of the network, and no ear or eye notices.
const STEP_US: f64 = 100_000.0;

/// A step of less is left alone, unless several add up ([`creep`]).
const LEAST_US: f64 = 50_000.0;

/// A report that comes so near to a step may have overtaken frames, or the frames it; and two tracks may show the same
/// step so far apart.
const SLACK_US: i64 = 500_000;

/// What steps more often in one epoch is no clock, and is left as it is.
const MOST_STEPS: usize = 1_000;

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
    frames::undo(&mut straight);
    reports::undo(&mut straight);
    creep::undo(&mut straight);
    straight
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

    /// Whether RTP time leaps ahead of the frame before by more than the time that went by: media are missing, or the
    /// clock jumped.
    fn leaps(&self, frame: usize) -> bool {
        let ((rtp, received), (rtp_before, received_before)) =
            (self.frames[frame], self.frames[frame - 1]);
        let passed = received.saturating_sub(received_before).max(0) as f64;
        rtp - rtp_before > passed + STEP_US
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

    /// Reads NTP time of the reports from one on as so much later.
    fn set_ntp_forward(&mut self, report: usize, by_us: f64) {
        for report in &mut self.reports[report..] {
            report.ntp_us += by_us;
        }
    }

    /// The first report that came at a moment or later.
    fn first_report_from(&self, received_us: i64) -> usize {
        self.reports
            .partition_point(|report| report.received_us < received_us)
    }
}

/// By how much the pairing may differ between two reports without a step: clocks are off by some hundred ppm.
fn allowed_us(before: &Pair, behind: &Pair) -> f64 {
    let passed = behind.received_us.saturating_sub(before.received_us);
    LEAST_US + passed.max(0) as f64 * MAX_SKEW
}
