//! What a server will say of people with microphones and cameras, on a virtual clock.

use protocol::client::{
    ConnectionState, Event, LeaveReason, Microphone, Participant, RosterEvent, SessionRole,
};
use protocol::media::{Source, TrackRef};
use protocol::recorder::{RecordedEvent, RecorderMessage};
use protocol::relay::{RelayFrame, RelayMessage, RelayPacket, StreamId};
use protocol::{ParticipantId, RecordingId};
use uuid::Uuid;

/// The server's monotonic clock when a recording starts; not zero, so that nobody takes it for the session clock.
pub(crate) const MONO: u64 = 7_000_000_000;

/// UTC at the same moment.
pub(crate) const UTC: i64 = 1_795_000_000_000_000;

pub(crate) fn recording_id() -> RecordingId {
    RecordingId(Uuid::from_u128(0xd1ec))
}

/// Somebody with a name and a clock of their own.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: ParticipantId,
    pub(crate) name: &'static str,
    /// None of a guest.
    pub(crate) seat: Option<u32>,
    /// Which of the test's people this is: each has a clock of their own.
    pub(crate) number: u32,
    /// How fast the person's clock runs, in parts per million too fast.
    pub(crate) skew_ppm: f64,
    /// When the person's laptop sleeps: from when on, for how long. It sends nothing then, and RTP time stands still.
    pub(crate) sleep: Option<(u64, u64)>,
    /// Whether NTP time stands still as well.
    pub(crate) ntp_sleeps: bool,
    /// What the person's encoder says for NTP time if it has no clock.
    pub(crate) ntp: Option<u64>,
}

impl Person {
    /// Somebody in a seat.
    pub(crate) fn new(seat: u32, name: &'static str) -> Self {
        Self {
            seat: Some(seat),
            ..Self::guest(seat, name)
        }
    }

    /// Somebody without a seat.
    pub(crate) fn guest(number: u32, name: &'static str) -> Self {
        Self {
            id: ParticipantId(Uuid::from_u128(u128::from(number))),
            name,
            seat: None,
            number,
            skew_ppm: 0.0,
            sleep: None,
            ntp_sleeps: true,
            ntp: None,
        }
    }

    pub(crate) fn track(&self, source: Source) -> TrackRef {
        TrackRef {
            participant: self.id,
            source,
        }
    }

    /// The person comes, connected.
    pub(crate) fn joins(&self) -> RecordedEvent {
        let participant = Participant {
            id: self.id,
            name: self.name.to_owned(),
            role: SessionRole::Point,
            bridge_point: None,
            seat: self.seat,
            connection: ConnectionState::Connected,
            microphone: Microphone::default(),
            camera_on: true,
            encoder: false,
        };
        RecordedEvent::Room {
            event: Event::Roster(RosterEvent::ParticipantJoined { participant }),
        }
    }

    /// The person's connection changes.
    pub(crate) fn connection(&self, connection: ConnectionState) -> RecordedEvent {
        RecordedEvent::Room {
            event: Event::Roster(RosterEvent::ConnectionChanged {
                participant: self.id,
                connection,
            }),
        }
    }

    /// The person's seat is given up.
    pub(crate) fn leaves(&self) -> RecordedEvent {
        RecordedEvent::Room {
            event: Event::Roster(RosterEvent::ParticipantLeft {
                participant: self.id,
                reason: LeaveReason::Left,
            }),
        }
    }

    /// The person's clock at `at_us` of the virtual clock, in microseconds; `sleeps` as it may.
    fn clock_us(&self, at_us: u64, sleeps: bool) -> f64 {
        let slept_us = self
            .sleep
            .filter(|_| sleeps)
            .map_or(0, |(from, long)| at_us.saturating_sub(from).min(long));
        let awake_us = (at_us - slept_us) as f64;
        4e15 + f64::from(self.number) * 1e10 + awake_us * (1.0 + self.skew_ppm / 1e6)
    }

    fn is_asleep(&self, at_us: u64) -> bool {
        self.sleep
            .is_some_and(|(from, long)| (from..from + long).contains(&at_us))
    }
}

/// What the server will say, and when on the virtual clock (zero is the start of the recording).
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) lines: Vec<(u64, Said)>,
}

/// What is said to the recorder.
#[derive(Clone)]
pub(crate) enum Said {
    /// By the media node.
    Relayed(RelayFrame),
    /// By signaling.
    Told(RecorderMessage),
}

