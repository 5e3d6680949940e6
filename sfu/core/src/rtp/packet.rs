//! One RTP packet as the room sees it: parsed once at ingress, shared by all who receive it.

use std::sync::Arc;
use std::time::Instant;

use protocol::media::Source;

use super::PictureHeader;

/// Which simulcast encoding of a track, counted from the smallest picture. A track without simulcast has only layer 0.
pub(crate) type Layer = usize;

/// The most encodings a track has: 180, 360 and 720 lines.
pub(crate) const MAX_LAYERS: usize = 3;

/// How a voice or picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Opus,
    Vp8,
    /// Constrained baseline, NAL units over several packets (packetization mode 1).
    H264,
    /// Profile 0; spatial layers in one stream (SVC).
    Vp9,
}

impl Codec {
    /// Whether it encodes pictures.
    pub(crate) const fn is_picture(self) -> bool {
        !matches!(self, Self::Opus)
    }

    /// Its name on the link to the recorder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "vp8",
            Self::H264 => "h264",
            Self::Vp9 => "vp9",
        }
    }
}

/// A packet as published: decrypted, repaired, not rewritten.
#[derive(Debug, Clone)]
pub(crate) struct MediaPacket {
    /// What it carries.
    pub(crate) source: Source,
    /// Which encoding of it, or which spatial layer of a scalable stream.
    pub(crate) layer: Layer,
    /// Whether all layers come in one stream.
    pub(crate) scalable: bool,
    /// How it is encoded.
    pub(crate) codec: Codec,
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
    /// What it tells of the picture it belongs to; `None` for audio.
    pub(crate) picture: Option<PictureHeader>,
    /// How loud, 127 being the loudest (RFC 6464 turned around); `None` when the publisher does not say.
    pub(crate) loudness: Option<u8>,
}

impl MediaPacket {
    /// Whether a decoder can begin with this packet. Every audio packet is such a one.
    pub(crate) fn starts_keyframe(&self) -> bool {
        self.picture
            .as_ref()
            .is_none_or(|picture| picture.starts_keyframe)
    }

    /// Which of the publisher's streams: that of its encoding, or the only one.
    pub(crate) const fn encoding(&self) -> Layer {
        if self.scalable { 0 } else { self.layer }
    }

    /// The picture id, in codecs that number pictures.
    pub(crate) fn picture_id(&self) -> Option<u16> {
        self.picture.as_ref().and_then(PictureHeader::id)
    }

    /// The running number of the base layer's pictures, in codecs that have it.
    pub(crate) fn tl0(&self) -> Option<u8> {
        self.picture.as_ref().and_then(PictureHeader::tl0)
    }
}

/// The RTP clock rate of what a source is encoded with here, in Hz.
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
    /// The RTP marker bit.
    pub(crate) marker: bool,
    /// The VP8 picture id, if the packet has one.
    pub(crate) picture: Option<u16>,
    /// The VP8 TL0PICIDX, if the packet has one.
    pub(crate) tl0: Option<u8>,
}
