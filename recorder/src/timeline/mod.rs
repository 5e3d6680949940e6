//! Puts RTP times on the session clock. Pure: facts in, straight lines out.
//!
//! ```text
//!                 least squares over the epoch's          lower envelope over all sender reports
//!                 own sender reports                      of the sender's clock
//!   RTP time ────────────────────────────► sender's NTP ─────────────────────────────► session clock
//!       └──────────────── no report: lower envelope of receive times (estimated) ──────────────┘
//! ```
//!
//! Sound and picture of one sender share its NTP clock, so lip sync rests on the first step alone; what belongs
//! together in different places rests on the second. The lower envelope is the line below all points that is nearest
//! to them: packets can be late, never early. Where a clock of the sender stood still or jumped, that is undone first
//! ([`steps`]), so that each stretch between two such steps has a line of its own.

mod steps;

use steps::{Cut, Pair, Straight, straighten};

/// A sender report, its NTP time in microseconds and its receive time on the session clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Report {
    pub(crate) ntp_us: i64,
    pub(crate) rtp: u64,
    pub(crate) received_us: i64,
}

/// What is known about the times of one epoch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// Which run of the server received it: between runs the session clock may shift a little.
    pub(crate) run: i64,
    /// Of the RTP time, in Hz.
    pub(crate) clock_rate: u32,
    /// RTP time and receive time on the session clock of each frame, in order.
    pub(crate) frames: Vec<(u64, i64)>,
    /// Of this epoch, in order of receipt.
    pub(crate) reports: Vec<Report>,
}

/// Whether a mapping rests on sender reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// It does.
    Reported,
    /// There was none, or none that makes sense: receive times had to do.
    Estimated,
}

/// From the RTP times of an epoch's frames to the session clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mapping {
    /// What it rests on.
    pub(crate) sync: Sync,
    base_rtp: u64,
    at_base_us: f64,
    us_per_tick: f64,
    /// How much later than the line the frames are from each cut on: frame, microseconds.
    stretches: Vec<Cut>,
}

impl Mapping {
    /// The session time in microseconds at which a sample with this RTP time was captured, which came in the frame with
    /// this number.
    pub(crate) fn session_us(&self, frame: usize, rtp: u64) -> f64 {
        let cuts = self.stretches.partition_point(|cut| cut.frame <= frame);
        let later_us = match cuts.checked_sub(1) {
            Some(last) => self.stretches[last].later_us,
            None => 0.0,
        };
        self.at_base_us + signed_difference(rtp, self.base_rtp) * self.us_per_tick + later_us
    }

    /// A line over the RTP time of an epoch in microseconds.
    fn along(line: Line, sync: Sync, (base_rtp, clock_rate): (u64, u32), epoch: &Straight) -> Self {
        let stretches = epoch.cuts.iter().scan(0.0, |later_us, cut| {
            *later_us += cut.later_us * line.slope;
            Some(Cut {
                later_us: *later_us,
                ..*cut
            })
        });
        Self {
            sync,
            base_rtp,
            at_base_us: line.at(0.0),
            us_per_tick: line.slope * 1e6 / f64::from(clock_rate.max(1)),
            stretches: stretches.collect(),
        }
    }
}

/// Sender reports of one participant whose delay differs by more belong to another clock: another device.
const SAME_CLOCK_US: f64 = 500_000.0;

/// A slope is fitted only over at least this time; over less, noise of 1 ms would be worse than the drift.
const FIT_SPAN_US: f64 = 10_000_000.0;

/// The same for the envelope, whose points are noisier.
const ENVELOPE_SPAN_US: f64 = 60_000_000.0;

/// Crystals are within 100 ppm; a line that says more than this is not a clock.
const MAX_SKEW: f64 = 500e-6;

/// RTP time may be none: an encoder that counts pictures as thirtieths of a second, of a camera that takes 29.97, is slow by
/// 1000 ppm. Its sender reports say so, without the noise of a network.
const MAX_SKEW_OF_RTP: f64 = 2_000e-6;

/// Frames arrive at most so long before and after the time that a sensible mapping gives them.
const SENSIBLE_US: std::ops::RangeInclusive<f64> = -500_000.0..=3_000_000.0;

