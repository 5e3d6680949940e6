//! The two connections of the recorder: to signaling, which says what is to be recorded and what happens in the room, and
//! to the relay of each media node that signaling names, from which the packets come.
//!
//! ```text
//!  signaling ── run/recorder.sock ── connection ──► Recorder ──► recordings ──► files
//!  media node ─── its relay ──────── connection ──► relay ──────────┘
//! ```
//!
//! Each comes back by itself when it breaks. A relay that breaks cuts off its streams, which go on in new epochs when it
//! is back. While signaling is away, what is relayed is recorded all the same.

mod connection;
mod recordings;
mod relay;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::{Duration, Instant};

use protocol::frame;
use protocol::recorder::{RECORDER_VERSION, RecorderMessage};
use protocol::relay::{RelayFrame, RelayMessage};
use tokio_util::sync::CancellationToken;

use self::connection::{Connection, Happened};
use self::recordings::Recordings;
use self::relay::Relay;
use crate::config::{CaptureConfig, Config};
use crate::recording::Start;

/// How often overdue packets are given up and waiting clusters are pushed.
const TICK: Duration = Duration::from_millis(200);

/// How long recordings that were told to stop may take to close at shutdown. A server that is stopped in the same moment
/// stays on its connection as long.
const GRACE: Duration = Duration::from_secs(3);

/// How long the last words to the server may take at shutdown.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a node sent is read before what signaling says, so that it is not overtaken; but signaling is heard at least so
/// often: sooner than a stream is given up that waits for what signaling says of it.
const SIGNALING_HEARD_WITHIN: Duration = Duration::from_millis(500);

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
    let mut hello = Vec::new();
    let protocol = RECORDER_VERSION;
    frame::encode_message(&RecorderMessage::Hello { protocol }, &mut hello);
    let mut signaling = Connection::new(data_dir.join("run").join("recorder.sock"), hello);
    let mut recorder = Recorder::new(config.capture.clone(), data_dir.join("recordings"));
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ears = Ears::default();
    let mut deadline = None;
    let goes_on = |deadline: Option<Instant>, recorder: &Recorder, signaling: &Connection| {
        let waits = |deadline| {
            Instant::now() < deadline && signaling.is_up() && !recorder.recordings.is_empty()
        };
        deadline.is_none_or(waits)
    };
    while goes_on(deadline, &recorder, &signaling) {
        tokio::select! {
            biased;
            () = shutdown.cancelled(), if deadline.is_none() => deadline = Some(Instant::now() + GRACE),
            _ = tick.tick() => recorder.tick(Instant::now()),
            (whom, happened) = ears.next(&mut signaling, &mut recorder.relays) => match whom {
                Whom::Signaling => recorder.hear_signaling(&mut signaling, happened),
                Whom::Relay(socket) => recorder.hear_relay(&socket, happened),
            },
        }
        recorder.finish();
        for message in recorder.recordings.outbox.drain(..) {
            signaling.say(|out| frame::encode_message(&message, out));
        }
    }
    if tokio::time::timeout(FAREWELL, signaling.flush())
        .await
        .is_err()
    {
        tracing::debug!("the server did not read the last words");
    }
    recorder.recordings.interrupt();
    Ok(())
}

/// Who says something.
enum Whom {
    Signaling,
    /// The relay on this socket.
    Relay(String),
}

/// Listens to all connections, to relays first.
#[derive(Default)]
struct Ears {
    /// Since when the relays have not been silent.
    busy_since: Option<Instant>,
}

impl Ears {
    async fn next(
        &mut self,
        signaling: &mut Connection,
        relays: &mut BTreeMap<String, Relay>,
    ) -> (Whom, Happened) {
        let is_due = |since: Instant| since.elapsed() >= SIGNALING_HEARD_WITHIN;
        let mut signaling_first = self.busy_since.is_some_and(is_due);
        poll_fn(|cx| {
            if std::mem::take(&mut signaling_first) {
                self.busy_since = None;
                if let Poll::Ready(happened) = signaling.poll(cx) {
                    return Poll::Ready((Whom::Signaling, happened));
                }
            }
            for (socket, relay) in &mut *relays {
                if let Poll::Ready(happened) = relay.connection.poll(cx) {
                    self.busy_since.get_or_insert_with(Instant::now);
                    return Poll::Ready((Whom::Relay(socket.clone()), happened));
                }
            }
            self.busy_since = None;
            signaling
                .poll(cx)
                .map(|happened| (Whom::Signaling, happened))
        })
        .await
    }
}

/// What is recorded, and from where it comes.
struct Recorder {
    recordings: Recordings,
    /// By their sockets.
    relays: BTreeMap<String, Relay>,
}

impl Recorder {
    fn new(config: CaptureConfig, folder: PathBuf) -> Self {
        Self {
            recordings: Recordings::new(config, folder),
            relays: BTreeMap::new(),
        }
    }

