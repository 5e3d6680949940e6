//! A network that passes nothing but the port of HTTPS, and those who would misuse what helps it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use loadtest::media::{Library, default_folder};
use loadtest::participant::enter;
use loadtest::report::Report;
use loadtest::scenario::Scenario;
use loadtest::tokens::Tokens;
use protocol::client::IceServer;
use protocol::media::Profile;
use rtc::sansio::Protocol as _;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc::turn::client::{Client, ClientConfig, Event};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::Installation;
use super::program::{PATIENCE, crypto, tokens};

/// Three points whose firewall passes the port of HTTPS alone.
const MEETING: &str = r#"
about = "three points"
duration_s = 6
join_within_s = 0.5

[[group]]
name = "point"
count = 3
role = "point"
via = "websocket"
profile = "room"
publish = ["camera", "microphone"]
layers = ["l"]
"#;

impl Installation {
    fn guest(&self, name: &str) -> String {
        let mut made = tokens(&self.data, &self.session, "point", name, &[]);
        made.pop().expect("a token")
    }

    /// What somebody who enters is told against firewalls.
    async fn offered(&self, name: &str) -> IceServer {
        let token = self.guest(name);
        let entered = enter(&self.client(), &self.session, &token, Profile::Room).await;
        let (_, welcome) = entered.expect("a welcome");
        welcome.ice_servers.into_iter().next().expect("a server")
    }

    /// The address of the HTTPS port.
    fn address(&self) -> SocketAddr {
        let address = self.url.strip_prefix("https://").expect("HTTPS");
        address.parse().expect("an address")
    }

    /// A TLS connection to the port of HTTPS that says nothing of HTTP.
    async fn tls(&self) -> impl AsyncRead + AsyncWrite + Unpin + use<> {
        let address = self.address();
        let tls = self.client().tls("127.0.0.1", address.port()).await;
        tls.expect("a handshake")
    }

    async fn is_well(&self) -> bool {
        let mut tls = self.tls().await;
        let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        tls.write_all(request).await.expect("a request");
        let mut answer = Vec::new();
        // A server that closes without the farewell of TLS has answered all the same.
        let _ = timeout(PATIENCE, tls.read_to_end(&mut answer)).await;
        answer.starts_with(b"HTTP/1.1 200")
    }
}

fn runtime() -> tokio::runtime::Runtime {
    crypto();
    tokio::runtime::Runtime::new().expect("a runtime")
}

fn play(installation: &Installation) -> Report {
    let scenario: Scenario = toml::from_str(MEETING).expect("a scenario");
    let mut tokens = Tokens::default();
    let names = ["Quế Phong", "Tương Dương", "Kỳ Sơn"];
    tokens.add(names.map(|name| installation.guest(name)));
    let library = Library::open(&default_folder()).expect("test media, made by ffmpeg");
    let server = installation.client().behind_firewall();
    let session = &installation.session;
    let play = loadtest::run::run("test", &scenario, session, server, None, library, tokens);
    runtime().block_on(play).expect("a scenario that begins")
}

#[test]
fn points_meet_through_the_port_of_https_alone() {
    let installation = Installation::start();
    let report = play(&installation);
    let points = &report.groups[0];
    assert_eq!((points.joined, points.failed), (3, 0), "{report}");
    assert_eq!(
        (
            points.fewest_stages,
            points.fewest_tiles,
            points.fewest_voices
        ),
        (1, 2, 2),
        "{report}"
    );
    let metrics = runtime().block_on(installation.client().metrics());
    let metrics = metrics.expect("the metrics");
    let counted = |name| metrics.sum(name).unwrap_or_default();
    assert!(counted("turn_bytes_total") > 100_000.0);
    assert!(counted("turn_allocations_total") >= 3.0);
    // All media that the engine received came through the relay.
    let carried = counted("turn_bytes_total");
    let engine = counted("sfu_bytes_in_total") + counted("sfu_bytes_out_total");
    assert!(carried > 0.9 * engine, "{carried} of {engine} bytes");
}

