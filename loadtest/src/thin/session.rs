//! What a thin peer does with each datagram and each tick.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rtc::rtp;
use rtc::srtp::context::Context;
use tokio::sync::mpsc;

use super::feedback::{Feedback, Seen};
use super::ice::{Agent, Credentials, Role, is_stun};
use super::sdp::{Remote, TRANSPORT_SEQUENCE};
use super::secure::{Association, Identity};
use super::wire::Wire;
use crate::end::Gauge;
use crate::lines::Lines;
use crate::publish::Instruction;

/// Batches read before other peers get their turn.
const BATCHES: usize = 4;

/// How often a peer looks whether a picture needs a keyframe.
const KEYFRAME_CHECK: Duration = Duration::from_millis(500);

/// Between two sender reports.
const SENDER_REPORTS: Duration = Duration::from_secs(1);

/// The length of the fixed part of an RTP header (RFC 3550, section 5.1).
const FIXED_HEADER: usize = 12;

/// What a session is made of.
pub(super) struct Setup<'a> {
    pub(super) identity: &'static Identity,
    pub(super) credentials: Credentials,
    pub(super) role: Role,
    pub(super) remote: &'a Remote,
    pub(super) socket: Arc<Wire>,
    pub(super) gauge: Gauge,
    pub(super) instructions: mpsc::UnboundedSender<Instruction>,
}

/// What comes on an SSRC of the other side.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Media { video: bool },
    Repair { of: u32 },
}

/// A connection being made or in use.
pub(super) struct Session {
    identity: &'static Identity,
    socket: Arc<Wire>,
    fingerprint: String,
    receiver: Receiver,
}

/// All of a session but its socket, which is lent while datagrams are taken from it.
struct Receiver {
    agent: Agent,
    association: Option<Association>,
    incoming: Option<Context>,
    suite: Option<&'static str>,
    streams: HashMap<u32, Stream>,
    transport: Option<u8>,
    feedback: Feedback,
    gauge: Gauge,
    instructions: mpsc::UnboundedSender<Instruction>,
    /// A header as long as that of the packet in hand; only its length, SSRC and numbers count.
    header: rtp::Header,
    next_keyframe_check: Instant,
    next_sender_reports: Instant,
}

impl Session {
    pub(super) fn new(now: Instant, setup: Setup<'_>) -> anyhow::Result<Self> {
        let remote = setup.remote;
        let address = remote.candidate_for(setup.socket.local().ip())?;
        let mut streams = HashMap::new();
        for section in &remote.sections {
            for &ssrc in &section.ssrcs {
                let video = section.video;
                streams.insert(ssrc, Stream::Media { video });
            }
            for &(of, on) in &section.repairs {
                streams.insert(on, Stream::Repair { of });
            }
        }
        let mut sections = remote.sections.iter();
        Ok(Self {
            identity: setup.identity,
            socket: setup.socket,
            fingerprint: remote.fingerprint.clone(),
            receiver: Receiver {
                agent: Agent::new(
                    now,
                    setup.role,
                    setup.credentials,
                    remote.credentials.clone(),
                    address,
                )?,
                association: None,
                incoming: None,
                suite: None,
                streams,
                transport: sections.find_map(|section| section.extension(TRANSPORT_SEQUENCE.1)),
                feedback: Feedback::new(now, getrandom::u32()?),
                gauge: setup.gauge,
                instructions: setup.instructions,
                header: rtp::Header::default(),
                next_keyframe_check: now + KEYFRAME_CHECK,
                next_sender_reports: now,
            },
        })
    }

