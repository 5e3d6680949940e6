//! What a forwarder knows of the picture that a packet belongs to, whatever its codec.

use str0m::rtp::Vp8Patch;

use super::h264::Tracker;
use super::vp8::{Temporal, Vp8Header};
use super::vp9::Vp9Header;
use super::{Codec, Rewritten};

/// Read once, at ingress.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PictureHeader {
    /// Whether this is the first packet of a picture.
    pub(crate) starts_picture: bool,
    /// Whether a decoder can begin with this packet.
    pub(crate) starts_keyframe: bool,
    /// Whether there is nothing in this packet.
    pub(crate) padding: bool,
    /// The temporal layer, if the publisher says.
    pub(crate) temporal: Option<Temporal>,
    descriptor: Descriptor,
}

/// What stands in front of the picture's bytes.
#[derive(Debug, Clone, Copy)]
enum Descriptor {
    None,
    Vp8(Vp8Header),
    Vp9(Vp9Header),
}

/// Where a packet stands in a picture of several spatial layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spatial {
    /// Counted from the base.
    pub(crate) layer: u8,
    /// Whether the layer refers, in this picture, to no earlier one.
    pub(crate) intra: bool,
    /// Whether this is the layer's first packet in this picture.
    pub(crate) begins: bool,
    /// Whether this is the layer's last packet in this picture.
    pub(crate) ends: bool,
}

impl PictureHeader {
    /// Of a packet that only fills the link. Its number belongs to the stream all the same.
    const PADDING: Self = Self {
        starts_picture: false,
        starts_keyframe: false,
        padding: true,
        temporal: None,
        descriptor: Descriptor::None,
    };

    /// Reads the front of a VP8 payload; `None` when it is cut or contradicts itself.
    pub(crate) fn vp8(payload: &[u8]) -> Option<Self> {
        let vp8 = Vp8Header::parse(payload)?;
        Some(Self {
            starts_picture: vp8.starts_picture,
            starts_keyframe: vp8.starts_keyframe,
            padding: false,
            temporal: vp8.temporal,
            descriptor: Descriptor::Vp8(vp8),
        })
    }

    fn vp9(payload: &[u8]) -> Option<Self> {
        let vp9 = Vp9Header::parse(payload)?;
        Some(Self {
            starts_picture: vp9.starts_picture(),
            starts_keyframe: vp9.starts_keyframe(),
            padding: false,
            // What VP9 says of temporal layers is not enough to leave single ones out.
            temporal: None,
            descriptor: Descriptor::Vp9(vp9),
        })
    }

    /// The spatial layer, in codecs that have them.
    pub(crate) fn spatial(&self) -> Option<Spatial> {
        let Descriptor::Vp9(vp9) = &self.descriptor else {
            return None;
        };
        Some(Spatial {
            layer: vp9.spatial,
            intra: !vp9.inter,
            begins: vp9.begins_layer,
            ends: vp9.ends_layer,
        })
    }

    /// The picture id, in codecs that number pictures.
    pub(crate) fn id(&self) -> Option<u16> {
        match &self.descriptor {
            Descriptor::None => None,
            Descriptor::Vp8(vp8) => vp8.picture(),
            Descriptor::Vp9(vp9) => vp9.picture(),
        }
    }

    /// The running number of the base layer's pictures, in codecs that have it.
    pub(crate) fn tl0(&self) -> Option<u8> {
        match &self.descriptor {
            Descriptor::None => None,
            Descriptor::Vp8(vp8) => vp8.tl0(),
            Descriptor::Vp9(vp9) => vp9.tl0(),
        }
    }

    /// Whether the publisher's ids can be replaced; without ids there is nothing to replace.
    pub(crate) fn try_patch(&self, rewritten: &Rewritten) -> bool {
        self.patch(rewritten).is_some()
    }

    /// The bytes to put in place of the publisher's ids.
    pub(crate) fn patch(&self, rewritten: &Rewritten) -> Option<Vp8Patch> {
        match &self.descriptor {
            Descriptor::None => None,
            Descriptor::Vp8(vp8) => vp8.patch(rewritten),
            Descriptor::Vp9(vp9) => vp9.patch(rewritten),
        }
    }
}

/// Reads the packets of one stream.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reader {
    h264: Tracker,
}

impl Reader {
    /// What a packet tells of its picture; `None` when it cannot be read, and so not be forwarded.
    pub(crate) fn read(
        &mut self,
        codec: Codec,
        sequence: u64,
        time: u64,
        marker: bool,
        payload: &[u8],
    ) -> Option<PictureHeader> {
        if payload.is_empty() {
            return Some(PictureHeader::PADDING);
        }
        match codec {
            Codec::Opus => None,
            Codec::Vp8 => PictureHeader::vp8(payload),
            Codec::Vp9 => PictureHeader::vp9(payload),
            Codec::H264 => {
                let start = self.h264.read(sequence, time, marker, payload)?;
                Some(PictureHeader {
                    starts_picture: start.of_picture,
                    starts_keyframe: start.of_keyframe,
                    padding: false,
                    ..PictureHeader::PADDING
                })
            }
        }
    }
}
