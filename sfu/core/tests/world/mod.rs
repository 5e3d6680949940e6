//! A room on virtual time: the core, clients that are whole WebRTC endpoints, and an emulated network between them.
//!
//! Every picture and voice packet says in its payload who made it and in which encoding, so that a test can tell what
//! somebody really sees.

mod client;
mod metered;
mod player;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub(crate) use client::{Client, Gear, Seen};
use impairment::{Conditions, Link};
use metered::Metered;

use protocol::media::{MediaPath, Profile, Source, TrackRef};
use protocol::relay::{RelayFrame, RelayMessage, StreamId};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu_core::{CascadeMessage, Config, Datagram, Input, Output, Sfu, ShardId};
use str0m::Candidate;
use str0m::format::Codec;
use str0m::net::Receive;
use uuid::Uuid;

/// The grid of virtual time: timers are no finer than those of a shell.
const STEP: Duration = Duration::from_millis(1);
/// What IPv4 and UDP add to a datagram.
const HEADER_BYTES: usize = 28;

/// A link without faults, 10 ms long.
pub(crate) fn good_link() -> Conditions {
    Conditions {
        delay: Duration::from_millis(10),
        ..Conditions::default()
    }
}

/// Where a shard is reached.
const fn server(shard: usize) -> SocketAddr {
    let ip = std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    SocketAddr::new(ip, 7000 + shard as u16)
}

/// Where a client is in one of its networks.
fn address_in(network: u8, who: Who, port: u16) -> SocketAddr {
    let (high, low) = (who / 250, who % 250 + 1);
    SocketAddr::from(([10, network, high as u8, low as u8], port))
}

fn shard(now: Instant, number: usize) -> Metered {
    let config = Config {
        addresses: vec![server(number)],
        tcp: false,
        first_stream: 0,
    };
    Metered::new(Sfu::new(now, config))
}

/// What came on a picture line has no gap and no step back in any of its numbers.
pub(crate) fn assert_unbroken(seen: &[Seen]) {
    for pair in seen.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        assert_eq!(b.sequence, a.sequence + 1, "{a:?} {b:?}");
        let step = b.picture.wrapping_sub(a.picture) & 0x7fff;
        assert!(step <= 1, "picture ids: {a:?} {b:?}");
        assert_eq!(b.tl0.wrapping_sub(a.tl0), step as u8, "{a:?} {b:?}");
        let ahead = b.time.wrapping_sub(a.time);
        assert!(ahead < 2 * 90_000, "RTP time: {a:?} {b:?}");
        assert_eq!(ahead == 0, step == 0, "one time, one picture: {a:?} {b:?}");
    }
}

/// The room all tests happen in.
pub(crate) fn room() -> RoomId {
    RoomId::from(Uuid::from_u128(0xfeed))
}

/// Somebody in the room.
pub(crate) type Who = usize;

/// The room and everybody in it.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) sfu: Metered,
    /// Further shards, with branches of the room.
    pub(crate) branches: Vec<Metered>,
    /// What shards have for each other: from, to, what.
    messages: VecDeque<(usize, usize, CascadeMessage)>,
    /// How many crossed so far that were media.
    pub(crate) carried: u64,
    /// The shard that the next client is placed on; 0 is the home.
    pub(crate) place: usize,
    pub(crate) clients: Vec<Client>,
    next_server: Instant,
    /// How long the machine may keep the server waiting; the server then takes what came meanwhile at once.
    pub(crate) server_lag: Duration,
    /// Time passes in steps of this.
    pub(crate) grid: Duration,
    server_awake: Instant,
    pub(crate) events: Vec<(Instant, SfuEvent)>,
    /// What the recorder got of streams.
    pub(crate) relayed: Vec<RelayFrame>,
    /// When a recording began or ended for it: behind how many of those frames.
    pub(crate) relay_marks: Vec<(usize, RelayMessage)>,
    answers: BTreeMap<u64, String>,
    request: u64,
    random: u64,
    /// What the next client knows of pictures; it sends the first.
    pub(crate) codecs: Vec<Codec>,
}

