//! The recorder's end of the queue: a Unix socket on which one recorder is served at a time, the latest.
//!
//! ```text
//!           accepted             Hello of our version
//! listening ────────► greeting ───────────────────────► served ── another says Hello, it hangs up, speaks nonsense ─► closed
//!                        └── anything else, or nothing for 5 s ─► closed
//! ```
//!
//! The folder's permissions are the only credential.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use protocol::RecordingId;
use protocol::relay::{RELAY_VERSION, RelayFrame, RelayMessage, StreamId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::STREAMS_PER_SHARD;
use crate::control::Order;

/// Frames that are written together, some 300 KB of video: what the socket does not take of them is the link's to keep.
const BATCH: usize = 256;

/// How long a connection may take to say hello.
const GREETED_WITHIN: Duration = Duration::from_secs(5);

/// Connections that may be about to say hello; further ones wait in the socket's own queue.
const GREETINGS: usize = 8;

/// A recorder that takes nothing for so long is given up: what it must be told piles up at the shards meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// After a connection could not be accepted, the next is looked at no sooner than this: at the limit of descriptors it
/// fails at once, again and again.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Takes what the shards' sinks have for the recorder to its socket.
pub(crate) struct RelayLink {
    listener: std::os::unix::net::UnixListener,
    frames: mpsc::Receiver<RelayFrame>,
    /// The ways to the shards, in order.
    orders: Vec<mpsc::Sender<Order>>,
    shutdown: CancellationToken,
    patience: Duration,
}

impl RelayLink {
    pub(crate) const fn new(
        listener: std::os::unix::net::UnixListener,
        frames: mpsc::Receiver<RelayFrame>,
        orders: Vec<mpsc::Sender<Order>>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            listener,
            frames,
            orders,
            shutdown,
            patience: PATIENCE,
        }
    }

    /// Serves recorders on the calling thread until shutdown, or until the shards have ended.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub(crate) fn run(self) -> io::Result<()> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(self.serve())
    }

    async fn serve(self) -> io::Result<()> {
        let Self {
            listener,
            mut frames,
            orders,
            shutdown,
            patience,
        } = self;
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        let mut greetings: JoinSet<Option<Connection>> = JoinSet::new();
        let mut accept_again: Option<Instant> = None;
        let mut under_way = UnderWay::default();
        let mut connection: Option<Connection> = None;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let has_room = connection.as_ref().is_none_or(Connection::has_written);
            let gives_up = connection
                .as_ref()
                .and_then(Connection::stalls_since)
                .map(|since| since + patience);
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                accepted = listener.accept(), if accept_again.is_none() && greetings.len() < GREETINGS => {
                    match accepted {
                        Ok((stream, _)) => drop(greetings.spawn(greet(stream))),
                        Err(error) => {
                            tracing::error!(%error, "the recorder cannot connect to the relay");
                            accept_again = Some(Instant::now() + ACCEPT_AGAIN);
                        }
                    }
                }
                () = until(accept_again) => accept_again = None,
                () = until(gives_up) => {
                    tracing::error!("the recorder does not take what is relayed, and is given up");
                    connection = None;
                }
                Some(greeted) = greetings.join_next() => {
                    if let Ok(Some(mut greeted)) = greeted {
                        tracing::info!("a recorder takes what is relayed");
                        under_way.announce(&mut greeted.unwritten);
                        connection = Some(greeted);
                    }
                }
                said = hear(&mut connection) => match said {
                    Ok(streams) => {
                        for stream in streams {
                            want_keyframe(&orders, stream);
                        }
                    }
                    Err(cause) => {
                        connection = None;
                        if !under_way.recordings.is_empty() {
                            tracing::warn!(%cause, "the recorder is gone from the relay");
                        }
                    }
                },
                count = frames.recv_many(&mut batch, BATCH), if has_room => {
                    if count == 0 {
                        return Ok(());
                    }
                    if let Some(connection) = &mut connection {
                        connection.moved = Instant::now();
                    }
                    for frame in batch.drain(..) {
                        if let RelayFrame::Message(message) = &frame {
                            under_way.note(message);
                        }
                        if let Some(connection) = &mut connection {
                            frame.encode(&mut connection.unwritten);
                        }
                    }
                }
            }
        }
    }
}

