//! What an allocation reckoned with, kept for whoever asks why a picture is as it is.

use super::Wish;

/// What the last allocation for a viewer reckoned with.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What the link carries, bits per second; `None` when that is not estimated.
    pub(crate) link_bps: Option<u64>,
    /// What voices take of it.
    pub(crate) voices_bps: u64,
    /// What pictures may take of it.
    pub(crate) budget_bps: u64,
    /// Lines and what was wished for them, most wanted first.
    pub(crate) wishes: Vec<(usize, Wish)>,
}

impl Ledger {
    /// Notes an allocation: what the link carries, if that is estimated, what voices take of it, what pictures may
    /// take, and what was wished for on which line.
    pub(crate) fn note(
        &mut self,
        link_bps: Option<u64>,
        voices_bps: u64,
        budget_bps: u64,
        lines: &[usize],
        wishes: &[Wish],
    ) {
        self.link_bps = link_bps;
        self.voices_bps = voices_bps;
        self.budget_bps = budget_bps;
        self.wishes.clear();
        self.wishes
            .extend(lines.iter().copied().zip(wishes.iter().copied()));
    }
}