/// Maps all epochs of one participant; the result has the same length and order.
pub(crate) fn align(epochs: &[Facts]) -> Vec<Mapping> {
    let bases: Vec<_> = epochs.iter().map(base_rtp).collect();
    let straight = straighten(epochs, &bases);
    let groups = clock_groups(epochs, &straight);
    let envelopes: Vec<_> = (0..groups.iter().flatten().max().map_or(0, |last| last + 1))
        .map(|group| {
            let of_group = straight
                .iter()
                .zip(&groups)
                .filter(|(_, g)| **g == Some(group));
            let points: Vec<_> = of_group
                .flat_map(|(epoch, _)| &epoch.reports)
                .map(|report| (report.ntp_us, report.received_us as f64))
                .collect();
            lower_envelope(points, ENVELOPE_SPAN_US)
        })
        .collect();
    let reported = |epoch: &Straight, group: Option<usize>| {
        let to_session = envelopes.get(group?).copied().flatten()?;
        let to_ntp = fit_reports(&epoch.reports)?;
        Some(Line {
            x: 0.0,
            y: to_session.at(to_ntp.at(0.0)),
            slope: to_session.slope * to_ntp.slope,
        })
    };
    let mapping = |n: usize| {
        let (epoch, clock) = (&straight[n], (bases[n], epochs[n].clock_rate));
        match reported(epoch, groups[n]).filter(|line| is_sensible(line, epoch)) {
            Some(line) => Mapping::along(line, Sync::Reported, clock, epoch),
            None => Mapping::along(estimated(epoch), Sync::Estimated, clock, epoch),
        }
    };
    (0..epochs.len()).map(mapping).collect()
}

/// Where the RTP times of an epoch are counted from.
fn base_rtp(epoch: &Facts) -> u64 {
    epoch.frames.first().map_or(0, |frame| frame.0)
}

/// Which sender's clock each epoch with reports follows. A participant who came back on another device has another.
fn clock_groups(epochs: &[Facts], straight: &[Straight]) -> Vec<Option<usize>> {
    let mut groups = vec![None; epochs.len()];
    let mut latest: Vec<(i64, f64)> = Vec::new();
    let mut reports: Vec<_> = straight
        .iter()
        .enumerate()
        .flat_map(|(n, epoch)| epoch.reports.iter().map(move |report| (n, report)))
        .collect();
    reports.sort_by_key(|(n, report)| (report.received_us, *n));
    for (n, report) in reports {
        let run = epochs[n].run;
        let delay = report.delay();
        let group = *groups[n].get_or_insert_with(|| {
            let near =
                |other: &(i64, f64)| other.0 == run && (delay - other.1).abs() < SAME_CLOCK_US;
            latest.iter().position(near).unwrap_or_else(|| {
                latest.push((run, delay));
                latest.len() - 1
            })
        });
        latest[group] = (run, delay);
    }
    groups
}

/// A straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    x: f64,
    y: f64,
    slope: f64,
}

impl Line {
    fn at(&self, x: f64) -> f64 {
        self.y + (x - self.x) * self.slope
    }
}

/// Sender's time over RTP time, both in microseconds: least squares without outliers.
fn fit_reports(reports: &[Pair]) -> Option<Line> {
    let base_ntp = reports.first()?.ntp_us;
    let mut points: Vec<_> = reports
        .iter()
        .map(|report| (report.rtp_us, report.ntp_us - base_ntp))
        .collect();
    let mut line = least_squares(&points)?;
    for _ in 0..3 {
        let residual = |point: &(f64, f64)| (point.1 - line.at(point.0)).abs();
        let mut residuals: Vec<_> = points.iter().map(residual).collect();
        residuals.sort_by(f64::total_cmp);
        let allowed = (residuals[residuals.len() / 2] * 4.0).max(2_000.0);
        let kept: Vec<_> = points
            .iter()
            .copied()
            .filter(|point| residual(point) <= allowed)
            .collect();
        if kept.len() == points.len() || kept.is_empty() {
            break;
        }
        points = kept;
        line = least_squares(&points)?;
    }
    Some(Line {
        y: line.y + base_ntp,
        ..line
    })
}

