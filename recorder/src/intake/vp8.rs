//! VP8 over RTP (RFC 7741) to VP8 frames (RFC 6386).

use super::{Depacketiser, Frame, MAX_FRAME_BYTES, OrderedPacket};

/// Assembles VP8 frames.
///
/// ```text
///            first packet of a frame                marker, or a new time
///  Between ───────────────────────────► Assembling ──────────────────────► Between, a frame comes out
///     ▲                                     │
///     └── anything else is skipped ◄────────┘ a packet is missing: the frame is dropped, and what follows is
///                                             not contiguous until a keyframe
/// ```
#[derive(Default)]
pub(crate) struct Vp8 {
    assembling: Option<Frame>,
    /// Whether every frame since the last keyframe is there; false before the first one.
    intact: bool,
    lost: u64,
}

impl Depacketiser for Vp8 {
    fn push(&mut self, ordered: OrderedPacket) -> Vec<Frame> {
        let OrderedPacket {
            packet,
            lost_before,
        } = ordered;
        let mut frames = Vec::new();
        if lost_before > 0 {
            self.lost = self.lost.saturating_add(lost_before);
            self.assembling = None;
            self.intact = false;
        } else if self
            .assembling
            .as_ref()
            .is_some_and(|f| f.time != packet.time)
        {
            // The encoder set no marker; nothing is missing, so the frame is whole.
            frames.extend(self.complete());
        }
        let Some((first, body)) = strip_descriptor(&packet.payload) else {
            // Padding, or not VP8: in a frame that is being put together it would leave a gap.
            if !packet.payload.is_empty() && self.assembling.take().is_some() {
                self.intact = false;
            }
            return frames;
        };
        if self.assembling.is_none() && first {
            self.assembling = Some(Frame {
                time: packet.time,
                received_us: packet.received_us,
                data: Vec::with_capacity(body.len()),
                ..Frame::default()
            });
        }
        let Some(frame) = &mut self.assembling else {
            self.intact = false;
            return frames;
        };
        if frame.data.len() + body.len() > MAX_FRAME_BYTES {
            self.assembling = None;
            self.intact = false;
            return frames;
        }
        frame.data.extend_from_slice(body);
        if packet.marker {
            frames.extend(self.complete());
        }
        frames
    }
}

impl Vp8 {
    fn complete(&mut self) -> Option<Frame> {
        let mut frame = self.assembling.take()?;
        frame.keyframe = is_keyframe(&frame.data);
        if frame.keyframe {
            frame.size = keyframe_size(&frame.data);
            if frame.size.is_none() {
                self.intact = false;
                return None;
            }
            self.intact = true;
        }
        frame.contiguous = self.intact;
        frame.lost_before = std::mem::take(&mut self.lost);
        Some(frame)
    }
}

/// Splits the payload descriptor (RFC 7741, 4.2) off: whether the packet begins a frame, and what follows.
fn strip_descriptor(payload: &[u8]) -> Option<(bool, &[u8])> {
    let (&required, mut rest) = payload.split_first()?;
    let begins = required & 0x10 != 0 && required & 0x07 == 0;
    if required & 0x80 != 0 {
        let (&extension, after) = rest.split_first()?;
        rest = after;
        if extension & 0x80 != 0 {
            let wide = rest.first()? & 0x80 != 0;
            rest = rest.get(if wide { 2 } else { 1 }..)?;
        }
        if extension & 0x40 != 0 {
            rest = rest.get(1..)?;
        }
        if extension & 0x30 != 0 {
            rest = rest.get(1..)?;
        }
    }
    (!rest.is_empty()).then_some((begins, rest))
}

/// RFC 6386, 9.1: the lowest bit of a frame is 0 in a keyframe.
fn is_keyframe(frame: &[u8]) -> bool {
    frame.first().is_some_and(|tag| tag & 1 == 0)
}

