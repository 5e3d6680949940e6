//! What a new viewer of an encoding needs to see it at once: its last keyframe, and everything since.
//!
//! A decoder can begin nowhere else, and needs each packet that followed. As browsers send a keyframe only when they
//! are asked, the stretch since the last one may be minutes long; a cache that grows beyond its bounds is of no
//! use: it is emptied, and waits for the next keyframe. In a rush of viewers each keyframe serves all who come until
//! then.

use crate::rtp::MediaPacket;

/// The most bytes kept of one encoding: 1.4 s of a large picture, some ten of a small one.
const MAX_BYTES: usize = 256 * 1024;
/// The most packets, as small packets have their costs too.
const MAX_PACKETS: usize = 1024;
/// The most pictures: a viewer's decoder has to work through them all before it is up to date.
const MAX_PICTURES: usize = 90;

/// How far apart the pictures are that a new viewer is sent at once, in RTP time: 1 ms. At their own distance they
/// would be shown at their own pace, and the viewer would stay behind by as much as was kept.
const REPLAY_STEP: u64 = 90;

/// The last keyframe of one encoding and what followed.
#[derive(Debug, Default)]
pub(crate) struct KeyframeCache {
    /// By sequence number; the first one starts the keyframe.
    packets: Vec<MediaPacket>,
    bytes: usize,
    pictures: usize,
}

impl KeyframeCache {
    /// Takes a packet of the encoding.
    pub(crate) fn observe(&mut self, packet: &MediaPacket) {
        if packet.starts_keyframe() {
            if self.is_behind(packet) {
                return;
            }
            self.clear();
        } else {
            match self.packets.first() {
                Some(first) if first.ssrc == packet.ssrc => {}
                Some(_) => return self.clear(),
                None => return,
            }
        }
        let sequence = |kept: &MediaPacket| kept.sequence;
        let at = self
            .packets
            .partition_point(|kept| kept.sequence < packet.sequence);
        let known = self.packets.get(at).map(sequence) == Some(packet.sequence);
        if known || (at == 0 && !self.packets.is_empty()) {
            return;
        }
        let before = at.checked_sub(1).map(|before| self.packets[before].time);
        let after = self.packets.get(at).map(|after| after.time);
        if before != Some(packet.time) && after != Some(packet.time) {
            self.pictures += 1;
        }
        self.bytes += packet.payload.len();
        self.packets.insert(at, packet.clone());
        if self.bytes > MAX_BYTES
            || self.packets.len() > MAX_PACKETS
            || self.pictures > MAX_PICTURES
        {
            *self = Self::default();
        }
    }

    /// Whether a keyframe's packet comes late, after later ones of the same stream.
    fn is_behind(&self, packet: &MediaPacket) -> bool {
        self.packets
            .last()
            .is_some_and(|last| last.ssrc == packet.ssrc && last.sequence >= packet.sequence)
    }

    /// What a new viewer is to be sent, as if it had come just now: empty when there is nothing, when packets are
    /// missing, or when it is more than `max_bytes`.
    pub(crate) fn replay(&self, max_bytes: usize) -> impl Iterator<Item = MediaPacket> + '_ {
        let usable = match (self.packets.first(), self.packets.last()) {
            (Some(first), Some(last)) => {
                self.bytes <= max_bytes
                    && last.sequence - first.sequence + 1 == self.packets.len() as u64
            }
            _ => false,
        };
        let packets = if usable { &self.packets[..] } else { &[] };
        let end = packets.last().map(|last| (last.time, last.received));
        let pairs = packets.windows(2);
        let mut behind = 1 + pairs.filter(|pair| pair[0].time != pair[1].time).count() as u64;
        let mut shown = None;
        packets.iter().map(move |packet| {
            if shown != Some(packet.time) {
                shown = Some(packet.time);
                behind = behind.saturating_sub(1);
            }
            let mut packet = packet.clone();
            if let Some((time, received)) = end {
                // Modulo 2³² on the wire, so that it may pass zero.
                packet.time = time.wrapping_sub(behind * REPLAY_STEP);
                packet.received = received;
            }
            packet
        })
    }

    /// Bytes kept.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
        self.pictures = 0;
    }
}
