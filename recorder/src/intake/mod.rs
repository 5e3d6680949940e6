//! From RTP payloads as published to whole frames: reorder, then depacketise.
//!
//! Nothing here looks at a clock: how late it is comes with each packet and with [`Stream::release`].

mod h264;
mod reorder;
mod sps;
mod vp8;
mod vp9;

use protocol::relay::RelayPacket;

pub(crate) use h264::stored_units;
use reorder::Reorder;
pub(crate) use vp8::Vp8;

/// The largest frame kept; a longer one is not from an encoder that means well, and is dropped.
const MAX_FRAME_BYTES: usize = 8 * 1024 * 1024;

/// One frame of a track, whole and in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// RTP time, extended to 64 bits.
    pub(crate) time: u64,
    /// When its first packet came, on the server's monotonic clock.
    pub(crate) received_us: u64,
    /// The frame as Matroska stores it.
    pub(crate) data: Vec<u8>,
    /// Whether it can be decoded without an earlier one.
    pub(crate) keyframe: bool,
    /// Whether everything since the last keyframe is there.
    pub(crate) contiguous: bool,
    /// Packets lost between the frame before and this one.
    pub(crate) lost_before: u64,
    /// Width and height in pixels, told by keyframes of video.
    pub(crate) size: Option<(u16, u16)>,
    /// What a decoder must know beforehand, told by keyframes of H.264. Another one needs another file.
    pub(crate) private: Option<Vec<u8>>,
}

/// A packet in its place, and how many are missing right before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderedPacket {
    /// The packet.
    pub(crate) packet: RelayPacket,
    /// Packets that were waited for in vain.
    pub(crate) lost_before: u64,
}

/// Puts the frames of one codec together. Payloads come from the network: an implementation takes any bytes.
pub(crate) trait Depacketiser: Send {
    /// Takes the next packet in order; returns the frames that it completes (none to two).
    fn push(&mut self, packet: OrderedPacket) -> Vec<Frame>;
}

/// The depacketiser of a codec by its name on the relay; `None` when this recorder cannot store the codec.
pub(crate) fn depacketiser(codec: &str) -> Option<Box<dyn Depacketiser>> {
    match codec.to_ascii_lowercase().as_str() {
        "opus" => Some(Box::new(Opus)),
        "vp8" => Some(Box::new(Vp8::default())),
        "vp9" => Some(Box::new(vp9::Vp9::default())),
        "h264" => Some(Box::new(h264::H264::default())),
        _ => None,
    }
}

/// Opus: one packet is one frame (RFC 7587).
struct Opus;

impl Depacketiser for Opus {
    fn push(&mut self, ordered: OrderedPacket) -> Vec<Frame> {
        let OrderedPacket {
            packet,
            lost_before,
        } = ordered;
        if packet.payload.is_empty() {
            return Vec::new();
        }
        vec![Frame {
            time: packet.time,
            received_us: packet.received_us,
            data: packet.payload,
            keyframe: true,
            contiguous: lost_before == 0,
            lost_before,
            ..Frame::default()
        }]
    }
}

/// One stream of the relay on its way to frames.
pub(crate) struct Stream {
    reorder: Reorder,
    depacketiser: Box<dyn Depacketiser>,
}

impl Stream {
    /// A stream whose missing packets are waited for `patience_us` microseconds.
    pub(crate) fn new(depacketiser: Box<dyn Depacketiser>, patience_us: u64) -> Self {
        Self {
            reorder: Reorder::new(patience_us),
            depacketiser,
        }
    }

    /// Takes a packet as it came; returns the frames that became whole.
    pub(crate) fn push(&mut self, packet: RelayPacket) -> Vec<Frame> {
        let now_us = packet.received_us;
        self.reorder.push(packet);
        self.release(now_us)
    }

    /// Stops waiting for packets that are overdue at `now_us`.
    pub(crate) fn release(&mut self, now_us: u64) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(packet) = self.reorder.pop(now_us) {
            frames.extend(self.depacketiser.push(packet));
        }
        frames
    }

    /// Stops waiting altogether: the stream is over.
    pub(crate) fn finish(&mut self) -> Vec<Frame> {
        self.release(u64::MAX)
    }
}

#[cfg(test)]
pub(crate) fn test_packet(sequence: u64, time: u64, marker: bool, payload: Vec<u8>) -> RelayPacket {
    RelayPacket {
        stream: 1,
        sequence,
        time,
        received_us: sequence * 10_000,
        marker,
        payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn opus_packet_is_a_frame_and_knows_what_was_lost_before_it() {
        let mut stream = Stream::new(depacketiser("OPUS").expect("opus is known"), 50_000);
        assert_eq!(stream.push(test_packet(1, 0, true, vec![1])).len(), 1);
        assert_eq!(stream.push(test_packet(4, 2_880, true, vec![4])), vec![]);
        let frames = stream.push(test_packet(9, 7_680, true, vec![9]));
        assert_eq!(
            frames.len(),
            1,
            "the packet that waited long enough comes out, the newest waits"
        );
        assert_eq!((frames[0].lost_before, frames[0].contiguous), (2, false));
        assert_eq!(stream.finish().len(), 1);
    }

    #[test]
    fn unknown_codec_is_refused() {
        assert!(depacketiser("av1").is_none());
    }

    proptest! {
        #[test]
        fn arbitrary_packets_never_panic(
            codec in prop_oneof![Just("opus"), Just("vp8"), Just("h264"), Just("vp9")],
            packets in proptest::collection::vec(
                (any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)),
                0..60,
            ),
        ) {
            let mut stream = Stream::new(depacketiser(codec).expect("all are known"), 1_000_000);
            for (sequence, time, received_us, marker, payload) in packets {
                stream.push(RelayPacket { stream: 1, sequence, time, received_us, marker, payload });
            }
            stream.finish();
        }
    }
}