    fn hear_signaling(&mut self, connection: &mut Connection, happened: Happened) {
        let now = Instant::now();
        match happened {
            Happened::Connected => tracing::info!("connected to signaling"),
            Happened::Heard => {
                if let Err(cause) = self.listen_to_signaling(connection, now) {
                    tracing::error!(%cause, "signaling is not understood");
                    connection.hang_up();
                    self.recordings.lose_touch();
                }
            }
            Happened::Broke(cause) => {
                tracing::warn!(%cause, "signaling is gone");
                self.recordings.lose_touch();
            }
        }
    }

    fn listen_to_signaling(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, e);
        let mut at = 0;
        while let Some((message, length)) =
            frame::decode_message(&connection.heard[at..]).map_err(invalid)?
        {
            at += length;
            connection.greeted();
            self.obey(message, now);
        }
        connection.heard.drain(..at);
        Ok(())
    }

    fn hear_relay(&mut self, socket: &str, happened: Happened) {
        let now = Instant::now();
        let Some(relay) = self.relays.get_mut(socket) else {
            return;
        };
        match happened {
            Happened::Connected => tracing::info!(socket, "connected to the relay"),
            Happened::Heard => {
                if let Err(cause) = relay.listen(&mut self.recordings, now) {
                    tracing::error!(%cause, socket, "the relay is not understood");
                    relay.connection.hang_up();
                    relay.broke(&mut self.recordings, now);
                }
            }
            Happened::Broke(cause) => {
                tracing::warn!(%cause, socket, "the relay is gone");
                relay.broke(&mut self.recordings, now);
            }
        }
    }

    /// Does what signaling says.
    fn obey(&mut self, message: RecorderMessage, now: Instant) {
        match message {
            RecorderMessage::Start {
                recording,
                session,
                folder,
                at_us,
                at_mono_us,
                boot,
                relay,
            } => {
                if !self.relays.contains_key(&relay) {
                    self.relays.insert(relay.clone(), Relay::new(&relay));
                }
                let start = Start {
                    recording,
                    session,
                    folder: folder.into(),
                    at_us,
                    at_mono_us,
                    boot,
                };
                if self.recordings.start(&start, relay, now) {
                    for relay in self.relays.values_mut() {
                        relay.recording_opened(recording, &mut self.recordings, now);
                    }
                }
            }
            RecorderMessage::Plate {
                recording,
                participant,
                name,
                seat,
            } => {
                self.recordings
                    .introduce(recording, participant, (name, seat));
                for relay in self.relays.values_mut() {
                    relay.admit(recording, &mut self.recordings, now);
                }
            }
            RecorderMessage::RoomEvent {
                recording,
                at_mono_us,
                event,
            } => self.recordings.room_event(recording, at_mono_us, event),
            RecorderMessage::Stop {
                recording,
                at_mono_us,
            } => {
                self.recordings.stop(recording, at_mono_us, now);
                for relay in self.relays.values_mut() {
                    relay.admit(recording, &mut self.recordings, now);
                }
            }
            // What only the recorder says.
            RecorderMessage::Hello { .. }
            | RecorderMessage::Started { .. }
            | RecorderMessage::Finalised { .. }
            | RecorderMessage::Failed { .. } => {
                tracing::warn!(?message, "signaling said what only a recorder says");
            }
        }
    }

    fn tick(&mut self, now: Instant) {
        for relay in self.relays.values_mut() {
            relay.tick(&mut self.recordings, now);
        }
        self.recordings.tick(now);
        let recordings = &self.recordings;
        self.relays
            .retain(|socket, relay| relay.connection.is_up() || recordings.take_from(socket));
    }

    /// Closes what is complete, and asks the nodes for keyframes.
    fn finish(&mut self) {
        let relays = &self.relays;
        let is_up = |socket: &str| relays.get(socket).is_some_and(Relay::is_up);
        self.recordings.close(is_up, Instant::now());
        for (socket, stream) in self.recordings.take_keyframes_wanted() {
            if let Some(relay) = self.relays.get_mut(&socket) {
                let wanted = RelayFrame::Message(RelayMessage::KeyframeWanted { stream });
                relay.connection.say(|out| wanted.encode(out));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::gaps::Gap;
    use protocol::media::{Source, TrackRef};
    use protocol::relay::{RELAY_VERSION, RelayPacket};
    use protocol::{RecordingId, SessionCode, UtcMicros};
    use uuid::Uuid;

    /// Numbers that are near one another, and numbers that are not.
    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![4 => 0..5_000_000_u64, 1 => any::<u64>()]
    }

    fn payload() -> impl Strategy<Value = Vec<u8>> {
        let keyframe = vec![0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 7];
        prop_oneof![2 => Just(keyframe), 1 => proptest::collection::vec(any::<u8>(), 0..30)]
    }

    /// The socket of the node, on which nobody listens.
    const NODE: &str = "/nowhere/relay.sock";

    /// What is said, by the node or by signaling.
    #[derive(Debug, Clone)]
    enum Said {
        Relayed(RelayFrame),
        Told(RecorderMessage),
    }

    /// A message of the node.
    fn relayed(message: RelayMessage) -> Said {
        Said::Relayed(RelayFrame::Message(message))
    }

    /// The folder of `Start` is yet to be filled in.
    fn said() -> impl Strategy<Value = Said> {
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
                Said::Relayed(RelayFrame::Packet(RelayPacket {
                    stream,
                    sequence,
                    time,
                    received_us,
                    marker,
                    payload,
                }))
            });
        let started =
            (0..3_u32, any::<u32>(), any::<bool>()).prop_map(move |(stream, clock_rate, video)| {
                let source = if video {
                    Source::Camera
                } else {
                    Source::Microphone
                };
                let codec = if video { "VP8" } else { "opus" };
                relayed(RelayMessage::StreamStarted {
                    recording,
                    stream,
                    track: TrackRef {
                        participant: Uuid::from_u128(2).into(),
                        source,
                    },
                    codec: codec.to_owned(),
                    clock_rate,
                    ssrc: 1,
                    rid: None,
                })
            });
        let start = (any::<i64>(), number()).prop_map(move |(at_us, at_mono_us)| {
            Said::Told(RecorderMessage::Start {
                recording,
                session: SessionCode("GB-1107".to_owned()),
                folder: String::new(),
                at_us: UtcMicros(at_us),
                at_mono_us,
                boot: None,
                relay: NODE.to_owned(),
            })
        });
        let plate = Just(Said::Told(RecorderMessage::Plate {
            recording,
            participant: Uuid::from_u128(2).into(),
            name: "Điểm cầu".to_owned(),
            seat: None,
        }));
        let report =
            (0..3_u32, number(), number(), number()).prop_map(|(stream, ntp, rtp, received_us)| {
                relayed(RelayMessage::SenderReport {
                    stream,
                    ntp,
                    rtp,
                    received_us,
                })
            });
        let gap = (0..3_u32, number(), number(), number()).prop_map(
            |(stream, dropped, from_us, to_us)| {
                relayed(RelayMessage::Gap {
                    stream,
                    gap: Gap {
                        dropped,
                        from_us,
                        to_us,
                    },
                })
            },
        );
        let ended = (0..3_u32).prop_map(|stream| relayed(RelayMessage::StreamEnded { stream }));
        let over = any::<bool>().prop_map(move |over| {
            relayed(if over {
                RelayMessage::RelayEnded { recording }
            } else {
                RelayMessage::RelayStarted { recording }
            })
        });
        let stop = Just(Said::Told(RecorderMessage::Stop {
            recording,
            at_mono_us: None,
        }));
        prop_oneof![
            12 => packet, 3 => started, 2 => start, 2 => plate, 2 => report, 1 => gap, 1 => ended, 1 => over, 1 => stop
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Whatever a server says, in whatever order, the recorder answers and what is on disk vouches for itself.
        #[test]
        fn any_conversation_leaves_a_whole_recording(said in proptest::collection::vec(said(), 1..60)) {
            let data = tempfile::tempdir().expect("a folder");
            let recordings = data.path().join("recordings");
            let place = recordings.join(Uuid::from_u128(1).to_string());
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let _entered = runtime.enter();
            let mut recorder = Recorder::new(CaptureConfig::default(), recordings);
            let mut node = Relay::new(NODE);
            let protocol = RELAY_VERSION;
            let hello = RelayFrame::Message(RelayMessage::Hello { protocol });
            let began = Instant::now();
            node.handle(hello, &mut recorder.recordings, began).expect("our version");
            recorder.relays.insert(NODE.to_owned(), node);
            for (n, said) in (0..).zip(said) {
                let now = began + Duration::from_millis(n * 100);
                match said {
                    Said::Told(mut message) => {
                        if let RecorderMessage::Start { folder, .. } = &mut message {
                            *folder = place.to_string_lossy().into_owned();
                        }
                        recorder.obey(message, now);
                    }
                    Said::Relayed(frame) => {
                        let node = recorder.relays.get_mut(NODE).expect("it stays");
                        node.handle(frame, &mut recorder.recordings, now).expect("a node may say it");
                    }
                }
                for relay in recorder.relays.values_mut() {
                    relay.tick(&mut recorder.recordings, now);
                }
                recorder.recordings.tick(now);
                recorder.finish();
            }
            recorder.recordings.interrupt();
            if place.join(crate::MANIFEST_FILE).exists() {
                prop_assert_eq!(crate::verify(&place).expect("verifiable"), vec![]);
            }
        }
    }
}
