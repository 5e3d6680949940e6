//! Why a picture is as it is: the answer to a viewer's question, from what was given and what flows.

use protocol::explain::PictureReason;
use protocol::media::ReceiveMode;

use super::{Share, Wish};
use crate::rtp::Layer;

/// A picture that was wished for on a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// What the viewer chose to receive.
    pub(crate) mode: ReceiveMode,
    /// What was wished for.
    pub(crate) wish: &'a Wish,
    /// What the line gets.
    pub(crate) share: &'a Share,
    /// What the viewer's pictures could still take, bits per second.
    pub(crate) left_bps: u64,
    /// Whether the publisher shows nothing.
    pub(crate) is_muted: bool,
    /// How many layers the publisher offers.
    pub(crate) layer_count: usize,
    /// The best layer up to the given one that comes from the publisher.
    pub(crate) live: Option<Layer>,
    /// The layer that flows.
    pub(crate) flowing: Option<Layer>,
    /// Whether the line waits for a keyframe.
    pub(crate) is_waiting: bool,
}

impl Shown<'_> {
    /// What keeps it from being better, if anything does.
    pub(crate) fn reason(&self) -> PictureReason {
        if self.is_muted {
            return PictureReason::Muted;
        }
        let Some(given) = self.share.layer else {
            return PictureReason::Link;
        };
        if self.live < Some(given) {
            return PictureReason::Publisher;
        }
        if self.flowing != Some(given) && self.is_waiting {
            return PictureReason::Keyframe;
        }
        if self.share.sparse {
            return PictureReason::Link;
        }
        if given < self.wish.best {
            return self.short_of_best(given);
        }
        if self.wish.best + 1 < self.layer_count {
            return if self.mode == ReceiveMode::Low {
                PictureReason::Choice
            } else {
                PictureReason::View
            };
        }
        PictureReason::Best
    }

    fn short_of_best(&self, given: Layer) -> PictureReason {
        let bps = &self.wish.bps;
        let next = (given + 1..=self.wish.best).find_map(|layer| *bps.get(layer)?);
        let held = self.wish.needs_bps(given);
        match next {
            Some(next) if next.saturating_sub(held) <= self.left_bps => PictureReason::Rising,
            _ => PictureReason::Link,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const WISH: Wish = Wish {
        bps: [Some(150_000), Some(500_000), Some(1_500_000)],
        enough: 1,
        best: 2,
    };

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn share(layer: Option<Layer>) -> Share {
        let mut share = Share::new(Instant::now());
        share.layer = layer;
        share
    }

    /// A picture of which the given layer flows.
    fn shown(share: &Share) -> Shown<'_> {
        Shown {
            mode: ReceiveMode::Everything,
            wish: &WISH,
            share,
            left_bps: 0,
            is_muted: false,
            layer_count: 3,
            live: share.layer,
            flowing: share.layer,
            is_waiting: false,
        }
    }

    #[test]
    fn picture_short_of_its_best_is_rising_when_the_next_layer_fits() {
        let share = share(Some(1));
        let mut shown = shown(&share);
        shown.left_bps = 999_999;
        assert_eq!(shown.reason(), PictureReason::Link);
        shown.left_bps = 1_000_000;
        assert_eq!(shown.reason(), PictureReason::Rising);
    }

    #[test]
    fn dark_picture_is_the_links_fault_unless_the_publisher_shows_nothing() {
        let share = share(None);
        let mut shown = shown(&share);
        assert_eq!(shown.reason(), PictureReason::Link);
        shown.is_muted = true;
        assert_eq!(shown.reason(), PictureReason::Muted);
    }

    #[test]
    fn layer_that_does_not_come_is_the_publishers_and_one_that_has_not_begun_waits_for_a_keyframe()
    {
        let share = share(Some(2));
        let mut shown = shown(&share);
        assert_eq!(shown.reason(), PictureReason::Best);
        shown.flowing = Some(0);
        shown.is_waiting = true;
        assert_eq!(shown.reason(), PictureReason::Keyframe);
        shown.live = Some(0);
        assert_eq!(shown.reason(), PictureReason::Publisher);
    }

    #[test]
    fn smaller_picture_than_the_publisher_offers_was_chosen_or_is_shown_small() {
        let share = share(Some(0));
        let wish = Wish { best: 0, ..WISH };
        let mut shown = shown(&share);
        shown.wish = &wish;
        assert_eq!(shown.reason(), PictureReason::View);
        shown.mode = ReceiveMode::Low;
        assert_eq!(shown.reason(), PictureReason::Choice);
    }
}
