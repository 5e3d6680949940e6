//! The relay of one media node: its streams, each given to the recording that it is of.
//!
//! ```text
//!                 its recording runs, and who it is is known, or not for 2 s
//! held ───────────────────────────────────────────────────────────────────────► flows ─► ended
//!   └── nobody asked for its recording for 2 s ─► dry ─► asked after all: held again
//! ```
//!
//! Signaling and the node speak on connections of their own: a stream may be here before its `Start`.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use protocol::RecordingId;
use protocol::gaps::Gap;
use protocol::relay::{RELAY_VERSION, RelayFrame, RelayMessage, StreamId};

use super::connection::Connection;
use super::recordings::Recordings;
use crate::segment::index::EpochHead;

/// How long a stream waits for its recording's `Start`, and for the plate of who publishes it.
const HELD_FOR: Duration = Duration::from_secs(2);

/// Frames of a stream that are kept meanwhile, 2 s of video at 9 Mbit/s; packets beyond that make a gap.
const HELD: usize = 2_048;

/// A stream as it was announced.
struct Stream {
    recording: RecordingId,
    /// Without the name and seat, which signaling tells.
    head: EpochHead,
    /// When it was announced, or asked for again, on the server's clock and on ours.
    since_us: u64,
    since: Instant,
    way: Way,
}

/// Where its frames go.
enum Way {
    Held(Held),
    Flows,
    Dry,
}

/// What is kept of a stream.
#[derive(Default)]
struct Held {
    frames: Vec<RelayFrame>,
    /// Where among them the gap is told of the packets that found no room.
    gap: Option<usize>,
}

impl Held {
    fn keep(&mut self, frame: RelayFrame) {
        let packet = match frame {
            RelayFrame::Packet(packet) if self.frames.len() >= HELD => packet,
            frame => return self.frames.push(frame),
        };
        let (stream, at_us) = (packet.stream, packet.received_us);
        let at = *self.gap.get_or_insert_with(|| {
            let gap = Gap {
                dropped: 0,
                from_us: at_us,
                to_us: at_us,
            };
            self.frames
                .push(RelayFrame::Message(RelayMessage::Gap { stream, gap }));
            self.frames.len() - 1
        });
        if let Some(RelayFrame::Message(RelayMessage::Gap { gap, .. })) = self.frames.get_mut(at) {
            gap.dropped += 1;
            gap.to_us = at_us;
        }
    }
}

/// The relay of one node.
pub(super) struct Relay {
    pub(super) connection: Connection,
    greeted: bool,
    streams: BTreeMap<StreamId, Stream>,
}

impl Relay {
    /// The relay on a socket.
    pub(super) fn new(socket: &str) -> Self {
        let mut hello = Vec::new();
        RelayFrame::Message(RelayMessage::Hello {
            protocol: RELAY_VERSION,
        })
        .encode(&mut hello);
        Self {
            connection: Connection::new(socket.into(), hello),
            greeted: false,
            streams: BTreeMap::new(),
        }
    }

    /// Whether the node can send something.
    pub(super) const fn is_up(&self) -> bool {
        self.connection.is_up() && self.greeted
    }

