//! Doors for `tests/parsers`: bytes as they come from the network, to the parsers that see them first.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::media::{Profile, Source};
use slotmap::SlotMap;

use crate::demux::{classify, receiver_ufrag};
use crate::keys::TrackKey;
use crate::rtp::Reader;
use crate::rtp::{Codec, MediaPacket};
use crate::sdp::{Offer, Plan};
use crate::subscription::{FULL_RATE, Subscription};
use crate::track::Feed;

/// A datagram from anybody.
///
/// # Panics
/// When the name that is read from it is empty or not in it.
pub fn datagram(bytes: &[u8]) {
    let _ = classify(bytes);
    if let Some(name) = receiver_ufrag(bytes) {
        assert!(!name.is_empty());
        assert!(bytes.windows(name.len()).any(|at| at == name.as_bytes()));
    }
}

/// An offer, from clients of every profile.
///
/// # Panics
/// When a plan has more lines than the offer, or what the engine is given means something else than the offer.
pub fn offer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(offer) = Offer::read(&text) else {
        return;
    };
    for profile in [
        Profile::Desk,
        Profile::Room,
        Profile::Phone,
        Profile::Whep,
        Profile::Whip,
    ] {
        if let Ok(plan) = Plan::of(profile, &offer) {
            let lines = offer.sections.len();
            assert!(plan.publish.len() <= lines && plan.slots.len() <= lines);
            // What the engine is given means the same when it is read again.
            let again = Offer::read(&offer.for_engine(profile)).expect("what we write, we read");
            let again = Plan::of(profile, &again).expect("and understand");
            assert_eq!(again.publish.len(), plan.publish.len());
            assert_eq!(again.slots.len(), plan.slots.len());
        }
    }
}

/// Packets of a picture's stream on their way to one line. The first byte chooses the codec; then each packet is a byte
/// of circumstances, a byte of length, and its payload.
///
/// # Panics
/// When two packets get the same number on the line, or the numbers do not fit the packet.
pub fn pictures(now: Instant, bytes: &[u8]) {
    let Some((&first, mut rest)) = bytes.split_first() else {
        return;
    };
    let codec = [Codec::Vp8, Codec::H264, Codec::Vp9][usize::from(first % 3)];
    let scalable = codec == Codec::Vp9;
    let mut keys: SlotMap<TrackKey, ()> = SlotMap::with_key();
    let feed = Feed {
        track: keys.insert(()),
        layer: 0,
        ssrc: 1,
        codec,
        scalable,
        stretch: 0,
    };
    let mut reader = Reader::default();
    let mut line = Subscription::new(u32::from(first));
    line.set_goal(now, Some(0));
    let (mut sequence, mut time) = (0xff00_u64, 0xffff_0000_u64);
    let (mut sent, mut written) = (HashSet::new(), HashSet::new());
    while let Some((&[how, length], after)) = rest.split_first_chunk::<2>() {
        let payload = after.get(..usize::from(length)).unwrap_or(after);
        rest = &after[payload.len()..];
        let (marker, late) = (how & 1 != 0, how & 2 != 0);
        sequence += if how & 4 != 0 { 3 } else { 1 };
        time += if how & 8 != 0 { 3000 } else { 0 };
        match how & 0x30 {
            0x10 => line.set_rate(how >> 6),
            0x20 => line.set_rate(FULL_RATE),
            0x30 if how >> 6 == 0 => line.restart(now),
            0x30 => line.set_goal(now, Some(usize::from(how >> 6) - 1)),
            _ => {}
        }
        let own = if late {
            sequence.saturating_sub(2)
        } else {
            sequence
        };
        if !sent.insert(own) {
            continue;
        }
        let Some(picture) = reader.read(codec, own, time, marker, payload) else {
            continue;
        };
        let spatial = picture.spatial().filter(|_| scalable);
        let packet = MediaPacket {
            source: Source::Camera,
            layer: spatial.map_or(0, |spatial| usize::from(spatial.layer)),
            scalable,
            codec,
            ssrc: 1,
            sequence: own,
            time,
            marker,
            received: now + Duration::from_millis(own & 0xff),
            payload: Arc::from(payload),
            picture: Some(picture),
            loudness: None,
        };
        if let Some(rewritten) = line.accept(feed, &packet, |_| None) {
            assert!(codec == Codec::H264 || picture.try_patch(&rewritten));
            assert!(written.insert(rewritten.sequence), "a number twice");
        }
    }
}
