//! The link to the recorder: a child process that connects to `run/relay.sock` in the data folder.
//!
//! ```text
//!  rooms ── Start, Stop, events ──┐                     ┌─► Started, Failed, Lost, Back ─► rooms
//!                                 ▼                     │
//!  SFU ──── packets, reports ──► link ─ bounded queue ─► socket ─► recorder
//!                                 ▲                     │
//!  store ◄── finalised, failed ───┘◄────────────────────┘
//! ```
//!
//! Nobody waits for the recorder. When it stalls, media are dropped and the hole is told with `Gap`; what was said
//! besides waits its turn. When it dies it is started again and told what should run.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use protocol::relay::{RelayEvent, RelayFrame, RelayMessage, RelayPacket, StreamId};
use protocol::sfu::SfuCommand;
use protocol::{RecordingId, SessionCode, SessionId};
use signaling_core::RecorderReport;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::live::board::Board;
use crate::live::journal::writer::{JournalWriter, Write};
use crate::live::recorder_child::{Signs, supervise};
use crate::live::sfu_link::SfuHandle;
use crate::platform::descriptors;
use crate::platform::lock::lock;
use crate::{Clock, Config};

/// Frames on their way to the recorder: about two seconds of a meeting of 22 points. Beyond this, media are dropped.
const QUEUE: usize = 8_192;

/// The pauses before a recorder that could not write a recording is asked for it again: the first, doubled each time,
/// and the longest. A disk is full until somebody makes room, and then the meeting may still be going on.
const ASK_AGAIN_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// After a recorder could not connect, the next try is looked at no sooner than this: at the limit of descriptors it
/// fails at once, again and again.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// That it cannot connect is told at most so often.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// What the link is made from.
pub(crate) struct Setup {
    pub(crate) config: Arc<Config>,
    pub(crate) data_dir: Arc<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) journal: JournalWriter,
    pub(crate) sfu: SfuHandle,
    pub(crate) relay: mpsc::Receiver<RelayFrame>,
}

/// What rooms tell the recorder.
#[derive(Debug)]
pub(crate) enum ToRecorder {
    /// Record this room under this id, or go on.
    Start {
        recording: RecordingId,
        session: SessionId,
        code: SessionCode,
        /// Where names and seats are.
        board: Arc<Mutex<Board>>,
    },
    /// Close it.
    Stop { recording: RecordingId },
    /// Close what an earlier run of the server left open.
    Finish {
        recording: RecordingId,
        session: SessionId,
        code: SessionCode,
    },
    /// Something happened.
    Event {
        recording: RecordingId,
        at_mono_us: u64,
        event: RelayEvent,
    },
}

/// Tells the recorder. Never waits. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct RecorderHandle {
    // The link's task never waits for the socket, so that this queue stays short without a bound.
    orders: mpsc::UnboundedSender<ToRecorder>,
}

impl RecorderHandle {
    pub(crate) fn tell(&self, order: ToRecorder) {
        // The link ends last; after it, nothing is recorded any more.
        let _ = self.orders.send(order);
    }
}

/// A report and the session it concerns; every session when there is none.
pub(crate) type Report = (Option<SessionId>, RecorderReport);

/// Listens for the recorder, and starts it as soon as something should be recorded.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) fn start(
    setup: Setup,
    tasks: &TaskTracker,
    shutdown: CancellationToken,
) -> anyhow::Result<(RecorderHandle, mpsc::Receiver<Report>)> {
    let data_dir = std::path::absolute(&*setup.data_dir)?;
    let listener = listen(&data_dir)?;
    let (orders, orders_in) = mpsc::unbounded_channel();
    let (reports, reports_out) = mpsc::channel(1_024);
    let (said, heard) = mpsc::channel(1_024);
    let signs = Arc::new(Signs::default());
    tasks.spawn(supervise(
        Arc::clone(&setup.config),
        data_dir.clone(),
        Arc::clone(&signs),
        shutdown.clone(),
    ));
    let link = Link {
        data_dir,
        clock: setup.clock,
        journal: setup.journal,
        sfu: setup.sfu,
        reports,
        signs,
        wanted: BTreeMap::new(),
        streams: HashMap::new(),
        line: None,
        said,
        connections: 0,
    };
    tasks.spawn(link.run(listener, orders_in, setup.relay, heard, shutdown));
    Ok((RecorderHandle { orders }, reports_out))
}

