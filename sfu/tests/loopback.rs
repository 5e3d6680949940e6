//! A whole node on loopback sockets, with real clients.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use protocol::media::{MediaPath, Profile, Source};
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu::{Config, Running};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::{Candidate, Event, Input, Output, Rtc};
use uuid::Uuid;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

fn start() -> Running {
    start_with(Config::default())
}

fn start_with(config: Config) -> Running {
    sfu::start(
        Config {
            listen_ip: Ipv4Addr::UNSPECIFIED.into(),
            public_ips: vec![Ipv4Addr::LOCALHOST.into()],
            media_port: 0,
            shards: 2,
            pin_threads: false,
            ..config
        },
        None,
    )
    .unwrap()
}

/// A client's way to the node.
enum Wire {
    Udp(UdpSocket),
    Tcp {
        stream: TcpStream,
        received: Vec<u8>,
    },
}

/// A client of another kind than the node: a whole WebRTC endpoint with its own socket.
struct Client {
    rtc: Rtc,
    wire: Option<Wire>,
    pending: Option<SdpPendingOffer>,
    video: Mid,
    connected: bool,
    frames: u32,
    frames_seen: u32,
    keyframes_asked: u32,
    next_frame: Instant,
}

impl Client {
    fn offer(direction: Direction) -> (Self, String) {
        let now = Instant::now();
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_vp8(true)
            .enable_opus(true, false)
            .build(now);
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, direction, None, None, None);
        let video = change.add_media(MediaKind::Video, direction, None, None, None);
        let (offer, pending): (SdpOffer, _) = change.apply().unwrap();
        let client = Self {
            rtc,
            wire: None,
            pending: Some(pending),
            video,
            connected: false,
            frames: 0,
            frames_seen: 0,
            keyframes_asked: 0,
            next_frame: now,
        };
        (client, offer.to_sdp_string())
    }

    fn connect_udp(&mut self, answer: &str) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let own = Candidate::host(socket.local_addr().unwrap(), "udp").unwrap();
        self.rtc.add_local_candidate(own);
        self.wire = Some(Wire::Udp(socket));
        self.accept(answer);
    }

    fn connect_tcp(&mut self, answer: &str, port: u16) {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let own = Candidate::builder()
            .tcp()
            .host(stream.local_addr().unwrap())
            .tcptype(TcpType::Active)
            .build()
            .unwrap();
        stream.set_nonblocking(true).unwrap();
        self.rtc.add_local_candidate(own);
        self.wire = Some(Wire::Tcp {
            stream,
            received: Vec::new(),
        });
        // The client's network lets no UDP through.
        let answer: String = answer
            .split_inclusive("\r\n")
            .filter(|line| !(line.starts_with("a=candidate:") && line.contains(" udp ")))
            .collect();
        self.accept(&answer);
    }

    fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// Sends a picture every 33 ms, a keyframe when one is asked for.
    fn show(&mut self) {
        let now = Instant::now();
        if !self.connected || now < self.next_frame {
            return;
        }
        self.next_frame = now + Duration::from_millis(33);
        let keyframe = self.frames == 0 || self.keyframes_asked > 0;
        self.keyframes_asked = 0;
        let mut picture = vec![0x5a; 3000];
        picture[0] = u8::from(!keyframe);
        let Some(writer) = self.rtc.writer(self.video) else {
            return;
        };
        let pt = writer
            .payload_params()
            .find(|params| params.spec().codec == Codec::Vp8)
            .map(str0m::format::PayloadParams::pt)
            .unwrap();
        let time = MediaTime::from_90khz(u64::from(self.frames) * 3000);
        writer.write(pt, now, time, picture).unwrap();
        self.frames += 1;
        self.drain();
    }

    /// Receives all that has come.
    fn step(&mut self) {
        self.show();
        while let Some((source, destination, protocol, bytes)) = self.read() {
            if let Ok(receive) = Receive::new(protocol, source, destination, &bytes) {
                let input = Input::Receive(Instant::now(), receive);
                self.rtc.handle_input(input).unwrap();
            }
            self.drain();
        }
        self.rtc
            .handle_input(Input::Timeout(Instant::now()))
            .unwrap();
        self.drain();
    }

    fn read(&mut self) -> Option<(SocketAddr, SocketAddr, Protocol, Vec<u8>)> {
        match self.wire.as_mut().unwrap() {
            Wire::Udp(socket) => {
                let mut buffer = vec![0; 2000];
                let (length, source) = socket.recv_from(&mut buffer).ok()?;
                buffer.truncate(length);
                Some((source, socket.local_addr().unwrap(), Protocol::Udp, buffer))
            }
            Wire::Tcp { stream, received } => {
                let mut buffer = [0; 4096];
                match stream.read(&mut buffer) {
                    Ok(length) => received.extend_from_slice(&buffer[..length]),
                    Err(error)
                        if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(error) => panic!("{error}"),
                }
                let length = usize::from(u16::from_be_bytes(*received.first_chunk()?));
                let frame = received.get(2..2 + length)?.to_vec();
                received.drain(..2 + length);
                Some((
                    stream.peer_addr().unwrap(),
                    stream.local_addr().unwrap(),
                    Protocol::Tcp,
                    frame,
                ))
            }
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => match self.wire.as_mut().unwrap() {
                    Wire::Udp(socket) => {
                        // A candidate that this socket cannot reach is no error.
                        let _ = socket.send_to(&transmit.contents, transmit.destination);
                    }
                    Wire::Tcp { stream, .. } => {
                        let length = u16::try_from(transmit.contents.len()).unwrap();
                        stream.write_all(&length.to_be_bytes()).unwrap();
                        stream.write_all(&transmit.contents).unwrap();
                    }
                },
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::MediaData(data)) if data.mid == self.video => {
                    self.frames_seen += 1;
                }
                Output::Event(Event::KeyframeRequest(_)) => self.keyframes_asked += 1,
                Output::Event(_) => {}
            }
        }
    }
}

