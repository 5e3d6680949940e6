//! The embedded TURN server: the way to the media engine for places whose firewall passes TCP 443 alone.
//!
//! ```text
//!  browser ──TLS──► Gate ── HTTP ─────────► axum
//!                    └──── STUN ──► connection ──UDP, own address──► media engine
//! ```
//!
//! It decides nothing by itself: [`turn_core`] answers requests, [`Turn`] keeps the quotas and knows which addresses are
//! the media engine's, namely those that the engine itself wrote into its answers.

mod connection;
mod gate;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use protocol::ParticipantId;
use protocol::client::IceServer;
use protocol::media::MediaPath;
use protocol::sfu::SfuEvent;
use signaling_core::Now;
use tokio::net::UdpSocket;
use turn_core::{Credentials, Peers, Shortage};

pub(crate) use gate::Gate;

use crate::Clock;
use crate::platform::config;
use crate::platform::config::Turn as Settings;
use crate::platform::lock::lock;
use crate::platform::metrics::own_addresses;

/// Media addresses that are remembered: a port a core on each address of the machine.
const MAX_MEDIA_ADDRESSES: usize = 1_024;

/// What the kernel may hold for one relay: half a second of 8 Mbit/s.
const RELAY_BUFFER: usize = 512 * 1024;

/// The TURN server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turn(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    credentials: Credentials,
    clock: Clock,
    /// When the server began, from which its credentials reckon: they end with it, and people set the time of day.
    since: Now,
    ipv4: Ipv4Addr,
    ipv6: Option<Ipv6Addr>,
    media_ip: Option<IpAddr>,
    own: HashSet<IpAddr>,
    /// Where the media engine is, by the addresses that clients know.
    media: RwLock<HashMap<SocketAddr, SocketAddr>>,
    /// The relays that are open, and for whom.
    relays: Mutex<HashMap<SocketAddr, String>>,
    metrics: Metrics,
}

/// What the TURN server counts. Nothing is labelled by participant.
#[derive(Debug)]
struct Metrics {
    allocations: IntGauge,
    allocated: IntCounter,
    /// By `reason`.
    refused: IntCounterVec,
    /// By `direction`: `in` from clients, `out` to them.
    bytes: IntCounterVec,
    /// By `reason`.
    dropped: IntCounterVec,
}

/// A relay's place in the quotas, given back when this is dropped.
#[derive(Debug)]
struct Place {
    turn: Turn,
    address: SocketAddr,
}

