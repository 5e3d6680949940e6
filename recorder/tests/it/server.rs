//! A server that is told what to say: people with microphones and cameras on a virtual clock, and the sockets of
//! signaling and of a media node.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use protocol::api::RecordingFailure;
use protocol::client::{
    ConnectionState, Event, LeaveReason, Microphone, Participant, RosterEvent, SessionRole,
};
use protocol::frame;
use protocol::media::{Source, TrackRef};
use protocol::recorder::{RECORDER_VERSION, RecordedEvent, RecorderMessage};
use protocol::relay::{RELAY_VERSION, RelayFrame, RelayMessage, RelayPacket, StreamId};
use protocol::{ParticipantId, RecordingId, SessionCode, UtcMicros};
use recorder::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The server's monotonic clock when a recording starts; not zero, so that nobody takes it for the session clock.
pub(crate) const MONO: u64 = 7_000_000_000;

/// UTC at the same moment.
pub(crate) const UTC: i64 = 1_795_000_000_000_000;

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

pub(crate) fn recording_id() -> RecordingId {
    RecordingId(Uuid::from_u128(0xd1ec))
}

/// A data folder, the sockets of signaling and of the node in it, and a recorder that runs.
pub(crate) struct Stage {
    pub(crate) data: tempfile::TempDir,
    signaling: UnixListener,
    node: UnixListener,
    recorder: Option<(JoinHandle<anyhow::Result<()>>, CancellationToken)>,
    process: Option<Child>,
}

/// Tells a child of the test program to be a recorder on this data folder.
const BE_A_RECORDER: &str = "DIEMCAU_TEST_RECORDER";