fn join(
    node: &mut Running,
    request: u64,
    room: RoomId,
    profile: Profile,
    offer: String,
) -> Result<String, OfferRefusal> {
    node.commands
        .blocking_send(SfuCommand::Join {
            request,
            room,
            participant: ParticipantId(Uuid::from_u128(u128::from(request))),
            profile,
            may_publish: profile == Profile::Whip,
            microphone_open: true,
            offer,
        })
        .unwrap();
    loop {
        match node.events.blocking_recv().unwrap() {
            SfuEvent::Answered {
                request: of,
                answer,
            } if of == request => return Ok(answer),
            SfuEvent::Refused {
                request: of,
                reason,
            } if of == request => return Err(reason),
            _ => {}
        }
    }
}

/// Lets both clients work until something is true of them.
fn run_until(clients: &mut [&mut Client], what: &str, done: impl Fn(&[&mut Client]) -> bool) {
    let started = Instant::now();
    while !done(clients) {
        assert!(started.elapsed() < PATIENCE, "gave up waiting: {what}");
        for client in clients.iter_mut() {
            client.step();
        }
        // The pace of the clients' clocks, not a wait for anything.
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn room() -> RoomId {
    RoomId::from(Uuid::from_u128(7))
}

/// An encoder and a player in the same room, over UDP.
fn lesson(node: &mut Running) -> (Client, Client) {
    let (mut encoder, offer) = Client::offer(Direction::SendOnly);
    let answer = join(node, 1, room(), Profile::Whip, offer).unwrap();
    encoder.connect_udp(&answer);
    let (mut player, offer) = Client::offer(Direction::RecvOnly);
    let answer = join(node, 2, room(), Profile::Whep, offer).unwrap();
    player.connect_udp(&answer);
    (encoder, player)
}

#[test]
fn encoder_is_seen_by_a_player() {
    let mut node = start();
    let (mut encoder, mut player) = lesson(&mut node);

    run_until(
        &mut [&mut encoder, &mut player],
        "the player shows 30 pictures",
        |clients| clients[1].frames_seen >= 30,
    );
    let mut events = Vec::new();
    while let Ok(event) = node.events.try_recv() {
        events.push(event);
    }
    assert!(events.iter().any(|event| matches!(
        event,
        SfuEvent::TrackStarted { track, .. } if track.source == Source::Camera
    )));
    node.node.shutdown().unwrap();
}

/// The series of a name: the value of its only label, and its own.
fn series(node: &Running, name: &str) -> Vec<(String, f64)> {
    let families = node.node.registry().gather();
    let metrics = families
        .iter()
        .filter(|family| family.name() == name)
        .flat_map(|family| family.get_metric());
    metrics
        .map(|metric| {
            let label = metric.get_label()[0].value().to_owned();
            let value = metric.get_gauge().get_value() + metric.get_counter().get_value();
            (label, value)
        })
        .collect()
}

#[test]
fn large_room_cascades_over_shards_and_ends_on_all_of_them() {
    let mut node = start_with(Config {
        peers_per_shard: 1,
        ..Config::default()
    });
    let (mut encoder, first) = lesson(&mut node);
    let mut players = vec![first];
    for number in 3..=5 {
        let (mut player, offer) = Client::offer(Direction::RecvOnly);
        let answer = join(&mut node, number, room(), Profile::Whep, offer).unwrap();
        player.connect_udp(&answer);
        players.push(player);
    }
    let peers = |node: &Running| {
        let peers = series(node, "sfu_peers").into_iter();
        peers.map(|(_, peers)| peers as u32).collect::<Vec<_>>()
    };
    let mut clients: Vec<&mut Client> = vec![&mut encoder];
    clients.extend(&mut players);
    run_until(&mut clients, "the node counts its peers", |_| {
        let peers = peers(&node);
        peers.iter().sum::<u32>() == 5 && peers.iter().all(|peers| *peers >= 2)
    });
    run_until(&mut clients, "everybody sees the encoder", |clients| {
        clients[1..].iter().all(|player| player.frames_seen > 10)
    });
    // One room, however many shards carry it, and one picture.
    let name = room().to_string();
    run_until(&mut clients, "the room is told as one", |_| {
        series(&node, "sfu_room_peers") == [(name.clone(), 5.0)]
            && series(&node, "sfu_room_tracks") == [(name.clone(), 1.0)]
    });
    let leave = SfuCommand::Leave {
        room: room(),
        participant: ParticipantId(Uuid::from_u128(5)),
    };
    node.commands.blocking_send(leave).unwrap();
    run_until(&mut clients, "one has left", |_| {
        peers(&node).iter().sum::<u32>() == 4
    });
    let close = SfuCommand::CloseRoom { room: room() };
    node.commands.blocking_send(close).unwrap();
    run_until(&mut clients, "nobody is left", |_| {
        peers(&node).iter().sum::<u32>() == 0
    });
    node.node.shutdown().unwrap();
}

#[test]
fn room_is_told_to_prometheus_while_it_lives_and_leaves_nothing_behind() {
    let mut node = start();
    let (mut encoder, mut player) = lesson(&mut node);
    let name = room().to_string();
    run_until(
        &mut [&mut encoder, &mut player],
        "the room is told, with its track",
        |_| {
            series(&node, "sfu_room_peers") == [(name.clone(), 2.0)]
                && series(&node, "sfu_room_tracks") == [(name.clone(), 1.0)]
        },
    );
    let close = SfuCommand::CloseRoom { room: room() };
    node.commands.blocking_send(close).unwrap();
    run_until(
        &mut [&mut encoder, &mut player],
        "nothing is left of the room",
        |_| series(&node, "sfu_room_peers").is_empty(),
    );
    for name in ["sfu_room_tracks", "sfu_room_ingress_bps"] {
        assert!(series(&node, name).is_empty(), "{name}");
    }
    node.node.shutdown().unwrap();
}

#[test]
fn player_behind_a_firewall_is_served_over_tcp() {
    let mut node = start();
    let (mut encoder, offer) = Client::offer(Direction::SendOnly);
    let answer = join(&mut node, 1, room(), Profile::Whip, offer).unwrap();
    encoder.connect_udp(&answer);
    let (mut player, offer) = Client::offer(Direction::RecvOnly);
    let answer = join(&mut node, 2, room(), Profile::Whep, offer).unwrap();
    let port = answer
        .lines()
        .find(|line| line.contains(" tcp ") && line.contains("127.0.0.1"))
        .and_then(|line| line.split_whitespace().nth(5))
        .and_then(|port| port.parse().ok())
        .unwrap();
    assert!(node.node.ports().contains(&port));
    player.connect_tcp(&answer, port);

    run_until(
        &mut [&mut encoder, &mut player],
        "the player shows 30 pictures",
        |clients| clients[1].frames_seen >= 30,
    );
    let by_tcp = |event: SfuEvent| {
        matches!(
            event,
            SfuEvent::Connected {
                path: MediaPath::Tcp,
                ..
            }
        )
    };
    let mut seen = false;
    while let Ok(event) = node.events.try_recv() {
        seen |= by_tcp(event);
    }
    assert!(seen, "the path is reported");
    node.node.shutdown().unwrap();
}

#[test]
fn goodbye_of_the_node_ends_its_clients() {
    let mut node = start();
    let (mut encoder, offer) = Client::offer(Direction::SendOnly);
    let answer = join(&mut node, 1, room(), Profile::Whip, offer).unwrap();
    encoder.connect_udp(&answer);
    run_until(&mut [&mut encoder], "the encoder connects", |clients| {
        clients[0].connected
    });
    node.node.shutdown().unwrap();
    run_until(
        &mut [&mut encoder],
        "the encoder hears the end",
        |clients| !clients[0].rtc.is_alive(),
    );
}

#[test]
fn full_node_refuses() {
    let mut node = sfu::start(
        Config {
            listen_ip: Ipv4Addr::LOCALHOST.into(),
            media_port: 0,
            shards: 1,
            max_peers: 0,
            pin_threads: false,
            ..Config::default()
        },
        None,
    )
    .unwrap();
    let (_encoder, offer) = Client::offer(Direction::SendOnly);
    assert_eq!(
        join(&mut node, 1, room(), Profile::Whip, offer),
        Err(OfferRefusal::NodeFull)
    );
    node.node.shutdown().unwrap();
}

#[test]
fn last_places_are_kept_for_those_who_take_part() {
    let mut node = sfu::start(
        Config {
            listen_ip: Ipv4Addr::LOCALHOST.into(),
            media_port: 0,
            shards: 1,
            max_peers: 8,
            reserved_peers: 3,
            pin_threads: false,
            ..Config::default()
        },
        None,
    )
    .unwrap();
    // A crowd that comes faster than peers are counted.
    for request in 1..=50 {
        let (_, offer) = Client::offer(Direction::RecvOnly);
        let viewer = SfuCommand::Join {
            request,
            room: room(),
            participant: ParticipantId(Uuid::from_u128(u128::from(request))),
            profile: Profile::Whep,
            may_publish: false,
            microphone_open: false,
            offer,
        };
        node.commands.blocking_send(viewer).unwrap();
    }
    let (mut taken, mut refused) = (0, 0);
    while taken + refused < 50 {
        match node.events.blocking_recv().unwrap() {
            SfuEvent::Answered { .. } => taken += 1,
            SfuEvent::Refused { reason, .. } => {
                assert_eq!(reason, OfferRefusal::NodeReserved);
                refused += 1;
            }
            _ => {}
        }
    }
    assert!((1..=5).contains(&taken), "{taken} of 8, 3 kept");
    for request in 51..=53 {
        let (_, offer) = Client::offer(Direction::SendOnly);
        let point = join(&mut node, request, room(), Profile::Whip, offer);
        assert!(point.is_ok(), "{point:?}");
    }
    node.node.shutdown().unwrap();
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    let mut node = start();
    let refusal = join(&mut node, 1, room(), Profile::Desk, "nonsense".into());
    assert!(matches!(refusal, Err(OfferRefusal::BadSdp { detail }) if !detail.is_empty()));
    node.node.shutdown().unwrap();
}

#[test]
fn silent_connections_are_closed_and_take_no_places_of_others() {
    let mut node = start();
    let port = node.node.ports()[0];
    let connect = || {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    // One that says nothing, one that talks nonsense, and a flood of both kinds.
    let silent = connect();
    let mut babbling = connect();
    babbling.write_all(b"\x00\x04ping").unwrap();
    let flood: Vec<TcpStream> = (0..300).map(|_| connect()).collect();
    for mut stream in [silent, babbling].into_iter().chain(flood) {
        let end = stream.read(&mut [0; 16]);
        let closed = matches!(&end, Ok(0))
            || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
        assert!(closed, "it is closed");
    }
    let refused: BTreeMap<String, f64> =
        series(&node, "sfu_tcp_refused_total").into_iter().collect();
    assert!(refused["network"] > 0.0, "{refused:?}");
    assert!(refused["silent"] > 0.0, "{refused:?}");
    // Whoever has something to say is served.
    let (mut player, offer) = Client::offer(Direction::RecvOnly);
    let answer = join(&mut node, 2, room(), Profile::Whep, offer).unwrap();
    let port = answer
        .split_once(" tcp ")
        .and_then(|(_, rest)| rest.split(' ').nth(2)?.parse().ok())
        .unwrap();
    player.connect_tcp(&answer, port);
    run_until(&mut [&mut player], "the player connects", |clients| {
        clients[0].connected
    });
    node.node.shutdown().unwrap();
}
