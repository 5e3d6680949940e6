//! One subscriber's view of one track: which encoding flows, and how its packets are renumbered so that the receiver
//! sees one unbroken stream, whatever is put on its line.
//!
//! ```text
//!             assign, resume                  keyframe of the goal
//! (nothing) ------------------> waiting ----------------------------> following
//!     ^                            ^                                      |
//!     +---------- pause -----------+--- stream replaced, line dropped ----+
//! ```
//! While another encoding is the goal, the old one flows until a keyframe of the new one comes.

use std::time::{Duration, Instant};

use crate::TrackKey;
use crate::packet::{Layer, MediaPacket, Rewritten, clock_rate};

/// The stream a line follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) track: TrackKey,
    pub(crate) layer: Layer,
    pub(crate) ssrc: u32,
    /// Counts the stretches for which the track is let through; a new one is spliced like a new stream.
    pub(crate) stretch: u32,
}

/// Which packets go to one line, and under which numbers.
#[derive(Debug)]
pub(crate) struct Subscription {
    goal: Option<Layer>,
    feed: Option<Feed>,
    waiting_since: Option<Instant>,
    rewriter: Rewriter,
}

impl Subscription {
    /// A line on which nothing has flowed. `seed` chooses its first numbers.
    pub(crate) const fn new(seed: u32) -> Self {
        Self {
            goal: None,
            feed: None,
            waiting_since: None,
            rewriter: Rewriter::new(seed),
        }
    }

    /// Chooses the encoding that should flow; `None` stops the line at once.
    pub(crate) fn set_goal(&mut self, now: Instant, goal: Option<Layer>) {
        if goal.is_none() {
            self.feed = None;
            self.waiting_since = None;
        } else if self.goal != goal {
            let reached = self.feed.is_some_and(|feed| Some(feed.layer) == goal);
            self.waiting_since = (!reached).then_some(now);
        }
        self.goal = goal;
    }

    /// Forgets the stream that flowed; the line goes on at a keyframe.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.feed = None;
        self.waiting_since = self.goal.map(|_| now);
    }

    /// The encoding that flows.
    pub(crate) fn flowing(&self) -> Option<Layer> {
        self.feed.map(|feed| feed.layer)
    }

    /// The encoding of which a keyframe is needed, and since when.
    pub(crate) fn waiting(&self) -> Option<(Layer, Instant)> {
        self.goal.zip(self.waiting_since)
    }

    /// Decides whether a packet of `feed` goes to this line, and under which numbers. `bridge` tells, for a stream
    /// that is to take over from another, which RTP time of the old one is the packet's moment.
    pub(crate) fn accept(
        &mut self,
        feed: Feed,
        packet: &MediaPacket,
        bridge: impl FnOnce(Feed) -> Option<u32>,
    ) -> Option<Rewritten> {
        let goal = self.goal?;
        if self.feed == Some(feed) {
            return self.rewriter.rewrite(packet);
        }
        if let Some(old) = self.feed
            && old.layer == feed.layer
            && old.track == feed.track
        {
            // The publisher replaced its stream; nothing more comes of the old one.
            self.restart(packet.received);
        }
        if goal != feed.layer || !packet.starts_keyframe() {
            return None;
        }
        let time = self.feed.and_then(bridge);
        self.feed = Some(feed);
        self.waiting_since = None;
        self.rewriter
            .splice(packet, clock_rate(packet.source), time);
        self.rewriter.rewrite(packet)
    }
}

/// The last packet written.
#[derive(Debug, Clone, Copy)]
struct Written {
    sequence: u64,
    time: u32,
    at: Instant,
    picture: u16,
    tl0: u8,
}

/// What is added to a stream's numbers, modulo their width.
#[derive(Debug, Clone, Copy)]
struct Offsets {
    /// Packets before this one belong to what is not shown.
    first_sequence: u64,
    sequence: u64,
    time: u32,
    picture: u16,
    tl0: u8,
}

/// Renumbers packets so that a change of stream leaves no gap and no step back.
#[derive(Debug)]
pub(crate) struct Rewriter {
    seed: u32,
    written: Option<Written>,
    offsets: Option<Offsets>,
}

/// VP8 picture ids have 15 bits.
const PICTURE_MASK: u16 = 0x7fff;

impl Rewriter {
    pub(crate) const fn new(seed: u32) -> Self {
        Self {
            seed,
            written: None,
            offsets: None,
        }
    }

