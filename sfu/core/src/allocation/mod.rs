//! Shares out what a viewer's link carries: an estimate, voices and wishes in, layers out. Pure: nothing here touches a
//! subscription or a peer; [`crate::room`] carries out what is decided.

mod downlink;
mod explain;
mod ledger;
mod share;
mod wishes;

use std::time::Instant;

pub(crate) use downlink::Downlink;
pub(crate) use explain::Shown;
pub(crate) use ledger::Ledger;
pub(crate) use share::Share;
pub(crate) use wishes::Wish;

use self::wishes::{ideal_bps, pick};

/// Set aside for each voice on a line: Opus with in-band FEC, headers included.
const VOICE_BPS: u64 = 48_000;

/// Set aside for each packet that is sent along with every packet of a voice.
const REDUNDANT_BPS: u64 = 40_000;
/// From this share of losses on, redundant voices come before the last picture; below it, the error correction inside
/// Opus does.
const REDUNDANT_BEFORE_PICTURES: f32 = 0.06;

/// How much of the estimate is given out, in percent; the rest is for repairs and feedback.
const USABLE_PERCENT: u64 = 95;
/// How much of the estimate a better picture must fit in, in percent, so that it is not taken back at once.
const UPGRADE_PERCENT: u64 = 80;
/// An estimate that was taken while a queue grew is divided by this: a link that shrank to a tenth has been seen with
/// an estimate of three times what it carries when the queue was gone.
const WARY_DIVISOR: u64 = 3;

/// What a link is given out of that nobody estimates: more than all pictures take together.
const UNLIMITED_BPS: u64 = u64::MAX / 4;

/// What is known of a viewer when its link is shared out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// Whether media can be sent to it.
    pub(crate) connected: bool,
    /// What its link carries, bits per second; `None` when that is not estimated, and everything is allowed.
    pub(crate) link_bps: Option<u64>,
    /// What else is known of its link.
    pub(crate) downlink: &'a Downlink,
    /// How many of its lines carry a voice.
    pub(crate) voices: u64,
    /// Whether it takes redundant voices.
    pub(crate) takes_redundancy: bool,
    /// Its pictures, most wanted first.
    pub(crate) pictures: &'a [Picture],
}

/// A picture that a viewer would like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture {
    /// On which of its lines.
    pub(crate) line: usize,
    /// Its layers, and which of them make sense.
    pub(crate) wish: Wish,
    /// What the line got so far.
    pub(crate) share: Share,
    /// Whether it was put on the line at this moment.
    pub(crate) is_new: bool,
    /// What its smallest layer takes with fewer pictures, bits per second, if that is less.
    pub(crate) sparse_bps: Option<u64>,
    /// Whether it is known what its smallest layer takes.
    pub(crate) is_measured: bool,
}

/// How a viewer's link is shared out. All rates are in bits per second.
#[derive(Debug)]
pub(crate) struct Allocation {
    /// What each picture's line gets, in the order of [`Viewer::pictures`].
    pub(crate) shares: Vec<Share>,
    /// What was wished for in the end, in the same order: the first picture may have become sparse.
    pub(crate) wishes: Vec<Wish>,
    /// How many packets before it each voice packet brings along.
    pub(crate) redundancy: usize,
    /// What is set aside for voices.
    pub(crate) voices_bps: u64,
    /// What pictures may take.
    pub(crate) budget_bps: u64,
    /// What voices and pictures take.
    pub(crate) given_bps: u64,
    /// Whether the link carries all that is wished for.
    pub(crate) is_covered: bool,
    /// What the estimation should try to find out whether the link carries.
    pub(crate) sustain_bps: u64,
    /// What would be sent if the link carried it.
    pub(crate) desired_bps: u64,
    /// At which rate media leave at least.
    pub(crate) paced_bps: u64,
    /// Whether it is not known yet that the link carries what is sent, nor that it does not.
    pub(crate) is_untold: bool,
}

