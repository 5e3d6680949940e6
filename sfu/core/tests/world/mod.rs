//! A room on virtual time: the core, clients that are whole WebRTC endpoints, and an emulated network between them.
//!
//! Every picture and voice packet says in its payload who made it and in which encoding, so that a test can tell what
//! somebody really sees.

mod metered;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use metered::Metered;
use protocol::media::{MediaPath, Profile, Source, TrackRef};
use protocol::relay::RelayFrame;
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu_core::{Config, Datagram, Input, Output, Sfu};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::net::Receive;
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Rtc};
use uuid::Uuid;

/// One way through the network.
const LATENCY: Duration = Duration::from_millis(10);
/// The step of virtual time.
const STEP: Duration = Duration::from_millis(1);
/// What waits longer than this before a narrow link is dropped, as routers do.
const LINK_QUEUE: Duration = Duration::from_millis(300);

const SERVER: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)),
    7000,
);

/// The room all tests happen in.
pub(crate) fn room() -> RoomId {
    RoomId::from(Uuid::from_u128(0xfeed))
}

/// Somebody in the room.
pub(crate) type Who = usize;

/// What one received packet says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) sequence: u64,
    pub(crate) time: u32,
    pub(crate) bytes: usize,
    /// Who made it.
    pub(crate) who: Who,
    /// In which encoding.
    pub(crate) layer: usize,
    /// Whether it is the first packet of a keyframe.
    pub(crate) keyframe: bool,
    /// Whether it is the last packet of a picture.
    pub(crate) marker: bool,
    /// `None` for voices.
    pub(crate) codec: Option<Codec>,
    pub(crate) picture: u16,
    pub(crate) tl0: u8,
}

/// A camera's encodings: packets a picture, bytes a packet.
const ENCODINGS: [(usize, usize); 3] = [(1, 600), (2, 1000), (6, 1030)];

/// A client: an endpoint with its devices.
pub(crate) struct Client {
    pub(crate) participant: ParticipantId,
    pub(crate) rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    address: SocketAddr,
    pub(crate) connected: bool,
    next_timeout: Instant,
    pub(crate) lines: Vec<Mid>,
    microphone: Option<Mid>,
    camera: Option<Mid>,
    screen: Option<Mid>,
    /// How loud the microphone is, if it is on.
    pub(crate) voice: Option<u8>,
    pub(crate) camera_on: bool,
    pub(crate) screen_on: bool,
    /// What camera and screen are encoded with.
    pub(crate) codec: Codec,
    /// Added to every picture packet, to break the rules with.
    pub(crate) extra_bytes: usize,
    /// Encodings that the camera sends.
    pub(crate) encodings: [bool; 3],
    next_voice: Instant,
    next_picture: Instant,
    sequence: BTreeMap<(u8, usize), u64>,
    keyframe_due: [bool; 4],
    pub(crate) keyframes_asked: u32,
    pictures: u32,
    /// What came, by line.
    pub(crate) seen: BTreeMap<Mid, Vec<Seen>>,
    /// What the downlink carries, bits per second.
    pub(crate) down_bps: Option<u64>,
    link_free: Instant,
    /// Share of packets lost on the way down, in percent.
    pub(crate) loss_percent: u64,
}

struct InFlight {
    at: Instant,
    /// `None` is the server.
    to: Option<Who>,
    from: SocketAddr,
    bytes: Vec<u8>,
}

