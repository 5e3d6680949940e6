//! The VP9 payload descriptor (RFC 9628, section 4.2): what a forwarder reads and rewrites of a picture, and which of
//! its spatial layers a packet belongs to.

use str0m::rtp::Vp8Patch;

use super::Rewritten;

/// A field of the descriptor and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field<T> {
    value: T,
    offset: usize,
}

/// What is known of the picture a packet belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vp9Header {
    /// The picture id; 15 bits when the flag says so, otherwise 7.
    picture: Option<(Field<u16>, bool)>,
    tl0: Option<Field<u8>>,
    /// The spatial layer, counted from the base.
    pub(super) spatial: u8,
    /// Whether the layer's picture refers to earlier pictures.
    pub(super) inter: bool,
    /// Whether this is the first packet of the layer's picture.
    pub(super) begins_layer: bool,
    /// Whether this is the last packet of the layer's picture.
    pub(super) ends_layer: bool,
}

impl Vp9Header {
    /// Reads the descriptor at the front of an RTP payload; `None` when it is cut or nothing follows it.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let mut at = 0;
        let mut next = || {
            let byte = payload.get(at).copied();
            at += 1;
            byte.map(|byte| (byte, at - 1))
        };
        let (required, _) = next()?;
        let has = |bit: u8| required & bit != 0;
        let (inter, flexible) = (has(0x40), has(0x10));
        let mut picture = None;
        if has(0x80) {
            let (high, offset) = next()?;
            picture = Some(if high & 0x80 != 0 {
                let (low, _) = next()?;
                let value = u16::from(high & 0x7f) << 8 | u16::from(low);
                (Field { value, offset }, true)
            } else {
                let value = u16::from(high);
                (Field { value, offset }, false)
            });
        }
        let (mut spatial, mut tl0) = (0, None);
        if has(0x20) {
            spatial = next()?.0 >> 1 & 7;
            if !flexible {
                let (value, offset) = next()?;
                tl0 = Some(Field { value, offset });
            }
        }
        if flexible && inter {
            // At most three references; each says whether another follows.
            for _ in 0..3 {
                if next()?.0 & 1 == 0 {
                    break;
                }
            }
        }
        if has(0x02) {
            let (structure, _) = next()?;
            if structure & 0x10 != 0 {
                for _ in 0..4 * (u32::from(structure >> 5) + 1) {
                    next()?;
                }
            }
            if structure & 0x08 != 0 {
                for _ in 0..next()?.0 {
                    for _ in 0..next()?.0 >> 2 & 3 {
                        next()?;
                    }
                }
            }
        }
        // Nothing but a descriptor is no picture.
        next()?;
        Some(Self {
            picture,
            tl0,
            spatial,
            inter,
            begins_layer: has(0x08),
            ends_layer: has(0x04),
        })
    }

    /// Whether this is the first packet of the whole picture.
    pub(super) const fn starts_picture(&self) -> bool {
        self.begins_layer && self.spatial == 0
    }

    /// Whether a decoder can begin with this packet.
    pub(super) const fn starts_keyframe(&self) -> bool {
        self.starts_picture() && !self.inter
    }

    /// The 7- or 15-bit picture id.
    pub(super) fn picture(&self) -> Option<u16> {
        self.picture.map(|(field, _)| field.value)
    }

    /// The running number of the base layer's pictures.
    pub(super) fn tl0(&self) -> Option<u8> {
        self.tl0.map(|field| field.value)
    }

    /// The bytes to put in place of the publisher's ids.
    pub(super) fn patch(&self, rewritten: &Rewritten) -> Option<Vp8Patch> {
        let mut bytes = [(0, 0); 3];
        let mut count = 0;
        let mut push = |offset: usize, byte: u8| {
            bytes[count] = (offset, byte);
            count += 1;
        };
        if let (Some((field, wide)), Some(id)) = (self.picture, rewritten.picture) {
            let [high, low] = id.to_be_bytes();
            if wide {
                push(field.offset, 0x80 | high);
                push(field.offset + 1, low);
            } else {
                push(field.offset, low & 0x7f);
            }
        }
        if let (Some(field), Some(tl0)) = (self.tl0, rewritten.tl0) {
            push(field.offset, tl0);
        }
        Vp8Patch::replacing(&bytes[..count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I, L, B, E, V; picture id 0x1234; TID 0, SID 0; TL0PICIDX 7; three sizes and a group of two pictures; a payload.
    const KEYFRAME: [u8; 25] = [
        0xae, 0x92, 0x34, 0x00, 7, 0x58, 1, 64, 0, 180, 2, 128, 1, 104, 5, 0, 2, 208, 2, 0x04, 1,
        0x44, 1, 0x82, 0x49,
    ];

    #[test]
    fn keyframe_of_three_layers_is_read_with_its_ids() {
        let header = Vp9Header::parse(&KEYFRAME).unwrap();
        assert_eq!((header.picture(), header.tl0()), (Some(0x1234), Some(7)));
        assert!(header.starts_keyframe() && header.ends_layer);
        assert_eq!(header.spatial, 0);
    }

    #[test]
    fn upper_layer_of_a_keyframe_is_no_start() {
        // I, L, B: layer 2 refers to the one below alone.
        let header = Vp9Header::parse(&[0xa8, 0x12, 0x05, 7, 0xff]).unwrap();
        assert_eq!((header.spatial, header.inter), (2, false));
        assert!(header.begins_layer && !header.starts_picture());
    }

    #[test]
    fn flexible_mode_has_references_and_no_tl0() {
        // I, P, L, F, B; two references.
        let header = Vp9Header::parse(&[0xf8, 0x12, 0x02, 0x03, 0x04, 0xff]).unwrap();
        assert_eq!((header.picture(), header.tl0()), (Some(0x12), None));
        assert_eq!((header.spatial, header.inter), (1, true));
    }

    #[test]
    fn truncation_at_every_byte_of_the_descriptor_is_refused() {
        for cut in 0..KEYFRAME.len() - 1 {
            assert!(Vp9Header::parse(&KEYFRAME[..cut]).is_none(), "{cut} bytes");
        }
        assert!(Vp9Header::parse(&KEYFRAME[..KEYFRAME.len()]).is_some());
    }

    #[test]
    fn every_first_two_bytes_are_survived() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let bytes = [first, second, 0xff, 0xff, 0xff, 0xff, 0xff];
                for cut in 0..=bytes.len() {
                    let _ = Vp9Header::parse(&bytes[..cut]);
                }
            }
        }
    }
}
