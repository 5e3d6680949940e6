//! The VP8 payload descriptor (RFC 7741, section 4.2): what a forwarder reads and rewrites of a picture.

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

use super::Rewritten;

/// What is known of the picture a packet belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vp8Header {
    descriptor: Vp8Descriptor,
    /// Whether this is the first packet of a picture.
    pub(super) starts_picture: bool,
    /// Whether this is the first packet of a keyframe.
    pub(super) starts_keyframe: bool,
    /// The temporal layer, if the publisher says.
    pub(super) temporal: Option<Temporal>,
}

/// The temporal layer of a picture: without the layers above, the rate is lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Temporal {
    /// Counted from the base.
    pub(crate) layer: u8,
    /// Whether the picture refers to pictures of the base alone, so that this layer can begin with it.
    pub(crate) sync: bool,
}

impl Vp8Header {
    /// Reads the descriptor at the front of an RTP payload; `None` when it is truncated or contradicts itself.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let descriptor = Vp8Descriptor::parse(payload).ok()?;
        let starts_keyframe = descriptor.starts_keyframe(payload);
        // S is set and the partition is the first.
        let starts_picture = payload.first().is_some_and(|first| first & 0x17 == 0x10);
        Some(Self {
            descriptor,
            starts_picture,
            starts_keyframe,
            temporal: temporal(payload),
        })
    }

    /// The 7- or 15-bit picture id.
    pub(super) fn picture(&self) -> Option<u16> {
        self.descriptor.picture_id()
    }

    /// The running number of the base layer's pictures.
    pub(super) fn tl0(&self) -> Option<u8> {
        self.descriptor.tl0_pic_idx()
    }

    /// The bytes to put in place of the publisher's ids. A 15-bit id that does not fit a publisher's 7-bit field is
    /// cut to 7 bits.
    pub(super) fn patch(&self, rewritten: &Rewritten) -> Option<Vp8Patch> {
        let build = |mask: u16| {
            let mut patch = self.descriptor.patch();
            if let Some(picture) = rewritten.picture {
                patch = patch.picture_id(picture & mask);
            }
            if let Some(tl0) = rewritten.tl0 {
                patch = patch.tl0_pic_idx(tl0);
            }
            patch.build().ok()
        };
        build(0x7fff).or_else(|| build(0x7f))
    }
}

/// TID and Y of a descriptor that is whole.
fn temporal(payload: &[u8]) -> Option<Temporal> {
    let (&[first, extension], rest) = payload.split_first_chunk::<2>()?;
    if first & 0x80 == 0 || extension & 0x20 == 0 {
        return None;
    }
    let picture = match (extension & 0x80 != 0, rest.first()?) {
        (false, _) => 0,
        (true, id) if id & 0x80 == 0 => 1,
        (true, _) => 2,
    };
    let tl0 = usize::from(extension & 0x40 != 0);
    let bits = rest.get(picture + tl0)?;
    Some(Temporal {
        layer: bits >> 6,
        sync: bits & 0x20 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X, S; I, L, T; a 15-bit picture id 0x1234; TL0PICIDX 7; TID; a keyframe's first byte.
    const KEYFRAME: [u8; 8] = [0x90, 0xe0, 0x92, 0x34, 7, 0x20, 0x10, 0x02];

    #[test]
    fn keyframe_start_is_recognised_with_its_ids() {
        let header = Vp8Header::parse(&KEYFRAME).unwrap();
        assert!(header.starts_keyframe);
        assert_eq!(header.picture(), Some(0x1234));
        assert_eq!(header.tl0(), Some(7));
    }

    #[test]
    fn temporal_layer_is_found_behind_every_form_of_the_ids() {
        for (descriptor, expected) in [
            (vec![0x90, 0xe0, 0x92, 0x34, 7, 0xa0], Some((2, true))),
            (vec![0x90, 0xe0, 0x12, 7, 0x40], Some((1, false))),
            (vec![0x90, 0x20, 0x60], Some((1, true))),
            (vec![0x90, 0xa0, 0x92, 0x34, 0x00], Some((0, false))),
            (vec![0x90, 0x80, 0x12], None),
            (vec![0x10], None),
        ] {
            let payload = [descriptor.clone(), vec![1, 2]].concat();
            let temporal = Vp8Header::parse(&payload).unwrap().temporal;
            let found = temporal.map(|temporal| (temporal.layer, temporal.sync));
            assert_eq!(found, expected, "{descriptor:x?}");
        }
    }

    #[test]
    fn later_packets_of_a_keyframe_do_not_start_it() {
        let mut continuation = KEYFRAME;
        continuation[0] &= !0x10;
        assert!(!Vp8Header::parse(&continuation).unwrap().starts_keyframe);
    }

    #[test]
    fn truncation_at_every_byte_of_the_descriptor_is_refused() {
        for cut in 0..=6 {
            assert!(Vp8Header::parse(&KEYFRAME[..cut]).is_none(), "{cut} bytes");
        }
        assert!(Vp8Header::parse(&KEYFRAME[..7]).is_some());
    }

    #[test]
    fn every_first_two_bytes_are_survived() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let bytes = [first, second, 0xff, 0xff, 0xff, 0xff];
                for cut in 0..=bytes.len() {
                    let _ = Vp8Header::parse(&bytes[..cut]);
                }
            }
        }
    }
}
