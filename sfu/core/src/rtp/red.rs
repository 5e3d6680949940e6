//! Redundant audio (RFC 2198): a voice packet that brings those before it along, for viewers who lose packets.
//!
//! ```text
//! |1| type |  time back  | length | ... once for each packet before   |0| type | payloads, oldest first
//! ```

use std::sync::Arc;

/// The most packets that are brought along.
pub(crate) const MAX_REDUNDANCY: usize = 2;

/// How far back a block can be: 14 bits of RTP time.
const MAX_TIME_BACK: u32 = 0x3fff;
/// How long a block can be: 10 bits.
const MAX_BLOCK_BYTES: usize = 0x3ff;
/// The most bytes of a packet with its redundancy, so that it fits every path.
const MAX_BYTES: usize = 1100;

/// What was sent on one line of late.
#[derive(Debug, Default)]
pub(crate) struct Redundancy {
    /// Payloads and their RTP times, newest first.
    before: [Option<(Arc<[u8]>, u32)>; MAX_REDUNDANCY],
}

impl Redundancy {
    /// A packet's payload with up to `count` of the packets before it. `payload_type` is that of the codec itself.
    pub(crate) fn wrap(
        &mut self,
        count: usize,
        payload_type: u8,
        payload: &Arc<[u8]>,
        time: u32,
    ) -> Arc<[u8]> {
        let mut bytes = 1 + payload.len();
        let mut blocks: [Option<(&[u8], u32)>; MAX_REDUNDANCY] = [None; MAX_REDUNDANCY];
        for (block, before) in blocks.iter_mut().zip(&self.before).take(count) {
            let Some((payload, then)) = before else {
                break;
            };
            let back = time.wrapping_sub(*then);
            bytes += 4 + payload.len();
            if back == 0
                || back > MAX_TIME_BACK
                || payload.len() > MAX_BLOCK_BYTES
                || bytes > MAX_BYTES
            {
                break;
            }
            *block = Some((payload, back));
        }
        let mut packet = Vec::with_capacity(bytes);
        let oldest_first = || blocks.iter().rev().flatten();
        for (block, back) in oldest_first() {
            // Both fit their fields, see above.
            let [_, _, length_high, length_low] =
                u32::try_from(block.len()).unwrap_or_default().to_be_bytes();
            let [_, _, high, low] = (back << 2).to_be_bytes();
            packet.extend([0x80 | payload_type, high, low | length_high, length_low]);
        }
        packet.push(payload_type & 0x7f);
        for (block, _) in oldest_first() {
            packet.extend_from_slice(block);
        }
        packet.extend_from_slice(payload);
        self.before.rotate_right(1);
        self.before[0] = Some((payload.clone(), time));
        packet.into()
    }

    /// Forgets what was sent: what comes next has nothing to do with it.
    pub(crate) fn clear(&mut self) {
        self.before = Default::default();
    }
}

/// The newest block of a redundant packet: what a sender without redundancy would have sent. `None` when the packet is
/// truncated.
pub(crate) fn primary(packet: &[u8]) -> Option<&[u8]> {
    let mut headers = 0;
    let mut redundant = 0;
    while packet.get(headers)? & 0x80 != 0 {
        let header = packet.get(headers..headers + 4)?;
        redundant += usize::from(header[2] & 0x03) << 8 | usize::from(header[3]);
        headers += 4;
    }
    packet.get(headers + 1 + redundant..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use str0m::rtp::RedDecoder;

    fn payload(number: u8) -> Arc<[u8]> {
        Arc::from(vec![number; 60])
    }

    #[test]
    fn packets_before_are_brought_along_oldest_first() {
        let mut redundancy = Redundancy::default();
        let mut last: Arc<[u8]> = Arc::from([]);
        for number in 0..4 {
            last = redundancy.wrap(2, 111, &payload(number), u32::from(number) * 960);
        }
        let blocks = RedDecoder::decode(&last).unwrap();
        let read: Vec<_> = blocks
            .iter()
            .map(|block| (block.pt, block.timestamp_offset, block.payload[0]))
            .collect();
        assert_eq!(read, [(111, 1920, 1), (111, 960, 2), (111, 0, 3)]);
        assert_eq!(primary(&last), Some(&*payload(3)));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut redundancy = Redundancy::default();
        redundancy.wrap(2, 111, &payload(0), 0);
        let far = redundancy.wrap(2, 111, &payload(1), 16_384);
        assert_eq!(far.len(), 61);
        let long: Arc<[u8]> = Arc::from(vec![7; 1060]);
        let packet = redundancy.wrap(2, 111, &long, 17_344);
        assert_eq!(packet.len(), 1061);
        let after = redundancy.wrap(2, 111, &payload(2), 18_304);
        assert_eq!(
            after.len(),
            61,
            "a block of more than 1023 bytes is left out"
        );
    }

    #[test]
    fn truncation_at_every_byte_is_survived() {
        let mut redundancy = Redundancy::default();
        redundancy.wrap(1, 111, &payload(0), 0);
        let packet = redundancy.wrap(1, 111, &payload(1), 960);
        for cut in 0..packet.len() {
            let read = primary(&packet[..cut]);
            assert!(read.is_none_or(|read| read.len() < 60), "{cut}");
        }
        for first in 0..=u8::MAX {
            for second in [0, 1, 3, 0x7f, 0xff] {
                let _ = primary(&[first, second, 0xff, 0xff, second]);
            }
        }
    }
}
