//! A client: a whole WebRTC endpoint with a microphone, a camera and a screen, behind a link of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use impairment::{Conditions, Link};
use protocol::ParticipantId;
use protocol::media::Profile;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer,
};
use str0m::rtp::{ExtensionValues, RedBlock, RedDecoder, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Rtc};

use super::player::Player;
use super::{Who, good_link};

/// How often a camera takes a picture.
const PICTURE_INTERVAL: Duration = Duration::from_millis(33);
/// How much a voice packet holds.
const VOICE_INTERVAL: Duration = Duration::from_millis(20);

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
    /// Of a voice: which of the speaker's packets this is.
    pub(crate) frame: u32,
    /// Of a voice: whether it came along with a later packet.
    pub(crate) redundant: bool,
}

/// A camera's encodings: packets a picture, bytes a packet.
const ENCODINGS: [(usize, usize); 3] = [(1, 600), (2, 1000), (6, 1030)];

/// How somebody's device differs from others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gear {
    /// Whether the camera is sent in three encodings; otherwise in one of 1.5 Mbit/s.
    pub(crate) simulcast: bool,
    /// That one: packets a picture, bytes a packet.
    pub(crate) single: (usize, usize),
    /// How many times larger than other pictures keyframes are.
    pub(crate) keyframe_size: usize,
    /// Whether pictures come in three temporal layers, as VP8 simulcast of browsers does: every fourth needs no other.
    pub(crate) temporal: bool,
    /// Whether it takes redundant voices.
    pub(crate) red: bool,
    /// What the camera's encodings are called, smallest picture first.
    pub(crate) rids: [&'static str; 3],
    /// Whether the offer says by which SSRC or MID a stream is known.
    pub(crate) announces: bool,
    /// The way down and the way up, from the beginning.
    pub(crate) link: (Conditions, Conditions),
}

impl Default for Gear {
    fn default() -> Self {
        Self {
            simulcast: true,
            single: ENCODINGS[2],
            keyframe_size: 1,
            temporal: false,
            red: true,
            rids: ["l", "m", "h"],
            announces: true,
            link: (good_link(), good_link()),
        }
    }
}

/// A client: an endpoint with its devices.
pub(crate) struct Client {
    pub(crate) participant: ParticipantId,
    pub(crate) rtc: Rtc,
    pub(super) pending: Option<SdpPendingOffer>,
    /// The server's last answer.
    pub(crate) answer: String,
    pub(super) address: SocketAddr,
    /// Which shard it is on.
    pub(super) shard: usize,
    pub(crate) connected: bool,
    pub(super) next_timeout: Instant,
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
    /// Whether its DTLS gets no further than its own machine.
    pub(crate) only_ice: bool,
    /// Encodings that the camera sends.
    pub(crate) encodings: [bool; 3],
    /// Packets it published.
    pub(crate) sent: u64,
    /// Datagrams that the server sent it.
    pub(crate) datagrams: u64,
    gear: Gear,
    /// When the camera began to tick.
    ticking: Instant,
    next_voice: Instant,
    next_picture: Instant,
    sequence: BTreeMap<(u8, usize), u64>,
    keyframe_due: [bool; 4],
    pub(crate) keyframes_asked: u32,
    pictures: u32,
    /// Of each encoding with temporal layers: pictures since the last keyframe, and those of the base layer so far.
    temporal: [(u32, u8); 4],
    /// What came, by line.
    pub(crate) seen: BTreeMap<Mid, Vec<Seen>>,
    /// What it shows, by line.
    pub(crate) players: BTreeMap<Mid, Player>,
    /// From the server.
    pub(crate) down: Link<Vec<u8>>,
    /// To the server, with the address it was sent from.
    pub(crate) up: Link<(SocketAddr, Vec<u8>)>,
}

