//! One participant's WebRTC engine: negotiation, transport, streams in and out.
//!
//! Nothing but this module and [`crate::rtp`] names str0m's types. Its contract is kept here: every change to the
//! engine is followed by a complete drain. A panic inside the engine ends that peer alone.
//!
//! ```text
//! negotiated --ICE, DTLS--> connected --no STUN for a while--> lost --ICE restart--> connected
//!      any --engine error, panic, close--> ended
//! ```

mod failure;
mod incoming;
mod link;
mod negotiation;
mod runs;
mod sealing;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

use protocol::client::LinkReport;
use protocol::media::{DisconnectReason, MediaPath, Profile, Source};
use str0m::bwe::{Bitrate, BweKind};
use str0m::media::{KeyframeRequestKind, Mid, Pt, Rid};
use str0m::net::{Protocol, Receive};
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

pub(crate) use failure::PeerFailure;
pub(crate) use negotiation::Negotiation;
pub(crate) use runs::Runs;
pub use runs::Transmit;
pub(crate) use sealing::Sent;

use self::incoming::Incoming;
use self::link::LinkMeter;
use self::runs::Route;
use self::sealing::SlotStream;
use crate::demux::Datagram;
use crate::rtp::{Codec, Feedback, Layer, MediaPacket, SenderReport};

/// How often the engine reports on its link.
pub(crate) const LINK_REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// Where bandwidth estimation starts: enough for the small layers at once, little enough for a poor mobile link.
pub(crate) const INITIAL_ESTIMATE_BPS: u64 = 1_000_000;

/// Rounds of timeout and drain in one flush; the pacer releases one packet a round. What is left goes out in the next.
const FLUSH_ROUNDS: usize = 512;

/// How far ahead of the clock the pacer may run in one flush. Timers of the shell are no finer than this, and a pacer
/// that waits for them lets one packet out each time: with padding packets of 240 bytes, a probe for 3 Mbit/s then
/// finds little more than 1 Mbit/s on any link.
const PACER_AHEAD: Duration = Duration::from_millis(2);

/// What an engine tells its room.
#[derive(Debug)]
pub(crate) enum PeerEvent {
    /// ICE found a way; the handshake follows.
    Reached,
    /// The transport carries media, for the first time or again.
    Connected(MediaPath),
    /// ICE hears nothing; a restart may bring it back.
    Lost,
    /// The client said goodbye, or nothing can come of the connection.
    Ended(DisconnectReason),
    /// A packet was published.
    Packet(MediaPacket),
    /// The viewer's decoder needs a keyframe on the line with this index.
    KeyframeWanted(usize),
    /// What the downlink can carry changed, bits per second.
    Estimate(u64),
    /// The client told which packets arrived, and when.
    Feedback(Feedback),
    /// A sender report came (RFC 3550, 6.4.1).
    SenderReport(SenderReport),
    /// How the link did over the last [`LINK_REPORT_INTERVAL`].
    Link(LinkReport),
}

/// A line on which the client sends.
#[derive(Debug)]
struct PublishStream {
    mid: Mid,
    source: Source,
    rids: Vec<Rid>,
}

/// One engine with the purposes of its lines.
pub(crate) struct Peer {
    rtc: Rtc,
    /// What the client is.
    profile: Profile,
    publish: Vec<PublishStream>,
    slots: Vec<SlotStream>,
    /// Streams seen. A handful, so a scan is faster than a table.
    routes: Vec<Incoming>,
    path: MediaPath,
    /// The client's address on that path.
    client: Option<SocketAddr>,
    connected: bool,
    ended: bool,
    estimated: bool,
    /// Whether the engine panicked; it is then left alone, and the peer ends.
    panicked: bool,
    /// Under which payload type the client may send redundant voices, if at all, and under which plain ones.
    red: Option<(Pt, Pt)>,
    /// Transport feedback reports that were passed on.
    feedback: u64,
    /// How many packets before it each voice packet brings along.
    redundancy: usize,
    /// Media are paced at this rate at least, bits per second.
    paced_bps: u64,
    /// Whether it is not known yet that the link carries what is sent, nor that it does not.
    untold: bool,
    link: LinkMeter,
    /// Makes the engine panic at its next use.
    #[cfg(test)]
    pub(crate) poisoned: bool,
}

impl Peer {
    /// Whether a binding request is signed with this peer's password.
    pub(crate) fn accepts(&self, now: Instant, datagram: &Datagram<'_>) -> bool {
        receive(datagram).is_some_and(|receive| self.rtc.accepts(&Input::Receive(now, receive)))
    }

    /// Whether media can be sent.
    pub(crate) const fn is_connected(&self) -> bool {
        self.connected && !self.ended
    }

    /// Whether the client decodes a codec on the line with this index.
    pub(crate) fn decodes(&self, slot: usize, codec: Codec) -> bool {
        let line = self.slots.get(slot);
        line.is_some_and(|line| line.pt(codec).is_some())
    }

    /// Whether the downlink is estimated; if not, everything is allowed.
    pub(crate) const fn is_estimated(&self) -> bool {
        self.estimated
    }