    /// Takes what the connection has heard.
    ///
    /// # Errors
    /// When that is not what a node of our version says; the connection is then of no use.
    pub(super) fn listen(&mut self, recordings: &mut Recordings, now: Instant) -> io::Result<()> {
        let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, e);
        let mut at = 0;
        while let Some((frame, length)) =
            RelayFrame::decode(&self.connection.heard[at..]).map_err(invalid)?
        {
            at += length;
            self.handle(frame, recordings, now)?;
        }
        self.connection.heard.drain(..at);
        Ok(())
    }

    pub(super) fn handle(
        &mut self,
        frame: RelayFrame,
        recordings: &mut Recordings,
        now: Instant,
    ) -> io::Result<()> {
        if !self.greeted {
            return self.greet(&frame);
        }
        match frame {
            RelayFrame::Packet(ref packet) => {
                recordings.clock.see(packet.received_us, now);
                self.of_stream(packet.stream, frame, recordings, now);
            }
            RelayFrame::Message(
                RelayMessage::SenderReport { stream, .. } | RelayMessage::Gap { stream, .. },
            ) => self.of_stream(stream, frame, recordings, now),
            RelayFrame::Message(RelayMessage::StreamEnded { stream }) => {
                self.of_stream(stream, frame, recordings, now);
                // One that is held goes when it has been given away.
                let held = |s: &Stream| matches!(s.way, Way::Held(_));
                if !self.streams.get(&stream).is_some_and(held) {
                    self.streams.remove(&stream);
                }
            }
            RelayFrame::Message(RelayMessage::StreamStarted {
                recording,
                stream,
                track,
                codec,
                clock_rate,
                ssrc,
                rid,
            }) => {
                let started = Stream {
                    recording,
                    head: EpochHead {
                        track,
                        name: String::new(),
                        seat: None,
                        codec: codec.to_ascii_lowercase(),
                        clock_rate,
                        ssrc,
                        rid,
                        session_offset_us: 0,
                        size: None,
                    },
                    since_us: recordings.clock.now_us(now),
                    since: now,
                    way: Way::Held(Held::default()),
                };
                self.streams.insert(stream, started);
                self.admit(recording, recordings, now);
            }
            RelayFrame::Message(RelayMessage::RelayStarted { recording }) => {
                recordings.relayed(recording, true);
            }
            RelayFrame::Message(RelayMessage::RelayEnded { recording }) => {
                recordings.relayed(recording, false);
            }
            RelayFrame::Message(
                message @ (RelayMessage::Hello { .. } | RelayMessage::KeyframeWanted { .. }),
            ) => {
                return Err(io::Error::other(format!(
                    "a media node does not say {message:?} here"
                )));
            }
        }
        Ok(())
    }

    fn greet(&mut self, frame: &RelayFrame) -> io::Result<()> {
        match frame {
            RelayFrame::Message(RelayMessage::Hello { protocol }) if *protocol == RELAY_VERSION => {
                self.greeted = true;
                self.connection.greeted();
                Ok(())
            }
            RelayFrame::Message(RelayMessage::Hello { protocol }) => {
                Err(io::Error::other(format!(
                    "the node speaks version {protocol} of the relay, and this recorder {RELAY_VERSION}"
                )))
            }
            _ => Err(io::Error::other("the node does not begin with a hello")),
        }
    }

    fn of_stream(
        &mut self,
        id: StreamId,
        frame: RelayFrame,
        recordings: &mut Recordings,
        now: Instant,
    ) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        match &mut stream.way {
            Way::Held(held) => held.keep(frame),
            Way::Dry => {}
            Way::Flows => recordings.store(stream.recording, frame, now),
        }
    }

    /// A recording was opened: its streams are given to it from here on.
    pub(super) fn recording_opened(
        &mut self,
        recording: RecordingId,
        recordings: &mut Recordings,
        now: Instant,
    ) {
        let present_us = recordings.clock.now_us(now);
        for stream in self.streams.values_mut() {
            if stream.recording == recording && !matches!(stream.way, Way::Held(_)) {
                (stream.since, stream.since_us) = (now, present_us);
                stream.way = Way::Held(Held::default());
            }
        }
        self.admit(recording, recordings, now);
    }

    /// Gives a recording those of its streams of which it knows who publishes them, or never will.
    pub(super) fn admit(
        &mut self,
        recording: RecordingId,
        recordings: &mut Recordings,
        now: Instant,
    ) {
        let known = |stream: &Stream| {
            stream.recording == recording
                && recordings.knows(recording, stream.head.track.participant)
        };
        let known = self.held(known);
        self.give(known, recordings, now);
    }

    /// Gives up on what has been held for too long.
    pub(super) fn tick(&mut self, recordings: &mut Recordings, now: Instant) {
        let overdue = |stream: &Stream| now.saturating_duration_since(stream.since) >= HELD_FOR;
        self.release(overdue, recordings, now);
    }

    /// The connection is gone: what was under way ends here, and is told anew when the node is back.
    pub(super) fn broke(&mut self, recordings: &mut Recordings, now: Instant) {
        self.release(|_| true, recordings, now);
        for (id, stream) in std::mem::take(&mut self.streams) {
            recordings.cut_off(stream.recording, id);
        }
        self.greeted = false;
    }

    /// Gives held streams to their recordings, whoever publishes them; where none runs, what was held is lost.
    fn release(&mut self, of: impl Fn(&Stream) -> bool, recordings: &mut Recordings, now: Instant) {
        let held = self.held(of);
        self.give(held, recordings, now);
    }

    fn held(&self, of: impl Fn(&Stream) -> bool) -> Vec<StreamId> {
        let held = |stream: &Stream| matches!(stream.way, Way::Held(_)) && of(stream);
        let found = self.streams.iter().filter(|(_, stream)| held(stream));
        found.map(|(id, _)| *id).collect()
    }

    fn give(&mut self, streams: Vec<StreamId>, recordings: &mut Recordings, now: Instant) {
        for id in streams {
            let Some(stream) = self.streams.get_mut(&id) else {
                continue;
            };
            let runs = recordings.runs(stream.recording);
            let way = if runs { Way::Flows } else { Way::Dry };
            let Way::Held(Held { frames, .. }) = std::mem::replace(&mut stream.way, way) else {
                continue;
            };
            let (recording, since_us) = (stream.recording, stream.since_us);
            let is_over = matches!(
                frames.last(),
                Some(RelayFrame::Message(RelayMessage::StreamEnded { .. }))
            );
            if runs {
                recordings.stream_started(recording, id, stream.head.clone(), since_us);
                for frame in frames {
                    recordings.store(recording, frame, now);
                }
            } else if !frames.is_empty() {
                tracing::warn!(%recording, frames = frames.len(), "nobody asks for what is relayed; it is lost");
            }
            if is_over {
                self.streams.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::relay::RelayPacket;

    #[test]
    fn packets_that_find_no_room_make_a_gap_and_messages_are_kept() {
        let mut held = Held::default();
        for sequence in 0..3_000 {
            held.keep(RelayFrame::Packet(RelayPacket {
                stream: 7,
                sequence,
                time: 0,
                received_us: sequence,
                marker: false,
                payload: Vec::new(),
            }));
        }
        let over = RelayFrame::Message(RelayMessage::StreamEnded { stream: 7 });
        held.keep(over.clone());
        let gap = Gap {
            dropped: 952,
            from_us: 2_048,
            to_us: 2_999,
        };
        let gap = RelayFrame::Message(RelayMessage::Gap { stream: 7, gap });
        assert_eq!(held.frames[HELD..], [gap, over]);
    }
}
