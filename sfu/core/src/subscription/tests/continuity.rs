//! What a line writes, against a small model of what its receiver needs, for every codec: under reordering, loss and
//! late packets, over the ends of every number, across changes of stream and rate.
//!
//! The model knows all that was sent. A run is what is written between two changes of stream; within it
//! - times and TL0PICIDX step as they did at the publisher,
//! - a number is missing only where a packet was lost or late, and is there for each that could still be wanted,
//! - a picture id is missing only for a picture of which nothing came in time,
//! - no picture, and no spatial layer of one, is forwarded whose reference was left out,
//! - the marker is on the last packet of a picture and on no other,
//!
//! and a run begins at a keyframe, with the numbers that follow those of the run before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use protocol::media::Source;
use slotmap::SlotMap;

use crate::keys::TrackKey;
use crate::rtp::{Codec, MediaPacket, PictureHeader, Reader, Rewritten};
use crate::subscription::rewriter::PICTURE_MASK;
use crate::subscription::{FULL_RATE, Subscription};
use crate::track::Feed;

#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
pub(super) fn start() -> Instant {
    Instant::now()
}

/// Temporal layers of a cycle of pictures, each with whether it refers to the base alone.
const CYCLE: [(u8, bool); 4] = [(0, false), (2, true), (1, true), (2, false)];

/// A packet as sent, with what the model knows of it.
#[derive(Debug, Clone)]
struct Sent {
    packet: MediaPacket,
    /// The picture's number since the encoder began; padding has none.
    picture: Option<usize>,
    /// The spatial layer.
    layer: usize,
}

/// Spatial layers of a scalable encoder. Only in keyframes they refer to one another.
const LAYERS: u64 = 3;

/// A picture as sent.
#[derive(Debug, Clone)]
struct SentPicture {
    /// The picture that it refers to, if not itself whole.
    reference: Option<usize>,
}

/// A publisher's encoding that numbers its packets as publishers do.
struct Encoder {
    feed: Feed,
    layered: bool,
    sequence: u64,
    time: u64,
    id: u16,
    tl0: u8,
    position: usize,
    reader: Reader,
    sent: Vec<Sent>,
    pictures: Vec<SentPicture>,
}

