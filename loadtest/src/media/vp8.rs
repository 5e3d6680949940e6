//! VP8 in RTP (RFC 7741): cuts frames into packets and reads the descriptor of received ones.

use bytes::{BufMut, Bytes, BytesMut};

/// The largest RTP payload sent, in bytes: with RTP header, extensions, SRTP tag, UDP and IP it stays below the
/// 1280 bytes that every path carries.
pub const MAX_PAYLOAD_BYTES: usize = 1160;

/// X, I, and a picture id of 15 bits: the form that browsers send.
const DESCRIPTOR_BYTES: usize = 4;

/// Cuts one frame into RTP payloads of nearly equal size, as browsers do, each with a payload descriptor that carries
/// `picture_id` (15 bits). The last one belongs under an RTP marker bit.
#[must_use]
pub fn packetise(frame: &[u8], picture_id: u16) -> Vec<Bytes> {
    let room = MAX_PAYLOAD_BYTES - DESCRIPTOR_BYTES;
    let count = frame.len().div_ceil(room).max(1);
    let size = frame.len().div_ceil(count).max(1);
    frame
        .chunks(size)
        .enumerate()
        .map(|(index, chunk)| {
            let mut payload = BytesMut::with_capacity(DESCRIPTOR_BYTES + chunk.len());
            let start_of_partition = if index == 0 { 0x10 } else { 0 };
            payload.put_u8(0x80 | start_of_partition);
            payload.put_u8(0x80);
            payload.put_u16(0x8000 | picture_id);
            payload.put_slice(chunk);
            payload.freeze()
        })
        .collect()
}

/// Whether a VP8 frame is a keyframe: the lowest bit of its first byte is 0 (RFC 6386, section 9.1).
#[must_use]
pub fn is_keyframe(frame: &[u8]) -> bool {
    frame.first().is_some_and(|first| first & 1 == 0)
}

/// What a receiver needs to know of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Whether a frame begins in this packet.
    pub starts_frame: bool,
    /// Whether that frame is a keyframe; false when none begins here.
    pub keyframe: bool,
    /// Where the bitstream begins in the payload.
    pub length: usize,
}

impl Descriptor {
    /// Reads the descriptor of an RTP payload; none when it is cut off or holds no bitstream.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut length = 1;
        if first & 0x80 != 0 {
            let extension = *payload.get(1)?;
            length = 2;
            if extension & 0x80 != 0 {
                let long = payload.get(length)? & 0x80 != 0;
                length += if long { 2 } else { 1 };
            }
            length += usize::from(extension & 0x40 != 0);
            length += usize::from(extension & 0x30 != 0);
        }
        let bitstream = payload.get(length..).filter(|rest| !rest.is_empty())?;
        let starts_frame = first & 0x10 != 0 && first & 0x07 == 0;
        Some(Self {
            starts_frame,
            keyframe: starts_frame && is_keyframe(bitstream),
            length,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_whole_from_its_packets() {
        for size in [1, 100, 1156, 1157, 5000, 40_000] {
            let frame: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
            let payloads = packetise(&frame, 0x7fff);
            let mut whole = Vec::new();
            for (index, payload) in payloads.iter().enumerate() {
                assert!(payload.len() <= MAX_PAYLOAD_BYTES);
                let descriptor = Descriptor::parse(payload).unwrap();
                assert_eq!(descriptor.starts_frame, index == 0);
                assert_eq!(descriptor.keyframe, index == 0);
                whole.extend_from_slice(&payload[descriptor.length..]);
            }
            assert_eq!(whole, frame);
        }
    }

    #[test]
    fn packets_of_a_frame_are_of_nearly_equal_size() {
        let payloads = packetise(&[1; 6001], 1);
        let sizes: Vec<usize> = payloads.iter().map(Bytes::len).collect();
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() < payloads.len());
    }

    #[test]
    fn every_optional_field_of_the_descriptor_is_skipped() {
        // Picture id of 7 bits, TL0PICIDX, TID and KEYIDX, then an interframe.
        let payload = [0x90, 0xf0, 0x11, 0x22, 0x33, 0x01];
        let descriptor = Descriptor::parse(&payload).unwrap();
        assert_eq!(descriptor.length, 5);
        assert!(descriptor.starts_frame && !descriptor.keyframe);
        for length in 0..payload.len() {
            assert_eq!(
                Descriptor::parse(&payload[..length]),
                None,
                "cut at {length}"
            );
        }
    }
}