/// A recorder that has said hello.
struct Connection {
    stream: UnixStream,
    /// What it said and is not whole yet.
    heard: Vec<u8>,
    /// What it is to be told next, and how much of that the socket has taken.
    unwritten: Vec<u8>,
    written: usize,
    /// When the socket last took something, or there was nothing for it to take.
    moved: Instant,
}

impl Connection {
    fn has_written(&self) -> bool {
        self.unwritten.is_empty()
    }

    /// Since when the socket takes nothing of what it is to be told.
    fn stalls_since(&self) -> Option<Instant> {
        (!self.has_written()).then_some(self.moved)
    }

    /// Writes what the socket takes.
    fn write(&mut self) -> io::Result<()> {
        while self.written < self.unwritten.len() {
            match self.stream.try_write(&self.unwritten[self.written..]) {
                Ok(count) => {
                    self.written += count;
                    self.moved = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.unwritten.clear();
        self.written = 0;
        Ok(())
    }

    /// Reads what there is: the streams of which a keyframe is wanted.
    fn read(&mut self) -> io::Result<Vec<StreamId>> {
        match self.stream.try_read_buf(&mut self.heard) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        self.wanted()
    }

    /// What was said and is not taken yet: the streams of which a keyframe is wanted.
    fn wanted(&mut self) -> io::Result<Vec<StreamId>> {
        let mut wanted = Vec::new();
        while let Some(frame) = next_frame(&mut self.heard)? {
            match frame {
                RelayFrame::Message(RelayMessage::KeyframeWanted { stream }) => wanted.push(stream),
                _ => return Err(invalid("it says what only a media node says")),
            }
        }
        Ok(wanted)
    }
}

/// Writes to the recorder and reads what it says, until it says something, or everything is written. Without a recorder
/// it waits for ever.
async fn hear(connection: &mut Option<Connection>) -> io::Result<Vec<StreamId>> {
    let Some(connection) = connection else {
        return std::future::pending().await;
    };
    // It may have come together with the hello.
    let wanted = connection.wanted()?;
    if !wanted.is_empty() {
        return Ok(wanted);
    }
    let interest = if connection.has_written() {
        Interest::READABLE
    } else {
        Interest::READABLE | Interest::WRITABLE
    };
    let ready = connection.stream.ready(interest).await?;
    if ready.is_writable() {
        connection.write()?;
    }
    if ready.is_readable() || ready.is_read_closed() {
        return connection.read();
    }
    Ok(Vec::new())
}

/// Takes the frame at the front of what was heard, if it is whole.
fn next_frame(heard: &mut Vec<u8>) -> io::Result<Option<RelayFrame>> {
    let decoded = RelayFrame::decode(heard).map_err(invalid)?;
    Ok(decoded.map(|(frame, used)| {
        heard.drain(..used);
        frame
    }))
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

/// Says hello and waits for that of the recorder; none when it is not one of ours.
async fn greet(stream: UnixStream) -> Option<Connection> {
    match tokio::time::timeout(GREETED_WITHIN, exchange_hellos(stream)).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(cause)) => {
            tracing::error!(%cause, "a recorder is refused at the relay");
            None
        }
        Err(_) => {
            tracing::warn!("a connection to the relay said no hello");
            None
        }
    }
}

async fn exchange_hellos(mut stream: UnixStream) -> io::Result<Connection> {
    let mut hello = Vec::new();
    RelayFrame::Message(RelayMessage::Hello {
        protocol: RELAY_VERSION,
    })
    .encode(&mut hello);
    stream.write_all(&hello).await?;
    let mut heard = Vec::with_capacity(4_096);
    loop {
        match next_frame(&mut heard)? {
            Some(RelayFrame::Message(RelayMessage::Hello { protocol }))
                if protocol == RELAY_VERSION =>
            {
                return Ok(Connection {
                    stream,
                    heard,
                    unwritten: Vec::new(),
                    written: 0,
                    moved: Instant::now(),
                });
            }
            Some(RelayFrame::Message(RelayMessage::Hello { protocol })) => {
                return Err(invalid(format!(
                    "it speaks version {protocol} of the relay, and this node {RELAY_VERSION}"
                )));
            }
            Some(_) => return Err(invalid("it does not begin with a hello")),
            None => {}
        }
        if stream.read_buf(&mut heard).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// What is relayed at present, for a recorder that comes later.
#[derive(Default)]
struct UnderWay {
    recordings: Vec<RecordingId>,
    /// As they were told.
    streams: BTreeMap<StreamId, RelayMessage>,
}

impl UnderWay {
    fn note(&mut self, message: &RelayMessage) {
        match message {
            RelayMessage::RelayStarted { recording } => self.recordings.push(*recording),
            RelayMessage::RelayEnded { recording } => {
                self.recordings.retain(|r| r != recording);
            }
            RelayMessage::StreamStarted { stream, .. } => {
                self.streams.insert(*stream, message.clone());
            }
            RelayMessage::StreamEnded { stream } => {
                self.streams.remove(stream);
            }
            _ => {}
        }
    }

    fn announce(&self, out: &mut Vec<u8>) {
        for recording in &self.recordings {
            let started = RelayMessage::RelayStarted {
                recording: *recording,
            };
            RelayFrame::Message(started).encode(out);
        }
        for started in self.streams.values() {
            RelayFrame::Message(started.clone()).encode(out);
        }
    }
}

/// Tells the shard of a stream. A shard whose queue is full is overloaded; the recorder asks again.
fn want_keyframe(orders: &[mpsc::Sender<Order>], stream: StreamId) {
    let shard = usize::try_from(stream / STREAMS_PER_SHARD).unwrap_or(usize::MAX);
    if let Some(shard) = orders.get(shard) {
        let _ = shard.try_send(Order::KeyframeWanted(stream));
    }
}

/// Waits until a moment; for ever when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::thread::JoinHandle;

    use protocol::gaps::Gap;
    use protocol::media::{Source, TrackRef};
    use protocol::relay::RelayPacket;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::super::RelaySink;
    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    /// The relay of a node with two shards, of which the test is the first.
    struct Node {
        folder: TempDir,
        queue: mpsc::Sender<RelayFrame>,
        sink: RelaySink,
        orders: Vec<mpsc::Receiver<Order>>,
        shutdown: CancellationToken,
        thread: JoinHandle<io::Result<()>>,
    }

    impl Node {
        fn start(room: usize) -> Self {
            Self::with_patience(room, PATIENCE)
        }

        fn with_patience(room: usize, patience: Duration) -> Self {
            let folder = TempDir::new().unwrap();
            let listener = UnixListener::bind(folder.path().join("relay.sock")).unwrap();
            let (queue, frames) = mpsc::channel(room);
            let (to_shards, orders) = (0..2).map(|_| mpsc::channel(8)).unzip();
            let shutdown = CancellationToken::new();
            let link = RelayLink {
                patience,
                ..RelayLink::new(listener, frames, to_shards, shutdown.clone())
            };
            Self {
                folder,
                sink: RelaySink::new(queue.clone()),
                queue,
                orders,
                shutdown,
                thread: std::thread::spawn(move || link.run()),
            }
        }

        fn say(&mut self, message: RelayMessage) {
            self.sink.push(RelayFrame::Message(message));
        }

        /// Begins to relay a recording with one stream.
        fn relay(&mut self, stream: StreamId) {
            self.say(RelayMessage::RelayStarted {
                recording: recording(),
            });
            self.say(started(stream));
        }

        /// Waits until everything has been taken out of the queue.
        fn settle(&mut self) {
            until(|| {
                self.sink.retry();
                !self.sink.is_waiting() && self.queue.capacity() == self.queue.max_capacity()
            });
        }

        /// A recorder that says hello, once it is served.
        fn recorder(&self) -> Recorder {
            let mut recorder = self.silent();
            let protocol = RELAY_VERSION;
            recorder.say(RelayMessage::Hello { protocol });
            recorder
        }

        /// A recorder that has heard the node's hello and says nothing.
        fn silent(&self) -> Recorder {
            let stream = UnixStream::connect(self.folder.path().join("relay.sock")).unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            let mut recorder = Recorder {
                stream,
                heard: Vec::new(),
            };
            let protocol = RELAY_VERSION;
            assert_eq!(recorder.message(), RelayMessage::Hello { protocol });
            recorder
        }

        /// A recorder that is served and reads nothing, once packets are dropped; and the number of the last one.
        fn stalled(&mut self) -> (Recorder, u64) {
            let mut recorder = self.recorder();
            assert!(matches!(
                recorder.message(),
                RelayMessage::RelayStarted { .. }
            ));
            let mut sequence = 0;
            while self.sink.take_dropped() == 0 {
                sequence += 1;
                self.sink.push(packet(sequence));
            }
            (recorder, sequence)
        }

        fn stop(self) {
            self.shutdown.cancel();
            self.thread.join().unwrap().unwrap();
        }
    }

    struct Recorder {
        stream: UnixStream,
        heard: Vec<u8>,
    }

    impl Recorder {
        fn say(&mut self, message: RelayMessage) {
            let mut bytes = Vec::new();
            RelayFrame::Message(message).encode(&mut bytes);
            self.stream.write_all(&bytes).unwrap();
        }

        /// What comes next; none when the node hangs up.
        fn hear(&mut self) -> Option<RelayFrame> {
            let mut chunk = [0; 65_536];
            loop {
                if let Some(frame) = next_frame(&mut self.heard).unwrap() {
                    return Some(frame);
                }
                match self.stream.read(&mut chunk) {
                    Ok(0) => return None,
                    Ok(count) => self.heard.extend_from_slice(&chunk[..count]),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return None,
                    Err(error) => panic!("{error}"),
                }
            }
        }

        fn message(&mut self) -> RelayMessage {
            match self.hear() {
                Some(RelayFrame::Message(message)) => message,
                other => panic!("{other:?}"),
            }
        }

        fn packet(&mut self) -> u64 {
            match self.hear() {
                Some(RelayFrame::Packet(packet)) => packet.sequence,
                other => panic!("{other:?}"),
            }
        }
    }

    fn until(mut is_so: impl FnMut() -> bool) {
        let began = std::time::Instant::now();
        while !is_so() {
            assert!(began.elapsed() < SOON, "it never happens");
            std::thread::yield_now();
        }
    }

    fn recording() -> RecordingId {
        RecordingId(Uuid::from_u128(1))
    }

    fn started(stream: StreamId) -> RelayMessage {
        RelayMessage::StreamStarted {
            recording: recording(),
            stream,
            track: TrackRef {
                participant: Uuid::from_u128(2).into(),
                source: Source::Camera,
            },
            codec: "vp8".to_owned(),
            clock_rate: 90_000,
            ssrc: 7,
            rid: None,
        }
    }

    fn packet(sequence: u64) -> RelayFrame {
        RelayFrame::Packet(RelayPacket {
            stream: 1,
            sequence,
            time: 0,
            received_us: sequence,
            marker: false,
            payload: vec![0; 1_000],
        })
    }

    #[test]
    fn late_recorder_is_told_what_is_under_way_and_nothing_else() {
        let mut node = Node::start(64);
        node.relay(1);
        node.say(started(2));
        node.sink.push(packet(1));
        node.say(RelayMessage::StreamEnded { stream: 2 });
        node.settle();
        let mut recorder = node.recorder();
        let begun = RelayMessage::RelayStarted {
            recording: recording(),
        };
        assert_eq!(recorder.message(), begun);
        assert_eq!(recorder.message(), started(1));
        node.sink.push(packet(2));
        assert_eq!(recorder.packet(), 2);
        let over = RelayMessage::RelayEnded {
            recording: recording(),
        };
        node.say(over.clone());
        assert_eq!(recorder.message(), over);
        node.stop();
    }

    #[test]
    fn recorder_that_stalls_keeps_nobody_waiting_and_is_told_each_packet_that_it_missed() {
        let mut node = Node::start(256);
        node.relay(1);
        node.settle();
        let mut recorder = node.recorder();
        assert!(matches!(
            recorder.message(),
            RelayMessage::RelayStarted { .. }
        ));
        // It does not read, and still every packet is taken off the shard's hands.
        let (mut sequence, mut dropped) = (0, 0);
        while dropped < 1_000 {
            sequence += 1;
            node.sink.push(packet(sequence));
            dropped += node.sink.take_dropped();
        }
        let (mut came, mut missed, mut gaps) = (0, 0, 0);
        let mut goes_on = true;
        while came + missed < sequence {
            match recorder.hear().expect("it is served") {
                RelayFrame::Packet(packet) => {
                    came += 1;
                    assert_eq!(packet.sequence, came + missed, "in order");
                }
                RelayFrame::Message(RelayMessage::Gap { stream: 1, gap }) => {
                    let Gap { dropped, .. } = gap;
                    assert_eq!(gap.from_us, came + missed + 1);
                    assert_eq!(gap.to_us, came + missed + dropped);
                    missed += dropped;
                    gaps += 1;
                }
                RelayFrame::Message(message) => assert_eq!(message, started(1)),
            }
            // The last gap is told by the next packet, for which there is room by then.
            if goes_on && node.queue.capacity() == node.queue.max_capacity() {
                goes_on = false;
                sequence += 1;
                node.sink.push(packet(sequence));
            }
        }
        assert!(missed >= 1_000 && gaps >= 1, "{missed} in {gaps}");
        node.stop();
    }

    #[test]
    fn recorder_that_takes_nothing_is_given_up_and_keeps_no_message_waiting() {
        let mut node = Node::with_patience(64, Duration::from_millis(100));
        node.relay(1);
        node.settle();
        let (mut stalled, _) = node.stalled();
        for stream in 2..1_000 {
            node.say(started(stream));
        }
        assert!(node.sink.is_waiting());
        node.settle();
        while stalled.hear().is_some() {}
        node.stop();
    }

    #[test]
    fn recorder_that_is_killed_is_followed_by_one_that_goes_on_where_it_comes_in() {
        let mut node = Node::start(64);
        node.relay(1);
        node.settle();
        let mut first = node.recorder();
        assert!(matches!(first.message(), RelayMessage::RelayStarted { .. }));
        assert_eq!(first.message(), started(1));
        let mut sequence = 0;
        let mut publish = |node: &mut Node| {
            sequence += 1;
            node.sink.push(packet(sequence));
            node.settle();
        };
        publish(&mut node);
        assert_eq!(first.packet(), 1);
        drop(first);
        for _ in 0..100 {
            publish(&mut node);
        }
        let mut second = node.recorder();
        assert!(matches!(
            second.message(),
            RelayMessage::RelayStarted { .. }
        ));
        assert_eq!(second.message(), started(1));
        publish(&mut node);
        assert_eq!(second.packet(), 102, "nothing old, and no gap");
        node.stop();
    }

    #[test]
    fn latest_recorder_is_served_though_the_one_before_stalls() {
        let mut node = Node::start(64);
        node.relay(1);
        node.settle();
        let (mut stalled, sequence) = node.stalled();
        let mut next = node.recorder();
        assert!(matches!(next.message(), RelayMessage::RelayStarted { .. }));
        assert_eq!(next.message(), started(1));
        node.settle();
        node.sink.push(packet(sequence + 1));
        let is_last = |frame: RelayFrame| match frame {
            RelayFrame::Packet(packet) => packet.sequence == sequence + 1,
            RelayFrame::Message(_) => false,
        };
        while !is_last(next.hear().expect("it is served")) {}
        while stalled.hear().is_some() {}
        node.stop();
    }

    #[test]
    fn recorder_of_another_version_or_one_that_speaks_nonsense_is_refused() {
        let mut node = Node::start(64);
        node.relay(1);
        let mut served = node.recorder();
        assert!(matches!(
            served.message(),
            RelayMessage::RelayStarted { .. }
        ));
        let mut other = node.silent();
        let protocol = RELAY_VERSION + 1;
        other.say(RelayMessage::Hello { protocol });
        assert_eq!(other.hear(), None, "it is hung up on");
        for nonsense in [
            &[0xff; 64][..],
            &[1, 0, 0, 0, 9],
            &[5, 0, 0, 0, 0, b'{', 0, 0, 0],
        ] {
            let mut other = node.silent();
            other.stream.write_all(nonsense).unwrap();
            assert_eq!(other.hear(), None, "{nonsense:?}");
        }
        assert_eq!(served.message(), started(1));
        node.sink.push(packet(1));
        assert_eq!(served.packet(), 1, "who was served still is");
        served.stream.write_all(&[0xff; 64]).unwrap();
        assert_eq!(served.hear(), None, "unless it speaks nonsense itself");
        node.stop();
    }

    #[test]
    fn keyframe_is_asked_of_the_shard_whose_stream_needs_it() {
        let mut node = Node::start(64);
        let mut recorder = node.recorder();
        for stream in [u32::MAX, STREAMS_PER_SHARD + 5] {
            recorder.say(RelayMessage::KeyframeWanted { stream });
        }
        let order = node.orders[1].blocking_recv();
        assert!(
            matches!(order, Some(Order::KeyframeWanted(stream)) if stream == STREAMS_PER_SHARD + 5),
            "{order:?}"
        );
        assert!(node.orders[0].try_recv().is_err(), "nothing for the other");
        node.stop();
    }
}