impl Turn {
    /// A TURN server with a key of its own; `None` when the settings want none.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(config: &config::Config, clock: Clock) -> anyhow::Result<Option<Self>> {
        let settings = config.turn.clone();
        if !settings.enabled {
            return Ok(None);
        }
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).context("no randomness")?;
        let own = own_addresses();
        let mut reachable: Vec<IpAddr> = own.iter().copied().filter(is_of_a_network).collect();
        // The order of a set is arbitrary; the same machine should always use the same address.
        reachable.sort_unstable();
        let first = |of: fn(&IpAddr) -> bool| reachable.iter().copied().find(of);
        let ipv4 = match first(IpAddr::is_ipv4) {
            Some(IpAddr::V4(ip)) => ip,
            _ => Ipv4Addr::LOCALHOST,
        };
        let ipv6 = match first(IpAddr::is_ipv6) {
            Some(IpAddr::V6(ip)) => Some(ip),
            _ => None,
        };
        Ok(Some(Self(Arc::new(Inner {
            media_ip: settings.media_ip,
            settings,
            credentials: Credentials::new(&secret),
            since: clock.both(),
            clock,
            ipv4,
            ipv6,
            own,
            media: RwLock::default(),
            relays: Mutex::default(),
            metrics: Metrics::new(),
        }))))
    }

    /// Tells the counters under `registry`.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        let metrics = &self.0.metrics;
        registry.register(Box::new(metrics.allocations.clone()))?;
        registry.register(Box::new(metrics.allocated.clone()))?;
        registry.register(Box::new(metrics.refused.clone()))?;
        registry.register(Box::new(metrics.bytes.clone()))?;
        registry.register(Box::new(metrics.dropped.clone()))
    }

    /// What somebody needs to use this server: its address as they reach us, `host` with its port unless that is 443,
    /// and a credential of their own.
    #[must_use]
    pub fn ice_server(&self, host: &str, participant: ParticipantId) -> IceServer {
        let hours = u64::from(self.0.settings.credential_hours);
        let expires = self.unix() + hours * 3_600;
        let credential = self.0.credentials.issue(&participant.to_string(), expires);
        // A TURN address has another port when it names none (RFC 7065).
        let with_port = match host.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host.to_owned(),
            _ => format!("{host}:443"),
        };
        IceServer {
            urls: vec![format!("turns:{with_port}?transport=tcp")],
            username: credential.username,
            credential: credential.password,
        }
    }

    /// Learns from the media engine's reports: where it is, from its answers; and what comes from a relay of ours came
    /// to us over TLS, although the engine sees datagrams.
    pub(crate) fn observe(&self, event: &mut SfuEvent) {
        match event {
            SfuEvent::Answered { answer, .. } => self.learn(answer),
            SfuEvent::Connected { path, client, .. } if self.is_relay(*client) => {
                *path = MediaPath::Tls;
            }
            SfuEvent::Link { report, client, .. } if self.is_relay(*client) => {
                report.path = Some(MediaPath::Tls);
            }
            _ => {}
        }
    }

    fn learn(&self, answer: &str) {
        for address in answer.lines().filter_map(udp_candidate) {
            let known = |media: &HashMap<SocketAddr, SocketAddr>| media.contains_key(&address);
            if known(&read(&self.0.media)) {
                continue;
            }
            let mut media = self.0.media.write().unwrap_or_else(PoisonError::into_inner);
            if media.len() < MAX_MEDIA_ADDRESSES {
                let inside = SocketAddr::new(self.inside(address.ip()), address.port());
                media.insert(address, inside);
            }
        }
    }

    /// Where the engine really is when clients know it by `ip`: there, if that is an address of this machine; behind a
    /// one-to-one NAT, at the address that the settings name, or one of the machine's own.
    fn inside(&self, ip: IpAddr) -> IpAddr {
        if self.0.own.contains(&ip) || ip.is_loopback() {
            return ip;
        }
        let media_ip = self.0.media_ip.filter(|own| own.is_ipv4() == ip.is_ipv4());
        media_ip.unwrap_or_else(|| match ip {
            IpAddr::V4(_) => self.0.ipv4.into(),
            IpAddr::V6(_) => self.0.ipv6.map_or(ip, IpAddr::V6),
        })
    }

    fn is_relay(&self, client: Option<SocketAddr>) -> bool {
        client.is_some_and(|client| lock(&self.0.relays).contains_key(&client))
    }

    /// Opens a relay for `subject`, if it may have one more.
    fn open(&self, subject: &str, ipv6: bool) -> Result<(UdpSocket, Place), Shortage> {
        let ip: IpAddr = match (ipv6, self.0.ipv6) {
            (false, _) => self.0.ipv4.into(),
            (true, Some(ip)) => ip.into(),
            (true, None) => return Err(Shortage::Capacity),
        };
        let mut relays = lock(&self.0.relays);
        let settings = &self.0.settings;
        if relays.len() >= settings.allocations {
            return Err(Shortage::Capacity);
        }
        let of_subject = relays.values().filter(|of| *of == subject).count();
        if of_subject >= settings.allocations_per_participant {
            return Err(Shortage::Quota);
        }
        let (socket, address) = bind(ip).map_err(|error| {
            tracing::warn!(%error, %ip, "no port for a relay");
            Shortage::Capacity
        })?;
        relays.insert(address, subject.to_owned());
        let metrics = &self.0.metrics;
        metrics.allocations.inc();
        metrics.allocated.inc();
        let place = Place {
            turn: self.clone(),
            address,
        };
        Ok((socket, place))
    }

    fn unix(&self) -> u64 {
        let began = u64::try_from(self.0.since.utc.0 / 1_000_000).unwrap_or_default();
        began + self.0.clock.mono().since(self.0.since.mono).as_secs()
    }
}

