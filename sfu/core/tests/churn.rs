//! P12 on virtual time: people join and leave for hours, and nothing of them stays.
//!
//! `CHURN_HOURS=8` goes the whole way; without it the test takes the part that a test run has time for.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use protocol::media::{MediaPath, Profile};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu_core::{Config, Datagram, Input, Output, Sfu};
use str0m::change::SdpAnswer;
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Rtc};
use uuid::Uuid;

const SERVER: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)),
    7000,
);

/// One way through the network.
const LATENCY: Duration = Duration::from_millis(5);

/// Two join and two leave in a second.
const BETWEEN_JOINS: Duration = Duration::from_millis(500);

/// How long everybody stays.
const STAY: Duration = Duration::from_secs(5);

/// A voice that speaks five times a second is enough to see that media flow.
const BETWEEN_WORDS: Duration = Duration::from_millis(200);

/// What a test run has time for.
const USUAL: Duration = Duration::from_secs(6 * 60);

#[test]
fn hours_of_joins_and_leaves_leave_nothing_behind() {
    let hours = std::env::var("CHURN_HOURS").ok();
    let hours = hours.map(|hours| hours.parse::<f64>().unwrap());
    let span = hours.map_or(USUAL, |hours| Duration::from_secs_f64(hours * 3600.0));
    let mut churn = Churn::new();
    let start = churn.now;
    // The first third brings buffers and tables to the size that they keep.
    churn.run_until(start + span / 3);
    let warm = resident_bytes();
    churn.run_until(start + span);
    let growth = resident_bytes() as f64 / warm as f64 - 1.0;

    let joins = span.as_millis() / BETWEEN_JOINS.as_millis();
    assert!(u128::from(churn.joined) >= joins - 1);
    assert_eq!(churn.unheard, 0, "everybody who stayed heard the voice");
    let allowed = if hours.is_some() { 0.02 } else { 0.1 };
    assert!(growth <= allowed, "memory grew by {:.1} %", growth * 100.0);

    churn.everybody_leaves();
    assert_eq!(churn.sfu.counters().panics, 0);
    assert_eq!(churn.sfu.peer_count(), 0);
    assert_eq!(churn.sfu.room_count(), 0);
}

/// The core with those who are there.
struct Churn {
    now: Instant,
    sfu: Sfu,
    next_server: Instant,
    people: Vec<Person>,
    network: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)>,
    answer: Option<String>,
    next_join: Instant,
    next_word: Instant,
    words: u64,
    joined: u64,
    /// Those who left without having heard anything.
    unheard: u64,
}

struct Person {
    participant: ParticipantId,
    address: SocketAddr,
    rtc: Rtc,
    next_timeout: Instant,
    microphone: Option<Mid>,
    connected: bool,
    heard: u64,
    leaves: Option<Instant>,
}

impl Churn {
    fn new() -> Self {
        let now = Instant::now();
        let config = Config {
            addresses: vec![SERVER],
            tcp: false,
            first_stream: 0,
        };
        let mut churn = Self {
            now,
            sfu: Sfu::new(now, config),
            next_server: now,
            people: Vec::new(),
            network: VecDeque::new(),
            answer: None,
            next_join: now + BETWEEN_JOINS,
            next_word: now,
            words: 0,
            joined: 0,
            unheard: 0,
        };
        churn.join(Profile::Whip, None);
        churn
    }

    fn run_until(&mut self, end: Instant) {
        while self.now < end {
            self.step();
        }
    }

    /// Goes to the next moment at which something happens.
    fn step(&mut self) {
        let timeouts = self.people.iter().map(|person| person.next_timeout);
        let leaves = self.people.iter().filter_map(|person| person.leaves);
        let packet = self.network.front().map(|(at, ..)| *at);
        let fixed = [self.next_server, self.next_join, self.next_word];
        let all = timeouts.chain(leaves).chain(packet).chain(fixed);
        let next = all.min().unwrap();
        self.now = next.max(self.now + Duration::from_micros(100));
        let now = self.now;

        while let Some((_, from, to, bytes)) = self.network.pop_front_if(|packet| packet.0 <= now) {
            if to == SERVER {
                let datagram = Datagram {
                    path: MediaPath::Udp,
                    source: from,
                    destination: SERVER,
                    payload: &bytes,
                };
                self.sfu.handle(now, Input::Datagram(datagram));
            } else if let Some(at) = self.people.iter().position(|p| p.address == to) {
                let receive = Receive::new(Protocol::Udp, from, to, &bytes).unwrap();
                let input = str0m::Input::Receive(now, receive);
                self.people[at].rtc.handle_input(input).unwrap();
                self.drain_person(at);
            }
        }
        if self.next_server <= now {
            self.sfu.handle(now, Input::Timeout);
        }
        if self.next_word <= now {
            self.next_word = now + BETWEEN_WORDS;
            self.speak();
        }
        if self.next_join <= now {
            self.next_join += BETWEEN_JOINS;
            // Every fourth is a browser, the others are players.
            let profile = match self.joined % 4 {
                3 => Profile::Phone,
                _ => Profile::Whep,
            };
            self.join(profile, Some(now + STAY));
        }
        while let Some(at) = self
            .people
            .iter()
            .position(|p| p.leaves.is_some_and(|at| at <= now))
        {
            self.leave(at);
        }
        self.drain_server();
        for at in 0..self.people.len() {
            if self.people[at].next_timeout <= now {
                let timeout = str0m::Input::Timeout(now);
                self.people[at].rtc.handle_input(timeout).unwrap();
            }
            self.drain_person(at);
        }
    }