/// RFC 6386, 9.1: after tag and start code, 14 bits of width and 14 of height.
fn keyframe_size(frame: &[u8]) -> Option<(u16, u16)> {
    let header: &[u8; 10] = frame.first_chunk()?;
    let side = |low: u8, high: u8| u16::from_le_bytes([low, high]) & 0x3fff;
    let size = (side(header[6], header[7]), side(header[8], header[9]));
    (header[3..6] == [0x9d, 0x01, 0x2a] && size.0 > 0 && size.1 > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::super::{Stream, test_packet};
    use super::*;

    const BEGIN: u8 = 0x10;
    const GO_ON: u8 = 0x00;

    fn keyframe() -> Vec<u8> {
        vec![0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 7, 7]
    }

    fn stream() -> Stream {
        Stream::new(Box::new(Vp8::default()), 0)
    }

    fn payload(descriptor: &[u8], body: &[u8]) -> Vec<u8> {
        [descriptor, body].concat()
    }

    #[test]
    fn keyframe_of_two_packets_is_put_together_and_tells_its_size() {
        let mut stream = stream();
        let whole = keyframe();
        assert!(
            stream
                .push(test_packet(1, 90, false, payload(&[BEGIN], &whole[..5])))
                .is_empty()
        );
        let frames = stream.push(test_packet(2, 90, true, payload(&[GO_ON], &whole[5..])));
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].data, whole);
        assert_eq!(frames[0].size, Some((640, 360)));
        assert!(frames[0].keyframe && frames[0].contiguous);
        assert_eq!(frames[0].received_us, 10_000, "the first packet's");
    }

    #[test]
    fn every_form_of_descriptor_is_stripped() {
        for descriptor in [
            vec![0x90, 0x00],
            vec![0x90, 0x80, 0x11],
            vec![0x90, 0x80, 0x91, 0x22],
            vec![0x90, 0xc0, 0x91, 0x22, 0x05],
            vec![0x90, 0xf0, 0x91, 0x22, 0x05, 0x60],
            vec![0x90, 0x20, 0x60],
        ] {
            let packet = payload(&descriptor, &keyframe());
            assert_eq!(
                strip_descriptor(&packet),
                Some((true, &keyframe()[..])),
                "{descriptor:x?}"
            );
            for cut in 0..=descriptor.len() {
                assert_eq!(strip_descriptor(&packet[..cut]), None);
            }
        }
    }

    #[test]
    fn after_a_loss_frames_are_not_contiguous_until_a_keyframe() {
        let mut stream = stream();
        let delta = vec![0x01, 9, 9];
        stream.push(test_packet(1, 0, true, payload(&[BEGIN], &keyframe())));
        let flags = |frames: Vec<Frame>| (frames[0].contiguous, frames[0].lost_before);
        assert_eq!(
            flags(stream.push(test_packet(2, 1, true, payload(&[BEGIN], &delta)))),
            (true, 0)
        );
        assert_eq!(
            flags(stream.push(test_packet(5, 4, true, payload(&[BEGIN], &delta)))),
            (false, 2)
        );
        assert_eq!(
            flags(stream.push(test_packet(6, 5, true, payload(&[BEGIN], &delta)))),
            (false, 0)
        );
        assert_eq!(
            flags(stream.push(test_packet(7, 6, true, payload(&[BEGIN], &keyframe())))),
            (true, 0)
        );
    }

    #[test]
    fn frame_with_a_gap_is_dropped() {
        let mut stream = stream();
        stream.push(test_packet(1, 0, false, payload(&[BEGIN], &keyframe())));
        assert!(
            stream
                .push(test_packet(3, 0, true, payload(&[GO_ON], &[1, 2])))
                .is_empty()
        );
    }

    #[test]
    fn missing_marker_is_made_up_for_by_the_next_frame() {
        let mut stream = stream();
        stream.push(test_packet(1, 0, false, payload(&[BEGIN], &keyframe())));
        let frames = stream.push(test_packet(2, 9, true, payload(&[BEGIN], &[1, 2])));
        assert_eq!(frames.iter().map(|f| f.time).collect::<Vec<_>>(), [0, 9]);
    }

    #[test]
    fn padding_between_frames_does_no_harm() {
        let mut stream = stream();
        stream.push(test_packet(1, 0, true, payload(&[BEGIN], &keyframe())));
        assert!(stream.push(test_packet(2, 0, false, vec![])).is_empty());
        assert!(stream.push(test_packet(3, 9, true, payload(&[BEGIN], &[1, 2])))[0].contiguous);
    }
}