    /// Takes a datagram from the client. Drain afterwards.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
    ) -> Result<(), PeerFailure> {
        let Some(receive) = receive(datagram) else {
            return Ok(());
        };
        self.guarded(|rtc| rtc.handle_input(Input::Receive(now, receive)))
    }

    /// Tells the engine what time it is, sends what waits, and returns when it wants to be told again.
    pub(crate) fn flush(
        &mut self,
        now: Instant,
        runs: &mut Runs,
        events: &mut Vec<PeerEvent>,
    ) -> Result<Instant, PeerFailure> {
        let horizon = now + PACER_AHEAD;
        let (mut time, mut deadline) = (now, now);
        for _ in 0..FLUSH_ROUNDS {
            self.guarded(|rtc| rtc.handle_input(Input::Timeout(time)))?;
            self.send_media(runs)?;
            deadline = self.drain(time, runs, events)?;
            if deadline > horizon {
                break;
            }
            time = time.max(deadline);
        }
        Ok(deadline)
    }

    /// The way to the client, once there is one.
    fn route_out(&self) -> Option<Route> {
        let (protocol, source, destination) = self.rtc.media_route()?;
        Some(Route {
            path: path_of(protocol),
            source,
            destination,
        })
    }

    /// Sends the media that the pacer lets go at the engine's present time.
    fn send_media(&mut self, runs: &mut Runs) -> Result<(), PeerFailure> {
        let Some(route) = self.route_out() else {
            return Ok(());
        };
        self.guarded(|rtc| {
            while runs.write(route, |buffer| rtc.poll_media(buffer)) {}
            Ok(())
        })
    }

    /// Takes everything out of the engine and returns when it wants to be told the time.
    pub(crate) fn drain(
        &mut self,
        now: Instant,
        runs: &mut Runs,
        events: &mut Vec<PeerEvent>,
    ) -> Result<Instant, PeerFailure> {
        let deadline = self
            .caught(|peer| peer.poll_all(now, runs, events))
            .unwrap_or(Err(PeerFailure::PANICKED))?;
        if let Some(feedback) = self.caught(Self::take_feedback).flatten() {
            events.push(PeerEvent::Feedback(feedback));
        }
        if let Some(report) = self.link.take_report(self.path) {
            events.push(PeerEvent::Link(report));
        }
        if !self.rtc.is_alive() && !self.ended {
            self.ended = true;
            events.push(PeerEvent::Ended(DisconnectReason::EngineFailed));
        }
        Ok(deadline)
    }

    fn poll_all(
        &mut self,
        now: Instant,
        runs: &mut Runs,
        events: &mut Vec<PeerEvent>,
    ) -> Result<Instant, PeerFailure> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(deadline) => return Ok(deadline),
                Output::Transmit(transmit) => {
                    let route = Route {
                        path: path_of(transmit.proto),
                        source: transmit.source,
                        destination: transmit.destination,
                    };
                    runs.write(route, |buffer| {
                        buffer.extend_from_slice(&transmit.contents);
                        Some(transmit.contents.len())
                    });
                }
                Output::Event(event) => self.on_event(now, event, events),
            }
        }
    }

    /// What the last transport feedback says, if it was not told yet.
    fn take_feedback(&mut self) -> Option<Feedback> {
        if !self.estimated {
            return None;
        }
        let link = self.rtc.bwe().link()?;
        if link.reports == self.feedback {
            return None;
        }
        self.feedback = link.reports;
        Some(Feedback {
            queue: link.recent_queue,
            packets: link.packets,
            lost: link.lost,
        })
    }

    /// Asks the client for a keyframe of one encoding (PLI). Flush afterwards. `false` when no such stream has come.
    pub(crate) fn request_keyframe(&mut self, source: Source, layer: Layer) -> bool {
        let ssrc = self
            .routes
            .iter()
            .rev()
            .find(|route| route.source == source && route.layer == layer)
            .map(|route| route.ssrc);
        let Some(ssrc) = ssrc else {
            return false;
        };
        self.caught(|peer| {
            let mut direct = peer.rtc.direct_api();
            let stream = direct.stream_rx(&ssrc);
            stream
                .map(|stream| stream.request_keyframe(KeyframeRequestKind::Pli))
                .is_some()
        })
        .unwrap_or(false)
    }

    /// Tells bandwidth estimation what would be sent if the link carried it, and what it should try to sustain to
    /// find out, both in bits per second.
    pub(crate) fn set_wishes(&mut self, sustain_bps: u64, desired_bps: u64) {
        if self.estimated {
            // A panic shows at the next use.
            self.caught(|peer| {
                peer.rtc
                    .bwe()
                    .set_bitrate(Bitrate::from(sustain_bps), Bitrate::from(desired_bps));
            });
        }
    }

    /// Says goodbye. Drain afterwards.
    pub(crate) fn close(&mut self) -> Result<(), PeerFailure> {
        self.guarded(Rtc::close)
    }

    fn guarded<R>(
        &mut self,
        work: impl FnOnce(&mut Rtc) -> Result<R, str0m::RtcError>,
    ) -> Result<R, PeerFailure> {
        match self.caught(|peer| work(&mut peer.rtc)) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(error.into()),
            None => Err(PeerFailure::PANICKED),
        }
    }

    /// Works with the engine; `None` when it panicked, at present or before.
    fn caught<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.panicked {
            return None;
        }
        // The engine is never used again after a panic, so what it left half done is not seen.
        let result = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            assert!(!self.poisoned, "a bug of the engine");
            work(self)
        }));
        self.panicked = result.is_err();
        result.ok()
    }

    fn on_event(&mut self, now: Instant, event: Event, events: &mut Vec<PeerEvent>) {
        match event {
            Event::RtpPacket(packet) => {
                if let Some(packet) = self.media_packet(packet) {
                    events.push(PeerEvent::Packet(packet));
                }
            }
            Event::KeyframeRequest(request) => {
                if let Some(slot) = self.slots.iter().position(|line| line.mid == request.mid) {
                    events.push(PeerEvent::KeyframeWanted(slot));
                }
            }
            Event::EgressBitrateEstimate(
                BweKind::Twcc { estimate, .. } | BweKind::Remb { estimate, .. },
            ) => {
                self.link.estimate_bps = Some(estimate.as_u64());
                events.push(PeerEvent::Estimate(estimate.as_u64()));
            }
            Event::SenderFeedback(feedback) => {
                let ssrc = feedback.sender_info.ssrc;
                // A report before the first packet says nothing yet.
                if let Some(route) = self.routes.iter().find(|route| route.ssrc == ssrc) {
                    events.push(PeerEvent::SenderReport(SenderReport {
                        source: route.source,
                        layer: route.layer,
                        ssrc: *ssrc,
                        ntp: ntp_of(feedback.sender_info.ntp_time),
                        rtp: low_32(feedback.sender_info.rtp_time.numer()),
                        received: feedback.received_at,
                    }));
                }
            }
            Event::Connected if self.rtc.is_connected() => self.set_connected(events),
            // The handshake is over, and gave no keys for media.
            Event::Connected => self.end(DisconnectReason::NothingInCommon, events),
            Event::IceConnectionStateChange(state) => match state {
                IceConnectionState::Connected | IceConnectionState::Completed => {
                    if self.rtc.is_connected() {
                        self.set_connected(events);
                    } else {
                        events.push(PeerEvent::Reached);
                    }
                }
                IceConnectionState::Disconnected => events.push(PeerEvent::Lost),
                IceConnectionState::New | IceConnectionState::Checking => {}
            },
            Event::PeerStats(stats) => {
                if let Some(pair) = &stats.selected_candidate_pair {
                    self.path = path_of(pair.protocol);
                    self.client = Some(pair.remote.addr);
                }
                self.link.on_peer_stats(now, &stats);
            }
            Event::MediaEgressStats(stats) => self.link.on_egress(stats.loss, stats.rtt),
            Event::MediaIngressStats(stats) => self.link.on_ingress(stats.loss),
            Event::Closed => self.end(DisconnectReason::Closed, events),
            _ => {}
        }
    }

    fn end(&mut self, reason: DisconnectReason, events: &mut Vec<PeerEvent>) {
        if !self.ended {
            self.ended = true;
            events.push(PeerEvent::Ended(reason));
        }
    }

    fn set_connected(&mut self, events: &mut Vec<PeerEvent>) {
        self.connected = true;
        events.push(PeerEvent::Connected(self.path));
    }

    /// Notes by which path the client comes while it connects; the engine tells only in its statistics.
    pub(crate) fn note_path(&mut self, path: MediaPath, client: SocketAddr) {
        if (path != self.path || Some(client) != self.client) && !self.rtc.is_connected() {
            self.path = path;
            self.client = Some(client);
        }
    }

    /// The client's address on the path in use, if known.
    pub(crate) const fn client(&self) -> Option<SocketAddr> {
        self.client
    }
}

