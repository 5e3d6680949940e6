//! VP9 over RTP (RFC 9628) to pictures as Matroska stores them: one block for all spatial layers of a moment.

use super::{Depacketiser, Frame, MAX_FRAME_BYTES, OrderedPacket};

/// Layers of one picture at most: the descriptor counts them in three bits, a superframe in three as well.
const MAX_LAYERS: usize = 8;

/// Assembles pictures.
///
/// ```text
///            first packet of a picture              marker, or a new time
///  Between ───────────────────────────► Assembling ──────────────────────► Between, a frame comes out
///     ▲                                     │
///     └── anything else is skipped ◄────────┘ a packet is missing: the picture is dropped, and what follows is
///                                             not contiguous until a keyframe
/// ```
#[derive(Default)]
pub(crate) struct Vp9 {
    assembling: Option<Picture>,
    /// Whether every picture since the last keyframe is there; false before the first one.
    intact: bool,
    lost: u64,
}

/// A picture being put together.
struct Picture {
    frame: Frame,
    /// Where each layer begins.
    layers: Vec<usize>,
}

/// What stands in front of the bytes of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Descriptor<'a> {
    begins_layer: bool,
    base: bool,
    inter: bool,
    /// Of the highest layer, told with keyframes.
    size: Option<(u16, u16)>,
    body: &'a [u8],
}

impl Depacketiser for Vp9 {
    fn push(&mut self, ordered: OrderedPacket) -> Vec<Frame> {
        let OrderedPacket {
            packet,
            lost_before,
        } = ordered;
        let mut frames = Vec::new();
        if lost_before > 0 {
            self.lost = self.lost.saturating_add(lost_before);
            self.give_up();
        }
        if packet.payload.is_empty() {
            // Padding.
            return frames;
        }
        if self
            .assembling
            .as_ref()
            .is_some_and(|picture| picture.frame.time != packet.time)
        {
            // The encoder set no marker; nothing is missing, so the picture is whole.
            frames.extend(self.complete());
        }
        let Some(descriptor) = descriptor(&packet.payload) else {
            self.give_up();
            return frames;
        };
        let begins = descriptor.begins_layer && descriptor.base;
        if self.assembling.is_none() && begins {
            self.assembling = Some(Picture {
                frame: Frame {
                    time: packet.time,
                    received_us: packet.received_us,
                    keyframe: !descriptor.inter,
                    size: descriptor.size,
                    ..Frame::default()
                },
                layers: Vec::new(),
            });
        }
        let Some(picture) = &mut self.assembling else {
            self.intact = false;
            return frames;
        };
        let data = &mut picture.frame.data;
        if descriptor.begins_layer {
            picture.layers.push(data.len());
        }
        if picture.layers.len() > MAX_LAYERS || data.len() + descriptor.body.len() > MAX_FRAME_BYTES
        {
            self.give_up();
            return frames;
        }
        data.extend_from_slice(descriptor.body);
        if packet.marker {
            frames.extend(self.complete());
        }
        frames
    }
}

impl Vp9 {
    fn give_up(&mut self) {
        self.assembling = None;
        self.intact = false;
    }

    fn complete(&mut self) -> Option<Frame> {
        let Picture { mut frame, layers } = self.assembling.take()?;
        if frame.keyframe {
            frame.size = frame.size.or_else(|| keyframe_size(&frame.data));
            if frame.size.is_none() {
                self.intact = false;
                return None;
            }
            self.intact = true;
        } else {
            frame.size = None;
        }
        if layers.len() > 1 {
            let index = superframe_index(&layers, frame.data.len());
            frame.data.extend(index);
        }
        frame.contiguous = self.intact;
        frame.lost_before = std::mem::take(&mut self.lost);
        Some(frame)
    }
}

/// The index behind the frames of a superframe (VP9 bitstream specification, annex B), by which decoders part them.
fn superframe_index(begins: &[usize], end: usize) -> Vec<u8> {
    // Sizes are always written with four bytes.
    let marker = 0xc0 | 3 << 3 | (begins.len() as u8 - 1);
    let mut index = vec![marker];
    let ends = begins.iter().skip(1).copied().chain([end]);
    for (begin, end) in begins.iter().zip(ends) {
        let size = u32::try_from(end - begin).unwrap_or(u32::MAX);
        index.extend(size.to_le_bytes());
    }
    index.push(marker);
    index
}

/// Splits the payload descriptor (RFC 9628, 4.2) off; `None` when it is cut or nothing follows.
fn descriptor(payload: &[u8]) -> Option<Descriptor<'_>> {
    let mut rest = payload;
    let mut next = || {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        Some(byte)
    };
    let required = next()?;
    let has = |bit: u8| required & bit != 0;
    let (inter, flexible) = (has(0x40), has(0x10));
    if has(0x80) && next()? & 0x80 != 0 {
        next()?;
    }
    let mut spatial = 0;
    if has(0x20) {
        spatial = next()? >> 1 & 7;
        if !flexible {
            next()?;
        }
    }
    if flexible && inter {
        for _ in 0..3 {
            if next()? & 1 == 0 {
                break;
            }
        }
    }
    let mut size = None;
    if has(0x02) {
        let structure = next()?;
        if structure & 0x10 != 0 {
            for _ in 0..=structure >> 5 {
                let width = u16::from_be_bytes([next()?, next()?]);
                let height = u16::from_be_bytes([next()?, next()?]);
                size = (width > 0 && height > 0).then_some((width, height));
            }
        }
        if structure & 0x08 != 0 {
            for _ in 0..next()? {
                for _ in 0..next()? >> 2 & 3 {
                    next()?;
                }
            }
        }
    }
    (!rest.is_empty()).then_some(Descriptor {
        begins_layer: has(0x08),
        base: spatial == 0,
        inter,
        size,
        body: rest,
    })
}

