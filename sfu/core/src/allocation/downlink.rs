//! What is known of a viewer's downlink beyond the estimate of what it carries: whether packets queue up in it, and
//! how many are lost.
//!
//! ```text
//!        the queue grows long            it is short again, or other people's
//! (open) ---------------------> (held) --------------------------------------> (open)
//! ```
//! While it is held no picture is sent, so that voices do not wait, and are not dropped, behind pictures. The estimate
//! follows in its own time; until it has, only a part of it is spent.

use std::time::{Duration, Instant};

use crate::rtp::Feedback;

/// From this on, packets wait so long that sound is about to break: bottlenecks hold some 200 ms to 1 s.
const LONG_QUEUE: Duration = Duration::from_millis(150);
/// Up to this, the queue is as good as empty.
const SHORT_QUEUE: Duration = Duration::from_millis(60);

/// A queue that stays long for this long without any picture is made by others.
const FOREIGN_AFTER: Duration = Duration::from_secs(2);
/// A queue that is made by others is disregarded for this long.
const FOREIGN_FOR: Duration = Duration::from_secs(10);

/// After a queue that we made, the estimate is not yet believed for this long: it was taken while the queue grew.
const WARY_FOR: Duration = Duration::from_secs(1);

/// While more is sent than the fallen estimate, packets that wait longer than this wait for one another.
const STRAINED_QUEUE: Duration = Duration::from_millis(30);
/// From this share of losses on, a bottleneck without a queue drops what it does not carry.
const STRAINED_LOSS: f32 = 0.10;
/// Strain that lasts this long is no hiccup of a radio or of a busy machine.
const STRAINED_FOR: Duration = Duration::from_millis(300);
/// A queue into which more comes than the link carries grows by at least this much in that time.
const STRAINED_GROWTH: Duration = Duration::from_millis(10);
/// A queue that is shorter than this share of its longest, in percent, is on its way to be gone.
const SHRUNK_PERCENT: u32 = 90;
/// The newest queue is one part in this many of the smoothed one: a picture in one encoding makes waves of its own.
const QUEUE_WEIGHT: u32 = 2;
/// How long it is remembered that a link carries no more than its estimate.
const LIMIT_STANDS: Duration = Duration::from_secs(60);

/// Losses are averaged over about this many packets: 1 s of a picture in one encoding, 4 s of a voice.
const LOSS_WINDOW: f32 = 200.0;

/// From this share of losses on, voices are sent with the packet before as well.
const REDUNDANT_FROM: f32 = 0.02;
/// From this on, with the two before.
const TWICE_REDUNDANT_FROM: f32 = 0.08;
/// Below this share for [`REDUNDANT_LINGER`], voices are sent once again.
const PLAIN_BELOW: f32 = 0.005;
/// So that bursts of losses far apart still find redundancy.
const REDUNDANT_LINGER: Duration = Duration::from_secs(10);

/// A time in which more is sent than is estimated, and packets wait or are lost.
#[derive(Debug, Clone, Copy)]
struct Strain {
    since: Instant,
    /// The queue at that moment.
    queue: Duration,
    /// The longest smoothed queue since.
    longest: Duration,
    /// How many packets were lost before.
    lost: u64,
}

/// The state of one viewer's downlink.
#[derive(Debug, Default)]
pub(crate) struct Downlink {
    last: Feedback,
    loss: f32,
    held: Option<Instant>,
    foreign_until: Option<Instant>,
    wary_until: Option<Instant>,
    /// Whether the estimate fell, and not only was never higher.
    fell: bool,
    /// More is sent than the link seems to carry.
    strained: Option<Strain>,
    /// How long packets wait, without the waves that single pictures make.
    smooth: Duration,
    /// When the link last showed that it carries no more than its estimate.
    limited: Option<Instant>,
    redundancy: usize,
    lossy: Option<Instant>,
}

impl Downlink {
    /// Takes a feedback. `true` when pictures must be held from now on, or may go on.
    pub(crate) fn observe(&mut self, now: Instant, feedback: Feedback) -> bool {
        let packets = feedback.packets.saturating_sub(self.last.packets);
        let lost = feedback.lost.saturating_sub(self.last.lost);
        self.last = feedback;
        self.smooth = (self.smooth * (QUEUE_WEIGHT - 1) + feedback.queue) / QUEUE_WEIGHT;
        // What a full queue drops is repaired by sending less, not more.
        if packets > 0 && feedback.queue <= SHORT_QUEUE && self.held.is_none() {
            let share = lost as f32 / packets as f32;
            self.loss += (share - self.loss) * (packets as f32 / LOSS_WINDOW).min(1.0);
        }
        self.choose_redundancy(now);
        let was_held = self.held.is_some();
        match self.held {
            Some(_) if feedback.queue <= SHORT_QUEUE => {
                self.held = None;
                self.wary_until = Some(now + WARY_FOR);
            }
            Some(since) if now.saturating_duration_since(since) > FOREIGN_AFTER => {
                self.held = None;
                self.foreign_until = Some(now + FOREIGN_FOR);
            }
            None if feedback.queue >= LONG_QUEUE
                && self.foreign_until.is_none_or(|until| until <= now) =>
            {
                self.held = Some(now);
            }
            _ => {}
        }
        was_held != self.held.is_some()
    }

