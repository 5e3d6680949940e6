//! What one line gets of its viewer's link, from one allocation to the next.
//!
//! ```text
//!         any layer fits; after failures, with room to spare
//! (dark) ----------------------------------------------------> (lit) --fits with room to spare--> better layer
//!    ^                                                           |
//!    +----------- nothing fits; soon after: a failure -----------+---- does not fit ------> smaller layer
//! ```
//! What is better, or comes back, waits until several allocations in a row allow it. What is less is less at once.

use std::time::{Duration, Instant};

use crate::rtp::Layer;

/// A picture that has to be taken away within this time after it was given counts as a failure.
const FAILED_WITHIN: Duration = Duration::from_secs(20);
/// How long a line stays dark after its first failure; doubled with each further failure in a row.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// The most failures that are counted, which makes it 32 s.
const MAX_FAILURES: u32 = 5;

/// Allocations in a row that must allow a better picture.
const UPGRADE_PATIENCE: u32 = 3;

/// What a line gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// The layer; `None` is paused.
    pub(crate) layer: Option<Layer>,
    /// Whether only some of the layer's pictures are sent, as the link does not carry all.
    pub(crate) sparse: bool,
    /// Allocations in a row that would have given more.
    upgrades: u32,
    /// Allocations in a row that would have given all pictures.
    denser: u32,
    /// Times in a row that the picture had to be taken away again soon after it was given.
    failures: u32,
    /// When a picture was last given, or taken away.
    changed: Instant,
}

impl Share {
    /// That of a line on which something else is put.
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            layer: None,
            sparse: false,
            upgrades: 0,
            denser: 0,
            failures: 0,
            changed: now,
        }
    }

    /// Nothing is wished for on the line. What it went through is remembered.
    pub(crate) const fn withdraw(&mut self) {
        self.layer = None;
        self.sparse = false;
    }

    /// Whether the line shows something.
    pub(super) const fn is_lit(&self) -> bool {
        self.layer.is_some()
    }

    /// Whether the link has carried what was given so far, or was given nothing yet.
    pub(super) const fn is_untried(&self) -> bool {
        self.failures == 0
    }

    /// Whether a sparse picture can be given whole: the link had room for it several times in a row.
    pub(super) const fn may_be_whole(&self) -> bool {
        self.denser >= UPGRADE_PATIENCE
    }

    /// Takes what an allocation gives: less at once, more only after it was offered with room to spare several times
    /// in a row. A `fresh` line takes everything at once. A dark line needs no room to spare, as any picture is better
    /// than none. A line that went dark soon after it was lit needs it, and waits, longer each time, so that a link on
    /// the brink does not flicker.
    pub(super) fn settle(
        &mut self,
        now: Instant,
        affordable: Option<Layer>,
        comfortable: Option<Layer>,
        fresh: bool,
    ) {
        let since = now.saturating_duration_since(self.changed);
        let before = self.layer;
        let offered = match before {
            Some(_) => comfortable,
            None if self.failures == 0 => affordable,
            None if since < self.retry_after() => None,
            None => comfortable,
        };
        if fresh || affordable < self.layer {
            self.layer = affordable;
            self.upgrades = 0;
        } else if offered > self.layer {
            self.upgrades += 1;
            if self.upgrades >= UPGRADE_PATIENCE {
                self.layer = offered;
                self.upgrades = 0;
            }
        } else {
            self.upgrades = 0;
        }
        if before.is_some() == self.layer.is_some() {
            return;
        }
        self.changed = now;
        if before.is_some() && !fresh {
            self.failures = if since < FAILED_WITHIN {
                self.failures.saturating_add(1)
            } else {
                1
            };
        }
    }

    /// Notes whether the picture is sparse, and if so, whether the link has room for all of it.
    pub(super) const fn settle_sparse(&mut self, sparse: bool, whole_fits: bool) {
        self.sparse = sparse;
        self.denser = if sparse && whole_fits {
            self.denser + 1
        } else {
            0
        };
    }

    fn retry_after(&self) -> Duration {
        RETRY_AFTER * ((1 << self.failures.min(MAX_FAILURES)) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(200);

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    /// A line that was lit at `now`.
    fn lit(now: Instant, layer: Layer) -> Share {
        let mut share = Share::new(now);
        share.settle(now, Some(layer), Some(layer), true);
        share
    }

    #[test]
    fn better_picture_comes_after_three_allocations_with_room_to_spare() {
        let now = start();
        let mut share = lit(now, 0);
        share.settle(now + TICK, Some(2), Some(2), false);
        share.settle(now + 2 * TICK, Some(2), Some(2), false);
        assert_eq!(share.layer, Some(0));
        share.settle(now + 3 * TICK, Some(2), Some(2), false);
        assert_eq!(share.layer, Some(2));
    }

    #[test]
    fn one_allocation_without_room_to_spare_begins_the_wait_anew() {
        let now = start();
        let mut share = lit(now, 0);
        for comfortable in [1, 1, 0, 1, 1] {
            share.settle(now + TICK, Some(1), Some(comfortable), false);
        }
        assert_eq!(share.layer, Some(0));
    }

    #[test]
    fn smaller_picture_comes_at_once() {
        let now = start();
        let mut share = lit(now, 2);
        share.settle(now + TICK, Some(1), Some(0), false);
        assert_eq!(share.layer, Some(1));
    }

    #[test]
    fn line_that_goes_dark_soon_after_it_was_lit_waits_twice_as_long_each_time() {
        let mut now = start();
        let mut share = lit(now, 0);
        for wait in [2, 4, 8, 16, 32, 32] {
            share.settle(now + TICK, None, None, false);
            assert!(!share.is_lit());
            let dark = now + TICK;
            let back = dark + Duration::from_secs(wait);
            for _ in 0..5 {
                share.settle(back - TICK, Some(0), Some(0), false);
            }
            assert!(!share.is_lit(), "before {wait} s");
            for _ in 0..3 {
                share.settle(back, Some(0), Some(0), false);
            }
            assert!(share.is_lit(), "after {wait} s");
            now = back;
        }
    }

    #[test]
    fn picture_that_lasted_is_a_first_failure_when_it_goes() {
        let now = start();
        let mut share = lit(now, 0);
        share.failures = 4;
        share.settle(now + Duration::from_secs(20), None, None, false);
        assert_eq!(share.failures, 1);
    }
}