/// How a track is published.
pub(crate) struct Publish<'a> {
    pub(crate) person: &'a Person,
    pub(crate) source: Source,
    pub(crate) stream: StreamId,
    /// When its first frame is captured.
    pub(crate) from_us: u64,
    /// Between frames.
    pub(crate) every_us: u64,
    pub(crate) frames: &'a [Vec<u8>],
    /// When the first sender report comes, and how long until the next; never when zero.
    pub(crate) reports: (u64, u64),
    /// From network to server.
    pub(crate) delay_us: u64,
}

impl Script {
    fn say(&mut self, at_us: u64, message: RelayMessage) {
        let frame = RelayFrame::Message(message);
        self.lines.push((at_us, Said::Relayed(frame)));
    }

    pub(crate) fn event(&mut self, at_us: u64, event: RecordedEvent) {
        let at_mono_us = MONO + at_us;
        let told = RecorderMessage::RoomEvent {
            recording: recording_id(),
            at_mono_us,
            event,
        };
        self.lines.push((at_us, Said::Told(told)));
    }

    /// A person publishes VP8 or Opus frames captured from `from_us` on.
    pub(crate) fn publish(&mut self, publish: &Publish<'_>) {
        if publish.source.is_video() {
            self.publish_as("vp8", publish, vp8_packets);
        } else {
            self.publish_as("opus", publish, |_, data| vec![data.to_vec()]);
        }
    }

    /// A person publishes pictures of H.264, each with start codes between its NAL units.
    pub(crate) fn publish_h264(&mut self, publish: &Publish<'_>) {
        self.publish_as("h264", publish, |_, picture| h264_packets(picture));
    }

    /// A person publishes pictures of VP9, of one layer.
    pub(crate) fn publish_vp9(&mut self, publish: &Publish<'_>) {
        self.publish_as("vp9", publish, vp9_packets);
    }

    fn publish_as(
        &mut self,
        codec: &str,
        publish: &Publish<'_>,
        packets: impl Fn(usize, &[u8]) -> Vec<Vec<u8>>,
    ) {
        let Publish {
            person,
            source,
            stream,
            from_us,
            every_us,
            frames,
            reports,
            delay_us,
        } = *publish;
        let clock_rate = if source.is_video() { 90_000 } else { 48_000 };
        let plate = RecorderMessage::Plate {
            recording: recording_id(),
            participant: person.id,
            name: person.name.to_owned(),
            seat: person.seat,
        };
        self.lines.push((from_us, Said::Told(plate)));
        self.say(
            from_us,
            RelayMessage::StreamStarted {
                recording: recording_id(),
                stream,
                track: person.track(source),
                codec: codec.to_owned(),
                clock_rate,
                ssrc: stream * 1_111,
                rid: None,
            },
        );
        // The sender stamps with its own clock: RTP time from an arbitrary base.
        let base = f64::from(stream) * 1e6;
        let rtp_at = |at_us: u64| {
            let elapsed = person.clock_us(at_us, true) - person.clock_us(0, true);
            (base + elapsed * f64::from(clock_rate) / 1e6).round() as u64
        };
        let mut sequence = 1_000;
        for (n, data) in frames.iter().enumerate() {
            let at_us = from_us + n as u64 * every_us;
            if person.is_asleep(at_us) {
                continue;
            }
            let payloads = packets(n, data);
            let last = payloads.len() - 1;
            for (i, payload) in payloads.into_iter().enumerate() {
                let arrives_us = at_us + delay_us + jitter_us(sequence);
                let packet = RelayPacket {
                    stream,
                    sequence,
                    time: rtp_at(at_us),
                    received_us: MONO + arrives_us,
                    marker: i == last,
                    payload,
                };
                let frame = RelayFrame::Packet(packet);
                self.lines.push((arrives_us, Said::Relayed(frame)));
                sequence += 1;
            }
        }
        let end_us = from_us + frames.len() as u64 * every_us;
        let (first_us, every_us) = reports;
        let mut at_us = from_us + first_us;
        while every_us > 0 && at_us < end_us {
            if person.is_asleep(at_us) {
                at_us += every_us;
                continue;
            }
            let clock = person.clock_us(at_us, person.ntp_sleeps);
            let told = ((clock / 1e6).trunc() as u64) << 32
                | (clock / 1e6).fract().mul_add(4_294_967_296.0, 0.0) as u64;
            let ntp = person.ntp.unwrap_or(told);
            let received_us = MONO + at_us + delay_us + jitter_us(at_us);
            self.say(
                at_us + delay_us,
                RelayMessage::SenderReport {
                    stream,
                    ntp,
                    rtp: rtp_at(at_us),
                    received_us,
                },
            );
            at_us += every_us;
        }
    }

