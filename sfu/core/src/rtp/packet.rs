//! One RTP packet as the room sees it: parsed once at ingress, shared by all who receive it.

use std::sync::Arc;
use std::time::Instant;

use protocol::media::Source;

use super::{Codec, Layer, PictureHeader};

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
