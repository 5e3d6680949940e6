//! ICE over TCP (RFC 6544), passive: clients connect to the media port and send frames (RFC 4571).
//!
//! ```text
//! accepted --the shard knows whose it is--> known --its peer ended--> doubtful
//!    │ (doubtful from the beginning)                                     │
//!    └──────── nothing sensible for a few seconds: closed ◄──────────────┘
//! ```
//! Whoever connects proves nothing by it, so doubtful connections have few places, and fewer for one network.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::metrics::Metrics;
use crate::socket::canonical;

/// Connections that one shard takes; more than it can serve peers.
const MAX_CONNECTIONS: usize = 1024;

/// Doubtful connections that one shard takes, and those of them from one network: a school whose devices all come at
/// once has its answers within a round trip.
const MAX_DOUBTFUL: usize = 512;
const MAX_DOUBTFUL_PER_NETWORK: usize = 64;

/// How long a connection may be doubtful: the time for a check, repeated twice, on a slow line.
const DOUBT: Duration = Duration::from_secs(5);

/// The longest frame of a doubtful connection; a check is far shorter.
const MAX_DOUBTFUL_FRAME: usize = 1500;

/// Frames that may wait for one client, half a second of HD; later ones are dropped, as a full router would.
const CLIENT_QUEUE: usize = 256;

/// A connection on which nothing comes for this long is closed: ICE checks come every few seconds.
const SILENCE: Duration = Duration::from_secs(30);

/// Whoever cannot be accepted waits for this long; others may end meanwhile.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// That nobody can be accepted is told at most so often.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// Too many open files, of the process and of the machine (errno(3), Linux).
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// What happens on TCP connections, for the shard.
#[derive(Debug)]
pub(crate) enum TcpEvent {
    /// A client connected.
    Opened {
        client: SocketAddr,
        connection: Connection,
    },
    /// A frame came.
    Frame {
        client: SocketAddr,
        own: SocketAddr,
        payload: Vec<u8>,
    },
    /// The connection is over.
    Closed { client: SocketAddr },
}

/// The shard's end of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    frames: Sender<Vec<u8>>,
    known: watch::Sender<bool>,
}

impl Connection {
    /// Sends a frame; `false` when too many wait.
    pub(crate) fn send(&self, frame: Vec<u8>) -> bool {
        self.frames.try_send(frame).is_ok()
    }

    /// Says whether the shard knows whose this is.
    pub(crate) fn set_known(&self, known: bool) {
        self.known.send_if_modified(|before| {
            let changed = *before != known;
            *before = known;
            changed
        });
    }
}

/// The network of an address, as one subscriber has it: an IPv4 address, or the /64 of an IPv6 address.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// Who has which places.
#[derive(Debug, Default)]
struct Places(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    connections: usize,
    doubtful: usize,
    doubtful_of: HashMap<IpAddr, usize>,
}

/// Why a connection is not taken: the `reason` of its metric.
type NoPlace = &'static str;

impl Places {
    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        // Nothing between taking and giving back panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection, and one among the doubtful.
    fn take(self: &Arc<Self>, client: SocketAddr) -> Result<(Place, Doubt), NoPlace> {
        if self.taken().connections >= MAX_CONNECTIONS {
            return Err("full");
        }
        let doubt = Doubt::take(self, network_of(client.ip()))?;
        self.taken().connections += 1;
        Ok((Place(Arc::clone(self)), doubt))
    }
}

/// A connection's place; free again when this is dropped.
#[derive(Debug)]
struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken().connections -= 1;
    }
}

/// A place among the doubtful; free again when this is dropped.
#[derive(Debug)]
struct Doubt {
    places: Arc<Places>,
    network: IpAddr,
}

impl Doubt {
    fn take(places: &Arc<Places>, network: IpAddr) -> Result<Self, NoPlace> {
        let mut taken = places.taken();
        if taken.doubtful >= MAX_DOUBTFUL {
            return Err("doubtful");
        }
        let of_network = taken.doubtful_of.entry(network).or_default();
        if *of_network >= MAX_DOUBTFUL_PER_NETWORK {
            return Err("network");
        }
        *of_network += 1;
        taken.doubtful += 1;
        Ok(Self {
            places: Arc::clone(places),
            network,
        })
    }
}