/// The recorder of [`Stage::start_process`]; run by itself it has nothing to do.
#[tokio::test]
async fn recorder_process() {
    if let Some(data) = std::env::var_os(BE_A_RECORDER) {
        recorder::run(Config::default(), data, CancellationToken::new())
            .await
            .expect("it runs until killed");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::on(tempfile::tempdir().expect("a folder"))
    }

    /// A stage whose data folder is there.
    pub(crate) fn on(data: tempfile::TempDir) -> Self {
        std::fs::create_dir(data.path().join("run")).expect("made");
        let bind = |name| UnixListener::bind(data.path().join("run").join(name)).expect("bound");
        Self {
            signaling: bind("recorder.sock"),
            node: bind(RELAY),
            data,
            recorder: None,
            process: None,
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.data
            .path()
            .join("recordings")
            .join(recording_id().to_string())
    }

    pub(crate) fn start_recorder(&mut self) {
        let shutdown = CancellationToken::new();
        let run = recorder::run(
            Config::default(),
            self.data.path().to_owned(),
            shutdown.clone(),
        );
        self.recorder = Some((tokio::spawn(run), shutdown));
    }

    /// Starts a recorder and has it record a script from its begin, the virtual clock standing at `to_us` then.
    pub(crate) async fn begin(&mut self, script: &mut Script, to_us: u64) -> Link {
        self.start_recorder();
        let mut link = self.connect(0).await;
        link.say(&script.between(0, to_us)).await;
        link
    }

    /// Starts a recorder after one that was killed, and has it record the rest of a script.
    pub(crate) async fn go_on(&mut self, script: &mut Script, from_us: u64) -> Link {
        self.start_recorder();
        let mut link = self.connect(from_us).await;
        link.say(&script.announcements()).await;
        link.say(&script.between(from_us, u64::MAX)).await;
        link
    }

    /// Starts a recorder that is a process of its own.
    pub(crate) fn start_process(&mut self) {
        let program = std::env::current_exe().expect("this program");
        let process = Command::new(program)
            .args(["--exact", "server::recorder_process"])
            .env(BE_A_RECORDER, self.data.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        self.process = Some(process);
    }

    /// SIGKILL.
    pub(crate) fn kill_process(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("killed");
        process.wait().expect("dead");
    }

    /// Ends the recorder between two instructions, as a kill does.
    pub(crate) async fn kill_recorder(&mut self) {
        let (task, _) = self.recorder.take().expect("it runs");
        task.abort();
        let _ = task.await;
    }

    /// Asks the recorder to end.
    pub(crate) fn cancel_recorder(&self) {
        self.recorder.as_ref().expect("it runs").1.cancel();
    }

    pub(crate) async fn stop_recorder(&mut self) {
        let (task, shutdown) = self.recorder.take().expect("it runs");
        shutdown.cancel();
        task.await.expect("no panic").expect("no error");
    }

    /// Waits for the recorder and tells it to record, the virtual clock standing at `at_us`.
    pub(crate) async fn connect(&self, at_us: u64) -> Link {
        let mut link = self.connect_only().await;
        link.start(at_us).await;
        self.connect_node(&mut link).await;
        link
    }

    /// Waits for the recorder at the socket of signaling.
    pub(crate) async fn connect_only(&self) -> Link {
        let mut link = Link {
            signaling: Some(Wire::accept(&self.signaling).await),
            node: None,
            keyframes_wanted: HashSet::new(),
            data: self.data.path().to_owned(),
        };
        assert_eq!(
            link.hear().await,
            RecorderMessage::Hello {
                protocol: RECORDER_VERSION
            }
        );
        link
    }

    /// Waits for the recorder at the socket of signaling once more.
    pub(crate) async fn connect_signaling(&self, link: &mut Link) {
        link.signaling = self.connect_only().await.signaling;
    }

    /// Waits for the recorder at the socket of the node, and exchanges hellos.
    pub(crate) async fn connect_node(&self, link: &mut Link) {
        let mut node = self.accept_at_node(RELAY_VERSION).await;
        let hello = node.frame(RelayFrame::decode).await;
        let protocol = RELAY_VERSION;
        assert_eq!(
            hello,
            Some(RelayFrame::Message(RelayMessage::Hello { protocol }))
        );
        link.node = Some(node);
    }

    /// Waits for the recorder at the socket of the node, which speaks this version.
    pub(crate) async fn accept_at_node(&self, protocol: u32) -> Wire {
        let mut node = Wire::accept(&self.node).await;
        let mut hello = Vec::new();
        RelayFrame::Message(RelayMessage::Hello { protocol }).encode(&mut hello);
        node.write(&hello).await;
        node
    }
}

/// The socket of the node in `run/`.
const RELAY: &str = "relay.sock";

/// One connection of the recorder.
pub(crate) struct Wire {
    stream: UnixStream,
    heard: Vec<u8>,
}

impl Wire {
    async fn accept(listener: &UnixListener) -> Self {
        let (stream, _) = listener.accept().await.expect("accepted");
        Self {
            stream,
            heard: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let written = self.stream.write_all(bytes).await;
        written.expect("the recorder reads");
    }

    /// What the recorder says next; none when it hangs up.
    pub(crate) async fn frame<F>(
        &mut self,
        decode: impl Fn(&[u8]) -> Result<Option<(F, usize)>, frame::FrameError>,
    ) -> Option<F> {
        loop {
            if let Some((frame, length)) = decode(&self.heard).expect("a frame") {
                self.heard.drain(..length);
                return Some(frame);
            }
            let read = self.stream.read_buf(&mut self.heard).await;
            if read.unwrap_or_default() == 0 {
                return None;
            }
        }
    }
}

/// The server's ends of the connections; without one, that end is silent.
pub(crate) struct Link {
    pub(crate) signaling: Option<Wire>,
    pub(crate) node: Option<Wire>,
    pub(crate) keyframes_wanted: HashSet<StreamId>,
    data: PathBuf,
}

impl Link {
    /// Says all of it; when signaling says something after this, what the node says here has been read before.
    pub(crate) async fn say(&mut self, said: &[Said]) {
        let (mut told, mut relayed) = (Vec::new(), Vec::new());
        for said in said {
            match said {
                Said::Told(message) => frame::encode_message(message, &mut told),
                Said::Relayed(frame) => frame.encode(&mut relayed),
            }
        }
        for (wire, bytes) in [(&mut self.signaling, told), (&mut self.node, relayed)] {
            if !bytes.is_empty() {
                wire.as_mut().expect("it is there").write(&bytes).await;
            }
        }
    }

    async fn tell(&mut self, message: RecorderMessage) {
        self.say(&[Said::Told(message)]).await;
    }

    pub(crate) async fn relay(&mut self, message: RelayMessage) {
        self.say(&[Said::Relayed(RelayFrame::Message(message))])
            .await;
    }

    async fn hear(&mut self) -> RecorderMessage {
        let wire = self.signaling.as_mut().expect("it is there");
        let heard = wire.frame(frame::decode_message).await;
        heard.expect("the recorder hung up")
    }

    /// Waits until everything said before has been handled and what the recorder says about it was heard.
    pub(crate) async fn settle(&mut self) {
        self.start(0).await;
        self.start(0).await;
        let Some(node) = &mut self.node else {
            return;
        };
        while node
            .stream
            .try_read_buf(&mut node.heard)
            .is_ok_and(|read| read > 0)
        {}
        while let Some((frame, length)) = RelayFrame::decode(&node.heard).expect("a frame") {
            node.heard.drain(..length);
            match frame {
                RelayFrame::Message(RelayMessage::KeyframeWanted { stream }) => {
                    self.keyframes_wanted.insert(stream);
                }
                other => panic!("a recorder does not say {other:?}"),
            }
        }
    }

    /// Says `Start`; when the answer is here, everything said before has been handled.
    pub(crate) async fn start(&mut self, at_us: u64) {
        self.start_of(recording_id(), at_us).await;
    }

    /// Says `Start` and hears why that is not possible.
    pub(crate) async fn fail_to_start(&mut self) -> RecordingFailure {
        self.say_start(recording_id(), 0).await;
        self.hear_failed().await
    }

    /// Hears that the recording cannot be written, and why.
    pub(crate) async fn hear_failed(&mut self) -> RecordingFailure {
        match self.hear().await {
            RecorderMessage::Failed { failure, .. } => failure,
            other => panic!("it did not fail: {other:?}"),
        }
    }

    async fn say_start(&mut self, recording: RecordingId, at_us: u64) {
        let folder = self.data.join("recordings").join(recording.to_string());
        self.tell(RecorderMessage::Start {
            recording,
            session: SessionCode("GB-1107".to_owned()),
            folder: path_text(&folder),
            at_us: UtcMicros(UTC + at_us as i64),
            at_mono_us: MONO + at_us,
            boot: None,
            relay: Some(path_text(&self.data.join("run").join(RELAY))),
        })
        .await;
    }

    /// Says `Stop`, the virtual clock standing at `at_us`; the duration in microseconds that the recorder answers.
    pub(crate) async fn stop_at(&mut self, at_us: u64) -> u64 {
        self.say_stop(Some(at_us)).await;
        self.hear_finalised().await
    }

    /// Says `Stop` of a recording that ended nobody knows when.
    pub(crate) async fn stop(&mut self) -> u64 {
        self.say_stop(None).await;
        self.hear_finalised().await
    }

    /// Both ends say that it is over.
    pub(crate) async fn say_stop(&mut self, at_us: Option<u64>) {
        self.tell_stop(at_us).await;
        if self.node.is_some() {
            let recording = recording_id();
            self.relay(RelayMessage::RelayEnded { recording }).await;
        }
    }

    /// Signaling says that it is over.
    pub(crate) async fn tell_stop(&mut self, at_us: Option<u64>) {
        self.tell(RecorderMessage::Stop {
            recording: recording_id(),
            at_mono_us: at_us.map(|at_us| MONO + at_us),
        })
        .await;
    }

    pub(crate) async fn hear_finalised(&mut self) -> u64 {
        match self.hear().await {
            RecorderMessage::Finalised {
                recording,
                duration_us,
                bytes,
            } => {
                let folder = self.data.join("recordings").join(recording.to_string());
                assert_eq!(bytes > 0, folder.exists());
                duration_us
            }
            other => panic!("not finalised: {other:?}"),
        }
    }

    /// Says `Start` of another recording, and hears that it runs.
    pub(crate) async fn start_other(&mut self) {
        let other = RecordingId(Uuid::from_u128(0x07e2));
        self.start_of(other, 0).await;
    }

    async fn start_of(&mut self, recording: RecordingId, at_us: u64) {
        self.say_start(recording, at_us).await;
        assert_eq!(self.hear().await, RecorderMessage::Started { recording });
    }
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Records a whole script in one go; the folder stays as long as the stage.
pub(crate) async fn record(script: &mut Script) -> Stage {
    let end_us = script.end_us();
    record_until(script, end_us).await
}

/// The same, stopped at a moment of the virtual clock.
pub(crate) async fn record_until(script: &mut Script, stop_us: u64) -> Stage {
    let mut stage = Stage::new();
    let mut link = stage.begin(script, u64::MAX).await;
    link.stop_at(stop_us).await;
    stage.stop_recorder().await;
    stage
}

/// Records the begin of a script, up to a moment of the virtual clock at which the recorder is killed.
pub(crate) async fn record_until_killed(script: &mut Script, killed_us: u64) -> Stage {
    let mut stage = Stage::new();
    let mut link = stage.begin(script, killed_us).await;
    link.start(killed_us).await;
    stage.kill_recorder().await;
    stage
}
