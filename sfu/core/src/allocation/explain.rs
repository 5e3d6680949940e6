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