impl Client {
    pub(super) fn new(
        now: Instant,
        (who, participant, address, shard): (Who, ParticipantId, SocketAddr, usize),
        profile: Profile,
        gear: Gear,
        codecs: &[Codec],
    ) -> (Self, String) {
        let mut config = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, gear.red);
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
            for rid in gear.rids.into_iter().rev() {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            let send = Direction::SendOnly;
            // A scalable encoder sends one stream.
            let layers = gear.simulcast && codecs[0] != Codec::Vp9;
            let simulcast = layers.then_some(simulcast);
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
        // Not everybody's camera ticks at once.
        let ticking = now + Duration::from_millis(who as u64 % 32 * 7);
        let seed = who as u64 * 2;
        let client = Self {
            participant,
            rtc,
            pending: Some(pending),
            answer: String::new(),
            address,
            shard,
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
            only_ice: false,
            encodings: [true; 3],
            sent: 0,
            datagrams: 0,
            gear,
            ticking,
            next_voice: now,
            next_picture: ticking,
            sequence: BTreeMap::new(),
            keyframe_due: [true; 4],
            keyframes_asked: 0,
            pictures: 0,
            temporal: [(0, 0); 4],
            seen: BTreeMap::new(),
            players: BTreeMap::new(),
            down: Link::new(now, vec![(Duration::ZERO, gear.link.0)], seed),
            up: Link::new(now, vec![(Duration::ZERO, gear.link.1)], seed + 1),
        };
        let offer = offer.to_sdp_string();
        let offer = if gear.announces {
            offer
        } else {
            let announcements = ["a=ssrc", "sdes:mid"];
            let is_announced = |line: &&str| announcements.iter().any(|word| line.contains(word));
            offer
                .split_inclusive("\r\n")
                .filter(|line| !is_announced(line))
                .collect()
        };
        (client, offer)
    }

