//! A packet's way out to a client: sealed into a run at once, or queued behind what waits on its line.

use std::hint::black_box;
use std::time::{Duration, Instant};

use protocol::media::SlotKind;
use str0m::bwe::Bitrate;
use str0m::media::{Mid, Pt};
use str0m::rtp::{MediaWrite, Ssrc};

use super::negotiation::keep_sent;
use super::{Peer, Runs};
use crate::rtp::{Codec, MediaPacket, Rewritten, red};

/// How much of a line may wait to be paced out when a new picture comes. If more waits, the link does not keep up: the
/// picture is dropped, and the line goes on at a keyframe.
const QUEUE_TIME: Duration = Duration::from_millis(400);
/// That much may always wait, so that the keyframes of small pictures pass.
const QUEUE_MIN_BYTES: usize = 16 * 1024;
/// The same on a link that has not shown that it carries no more: a large keyframe.
const QUEUE_UNTOLD_BYTES: usize = 256 * 1024;
/// At this size, the largest keyframe of a screen, even the rest of a picture is dropped.
const QUEUE_MAX_BYTES: usize = 1024 * 1024;

/// What became of a packet for a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It left.
    Now,
    /// It waits for its turn.
    Queued,
    /// The line is behind, or not there.
    Dropped,
}

/// A line on which the client receives, with the stream that is sent on it.
#[derive(Debug)]
pub(super) struct SlotStream {
    pub(super) mid: Mid,
    pub(super) kind: SlotKind,
    pub(super) ssrc: Ssrc,
    /// What the client decodes on this line, and under which payload type.
    pub(super) codecs: Vec<(Codec, Pt)>,
    /// Under which payload type the client takes redundant voices, if it does.
    pub(super) red: Option<Pt>,
    /// What was sent of late, while voices are sent redundantly.
    pub(super) redundancy: red::Redundancy,
}

impl SlotStream {
    pub(super) fn pt(&self, codec: Codec) -> Option<Pt> {
        let known = self.codecs.iter().find(|known| known.0 == codec);
        known.map(|known| known.1)
    }
}

