//! Renumbers the packets of one line, so that its receiver sees one unbroken stream: when another stream takes over,
//! and when pictures are left out.
//!
//! What was left out for good leaves no gap; what may still come keeps its place. The two cannot be told apart later,
//! so each packet is decided upon once, when it, or one after it, comes:
//!
//! ```text
//! sent      1 2 3 | 4 5 | 6 | 7 8        pictures, of which the second is not wanted
//! received  1 2 3   4     6   7     8    5 is lost: it belongs to the picture of 4
//! written   1 2 3         4   5     6
//! ```

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rtp::{MediaPacket, Rewritten};

/// Picture ids have 15 bits.
pub(super) const PICTURE_MASK: u16 = 0x7fff;

/// Stretches left out that are remembered; what is older is not forwarded any more when it comes late. Pictures that
/// are left out one by one at 30 a second make this many in two seconds.
const CUTS: usize = 64;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is forwarded.
    Forward,
    /// It is left out, and so is the whole picture it belongs to.
    LeaveOut,
    /// It is left out, while its picture may be forwarded: it belongs to a spatial layer above those that are.
    Trim,
    /// It is left out; there is nothing in it.
    Padding,
}

/// The last packet written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    sequence: u64,
    time: u32,
    at: Instant,
    picture: u16,
    tl0: u8,
}

/// What is added to a stream's numbers, modulo their width.
#[derive(Debug, Clone, Copy)]
struct Offsets {
    /// Packets before this one belong to what is not shown, or are too old.
    first_sequence: u64,
    sequence: u64,
    time: u32,
    picture: u16,
    tl0: u8,
}

/// The newest packet of the stream that was decided upon.
#[derive(Debug, Clone, Copy)]
struct Newest {
    sequence: u64,
    time: u64,
    picture: Option<u16>,
    marker: bool,
    forwarded: bool,
}

/// Packets in a row that were left out.
#[derive(Debug, Clone, Copy)]
struct Cut {
    first: u64,
    last: u64,
    /// How many pictures went with them.
    pictures: u16,
}

/// Renumbers packets so that a change of stream leaves no gap and no step back.
#[derive(Debug)]
pub(crate) struct Rewriter {
    seed: u32,
    written: Option<Written>,
    offsets: Option<Offsets>,
    newest: Option<Newest>,
    /// Oldest first. Empty, and without memory, on lines on which nothing is ever left out.
    cuts: VecDeque<Cut>,
}

