//! What is decided for a viewer: a link and wishes in, shares out.

use std::time::Duration;

use super::*;
use crate::rtp::{Feedback, Layer};

const MS: Duration = Duration::from_millis(1);

#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
fn start() -> Instant {
    Instant::now()
}

/// A camera that has just been put on a line.
fn camera(now: Instant, line: usize) -> Picture {
    Picture {
        line,
        wish: Wish {
            bps: [Some(150_000), Some(500_000), Some(1_500_000)],
            enough: 1,
            best: 2,
        },
        share: Share::new(now),
        is_new: true,
        sparse_bps: None,
        is_measured: true,
    }
}

/// A camera with one layer, of which every second picture can be left out.
fn single(now: Instant) -> Picture {
    Picture {
        wish: Wish {
            bps: [Some(600_000), None, None],
            enough: 0,
            best: 0,
        },
        sparse_bps: Some(300_000),
        ..camera(now, 0)
    }
}

/// A viewer without voices.
fn viewer<'a>(
    link_bps: Option<u64>,
    downlink: &'a Downlink,
    pictures: &'a [Picture],
) -> Viewer<'a> {
    Viewer {
        connected: true,
        link_bps,
        downlink,
        voices: 0,
        takes_redundancy: true,
        pictures,
    }
}

fn layers(allocation: &Allocation) -> Vec<Option<Layer>> {
    let shares = allocation.shares.iter();
    shares.map(|share| share.layer).collect()
}

/// A link that filled its queue at this moment, with less estimated than is sent: it holds pictures.
fn held(now: Instant) -> Downlink {
    let mut downlink = Downlink::default();
    downlink.note_estimate(true);
    let feedback = Feedback {
        queue: 200 * MS,
        packets: 15,
        lost: 0,
    };
    downlink.observe(now, feedback);
    assert!(downlink.judge(now, true) && downlink.is_held());
    downlink
}

/// The same when its queue is empty again, at the same moment.
fn emptied(now: Instant) -> Downlink {
    let mut downlink = held(now);
    let feedback = Feedback {
        queue: Duration::ZERO,
        packets: 30,
        lost: 0,
    };
    downlink.observe(now, feedback);
    downlink
}

/// A link that loses one of so many packets.
fn lossy(now: Instant, one_of: u64) -> Downlink {
    let mut downlink = Downlink::default();
    for report in 1..=100 {
        let feedback = Feedback {
            queue: Duration::ZERO,
            packets: report * one_of,
            lost: report,
        };
        downlink.observe(now, feedback);
    }
    downlink
}

#[test]
fn viewer_whose_link_is_not_estimated_gets_the_best_of_everything() {
    let now = start();
    let downlink = Downlink::default();
    let pictures = [camera(now, 0), camera(now, 1)];
    let allocation = allocate(now, &viewer(None, &downlink, &pictures));
    assert_eq!(layers(&allocation), [Some(2), Some(2)]);
    assert_eq!(allocation.given_bps, 3_000_000);
    assert!(!allocation.is_covered, "nobody knows what it carries");
}

#[test]
fn voices_come_before_pictures() {
    let now = start();
    let downlink = Downlink::default();
    let pictures = [camera(now, 0), camera(now, 1)];
    let mut viewer = viewer(Some(800_000), &downlink, &pictures);
    let silent = allocate(now, &viewer);
    assert_eq!(layers(&silent), [Some(1), Some(0)]);
    viewer.voices = 5;
    let five = allocate(now, &viewer);
    assert_eq!(five.voices_bps, 240_000);
    assert_eq!(five.budget_bps, 760_000 - 240_000);
    assert_eq!(layers(&five), [Some(1), None]);
}

#[test]
fn most_wanted_picture_is_tried_on_a_link_that_seems_too_narrow() {
    let now = start();
    let downlink = Downlink::default();
    let pictures = [camera(now, 0), camera(now, 1)];
    let allocation = allocate(now, &viewer(Some(100_000), &downlink, &pictures));
    assert_eq!(layers(&allocation), [Some(0), None]);
}

#[test]
fn most_wanted_picture_is_not_tried_on_a_link_that_showed_its_limit() {
    let now = start();
    let downlink = emptied(now);
    let later = now + Duration::from_secs(2);
    let pictures = [camera(later, 0)];
    let allocation = allocate(later, &viewer(Some(100_000), &downlink, &pictures));
    assert_eq!(layers(&allocation), [None]);
    assert_eq!(allocation.paced_bps, 0);
}

