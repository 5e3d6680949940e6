//! A UDP proxy with a bad link in it: datagrams between clients and one server pass an [`impairment::Link`] in each
//! direction, each client by links of its own.
//!
//! A client comes through the proxy when it is told the proxy's address in place of the server's, for example in the
//! candidates of an SDP answer ([`through`]).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use impairment::{Link, Profile, Tally};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Clients that one proxy serves; datagrams of further ones are dropped.
const MAX_CLIENTS: usize = 1024;

/// Datagrams of one client that may wait for its task; what comes when they are so many is lost.
const CLIENT_QUEUE: usize = 1024;

/// A client that sent nothing for this long is forgotten.
const CLIENT_IDLE: Duration = Duration::from_secs(60);

/// The largest datagram there is.
const DATAGRAM_BYTES: usize = 65_535;

/// What IPv4 and UDP add to a datagram.
const HEADER_BYTES: usize = 28;

/// A running proxy. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    tallies: Arc<Mutex<Tallies>>,
    stop: CancellationToken,
}

/// What became of the datagrams of all clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Clients so far.
    pub clients: usize,
    /// From the server to clients.
    pub down: Tally,
    /// From clients to the server.
    pub up: Tally,
}

impl Proxy {
    /// Begins to carry datagrams between whoever sends to `listen` and `to`. Each client's link begins with its first
    /// datagram; the seed of each is the given one plus its number.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub async fn start(
        listen: SocketAddr,
        to: SocketAddr,
        profile: Profile,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(listen)
            .await
            .with_context(|| format!("cannot listen at {listen}"))?;
        let address = socket.local_addr()?;
        let tallies = Arc::new(Mutex::new(Tallies::default()));
        let stop = CancellationToken::new();
        let door = Door {
            socket: Arc::new(socket),
            to,
            profile,
            seed,
            tallies: tallies.clone(),
        };
        let stopped = stop.clone();
        tokio::spawn(async move { stopped.run_until_cancelled(door.serve()).await });
        Ok(Self {
            address,
            tallies,
            stop,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What became of the datagrams so far.
    #[must_use]
    pub fn tallies(&self) -> Tallies {
        *self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An SDP answer as it would be if the server were at the proxy's address: one UDP candidate in each media section in
/// which there was any.
#[must_use]
pub fn through(answer: &str, proxy: SocketAddr) -> String {
    let mut changed = String::with_capacity(answer.len());
    let mut told = false;
    for line in answer.split_inclusive("\r\n") {
        if line.starts_with("m=") {
            told = false;
        }
        if !line.starts_with("a=candidate:") {
            changed.push_str(line);
        } else if !told {
            told = true;
            changed.push_str(&format!(
                "a=candidate:1 1 udp 2130706431 {} {} typ host\r\n",
                proxy.ip(),
                proxy.port()
            ));
        }
    }
    changed
}

struct Door {
    socket: Arc<UdpSocket>,
    to: SocketAddr,
    profile: Profile,
    seed: u64,
    tallies: Arc<Mutex<Tallies>>,
}

impl Door {
    async fn serve(self) {
        let mut clients: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
        let mut tasks = JoinSet::new();
        let mut buffer = vec![0; DATAGRAM_BYTES];
        loop {
            let received = self.socket.recv_from(&mut buffer).await;
            // An earlier datagram that could not be delivered is told here; it concerns one client alone.
            let Ok((bytes, source)) = received else {
                continue;
            };
            clients.retain(|_, client| !client.is_closed());
            while tasks.try_join_next().is_some() {}
            if !clients.contains_key(&source) {
                if clients.len() >= MAX_CLIENTS {
                    continue;
                }
                let Ok(client) = self.client(source).await else {
                    continue;
                };
                let (sender, receiver) = mpsc::channel(CLIENT_QUEUE);
                tasks.spawn(client.carry(receiver));
                clients.insert(source, sender);
            }
            if let Some(client) = clients.get(&source) {
                // A full queue loses the datagram, as a full one on the way would.
                let _ = client.try_send(buffer[..bytes].to_vec());
            }
        }
    }

    async fn client(&self, source: SocketAddr) -> std::io::Result<Client> {
        let any: SocketAddr = if self.to.is_ipv4() {
            ([0, 0, 0, 0], 0).into()
        } else {
            ([0_u16; 8], 0).into()
        };
        let upstream = UdpSocket::bind(any).await?;
        upstream.connect(self.to).await?;
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = self.seed.wrapping_add(tallies.clients as u64);
        tallies.clients += 1;
        let now = Instant::now();
        Ok(Client {
            source,
            door: self.socket.clone(),
            upstream,
            up: Link::new(now, self.profile.up.clone(), seed),
            down: Link::new(now, self.profile.down.clone(), !seed),
            told: (Tally::default(), Tally::default()),
            tallies: self.tallies.clone(),
        })
    }
}

struct Client {
    source: SocketAddr,
    door: Arc<UdpSocket>,
    upstream: UdpSocket,
    up: Link<Vec<u8>>,
    down: Link<Vec<u8>>,
    /// What was added to the tallies of all clients, up and down.
    told: (Tally, Tally),
    tallies: Arc<Mutex<Tallies>>,
}

impl Client {
    async fn carry(mut self, mut sent: mpsc::Receiver<Vec<u8>>) {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        let mut idle_at = Instant::now() + CLIENT_IDLE;
        loop {
            let next = [self.up.next(), self.down.next()]
                .into_iter()
                .flatten()
                .fold(idle_at, Instant::min);
            tokio::select! {
                datagram = sent.recv() => {
                    let Some(datagram) = datagram else { return };
                    let now = Instant::now();
                    idle_at = now + CLIENT_IDLE;
                    self.up.push(now, datagram.len() + HEADER_BYTES, datagram);
                }
                received = self.upstream.recv(&mut buffer) => {
                    // A server that is not there (port unreachable) is like one that does not answer.
                    if let Ok(bytes) = received {
                        let now = Instant::now();
                        self.down.push(now, bytes + HEADER_BYTES, buffer[..bytes].to_vec());
                    }
                }
                () = tokio::time::sleep_until(next.into()) => {
                    if Instant::now() >= idle_at {
                        return;
                    }
                }
            }
            self.deliver().await;
        }
    }

    async fn deliver(&mut self) {
        let now = Instant::now();
        // What the sockets do not take is lost, as on any network.
        while let Some(datagram) = self.up.pop(now) {
            let _ = self.upstream.send(&datagram).await;
        }
        while let Some(datagram) = self.down.pop(now) {
            let _ = self.door.send_to(&datagram, self.source).await;
        }
        let after = (self.up.tally(), self.down.tally());
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut tallies.up, self.told.0, after.0);
        add(&mut tallies.down, self.told.1, after.1);
        self.told = after;
    }
}

fn add(total: &mut Tally, before: Tally, after: Tally) {
    total.offered += after.offered - before.offered;
    total.lost += after.lost - before.lost;
    total.dropped += after.dropped - before.dropped;
    total.delivered += after.delivered - before.delivered;
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    /// A server that sends everything back.
    async fn echo() -> SocketAddr {
        let socket = UdpSocket::bind(LOCAL).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2000];
            while let Ok((bytes, source)) = socket.recv_from(&mut buffer).await {
                socket.send_to(&buffer[..bytes], source).await.unwrap();
            }
        });
        address
    }

