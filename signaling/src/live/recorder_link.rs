//! The link to the recorder: a child process that connects to `run/recorder.sock` in the data folder.
//!
//! ```text
//!  rooms ── Start, Plate, events, Stop ──► link ─► socket ─► recorder ◄── packets ── the media node's relay
//!    ▲                                      │ ▲               │
//!    └── Started, Failed, Lost, Back ───────┤ └───────────────┘
//!  store ◄── finalised, failed ─────────────┘
//! ```
//!
//! No media pass here: `Start` names the relay from which the recorder takes them. Nobody waits for the recorder; what it
//! does not read waits its turn. When it dies it is started again and told what should run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::frame;
use protocol::recorder::{RECORDER_VERSION, RecordedEvent, RecorderMessage};
use protocol::{ParticipantId, RecordingId, SessionCode, SessionId};
use signaling_core::RecorderReport;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::live::journal::writer::{JournalWriter, Write};
use crate::live::recorder_child::{Signs, supervise};
use crate::platform::{descriptors, socket};
use crate::{Clock, Config};

/// The pauses before a recorder that could not write a recording is asked for it again: the first, doubled each time,
/// and the longest. A disk is full until somebody makes room, and then the meeting may still be going on.
const ASK_AGAIN_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// After a recorder could not connect, the next try is looked at no sooner than this: at the limit of descriptors it
/// fails at once, again and again.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// That it cannot connect is told at most so often.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// What a recorder may leave unread, hours of a lively meeting; then it is given up, and one that comes back is told
/// everything again.
const UNREAD: usize = 65_536;

/// How long a connection may take to say hello.
const GREETED_WITHIN: Duration = Duration::from_secs(5);

/// How long recordings that were told to stop may take to close at shutdown.
const GRACE: Duration = Duration::from_secs(3);

/// What the link is made from.
pub(crate) struct Setup {
    pub(crate) config: Arc<Config>,
    pub(crate) data_dir: Arc<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) journal: JournalWriter,
    /// Where the recorder finds the media node's relay.
    pub(crate) relay: PathBuf,
}

/// What rooms tell the recorder.
#[derive(Debug)]
pub(crate) enum ToRecorder {
    /// Record this room under this id, or go on.
    Start {
        recording: RecordingId,
        session: SessionId,
        code: SessionCode,
    },
    /// What stands on somebody's plate, before anything of theirs is published.
    Plate {
        recording: RecordingId,
        participant: ParticipantId,
        name: String,
        seat: Option<u32>,
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
        event: RecordedEvent,
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
    let listener = socket::listen(&data_dir.join("run").join("recorder.sock"))?;
    listener.set_nonblocking(true)?;
    let listener = UnixListener::from_std(listener)?;
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
        relay: setup.relay,
        reports,
        signs,
        wanted: BTreeMap::new(),
        connection: None,
        said,
        connections: 0,
    };
    tasks.spawn(link.run(listener, orders_in, heard, shutdown));
    Ok((RecorderHandle { orders }, reports_out))
}

/// A recording that should run, or be closed.
struct Wanted {
    session: SessionId,
    code: SessionCode,
    /// Names and seats, for a recorder that comes later.
    plates: BTreeMap<ParticipantId, (String, Option<u32>)>,
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
            plates: BTreeMap::new(),
            closing: false,
            stopped_mono_us: None,
            again: None,
            pause: Duration::ZERO,
        }
    }
}

/// The way to a recorder that has said hello.
struct Connection {
    number: u64,
    way: Way,
}

/// What is said goes this way.
struct Way {
    queue: mpsc::Sender<RecorderMessage>,
    /// Ends the connection.
    cut: CancellationToken,
}

/// What happens on a connection of the recorder.
enum Heard {
    Message(Box<RecorderMessage>),
    /// It connected and said hello.
    Hello(Way),
    Closed,
}