    /// What is said again to a recorder that comes back: who publishes.
    pub(crate) fn announcements(&self) -> Vec<Said> {
        let started = |said: &&Said| {
            matches!(
                said,
                Said::Relayed(RelayFrame::Message(RelayMessage::StreamStarted { .. }))
                    | Said::Told(RecorderMessage::Plate { .. })
            )
        };
        self.lines
            .iter()
            .map(|(_, said)| said)
            .filter(started)
            .cloned()
            .collect()
    }

    /// What signaling says of that.
    pub(crate) fn announcements_of_signaling(&self) -> Vec<Said> {
        let mut said = self.announcements();
        said.retain(|said| matches!(said, Said::Told(_)));
        said
    }

    /// When the last of it is said.
    pub(crate) fn end_us(&self) -> u64 {
        self.lines.iter().map(|(at, _)| *at).max().unwrap_or(0)
    }

    /// Everything between two times of the virtual clock, in order.
    pub(crate) fn between(&mut self, from_us: u64, to_us: u64) -> Vec<Said> {
        self.lines.sort_by_key(|(at, _)| *at);
        let within = self
            .lines
            .iter()
            .filter(|(at, _)| (from_us..to_us).contains(at));
        within.map(|(_, said)| said.clone()).collect()
    }
}

/// RFC 7741.
fn vp8_packets(number: usize, frame: &[u8]) -> Vec<Vec<u8>> {
    let packet = |(i, chunk): (usize, &[u8])| {
        let mut payload = vec![if i == 0 { 0x90 } else { 0x80 }, 0x80, number as u8 & 0x7f];
        payload.extend_from_slice(chunk);
        payload
    };
    frame.chunks(1_100).enumerate().map(packet).collect()
}

/// RFC 9628. The third bit of a frame's first byte is set in pictures that refer to others.
fn vp9_packets(number: usize, frame: &[u8]) -> Vec<Vec<u8>> {
    let inter = (frame[0] & 0x04) << 4;
    let parts: Vec<&[u8]> = frame.chunks(1_100).collect();
    let packet = |(i, part): (usize, &&[u8])| {
        let begins = u8::from(i == 0) << 3;
        let ends = u8::from(i + 1 == parts.len()) << 2;
        let mut payload = vec![0x80 | inter | begins | ends, number as u8 & 0x7f];
        payload.extend_from_slice(part);
        payload
    };
    parts.iter().enumerate().map(packet).collect()
}

/// RFC 6184: what is small goes together, what is large goes in fragments, the last unit last.
fn h264_packets(picture: &[u8]) -> Vec<Vec<u8>> {
    let units = nal_units(picture);
    let (small, large): (Vec<&[u8]>, _) = units.iter().partition(|unit| unit.len() < 200);
    let mut packets = Vec::new();
    if !small.is_empty() {
        let mut together = vec![0x78];
        for unit in small {
            together.extend((unit.len() as u16).to_be_bytes());
            together.extend_from_slice(unit);
        }
        packets.push(together);
    }
    let large: Vec<&[u8]> = large;
    for unit in large {
        let parts: Vec<&[u8]> = unit[1..].chunks(1_100).collect();
        for (i, part) in parts.iter().enumerate() {
            let flags = u8::from(i == 0) << 7 | u8::from(i + 1 == parts.len()) << 6;
            let mut payload = vec![unit[0] & 0x60 | 28, flags | unit[0] & 0x1f];
            payload.extend_from_slice(part);
            packets.push(payload);
        }
    }
    packets
}

/// The NAL units between start codes.
pub(crate) fn nal_units(stream: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    let mut begin = None;
    let mut at = 0;
    while at + 3 <= stream.len() {
        if stream[at..at + 3] == [0, 0, 1] {
            if let Some(begin) = begin {
                units.push(&stream[begin..at]);
            }
            begin = Some(at + 3);
            at += 3;
        } else {
            at += 1;
        }
    }
    units.extend(begin.map(|begin| &stream[begin..]));
    // A start code may have a further zero in front, which is no part of the unit before it.
    let trimmed = units.into_iter().map(|unit| {
        let end = unit
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        &unit[..end]
    });
    trimmed.filter(|unit| !unit.is_empty()).collect()
}

/// 0 to 8 ms, the same in each run.
fn jitter_us(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51
}