/// Shares out a viewer's link: voices first, then pictures in the order in which they are wanted.
pub(crate) fn allocate(now: Instant, viewer: &Viewer<'_>) -> Allocation {
    let terms = Terms::of(now, viewer);
    let mut wishes: Vec<Wish> = viewer.pictures.iter().map(|picture| picture.wish).collect();
    let ideal_bps = ideal_bps(&wishes) + terms.voices_bps;
    if let Some((wish, bps)) = wishes.first_mut().zip(terms.sparse_bps) {
        wish.bps[0] = Some(bps);
    }
    let budget_bps = terms.budget_bps(viewer, USABLE_PERCENT);
    let affordable = pick(budget_bps, &wishes);
    let comfortable = pick(terms.budget_bps(viewer, UPGRADE_PERCENT), &wishes);

    let mut shares = Vec::with_capacity(viewer.pictures.len());
    let mut given_bps = terms.voices_bps;
    // What more the next better layer takes of the most wanted picture that has one.
    let mut step_bps = 0;
    for (at, picture) in viewer.pictures.iter().enumerate() {
        let first = at == 0;
        let mut share = picture.share;
        let begins = first && terms.tries && !share.is_lit();
        let fresh = picture.is_new || begins || !viewer.connected;
        share.settle(now, affordable[at], comfortable[at], fresh);
        let sparse_bps = terms.sparse_bps.filter(|_| first && share.layer == Some(0));
        share.settle_sparse(sparse_bps.is_some(), terms.whole_fits(viewer));
        let whole_bps = share.layer.map_or(0, |layer| picture.wish.needs_bps(layer));
        let taken_bps = sparse_bps.unwrap_or(whole_bps);
        given_bps += taken_bps;
        let next = share.layer.map_or(0, |layer| layer + 1);
        if sparse_bps.is_some() {
            step_bps = whole_bps.saturating_sub(taken_bps);
        } else if step_bps == 0 && next <= picture.wish.best {
            step_bps = picture.wish.needs_bps(next).saturating_sub(taken_bps);
        }
        shares.push(share);
    }

    let is_covered = ideal_bps > terms.voices_bps
        && viewer
            .link_bps
            .is_some_and(|bps| bps / 100 * USABLE_PERCENT >= ideal_bps);
    // What was not tried yet leaves evenly: the keyframe alone would fill the queue of many a link that carries the
    // picture. Once packets wait, what is left of it follows as fast as the picture goes on, and no faster.
    let paced_bps = match () {
        () if terms.limited => 0,
        () if viewer.downlink.is_strained() && !is_covered => given_bps,
        () => given_bps * 5 / 4,
    };
    let unmeasured = viewer.pictures.first().is_some_and(|p| !p.is_measured);
    let untold = unmeasured || viewer.link_bps.is_some_and(|bps| bps < paced_bps);
    // More than is sent now is only asked for when there is more to send, and then enough to begin the next layer:
    // without it, a line whose smallest layer the link once did not carry would stay dark.
    let sustain_bps = if given_bps < ideal_bps && !viewer.downlink.is_held() {
        ideal_bps.min((given_bps * 3 / 2).max(given_bps + step_bps))
    } else {
        0
    };
    let desired_bps = ideal_bps * 5 / 4;
    Allocation {
        shares,
        wishes,
        redundancy: terms.redundancy,
        voices_bps: terms.voices_bps,
        budget_bps,
        given_bps,
        is_covered,
        sustain_bps,
        desired_bps: match viewer.link_bps {
            // What is sent anyway tells what the link carries; it needs no probes.
            Some(bps) if given_bps >= ideal_bps && !terms.limited => desired_bps.min(bps),
            _ => desired_bps,
        },
        paced_bps,
        is_untold: untold && !terms.limited,
    }
}

/// What an allocation reckons with. All rates are in bits per second.
#[derive(Debug)]
struct Terms {
    /// Whether the link showed of late that it carries no more than its estimate.
    limited: bool,
    /// What voices take.
    voices_bps: u64,
    /// How many packets before it each voice packet brings along.
    redundancy: usize,
    /// What the most wanted picture takes with fewer pictures, if it has to be sent so.
    sparse_bps: Option<u64>,
    /// What voices and all pictures of the most wanted one's smallest layer take.
    whole_bps: u64,
    /// Whether the most wanted picture is given although the link has not shown that it carries it.
    tries: bool,
    /// What pictures get in any case.
    floor_bps: u64,
    /// By what the estimate is divided.
    divisor: u64,
}

