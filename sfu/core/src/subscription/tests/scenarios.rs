//! The scenarios of Jitsi Videobridge's `doc/svc.md`: which numbers leave the bridge when temporal layers are left out,
//! and packets are lost or late.
//!
//! The publisher sends four pictures, and the base of the next cycle:
//!
//! ```text
//! packets  1 2 3 | 4 5 | 6 7 | 8  | 9 10 11
//! layer    TL0   | TL2 | TL1 | TL2| TL0
//! ```

use std::sync::Arc;

use protocol::media::Source;
use slotmap::SlotMap;

use super::continuity::start;
use crate::keys::TrackKey;
use crate::rtp::{Codec, MediaPacket, PictureHeader};
use crate::subscription::{FULL_RATE, Subscription};
use crate::track::Feed;

/// First packet, packets, temporal layer, TL0PICIDX of each picture.
const PICTURES: [(u64, u64, u8, u8); 5] = [
    (1, 3, 0, 50),
    (4, 2, 2, 50),
    (6, 2, 1, 50),
    (8, 1, 2, 50),
    (9, 3, 0, 51),
];

/// The packet with this number; the first picture is a keyframe. Picture ids begin at 200.
fn packet(sequence: u64) -> MediaPacket {
    let (at, &(first, packets, layer, tl0)) = PICTURES
        .iter()
        .enumerate()
        .rfind(|(_, picture)| picture.0 <= sequence)
        .unwrap();
    let begins = sequence == first;
    let payload = [
        if begins { 0x90 } else { 0x80 },
        0xe0,
        0x80,
        200 + at as u8,
        tl0,
        layer << 6 | u8::from(layer > 0) << 5,
        u8::from(at != 0),
        0,
    ];
    MediaPacket {
        source: Source::Camera,
        layer: 0,
        scalable: false,
        codec: Codec::Vp8,
        ssrc: 1,
        sequence,
        time: 9000 + at as u64 * 3000,
        marker: sequence + 1 == first + packets,
        received: start(),
        picture: PictureHeader::vp8(&payload),
        payload: Arc::from(payload),
        loudness: None,
    }
}

/// A line whose first packet becomes 101.
fn line() -> (Feed, Subscription) {
    let mut keys: SlotMap<TrackKey, ()> = SlotMap::with_key();
    let feed = Feed {
        track: keys.insert(()),
        layer: 0,
        ssrc: 1,
        codec: Codec::Vp8,
        scalable: false,
        stretch: 0,
    };
    let mut line = Subscription::new(101);
    line.set_goal(start(), Some(0));
    (feed, line)
}

/// What leaves: incoming number, outgoing number, outgoing picture id.
fn project(highest: u8, received: &[u64]) -> Vec<(u64, u64, u16)> {
    let (feed, mut line) = line();
    line.set_rate(highest);
    let mut sent = Vec::new();
    for sequence in received {
        let out = line.accept(feed, &packet(*sequence), |_| None);
        sent.extend(out.map(|out| (*sequence, out.sequence, out.picture.unwrap())));
    }
    sent
}

fn numbers(sent: &[(u64, u64, u16)]) -> Vec<(u64, u64)> {
    sent.iter().map(|(from, to, _)| (*from, *to)).collect()
}

#[test]
fn a_what_is_left_out_leaves_no_gap() {
    let sent = project(0, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let expected = [(1, 101), (2, 102), (3, 103), (9, 104), (10, 105), (11, 106)];
    assert_eq!(numbers(&sent), expected);
    let pictures: Vec<u16> = sent.iter().map(|sent| sent.2).collect();
    assert_eq!(pictures, [200, 200, 200, 201, 201, 201]);
}

#[test]
fn b_late_packet_of_a_wanted_picture_finds_its_place() {
    let sent = project(FULL_RATE, &[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 5]);
    let mut expected: Vec<(u64, u64)> = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 5]
        .map(|sequence| (sequence, sequence + 100))
        .to_vec();
    assert_eq!(numbers(&sent), expected);
    expected.sort_unstable();
    assert_eq!(sent.last().unwrap().2, 201, "in its own picture");
}

#[test]
fn c_lost_packet_of_an_unwanted_picture_leaves_no_gap() {
    let sent = project(0, &[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 5]);
    let expected = [(1, 101), (2, 102), (3, 103), (9, 104), (10, 105), (11, 106)];
    assert_eq!(numbers(&sent), expected);
}

#[test]
fn d_lost_picture_that_might_have_been_wanted_keeps_its_place() {
    let sent = project(1, &[1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 8]);
    let expected = [
        (1, 101),
        (2, 102),
        (3, 103),
        (6, 104),
        (7, 105),
        (9, 107),
        (10, 108),
        (11, 109),
    ];
    assert_eq!(numbers(&sent), expected);
    let pictures: Vec<u16> = sent.iter().map(|sent| sent.2).collect();
    assert_eq!(pictures, [200, 200, 200, 201, 201, 203, 203, 203]);
}

#[test]
fn late_packet_of_a_left_out_picture_stays_out_when_the_rate_rises() {
    let (feed, mut line) = line();
    line.set_rate(1);
    let accept = |line: &mut Subscription, sequence| {
        let out = line.accept(feed, &packet(sequence), |_| None);
        out.map(|out| (out.sequence, out.picture.unwrap()))
    };
    for sequence in [1, 2, 3] {
        assert!(accept(&mut line, sequence).is_some());
    }
    assert_eq!(accept(&mut line, 4), None);
    line.set_rate(FULL_RATE);
    // The third picture is lost; the fourth needs nothing that was left out.
    assert_eq!(accept(&mut line, 8), Some((107, 202)));
    assert_eq!(accept(&mut line, 5), None, "its picture's id is given away");
}