    /// Takes a new estimate. One that `fell` is a sign of a narrow link; one that never was higher is none.
    pub(crate) const fn note_estimate(&mut self, fell: bool) {
        self.fell |= fell;
    }

    /// Judges by the last feedback whether the link carries what is sent. `exceeds` when that is more than the
    /// estimate. `true` when it has just become clear that it does not.
    pub(crate) fn judge(&mut self, now: Instant, exceeds: bool) -> bool {
        let queues = self.last.queue >= STRAINED_QUEUE;
        let loses = self.loss >= STRAINED_LOSS;
        if !(exceeds && self.fell && (queues || self.is_held() || loses)) {
            self.strained = None;
            return false;
        }
        let (queue, lost) = (self.smooth, self.last.lost);
        let fresh = Strain {
            since: now,
            queue: queue.max(self.last.queue),
            longest: queue,
            lost,
        };
        let strain = self.strained.get_or_insert(fresh);
        strain.longest = strain.longest.max(queue);
        let strain = *strain;
        // A queue that was long enough to hold pictures leaves no doubt.
        if !self.is_held() {
            if now.saturating_duration_since(strain.since) < STRAINED_FOR {
                return false;
            }
            let grows = queue >= strain.queue + STRAINED_GROWTH
                && queue >= strain.longest * SHRUNK_PERCENT / 100;
            if !(grows || lost > strain.lost) {
                // What filled it was a burst: the link carries what is sent since.
                self.strained = Some(fresh);
                return false;
            }
        }
        let was_limited = self.is_limited(now);
        self.limited = Some(now);
        !was_limited
    }

    /// Whether more is sent than the estimate, and waits.
    pub(crate) const fn is_strained(&self) -> bool {
        self.strained.is_some()
    }

    /// Whether the link showed of late that it carries no more than its estimate. If not, the estimate is no more than
    /// what was tried.
    pub(crate) fn is_limited(&self, now: Instant) -> bool {
        self.limited
            .is_some_and(|at| now.saturating_duration_since(at) < LIMIT_STANDS)
    }

    /// The link carries all that is wished for, or is another one.
    pub(crate) const fn forget_limit(&mut self) {
        self.fell = false;
        self.strained = None;
        self.limited = None;
    }

    fn choose_redundancy(&mut self, now: Instant) {
        let wanted = if self.loss >= TWICE_REDUNDANT_FROM {
            2
        } else {
            usize::from(self.loss >= REDUNDANT_FROM)
        };
        if self.loss >= PLAIN_BELOW {
            self.lossy = Some(now);
        }
        let calm = self
            .lossy
            .is_none_or(|lossy| now.saturating_duration_since(lossy) > REDUNDANT_LINGER);
        self.redundancy = if calm { 0 } else { self.redundancy.max(wanted) };
    }

    /// Whether pictures must not be sent at present.
    pub(crate) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether the estimate may be too high.
    pub(crate) fn is_wary(&self, now: Instant) -> bool {
        self.held.is_some() || self.wary_until.is_some_and(|until| now < until)
    }

    /// How many packets before it each voice packet should bring along, as many are lost.
    pub(crate) const fn redundancy(&self) -> usize {
        self.redundancy
    }

