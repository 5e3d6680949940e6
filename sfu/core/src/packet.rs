//! One RTP packet as the room sees it: parsed once at ingress, shared by all who receive it.

use std::sync::Arc;
use std::time::Instant;

use protocol::media::Source;

use crate::peer::Vp8Header;

/// Which simulcast encoding of a track, counted from the smallest picture. A track without simulcast has only layer 0.
pub(crate) type Layer = usize;

/// The most encodings a track has: 180, 360 and 720 lines.
pub(crate) const MAX_LAYERS: usize = 3;

/// A packet as published: decrypted, repaired, not rewritten.
#[derive(Debug, Clone)]
pub(crate) struct MediaPacket {
    /// What it carries.
    pub(crate) source: Source,
    /// Which encoding of it.
    pub(crate) layer: Layer,
    /// Of the publisher's stream.
    pub(crate) ssrc: u32,
    /// RTP sequence number, extended to 64 bits.
    pub(crate) sequence: u64,
    /// RTP time in the codec's clock rate, extended to 64 bits.
    pub(crate) time: u64,
    /// The RTP marker bit.
    pub(crate) marker: bool,
    /// When it came.
    pub(crate) received: Instant,
    /// Without RTP header and padding.
    pub(crate) payload: Arc<[u8]>,
    /// The VP8 payload descriptor; `None` for audio.
    pub(crate) vp8: Option<Vp8Header>,
    /// How loud, 127 being the loudest (RFC 6464 turned around); `None` when the publisher does not say.
    pub(crate) loudness: Option<u8>,
}

impl MediaPacket {
    /// Whether a decoder can begin with this packet. Every audio packet is such a one.
    pub(crate) fn starts_keyframe(&self) -> bool {
        self.vp8.as_ref().is_none_or(|vp8| vp8.starts_keyframe)
    }
}

/// The RTP clock rate of what a source is encoded with here (Opus, VP8), in Hz.
pub(crate) const fn clock_rate(source: Source) -> u32 {
    if source.is_video() { 90_000 } else { 48_000 }
}

/// What changes in a packet on its way to one subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// The sequence number, extended.
    pub(crate) sequence: u64,
    /// The RTP time.
    pub(crate) time: u32,
    /// The VP8 picture id, if the packet has one.
    pub(crate) picture: Option<u16>,
    /// The VP8 TL0PICIDX, if the packet has one.
    pub(crate) tl0: Option<u8>,
}