#[test]
fn limited_link_sends_a_picture_with_half_its_frames_before_none() {
    let now = start();
    let downlink = emptied(now);
    let later = now + Duration::from_secs(2);
    let pictures = [single(later)];
    let allocation = allocate(later, &viewer(Some(400_000), &downlink, &pictures));
    assert_eq!(layers(&allocation), [Some(0)]);
    assert!(allocation.shares[0].sparse);
    assert_eq!(allocation.given_bps, 300_000);
    assert_eq!(allocation.wishes[0].bps[0], Some(300_000));
    // To send all frames again is what the estimation should find out about.
    assert_eq!(allocation.sustain_bps, 600_000);
}

#[test]
fn sparse_picture_is_whole_again_after_three_allocations_with_room_to_spare() {
    let now = start();
    let downlink = emptied(now);
    let mut later = now + Duration::from_secs(2);
    let mut pictures = [single(later)];
    let mut sparse = Vec::new();
    for link_bps in [400_000, 760_000, 760_000, 760_000, 760_000] {
        let allocation = allocate(later, &viewer(Some(link_bps), &downlink, &pictures));
        pictures[0].share = allocation.shares[0];
        pictures[0].is_new = false;
        sparse.push(allocation.shares[0].sparse);
        later += 200 * MS;
    }
    assert_eq!(sparse, [true, true, true, true, false]);
}

#[test]
fn a_third_is_spent_of_an_estimate_that_was_taken_while_a_queue_grew() {
    let now = start();
    let pictures = [camera(now, 0)];
    let downlink = emptied(now);
    let wary = allocate(now, &viewer(Some(1_000_000), &downlink, &pictures));
    assert_eq!(wary.budget_bps, 310_000);
    let later = now + Duration::from_secs(2);
    let sure = allocate(later, &viewer(Some(1_000_000), &downlink, &pictures));
    assert_eq!(sure.budget_bps, 950_000);
}

#[test]
fn link_that_carries_all_is_covered_and_not_probed() {
    let now = start();
    let downlink = Downlink::default();
    let pictures = [camera(now, 0)];
    let allocation = allocate(now, &viewer(Some(1_600_000), &downlink, &pictures));
    assert!(allocation.is_covered);
    assert_eq!(allocation.sustain_bps, 0);
    assert_eq!(allocation.desired_bps, 1_600_000);
}

#[test]
fn link_that_carries_less_is_probed_for_the_next_layer() {
    let now = start();
    let downlink = Downlink::default();
    let pictures = [camera(now, 0)];
    let allocation = allocate(now, &viewer(Some(600_000), &downlink, &pictures));
    assert_eq!(layers(&allocation), [Some(1)]);
    assert!(!allocation.is_covered);
    assert_eq!(allocation.sustain_bps, 1_500_000);
}

#[test]
fn nothing_is_probed_while_pictures_are_held() {
    let now = start();
    let downlink = held(now);
    let pictures = [camera(now, 0)];
    let allocation = allocate(now, &viewer(Some(600_000), &downlink, &pictures));
    assert_eq!(allocation.sustain_bps, 0);
}

#[test]
fn few_losses_do_not_take_the_last_picture_for_redundant_voices_but_many_do() {
    let now = start();
    let pictures = [camera(now, 0)];
    let few = lossy(now, 30);
    let many = lossy(now, 15);
    assert_eq!((few.redundancy(), many.redundancy()), (1, 1));
    let redundancy = |downlink: &Downlink, link_bps: u64| {
        let viewer = Viewer {
            voices: 3,
            ..viewer(Some(link_bps), downlink, &pictures)
        };
        allocate(now, &viewer).redundancy
    };
    assert_eq!(redundancy(&few, 400_000), 0);
    assert_eq!(redundancy(&few, 500_000), 1);
    assert_eq!(redundancy(&many, 400_000), 1);
}

#[test]
fn picture_of_unknown_rate_is_paced_on_a_link_of_which_nothing_is_known() {
    let now = start();
    let downlink = Downlink::default();
    let mut pictures = [camera(now, 0)];
    let allocation = allocate(now, &viewer(Some(2_000_000), &downlink, &pictures));
    assert!(!allocation.is_untold);
    pictures[0].is_measured = false;
    let allocation = allocate(now, &viewer(Some(2_000_000), &downlink, &pictures));
    assert!(allocation.is_untold);
    assert_eq!(allocation.paced_bps, 1_875_000);
}