impl Terms {
    fn of(now: Instant, viewer: &Viewer<'_>) -> Self {
        let link_bps = viewer.link_bps;
        let limited = viewer.downlink.is_limited(now);
        let first = viewer.pictures.first();
        let smallest_bps = first.and_then(|picture| picture.wish.bps[0]).unwrap_or(0);
        let whole_bps = smallest_bps + voices_bps(viewer.voices, redundancy(viewer, smallest_bps));
        let sparse_bps = first
            .zip(link_bps)
            .and_then(|(picture, bps)| picture.sparse_bps(bps, whole_bps, limited));
        let least_bps = sparse_bps.unwrap_or(smallest_bps);
        let redundancy = redundancy(viewer, least_bps);
        let voices_bps = voices_bps(viewer.voices, redundancy);
        // The most wanted picture is given, in its smallest layer, until the link shows that it does not carry it: an
        // estimate is no more than what was tried, and a dark picture is worse than a late one. Nor is it taken away
        // over the few percent that are kept for repairs.
        let shown = first.is_some_and(|picture| picture.share.is_lit());
        let untried = first.is_some_and(|picture| picture.share.is_untried());
        let tries = !limited && (shown || untried);
        let keeps = shown && link_bps.is_some_and(|bps| bps >= voices_bps + least_bps);
        Self {
            limited,
            voices_bps,
            redundancy,
            sparse_bps,
            whole_bps,
            tries,
            floor_bps: if tries || keeps { least_bps } else { 0 },
            divisor: if viewer.downlink.is_wary(now) {
                WARY_DIVISOR
            } else {
                1
            },
        }
    }

    /// What pictures may take when this much of the estimate is given out.
    fn budget_bps(&self, viewer: &Viewer<'_>, percent: u64) -> u64 {
        let percent = percent / self.divisor;
        let budget = |bps: u64| (bps / 100 * percent).saturating_sub(self.voices_bps);
        viewer
            .link_bps
            .map_or(UNLIMITED_BPS, budget)
            .max(self.floor_bps)
    }

    /// Whether the link has room to spare for all pictures of the most wanted one's smallest layer.
    fn whole_fits(&self, viewer: &Viewer<'_>) -> bool {
        let fits = |bps: u64| bps / 100 * UPGRADE_PERCENT >= self.whole_bps;
        viewer.link_bps.is_none_or(fits)
    }
}

impl Picture {
    /// What the most wanted picture takes when its smallest layer is sent with fewer pictures, if it has to be: a
    /// picture that moves slowly is better than none. `whole_bps` is what all its pictures and the voices need. A link
    /// that is not `limited` is tried with all of them first.
    fn sparse_bps(&self, link_bps: u64, whole_bps: u64, limited: bool) -> Option<u64> {
        let share = &self.share;
        let whole = match share.layer {
            _ if share.sparse => share.may_be_whole(),
            Some(_) => !limited || link_bps >= whole_bps,
            None if !limited && share.is_untried() => true,
            None => link_bps / 100 * USABLE_PERCENT >= whole_bps,
        };
        self.sparse_bps.filter(|_| !whole)
    }
}

/// What this many voices take when each packet brings `redundancy` packets before it along, bits per second.
const fn voices_bps(voices: u64, redundancy: usize) -> u64 {
    voices * (VOICE_BPS + redundancy as u64 * REDUNDANT_BPS)
}

/// How many packets before it each voice packet brings along. They take the room of the last picture, `least_bps`, only
/// when many packets are lost.
fn redundancy(viewer: &Viewer<'_>, least_bps: u64) -> usize {
    if !viewer.takes_redundancy {
        return 0;
    }
    let wanted = viewer.downlink.redundancy();
    if viewer.downlink.loss() >= REDUNDANT_BEFORE_PICTURES {
        return wanted;
    }
    let fits = |packets: &usize| {
        let needed_bps = voices_bps(viewer.voices, *packets) + least_bps;
        viewer
            .link_bps
            .is_none_or(|bps| bps / 100 * USABLE_PERCENT >= needed_bps)
    };
    (0..=wanted).rev().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests;
