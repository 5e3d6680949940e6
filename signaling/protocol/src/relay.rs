//! SFU → recorder: tracks as published, over a Unix socket in the data folder (`run/relay.sock`).
//!
//! A stream of frames: `u32` length of what follows (little endian), one byte kind, body.
//!
//! | kind | body |
//! |---|---|
//! | 0 | a [`RelayMessage`] as JSON |
//! | 1 | a [`RelayPacket`], fixed little-endian header, then the RTP payload |
//!
//! The recorder connects, sends `Hello`, and is sent `Start` for every recording that should run.

use serde::{Deserialize, Serialize};

use crate::api::RecordingFailure;
use crate::media::TrackRef;
use crate::{RecordingId, SessionCode, UtcMicros};

/// The largest frame, in bytes; a longer one means the stream is broken.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// Numbers the streams of one link; a track that changes SSRC or layer becomes another stream.
pub type StreamId = u32;

/// What is said on the link, both ways, besides packets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayMessage {
    /// Recorder → SFU: the first message.
    Hello {
        /// [`crate::PROTOCOL_VERSION`].
        protocol: u32,
    },
    /// SFU → recorder: record a room. A known id goes on with new epochs.
    Start {
        /// Which recording.
        recording: RecordingId,
        /// Of which session.
        session: SessionCode,
        /// The folder, absolute; made when missing.
        folder: String,
        /// The server's clock in UTC at `at_mono_us`.
        at_us: UtcMicros,
        /// The server's monotonic clock, the clock of every `received_us`.
        at_mono_us: u64,
        /// The boot that this clock counts from ([`crate::clock::boot_id`]).
        boot: Option<String>,
    },
    /// Recorder → SFU: the recording runs; its folder and manifest are on disk.
    Started {
        /// Which recording.
        recording: RecordingId,
    },
    /// SFU → recorder: a stream begins.
    StreamStarted {
        /// Of which recording.
        recording: RecordingId,
        /// Its number.
        stream: StreamId,
        /// What it carries.
        track: TrackRef,
        /// The publisher's name, for the plate.
        name: String,
        /// The publisher's seat number.
        seat: Option<u32>,
        /// `opus`, `vp8`, …
        codec: String,
        /// Of the RTP timestamp, in Hz.
        clock_rate: u32,
        /// Of the publisher.
        ssrc: u32,
        /// The simulcast layer.
        rid: Option<String>,
    },
    /// SFU → recorder: a sender report of a stream's publisher (RFC 3550, 6.4.1).
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
    /// SFU → recorder: packets were dropped because the recorder did not keep up.
    Gap {
        /// Of which stream.
        stream: StreamId,
        /// How many.
        dropped: u64,
        /// When the first was.
        from_us: u64,
        /// When the last was.
        to_us: u64,
    },
    /// SFU → recorder: a stream is over.
    StreamEnded {
        /// Which.
        stream: StreamId,
    },
    /// Signaling → recorder: something happened in the room; goes to `events.jsonl`.
    RoomEvent {
        /// Of which recording.
        recording: RecordingId,
        /// The server's monotonic clock.
        at_mono_us: u64,
        /// The journalled event, or the active speaker.
        event: RelayEvent,
    },
    /// SFU → recorder: the recording is over.
    Stop {
        /// Which.
        recording: RecordingId,
        /// When, on the server's monotonic clock; none when an earlier run of the server ended it.
        at_mono_us: Option<u64>,
    },
    /// Recorder → SFU: everything is on disk.
    Finalised {
        /// Which.
        recording: RecordingId,
        /// From the first packet to the stop, gaps included, in microseconds.
        duration_us: u64,
        /// On disk.
        bytes: u64,
    },
    /// Recorder → SFU: it cannot record.
    Failed {
        /// Which.
        recording: RecordingId,
        /// Why.
        failure: RecordingFailure,
        /// The same in English, for the technician's log.
        reason: String,
    },
    /// Recorder → SFU: a stream needs a keyframe.
    KeyframeWanted {
        /// Which.
        stream: StreamId,
    },
}

/// What happened in a room, for the event log of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayEvent {
    /// A journalled event.
    Room {
        /// The event.
        event: crate::client::Event,
    },
    /// The seats of the invited points, told when recording begins or goes on.
    Seats {
        /// In seat order.
        seats: Vec<crate::client::Seat>,
    },
    /// Who speaks now.
    ActiveSpeaker {
        /// Who.
        participant: Option<crate::ParticipantId>,
    },
    /// What the main picture is.
    MainPicture {
        /// Which track.
        track: Option<TrackRef>,
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

/// One frame of the link.
#[derive(Debug, Clone, PartialEq)]
pub enum RelayFrame {
    /// Something said.
    Message(RelayMessage),
    /// A packet.
    Packet(RelayPacket),
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Longer than [`MAX_FRAME_BYTES`], or empty.
    #[error("a relay frame of {0} bytes")]
    BadLength(usize),
    /// A kind this version does not know.
    #[error("a relay frame of unknown kind {0}")]
    UnknownKind(u8),
    /// A packet shorter than its header.
    #[error("a relay packet shorter than its header")]
    ShortPacket,
    /// A message that is not its JSON.
    #[error("a relay message that cannot be read: {0}")]
    BadMessage(String),
}

/// Bytes of a packet's header: stream, sequence, time, received, marker.
const PACKET_HEADER: usize = 4 + 8 + 8 + 8 + 1;

impl RelayFrame {
    /// Appends the frame, with its length, to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        match self {
            Self::Message(message) => {
                out.push(0);
                serde_json::to_writer(&mut *out, message)
                    .expect("a relay message has only string keys and finite numbers");
            }
            Self::Packet(p) => {
                out.push(1);
                out.extend_from_slice(&p.stream.to_le_bytes());
                out.extend_from_slice(&p.sequence.to_le_bytes());
                out.extend_from_slice(&p.time.to_le_bytes());
                out.extend_from_slice(&p.received_us.to_le_bytes());
                out.push(u8::from(p.marker));
                out.extend_from_slice(&p.payload);
            }
        }
        let length = u32::try_from(out.len() - start - 4).expect("a frame is far below 4 GiB");
        out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// Takes one frame from the front of `bytes`: the frame and how many bytes it took, or `None` when it is not
    /// whole yet.
    ///
    /// # Errors
    /// When the bytes cannot be a frame; the stream is then unusable.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, RelayError> {
        let Some((head, rest)) = bytes.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*head) as usize;
        if length == 0 || length > MAX_FRAME_BYTES {
            return Err(RelayError::BadLength(length));
        }
        let Some(frame) = rest.get(..length) else {
            return Ok(None);
        };
        let (kind, body) = (frame[0], &frame[1..]);
        let frame = match kind {
            0 => Self::Message(
                serde_json::from_slice(body).map_err(|e| RelayError::BadMessage(e.to_string()))?,
            ),
            1 => Self::Packet(decode_packet(body).ok_or(RelayError::ShortPacket)?),
            kind => return Err(RelayError::UnknownKind(kind)),
        };
        Ok(Some((frame, 4 + length)))
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