fn listen(data_dir: &Path) -> anyhow::Result<UnixListener> {
    use std::os::unix::fs::DirBuilderExt as _;

    let folder = data_dir.join("run");
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let socket = folder.join("relay.sock");
    // One that a killed server left behind; the data folder's lock says that no other server runs here.
    match std::fs::remove_file(&socket) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => UnixListener::bind(&socket),
    }
    .with_context(|| format!("cannot listen on {}", socket.display()))
}

/// A recording that should run, or be closed.
struct Wanted {
    session: SessionId,
    code: SessionCode,
    board: Option<Arc<Mutex<Board>>>,
    closing: bool,
    /// When it was told to stop, on the monotonic clock; unknown when an earlier run of the server was told.
    stopped_mono_us: Option<u64>,
    /// When to ask for it again that could not be written, and how long the pause before that was.
    again: Option<Instant>,
    pause: Duration,
}

impl Wanted {
    const fn new(session: SessionId, code: SessionCode) -> Self {
        Self {
            session,
            code,
            board: None,
            closing: false,
            stopped_mono_us: None,
            again: None,
            pause: Duration::ZERO,
        }
    }
}

/// A stream of packets.
struct Stream {
    recording: RecordingId,
    /// As told to the recorder, for one that comes later.
    started: RelayMessage,
    /// Dropped since the last packet that went through: how many, from when to when.
    hole: Option<(u64, u64, u64)>,
}

/// The way to a recorder that has said hello.
struct Line {
    number: u64,
    queue: mpsc::Sender<RelayFrame>,
    /// What was said and waits for room in the queue. While something waits, media are dropped.
    waiting: VecDeque<RelayFrame>,
}

impl Line {
    fn say(&mut self, message: RelayMessage) {
        let frame = RelayFrame::Message(message);
        if self.waiting.is_empty() {
            match self.queue.try_send(frame) {
                Ok(()) => {}
                Err(
                    mpsc::error::TrySendError::Full(frame)
                    | mpsc::error::TrySendError::Closed(frame),
                ) => {
                    self.waiting.push_back(frame);
                }
            }
        } else {
            self.waiting.push_back(frame);
        }
    }

    /// False when there was no room for it.
    fn offer(&mut self, frame: RelayFrame) -> bool {
        self.waiting.is_empty() && self.queue.try_send(frame).is_ok()
    }
}

/// What happens on a connection of the recorder.
enum Heard {
    Message(Box<RelayMessage>),
    /// It connected and said hello.
    Hello(mpsc::Sender<RelayFrame>),
    Closed,
}

struct Link {
    data_dir: PathBuf,
    clock: Clock,
    journal: JournalWriter,
    sfu: SfuHandle,
    reports: mpsc::Sender<Report>,
    signs: Arc<Signs>,
    wanted: BTreeMap<RecordingId, Wanted>,
    streams: HashMap<StreamId, Stream>,
    line: Option<Line>,
    said: mpsc::Sender<(u64, Heard)>,
    connections: u64,
}