    /// Makes `packet` the one that follows the last written. `time` is its RTP time on the line's clock if known;
    /// otherwise the time between arrivals decides.
    pub(crate) fn splice(&mut self, packet: &MediaPacket, clock_rate: u32, time: Option<u32>) {
        let (sequence, time, picture, tl0) = match self.written {
            None => {
                // A low number, because the rollover count of SRTP begins at zero (RFC 3711, 3.3.1).
                let sequence = u64::from(self.seed & 0x3fff);
                let low = (packet.time & 0xffff_ffff) as u32;
                let picture = packet.vp8.and_then(|vp8| vp8.picture()).unwrap_or_default();
                let tl0 = packet.vp8.and_then(|vp8| vp8.tl0()).unwrap_or_default();
                (sequence, low, picture, tl0)
            }
            Some(last) => {
                let gap = packet.received.saturating_duration_since(last.at);
                let by_arrival = last.time.wrapping_add(ticks(gap, clock_rate).max(1));
                let time = time
                    .map(|time| time.wrapping_add(self.offsets.map_or(0, |offsets| offsets.time)))
                    .filter(|time| is_after(*time, last.time))
                    .unwrap_or(by_arrival);
                (
                    last.sequence + 1,
                    time,
                    last.picture.wrapping_add(1) & PICTURE_MASK,
                    last.tl0.wrapping_add(1),
                )
            }
        };
        let vp8 = packet.vp8;
        self.offsets = Some(Offsets {
            first_sequence: packet.sequence,
            sequence: sequence.wrapping_sub(packet.sequence),
            time: time.wrapping_sub((packet.time & 0xffff_ffff) as u32),
            picture: picture.wrapping_sub(vp8.and_then(|vp8| vp8.picture()).unwrap_or_default()),
            tl0: tl0.wrapping_sub(vp8.and_then(|vp8| vp8.tl0()).unwrap_or_default()),
        });
    }

    /// The packet's numbers on this line; `None` when it is older than the splice.
    pub(crate) fn rewrite(&mut self, packet: &MediaPacket) -> Option<Rewritten> {
        let offsets = self.offsets?;
        if packet.sequence < offsets.first_sequence {
            return None;
        }
        let sequence = packet.sequence.wrapping_add(offsets.sequence);
        let time = ((packet.time & 0xffff_ffff) as u32).wrapping_add(offsets.time);
        let picture = packet.vp8.and_then(|vp8| vp8.picture());
        let picture = picture.map(|id| id.wrapping_add(offsets.picture) & PICTURE_MASK);
        let tl0 = packet.vp8.and_then(|vp8| vp8.tl0());
        let tl0 = tl0.map(|id| id.wrapping_add(offsets.tl0));
        // Packets that come late do not move the end of the stream back.
        if self.written.is_none_or(|last| sequence > last.sequence) {
            let last = self.written;
            self.written = Some(Written {
                sequence,
                time,
                at: packet.received,
                picture: picture
                    .or(last.map(|last| last.picture))
                    .unwrap_or_default(),
                tl0: tl0.or(last.map(|last| last.tl0)).unwrap_or_default(),
            });
        }
        Some(Rewritten {
            sequence,
            time,
            picture,
            tl0,
        })
    }
}

/// A duration in RTP time, modulo 2³².
fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_micros() * u128::from(clock_rate) / 1_000_000;
    (ticks & 0xffff_ffff) as u32
}

