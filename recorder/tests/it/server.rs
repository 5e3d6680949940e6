//! A server that is told what to say: the sockets of signaling and of a media node, and the recorder behind them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use protocol::api::RecordingFailure;
use protocol::frame;
use protocol::media::{Source, TrackRef};
use protocol::recorder::{RECORDER_VERSION, RecorderMessage};
use protocol::relay::{RELAY_VERSION, RelayFrame, RelayMessage, StreamId};
use protocol::{RecordingId, SessionCode, UtcMicros};
use recorder::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::script::{MONO, Said, Script, UTC, recording_id};

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
            settled: 0,
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
    /// How often it was waited for the recorder.
    settled: u32,
    data: PathBuf,
}

impl Link {
    /// Says all of it; [`Link::settle`] waits until it was heard.
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
    ///
    /// Another recording is begun whose picture comes behind all that the node said, and ended again: the keyframe that
    /// the recorder asks for tells that it has read so far, however long that took.
    pub(crate) async fn settle(&mut self) {
        self.settled += 1;
        let recording = RecordingId(Uuid::from_u128(0x5e77_0000 + u128::from(self.settled)));
        let (participant, stream) = (Uuid::from_u128(0x5e77).into(), 0x5e77_0000 + self.settled);
        self.start_of(recording, 0).await;
        self.tell(RecorderMessage::Plate {
            recording,
            participant,
            name: "Điểm thử".to_owned(),
            seat: None,
        })
        .await;
        self.relay(RelayMessage::StreamStarted {
            recording,
            stream,
            track: TrackRef {
                participant,
                source: Source::Camera,
            },
            codec: "vp8".to_owned(),
            clock_rate: 90_000,
            ssrc: stream,
            rid: None,
        })
        .await;
        loop {
            let node = self.node.as_mut().expect("it is there");
            match node.frame(RelayFrame::decode).await {
                Some(RelayFrame::Message(RelayMessage::KeyframeWanted { stream: of })) => {
                    if of == stream {
                        break;
                    }
                    self.keyframes_wanted.insert(of);
                }
                other => panic!("a recorder does not say {other:?}"),
            }
        }
        self.end(recording, None).await;
        self.hear_finalised().await;
    }

    /// Says `Start`; when the answer is here, everything that signaling said before has been handled.
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
            relay: path_text(&self.data.join("run").join(RELAY)),
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
        self.end(recording_id(), at_us).await;
    }

    async fn end(&mut self, recording: RecordingId, at_us: Option<u64>) {
        self.tell_stop_of(recording, at_us).await;
        if self.node.is_some() {
            self.relay(RelayMessage::RelayEnded { recording }).await;
        }
    }

    /// Signaling says that it is over.
    pub(crate) async fn tell_stop(&mut self, at_us: Option<u64>) {
        self.tell_stop_of(recording_id(), at_us).await;
    }

    async fn tell_stop_of(&mut self, recording: RecordingId, at_us: Option<u64>) {
        self.tell(RecorderMessage::Stop {
            recording,
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
    link.settle().await;
    stage.kill_recorder().await;
    stage
}

/// A recording is as long as it was on the virtual clock, to a tenth of a second.
#[track_caller]
pub(crate) fn assert_lasts(duration_us: u64, seconds: u64) {
    let off_us = duration_us.abs_diff(seconds * 1_000_000);
    assert!(off_us < 100_000, "{duration_us} µs, not {seconds} s");
}