/// Somebody who speaks TURN with a stack that shares no code with the server's.
struct Caller<S> {
    tls: S,
    turn: Client,
    server: SocketAddr,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Caller<S> {
    fn new(tls: S, server: SocketAddr, credential: &IceServer) -> Self {
        let config = ClientConfig {
            turn_serv_addr: server.to_string(),
            local_addr: "127.0.0.1:50000".parse().expect("an address"),
            transport_protocol: TransportProtocol::TCP,
            username: credential.username.clone(),
            password: credential.credential.clone(),
            ..ClientConfig::default()
        };
        let provider = rtc::crypto::default_provider().expect("cryptography");
        let turn = Client::new(config, provider).expect("a client");
        Self { tls, turn, server }
    }

    /// What comes of what the client has asked.
    async fn outcome(&mut self) -> Event {
        timeout(PATIENCE, async {
            loop {
                while let Some(message) = self.turn.poll_write() {
                    let sent = self.tls.write_all(&message.message).await;
                    sent.expect("the server takes requests");
                }
                if let Some(event) = self.turn.poll_event() {
                    return event;
                }
                let mut head = [0; 20];
                let read = self.tls.read_exact(&mut head).await;
                read.expect("the server answers");
                let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
                let mut message = BytesMut::from(&head[..]);
                message.resize(20 + length, 0);
                let read = self.tls.read_exact(&mut message[20..]).await;
                read.expect("the answer is whole");
                let arrived = TransportMessage {
                    now: Instant::now(),
                    transport: TransportContext {
                        local_addr: "127.0.0.1:50000".parse().expect("an address"),
                        peer_addr: self.server,
                        transport_protocol: TransportProtocol::TCP,
                        ecn: None,
                    },
                    message,
                };
                self.turn.handle_read(arrived).expect("a message of TURN");
            }
        })
        .await
        .expect("an outcome in time")
    }

    /// Asks for a relay: its address, or what the server said.
    async fn allocate(&mut self) -> Result<SocketAddr, String> {
        self.turn.allocate(Instant::now()).expect("a request");
        match self.outcome().await {
            Event::AllocateResponse(_, relay) => Ok(relay),
            Event::AllocateError(_, error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    /// Asks to reach an address: whether it may, or what the server said.
    async fn reach(&mut self, relay: SocketAddr, peer: &str) -> Result<(), String> {
        let peer = peer.parse().expect("an address");
        let mut relay = self.turn.relay(relay).expect("the relay");
        let asked = relay.create_permission(Instant::now(), peer);
        asked.expect("a request").expect("a new permission");
        match self.outcome().await {
            Event::CreatePermissionResponse(..) => Ok(()),
            Event::CreatePermissionError(_, error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn foreign_credentials_open_no_relay() {
    let installation = Installation::start();
    let other = Installation::start();
    runtime().block_on(async {
        let mut forged = installation.offered("Kỳ Sơn").await;
        forged.username.insert(0, '9');
        for credential in [other.offered("Kỳ Sơn").await, forged] {
            let tls = installation.tls().await;
            let mut caller = Caller::new(tls, installation.address(), &credential);
            let said = caller.allocate().await.expect_err("a refusal");
            assert!(said.contains("401"), "{said}");
        }
        let good = installation.offered("Kỳ Sơn").await;
        let tls = installation.tls().await;
        let mut caller = Caller::new(tls, installation.address(), &good);
        caller.allocate().await.expect("one's own opens a relay");
    });
}

#[test]
fn relay_reaches_nothing_but_the_media_engine() {
    let installation = Installation::start();
    // Somebody has to have media before the engine's address is known.
    let report = play(&installation);
    assert_eq!(report.groups[0].joined, 3, "{report}");
    runtime().block_on(async {
        let credential = installation.offered("Kỳ Sơn").await;
        let tls = installation.tls().await;
        let mut caller = Caller::new(tls, installation.address(), &credential);
        let relay = caller.allocate().await.expect("a relay");
        for other in ["192.0.2.99:80", "10.0.0.1:53", "127.0.0.2:22"] {
            let said = caller.reach(relay, other).await.expect_err("a refusal");
            assert!(said.contains("403"), "{other}: {said}");
        }
        let media = caller.reach(relay, "127.0.0.1:7000").await;
        media.expect("the engine's address");
    });
}

#[test]
fn nonsense_ends_its_connection_and_nothing_else() {
    let installation = Installation::start();
    runtime().block_on(async {
        let nonsense: [&[u8]; 4] = [
            &[0; 64],
            b"\x00\x01\xff\xff\x21\x12\xa4\x42",
            b"\x00\x03\x00\x08\x21\x12\xa4\x42abcdefghijkl\x00\x06\x00\xff????",
            b"\x01\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl",
        ];
        for bytes in nonsense {
            let mut tls = installation.tls().await;
            tls.write_all(bytes).await.expect("bytes");
            let mut answer = Vec::new();
            let ended = timeout(PATIENCE, tls.read_to_end(&mut answer)).await;
            assert!(ended.is_ok(), "{bytes:?} leaves the connection open");
            assert!(answer.is_empty(), "{bytes:?}: {answer:?}");
        }
        assert!(installation.is_well().await);
        let metrics = installation.client().metrics().await.expect("the metrics");
        assert_eq!(metrics.sum("turn_refused_total"), Some(4.0));
    });
}

/// More than the kernels of both ends keep of a connection that nobody reads.
const ENOUGH_BYTES: usize = 32 * 1024 * 1024;

#[test]
fn whoever_asks_and_does_not_listen_is_not_listened_to() {
    let installation = Installation::start();
    runtime().block_on(async {
        let mut tls = installation.tls().await;
        let asked = b"\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl".repeat(800);
        let mut taken = 0;
        let more = Duration::from_secs(3);
        while let Ok(Ok(())) = timeout(more, tls.write_all(&asked)).await {
            taken += asked.len();
            assert!(taken < ENOUGH_BYTES, "the server takes whatever is asked");
        }
        assert!(installation.is_well().await);
    });
}