impl Link {
    async fn run(
        mut self,
        listener: UnixListener,
        mut orders: mpsc::UnboundedReceiver<ToRecorder>,
        mut relay: mpsc::Receiver<RelayFrame>,
        mut heard: mpsc::Receiver<(u64, Heard)>,
        shutdown: CancellationToken,
    ) {
        let mut relay_open = true;
        let mut trouble = Trouble::default();
        loop {
            let queue = self
                .line
                .as_ref()
                .filter(|line| !line.waiting.is_empty())
                .map(|line| line.queue.clone());
            let again = self.wanted.values().filter_map(|w| w.again).min();
            tokio::select! {
                accepted = listener.accept(), if trouble.again.is_none() => match accepted {
                    Ok((stream, _)) => self.accept(stream),
                    Err(cause) => {
                        if let Some(said) = trouble.note(Instant::now(), &cause) {
                            tracing::error!("{said}");
                        }
                    }
                },
                () = until(trouble.again) => trouble.again = None,
                Some((number, heard)) = heard.recv() => self.hear(number, heard).await,
                Some(order) = orders.recv() => self.obey(order),
                frame = relay.recv(), if relay_open => match frame {
                    Some(frame) => self.relay(frame),
                    None => relay_open = false,
                },
                permit = reserve(queue), if self.line.as_ref().is_some_and(|l| !l.waiting.is_empty()) => {
                    match (permit, self.line.as_mut()) {
                        (Some(permit), Some(line)) => {
                            if let Some(frame) = line.waiting.pop_front() {
                                permit.send(frame);
                            }
                        }
                        // Closed: what is heard next is that the connection is gone.
                        (_, Some(line)) => line.waiting.clear(),
                        (_, None) => {}
                    }
                },
                () = until(again) => self.ask_again(),
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Asks for what could not be written and is due to be tried again.
    fn ask_again(&mut self) {
        let now = Instant::now();
        let is_due = |wanted: &Wanted| wanted.again.is_some_and(|again| again <= now);
        let due: Vec<_> = self
            .wanted
            .iter_mut()
            .filter(|(_, wanted)| is_due(wanted))
            .map(|(id, wanted)| {
                wanted.again = None;
                *id
            })
            .collect();
        for id in due {
            self.start_on_line(id);
        }
    }

    fn accept(&mut self, stream: UnixStream) {
        self.connections += 1;
        let number = self.connections;
        let (read, write) = stream.into_split();
        let (queue, frames) = mpsc::channel(QUEUE);
        let said = self.said.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = listen_to(number, read, queue, &said) => {}
                () = speak(write, frames) => {}
            }
            // The link may have ended.
            let _ = said.send((number, Heard::Closed)).await;
        });
    }

    async fn hear(&mut self, number: u64, heard: Heard) {
        let current = self.line.as_ref().is_some_and(|line| line.number == number);
        match heard {
            Heard::Hello(queue) => self.welcome(number, queue).await,
            Heard::Closed if current => {
                self.line = None;
                for stream in self.streams.values_mut() {
                    stream.hole = None;
                }
                if !self.wanted.is_empty() {
                    tracing::warn!("the recorder is gone");
                }
                self.report(None, RecorderReport::Lost).await;
            }
            Heard::Message(message) if current => self.listen_to_recorder(*message).await,
            // From a recorder that another has followed.
            Heard::Closed | Heard::Message(_) => {}
        }
    }

    /// Tells a recorder everything that should run.
    async fn welcome(&mut self, number: u64, queue: mpsc::Sender<RelayFrame>) {
        tracing::info!("the recorder is here");
        self.line = Some(Line {
            number,
            queue,
            waiting: VecDeque::new(),
        });
        let ids: Vec<RecordingId> = self.wanted.keys().copied().collect();
        for id in ids {
            self.start_on_line(id);
        }
        self.report(None, RecorderReport::Back).await;
    }

    fn start_on_line(&mut self, id: RecordingId) {
        let (Some(line), Some(wanted)) = (self.line.as_mut(), self.wanted.get_mut(&id)) else {
            return;
        };
        wanted.again = None;
        let folder = self.data_dir.join("recordings").join(id.to_string());
        line.say(RelayMessage::Start {
            recording: id,
            session: wanted.code.clone(),
            folder: folder.to_string_lossy().into_owned(),
            at_us: self.clock.now(),
            at_mono_us: protocol::clock::mono_us(),
            boot: protocol::clock::boot_id(),
        });
        if wanted.closing {
            line.say(RelayMessage::Stop {
                recording: id,
                at_mono_us: wanted.stopped_mono_us,
            });
            return;
        }
        for stream in self.streams.values().filter(|s| s.recording == id) {
            line.say(stream.started.clone());
        }
    }

    fn obey(&mut self, order: ToRecorder) {
        match order {
            ToRecorder::Start {
                recording,
                session,
                code,
                board,
            } => {
                self.wanted.insert(
                    recording,
                    Wanted {
                        board: Some(board),
                        ..Wanted::new(session, code)
                    },
                );
                self.signs.needed.notify_one();
                self.start_on_line(recording);
            }
            ToRecorder::Finish {
                recording,
                session,
                code,
            } => {
                self.wanted.insert(
                    recording,
                    Wanted {
                        closing: true,
                        ..Wanted::new(session, code)
                    },
                );
                self.signs.needed.notify_one();
                self.start_on_line(recording);
            }
            ToRecorder::Stop { recording } => {
                let at_mono_us = Some(protocol::clock::mono_us());
                if let Some(wanted) = self.wanted.get_mut(&recording) {
                    wanted.closing = true;
                    wanted.board = None;
                    wanted.stopped_mono_us = at_mono_us;
                }
                self.streams.retain(|_, s| s.recording != recording);
                self.say(RelayMessage::Stop {
                    recording,
                    at_mono_us,
                });
            }
            ToRecorder::Event {
                recording,
                at_mono_us,
                event,
            } => self.say(RelayMessage::RoomEvent {
                recording,
                at_mono_us,
                event,
            }),
        }
    }