    fn join(&mut self, profile: Profile, leaves: Option<Instant>) {
        self.joined += u64::from(leaves.is_some());
        let number = self.joined as u32;
        let participant = ParticipantId(Uuid::from_u128(u128::from(number) + 1));
        let [_, a, b, c] = (number + 0x1000).to_be_bytes();
        let address = SocketAddr::from(([10, a + 1, b, c], 5000));
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(self.now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut change = rtc.sdp_api();
        let send = Direction::SendOnly;
        let microphone = (profile != Profile::Whep)
            .then(|| change.add_media(MediaKind::Audio, send, None, None, None));
        if profile == Profile::Phone {
            change.add_media(MediaKind::Video, send, None, None, None);
            change.add_media(MediaKind::Video, send, None, None, None);
        }
        let slots = profile.slots();
        let video = slots.stage + slots.tiles + slots.screen;
        for (kind, count) in [(MediaKind::Audio, slots.audio), (MediaKind::Video, video)] {
            for _ in 0..count {
                change.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        let (offer, pending) = change.apply().unwrap();
        let command = SfuCommand::Join {
            request: u64::from(number),
            room: room(),
            participant,
            profile,
            may_publish: profile != Profile::Whep,
            microphone_open: profile != Profile::Whep,
            offer: offer.to_sdp_string(),
        };
        self.sfu.handle(self.now, Input::Command(command));
        self.drain_server();
        let answer = self.answer.take().expect("the offer is answered");
        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();
        self.people.push(Person {
            participant,
            address,
            rtc,
            next_timeout: self.now,
            microphone,
            connected: false,
            heard: 0,
            leaves,
        });
    }

    fn leave(&mut self, at: usize) {
        let person = self.people.swap_remove(at);
        self.unheard += u64::from(person.leaves.is_some() && person.heard == 0);
        let (room, participant) = (room(), person.participant);
        let command = SfuCommand::Leave { room, participant };
        self.sfu.handle(self.now, Input::Command(command));
        self.drain_server();
    }

    fn everybody_leaves(&mut self) {
        while !self.people.is_empty() {
            self.leave(0);
        }
        let command = SfuCommand::CloseRoom { room: room() };
        self.sfu.handle(self.now, Input::Command(command));
        self.drain_server();
    }

    /// The publisher, who is the first that came and whom nobody replaces, says something.
    fn speak(&mut self) {
        let words = self.words;
        let speaker = self
            .people
            .iter_mut()
            .find(|person| person.leaves.is_none());
        let Some(speaker) = speaker.filter(|speaker| speaker.connected) else {
            return;
        };
        self.words += 1;
        let codecs = speaker.rtc.codec_config();
        let opus = codecs.find(|params| params.spec().codec == Codec::Opus);
        let pt = opus.unwrap().pt();
        let mut direct = speaker.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(speaker.microphone.unwrap(), None);
        let extensions = ExtensionValues {
            audio_level: Some(-20),
            voice_activity: Some(true),
            ..ExtensionValues::default()
        };
        let time = words as u32 * 9600;
        let packet = RtpWrite::new(pt, words.into(), time, self.now, vec![0x5a; 80]);
        stream.unwrap().write_rtp(packet.ext_vals(extensions));
        speaker.next_timeout = self.now;
    }

    fn drain_server(&mut self) {
        loop {
            match self.sfu.poll_output() {
                Output::Timeout(at) => {
                    self.next_server = at;
                    return;
                }
                Output::Event(SfuEvent::Answered { answer, .. }) => self.answer = Some(answer),
                Output::Event(_) | Output::Relay(_) | Output::Cascade { .. } => {}
                Output::Transmit(transmit) => {
                    let to = transmit.destination;
                    for datagram in transmit.datagrams() {
                        let bytes = datagram.to_vec();
                        self.network
                            .push_back((self.now + LATENCY, SERVER, to, bytes));
                    }
                    self.sfu.recycle(transmit.payload);
                }
            }
        }
    }

    fn drain_person(&mut self, at: usize) {
        let now = self.now;
        let person = &mut self.people[at];
        loop {
            match person.rtc.poll_output().unwrap() {
                str0m::Output::Timeout(due) if due <= now => {
                    person.rtc.handle_input(str0m::Input::Timeout(now)).unwrap();
                }
                str0m::Output::Timeout(due) => {
                    person.next_timeout = due;
                    return;
                }
                str0m::Output::Transmit(transmit) => {
                    let bytes = transmit.contents.to_vec();
                    self.network
                        .push_back((now + LATENCY, person.address, SERVER, bytes));
                }
                str0m::Output::Event(Event::Connected) => person.connected = true,
                str0m::Output::Event(Event::RtpPacket(_)) => person.heard += 1,
                str0m::Output::Event(_) => {}
            }
        }
    }
}

fn room() -> RoomId {
    RoomId::from(Uuid::from_u128(0xfeed))
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.unwrap().split_whitespace().next().unwrap();
    kilobytes.parse::<u64>().unwrap() * 1024
}