    pub(super) fn accept(&mut self, answer: &str) {
        answer.clone_into(&mut self.answer);
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

    /// When it has something to send, or wants to be told the time.
    pub(super) fn next_action(&self) -> Instant {
        let mut next = self.next_timeout;
        if self.connected && self.microphone.is_some() && self.voice.is_some() {
            next = next.min(self.next_voice);
        }
        if self.connected && (self.camera_on || self.screen_on) {
            next = next.min(self.next_picture);
        }
        next
    }

    /// Lets the devices make what is due.
    pub(super) fn produce(&mut self, now: Instant, who: Who) {
        if !self.connected {
            return;
        }
        if let (Some(mid), Some(loudness)) = (self.microphone, self.voice)
            && now >= self.next_voice
        {
            self.next_voice = now + VOICE_INTERVAL;
            let frame = self.sequence.get(&(0, 0)).map_or(0, |last| *last as u32);
            let mut payload = vec![0x5a; 80];
            payload[0] = who as u8;
            payload[1..5].copy_from_slice(&frame.to_be_bytes());
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
        if now < self.next_picture || !(self.camera_on || self.screen_on) {
            return;
        }
        let ticks = (now - self.ticking).as_millis() / PICTURE_INTERVAL.as_millis();
        self.pictures = ticks as u32;
        self.next_picture = self.ticking + PICTURE_INTERVAL * (self.pictures + 1);
        if let Some(mid) = self.camera.filter(|_| self.camera_on) {
            if self.codec == Codec::Vp9 {
                self.scalable_picture(mid, now, who);
            } else if self.gear.simulcast {
                for (layer, rid) in self.gear.rids.into_iter().enumerate() {
                    if self.encodings[layer] {
                        let size = ENCODINGS[layer];
                        self.picture(mid, Some(rid.into()), layer, 1, size, now, who);
                    }
                }
            } else {
                self.picture(mid, None, 0, 1, self.gear.single, now, who);
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

    /// The next picture of an encoding in three temporal layers, which take 40, 20 and 40 % of its `bytes`: packets, bytes
    /// a packet, TL0PICIDX, and the descriptor's byte of TID and Y.
    fn temporal_picture(
        &mut self,
        layer: usize,
        keyframe: bool,
        bytes: usize,
    ) -> (usize, usize, u8, u8) {
        let (since, base) = &mut self.temporal[layer];
        *since = if keyframe { 0 } else { *since + 1 };
        let (tid, sync, share) = match *since % 4 {
            0 => (0, false, 8),
            1 => (2, true, 4),
            2 => (1, true, 4),
            _ => (2, false, 4),
        };
        if tid == 0 {
            *base = base.wrapping_add(1);
        }
        let bytes = bytes * share / 5;
        let packets = bytes.div_ceil(1100);
        (
            packets,
            bytes / packets,
            *base,
            tid << 6 | u8::from(sync) << 5,
        )
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
        let (packets, size, tl0, tid) = if self.gear.temporal {
            self.temporal_picture(layer, keyframe, packets * size)
        } else {
            (packets, size, self.pictures as u8, 0x20)
        };
        let packets = if keyframe {
            packets * self.gear.keyframe_size
        } else {
            packets
        };
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
            payload[4] = tl0;
            payload[5] = tid;
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
        self.sent += 1;
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

    pub(super) fn on_event(&mut self, now: Instant, event: Event) {
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
                    Some(rid) => self.gear.rids.iter().position(|r| rid == Rid::from(*r)),
                    None if Some(request.mid) == self.camera && self.codec != Codec::Vp9 => Some(0),
                    None => Some(3),
                };
                self.keyframe_due[layer.unwrap()] = true;
            }
            Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let mid = self.rtc.direct_api().stream_rx(&ssrc).unwrap().mid();
                if self.rtc.media(mid).unwrap().kind() == MediaKind::Audio {
                    self.hear(now, mid, &packet);
                    return;
                }
                let pt = packet.header.payload_type;
                let params = self.rtc.codec_config().find(|params| params.pt() == pt);
                let codec = params.map(|params| params.spec().codec);
                let seen = see(now, &packet, codec);
                self.seen.entry(mid).or_default().push(seen);
                if self.players.entry(mid).or_default().take(seen) {
                    let mut direct = self.rtc.direct_api();
                    let stream = direct.stream_rx(&ssrc).unwrap();
                    stream.request_keyframe(KeyframeRequestKind::Pli);
                    self.next_timeout = now;
                }
            }
            _ => {}
        }
    }

    /// Takes a voice packet, with what it brings along.
    fn hear(&mut self, now: Instant, mid: Mid, packet: &RtpPacket) {
        let params = self.rtc.codec_config().params();
        let red = params
            .iter()
            .any(|params| params.red() == Some(packet.header.payload_type));
        let blocks = if red {
            RedDecoder::decode(&packet.payload).unwrap()
        } else {
            vec![RedBlock {
                pt: *packet.header.payload_type,
                timestamp_offset: 0,
                payload: &packet.payload,
                is_primary: true,
            }]
        };
        for block in blocks {
            let p = block.payload;
            self.seen.entry(mid).or_default().push(Seen {
                at: now,
                sequence: *packet.seq_no,
                time: packet.header.timestamp.wrapping_sub(block.timestamp_offset),
                bytes: p.len(),
                who: usize::from(p[0]),
                layer: 0,
                keyframe: false,
                marker: packet.header.marker,
                codec: None,
                picture: 0,
                tl0: 0,
                frame: u32::from_be_bytes([p[1], p[2], p[3], p[4]]),
                redundant: !block.is_primary,
            });
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
            .filter(|seen| seen.who == who && !seen.redundant)
            .copied()
            .collect()
    }

    /// When each of somebody's voice packets was first here, itself or along with a later one, in the speaker's order.
    pub(crate) fn heard(&self, who: Who) -> BTreeMap<u32, Instant> {
        let mut heard = BTreeMap::new();
        for seen in self.seen.values().flatten() {
            if seen.who == who && seen.frame != 0 {
                let first = heard.entry(seen.frame).or_insert(seen.at);
                *first = seen.at.min(*first);
            }
        }
        heard
    }

    /// What a line shows.
    pub(crate) fn player(&self, line: usize) -> &Player {
        &self.players[&self.lines[line]]
    }

    /// Forgets what came so far, and what was shown.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
        for player in self.players.values_mut() {
            player.forget();
        }
    }

    /// From now on the way down is like this.
    pub(crate) fn set_down(&mut self, now: Instant, conditions: Conditions) {
        self.down.set(now, conditions);
    }

    /// From now on the way up is like this.
    pub(crate) fn set_up(&mut self, now: Instant, conditions: Conditions) {
        self.up.set(now, conditions);
    }
}

/// What a picture packet says about itself.
fn see(now: Instant, packet: &RtpPacket, codec: Option<Codec>) -> Seen {
    let p = &packet.payload;
    Seen {
        at: now,
        sequence: *packet.seq_no,
        time: packet.header.timestamp,
        bytes: p.len(),
        who: usize::from(p[7]),
        layer: usize::from(p[8]),
        keyframe: match codec {
            Some(Codec::Vp8) => p[0] & 0x10 != 0 && p[6] & 1 == 0,
            Some(Codec::Vp9) => p[0] & 0x48 == 0x08 && p[3] == 0,
            _ => p[0] == 0x67,
        },
        marker: packet.header.marker,
        codec,
        picture: match codec {
            Some(Codec::Vp9) => u16::from(p[1] & 0x7f) << 8 | u16::from(p[2]),
            Some(Codec::Vp8) => u16::from(p[2] & 0x7f) << 8 | u16::from(p[3]),
            _ => 0,
        },
        tl0: match codec {
            Some(Codec::Vp8 | Codec::Vp9) => p[4],
            _ => 0,
        },
        frame: 0,
        redundant: false,
    }
}