/// The room and everybody in it.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) sfu: Metered,
    pub(crate) clients: Vec<Client>,
    network: VecDeque<InFlight>,
    next_server: Instant,
    pub(crate) events: Vec<(Instant, SfuEvent)>,
    pub(crate) relayed: Vec<RelayFrame>,
    answers: BTreeMap<u64, String>,
    request: u64,
    random: u64,
    /// What the next client knows of pictures; it sends the first.
    pub(crate) codecs: Vec<Codec>,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            sfu: Metered::new(Sfu::new(
                now,
                Config {
                    addresses: vec![SERVER],
                    tcp: false,
                    first_stream: 0,
                },
            )),
            clients: Vec::new(),
            network: VecDeque::new(),
            next_server: now,
            events: Vec::new(),
            relayed: Vec::new(),
            answers: BTreeMap::new(),
            request: 0,
            random: 0x9e37_79b9_7f4a_7c15,
            codecs: vec![Codec::Vp8],
        }
    }

    /// Somebody joins, with the lines of a profile, and connects.
    pub(crate) fn join(&mut self, profile: Profile) -> Who {
        let who = self.join_as(profile, profile != Profile::Whep, true);
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
        self.join_with(participant, profile, may_publish, microphone_open)
    }

    /// The same participant joins from another device.
    pub(crate) fn join_again(&mut self, who: Who, profile: Profile) -> Who {
        self.join_with(self.participant(who), profile, true, true)
    }

    fn join_with(
        &mut self,
        participant: ParticipantId,
        profile: Profile,
        may_publish: bool,
        microphone_open: bool,
    ) -> Who {
        let who = self.clients.len();
        let address = SocketAddr::from(([10, 0, 1, who as u8 + 1], 5000));
        let (client, offer) =
            Client::new(self.now, who, participant, address, profile, &self.codecs);
        self.clients.push(client);
        self.request += 1;
        let request = self.request;
        self.command(SfuCommand::Join {
            request,
            room: room(),
            participant,
            profile,
            may_publish,
            microphone_open,
            offer,
        });
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
        client.address = SocketAddr::from(([10, 0, 2, who as u8 + 1], 6000));
        client.connected = false;
        let mut change = client.rtc.sdp_api();
        change.ice_restart(false);
        let (offer, pending) = change.apply().unwrap();
        client.pending = Some(pending);
        let participant = client.participant;
        self.request += 1;
        let request = self.request;
        self.command(SfuCommand::IceRestart {
            request,
            room: room(),
            participant,
            offer: offer.to_sdp_string(),
        });
        let answer = self.answers.remove(&request).unwrap();
        let client = &mut self.clients[who];
        // The answer completes the restart, which forgets the old candidates.
        client.accept(&answer);
        let own = Candidate::host(client.address, "udp").unwrap();
        client.rtc.add_local_candidate(own);
        // What was on its way to the old address is lost.
        self.network.retain(|packet| packet.to != Some(who));
    }

    pub(crate) fn command(&mut self, command: SfuCommand) {
        self.sfu.handle(self.now, Input::Command(command));
        self.drain_server();
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
            self.step();
        }
    }

    /// Lets time pass until something is true, at most a minute; returns how long it took.
    pub(crate) fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) -> Duration {
        let start = self.now;
        while !done(self) {
            assert!(
                self.now - start < Duration::from_secs(60),
                "gave up waiting: {what}"
            );
            self.step();
        }
        self.now - start
    }

    fn step(&mut self) {
        self.now += STEP;
        let now = self.now;
        while let Some(at) = self.network.iter().position(|packet| packet.at <= now) {
            let packet = self.network.remove(at).unwrap();
            match packet.to {
                None => {
                    self.sfu.handle(
                        now,
                        Input::Datagram(Datagram {
                            path: MediaPath::Udp,
                            source: packet.from,
                            destination: SERVER,
                            payload: &packet.bytes,
                        }),
                    );
                }
                Some(who) => {
                    let Some(client) = self.clients.get_mut(who) else {
                        continue;
                    };
                    let receive = Receive::new(
                        str0m::net::Protocol::Udp,
                        packet.from,
                        client.address,
                        &packet.bytes,
                    );
                    let input = str0m::Input::Receive(now, receive.unwrap());
                    client.rtc.handle_input(input).unwrap();
                    self.drain_client(who);
                }
            }
        }
        if self.next_server <= now {
            self.sfu.handle(now, Input::Timeout);
        }
        self.drain_server();
        for who in 0..self.clients.len() {
            self.clients[who].produce(now, who);
            if self.clients[who].next_timeout <= now {
                let timeout = str0m::Input::Timeout(now);
                self.clients[who].rtc.handle_input(timeout).unwrap();
            }
            self.drain_client(who);
        }
    }

    fn drain_server(&mut self) {
        loop {
            match self.sfu.poll_output() {
                Output::Timeout(at) => {
                    self.next_server = at;
                    return;
                }
                Output::Event(SfuEvent::Answered { request, answer }) => {
                    self.answers.insert(request, answer);
                }
                Output::Event(event) => self.events.push((self.now, event)),
                Output::Relay(frame) => self.relayed.push(frame),
                Output::Transmit(transmit) => {
                    for datagram in transmit.datagrams() {
                        self.send_down(transmit.destination, datagram);
                    }
                    self.sfu.recycle(transmit.payload);
                }
            }
        }
    }

    fn send_down(&mut self, destination: SocketAddr, datagram: &[u8]) {
        let to = self
            .clients
            .iter()
            .position(|client| client.address == destination);
        let Some(who) = to else {
            return;
        };
        let lost = self.dice() < self.clients[who].loss_percent;
        let client = &mut self.clients[who];
        let mut at = self.now + LATENCY;
        if let Some(bps) = client.down_bps {
            let bits = (datagram.len() as u64 + 28) * 8;
            let start = client.link_free.max(self.now);
            if start - self.now > LINK_QUEUE {
                return;
            }
            client.link_free = start + Duration::from_micros(bits * 1_000_000 / bps);
            at = client.link_free + LATENCY;
        }
        if !lost {
            self.network.push_back(InFlight {
                at,
                to: Some(who),
                from: SERVER,
                bytes: datagram.to_vec(),
            });
        }
    }

    /// 0..100, the same every time.
    fn dice(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % 100
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
                    // What leaves from an address that the client has no more is lost.
                    if transmit.source == client.address {
                        self.network.push_back(InFlight {
                            at: now + LATENCY,
                            to: None,
                            from: client.address,
                            bytes: transmit.contents.to_vec(),
                        });
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

impl Client {
    fn new(
        now: Instant,
        who: Who,
        participant: ParticipantId,
        address: SocketAddr,
        profile: Profile,
        codecs: &[Codec],
    ) -> (Self, String) {
        let mut config = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false);
        for codec in codecs {
            match codec {
                Codec::Vp8 => config = config.enable_vp8(true),
                // The numbers are not the server's own.
                Codec::H264 => {
                    let known = config.codec_config();
                    known.add_h264(120.into(), Some(121.into()), true, 0x42_e01f);
                }
                Codec::Vp9 => config = config.enable_vp9(true),
                other => panic!("no client speaks {other:?}"),
            }
        }
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut change = rtc.sdp_api();
        let (mut microphone, mut camera, mut screen) = (None, None, None);
        let mut lines = Vec::new();
        let receive = Direction::RecvOnly;
        if profile != Profile::Whep {
            let direction = match profile {
                Profile::Whip => Direction::SendOnly,
                _ => Direction::SendRecv,
            };
            microphone = Some(change.add_media(MediaKind::Audio, direction, None, None, None));
            let mut simulcast = Simulcast::new();
            for rid in ["l", "m", "h"] {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            let send = Direction::SendOnly;
            // A scalable encoder sends one stream.
            let simulcast = (codecs[0] != Codec::Vp9).then_some(simulcast);
            camera = Some(change.add_media(MediaKind::Video, send, None, None, simulcast));
            if profile != Profile::Whip {
                screen = Some(change.add_media(MediaKind::Video, send, None, None, None));
            }
        }
        let slots = profile.slots();
        for _ in 0..slots.audio {
            lines.push(change.add_media(MediaKind::Audio, receive, None, None, None));
        }
        for _ in 0..slots.stage + slots.tiles + slots.screen {
            lines.push(change.add_media(MediaKind::Video, receive, None, None, None));
        }
        let (offer, pending) = change.apply().unwrap();
        let client = Self {
            participant,
            rtc,
            pending: Some(pending),
            address,
            connected: false,
            next_timeout: now,
            lines,
            microphone,
            camera,
            screen,
            voice: None,
            camera_on: false,
            screen_on: false,
            codec: codecs[0],
            extra_bytes: 0,
            encodings: [true; 3],
            next_voice: now,
            // Not everybody's camera ticks at once.
            next_picture: now + Duration::from_millis(who as u64 * 7),
            sequence: BTreeMap::new(),
            keyframe_due: [true; 4],
            keyframes_asked: 0,
            pictures: 0,
            seen: BTreeMap::new(),
            down_bps: None,
            link_free: now,
            loss_percent: 0,
        };
        (client, offer.to_sdp_string())
    }

    fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    fn pt(&self, codec: Codec) -> Pt {
        self.rtc
            .codec_config()
            .find(|params| params.spec().codec == codec)
            .unwrap()
            .pt()
    }

    fn produce(&mut self, now: Instant, who: Who) {
        if !self.connected {
            return;
        }
        if let (Some(mid), Some(loudness)) = (self.microphone, self.voice)
            && now >= self.next_voice
        {
            self.next_voice = now + Duration::from_millis(20);
            let mut payload = vec![0x5a; 80];
            payload[0] = who as u8;
            self.write(
                mid,
                None,
                Codec::Opus,
                now,
                (0, 0),
                true,
                payload,
                |sequence| (sequence as u32).wrapping_mul(960),
                ExtensionValues {
                    audio_level: Some(loudness as i8 - 127),
                    voice_activity: Some(loudness > 70),
                    ..ExtensionValues::default()
                },
            );
        }
        if now < self.next_picture {
            return;
        }
        self.next_picture = now + Duration::from_millis(33);
        self.pictures += 1;
        if let Some(mid) = self.camera.filter(|_| self.camera_on)
            && self.codec == Codec::Vp9
        {
            self.scalable_picture(mid, now, who);
        } else if let Some(mid) = self.camera.filter(|_| self.camera_on) {
            for (layer, rid) in ["l", "m", "h"].into_iter().enumerate() {
                if self.encodings[layer] {
                    self.picture(mid, Some(rid.into()), layer, 1, ENCODINGS[layer], now, who);
                }
            }
        }
        if let Some(mid) = self.screen.filter(|_| self.screen_on) {
            self.picture(mid, None, 3, 2, (2, 900), now, who);
        }
    }

    /// A picture of spatial layers, which refer to one another in keyframes alone.
    fn scalable_picture(&mut self, mid: Mid, now: Instant, who: Who) {
        let keyframe = std::mem::take(&mut self.keyframe_due[3]);
        let [high, low] = (self.pictures as u16 & 0x7fff).to_be_bytes();
        let time = self.pictures.wrapping_mul(2970);
        for (layer, (packets, size)) in ENCODINGS.into_iter().enumerate() {
            for packet in 0..packets {
                let (begins, ends) = (packet == 0, packet + 1 == packets);
                let mut payload = vec![0x5a; size];
                payload[0] =
                    0xa0 | u8::from(!keyframe) << 6 | u8::from(begins) << 3 | u8::from(ends) << 2;
                payload[1] = 0x80 | high;
                payload[2] = low;
                payload[3] = (layer as u8) << 1;
                payload[4] = self.pictures as u8;
                payload[7] = who as u8;
                payload[8] = layer as u8;
                self.write(
                    mid,
                    None,
                    Codec::Vp9,
                    now,
                    (3, 0),
                    ends && layer + 1 == ENCODINGS.len(),
                    payload,
                    |_| time,
                    ExtensionValues::default(),
                );
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of them make the picture")]
    fn picture(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        layer: usize,
        source: u8,
        (packets, size): (usize, usize),
        now: Instant,
        who: Who,
    ) {
        let keyframe = std::mem::take(&mut self.keyframe_due[layer]);
        // Every encoding has numbers of its own.
        let picture = (self.pictures as u16).wrapping_add(layer as u16 * 9000) & 0x7fff;
        let time = self
            .pictures
            .wrapping_mul(2970)
            .wrapping_add(layer as u32 * 77_777_777);
        for packet in 0..packets {
            let mut payload = vec![0x5a; size + self.extra_bytes];
            payload[0] = if packet == 0 { 0x90 } else { 0x80 };
            payload[1] = 0xe0;
            payload[2] = 0x80 | (picture >> 8) as u8;
            payload[3] = picture as u8;
            payload[4] = self.pictures as u8;
            payload[5] = 0x20;
            payload[6] = u8::from(!keyframe);
            if self.codec == Codec::H264 {
                // The first packet of a keyframe has the parameter sets, the others slices.
                payload[0] = match (keyframe, packet) {
                    (true, 0) => 0x67,
                    (true, _) => 0x65,
                    (false, _) => 0x41,
                };
            }
            payload[7] = who as u8;
            payload[8] = layer as u8;
            let last = packet + 1 == packets;
            let key = (source, layer);
            self.write(
                mid,
                rid,
                self.codec,
                now,
                key,
                last,
                payload,
                |_| time,
                ExtensionValues::default(),
            );
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of them make the packet")]
    fn write(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        codec: Codec,
        now: Instant,
        key: (u8, usize),
        marker: bool,
        payload: Vec<u8>,
        time: impl Fn(u64) -> u32,
        ext_vals: ExtensionValues,
    ) {
        let pt = self.pt(codec);
        let sequence = self
            .sequence
            .entry(key)
            .or_insert(100 + key.1 as u64 * 5000);
        *sequence += 1;
        let sequence = *sequence;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, rid).unwrap();
        stream.write_rtp(
            RtpWrite::new(pt, sequence.into(), time(sequence), now, payload)
                .marker(marker)
                .nackable(codec != Codec::Opus)
                .ext_vals(ext_vals),
        );
        self.rtc.handle_input(str0m::Input::Timeout(now)).unwrap();
        self.next_timeout = now;
    }

    fn on_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::IceConnectionStateChange(state)
                if state.is_connected() && self.rtc.is_connected() =>
            {
                self.connected = true;
            }
            Event::KeyframeRequest(request) => {
                self.keyframes_asked += 1;
                let layer = match request.rid {
                    Some(rid) => ["l", "m", "h"].iter().position(|r| rid == Rid::from(*r)),
                    None => Some(3),
                };
                self.keyframe_due[layer.unwrap()] = true;
            }
            Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let mid = self.rtc.direct_api().stream_rx(&ssrc).unwrap().mid();
                let p = &packet.payload;
                let video = self.rtc.media(mid).unwrap().kind() == MediaKind::Video;
                let pt = packet.header.payload_type;
                let codec = self
                    .rtc
                    .codec_config()
                    .find(|params| params.pt() == pt)
                    .map(|params| params.spec().codec)
                    .filter(|_| video);
                let vp8 = codec == Some(Codec::Vp8);
                let seen = Seen {
                    at: now,
                    sequence: *packet.seq_no,
                    time: packet.header.timestamp,
                    bytes: p.len(),
                    who: usize::from(if video { p[7] } else { p[0] }),
                    layer: if video { usize::from(p[8]) } else { 0 },
                    keyframe: match codec {
                        Some(Codec::Vp8) => p[0] & 0x10 != 0 && p[6] & 1 == 0,
                        Some(Codec::Vp9) => p[0] & 0x48 == 0x08 && p[3] == 0,
                        _ => video && p[0] == 0x67,
                    },
                    marker: packet.header.marker,
                    codec,
                    picture: if codec == Some(Codec::Vp9) {
                        u16::from(p[1] & 0x7f) << 8 | u16::from(p[2])
                    } else if vp8 {
                        u16::from(p[2] & 0x7f) << 8 | u16::from(p[3])
                    } else {
                        0
                    },
                    tl0: match codec {
                        Some(Codec::Vp8 | Codec::Vp9) => p[4],
                        _ => 0,
                    },
                };
                self.seen.entry(mid).or_default().push(seen);
            }
            _ => {}
        }
    }

    /// What came on a line.
    pub(crate) fn on_line(&self, line: usize) -> &[Seen] {
        self.seen.get(&self.lines[line]).map_or(&[], Vec::as_slice)
    }

    /// Everything that came from somebody's camera or screen, on any line.
    pub(crate) fn pictures_of(&self, who: Who) -> Vec<Seen> {
        self.seen
            .iter()
            .filter(|(mid, _)| {
                self.rtc
                    .media(**mid)
                    .is_some_and(|media| media.kind() == MediaKind::Video)
            })
            .flat_map(|(_, seen)| seen)
            .filter(|seen| seen.who == who)
            .copied()
            .collect()
    }

    /// Every voice packet of somebody, on any line.
    pub(crate) fn voice_of(&self, who: Who) -> Vec<Seen> {
        self.seen
            .iter()
            .filter(|(mid, _)| {
                self.rtc
                    .media(**mid)
                    .is_some_and(|media| media.kind() == MediaKind::Audio)
            })
            .flat_map(|(_, seen)| seen)
            .filter(|seen| seen.who == who)
            .copied()
            .collect()
    }

    /// Forgets what came so far.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
    }
}
