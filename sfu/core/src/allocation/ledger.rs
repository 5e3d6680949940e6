//! What an allocation reckoned with, kept for whoever asks why a picture is as it is.

use super::{Allocation, Picture, Wish};
use crate::rtp::Layer;

/// What the last allocation for a viewer reckoned with. All rates are in bits per second.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What the link was estimated to carry; `None` when nothing is estimated, or not yet.
    pub(crate) estimate_bps: Option<u64>,
    /// What voices take of it.
    pub(crate) voices_bps: u64,
    /// What pictures may take of it.
    pub(crate) budget_bps: u64,
    /// Lines and what was wished for them, most wanted first.
    pub(crate) wishes: Vec<(usize, Wish)>,
}

impl Ledger {
    /// Notes an allocation for these pictures, and the estimate that was known then.
    pub(crate) fn note(
        &mut self,
        estimate_bps: Option<u64>,
        pictures: &[Picture],
        allocation: &Allocation,
    ) {
        self.estimate_bps = estimate_bps;
        self.voices_bps = allocation.voices_bps;
        self.budget_bps = allocation.budget_bps;
        self.wishes.clear();
        let lines = pictures.iter().map(|picture| picture.line);
        self.wishes
            .extend(lines.zip(allocation.wishes.iter().copied()));
    }

    /// What pictures could still take, when each line gets the layer that `layer_of` tells of it.
    pub(crate) fn left_bps(&self, layer_of: impl Fn(usize) -> Option<Layer>) -> u64 {
        let taken = |(line, wish): &(usize, Wish)| Some(wish.needs_bps(layer_of(*line)?));
        let taken: u64 = self.wishes.iter().filter_map(taken).sum();
        self.budget_bps.saturating_sub(taken)
    }
}