impl Encoder {
    fn new(feed: Feed, layered: bool, (sequence, time, id, tl0): Numbers) -> Self {
        Self {
            feed,
            layered,
            sequence,
            time,
            id: id & PICTURE_MASK,
            tl0,
            position: 0,
            reader: Reader::default(),
            sent: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Encodes a picture, or one voice packet; returns the places of its packets in `sent`.
    fn encode(&mut self, at: Instant, packets: u64, keyframe: bool) -> Vec<usize> {
        let audio = self.feed.codec == Codec::Opus;
        self.time += if audio { 960 } else { 3000 };
        self.id = self.id.wrapping_add(1) & PICTURE_MASK;
        if keyframe || self.pictures.is_empty() {
            self.position = 0;
        }
        let (layer, sync) = if self.layered {
            CYCLE[self.position % CYCLE.len()]
        } else {
            (0, false)
        };
        if layer == 0 {
            self.tl0 = self.tl0.wrapping_add(1);
        }
        let number = self.pictures.len();
        let reference = match (keyframe, layer) {
            (true, _) => None,
            (false, 2) => number.checked_sub(1),
            (false, 1) => number.checked_sub(2),
            _ if self.layered => number.checked_sub(CYCLE.len()),
            _ => number.checked_sub(1),
        };
        // Without a base to refer to, the cycle was cut by a keyframe.
        let reference = reference.filter(|_| self.position > 0);
        self.pictures.push(SentPicture { reference });
        self.position += 1;
        let packets = if audio { 1 } else { packets };
        let layers = if self.feed.scalable { LAYERS } else { 1 };
        (0..packets * layers)
            .map(|packet| {
                let of_layer = packet / packets;
                let payload = match self.feed.codec {
                    Codec::Opus => vec![0x5a; 3],
                    Codec::Vp8 => {
                        let first = if packet == 0 { 0x90 } else { 0x80 };
                        let [high, low] = self.id.to_be_bytes();
                        let bits = layer << 6 | u8::from(sync) << 5;
                        let frame = u8::from(!keyframe);
                        vec![first, 0xe0, 0x80 | high, low, self.tl0, bits, frame, 0]
                    }
                    Codec::H264 => match (keyframe, packet) {
                        (true, 0) => vec![0x67, 0x42, 0xe0, 0x1f],
                        (true, _) => vec![0x65, 1],
                        (false, _) => vec![0x41, 1],
                    },
                    Codec::Vp9 => {
                        let within = packet % packets;
                        let first = 0xa0
                            | u8::from(!keyframe) << 6
                            | u8::from(within == 0) << 3
                            | u8::from(within + 1 == packets) << 2;
                        let [high, low] = self.id.to_be_bytes();
                        vec![
                            first,
                            0x80 | high,
                            low,
                            (of_layer << 1) as u8,
                            self.tl0,
                            1,
                            2,
                        ]
                    }
                };
                let marker = packet + 1 == packets * layers;
                self.send(at, marker, payload, Some(number), of_layer as usize)
            })
            .collect()
    }

    /// Fills the link: a packet with nothing in it.
    fn pad(&mut self, at: Instant) -> usize {
        self.send(at, false, Vec::new(), None, 0)
    }

    fn send(
        &mut self,
        at: Instant,
        marker: bool,
        payload: Vec<u8>,
        picture: Option<usize>,
        layer: usize,
    ) -> usize {
        self.sequence += 1;
        let codec = self.feed.codec;
        let header: Option<PictureHeader> =
            self.reader
                .read(codec, self.sequence, self.time, marker, &payload);
        self.sent.push(Sent {
            packet: MediaPacket {
                source: if codec == Codec::Opus {
                    Source::Microphone
                } else {
                    Source::Camera
                },
                layer: self.feed.layer + layer,
                scalable: self.feed.scalable,
                codec,
                ssrc: self.feed.ssrc,
                sequence: self.sequence,
                time: self.time,
                marker,
                received: at,
                payload: Arc::from(payload),
                picture: header,
                loudness: None,
            },
            picture,
            layer,
        });
        self.sent.len() - 1
    }
}

/// What was written of one stream between two changes.
struct Run {
    encoder: usize,
    /// Place in `sent`, and numbers on the line.
    written: BTreeMap<usize, Rewritten>,
    /// Places of what came in time: no later packet was there before.
    in_time: BTreeSet<usize>,
    /// Places of what was not taken: a receiver misses it as if it were lost.
    refused: BTreeSet<usize>,
}

/// A line with the encoders that may be put on it.
struct Model {
    encoders: Vec<Encoder>,
    line: Subscription,
    now: Instant,
    runs: Vec<Run>,
    /// Packets on a long way: they arrive when so many pictures were sent.
    late: Vec<(usize, usize, usize)>,
    pictures: usize,
    /// Whether the line does not take what is written next.
    refuses: bool,
}

impl Model {
    fn new(seed: u32, encoders: Vec<Encoder>) -> Self {
        let now = start();
        let mut line = Subscription::new(seed);
        line.set_goal(now, Some(0));
        Self {
            encoders,
            line,
            now,
            runs: Vec::new(),
            late: Vec::new(),
            pictures: 0,
            refuses: false,
        }
    }

    fn send(&mut self, encoder: usize, packets: u64, keyframe: bool, padded: bool, ways: &[Way]) {
        self.now += Duration::from_millis(33);
        self.pictures += 1;
        let due = self.pictures;
        let (arriving, waiting) = self.late.iter().partition(|(at, ..)| *at <= due);
        self.late = waiting;
        let arriving: Vec<(usize, usize, usize)> = arriving;
        let mut places = self.encoders[encoder].encode(self.now, packets, keyframe);
        if padded && self.encoders[encoder].feed.codec != Codec::Opus {
            places.push(self.encoders[encoder].pad(self.now));
        }
        for (place, way) in places.into_iter().zip(ways.iter().cycle()) {
            match way {
                Way::Straight => self.arrive(encoder, place),
                Way::Lost => {}
                Way::Late(pictures) => self.late.push((due + pictures, encoder, place)),
            }
        }
        for (_, encoder, place) in arriving {
            self.arrive(encoder, place);
        }
    }

    fn arrive(&mut self, encoder: usize, place: usize) {
        let feed = self.encoders[encoder].feed;
        let mut packet = self.encoders[encoder].sent[place].packet.clone();
        packet.received = self.now;
        let flowed = self.line.feed == Some(feed);
        if flowed
            && let Some(run) = self.runs.last_mut()
            && run.in_time.last().is_none_or(|newest| place > *newest)
        {
            run.in_time.insert(place);
        }
        let end = self.line.end();
        let Some(written) = self.line.accept(feed, &packet, |_| None) else {
            return;
        };
        if std::mem::take(&mut self.refuses) {
            self.line.refuse(self.now, end);
            if flowed && let Some(run) = self.runs.last_mut() {
                run.refused.insert(place);
            }
            return;
        }
        if !flowed {
            assert!(packet.starts_keyframe(), "a run begins at a keyframe");
            self.runs.push(Run {
                encoder,
                written: BTreeMap::new(),
                in_time: BTreeSet::from([place]),
                refused: BTreeSet::new(),
            });
        }
        let run = self.runs.last_mut().expect("it has begun");
        assert_eq!(run.encoder, encoder);
        let twice = run.written.insert(place, written);
        assert!(twice.is_none());
    }

    fn check(&self) {
        let mut end: Option<Rewritten> = None;
        for run in &self.runs {
            self.check_run(run);
            let first = run.written.values().next().expect("a run is not empty");
            if let Some(end) = end {
                assert_eq!(first.sequence, end.sequence + 1, "the next run follows");
                let ahead = first.time.wrapping_sub(end.time);
                assert!(0 < ahead && ahead < 1 << 31, "{end:?} {first:?}");
                if let (Some(picture), Some(before)) = (first.picture, end.picture) {
                    assert_eq!(picture, before.wrapping_add(1) & PICTURE_MASK);
                }
                if let (Some(tl0), Some(before)) = (first.tl0, end.tl0) {
                    assert_eq!(tl0, before.wrapping_add(1));
                }
            } else {
                assert!(
                    first.sequence < 1 << 16,
                    "the rollover count begins at zero"
                );
            }
            let last = run.written.values().max_by_key(|written| written.sequence);
            // A codec without ids leaves the place where the ids go on.
            end = last.map(|last| Rewritten {
                picture: last.picture.or(end.and_then(|end| end.picture)),
                tl0: last.tl0.or(end.and_then(|end| end.tl0)),
                ..*last
            });
        }
    }

    fn check_run(&self, run: &Run) {
        let Encoder {
            sent,
            pictures,
            feed,
            ..
        } = &self.encoders[run.encoder];
        let places: Vec<usize> = run.written.keys().copied().collect();
        // Whether some of a picture was written, of this layer or one above.
        let awaited = |place: usize| {
            let Sent { picture, layer, .. } = sent[place];
            let mut written = places.iter().map(|place| &sent[*place]);
            picture.is_some() && written.any(|w| w.picture == picture && w.layer >= layer)
        };
        let is_in = |places: &mut dyn Iterator<Item = &usize>, (picture, layer)| {
            places
                .map(|place| &sent[*place])
                .any(|sent| (sent.picture, sent.layer) == (Some(picture), layer))
        };
        for pair in places.windows(2) {
            let (a, b) = (&sent[pair[0]], &sent[pair[1]]);
            let (to_a, to_b) = (run.written[&pair[0]], run.written[&pair[1]]);
            let time = |packet: &MediaPacket| (packet.time & 0xffff_ffff) as u32;
            assert_eq!(
                to_b.time.wrapping_sub(to_a.time),
                time(&b.packet).wrapping_sub(time(&a.packet)),
                "times step as sent"
            );
            let absent = (pair[0] + 1..pair[1]).filter(|place| !run.in_time.contains(place));
            let awaited = absent.clone().filter(|place| awaited(*place));
            let room = to_b.sequence.checked_sub(to_a.sequence + 1);
            let room = room.expect("numbers rise with the publisher's");
            assert!(
                (awaited.count() as u64..=absent.count() as u64).contains(&room),
                "room for {room} between {a:?} and {b:?}"
            );
            let (Some(id_a), Some(id_b)) = (to_a.picture, to_b.picture) else {
                continue;
            };
            let (Some(from), Some(to)) = (a.picture, b.picture) else {
                panic!("padding is never forwarded");
            };
            // Of a scalable stream no whole picture is left out by choice.
            let unseen = (from + 1..to)
                .filter(|picture| feed.scalable || !is_in(&mut run.in_time.iter(), (*picture, 0)));
            let step = (unseen.count() + usize::from(from != to)) as u16;
            assert_eq!(id_b.wrapping_sub(id_a) & PICTURE_MASK, step & PICTURE_MASK);
            assert_eq!(
                to_b.tl0.unwrap().wrapping_sub(to_a.tl0.unwrap()),
                b.packet
                    .tl0()
                    .unwrap()
                    .wrapping_sub(a.packet.tl0().unwrap())
            );
        }
        let first = places.first().and_then(|place| sent[*place].picture);
        for place in &places {
            let Sent { picture, layer, .. } = sent[*place];
            let picture = picture.expect("padding is never forwarded");
            let reference = match (pictures[picture].reference, layer.checked_sub(1)) {
                (Some(earlier), _) => (earlier, layer),
                (None, Some(below)) => (picture, below),
                (None, None) => continue,
            };
            if Some(reference.0) >= first && is_in(&mut run.in_time.iter(), reference) {
                assert!(
                    is_in(&mut places.iter(), reference),
                    "{:?} refers to {reference:?}, which was left out",
                    (picture, layer)
                );
            }
        }
        self.check_markers(run);
    }

    /// The last packet of each picture ends it, if it was written.
    fn check_markers(&self, run: &Run) {
        let sent = &self.encoders[run.encoder].sent;
        let mut pictures: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in run.written.keys() {
            let picture = sent[*place].picture.expect("padding is never forwarded");
            pictures.entry(picture).or_default().push(*place);
        }
        for (picture, places) in pictures {
            let highest = places.iter().map(|place| sent[*place].layer).max();
            let all = (0..sent.len()).filter(|place| sent[*place].picture == Some(picture));
            let whole = |place| run.in_time.contains(&place) && !run.refused.contains(&place);
            let undisturbed = all.clone().all(whole);
            let last = all
                .filter(|place| Some(sent[*place].layer) <= highest)
                .max();
            for place in places {
                let marker = run.written[&place].marker;
                let ends = last == Some(place);
                // Where the highest layer is lost or was not taken, nothing ends the picture.
                assert!(marker == ends || (ends && !undisturbed), "of {picture}");
            }
        }
    }
}

/// How a packet travels.
#[derive(Debug, Clone, Copy)]
enum Way {
    Straight,
    Lost,
    /// It arrives after so many further pictures.
    Late(usize),
}

/// What happens to a line in one step.
#[derive(Debug, Clone)]
enum Step {
    /// An encoder sends a picture of so many packets.
    Picture {
        encoder: usize,
        packets: u64,
        keyframe: bool,
        padded: bool,
        ways: Vec<Way>,
    },
    /// The line should show another encoding, or nothing.
    Goal(Option<usize>),
    /// The line should have another rate of pictures.
    Rate(u8),
    /// The next packet is not taken, as when a link does not keep up.
    Refuse,
    /// Time passes.
    Wait(u64),
}

fn way(trouble: bool) -> impl Strategy<Value = Way> {
    let bad = u32::from(trouble);
    prop_oneof![
        10 => Just(Way::Straight),
        bad => Just(Way::Lost),
        bad => (1..4_usize).prop_map(Way::Late),
    ]
}

fn step(encoders: usize, layers: usize, trouble: bool) -> impl Strategy<Value = Step> {
    let picture = (
        0..encoders,
        1..5_u64,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
        prop::collection::vec(way(trouble), 5),
    );
    prop_oneof![
        20 => picture.prop_map(|(encoder, packets, keyframe, padded, ways)| Step::Picture {
            encoder,
            packets,
            keyframe,
            padded,
            ways,
        }),
        2 => prop::option::weighted(0.8, 0..layers).prop_map(Step::Goal),
        2 => prop_oneof![Just(0), Just(1), Just(2), Just(FULL_RATE)].prop_map(Step::Rate),
        1 => Just(Step::Refuse),
        1 => (1..5000_u64).prop_map(Step::Wait),
    ]
}

/// Sequence number, time, picture id and TL0PICIDX that an encoder begins with.
type Numbers = (u64, u64, u16, u8);

/// Seed of the line, numbers of the encoders, and what happens.
type Scene = (u32, Vec<Numbers>, Vec<Step>);

/// First numbers, often right before the end of their width.
fn numbers() -> impl Strategy<Value = Numbers> {
    let near = |width: u32| {
        prop_oneof![
            (0..1_u64 << 40),
            (1..1000_u64, 0..20_u64).prop_map(move |(turns, back)| (turns << width) - back),
        ]
    };
    let id = prop_oneof![any::<u16>(), Just(PICTURE_MASK - 2)];
    let tl0 = prop_oneof![any::<u8>(), Just(u8::MAX)];
    (near(16), near(32), id, tl0)
}

/// The encodings of a line: two of one track, two of another.
fn encoders(codecs: [(Codec, bool); 4], numbers: &[Numbers]) -> Vec<Encoder> {
    let mut keys: SlotMap<TrackKey, ()> = SlotMap::with_key();
    let tracks = [keys.insert(()), keys.insert(())];
    codecs
        .into_iter()
        .zip(numbers)
        .enumerate()
        .map(|(at, ((codec, layered), numbers))| {
            let feed = Feed {
                track: tracks[at / 2],
                layer: if codec == Codec::Vp9 { 0 } else { at % 2 },
                ssrc: at as u32,
                codec,
                scalable: codec == Codec::Vp9,
                stretch: 0,
            };
            Encoder::new(feed, layered, *numbers)
        })
        .collect()
}

fn play(encoders: Vec<Encoder>, seed: u32, steps: Vec<Step>) {
    let mut model = Model::new(seed, encoders);
    for step in steps {
        match step {
            Step::Wait(ms) => model.now += Duration::from_millis(ms),
            Step::Goal(goal) => model.line.set_goal(model.now, goal),
            Step::Rate(highest) => model.line.set_rate(highest),
            Step::Refuse => model.refuses = true,
            Step::Picture {
                encoder,
                packets,
                keyframe,
                padded,
                ways,
            } => model.send(encoder, packets, keyframe, padded, &ways),
        }
    }
    model.check();
}

fn scene(trouble: bool) -> impl Strategy<Value = Scene> {
    scene_of_layers(2, trouble)
}

fn scene_of_layers(layers: usize, trouble: bool) -> impl Strategy<Value = Scene> {
    (
        any::<u32>(),
        prop::collection::vec(numbers(), 4),
        prop::collection::vec(step(4, layers, trouble), 1..200),
    )
}

const PLAIN_VP8: (Codec, bool) = (Codec::Vp8, false);
const LAYERED_VP8: (Codec, bool) = (Codec::Vp8, true);
const H264: (Codec, bool) = (Codec::H264, false);
const OPUS: (Codec, bool) = (Codec::Opus, false);
const VP9: (Codec, bool) = (Codec::Vp9, false);

/// A late packet of the highest layer comes when the link does not keep up.
#[test]
fn highest_layer_that_is_late_and_not_taken_ends_no_picture() {
    let picture = |encoder, keyframe, third| Step::Picture {
        encoder,
        packets: 1,
        keyframe,
        padded: false,
        ways: vec![Way::Straight, Way::Straight, third],
    };
    let steps = vec![
        Step::Goal(Some(2)),
        picture(1, true, Way::Straight),
        picture(1, false, Way::Late(1)),
        Step::Refuse,
        picture(2, false, Way::Straight),
    ];
    let numbers = [(0, 0, 0, 0); 4];
    play(encoders([VP9, VP9, LAYERED_VP8, H264], &numbers), 0, steps);
}

proptest! {
    #[test]
    fn undisturbed_stream_of_vp8_stays_whole((seed, numbers, steps) in scene(false)) {
        play(encoders([LAYERED_VP8, PLAIN_VP8, LAYERED_VP8, PLAIN_VP8], &numbers), seed, steps);
    }

    #[test]
    fn disturbed_stream_of_vp8_has_room_for_what_may_come((seed, numbers, steps) in scene(true)) {
        play(encoders([LAYERED_VP8, PLAIN_VP8, LAYERED_VP8, LAYERED_VP8], &numbers), seed, steps);
    }

    #[test]
    fn stream_of_h264_is_unbroken((seed, numbers, steps) in scene(true)) {
        play(encoders([H264; 4], &numbers), seed, steps);
    }

    #[test]
    fn stream_that_changes_its_codec_is_unbroken((seed, numbers, steps) in scene(true)) {
        play(encoders([LAYERED_VP8, H264, H264, PLAIN_VP8], &numbers), seed, steps);
    }

    #[test]
    fn undisturbed_layers_of_vp9_stay_whole((seed, numbers, steps) in scene_of_layers(3, false)) {
        play(encoders([VP9; 4], &numbers), seed, steps);
    }

    #[test]
    fn disturbed_layers_of_vp9_have_room_for_what_may_come((seed, numbers, steps) in scene_of_layers(3, true)) {
        play(encoders([VP9, VP9, LAYERED_VP8, H264], &numbers), seed, steps);
    }

    #[test]
    fn stream_of_voices_is_unbroken((seed, numbers, steps) in scene(true)) {
        play(encoders([OPUS; 4], &numbers), seed, steps);
    }
}

#[test]
fn sender_reports_bridge_the_clocks_of_two_encodings() {
    let numbers = [
        (0, 0, 0, 0),
        (9, 5_000_000, 7, 7),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
    ];
    let mut encoders = encoders([PLAIN_VP8; 4], &numbers);
    let mut line = Subscription::new(0);
    let now = start();
    line.set_goal(now, Some(0));
    let (low, high) = (encoders[0].feed, encoders[1].feed);
    let place = encoders[0].encode(now, 1, true)[0];
    let first = line.accept(low, &encoders[0].sent[place].packet, |_| None);
    line.set_goal(now, Some(1));
    // It came late, but was taken 33 ms after the first.
    let late = now + Duration::from_millis(80);
    let place = encoders[1].encode(late, 1, true)[0];
    let bridge = |old: Feed| (old == low).then_some(6000);
    let second = line.accept(high, &encoders[1].sent[place].packet, bridge);
    assert_eq!(second.unwrap().time.wrapping_sub(first.unwrap().time), 3000);
}
