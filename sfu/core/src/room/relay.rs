//! A room's tracks as published, for a recorder: packets not rewritten, sender reports, begin and end of streams, and at
//! last that nothing more comes.
//!
//! A relay is one more subscriber that takes the best encoding of everything. A stream that changes SSRC, codec or
//! encoding is another stream, and begins at a keyframe.

use std::time::Instant;

use protocol::RecordingId;
use protocol::clock::mono_us_at;
use protocol::media::{Source, TrackRef};
use protocol::relay::{RelayFrame, RelayMessage, RelayPacket, StreamId};

use crate::keys::TrackKey;
use crate::rtp::{Codec, Layer, MediaPacket, SenderReport, clock_rate};
use crate::track::Track;

/// One stream of a relay.
#[derive(Debug)]
struct Stream {
    id: StreamId,
    track: TrackKey,
    layer: Layer,
    ssrc: u32,
    codec: Codec,
    /// RTP time of the last packet, to extend those of sender reports.
    time: u64,
}

/// What one recording takes of a room.
#[derive(Debug)]
pub(crate) struct Relay {
    recording: RecordingId,
    streams: Vec<Stream>,
}

impl Relay {
    /// Begins.
    pub(crate) fn start(recording: RecordingId, emit: &mut impl FnMut(RelayFrame)) -> Self {
        emit(message(RelayMessage::RelayStarted { recording }));
        Self {
            recording,
            streams: Vec::new(),
        }
    }

    /// Under which id.
    pub(crate) const fn recording(&self) -> RecordingId {
        self.recording
    }

    /// Takes a packet of a track, if its encoding is the one relayed. `next_stream` numbers new streams.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        key: TrackKey,
        track: &Track,
        packet: &MediaPacket,
        next_stream: &mut StreamId,
        emit: &mut impl FnMut(RelayFrame),
    ) {
        let at = self.streams.iter().position(|stream| stream.track == key);
        let current = at.is_some_and(|at| {
            let stream = &self.streams[at];
            stream.layer == packet.encoding()
                && stream.ssrc == packet.ssrc
                && stream.codec == packet.codec
        });
        if !current {
            if wanted_layer(now, track) != Some(packet.encoding()) || !packet.starts_keyframe() {
                return;
            }
            if let Some(at) = at {
                let ended = self.streams.swap_remove(at);
                emit(message(RelayMessage::StreamEnded { stream: ended.id }));
            }
            let id = *next_stream;
            *next_stream = next_stream.wrapping_add(1);
            self.streams.push(Stream {
                id,
                track: key,
                layer: packet.encoding(),
                ssrc: packet.ssrc,
                codec: packet.codec,
                time: packet.time,
            });
            emit(started(self.recording, id, track, packet));
        }
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.track == key) else {
            return;
        };
        stream.time = packet.time;
        emit(RelayFrame::Packet(RelayPacket {
            stream: stream.id,
            sequence: packet.sequence,
            time: packet.time,
            received_us: mono_us_at(packet.received),
            marker: packet.marker,
            payload: packet.payload.to_vec(),
        }));
    }

    /// Passes on a publisher's sender report.
    pub(crate) fn report(
        &self,
        key: TrackKey,
        report: &SenderReport,
        emit: &mut impl FnMut(RelayFrame),
    ) {
        let stream = self
            .streams
            .iter()
            .find(|stream| stream.track == key && stream.ssrc == report.ssrc);
        if let Some(stream) = stream {
            emit(message(RelayMessage::SenderReport {
                stream: stream.id,
                ntp: report.ntp,
                rtp: extend(stream.time, report.rtp),
                received_us: mono_us_at(report.received),
            }));
        }
    }

    /// The encoding of a track for which a keyframe is needed before the relay can go on with the best.
    pub(crate) fn waiting(&self, now: Instant, key: TrackKey, track: &Track) -> Option<Layer> {
        if !track.open || !track.reference.source.is_video() {
            return None;
        }
        let wanted = wanted_layer(now, track)?;
        let flows = self.streams.iter().any(|stream| {
            stream.track == key
                && stream.layer == wanted
                && stream.ssrc == track.layers[wanted].ssrc
                && stream.codec == track.codec
        });
        (!flows).then_some(wanted)
    }

    /// The encoding of a track that is relayed.
    pub(crate) fn flowing(&self, key: TrackKey) -> Option<Layer> {
        let stream = self.streams.iter().find(|stream| stream.track == key)?;
        Some(stream.layer)
    }

    /// The track and encoding that a stream carries.
    pub(crate) fn carries(&self, stream: StreamId) -> Option<(TrackKey, Layer)> {
        let stream = self.streams.iter().find(|s| s.id == stream)?;
        Some((stream.track, stream.layer))
    }

    /// Ends the stream of a track that is gone.
    pub(crate) fn end_track(&mut self, key: TrackKey, emit: &mut impl FnMut(RelayFrame)) {
        if let Some(at) = self.streams.iter().position(|stream| stream.track == key) {
            let ended = self.streams.swap_remove(at);
            emit(message(RelayMessage::StreamEnded { stream: ended.id }));
        }
    }

    /// Ends, with all streams.
    pub(crate) fn end(&mut self, emit: &mut impl FnMut(RelayFrame)) {
        for ended in self.streams.drain(..) {
            emit(message(RelayMessage::StreamEnded { stream: ended.id }));
        }
        let recording = self.recording;
        emit(message(RelayMessage::RelayEnded { recording }));
    }
}

fn wanted_layer(now: Instant, track: &Track) -> Option<Layer> {
    if track.reference.source == Source::Microphone {
        return Some(0);
    }
    let best = track.best_live(now, track.layer_count() - 1)?;
    Some(track.stream_of(best))
}

fn started(
    recording: RecordingId,
    stream: StreamId,
    track: &Track,
    packet: &MediaPacket,
) -> RelayFrame {
    let TrackRef { source, .. } = track.reference;
    message(RelayMessage::StreamStarted {
        recording,
        stream,
        track: track.reference,
        codec: packet.codec.name().into(),
        clock_rate: clock_rate(source),
        ssrc: packet.ssrc,
        rid: track.rids.get(packet.encoding()).cloned(),
    })
}

const fn message(message: RelayMessage) -> RelayFrame {
    RelayFrame::Message(message)
}

/// The 64-bit RTP time nearest to `near` that ends in `low`.
const fn extend(near: u64, low: u32) -> u64 {
    let ahead = low.wrapping_sub((near & 0xffff_ffff) as u32).cast_signed();
    near.saturating_add_signed(ahead as i64)
}

#[cfg(test)]
mod tests {
    use super::extend;

    #[test]
    fn report_times_are_extended_across_a_rollover() {
        assert_eq!(extend(0x1_0000_0010, 0xffff_fff0), 0xffff_fff0);
        assert_eq!(extend(0xffff_fff0, 0x10), 0x1_0000_0010);
        assert_eq!(extend(500, 480), 480);
    }
}