impl World {
    pub(crate) fn new() -> Self {
        fastrand::seed(1);
        let now = Instant::now();
        Self {
            now,
            sfu: shard(now, 0),
            branches: Vec::new(),
            messages: VecDeque::new(),
            carried: 0,
            place: 0,
            clients: Vec::new(),
            next_server: now,
            server_lag: Duration::ZERO,
            grid: STEP,
            server_awake: now,
            events: Vec::new(),
            relayed: Vec::new(),
            relay_marks: Vec::new(),
            answers: BTreeMap::new(),
            request: 0,
            random: 0x9e37_79b9_7f4a_7c15,
            codecs: vec![Codec::Vp8],
        }
    }

    /// The same on a node with several shards, of which all others have branches.
    pub(crate) fn on_shards(shards: usize) -> Self {
        let mut world = Self::new();
        for number in 1..shards {
            let mut branch = shard(world.now, number);
            let home = ShardId(0);
            branch.handle(world.now, Input::Adopt { room: room(), home });
            world.branches.push(branch);
        }
        world
    }

    /// Somebody joins, with the lines of a profile, and connects.
    pub(crate) fn join(&mut self, profile: Profile) -> Who {
        let who = self.join_as(profile, profile != Profile::Whep, true);
        self.until("it connects", |world| world.clients[who].connected);
        who
    }

    /// Somebody with a special device joins and connects.
    pub(crate) fn join_with_gear(&mut self, profile: Profile, gear: Gear) -> Who {
        let participant = ParticipantId(Uuid::from_u128(self.clients.len() as u128 + 1));
        let may_publish = profile != Profile::Whep;
        let who = self.join_with(participant, profile, may_publish, true, gear);
        self.until("it connects", |world| world.clients[who].connected);
        who
    }

    pub(crate) fn join_as(
        &mut self,
        profile: Profile,
        may_publish: bool,
        microphone_open: bool,
    ) -> Who {
        let participant = ParticipantId(Uuid::from_u128(self.clients.len() as u128 + 1));
        let gear = Gear::default();
        self.join_with(participant, profile, may_publish, microphone_open, gear)
    }

    /// The same participant joins from another device.
    pub(crate) fn join_again(&mut self, who: Who, profile: Profile) -> Who {
        self.join_with(self.participant(who), profile, true, true, Gear::default())
    }

    fn join_with(
        &mut self,
        participant: ParticipantId,
        profile: Profile,
        may_publish: bool,
        microphone_open: bool,
        gear: Gear,
    ) -> Who {
        let who = self.clients.len();
        let address = address_in(1, who, 5000);
        let person = (who, participant, address, self.place);
        let (client, offer) = Client::new(self.now, person, profile, gear, &self.codecs);
        self.clients.push(client);
        self.request += 1;
        let request = self.request;
        let place = self.place;
        self.command_to(
            place,
            SfuCommand::Join {
                request,
                room: room(),
                participant,
                profile,
                may_publish,
                microphone_open,
                offer,
            },
        );
        let answer = self
            .answers
            .remove(&request)
            .unwrap_or_else(|| panic!("not answered: {:?}", self.events.last()));
        self.clients[who].accept(&answer);
        who
    }

    /// A client changes its network: another address, and an ICE restart.
    pub(crate) fn move_to_another_network(&mut self, who: Who) {
        let client = &mut self.clients[who];
        client.address = address_in(2, who, 6000);
        client.connected = false;
        let mut change = client.rtc.sdp_api();
        change.ice_restart(false);
        let (offer, pending) = change.apply().unwrap();
        client.pending = Some(pending);
        let (participant, place) = (client.participant, client.shard);
        self.request += 1;
        let request = self.request;
        self.command_to(
            place,
            SfuCommand::IceRestart {
                request,
                room: room(),
                participant,
                offer: offer.to_sdp_string(),
            },
        );
        let answer = self.answers.remove(&request).unwrap();
        let client = &mut self.clients[who];
        // The answer completes the restart, which forgets the old candidates.
        client.accept(&answer);
        let own = Candidate::host(client.address, "udp").unwrap();
        client.rtc.add_local_candidate(own);
        // What was on its way to the old address is lost.
        let good = vec![(Duration::ZERO, good_link())];
        client.down = Link::new(self.now, good.clone(), 0);
        client.up = Link::new(self.now, good, 1);
    }