impl Peer {
    /// Sends a packet on the line with this index. Flush afterwards, unless it was sent at once.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        slot: usize,
        packet: &MediaPacket,
        rewritten: &Rewritten,
        runs: &mut Runs,
    ) -> Sent {
        let Some(route) = self.route_out() else {
            return Sent::Dropped;
        };
        self.caught(|peer| {
            let (ssrc, write) = peer.rtp(slot, packet, rewritten)?;
            let seal = |buffer: &mut Vec<u8>| peer.rtc.send_media(now, ssrc, &write, buffer);
            if runs.write(route, seal) {
                return Some(Sent::Now);
            }
            peer.queue(ssrc, write, packet).then_some(Sent::Queued)
        })
        .flatten()
        .unwrap_or(Sent::Dropped)
    }

    /// Brings what [`Self::send`] needs for a line into the processor's caches.
    pub(crate) fn touch(&mut self, slot: usize) {
        self.caught(|peer| {
            let Some(line) = peer.slots.get(slot) else {
                return;
            };
            black_box((peer.connected, peer.client, peer.redundancy));
            black_box((line.red, line.codecs.first().copied()));
            peer.rtc.touch(line.ssrc);
        });
    }

    /// Puts a packet on the line with this index, behind what waits there. Flush afterwards. `false` when the line is
    /// behind: the packet was dropped.
    pub(crate) fn write(
        &mut self,
        slot: usize,
        packet: &MediaPacket,
        rewritten: &Rewritten,
    ) -> bool {
        self.caught(|peer| {
            let rtp = peer.rtp(slot, packet, rewritten);
            rtp.is_some_and(|(ssrc, write)| peer.queue(ssrc, write, packet))
        })
        .unwrap_or(false)
    }

    /// A packet as it leaves on a line, and its stream.
    #[inline]
    fn rtp(
        &mut self,
        slot: usize,
        packet: &MediaPacket,
        rewritten: &Rewritten,
    ) -> Option<(Ssrc, MediaWrite)> {
        let line = self.slots.get_mut(slot)?;
        let pt = line.pt(packet.codec)?;
        let (pt, payload) = match line.red {
            Some(red) if self.redundancy > 0 => {
                let time = rewritten.time;
                let history = &mut line.redundancy;
                let payload = history.wrap(self.redundancy, *pt, &packet.payload, time);
                (red, payload)
            }
            _ => (pt, packet.payload.clone()),
        };
        let picture = packet.picture.as_ref();
        let loudness = packet
            .loudness
            .and_then(|loudness| i8::try_from(loudness).ok());
        let write = MediaWrite {
            pt,
            seq_no: rewritten.sequence.into(),
            time: rewritten.time,
            wallclock: packet.received,
            marker: rewritten.marker,
            audio_level: loudness.map(|loudness| loudness - 127),
            nackable: picture.is_some(),
            payload,
            patch: picture.and_then(|picture| picture.patch(rewritten)),
        };
        Some((line.ssrc, write))
    }

    /// Puts a packet behind what waits on its line; `false` when that is too much.
    fn queue(&mut self, ssrc: Ssrc, write: MediaWrite, packet: &MediaPacket) -> bool {
        let limit = match &packet.picture {
            Some(picture) if picture.starts_picture => self.queue_limit(),
            _ => QUEUE_MAX_BYTES,
        };
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&ssrc) else {
            return false;
        };
        if stream.queued_bytes() > limit {
            return false;
        }
        stream.write_rtp(write.into());
        true
    }

    /// How many bytes wait on the line with this index.
    pub(crate) fn queued_bytes(&mut self, slot: usize) -> usize {
        self.caught(|peer| {
            let ssrc = peer.slots.get(slot)?.ssrc;
            let mut direct = peer.rtc.direct_api();
            Some(direct.stream_tx(&ssrc)?.queued_bytes())
        })
        .flatten()
        .unwrap_or_default()
    }

    /// How many bytes may wait on a line when a new picture comes.
    pub(crate) fn queue_limit(&self) -> usize {
        let estimate = self.link.estimate_bps;
        let limit = queue_limit(estimate.map(|bps| bps.max(self.paced_bps)));
        // What is not known to be narrow may have a whole large keyframe before it.
        if self.untold || estimate.is_none() {
            limit.max(QUEUE_UNTOLD_BYTES)
        } else {
            limit
        }
    }

    /// Has each voice packet bring this many packets before it along, for clients that take them (RFC 2198).
    pub(crate) fn set_redundancy(&mut self, packets: usize) {
        if self.redundancy == packets {
            return;
        }
        self.redundancy = packets;
        for line in &mut self.slots {
            line.redundancy.clear();
        }
    }

    /// Whether the client takes redundant voices.
    pub(crate) fn takes_redundancy(&self) -> bool {
        self.slots.iter().any(|line| line.red.is_some())
    }

    /// Forgets what was sent on a line: it is not worth sending again.
    pub(crate) fn forget_sent(&mut self, slot: usize) {
        let Some((ssrc, kind)) = self.slots.get(slot).map(|line| (line.ssrc, line.kind)) else {
            return;
        };
        // A panic shows at the next use.
        self.caught(|peer| {
            if let Some(stream) = peer.rtc.direct_api().stream_tx(&ssrc) {
                keep_sent(stream, kind);
            }
        });
    }

    /// Has media leave at this rate at least, bits per second; on a link that is `untold` evenly, without long bursts,
    /// and with more in its queue.
    pub(crate) fn set_pacing(&mut self, least_bps: u64, untold: bool) {
        if self.estimated {
            self.paced_bps = least_bps;
            self.untold = untold;
            // A panic shows at the next use.
            self.caught(|peer| {
                peer.rtc
                    .bwe()
                    .set_least_pacing(Bitrate::from(least_bps), untold);
            });
        }
    }
}

/// How many bytes may wait on a line when a new picture comes, on a link with this estimate.
fn queue_limit(estimate_bps: Option<u64>) -> usize {
    estimate_bps.map_or(QUEUE_MAX_BYTES, |bps| {
        let bytes = u128::from(bps) * QUEUE_TIME.as_millis() / 8_000;
        usize::try_from(bytes)
            .unwrap_or(usize::MAX)
            .clamp(QUEUE_MIN_BYTES, QUEUE_MAX_BYTES)
    })
}