impl Peers for Turn {
    fn may_reach(&self, ip: IpAddr) -> bool {
        read(&self.0.media).keys().any(|media| media.ip() == ip)
    }

    fn target(&self, peer: SocketAddr) -> Option<SocketAddr> {
        read(&self.0.media).get(&peer).copied()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.turn.0.relays).remove(&self.address);
        self.turn.0.metrics.allocations.dec();
    }
}

impl Metrics {
    fn new() -> Self {
        let counters = |name: &str, help: &str, label: &str| {
            IntCounterVec::new(Opts::new(name, help), &[label]).expect("names are well formed")
        };
        Self {
            allocations: IntGauge::new("turn_allocations", "Relays over TLS that are open.")
                .expect("names are well formed"),
            allocated: IntCounter::new("turn_allocations_total", "Relays over TLS opened.")
                .expect("names are well formed"),
            refused: counters(
                "turn_refused_total",
                "Connections ended and relays refused by the TURN server.",
                "reason",
            ),
            bytes: counters(
                "turn_bytes_total",
                "Bytes of datagrams relayed over TLS, from clients (in) and to them (out).",
                "direction",
            ),
            dropped: counters(
                "turn_dropped_packets_total",
                "Datagrams that the TURN server did not relay.",
                "reason",
            ),
        }
    }
}

/// A nonce that nobody can guess.
fn nonce() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 18];
    getrandom::fill(&mut bytes).context("no randomness")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The address of a candidate line that says UDP (RFC 8839, 5.1).
fn udp_candidate(line: &str) -> Option<SocketAddr> {
    let mut words = line.strip_prefix("a=candidate:")?.split_ascii_whitespace();
    let protocol = words.nth(2)?;
    let (ip, port) = (words.nth(1)?, words.next()?);
    if !protocol.eq_ignore_ascii_case("udp") {
        return None;
    }
    Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}

/// Whether others reach the machine by this address.
const fn is_of_a_network(ip: &IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !ip.is_loopback() && !link_local
}