impl Rewriter {
    pub(crate) const fn new(seed: u32) -> Self {
        Self {
            seed,
            written: None,
            offsets: None,
            newest: None,
            cuts: VecDeque::new(),
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
                let picture = packet.picture_id().unwrap_or_default();
                let tl0 = packet.tl0().unwrap_or_default();
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
        self.offsets = Some(Offsets {
            first_sequence: packet.sequence,
            sequence: sequence.wrapping_sub(packet.sequence),
            time: time.wrapping_sub((packet.time & 0xffff_ffff) as u32),
            picture: picture.wrapping_sub(packet.picture_id().unwrap_or_default()),
            tl0: tl0.wrapping_sub(packet.tl0().unwrap_or_default()),
        });
        self.newest = None;
        self.cuts.clear();
    }

    /// The last packet written.
    pub(crate) const fn end(&self) -> Option<Written> {
        self.written
    }

    /// Nothing was written after `end`: what is spliced on follows it.
    pub(crate) const fn take_back(&mut self, end: Option<Written>) {
        self.written = end;
    }

    /// Whether a packet is newer than all before it.
    pub(crate) fn is_newest(&self, packet: &MediaPacket) -> bool {
        self.newest
            .is_none_or(|newest| packet.sequence > newest.sequence)
    }

    /// Whether a packet belongs to the picture of the newest before it.
    pub(crate) fn continues(&self, packet: &MediaPacket) -> bool {
        self.newest.is_some_and(|newest| newest.time == packet.time)
    }

    /// Brings what [`Self::rewrite`] needs into the processor's caches.
    pub(crate) fn touch(&self) {
        std::hint::black_box((self.offsets, self.written, self.cuts.is_empty()));
    }

    /// The packet's numbers on this line; `None` when it is left out, or older than the splice, or when its place was
    /// given away.
    pub(crate) fn rewrite(&mut self, packet: &MediaPacket, fate: Fate) -> Option<Rewritten> {
        if packet.sequence < self.offsets?.first_sequence {
            return None;
        }
        if self.is_newest(packet) {
            self.advance(packet, fate);
        }
        if fate != Fate::Forward {
            return None;
        }
        let mut offsets = self.offsets?;
        for cut in self.cuts.iter().rev() {
            if cut.last < packet.sequence {
                break;
            }
            if cut.first <= packet.sequence {
                return None;
            }
            offsets.sequence = offsets.sequence.wrapping_add(cut.last - cut.first + 1);
            offsets.picture = offsets.picture.wrapping_add(cut.pictures);
        }
        let sequence = packet.sequence.wrapping_add(offsets.sequence);
        let time = ((packet.time & 0xffff_ffff) as u32).wrapping_add(offsets.time);
        let picture = packet.picture_id();
        let picture = picture.map(|id| id.wrapping_add(offsets.picture) & PICTURE_MASK);
        let tl0 = packet.tl0();
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
            marker: packet.marker,
            picture,
            tl0,
        })
    }

    /// Takes note of the newest packet, and of what is missing before it.
    fn advance(&mut self, packet: &MediaPacket, fate: Fate) {
        if fate == Fate::Padding {
            // It says nothing of what is missing before it.
            self.leave_out(packet.sequence, packet.sequence, 0);
            if let Some(newest) = &mut self.newest {
                newest.sequence = packet.sequence;
            }
            return;
        }
        let forwarded = fate == Fate::Forward;
        if let Some(before) = self.newest
            && before.sequence + 1 < packet.sequence
            && missing_is_left_out(&before, packet, fate)
        {
            self.leave_out(before.sequence + 1, packet.sequence - 1, 0);
        }
        if !forwarded {
            let of_new_picture = self.newest.is_none_or(|before| before.time != packet.time);
            let pictures = u16::from(of_new_picture && fate == Fate::LeaveOut);
            self.leave_out(packet.sequence, packet.sequence, pictures);
        }
        self.newest = Some(Newest {
            sequence: packet.sequence,
            time: packet.time,
            picture: packet.picture_id(),
            marker: packet.marker,
            forwarded,
        });
    }

    fn leave_out(&mut self, first: u64, last: u64, pictures: u16) {
        let Some(offsets) = &mut self.offsets else {
            return;
        };
        offsets.sequence = offsets.sequence.wrapping_sub(last - first + 1);
        offsets.picture = offsets.picture.wrapping_sub(pictures);
        if let Some(cut) = self.cuts.back_mut()
            && cut.last + 1 == first
        {
            cut.last = last;
            cut.pictures = cut.pictures.wrapping_add(pictures);
            return;
        }
        if self.cuts.len() == CUTS
            && let Some(forgotten) = self.cuts.pop_front()
        {
            offsets.first_sequence = forgotten.last + 1;
        }
        self.cuts.push_back(Cut {
            first,
            last,
            pictures,
        });
    }
}

/// Whether everything missing between two packets surely belongs to what is left out.
fn missing_is_left_out(before: &Newest, packet: &MediaPacket, fate: Fate) -> bool {
    let forwarded = fate == Fate::Forward;
    if before.time == packet.time {
        return !before.forwarded && !forwarded;
    }
    if fate == Fate::Trim {
        // Below this layer there are others in the same picture.
        return false;
    }
    let neighbours = before
        .picture
        .zip(packet.picture_id())
        .is_some_and(|(a, b)| {
            b == a.wrapping_add(1) & PICTURE_MASK || (a, b) == (SHORT_PICTURE_MASK, 0)
        });
    let starts = packet
        .picture
        .as_ref()
        .is_some_and(|picture| picture.starts_picture);
    // Between neighbours, what is missing is the end of the one or the front of the other.
    neighbours
        && match (before.forwarded, forwarded) {
            (false, false) => true,
            (false, true) => starts,
            (true, false) => before.marker,
            (true, true) => false,
        }
}

/// Some publishers' picture ids have 7 bits.
const SHORT_PICTURE_MASK: u16 = 0x7f;

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