    fn say(&mut self, message: RelayMessage) {
        if let Some(line) = self.line.as_mut() {
            line.say(message);
        }
    }

    /// Takes a frame of the SFU.
    fn relay(&mut self, frame: RelayFrame) {
        match frame {
            RelayFrame::Packet(packet) => self.relay_packet(packet),
            RelayFrame::Message(message) => self.relay_message(message),
        }
    }

    fn relay_packet(&mut self, packet: RelayPacket) {
        let (Some(stream), Some(line)) = (self.streams.get_mut(&packet.stream), self.line.as_mut())
        else {
            return;
        };
        let (id, received_us) = (packet.stream, packet.received_us);
        if let Some((dropped, from_us, to_us)) = stream.hole {
            let gap = RelayFrame::Message(RelayMessage::Gap {
                stream: id,
                dropped,
                from_us,
                to_us,
            });
            if line.offer(gap) {
                stream.hole = None;
            }
        }
        if stream.hole.is_some() || !line.offer(RelayFrame::Packet(packet)) {
            let (dropped, from_us, _) = stream.hole.unwrap_or((0, received_us, received_us));
            stream.hole = Some((dropped + 1, from_us, received_us));
        }
    }

    fn relay_message(&mut self, message: RelayMessage) {
        match message {
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
                let Some(wanted) = self.wanted.get(&recording).filter(|w| !w.closing) else {
                    return;
                };
                let (name, seat) = wanted
                    .board
                    .as_ref()
                    .and_then(|board| lock(board).plates.get(&track.participant).cloned())
                    .unwrap_or((name, seat));
                let started = RelayMessage::StreamStarted {
                    recording,
                    stream,
                    track,
                    name,
                    seat,
                    codec,
                    clock_rate,
                    ssrc,
                    rid,
                };
                self.streams.insert(
                    stream,
                    Stream {
                        recording,
                        started: started.clone(),
                        hole: None,
                    },
                );
                self.say(started);
            }
            RelayMessage::StreamEnded { stream } if self.streams.remove(&stream).is_some() => {
                self.say(RelayMessage::StreamEnded { stream });
            }
            RelayMessage::SenderReport { stream, .. } | RelayMessage::Gap { stream, .. } => {
                if self.streams.contains_key(&stream)
                    && let Some(line) = self.line.as_mut()
                {
                    // Another report comes within seconds; a hole is told by the packets that were not taken.
                    line.offer(RelayFrame::Message(message));
                }
            }
            // The SFU says nothing else.
            _ => {}
        }
    }

    async fn listen_to_recorder(&mut self, message: RelayMessage) {
        match message {
            RelayMessage::Started { recording } => {
                self.signs.records.store(true, Ordering::Relaxed);
                let open = |wanted: &&mut Wanted| !wanted.closing;
                let Some(wanted) = self.wanted.get_mut(&recording).filter(open) else {
                    return;
                };
                wanted.pause = Duration::ZERO;
                let session = wanted.session;
                let at = self.clock.now();
                self.journal
                    .write(Write::RecordingStarted { id: recording, at });
                self.report(Some(session), RecorderReport::Started(recording))
                    .await;
            }
            RelayMessage::Finalised {
                recording,
                duration_us,
                bytes,
            } => {
                self.wanted.remove(&recording);
                let at = self.clock.now();
                // A session that ended while the server was down never said that its recording stops.
                self.journal
                    .write(Write::RecordingStopping { id: recording, at });
                self.journal.write(Write::RecordingFinalised {
                    id: recording,
                    duration_us,
                    bytes,
                    at,
                });
            }
            RelayMessage::Failed {
                recording,
                failure,
                reason,
            } => {
                tracing::error!(%recording, ?failure, reason, "the recorder cannot record");
                self.journal.write(Write::RecordingTroubled {
                    id: recording,
                    reason: failure.code().to_owned(),
                });
                if let Some(wanted) = self.wanted.get_mut(&recording) {
                    let (first, longest) = ASK_AGAIN_AFTER;
                    wanted.pause = (wanted.pause * 2).clamp(first, longest);
                    wanted.again = Some(Instant::now() + wanted.pause);
                    let session = wanted.session;
                    self.report(Some(session), RecorderReport::Failed(recording))
                        .await;
                }
            }
            RelayMessage::KeyframeWanted { stream } => {
                let wanted = self
                    .streams
                    .get(&stream)
                    .and_then(|s| Some((s, self.wanted.get(&s.recording)?.session)));
                if let Some((stream, room)) = wanted
                    && let RelayMessage::StreamStarted { track, .. } = stream.started
                {
                    self.sfu
                        .tell(SfuCommand::RequestKeyframe { room, track })
                        .await;
                }
            }
            // The recorder says nothing else after its hello.
            _ => {}
        }
    }

    async fn report(&self, session: Option<SessionId>, report: RecorderReport) {
        // The rooms end first.
        let _ = self.reports.send((session, report)).await;
    }
}