impl Drop for Doubt {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.doubtful -= 1;
        if let Some(of_network) = taken.doubtful_of.get_mut(&self.network) {
            *of_network -= 1;
            if *of_network == 0 {
                taken.doubtful_of.remove(&self.network);
            }
        }
    }
}

/// Accepts connections until the shard is gone.
pub(crate) async fn accept(listener: TcpListener, events: Sender<TcpEvent>, metrics: Metrics) {
    let places = Arc::new(Places::default());
    let mut trouble = Trouble::default();
    while !events.is_closed() {
        match listener.accept().await {
            Ok((stream, client)) => {
                let client = canonical(client);
                match places.take(client) {
                    Ok((place, doubt)) => {
                        let (events, metrics) = (events.clone(), metrics.clone());
                        tokio::spawn(async move {
                            let ended = serve(stream, client, doubt, events).await;
                            if let Some(reason) = ended {
                                refused(&metrics, reason);
                            }
                            drop(place);
                        });
                    }
                    Err(reason) => refused(&metrics, reason),
                }
            }
            Err(error) => {
                if let Some(said) = trouble.note(Instant::now(), &error) {
                    tracing::error!("{said}");
                }
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Why connections cannot be accepted, told now and then: at the limit it is so for every try.
#[derive(Debug, Default)]
struct Trouble(Option<Instant>);

impl Trouble {
    /// Takes a failure; what to say of it, if it is time to.
    fn note(&mut self, now: Instant, error: &io::Error) -> Option<String> {
        let told = self.0;
        if told.is_some_and(|told| now.saturating_duration_since(told) < TOLD_EVERY) {
            return None;
        }
        self.0 = Some(now);
        Some(match error.raw_os_error() {
            Some(EMFILE | ENFILE) => {
                "media over TCP: nobody can be accepted; the process has as many files and \
                connections open as it may; raise its limit (LimitNOFILE)"
                    .to_owned()
            }
            _ => format!("media over TCP: a connection cannot be accepted: {error}"),
        })
    }
}

fn refused(metrics: &Metrics, reason: NoPlace) {
    metrics.tcp_refused.with_label_values(&[reason]).inc();
}

/// Carries a connection to its end; why it was ended, if it was us.
async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    doubt: Doubt,
    events: Sender<TcpEvent>,
) -> Option<NoPlace> {
    let own = stream.local_addr().map(canonical).ok()?;
    // Media must not wait for more to fill a segment.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (sender, frames) = channel(CLIENT_QUEUE);
    let (known, knowledge) = watch::channel(false);
    let connection = Connection {
        frames: sender,
        known,
    };
    let opened = TcpEvent::Opened { client, connection };
    events.send(opened).await.ok()?;
    let ended = tokio::select! {
        ended = read_frames(reader, (client, own), doubt, knowledge, &events) => ended,
        () = write_frames(writer, frames) => None,
    };
    // The shard may be gone already.
    let _ = events.send(TcpEvent::Closed { client }).await;
    ended
}

async fn read_frames(
    mut reader: OwnedReadHalf,
    (client, own): (SocketAddr, SocketAddr),
    doubt: Doubt,
    mut knowledge: watch::Receiver<bool>,
    events: &Sender<TcpEvent>,
) -> Option<NoPlace> {
    let (places, network) = (Arc::clone(&doubt.places), doubt.network);
    let mut doubt = Some((doubt, Instant::now() + DOUBT));
    let mut frame = Frame::default();
    loop {
        let wait = match &doubt {
            Some((_, until)) => until.saturating_duration_since(Instant::now()),
            None => SILENCE,
        };
        let longest = if doubt.is_some() {
            MAX_DOUBTFUL_FRAME
        } else {
            usize::from(u16::MAX)
        };
        tokio::select! {
            biased;
            changed = knowledge.changed() => {
                // The shard has let go of it.
                changed.ok()?;
                let known = *knowledge.borrow_and_update();
                if known {
                    doubt = None;
                } else if doubt.is_none() {
                    // One that a full shard has no place for is over at once.
                    match Doubt::take(&places, network) {
                        Ok(taken) => doubt = Some((taken, Instant::now() + DOUBT)),
                        Err(reason) => return Some(reason),
                    }
                }
            }
            read = timeout(wait, frame.read(&mut reader, longest)) => match read {
                Ok(Ok(payload)) => {
                    let frame = TcpEvent::Frame { client, own, payload };
                    events.send(frame).await.ok()?;
                }
                Ok(Err(_)) => return None,
                Err(_) => return doubt.is_some().then_some("silent"),
            },
        }
    }
}

/// A frame that may come in pieces, and whose reading may be taken up again.
#[derive(Debug, Default)]
struct Frame {
    bytes: Vec<u8>,
}

impl Frame {
    /// The next frame. When it is not waited for, what came of it is kept.
    async fn read(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        longest: usize,
    ) -> io::Result<Vec<u8>> {
        loop {
            let missing = match self.bytes.first_chunk() {
                None => 2 - self.bytes.len(),
                Some(length) => {
                    let length = usize::from(u16::from_be_bytes(*length));
                    if length > longest {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    if self.bytes.len() == 2 + length {
                        return Ok(std::mem::take(&mut self.bytes).split_off(2));
                    }
                    2 + length - self.bytes.len()
                }
            };
            self.bytes.reserve(missing);
            let mut rest = (&mut *reader).take(missing as u64);
            if rest.read_buf(&mut self.bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Reads a length and as many bytes.
pub(crate) async fn next_frame(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    Frame::default().read(reader, usize::from(u16::MAX)).await
}

async fn write_frames(mut writer: OwnedWriteHalf, mut frames: Receiver<Vec<u8>>) {
    let mut bytes = Vec::new();
    while let Some(frame) = frames.recv().await {
        bytes.clear();
        append_frame(&mut bytes, &frame);
        // Whatever else waits goes out in the same call.
        while let Ok(frame) = frames.try_recv() {
            append_frame(&mut bytes, &frame);
        }
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Appends a frame with its length in front; one that is too long for the length is left out.
pub(crate) fn append_frame(bytes: &mut Vec<u8>, frame: &[u8]) {
    if let Ok(length) = u16::try_from(frame.len()) {
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> SocketAddr {
        SocketAddr::new(
            std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).into(),
            5000,
        )
    }

    #[test]
    fn doubtful_connections_of_one_network_leave_places_for_others() {
        let places = Arc::new(Places::default());
        let flood: Vec<_> = (0..1_000).map(|_| places.take(client(1))).collect();
        let taken = flood.iter().filter(|place| place.is_ok()).count();
        assert_eq!(taken, MAX_DOUBTFUL_PER_NETWORK);
        assert!(matches!(flood.last(), Some(Err("network"))));
        let many: Vec<_> = (2..1_000)
            .map(|number| places.take(client(number)))
            .collect();
        let more = many.iter().filter(|place| place.is_ok()).count();
        assert_eq!(taken + more, MAX_DOUBTFUL);
        drop((flood, many));
        assert!(places.take(client(1)).is_ok());
    }

    #[test]
    fn descriptors_are_named_as_the_cause_and_not_with_every_try() {
        let mut trouble = Trouble::default();
        let began = Instant::now();
        let said: Vec<String> = (0..300)
            .filter_map(|tries| {
                let error = io::Error::from_raw_os_error(EMFILE);
                trouble.note(began + ACCEPT_AGAIN * tries, &error)
            })
            .collect();
        assert_eq!(said.len(), 2, "in a minute: {said:?}");
        assert!(said[0].contains("LimitNOFILE"), "{said:?}");
        let other = io::Error::from_raw_os_error(12);
        let said = trouble.note(began + TOLD_EVERY * 3, &other).unwrap();
        assert!(!said.contains("LimitNOFILE"), "{said}");
    }

    #[test]
    fn known_connections_leave_the_places_of_the_doubtful() {
        let places = Arc::new(Places::default());
        let mut known = Vec::new();
        for number in 0..MAX_CONNECTIONS as u32 {
            let (place, _doubt) = places.take(client(number / 50)).unwrap();
            known.push(place);
        }
        assert!(matches!(places.take(client(9_999)), Err("full")));
        known.pop();
        assert!(places.take(client(9_999)).is_ok());
    }

    #[test]
    fn subscriber_of_ipv6_is_one_network() {
        let address = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::2"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }
}