    async fn client(proxy: &Proxy) -> UdpSocket {
        let client = UdpSocket::bind(LOCAL).await.unwrap();
        client.connect(proxy.address()).await.unwrap();
        client
    }

    #[tokio::test]
    async fn datagrams_take_their_time_in_both_directions() {
        let profile = "delay 30ms".parse().unwrap();
        let proxy = Proxy::start(LOCAL, echo().await, profile, 1).await.unwrap();
        let client = client(&proxy).await;
        let mut buffer = [0; 2000];
        let sent = Instant::now();
        client.send(b"hello").await.unwrap();
        let bytes = client.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..bytes], b"hello");
        assert!(sent.elapsed() >= Duration::from_millis(60));
    }

    #[tokio::test]
    async fn each_client_has_answers_of_its_own_and_losses_are_counted() {
        let profile = "down loss 50%".parse().unwrap();
        let proxy = Proxy::start(LOCAL, echo().await, profile, 1).await.unwrap();
        let clients = [client(&proxy).await, client(&proxy).await];
        for number in 0..100_u8 {
            for (client, who) in clients.iter().zip([1, 2]) {
                client.send(&[who, number]).await.unwrap();
            }
        }
        let mut buffer = [0; 2000];
        let mut answered = 0;
        while answered < proxy.tallies().down.delivered || proxy.tallies().down.offered < 200 {
            for (client, who) in clients.iter().zip([1, 2]) {
                while let Ok(bytes) = client.try_recv(&mut buffer) {
                    assert_eq!((bytes, buffer[0]), (2, who));
                    answered += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let Tallies { clients, down, up } = proxy.tallies();
        assert_eq!((clients, up.delivered), (2, 200));
        assert_eq!(down.lost + down.delivered, 200);
        assert!((60..140).contains(&down.lost), "{down:?}");
    }

    #[test]
    fn answer_names_the_proxy_once_a_section() {
        let answer = "v=0\r\nm=audio 9\r\na=candidate:1 1 udp 1 10.0.0.1 7000 typ host\r\n\
                      a=candidate:2 1 tcp 1 10.0.0.1 7000 typ host tcptype passive\r\na=mid:0\r\n\
                      m=video 9\r\na=candidate:1 1 udp 1 10.0.0.1 7000 typ host\r\n";
        let changed = through(answer, "127.0.0.1:9000".parse().unwrap());
        assert_eq!(changed.matches("127.0.0.1 9000 typ host").count(), 2);
        assert!(!changed.contains("10.0.0.1"));
        assert!(changed.contains("a=mid:0\r\n"));
    }
}