    /// The SRTP profile in use, once media can flow.
    pub(super) const fn suite(&self) -> Option<&'static str> {
        self.receiver.suite
    }

    /// Takes what has come.
    pub(super) fn read(&mut self, now: Instant) -> anyhow::Result<()> {
        for _ in 0..BATCHES {
            let (socket, receiver) = (&*self.socket, &mut self.receiver);
            let more = socket.receive(|from, came, datagram| {
                receiver.datagram(now, socket, self.identity, from, came, datagram)
            })?;
            if !more {
                break;
            }
        }
        self.progress(now)
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) -> anyhow::Result<()> {
        if let Some(association) = &mut self.receiver.association {
            association.handle_timeout(now)?;
        }
        self.receiver.tick(now, &self.socket)?;
        self.progress(now)
    }

    /// Tells the other side that it is over.
    pub(super) fn close(&mut self, now: Instant) -> anyhow::Result<()> {
        if let Some(association) = &mut self.receiver.association {
            association.close(now)?;
        }
        self.progress(now)
    }

    /// Begins the handshake when the address is checked, and sends what DTLS has to say.
    fn progress(&mut self, now: Instant) -> anyhow::Result<()> {
        let receiver = &mut self.receiver;
        if let Some(check) = receiver.agent.due(now, &*self.identity.provider)? {
            self.socket.send(receiver.agent.address(), &check)?;
        }
        if receiver.agent.is_broken(now) {
            bail!("the server stopped answering");
        }
        if receiver.agent.is_connected() && receiver.association.is_none() {
            receiver.association = Some(Association::begin(
                now,
                self.identity,
                self.socket.local(),
                receiver.agent.address(),
                std::mem::take(&mut self.fingerprint),
            )?);
        }
        if let Some(association) = &mut receiver.association {
            while let Some(datagram) = association.poll_transmit() {
                self.socket.send(receiver.agent.address(), &datagram)?;
            }
        }
        Ok(())
    }
}

impl Receiver {
    fn datagram(
        &mut self,
        now: Instant,
        socket: &Wire,
        identity: &Identity,
        from: SocketAddr,
        came: Option<Duration>,
        datagram: &[u8],
    ) -> anyhow::Result<()> {
        // RFC 7983 tells them apart by the first byte, RFC 5761 RTCP from RTP by the second.
        match datagram {
            [128..=191, 192..=223, ..] => self.rtcp(now, socket, datagram),
            [128..=191, ..] => self.rtp(now, socket, came, datagram),
            [20..=63, ..] => {
                let association = self.association.as_mut();
                let association =
                    association.context("DTLS before the first check was answered")?;
                if let Some(keys) = association.handle(now, datagram)? {
                    self.incoming = Some(keys.incoming);
                    self.suite = Some(keys.suite);
                    socket.secure(from, keys.outgoing);
                }
                Ok(())
            }
            _ if is_stun(datagram) => {
                let answer = self
                    .agent
                    .handle(now, from, datagram, &*identity.provider)?;
                answer.map_or(Ok(()), |answer| socket.send(from, &answer))
            }
            _ => Ok(()),
        }
    }