/// The line of slope near one through the points; with slope one when they tell no other.
fn least_squares(points: &[(f64, f64)]) -> Option<Line> {
    let n = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (first, last) = (points.first()?, points.last()?);
    let xx: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let xy: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let slope = xy / xx;
    let tells = (last.0 - first.0).abs() >= FIT_SPAN_US && (slope - 1.0).abs() <= MAX_SKEW_OF_RTP;
    if tells {
        return Some(Line {
            x,
            y,
            slope: xy / xx,
        });
    }
    // The median offset: one wild point among few must not move the line.
    let mut offsets: Vec<_> = points.iter().map(|p| p.1 - p.0).collect();
    offsets.sort_by(f64::total_cmp);
    Some(Line {
        x: 0.0,
        y: offsets[offsets.len() / 2],
        slope: 1.0,
    })
}

/// The line of slope near one that lies below all points and nearest to them; with slope one when they span less than
/// `span` or tell another.
///
/// The sum of distances is least for the edge of the lower convex hull above the points' mean.
fn lower_envelope(mut points: Vec<(f64, f64)>, span: f64) -> Option<Line> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (first, last) = (*points.first()?, *points.last()?);
    let flat = || {
        let lowest = points
            .iter()
            .map(|p| (p.1 - first.1) - (p.0 - first.0))
            .fold(f64::INFINITY, f64::min);
        Line {
            x: first.0,
            y: first.1 + lowest,
            slope: 1.0,
        }
    };
    if last.0 - first.0 < span {
        return Some(flat());
    }
    let mut hull: Vec<(f64, f64)> = Vec::new();
    for &point in &points {
        while let [.., a, b] = hull[..] {
            let left_turn = (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) > 0.0;
            if left_turn {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    let mean = first.0 + points.iter().map(|p| p.0 - first.0).sum::<f64>() / points.len() as f64;
    let edge = hull.windows(2).find(|edge| edge[1].0 >= mean);
    let line = edge.map(|edge| Line {
        x: edge[0].0,
        y: edge[0].1,
        slope: (edge[1].1 - edge[0].1) / (edge[1].0 - edge[0].0),
    });
    Some(
        line.filter(|line| (line.slope - 1.0).abs() <= MAX_SKEW)
            .unwrap_or_else(flat),
    )
}

/// Whether the frames came about when a line over RTP time says that they were captured.
fn is_sensible(line: &Line, epoch: &Straight) -> bool {
    let ends = [
        epoch.frames.first(),
        epoch.frames.get(epoch.frames.len() / 2),
        epoch.frames.last(),
    ];
    let late = |(rtp_us, received_us): &(f64, i64)| *received_us as f64 - line.at(*rtp_us);
    ends.into_iter()
        .flatten()
        .filter(|frame| SENSIBLE_US.contains(&late(frame)))
        .count()
        >= 2
}

/// Receive times without their delays, over RTP time.
fn estimated(epoch: &Straight) -> Line {
    let points = epoch
        .frames
        .iter()
        .map(|(rtp_us, received_us)| (*rtp_us, *received_us as f64))
        .collect();
    lower_envelope(points, ENVELOPE_SPAN_US).unwrap_or(Line {
        x: 0.0,
        y: 0.0,
        slope: 1.0,
    })
}

/// `a - b`, exact up to 2⁵³.
fn signed_difference(a: u64, b: u64) -> f64 {
    if a >= b {
        (a - b) as f64
    } else {
        -((b - a) as f64)
    }
}

/// 1 January 1970 in NTP time, in seconds since 1900.
const UNIX_EPOCH: u64 = 2_208_988_800;

/// NTP time 32.32 in microseconds since 1900. A sender without a clock says zero (RFC 3550, 6.4.1), which the engine tells
/// as the begin of 1970, as it does with everything before: that is no time.
pub(crate) fn ntp_us(ntp: u64) -> Option<i64> {
    let us = (u128::from(ntp) * 1_000_000) >> 32;
    (ntp > UNIX_EPOCH << 32).then(|| i64::try_from(us).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000;
    const HOUR: i64 = 3_600 * SECOND;

    /// A sender whose clock is 20 days off and runs 100 ppm fast, on a link of 30 ms with jitter up to 40 ms.
    struct Sender {
        skew: f64,
        offset_us: f64,
        noise: u64,
    }

    impl Sender {
        fn new() -> Self {
            Self {
                skew: 100e-6,
                offset_us: 1.7e12,
                noise: 1,
            }
        }

        fn clock_us(&self, at_us: i64) -> f64 {
            self.offset_us + at_us as f64 * (1.0 + self.skew)
        }

        fn delay_us(&mut self) -> i64 {
            self.noise = self
                .noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            30_000 + (self.noise >> 33) as i64 % 40_000
        }

        /// An epoch from `from_us` to `to_us` with a frame and a report each so many microseconds.
        fn epoch(
            &mut self,
            clock_rate: u32,
            base: u64,
            (from_us, to_us): (i64, i64),
            frame_us: i64,
            report_us: Option<(i64, i64)>,
        ) -> Facts {
            let rtp = |sender: &Self, at_us: i64| {
                base + ((sender.clock_us(at_us) - sender.offset_us) * f64::from(clock_rate) / 1e6)
                    .round() as u64
            };
            let every = |first: i64, step: i64| {
                (0..)
                    .map(move |n| first + n * step)
                    .take_while(move |at| *at < to_us)
            };
            let frames = every(from_us, frame_us)
                .map(|at| (rtp(self, at), at + self.delay_us()))
                .collect();
            let mut reports = Vec::new();
            if let Some((first, step)) = report_us {
                for at in every(from_us + first, step) {
                    let ntp_us = self.clock_us(at).round() as i64;
                    reports.push(Report {
                        ntp_us,
                        rtp: rtp(self, at),
                        received_us: at + self.delay_us(),
                    });
                }
            }
            Facts {
                run: 0,
                clock_rate,
                frames,
                reports,
            }
        }

        fn rtp(&self, clock_rate: u32, base: u64, at_us: i64) -> u64 {
            base + ((self.clock_us(at_us) - self.offset_us) * f64::from(clock_rate) / 1e6).round()
                as u64
        }
    }

    #[test]
    fn two_hours_of_skew_and_a_late_report_leave_sound_and_picture_together() {
        let mut sender = Sender::new();
        let sound = sender.epoch(
            48_000,
            1 << 33,
            (0, 2 * HOUR),
            SECOND / 5,
            Some((5 * SECOND, 5 * SECOND)),
        );
        let picture = sender.epoch(
            90_000,
            77,
            (37 * SECOND, 2 * HOUR),
            SECOND / 5,
            Some((SECOND, SECOND)),
        );
        let mappings = align(&[sound, picture]);
        for at in [37 * SECOND, 40 * SECOND, HOUR, 2 * HOUR] {
            let sound = mappings[0].session_us(0, sender.rtp(48_000, 1 << 33, at));
            let picture = mappings[1].session_us(0, sender.rtp(90_000, 77, at));
            assert!(
                (sound - picture).abs() < 2_000.0,
                "{} us apart at {at}",
                sound - picture
            );
            let late = sound - at as f64;
            assert!(
                (20_000.0..50_000.0).contains(&late),
                "{late} us late at {at}: the link's delay is 30 ms"
            );
        }
        assert!(
            mappings
                .iter()
                .all(|mapping| mapping.sync == Sync::Reported)
        );
    }

    #[test]
    fn pictures_that_are_counted_instead_of_timed_stay_with_the_sound() {
        for skew in [-1_000e-6, 1_000e-6] {
            let mut sender = Sender::new();
            let reports = Some((SECOND, SECOND));
            let sound = sender.epoch(48_000, 1 << 33, (0, HOUR), SECOND / 5, reports);
            let mut picture = sender.epoch(90_000, 0, (0, HOUR), SECOND / 5, reports);
            let counted = |rtp: u64| (rtp as f64 * (1.0 + skew)).round() as u64;
            for (rtp, _) in &mut picture.frames {
                *rtp = counted(*rtp);
            }
            for report in &mut picture.reports {
                report.rtp = counted(report.rtp);
            }
            let mappings = align(&[sound, picture]);
            for at in [0, HOUR / 2, HOUR] {
                let sound = mappings[0].session_us(0, sender.rtp(48_000, 1 << 33, at));
                let picture = mappings[1].session_us(0, counted(sender.rtp(90_000, 0, at)));
                assert!(
                    (sound - picture).abs() < 5_000.0,
                    "{} us apart at {at}",
                    sound - picture
                );
            }
        }
    }

    #[test]
    fn without_reports_receive_times_have_to_do() {
        let mut sender = Sender::new();
        let sound = sender.epoch(48_000, 0, (10 * SECOND, 14 * SECOND), SECOND / 50, None);
        let mapping = &align(&[sound])[0];
        assert_eq!(mapping.sync, Sync::Estimated);
        let late = mapping.session_us(0, sender.rtp(48_000, 0, 12 * SECOND)) - 12e6;
        assert!((29_000.0..35_000.0).contains(&late), "{late}");
    }

    #[test]
    fn single_report_suffices() {
        let mut sender = Sender::new();
        let sound = sender.epoch(
            48_000,
            0,
            (0, 8 * SECOND),
            SECOND / 50,
            Some((5 * SECOND, 5 * SECOND)),
        );
        assert_eq!(sound.reports.len(), 1);
        let picture = sender.epoch(
            90_000,
            9,
            (0, 8 * SECOND),
            SECOND / 25,
            Some((SECOND, SECOND)),
        );
        let mappings = align(&[sound, picture]);
        let apart = mappings[0].session_us(0, 0) - mappings[1].session_us(0, 9);
        assert!(apart.abs() < 1_000.0, "{apart}");
        assert_eq!(mappings[0].sync, Sync::Reported);
    }

    #[test]
    fn wild_report_is_ignored() {
        let mut sender = Sender::new();
        let mut sound = sender.epoch(
            48_000,
            0,
            (0, 60 * SECOND),
            SECOND / 50,
            Some((SECOND, SECOND)),
        );
        sound.reports[30].rtp += 48_000;
        let mapping = &align(&[sound])[0];
        let late = mapping.session_us(0, sender.rtp(48_000, 0, 30 * SECOND)) - 30e6;
        assert!((25_000.0..45_000.0).contains(&late), "{late}");
    }

    #[test]
    fn senseless_reports_are_not_believed() {
        let mut sender = Sender::new();
        let mut sound = sender.epoch(
            48_000,
            0,
            (0, 20 * SECOND),
            SECOND / 50,
            Some((SECOND, SECOND)),
        );
        for report in &mut sound.reports {
            report.rtp += 48_000 * 3_600;
        }
        assert_eq!(align(&[sound])[0].sync, Sync::Estimated);
    }

    #[test]
    fn other_device_of_the_same_participant_has_its_own_clock() {
        let mut laptop = Sender::new();
        let mut phone = Sender {
            offset_us: 3e12,
            ..Sender::new()
        };
        let before = laptop.epoch(
            48_000,
            0,
            (0, 60 * SECOND),
            SECOND / 50,
            Some((SECOND, SECOND)),
        );
        let after = phone.epoch(
            48_000,
            5,
            (60 * SECOND, 120 * SECOND),
            SECOND / 50,
            Some((SECOND, SECOND)),
        );
        let mappings = align(&[before, after]);
        let late = mappings[1].session_us(0, phone.rtp(48_000, 5, 90 * SECOND)) - 90e6;
        assert!((25_000.0..45_000.0).contains(&late), "{late}");
    }

    proptest! {
        #[test]
        fn any_facts_give_finite_times(
            frames in proptest::collection::vec((any::<u64>(), any::<i64>()), 0..8),
            reports in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<i64>()), 0..8),
            clock_rate in any::<u32>(),
        ) {
            let reports = reports
                .into_iter()
                .filter_map(|(ntp, rtp, received_us)| Some(Report { ntp_us: ntp_us(ntp)?, rtp, received_us }))
                .collect();
            let mapping = &align(&[Facts { run: 0, clock_rate, frames, reports }])[0];
            prop_assert!(mapping.session_us(0, 0).is_finite());
            prop_assert!(mapping.session_us(0, u64::MAX).is_finite());
        }
    }
}
