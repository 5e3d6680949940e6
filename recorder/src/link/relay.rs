//! The relay of one media node: its streams, each given to the recording that it is of.
//!
//! ```text
//!                 its recording runs, and who it is is known, or not for 2 s
//! held ───────────────────────────────────────────────────────────────────────► flows ─► ended
//!   └── nobody asked for its recording for 2 s ─► dry ─► asked after all: held again
//! ```
//!
//! Signaling and the node speak on connections of their own: a stream may be here before the word to record it.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use protocol::RecordingId;
use protocol::relay::{RELAY_VERSION, RelayFrame, RelayMessage, StreamId};

use super::line::Line;
use super::recordings::Recordings;
use crate::segment::index::EpochHead;

/// How long a stream waits for the word to record it, and for the name of who publishes it.
const HELD_FOR: Duration = Duration::from_secs(2);

/// Frames of a stream that are kept meanwhile, 2 s of video at 9 Mbit/s; what comes beyond is lost.
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
    Held(Vec<RelayFrame>),
    Flows,
    Dry,
}

/// The relay of one node.
pub(super) struct Relay {
    pub(super) line: Line,
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
            line: Line::new(socket.into(), hello),
            greeted: false,
            streams: BTreeMap::new(),
        }
    }

    /// Whether the node can send something.
    pub(super) const fn is_up(&self) -> bool {
        self.line.is_up() && self.greeted
    }

    /// Takes what the line has heard.
    ///
    /// # Errors
    /// When that is not what a node of our version says; the connection is then of no use.
    pub(super) fn listen(&mut self, recordings: &mut Recordings, now: Instant) -> io::Result<()> {
        let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, e);
        let mut at = 0;
        while let Some((frame, length)) =
            RelayFrame::decode(&self.line.heard[at..]).map_err(invalid)?
        {
            at += length;
            self.handle(frame, recordings, now)?;
        }
        self.line.heard.drain(..at);
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
                    way: Way::Held(Vec::new()),
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
            Way::Held(frames) if frames.len() < HELD => frames.push(frame),
            Way::Held(_) | Way::Dry => {}
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
                stream.way = Way::Held(Vec::new());
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
            let Way::Held(frames) = std::mem::replace(&mut stream.way, way) else {
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