/// Width and height in the header of a keyframe in profile 0 (VP9 bitstream specification, 6.2).
fn keyframe_size(frame: &[u8]) -> Option<(u16, u16)> {
    let header: &[u8; 9] = frame.first_chunk()?;
    // Frame marker 2, profile 0, no existing frame, key frame; then the synchronisation code.
    if header[0] & 0xfc != 0x80 || header[1..4] != [0x49, 0x83, 0x42] {
        return None;
    }
    // Three bits of colour space; unless that is sRGB, one of range. Both sides are one less.
    if header[4] >> 5 == 7 {
        return None;
    }
    let bits = u64::from_be_bytes([
        0, 0, 0, header[4], header[5], header[6], header[7], header[8],
    ]);
    let side = |shift: u32| u16::try_from(bits >> shift & 0xffff).ok()?.checked_add(1);
    Some((side(20)?, side(4)?))
}

#[cfg(test)]
mod tests {
    use super::super::{Stream, test_packet};
    use super::*;

    /// The first bytes of a keyframe of 320 × 180 as libvpx makes it.
    const KEYFRAME: [u8; 12] = [
        0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x36, 0x00, 1, 2,
    ];

    fn stream() -> Stream {
        Stream::new(Box::new(Vp9::default()), 0)
    }

    /// I, L; begin and end of a layer's picture.
    fn packet(inter: bool, begins: bool, ends: bool, spatial: u8, body: &[u8]) -> Vec<u8> {
        let flags = u8::from(inter) << 6 | u8::from(begins) << 3 | u8::from(ends) << 2;
        [&[0xa0 | flags, 0x80, 5, spatial << 1, 9][..], body].concat()
    }

    #[test]
    fn layers_of_a_moment_are_one_block_with_an_index() {
        let mut stream = stream();
        let packets = [
            packet(false, true, false, 0, &KEYFRAME),
            packet(false, false, true, 0, &[3]),
            packet(false, true, true, 1, &[4, 4, 4]),
            packet(false, true, true, 2, &[5, 5]),
        ];
        let mut frames = Vec::new();
        for (n, payload) in packets.iter().enumerate() {
            frames.extend(stream.push(test_packet(n as u64, 90, n == 3, payload.clone())));
        }
        assert_eq!(frames.len(), 1);
        assert!(frames[0].keyframe && frames[0].contiguous);
        let (layers, index) = frames[0].data.split_at(18);
        assert_eq!(&layers[13..], [4, 4, 4, 5, 5]);
        let sizes = [13, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0];
        assert_eq!(index, [&[0xda][..], &sizes, &[0xda]].concat());
    }

    #[test]
    fn size_is_that_of_the_highest_layer_or_of_the_keyframe() {
        let mut told = vec![0x8a | 0x20, 0x80, 5, 0, 9, 0x30];
        told.extend([0, 160, 0, 90, 1, 64, 0, 180]);
        told.extend(KEYFRAME);
        let frames = stream().push(test_packet(1, 0, true, told));
        assert_eq!(frames[0].size, Some((320, 180)));
        let plain = packet(false, true, true, 0, &KEYFRAME);
        let frames = stream().push(test_packet(1, 0, true, plain));
        assert_eq!(frames[0].size, Some((320, 180)));
        assert_eq!(frames[0].data, KEYFRAME, "a single layer needs no index");
    }

    #[test]
    fn after_a_loss_pictures_are_not_contiguous_until_a_keyframe() {
        let mut stream = stream();
        let key = || packet(false, true, true, 0, &KEYFRAME);
        let delta = || packet(true, true, true, 0, &[7, 7]);
        let flags = |frames: Vec<Frame>| (frames[0].contiguous, frames[0].lost_before);
        assert_eq!(
            flags(stream.push(test_packet(1, 0, true, key()))),
            (true, 0)
        );
        assert_eq!(
            flags(stream.push(test_packet(2, 1, true, delta()))),
            (true, 0)
        );
        assert_eq!(
            flags(stream.push(test_packet(5, 2, true, delta()))),
            (false, 2)
        );
        assert_eq!(
            flags(stream.push(test_packet(6, 3, true, key()))),
            (true, 0)
        );
    }

    #[test]
    fn picture_with_a_gap_is_dropped() {
        let mut stream = stream();
        stream.push(test_packet(
            1,
            0,
            false,
            packet(false, true, true, 0, &KEYFRAME),
        ));
        let rest = packet(false, true, true, 2, &[1]);
        assert!(stream.push(test_packet(3, 0, true, rest)).is_empty());
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        let whole = packet(false, true, true, 0, &KEYFRAME);
        for cut in 0..whole.len() {
            let frames = stream().push(test_packet(1, 0, true, whole[..cut].to_vec()));
            assert!(cut >= 14 || frames.is_empty(), "{cut} bytes");
        }
    }
}