    fn rtp(
        &mut self,
        now: Instant,
        socket: &Wire,
        came: Option<Duration>,
        datagram: &[u8],
    ) -> anyhow::Result<()> {
        let Some(parsed) = Parsed::of(datagram, self.transport) else {
            return Ok(());
        };
        let Some(&stream) = self.streams.get(&parsed.seen.ssrc) else {
            self.meters().stray += 1;
            return Ok(());
        };
        let Some(keys) = &mut self.incoming else {
            return Ok(());
        };
        // Decryption asks a header for its SSRC, its number and its length; contributing sources make it long enough
        // without an allocation a packet.
        let header = &mut self.header;
        header.csrc.resize((parsed.length - FIXED_HEADER) / 4, 0);
        header.ssrc = parsed.seen.ssrc;
        header.sequence_number = parsed.seen.sequence_number;
        header.timestamp = parsed.seen.timestamp;
        header.marker = parsed.marker;
        let Ok(plain) = keys.decrypt_rtp_with_header(datagram, header) else {
            bail!("a packet of the server cannot be decrypted");
        };
        let mut payload = &plain[parsed.length..];
        if parsed.padded {
            let padding = payload.last().map_or(0, |count| usize::from(*count));
            payload = &payload[..payload.len().saturating_sub(padding)];
        }
        match stream {
            Stream::Media { video } => {
                if let (Some(delays), Some(came)) = (&self.gauge.delays, came) {
                    delays.record(came, payload);
                }
                let gap = self.feedback.packet(now, video, parsed.seen);
                self.gauge
                    .lines
                    .lock()
                    .expect("no holder of the lock panics")
                    .packet(now, &self.header, payload);
                if gap {
                    self.ask_again(now, socket)?;
                }
            }
            Stream::Repair { of } => {
                self.feedback.arrived(now, parsed.seen.transport_sequence);
                // RFC 4588: the number of the packet that this one repeats; without one it is padding.
                if let Some((number, payload)) = payload.split_first_chunk::<2>() {
                    self.header.ssrc = of;
                    self.header.sequence_number = u16::from_be_bytes(*number);
                    self.feedback.repaired(of, self.header.sequence_number);
                    self.gauge
                        .lines
                        .lock()
                        .expect("no holder of the lock panics")
                        .packet(now, &self.header, payload);
                }
            }
        }
        Ok(())
    }

    fn rtcp(&mut self, now: Instant, socket: &Wire, datagram: &[u8]) -> anyhow::Result<()> {
        let Some(keys) = &mut self.incoming else {
            return Ok(());
        };
        let compound = keys
            .decrypt_rtcp(datagram)
            .context("an RTCP packet of the server cannot be decrypted")?;
        let mut rest = &compound[..];
        while let Some((&[first, kind, length @ ..], _)) = rest.split_first_chunk::<4>() {
            let whole = (usize::from(u16::from_be_bytes(length)) + 1) * 4;
            let Some((packet, others)) = rest.split_at_checked(whole) else {
                break;
            };
            rest = others;
            let word = |place: usize| {
                let bytes = packet.get(place..place + 4)?;
                bytes.try_into().ok().map(u32::from_be_bytes)
            };
            let request = |ssrc: Option<u32>| {
                // The publisher may have stopped already.
                ssrc.map(|ssrc| self.instructions.send(Instruction::Keyframe(ssrc)))
            };
            match (kind, first & 0x1f) {
                (200, _) => {
                    if let (Some(ssrc), Some(high), Some(low)) = (word(4), word(8), word(12)) {
                        let ntp_time = u64::from(high) << 32 | u64::from(low);
                        self.feedback.sender_report(now, ssrc, ntp_time);
                    }
                }
                (205, 1) => {
                    let numbers = packet[12..].chunks_exact(4).flat_map(|pair| {
                        let first = u16::from_be_bytes([pair[0], pair[1]]);
                        let following = u16::from_be_bytes([pair[2], pair[3]]);
                        let others = (0..16u16).filter(move |bit| following >> bit & 1 == 1);
                        std::iter::once(first)
                            .chain(others.map(move |bit| first.wrapping_add(bit + 1)))
                    });
                    if let Some(ssrc) = word(8) {
                        socket.send_again(ssrc, &numbers.collect::<Vec<_>>())?;
                    }
                }
                (206, 1) => drop(request(word(8))),
                (206, 4) => drop(request(word(12))),
                _ => {}
            }
        }
        Ok(())
    }

    fn tick(&mut self, now: Instant, socket: &Wire) -> anyhow::Result<()> {
        if self.suite.is_none() {
            return Ok(());
        }
        if let Some(report) = self.feedback.report(now)? {
            socket.send_rtcp(&report)?;
        }
        self.ask_again(now, socket)?;
        if let Some(times) = self.feedback.arrival_times()? {
            socket.send_rtcp(&times)?;
        }
        if now >= self.next_sender_reports {
            self.next_sender_reports = now + SENDER_REPORTS;
            socket.send_reports(now)?;
        }
        if now >= self.next_keyframe_check {
            self.next_keyframe_check = now + KEYFRAME_CHECK;
            let wanting = self.meters().wanting_keyframes(now);
            for ssrc in wanting {
                if matches!(self.streams.get(&ssrc), Some(Stream::Media { .. })) {
                    socket.send_rtcp(&self.feedback.keyframe_request(ssrc)?)?;
                }
            }
        }
        Ok(())
    }