/// Why a recorder cannot connect.
#[derive(Default)]
struct Trouble {
    told: Option<Instant>,
    /// When connections are accepted again.
    again: Option<Instant>,
}

impl Trouble {
    /// Takes a failure; what to say of it, if it is time to.
    fn note(&mut self, now: Instant, cause: &std::io::Error) -> Option<String> {
        self.again = Some(now + ACCEPT_AGAIN);
        if self.told.is_some_and(|told| now < told + TOLD_EVERY) {
            return None;
        }
        self.told = Some(now);
        let cause =
            descriptors::limit_reached(cause).map_or_else(|| cause.to_string(), str::to_owned);
        Some(format!("the recorder cannot connect: {cause}"))
    }
}

/// Waits until a moment; for ever when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Room for one frame; none when the queue is closed. Never done without a queue.
async fn reserve(queue: Option<mpsc::Sender<RelayFrame>>) -> Option<mpsc::OwnedPermit<RelayFrame>> {
    match queue {
        Some(queue) => queue.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

/// Reads what the recorder says, from its hello on, until it hangs up or speaks nonsense.
async fn listen_to(
    number: u64,
    mut read: OwnedReadHalf,
    queue: mpsc::Sender<RelayFrame>,
    said: &mpsc::Sender<(u64, Heard)>,
) {
    let mut bytes = Vec::with_capacity(4_096);
    let mut hello = Some(queue);
    loop {
        loop {
            let (frame, used) = match RelayFrame::decode(&bytes) {
                Ok(Some(decoded)) => decoded,
                Ok(None) => break,
                Err(cause) => {
                    tracing::error!(%cause, "the recorder speaks another language");
                    return;
                }
            };
            bytes.drain(..used);
            let RelayFrame::Message(message) = frame else {
                continue;
            };
            let heard = match (message, hello.take()) {
                (RelayMessage::Hello { protocol }, Some(queue))
                    if protocol == protocol::PROTOCOL_VERSION =>
                {
                    Heard::Hello(queue)
                }
                (message, None) => Heard::Message(Box::new(message)),
                (message, Some(_)) => {
                    tracing::error!(?message, "the recorder does not begin with our hello");
                    return;
                }
            };
            if said.send((number, heard)).await.is_err() {
                return;
            }
        }
        match read.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Writes what is in the queue, as much at once as there is.
async fn speak(mut write: OwnedWriteHalf, mut frames: mpsc::Receiver<RelayFrame>) {
    let (mut batch, mut bytes) = (Vec::new(), Vec::new());
    while frames.recv_many(&mut batch, 256).await > 0 {
        bytes.clear();
        for frame in batch.drain(..) {
            frame.encode(&mut bytes);
        }
        if write.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_named_as_the_cause_and_not_with_every_try() {
        let mut trouble = Trouble::default();
        let began = Instant::now();
        let said: Vec<String> = (0..60)
            .filter_map(|tries| {
                let cause = std::io::Error::from_raw_os_error(descriptors::EMFILE);
                let said = trouble.note(began + ACCEPT_AGAIN * tries, &cause);
                assert!(trouble.again > Some(began + ACCEPT_AGAIN * tries));
                said
            })
            .collect();
        assert_eq!(said.len(), 2, "in a minute: {said:?}");
        assert!(said[0].contains("LimitNOFILE"), "{said:?}");
    }
}