struct Link {
    data_dir: PathBuf,
    clock: Clock,
    journal: JournalWriter,
    relay: PathBuf,
    reports: mpsc::Sender<Report>,
    signs: Arc<Signs>,
    wanted: BTreeMap<RecordingId, Wanted>,
    connection: Option<Connection>,
    said: mpsc::Sender<(u64, Heard)>,
    connections: u64,
}

impl Link {
    async fn run(
        mut self,
        listener: UnixListener,
        mut orders: mpsc::UnboundedReceiver<ToRecorder>,
        mut heard: mpsc::Receiver<(u64, Heard)>,
        shutdown: CancellationToken,
    ) {
        let mut trouble = Trouble::default();
        let mut ends = None;
        while ends.is_none() || self.waits_for_the_last() {
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
                () = until(again) => self.ask_again(),
                () = shutdown.cancelled(), if ends.is_none() => {
                    ends = Some(Instant::now() + GRACE);
                    while let Ok(order) = orders.try_recv() {
                        self.obey(order);
                    }
                }
                () = until(ends) => return,
            }
        }
    }

    /// Whether there is a recorder that closes what it was told to.
    fn waits_for_the_last(&self) -> bool {
        self.connection.is_some() && self.wanted.values().any(|wanted| wanted.closing)
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
            self.start_on_connection(id);
        }
    }

    fn accept(&mut self, stream: UnixStream) {
        self.connections += 1;
        let number = self.connections;
        let (read, write) = stream.into_split();
        let (queue, messages) = mpsc::channel(UNREAD);
        let cut = CancellationToken::new();
        let said = self.said.clone();
        tokio::spawn(async move {
            let way = Way {
                queue,
                cut: cut.clone(),
            };
            tokio::select! {
                () = listen_to(number, read, way, &said) => {}
                () = speak(write, messages) => {}
                () = cut.cancelled() => {}
            }
            // The link may have ended.
            let _ = said.send((number, Heard::Closed)).await;
        });
    }

    async fn hear(&mut self, number: u64, heard: Heard) {
        let current = self
            .connection
            .as_ref()
            .is_some_and(|connection| connection.number == number);
        match heard {
            Heard::Hello(way) => self.welcome(number, way).await,
            Heard::Closed if current => {
                self.connection = None;
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
    async fn welcome(&mut self, number: u64, way: Way) {
        tracing::info!("the recorder is here");
        self.connection = Some(Connection { number, way });
        let ids: Vec<RecordingId> = self.wanted.keys().copied().collect();
        for id in ids {
            self.start_on_connection(id);
        }
        self.report(None, RecorderReport::Back).await;
    }

    fn start_on_connection(&mut self, id: RecordingId) {
        let Some(wanted) = self
            .wanted
            .get_mut(&id)
            .filter(|_| self.connection.is_some())
        else {
            return;
        };
        wanted.again = None;
        if wanted.closing {
            // No start before it: that would make the recording go on until now.
            let at_mono_us = wanted.stopped_mono_us;
            self.say(RecorderMessage::Stop {
                recording: id,
                at_mono_us,
            });
            return;
        }
        let folder = self.data_dir.join("recordings").join(id.to_string());
        let start = RecorderMessage::Start {
            recording: id,
            session: wanted.code.clone(),
            folder: folder.to_string_lossy().into_owned(),
            at_us: self.clock.now(),
            at_mono_us: protocol::clock::mono_us(),
            boot: protocol::clock::boot_id(),
            relay: self.relay.to_string_lossy().into_owned(),
        };
        let plate = |(participant, (name, seat)): (&ParticipantId, &(String, Option<u32>))| {
            RecorderMessage::Plate {
                recording: id,
                participant: *participant,
                name: name.clone(),
                seat: *seat,
            }
        };
        let plates: Vec<RecorderMessage> = wanted.plates.iter().map(plate).collect();
        self.say(start);
        for plate in plates {
            self.say(plate);
        }
    }

    fn obey(&mut self, order: ToRecorder) {
        match order {
            ToRecorder::Start {
                recording,
                session,
                code,
            } => {
                self.wanted.insert(recording, Wanted::new(session, code));
                self.signs.needed.notify_one();
                self.start_on_connection(recording);
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
                self.start_on_connection(recording);
            }
            ToRecorder::Plate {
                recording,
                participant,
                name,
                seat,
            } => {
                if let Some(wanted) = self.wanted.get_mut(&recording) {
                    wanted.plates.insert(participant, (name.clone(), seat));
                }
                self.say(RecorderMessage::Plate {
                    recording,
                    participant,
                    name,
                    seat,
                });
            }
            ToRecorder::Stop { recording } => {
                let at_mono_us = Some(protocol::clock::mono_us());
                if let Some(wanted) = self.wanted.get_mut(&recording) {
                    wanted.closing = true;
                    wanted.plates.clear();
                    wanted.stopped_mono_us = at_mono_us;
                }
                self.say(RecorderMessage::Stop {
                    recording,
                    at_mono_us,
                });
            }
            ToRecorder::Event {
                recording,
                at_mono_us,
                event,
            } => self.say(RecorderMessage::RoomEvent {
                recording,
                at_mono_us,
                event,
            }),
        }
    }

    fn say(&self, message: RecorderMessage) {
        let Some(Connection { way, .. }) = &self.connection else {
            return;
        };
        // Closed: what is heard next is that the connection is gone.
        if matches!(way.queue.try_send(message), Err(TrySendError::Full(_)))
            && !way.cut.is_cancelled()
        {
            tracing::error!("the recorder does not read what it is told, and is given up");
            way.cut.cancel();
        }
    }

    async fn listen_to_recorder(&mut self, message: RecorderMessage) {
        match message {
            RecorderMessage::Started { recording } => {
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
            RecorderMessage::Finalised {
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
            RecorderMessage::Failed {
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

/// Reads what the recorder says, from its hello on, until it hangs up or speaks nonsense.
async fn listen_to(
    number: u64,
    mut read: OwnedReadHalf,
    way: Way,
    said: &mpsc::Sender<(u64, Heard)>,
) {
    let mut bytes = Vec::with_capacity(4_096);
    let mut hello = Some(way);
    let greeted_by = Instant::now() + GREETED_WITHIN;
    loop {
        loop {
            let (message, used) = match frame::decode_message::<RecorderMessage>(&bytes) {
                Ok(Some(decoded)) => decoded,
                Ok(None) => break,
                Err(cause) => {
                    tracing::error!(%cause, "the recorder speaks another language");
                    return;
                }
            };
            bytes.drain(..used);
            let heard = match (message, hello.take()) {
                (RecorderMessage::Hello { protocol }, Some(way))
                    if protocol == RECORDER_VERSION =>
                {
                    Heard::Hello(way)
                }
                (RecorderMessage::Hello { protocol }, Some(_)) => {
                    tracing::error!(
                        "a recorder of another version is refused: it speaks {protocol}, and this server {RECORDER_VERSION}"
                    );
                    return;
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
        let read = async {
            let count = read.read_buf(&mut bytes).await;
            count.is_ok_and(|count| count > 0)
        };
        let more = match hello {
            Some(_) => tokio::time::timeout_at(greeted_by, read).await,
            None => Ok(read.await),
        };
        match more {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => {
                tracing::warn!("a connection of the recorder said no hello");
                return;
            }
        }
    }
}

/// Writes what is in the queue, as much at once as there is.
async fn speak(mut write: OwnedWriteHalf, mut messages: mpsc::Receiver<RecorderMessage>) {
    let (mut batch, mut bytes) = (Vec::new(), Vec::new());
    while messages.recv_many(&mut batch, 256).await > 0 {
        bytes.clear();
        for message in batch.drain(..) {
            frame::encode_message(&message, &mut bytes);
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