fn receive<'a>(datagram: &Datagram<'a>) -> Option<Receive<'a>> {
    let protocol = match datagram.path {
        // A TURN server relays datagrams.
        MediaPath::Udp | MediaPath::Tls => Protocol::Udp,
        MediaPath::Tcp => Protocol::Tcp,
    };
    Receive::new(
        protocol,
        datagram.source,
        datagram.destination,
        datagram.payload,
    )
    .ok()
}

const fn path_of(protocol: Protocol) -> MediaPath {
    match protocol {
        Protocol::Udp => MediaPath::Udp,
        Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => MediaPath::Tcp,
    }
}

/// Seconds between the epochs of NTP (1900) and Unix (1970).
const NTP_EPOCH_OFFSET: u64 = 2_208_988_800;

fn ntp_of(time: SystemTime) -> u64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs().wrapping_add(NTP_EPOCH_OFFSET) << 32) | fraction
}

const fn low_32(value: u64) -> u32 {
    (value & 0xffff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_time_counts_from_1900_in_32_bit_fractions() {
        let half_past_epoch = SystemTime::UNIX_EPOCH + Duration::from_millis(500);
        assert_eq!(
            ntp_of(half_past_epoch),
            (NTP_EPOCH_OFFSET << 32) | 0x8000_0000
        );
    }
}
