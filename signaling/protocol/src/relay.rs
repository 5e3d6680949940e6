//! Media node → recorder: tracks as published, over the node's Unix socket in the data folder (`run/relay.sock`).
//!
//! A stream of frames ([`crate::frame`]): kind 0 is a [`RelayMessage`], kind 1 a [`RelayPacket`], fixed little-endian
//! header, then the RTP payload.
//!
//! The recorder connects, both ends say `Hello`, and the node tells what is under way: of every recording that it relays
//! `RelayStarted`, of every stream `StreamStarted`. From there on it sends what comes, until `RelayEnded`, which follows
//! the last packet of a recording. One recorder is served at a time, the latest. The node never waits for it: media for
//! which there is no room are dropped, and told with `Gap`.

use serde::{Deserialize, Serialize};

use crate::RecordingId;
use crate::frame::{self, FrameError};
use crate::gaps::Gap;
use crate::media::TrackRef;

/// The version of this wire, told in `Hello`; another one is refused.
pub const RELAY_VERSION: u32 = 3;

/// Numbers the streams of one node; a track that changes SSRC or layer becomes another stream.
pub type StreamId = u32;

/// What is said on the relay, both ways, besides packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayMessage {
    /// Both ways: the first message.
    Hello {
        /// [`RELAY_VERSION`].
        protocol: u32,
    },
    /// Node → recorder: a room is relayed from here on.
    RelayStarted {
        /// For which recording.
        recording: RecordingId,
    },
    /// Node → recorder: a stream begins.
    StreamStarted {
        /// Of which recording.
        recording: RecordingId,
        /// Its number.
        stream: StreamId,
        /// What it carries.
        track: TrackRef,
        /// `opus`, `vp8`, …
        codec: String,
        /// Of the RTP timestamp, in Hz.
        clock_rate: u32,
        /// Of the publisher.
        ssrc: u32,
        /// The simulcast layer.
        rid: Option<String>,
    },
    /// Node → recorder: a sender report of a stream's publisher (RFC 3550, 6.4.1).
    SenderReport {
        /// Of which stream.
        stream: StreamId,
        /// NTP time, 32.32 fixed point.
        ntp: u64,
        /// The same moment in RTP time, extended to 64 bits like [`RelayPacket::time`].
        rtp: u64,
        /// When it came, on the server's monotonic clock.
        received_us: u64,
    },
    /// Node → recorder: packets were dropped because the recorder did not keep up.
    Gap {
        /// Of which stream.
        stream: StreamId,
        /// Which.
        gap: Gap,
    },
    /// Node → recorder: a stream is over.
    StreamEnded {
        /// Which.
        stream: StreamId,
    },
    /// Node → recorder: nothing more comes for a recording.
    RelayEnded {
        /// Which.
        recording: RecordingId,
    },
    /// Recorder → node: a stream needs a keyframe.
    KeyframeWanted {
        /// Which.
        stream: StreamId,
    },
}

/// One RTP packet as published: decrypted, repaired, not rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayPacket {
    /// Of which stream.
    pub stream: StreamId,
    /// RTP sequence number, extended to 64 bits.
    pub sequence: u64,
    /// RTP time in the stream's clock rate, extended to 64 bits.
    pub time: u64,
    /// When it came, on the server's monotonic clock, in microseconds.
    pub received_us: u64,
    /// The RTP marker bit.
    pub marker: bool,
    /// The payload, without RTP header and padding.
    pub payload: Vec<u8>,
}

/// One frame of the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayFrame {
    /// Something said.
    Message(RelayMessage),
    /// A packet.
    Packet(RelayPacket),
}

/// Bytes of a packet's header: stream, sequence, time, received, marker.
const PACKET_HEADER: usize = 4 + 8 + 8 + 8 + 1;

/// The kind of a packet's frame.
const PACKET: u8 = 1;

impl RelayFrame {
    /// Appends the frame, with its length, to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Message(message) => frame::encode_message(message, out),
            Self::Packet(p) => frame::encode(PACKET, out, |out| {
                out.extend_from_slice(&p.stream.to_le_bytes());
                out.extend_from_slice(&p.sequence.to_le_bytes());
                out.extend_from_slice(&p.time.to_le_bytes());
                out.extend_from_slice(&p.received_us.to_le_bytes());
                out.push(u8::from(p.marker));
                out.extend_from_slice(&p.payload);
            }),
        }
    }

    /// Takes one frame from the front of `bytes`: the frame and how many bytes it took, or `None` when it is not
    /// whole yet.
    ///
    /// # Errors
    /// When the bytes cannot be a frame; the stream is then unusable.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, FrameError> {
        let Some((kind, body, used)) = frame::decode(bytes)? else {
            return Ok(None);
        };
        let frame = match kind {
            frame::MESSAGE => Self::Message(frame::read(body)?),
            PACKET => Self::Packet(decode_packet(body).ok_or(FrameError::ShortPacket)?),
            kind => return Err(FrameError::UnknownKind(kind)),
        };
        Ok(Some((frame, used)))
    }
}

fn decode_packet(body: &[u8]) -> Option<RelayPacket> {
    let (header, payload) = body.split_at_checked(PACKET_HEADER)?;
    let (stream, header) = header.split_first_chunk::<4>()?;
    let (sequence, header) = header.split_first_chunk::<8>()?;
    let (time, header) = header.split_first_chunk::<8>()?;
    let (received, header) = header.split_first_chunk::<8>()?;
    Some(RelayPacket {
        stream: u32::from_le_bytes(*stream),
        sequence: u64::from_le_bytes(*sequence),
        time: u64::from_le_bytes(*time),
        received_us: u64::from_le_bytes(*received),
        marker: header.first() == Some(&1),
        payload: payload.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet() -> impl Strategy<Value = RelayPacket> {
        (
            any::<u32>(),
            any::<u64>(),
            any::<u64>(),
            any::<u64>(),
            any::<bool>(),
            proptest::collection::vec(any::<u8>(), 0..1400),
        )
            .prop_map(|(stream, sequence, time, received_us, marker, payload)| {
                RelayPacket {
                    stream,
                    sequence,
                    time,
                    received_us,
                    marker,
                    payload,
                }
            })
    }

    proptest! {
        #[test]
        fn packet_survives_the_wire(packet in packet()) {
            let mut bytes = Vec::new();
            RelayFrame::Packet(packet.clone()).encode(&mut bytes);
            prop_assert_eq!(RelayFrame::decode(&bytes), Ok(Some((RelayFrame::Packet(packet), bytes.len()))));
        }

        #[test]
        fn truncated_frame_is_incomplete_at_every_byte(packet in packet()) {
            let mut bytes = Vec::new();
            RelayFrame::Packet(packet).encode(&mut bytes);
            for cut in 0..bytes.len() {
                prop_assert_eq!(RelayFrame::decode(&bytes[..cut]), Ok(None));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = RelayFrame::decode(&bytes);
        }
    }
}