    /// Has somebody's peer taken away.
    pub(crate) fn leave(&mut self, who: Who) {
        let (participant, place) = (self.participant(who), self.clients[who].shard);
        let room = room();
        self.command_to(place, SfuCommand::Leave { room, participant });
    }

    /// Tells the room's home something.
    pub(crate) fn command(&mut self, command: SfuCommand) {
        self.command_to(0, command);
    }

    /// Tells one shard something.
    pub(crate) fn command_to(&mut self, place: usize, command: SfuCommand) {
        let now = self.now;
        self.shard(place).handle(now, Input::Command(command));
        self.drain_server();
    }

    /// Asks the home for a keyframe of a relayed stream.
    pub(crate) fn want_keyframe(&mut self, stream: StreamId) {
        let now = self.now;
        self.shard(0).handle(now, Input::KeyframeWanted(stream));
        self.drain_server();
    }

    pub(crate) fn shard(&mut self, place: usize) -> &mut Metered {
        match place.checked_sub(1) {
            Some(branch) => &mut self.branches[branch],
            None => &mut self.sfu,
        }
    }

    pub(crate) fn participant(&self, who: Who) -> ParticipantId {
        self.clients[who].participant
    }

    pub(crate) fn track(&self, who: Who, source: Source) -> TrackRef {
        TrackRef {
            participant: self.participant(who),
            source,
        }
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.step(end);
        }
    }

    /// Lets time pass until something is true, at most a minute; returns how long it took.
    pub(crate) fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) -> Duration {
        let start = self.now;
        let end = start + Duration::from_secs(60);
        while !done(self) {
            assert!(self.now < end, "gave up waiting: {what}");
            self.step(end);
        }
        self.now - start
    }

    /// Goes to the next moment at which something happens, on the grid.
    fn step(&mut self, end: Instant) {
        let mut next = self.next_server.max(self.server_awake);
        for client in &self.clients {
            next = next.min(client.next_action());
            let up = client.up.next().map(|at| at.max(self.server_awake));
            next = [up, client.down.next()]
                .into_iter()
                .flatten()
                .fold(next, Instant::min);
        }
        let steps = next.saturating_duration_since(self.now).as_nanos();
        let steps = steps.div_ceil(self.grid.as_nanos()).max(1) as u32;
        self.now = (self.now + self.grid * steps).min(end);
        let now = self.now;
        if self.server_awake <= now {
            self.run_server(now);
        }
        for who in 0..self.clients.len() {
            self.run_client(now, who);
        }
    }

    fn run_server(&mut self, now: Instant) {
        let mut worked = false;
        for who in 0..self.clients.len() {
            while let Some((source, payload)) = self.clients[who].up.pop(now) {
                let place = self.clients[who].shard;
                let datagram = Datagram {
                    path: MediaPath::Udp,
                    source,
                    destination: server(place),
                    payload: &payload,
                };
                self.shard(place).handle(now, Input::Datagram(datagram));
                worked = true;
            }
        }
        if self.next_server <= now {
            for place in 0..=self.branches.len() {
                self.shard(place).handle(now, Input::Timeout);
            }
            worked = true;
        }
        if worked {
            self.drain_server();
            let lag = self.server_lag.as_millis() as u64;
            let lag = if lag == 0 { 0 } else { self.dice() % lag };
            self.server_awake = now + Duration::from_millis(lag);
        }
    }

    fn run_client(&mut self, now: Instant, who: Who) {
        let client = &mut self.clients[who];
        if client.next_action() > now && client.down.next().is_none_or(|at| at > now) {
            return;
        }
        while let Some(payload) = self.clients[who].down.pop(now) {
            let client = &mut self.clients[who];
            let protocol = str0m::net::Protocol::Udp;
            let from = server(client.shard);
            let receive = Receive::new(protocol, from, client.address, &payload);
            let input = str0m::Input::Receive(now, receive.unwrap());
            client.rtc.handle_input(input).unwrap();
            self.drain_client(who);
        }
        let client = &mut self.clients[who];
        client.produce(now, who);
        if client.next_timeout <= now {
            let timeout = str0m::Input::Timeout(now);
            client.rtc.handle_input(timeout).unwrap();
        }
        self.drain_client(who);
    }

    fn drain_server(&mut self) {
        self.next_server = self.drain_shard(0);
        for branch in 1..=self.branches.len() {
            let next = self.drain_shard(branch);
            self.next_server = self.next_server.min(next);
        }
        while let Some((from, to, message)) = self.messages.pop_front() {
            self.carried += u64::from(message.is_media());
            let (now, from) = (self.now, ShardId(from));
            self.shard(to).handle(now, Input::Cascade { from, message });
            let next = self.drain_shard(to);
            self.next_server = self.next_server.min(next);
        }
    }

    /// Carries out what a shard wants; returns when it wants to be told the time.
    fn drain_shard(&mut self, place: usize) -> Instant {
        loop {
            match self.shard(place).poll_output() {
                Output::Timeout(at) => return at,
                Output::Cascade { to, message } => {
                    self.messages.push_back((place, to.0, message));
                }
                Output::Event(SfuEvent::Answered { request, answer }) => {
                    self.answers.insert(request, answer);
                }
                Output::Event(event) => self.events.push((self.now, event)),
                Output::Relay(RelayFrame::Message(
                    mark @ (RelayMessage::RelayStarted { .. } | RelayMessage::RelayEnded { .. }),
                )) => self.relay_marks.push((self.relayed.len(), mark)),
                Output::Relay(frame) => self.relayed.push(frame),
                Output::Transmit(transmit) => {
                    for datagram in transmit.datagrams() {
                        self.send_down(transmit.destination, datagram);
                    }
                    self.shard(place).recycle(transmit.payload);
                }
            }
        }
    }

    fn send_down(&mut self, destination: SocketAddr, datagram: &[u8]) {
        let now = self.now;
        let mut clients = self.clients.iter_mut();
        if let Some(client) = clients.find(|client| client.address == destination) {
            let bytes = datagram.len() + HEADER_BYTES;
            client.datagrams += 1;
            client.down.push(now, bytes, datagram.to_vec());
        }
    }

    /// Any number, the same every time.
    fn dice(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn drain_client(&mut self, who: Who) {
        let now = self.now;
        let client = &mut self.clients[who];
        loop {
            match client.rtc.poll_output().unwrap() {
                str0m::Output::Timeout(at) => {
                    client.next_timeout = at;
                    if at <= now {
                        client.rtc.handle_input(str0m::Input::Timeout(now)).unwrap();
                        continue;
                    }
                    return;
                }
                str0m::Output::Transmit(transmit) => {
                    // What leaves from an address that the client has no more is lost. 20 to 63 is DTLS (RFC 7983).
                    let is_dtls = matches!(transmit.contents[0], 20..=63);
                    if transmit.source == client.address && !(client.only_ice && is_dtls) {
                        let payload = transmit.contents.to_vec();
                        let bytes = payload.len() + HEADER_BYTES;
                        client.up.push(now, bytes, (client.address, payload));
                    }
                }
                str0m::Output::Event(event) => client.on_event(now, event),
            }
        }
    }

    /// Bits per second that somebody received on all lines over the last `span`.
    pub(crate) fn received_bps(&self, who: Who, span: Duration) -> u64 {
        let since = self.now - span;
        let bytes: usize = self.clients[who]
            .seen
            .values()
            .flatten()
            .filter(|seen| seen.at >= since)
            .map(|seen| seen.bytes)
            .sum();
        bytes as u64 * 8_000 / span.as_millis() as u64
    }
}
