//! The link to the server: connects to the relay socket, and comes back when it breaks.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use protocol::api::RecordingFailure;
use protocol::relay::{RelayFrame, RelayMessage, StreamId};
use protocol::{PROTOCOL_VERSION, RecordingId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{CaptureConfig, Config};
use crate::recording::{Closed, Recording, Start, open_closed};
use crate::segment::index::EpochHead;

/// How often overdue packets are given up and waiting clusters are pushed.
const TICK: Duration = Duration::from_millis(200);

/// The first and the longest wait between attempts to connect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How long open recordings are waited for at shutdown: a server that is stopped in the same moment, as by Ctrl-C, says
/// stop to each of them first.
const GRACE: Duration = Duration::from_secs(3);

/// How long the last words to the server may take at shutdown.
const FAREWELL: Duration = Duration::from_secs(1);

/// Records whatever the server in `data_dir` asks for, until `shutdown`. A server that goes away is waited for; what
/// was recorded stays, and goes on when the server names the same recording again.
///
/// # Errors
/// None at present: every failure belongs to one recording, is told to the server and logged.
pub async fn run(
    config: Config,
    data_dir: impl AsRef<Path>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let data_dir = data_dir.as_ref();
    let socket = data_dir.join("run").join("relay.sock");
    let mut wait = BACKOFF.0;
    while !shutdown.is_cancelled() {
        match UnixStream::connect(&socket).await {
            Ok(stream) => {
                tracing::info!(socket = %socket.display(), "connected to the relay");
                wait = BACKOFF.0;
                let mut recorder =
                    Recorder::new(config.capture.clone(), data_dir.join("recordings"));
                if let Err(e) = serve(&mut recorder, stream, &shutdown).await {
                    tracing::warn!(error = %e, "the relay link broke");
                }
                recorder.interrupt();
            }
            Err(e) => tracing::debug!(error = %e, "the relay does not answer yet"),
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(BACKOFF.1),
        }
    }
    Ok(())
}

/// Serves one connection until it ends, breaks, or the recorder is to stop.
async fn serve(
    recorder: &mut Recorder,
    stream: UnixStream,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    let (mut input, output) = stream.into_split();
    let (outbox, writer) = spawn_writer(output);
    let say = |message| outbox.send(message).map_err(|_| io::ErrorKind::BrokenPipe);
    say(RelayMessage::Hello {
        protocol: PROTOCOL_VERSION,
    })?;
    let mut buffer = Vec::with_capacity(256 * 1024);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut deadline = None;
    while deadline.is_none_or(|deadline| Instant::now() < deadline && !recorder.is_idle()) {
        tokio::select! {
            () = shutdown.cancelled(), if deadline.is_none() => deadline = Some(Instant::now() + GRACE),
            read = input.read_buf(&mut buffer) => {
                if read? == 0 {
                    break;
                }
                let now = Instant::now();
                let mut at = 0;
                while let Some((frame, length)) =
                    RelayFrame::decode(&buffer[at..]).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?
                {
                    at += length;
                    recorder.handle(frame, now);
                }
                buffer.drain(..at);
            }
            _ = tick.tick() => recorder.tick(Instant::now()),
        }
        recorder.ask_for_keyframes();
        for message in recorder.outbox.drain(..) {
            say(message)?;
        }
    }
    drop(outbox);
    if tokio::time::timeout(FAREWELL, writer).await.is_err() {
        tracing::debug!("the server did not read the last words");
    }
    Ok(())
}

/// Writes in a task of its own: a server that does not read never stops recording.
fn spawn_writer(
    mut output: OwnedWriteHalf,
) -> (mpsc::UnboundedSender<RelayMessage>, JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let mut bytes = Vec::new();
        while let Some(message) = receiver.recv().await {
            bytes.clear();
            RelayFrame::Message(message).encode(&mut bytes);
            if output.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    (sender, task)
}

/// All recordings of one connection.
struct Recorder {
    config: CaptureConfig,
    recordings_dir: PathBuf,
    recordings: BTreeMap<RecordingId, Recording>,
    /// Told to stop, perhaps when; they wait for what an earlier recorder left behind to be made whole.
    closing: BTreeMap<RecordingId, (Recording, Option<u64>)>,
    streams: BTreeMap<StreamId, RecordingId>,
    clock: ServerClock,
    outbox: Vec<RelayMessage>,
    syncing: Option<JoinHandle<()>>,
}

/// The server's monotonic clock, as far as its messages tell.
struct ServerClock {
    last_us: u64,
    seen: Instant,
}

impl ServerClock {
    fn see(&mut self, mono_us: u64, now: Instant) {
        if mono_us >= self.last_us {
            *self = Self {
                last_us: mono_us,
                seen: now,
            };
        }
    }

    fn now_us(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.seen).as_micros();
        self.last_us
            .saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }
}

impl Recorder {
    fn new(config: CaptureConfig, recordings_dir: PathBuf) -> Self {
        Self {
            config,
            recordings_dir,
            recordings: BTreeMap::new(),
            closing: BTreeMap::new(),
            streams: BTreeMap::new(),
            clock: ServerClock {
                last_us: 0,
                seen: Instant::now(),
            },
            outbox: Vec::new(),
            syncing: None,
        }
    }

    fn handle(&mut self, frame: RelayFrame, now: Instant) {
        match frame {
            RelayFrame::Packet(packet) => {
                self.clock.see(packet.received_us, now);
                self.of_stream(packet.stream, |recording| recording.packet(packet, now));
            }
            RelayFrame::Message(message) => self.handle_message(message, now),
        }
    }

    fn handle_message(&mut self, message: RelayMessage, now: Instant) {
        let server_us = self.clock.now_us(now);
        match message {
            RelayMessage::Start {
                recording,
                session,
                folder,
                at_us,
                at_mono_us,
                boot,
            } => {
                self.clock.see(at_mono_us, now);
                self.start(
                    &Start {
                        recording,
                        session,
                        folder: folder.into(),
                        at_us,
                        at_mono_us,
                        boot,
                    },
                    now,
                );
            }
            RelayMessage::StreamStarted {
                recording,
                stream,
                track,
                name,
                seat,
                codec,
                clock_rate,
                ssrc,
                rid,
            } => {
                let head = EpochHead {
                    track,
                    name,
                    seat,
                    codec: codec.to_ascii_lowercase(),
                    clock_rate,
                    ssrc,
                    rid,
                    session_offset_us: 0,
                    size: None,
                };
                self.streams.insert(stream, recording);
                self.of_stream(stream, |recording| {
                    recording.stream_started(stream, head, server_us)
                });
            }
            RelayMessage::SenderReport {
                stream,
                ntp,
                rtp,
                received_us,
            } => {
                self.of_stream(stream, |recording| {
                    recording.report(stream, ntp, rtp, received_us, now);
                    Ok(())
                });
            }
            RelayMessage::Gap {
                stream,
                dropped,
                from_us,
                to_us,
            } => {
                self.of_stream(stream, |recording| {
                    recording.gap(stream, dropped, (from_us, to_us), now)
                });
            }
            RelayMessage::StreamEnded { stream } => {
                self.of_stream(stream, |recording| {
                    recording.stream_ended(stream, server_us, now)
                });
                self.streams.remove(&stream);
            }
            RelayMessage::RoomEvent {
                recording,
                at_mono_us,
                event,
            } => {
                self.of_recording(recording, |recording| {
                    recording.room_event(at_mono_us, event)
                });
            }
            RelayMessage::Stop {
                recording,
                at_mono_us,
            } => self.stop(recording, at_mono_us, now),
            // What only the recorder says.
            RelayMessage::Hello { .. }
            | RelayMessage::Started { .. }
            | RelayMessage::Finalised { .. }
            | RelayMessage::Failed { .. }
            | RelayMessage::KeyframeWanted { .. } => {
                tracing::warn!(?message, "the server said what only a recorder says");
            }
        }
    }

    fn start(&mut self, start: &Start, now: Instant) {
        let id = start.recording;
        // A server that connects again says everything again: what it says of one that is being closed is known.
        if !self.recordings.contains_key(&id) && !self.closing.contains_key(&id) {
            match Recording::open(&self.config, start, now) {
                Ok(recording) => {
                    tracing::info!(recording = %id, session = %start.session, "recording");
                    self.recordings.insert(id, recording);
                }
                Err(e) => return self.fail(id, &e),
            }
        }
        self.outbox.push(RelayMessage::Started { recording: id });
    }

    fn stop(&mut self, id: RecordingId, at_mono_us: Option<u64>, now: Instant) {
        self.streams.retain(|_, recording| *recording != id);
        if self.closing.contains_key(&id) {
            return;
        }
        if let Some(recording) = self.recordings.remove(&id) {
            self.closing.insert(id, (recording, at_mono_us));
            return self.close();
        }
        let folder = self.recordings_dir.join(id.to_string());
        match open_closed(&self.config, &folder, now) {
            Ok(Closed::Nothing) => self.closed(id, Ok((0, 0))),
            Ok(Closed::Complete(duration_us, bytes)) => self.closed(id, Ok((duration_us, bytes))),
            Ok(Closed::Open(recording)) => {
                self.closing.insert(id, (*recording, None));
                self.close();
            }
            Err(e) => self.fail(id, &e),
        }
    }

    /// Finalises what was told to stop, as soon as nothing of it is being made whole.
    fn close(&mut self) {
        let ready: Vec<_> = self
            .closing
            .iter_mut()
            .filter_map(|(id, (recording, _))| recording.take_recovered().then_some(*id))
            .collect();
        for id in ready {
            if let Some((recording, at_mono_us)) = self.closing.remove(&id) {
                self.closed(id, recording.finalise(at_mono_us));
            }
        }
    }

    fn closed(&mut self, id: RecordingId, finalised: io::Result<(u64, u64)>) {
        match finalised {
            Ok((duration_us, bytes)) => {
                tracing::info!(recording = %id, duration_us, bytes, "the recording is complete");
                self.outbox.push(RelayMessage::Finalised {
                    recording: id,
                    duration_us,
                    bytes,
                });
            }
            Err(e) => self.fail(id, &e),
        }
    }

    fn of_stream(&mut self, stream: StreamId, act: impl FnOnce(&mut Recording) -> io::Result<()>) {
        if let Some(&recording) = self.streams.get(&stream) {
            self.of_recording(recording, act);
        }
    }

    fn of_recording(
        &mut self,
        id: RecordingId,
        act: impl FnOnce(&mut Recording) -> io::Result<()>,
    ) {
        if let Some(recording) = self.recordings.get_mut(&id)
            && let Err(e) = act(recording)
        {
            self.fail(id, &e);
        }
    }

    /// A recording that cannot be written is given up; what is on disk stays.
    fn fail(&mut self, id: RecordingId, error: &io::Error) {
        tracing::error!(recording = %id, %error, "recording failed");
        self.recordings.remove(&id);
        self.outbox.push(RelayMessage::Failed {
            recording: id,
            failure: RecordingFailure::of_disk(error),
            reason: error.to_string(),
        });
    }

    fn tick(&mut self, now: Instant) {
        let server_us = self.clock.now_us(now);
        for id in self.recordings.keys().copied().collect::<Vec<_>>() {
            self.of_recording(id, |recording| recording.tick(server_us, now));
        }
        self.close();
        self.sync(now);
    }

    /// Forces files to disk beside the loop, one batch at a time: a slow disk never makes packets wait.
    fn sync(&mut self, now: Instant) {
        if self
            .syncing
            .as_ref()
            .is_some_and(|task| !task.is_finished())
        {
            return;
        }
        let mut files = Vec::new();
        for id in self.recordings.keys().copied().collect::<Vec<_>>() {
            self.of_recording(id, |recording| {
                files.extend(recording.files_to_sync(now)?);
                Ok(())
            });
        }
        if !files.is_empty() {
            self.syncing = Some(tokio::task::spawn_blocking(move || {
                for file in files {
                    if let Err(error) = file.sync_data() {
                        tracing::error!(%error, "the disk does not keep what is recorded");
                    }
                }
            }));
        }
    }

    fn is_idle(&self) -> bool {
        self.recordings.is_empty() && self.closing.is_empty()
    }

    fn ask_for_keyframes(&mut self) {
        for recording in self.recordings.values_mut() {
            let wanted = recording.take_keyframes_wanted();
            self.outbox.extend(
                wanted
                    .into_iter()
                    .map(|stream| RelayMessage::KeyframeWanted { stream }),
            );
        }
    }

    /// The connection is over: closes every recording so that it can go on later.
    fn interrupt(self) {
        let closing = self.closing.into_iter();
        let closing = closing.map(|(id, (recording, _))| (id, recording));
        for (id, recording) in self.recordings.into_iter().chain(closing) {
            debug_assert_eq!(id, recording.id());
            match recording.interrupt() {
                Ok(()) => tracing::info!(recording = %id, "the recording is interrupted"),
                Err(error) => {
                    tracing::error!(recording = %id, %error, "an interrupted recording could not be closed")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::media::{Source, TrackRef};
    use protocol::relay::RelayPacket;
    use protocol::{SessionCode, UtcMicros};
    use uuid::Uuid;

    /// Numbers that are near one another, and numbers that are not.
    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![4 => 0..5_000_000_u64, 1 => any::<u64>()]
    }

    fn payload() -> impl Strategy<Value = Vec<u8>> {
        let keyframe = vec![0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 7];
        prop_oneof![2 => Just(keyframe), 1 => proptest::collection::vec(any::<u8>(), 0..30)]
    }

    /// A frame; the folder of `Start` is yet to be filled in.
    fn frame() -> impl Strategy<Value = RelayFrame> {
        let recording = RecordingId(Uuid::from_u128(1));
        let packet = (
            0..3_u32,
            number(),
            number(),
            number(),
            any::<bool>(),
            payload(),
        )
            .prop_map(|(stream, sequence, time, received_us, marker, payload)| {
                RelayFrame::Packet(RelayPacket {
                    stream,
                    sequence,
                    time,
                    received_us,
                    marker,
                    payload,
                })
            });
        let started =
            (0..3_u32, any::<u32>(), any::<bool>()).prop_map(move |(stream, clock_rate, video)| {
                let source = if video {
                    Source::Camera
                } else {
                    Source::Microphone
                };
                let codec = if video { "VP8" } else { "opus" };
                RelayFrame::Message(RelayMessage::StreamStarted {
                    recording,
                    stream,
                    track: TrackRef {
                        participant: Uuid::from_u128(2).into(),
                        source,
                    },
                    name: "Điểm cầu".to_owned(),
                    seat: None,
                    codec: codec.to_owned(),
                    clock_rate,
                    ssrc: 1,
                    rid: None,
                })
            });
        let start = (any::<i64>(), number()).prop_map(move |(at_us, at_mono_us)| {
            RelayFrame::Message(RelayMessage::Start {
                recording,
                session: SessionCode("GB-1107".to_owned()),
                folder: String::new(),
                at_us: UtcMicros(at_us),
                at_mono_us,
                boot: None,
            })
        });
        let report =
            (0..3_u32, number(), number(), number()).prop_map(|(stream, ntp, rtp, received_us)| {
                RelayFrame::Message(RelayMessage::SenderReport {
                    stream,
                    ntp,
                    rtp,
                    received_us,
                })
            });
        let gap = (0..3_u32, number(), number(), number()).prop_map(
            |(stream, dropped, from_us, to_us)| {
                RelayFrame::Message(RelayMessage::Gap {
                    stream,
                    dropped,
                    from_us,
                    to_us,
                })
            },
        );
        let ended =
            (0..3_u32).prop_map(|stream| RelayFrame::Message(RelayMessage::StreamEnded { stream }));
        let stop = Just(RelayFrame::Message(RelayMessage::Stop {
            recording,
            at_mono_us: None,
        }));
        prop_oneof![12 => packet, 3 => started, 2 => start, 2 => report, 1 => gap, 1 => ended, 1 => stop]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Whatever a server says, the recorder answers and what is on disk vouches for itself.
        #[test]
        fn any_conversation_leaves_a_whole_recording(frames in proptest::collection::vec(frame(), 1..60)) {
            let data = tempfile::tempdir().expect("a folder");
            let recordings = data.path().join("recordings");
            let place = recordings.join(Uuid::from_u128(1).to_string());
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let _entered = runtime.enter();
            let mut recorder = Recorder::new(CaptureConfig::default(), recordings);
            let began = Instant::now();
            for (n, mut frame) in (0..).zip(frames) {
                if let RelayFrame::Message(RelayMessage::Start { folder, .. }) = &mut frame {
                    *folder = place.to_string_lossy().into_owned();
                }
                let now = began + Duration::from_millis(n * 100);
                recorder.handle(frame, now);
                recorder.tick(now);
                recorder.ask_for_keyframes();
            }
            recorder.interrupt();
            if place.join(crate::MANIFEST_FILE).exists() {
                prop_assert_eq!(crate::verify(&place).expect("verifiable"), vec![]);
            }
        }
    }
}