    /// The share of packets lost of late, 0.0 to 1.0.
    pub(crate) const fn loss(&self) -> f32 {
        self.loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    /// Feedback about 15 more packets.
    fn feedback(before: Feedback, queue: Duration, lost: u64) -> Feedback {
        Feedback {
            queue,
            packets: before.packets + 15,
            lost: before.lost + lost,
        }
    }

    #[test]
    fn pictures_are_held_until_the_queue_is_gone() {
        let mut downlink = Downlink::default();
        let now = start();
        let mut last = Feedback::default();
        let mut observe = |downlink: &mut Downlink, at: Instant, queue: u32| {
            last = feedback(last, MS * queue, 0);
            downlink.observe(at, last)
        };
        assert!(!observe(&mut downlink, now, 100));
        assert!(observe(&mut downlink, now + 100 * MS, 160));
        assert!(downlink.is_held());
        assert!(!observe(&mut downlink, now + 200 * MS, 120));
        assert!(observe(&mut downlink, now + 300 * MS, 50));
        assert!(!downlink.is_held());
    }

    #[test]
    fn queue_of_others_does_not_hold_pictures_for_long() {
        let mut downlink = Downlink::default();
        let mut now = start();
        let mut held = 0;
        let mut last = Feedback::default();
        for _ in 0..120 {
            now += 100 * MS;
            last = feedback(last, 300 * MS, 0);
            downlink.observe(now, last);
            held += usize::from(downlink.is_held());
        }
        assert!((20..=45).contains(&held), "{held} of 120");
    }

    #[test]
    fn losses_of_a_full_queue_do_not_make_voices_redundant() {
        let mut downlink = Downlink::default();
        let mut last = Feedback::default();
        let now = start();
        for report in 0..20 {
            last = feedback(last, 200 * MS, 10);
            downlink.observe(now + report * 100 * MS, last);
        }
        assert_eq!(downlink.redundancy(), 0);
    }

    #[test]
    fn redundancy_follows_losses_and_lingers() {
        let mut downlink = Downlink::default();
        let mut now = start();
        let mut last = Feedback::default();
        let mut run = |downlink: &mut Downlink, reports: u32, lost: u64| {
            for _ in 0..reports {
                now += 100 * MS;
                last = feedback(last, Duration::ZERO, lost);
                downlink.observe(now, last);
            }
            downlink.redundancy()
        };
        assert_eq!(run(&mut downlink, 50, 0), 0);
        assert_eq!(run(&mut downlink, 50, 1), 1);
        assert_eq!(run(&mut downlink, 50, 2), 2);
        assert_eq!(run(&mut downlink, 90, 0), 2);
        assert_eq!(run(&mut downlink, 90, 0), 0);
    }

    #[test]
    fn link_is_limited_only_when_more_than_the_fallen_estimate_waits_or_is_lost() {
        let now = start();
        let limited = |fell: bool, exceeds: bool, queue: u32, reports: u32| {
            let mut downlink = Downlink::default();
            downlink.note_estimate(fell);
            let mut last = Feedback::default();
            let mut at = now;
            for report in 0..reports {
                at += 50 * MS;
                // It grows by an eighth of what is sent.
                last = feedback(last, MS * (queue + report * 6), 0);
                downlink.observe(at, last);
                downlink.judge(at, exceeds);
            }
            downlink.is_limited(at)
        };
        assert!(limited(true, true, 40, 10));
        assert!(!limited(true, true, 40, 5), "it may be a hiccup");
        assert!(!limited(false, true, 40, 10), "nothing was tried yet");
        assert!(
            !limited(true, false, 40, 10),
            "no more is sent than it carries"
        );
        assert!(!limited(true, true, 0, 10), "nothing waits for long");
        assert!(limited(true, true, 200, 1), "pictures are held");
    }

    #[test]
    fn queue_that_a_burst_filled_does_not_limit_a_link_that_empties_it_meanwhile() {
        let limited = |queues: &[u32], lost: u64| {
            let mut downlink = Downlink::default();
            downlink.note_estimate(true);
            let mut last = Feedback::default();
            let mut at = start();
            for queue in queues {
                at += 50 * MS;
                last = feedback(last, MS * *queue, lost);
                downlink.observe(at, last);
                downlink.judge(at, true);
            }
            downlink.is_limited(at)
        };
        assert!(!limited(&[33, 60, 90, 95, 80, 70, 55, 45, 40, 33], 0));
        assert!(limited(&[33, 60, 90, 95, 80, 70, 55, 45, 40, 33], 1));
        // Pictures make waves: what neither grows nor loses anything is carried.
        assert!(!limited(&[46, 39, 55, 42, 51, 44, 50, 46, 52, 44], 0));
        assert!(limited(&[34, 48, 42, 60, 55, 71, 66, 80, 77, 90], 0));
    }

    #[test]
    fn limit_is_forgotten_after_a_minute_or_when_all_is_carried() {
        let now = start();
        let mut downlink = Downlink::default();
        downlink.note_estimate(true);
        downlink.observe(now, feedback(Feedback::default(), 200 * MS, 0));
        assert!(downlink.judge(now, true));
        assert!(downlink.is_limited(now + 59_999 * MS));
        assert!(!downlink.is_limited(now + 60_000 * MS));
        downlink.forget_limit();
        assert!(!downlink.is_limited(now));
    }
}