fn bind(ip: IpAddr) -> std::io::Result<(UdpSocket, SocketAddr)> {
    use socket2::{Domain, Protocol, Socket, Type};

    let socket = Socket::new(
        Domain::for_address(SocketAddr::new(ip, 0)),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    // The kernel gives what its limits allow.
    socket.set_recv_buffer_size(RELAY_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::new(ip, 0).into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use protocol::UtcMicros;
    use protocol::client::LinkReport;
    use uuid::Uuid;

    use super::*;

    fn turn(settings: Settings) -> Turn {
        let config = config::Config {
            turn: settings,
            ..config::Config::default()
        };
        let clock = Clock::new(|| UtcMicros(1_795_334_400_000_000));
        Turn::new(&config, clock).unwrap().unwrap()
    }

    fn point() -> ParticipantId {
        ParticipantId(Uuid::from_u128(7))
    }

    fn answered(turn: &Turn, candidate: &str) {
        turn.observe(&mut SfuEvent::Answered {
            request: 1,
            answer: format!("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{candidate}\r\n"),
        });
    }

    #[test]
    fn only_what_the_engine_wrote_into_its_answers_may_be_reached() {
        let turn = turn(Settings::default());
        let media: SocketAddr = "127.0.0.1:7000".parse().unwrap();
        assert!(!turn.may_reach(media.ip()));
        answered(
            &turn,
            "a=candidate:1 1 udp 2113937151 127.0.0.1 7000 typ host\r\n\
             a=candidate:2 1 tcp 1518280447 127.0.0.9 7000 typ host tcptype passive",
        );
        assert_eq!(turn.target(media), Some(media));
        assert_eq!(turn.target("127.0.0.1:7001".parse().unwrap()), None);
        assert!(!turn.may_reach("127.0.0.9".parse().unwrap()), "TCP");
    }

    #[test]
    fn behind_a_nat_the_engine_is_reached_inside() {
        let turn = turn(Settings {
            media_ip: Some("192.0.2.2".parse().unwrap()),
            ..Settings::default()
        });
        answered(&turn, "a=candidate:1 1 udp 1 203.0.113.10 7000 typ host");
        let inside = turn.target("203.0.113.10:7000".parse().unwrap());
        assert_eq!(inside, Some("192.0.2.2:7000".parse().unwrap()));
    }

    #[test]
    fn credential_lasts_as_long_as_it_should_however_the_clock_is_set() {
        use std::sync::atomic::{AtomicI64, Ordering};

        use signaling_core::Mono;

        let (set, passed) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let (utc, mono) = (Arc::clone(&set), Arc::clone(&passed));
        let clock = Clock::of(
            move || UtcMicros(utc.load(Ordering::SeqCst)),
            move || Mono(mono.load(Ordering::SeqCst)),
        );
        // Booted without a battery for its clock, in 1970, and set a minute later.
        let turn = Turn::new(&config::Config::default(), clock)
            .unwrap()
            .unwrap();
        let began = turn.unix();
        set.store(1_795_334_400_000_000, Ordering::SeqCst);
        passed.store(60_000_000, Ordering::SeqCst);
        assert_eq!(turn.unix() - began, 60);
    }

    #[test]
    fn address_for_clients_names_its_port() {
        let turn = turn(Settings::default());
        let url = |host| turn.ice_server(host, point()).urls.remove(0);
        assert_eq!(url("hop.vn"), "turns:hop.vn:443?transport=tcp");
        assert_eq!(url("hop.vn:8443"), "turns:hop.vn:8443?transport=tcp");
        assert_eq!(
            url("[2001:db8::1]"),
            "turns:[2001:db8::1]:443?transport=tcp"
        );
        assert_eq!(
            url("[2001:db8::1]:8443"),
            "turns:[2001:db8::1]:8443?transport=tcp"
        );
    }

    #[tokio::test]
    async fn quotas_are_kept_and_given_back() {
        let turn = turn(Settings {
            allocations: 3,
            allocations_per_participant: 2,
            ..Settings::default()
        });
        let first = turn.open("a", false).unwrap();
        let second = turn.open("a", false).unwrap();
        assert_eq!(turn.open("a", false).unwrap_err(), Shortage::Quota);
        let third = turn.open("b", false).unwrap();
        assert_eq!(turn.open("c", false).unwrap_err(), Shortage::Capacity);
        assert_eq!(turn.0.metrics.allocations.get(), 3);
        drop((first, third));
        assert!(turn.open("a", false).is_ok());
        drop(second);
        assert_eq!(turn.0.metrics.allocations.get(), 0);
    }

    #[tokio::test]
    async fn whoever_comes_from_a_relay_came_over_tls() {
        let turn = turn(Settings::default());
        let (_socket, place) = turn.open("a", false).unwrap();
        let stranger = "198.51.100.4:50000".parse().unwrap();
        for (client, expected) in [(place.address, MediaPath::Tls), (stranger, MediaPath::Udp)] {
            let mut connected = SfuEvent::Connected {
                room: Uuid::from_u128(1).into(),
                participant: point(),
                path: MediaPath::Udp,
                client: Some(client),
            };
            turn.observe(&mut connected);
            assert!(matches!(connected, SfuEvent::Connected { path, .. } if path == expected));
            let mut link = SfuEvent::Link {
                room: Uuid::from_u128(1).into(),
                participant: point(),
                report: LinkReport {
                    path: Some(MediaPath::Udp),
                    ..LinkReport::default()
                },
                client: Some(client),
            };
            turn.observe(&mut link);
            assert!(matches!(link, SfuEvent::Link { report, .. } if report.path == Some(expected)));
        }
    }
}