    fn ask_again(&mut self, now: Instant, socket: &Wire) -> anyhow::Result<()> {
        for request in self.feedback.requests(now)? {
            socket.send_rtcp(&request)?;
        }
        Ok(())
    }

    fn meters(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.gauge
            .lines
            .lock()
            .expect("no holder of the lock panics")
    }
}

/// An RTP header as far as it matters here.
#[derive(Debug, Clone, Copy)]
struct Parsed {
    seen: Seen,
    marker: bool,
    padded: bool,
    /// Of the header with all that belongs to it, in bytes.
    length: usize,
}

impl Parsed {
    /// Reads a header; `transport` is the number of the extension that counts over all streams.
    fn of(datagram: &[u8], transport: Option<u8>) -> Option<Self> {
        let fixed: &[u8; FIXED_HEADER] = datagram.first_chunk()?;
        let word = |at: usize| {
            u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
        };
        let mut length = FIXED_HEADER + 4 * usize::from(fixed[0] & 0x0f);
        let mut transport_sequence = None;
        if fixed[0] & 0x10 != 0 {
            let begin = datagram.get(length..length + 4)?;
            let words = usize::from(u16::from_be_bytes([begin[2], begin[3]]));
            let profile = u16::from_be_bytes([begin[0], begin[1]]);
            let block = datagram.get(length + 4..length + 4 + 4 * words)?;
            if profile == 0xbede {
                transport_sequence = transport.and_then(|id| one_byte_extension(block, id));
            }
            length += 4 + 4 * words;
        }
        (datagram.len() >= length).then_some(Self {
            seen: Seen {
                ssrc: word(8),
                sequence_number: u16::from_be_bytes([fixed[2], fixed[3]]),
                timestamp: word(4),
                transport_sequence,
            },
            marker: fixed[1] & 0x80 != 0,
            padded: fixed[0] & 0x20 != 0,
            length,
        })
    }
}

/// The two bytes of an extension in the form with one-byte headers (RFC 8285, section 4.2).
fn one_byte_extension(block: &[u8], wanted: u8) -> Option<u16> {
    let mut rest = block;
    while let [first, others @ ..] = rest {
        if *first == 0 {
            rest = others;
            continue;
        }
        let (id, length) = (first >> 4, usize::from(first & 0x0f) + 1);
        let (value, following) = others.split_at_checked(length)?;
        if id == wanted {
            return value.try_into().ok().map(u16::from_be_bytes);
        }
        rest = following;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_with_its_extensions_and_cut_ones_are_refused() {
        let mut packet = vec![0xb1, 0x80 | 96, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2];
        packet.extend([0xbe, 0xde, 0, 2, 0x10, 0x85, 0x31, 0x12, 0x34, 0, 0, 0]);
        packet.extend([1, 2, 3]);
        let parsed = Parsed::of(&packet, Some(3)).unwrap();
        assert_eq!(parsed.seen.transport_sequence, Some(0x1234));
        assert_eq!((parsed.seen.ssrc, parsed.seen.sequence_number), (1, 7));
        assert_eq!(
            (parsed.length, parsed.marker, parsed.padded),
            (28, true, true)
        );
        assert_eq!(
            Parsed::of(&packet, Some(4))
                .unwrap()
                .seen
                .transport_sequence,
            None
        );
        for cut in 0..28 {
            assert!(Parsed::of(&packet[..cut], Some(3)).is_none(), "{cut} bytes");
        }
    }
}