/// Whether `time` comes after `other` within half the circle of RTP times.
const fn is_after(time: u32, other: u32) -> bool {
    let ahead = time.wrapping_sub(other);
    ahead != 0 && ahead < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Vp8Header;
    use proptest::prelude::*;
    use protocol::media::Source;
    use slotmap::SlotMap;
    use std::sync::Arc;

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    /// A publisher's encoding that numbers its packets as publishers do.
    #[derive(Debug, Clone, Copy)]
    struct Encoder {
        feed: Feed,
        sequence: u64,
        time: u64,
        picture: u16,
        tl0: u8,
    }

    impl Encoder {
        fn picture(&mut self, at: Instant, packets: u64, keyframe: bool) -> Vec<MediaPacket> {
            self.picture = (self.picture + 1) & PICTURE_MASK;
            self.tl0 = self.tl0.wrapping_add(1);
            self.time += 3000;
            (0..packets)
                .map(|packet| {
                    self.sequence += 1;
                    let first = if packet == 0 { 0x90 } else { 0x80 };
                    let [high, low] = self.picture.to_be_bytes();
                    let frame = u8::from(!keyframe);
                    let payload = [first, 0xe0, 0x80 | high, low, self.tl0, 0x20, frame, 0];
                    MediaPacket {
                        source: Source::Camera,
                        layer: self.feed.layer,
                        ssrc: self.feed.ssrc,
                        sequence: self.sequence,
                        time: self.time,
                        marker: packet + 1 == packets,
                        received: at,
                        vp8: Vp8Header::parse(&payload),
                        payload: Arc::from(payload),
                        loudness: None,
                    }
                })
                .collect()
        }
    }

    /// What happens to a line in one step.
    #[derive(Debug, Clone)]
    enum Step {
        /// An encoder sends a picture of so many packets, some of them in another order.
        Picture {
            encoder: usize,
            packets: u64,
            keyframe: bool,
            swap: bool,
        },
        /// The line should show another encoding, or nothing.
        Goal(Option<Layer>),
        /// Time passes.
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0..4_usize, 1..5_u64, prop::bool::weighted(0.3), any::<bool>()).prop_map(
                |(encoder, packets, keyframe, swap)| Step::Picture { encoder, packets, keyframe, swap }
            ),
            2 => prop::option::weighted(0.8, 0..2_usize).prop_map(Step::Goal),
            1 => (1..5000_u64).prop_map(Step::Wait),
        ]
    }

    fn encoders(offsets: &[(u64, u64, u16, u8)]) -> Vec<Encoder> {
        let mut keys: SlotMap<TrackKey, ()> = SlotMap::with_key();
        let tracks = [keys.insert(()), keys.insert(())];
        offsets
            .iter()
            .zip(0_u32..)
            .map(|(&(sequence, time, picture, tl0), ssrc)| Encoder {
                feed: Feed {
                    track: tracks[usize::from(ssrc >= 2)],
                    layer: ssrc as usize % 2,
                    ssrc,
                    stretch: 0,
                },
                sequence,
                time,
                picture: picture & PICTURE_MASK,
                tl0,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn receiver_sees_one_unbroken_stream(
            offsets in prop::collection::vec((0..1_u64 << 40, 0..1_u64 << 40, any::<u16>(), any::<u8>()), 4),
            seed in any::<u32>(),
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let mut encoders = encoders(&offsets);
            let mut subscription = Subscription::new(seed);
            subscription.set_goal(start(), Some(0));
            let mut now = start();
            let mut written: Vec<Rewritten> = Vec::new();
            let mut follows: Option<Feed> = None;
            for step in steps {
                match step {
                    Step::Wait(ms) => now += Duration::from_millis(ms),
                    Step::Goal(goal) => subscription.set_goal(now, goal),
                    Step::Picture { encoder, packets, keyframe, swap } => {
                        now += Duration::from_millis(33);
                        let feed = encoders[encoder].feed;
                        let mut packets = encoders[encoder].picture(now, packets, keyframe);
                        if swap && packets.len() > 2 {
                            let last = packets.len() - 1;
                            packets.swap(1, last);
                        }
                        for packet in packets {
                            let out = subscription.accept(feed, &packet, |_| None);
                            let Some(out) = out else { continue };
                            // A change of stream happens at a keyframe.
                            prop_assert!(follows == Some(feed) || packet.starts_keyframe());
                            follows = Some(feed);
                            written.push(out);
                        }
                    }
                }
            }
            written.sort_by_key(|out| out.sequence);
            for pair in written.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                prop_assert!(b.sequence > a.sequence, "twice: {:?} {:?}", a, b);
                let ahead = b.time.wrapping_sub(a.time);
                prop_assert!(ahead < 1 << 31, "time goes back: {:?} {:?}", a, b);
                let step = b.picture.unwrap().wrapping_sub(a.picture.unwrap()) & PICTURE_MASK;
                prop_assert!(step <= 1, "picture ids: {:?} {:?}", a, b);
                let tl0 = b.tl0.unwrap().wrapping_sub(a.tl0.unwrap());
                prop_assert!(tl0 == u8::try_from(step).unwrap(), "{:?} {:?}", a, b);
            }
            // Whatever is missing of a followed stream was never sent: nothing is, here.
            if let (Some(first), Some(last)) = (written.first(), written.last()) {
                let span = last.sequence - first.sequence + 1;
                prop_assert_eq!(span, written.len() as u64);
                prop_assert!(first.sequence < 1 << 16, "the rollover count begins at zero");
            }
        }
    }

    #[test]
    fn sender_reports_bridge_the_clocks_of_two_encodings() {
        let mut encoders = encoders(&[
            (0, 0, 0, 0),
            (9, 5_000_000, 7, 7),
            (0, 0, 0, 0),
            (0, 0, 0, 0),
        ]);
        let mut subscription = Subscription::new(0);
        let now = start();
        subscription.set_goal(now, Some(0));
        let low = encoders[0].feed;
        let packet = encoders[0].picture(now, 1, true).remove(0);
        let first = subscription.accept(low, &packet, |_| None).unwrap();
        subscription.set_goal(now, Some(1));
        let high = encoders[1].feed;
        // It came late, but was taken 33 ms after the first.
        let late = now + Duration::from_millis(80);
        let packet = encoders[1].picture(late, 1, true).remove(0);
        let bridge = |old: Feed| (old == low).then_some(6000);
        let second = subscription.accept(high, &packet, bridge).unwrap();
        assert_eq!(second.time.wrapping_sub(first.time), 3000);
    }
}
