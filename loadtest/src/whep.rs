//! A viewer by WHEP (draft-ietf-wish-whep), thin enough that hundreds fit into one generator.
//!
//! It drives `rtc`, the core under the crate `webrtc`, itself: one task and one socket a viewer, no locks and no queue
//! between them, so what is lost was lost on the wire. It decrypts every packet and sends real RTCP: receiver reports,
//! NACK, keyframe requests and transport-wide feedback, on which the server's bandwidth estimation runs.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use bytes::BytesMut;
use protocol::media::SlotKind;
use rtc::ice::candidate::CandidateConfig;
use rtc::ice::candidate::candidate_host::CandidateHostConfig;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCIceCandidate;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::rtp_transceiver::{RTCRtpReceiverId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::net::UdpSocket;
use tokio::time::{Interval, sleep_until};

use crate::lines::Lines;
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings};
use crate::peer::{media_engine, registry, udp_only};
use crate::report::Observation;

/// How often a viewer looks whether its picture needs a keyframe.
const KEYFRAME_CHECK: Duration = Duration::from_millis(500);

/// The largest datagram to expect: an Ethernet frame, and some.
const DATAGRAM_BYTES: usize = 2000;

/// Datagrams read before the answers to them are sent; a keyframe of 720p fits.
const BATCH: usize = 64;

/// The meters of one viewer, readable while it watches.
pub type SharedLines = Arc<Mutex<Lines>>;

/// Watches until it is time to leave, and tells what it saw. `lines` can be read meanwhile.
pub async fn watch(part: Part, surroundings: Surroundings, lines: SharedLines) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay(&part, &surroundings, &lines, &mut observation).await {
        surroundings.failed(&error, &mut observation);
    }
    observation
}

async fn stay(
    part: &Part,
    surroundings: &Surroundings,
    lines: &SharedLines,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let server = &surroundings.server;
    let socket = UdpSocket::bind((server.bind(), 0)).await?;
    let mut viewer = Viewer::new(socket, lines.clone())?;
    let offer = viewer.offer()?;
    let resource = server
        .post_offer("whep", &surroundings.session, &part.token, offer)
        .await?;
    viewer.answer(&resource.answer)?;

    let give_up = tokio::time::sleep(JOIN_TIMEOUT);
    tokio::pin!(give_up);
    loop {
        if viewer.connected && observation.connected_after.is_none() {
            surroundings.arrived(began, observation);
        }
        let connected = viewer.connected;
        tokio::select! {
            () = surroundings.leave.cancelled() => break,
            () = &mut give_up, if !connected => {
                bail!("media did not connect in {} s", JOIN_TIMEOUT.as_secs());
            }
            turn = viewer.turn() => turn?,
        }
    }
    observation.take_lines(&mut viewer.lines(), began);
    // In this order: a closed connection ends the resource too.
    server.delete(&resource, &part.token).await?;
    viewer.core.close()?;
    viewer.send().await
}

/// The core of one viewer with its socket.
struct Viewer {
    core: RTCPeerConnection,
    socket: UdpSocket,
    local: SocketAddr,
    lines: SharedLines,
    /// Which receiver an SSRC belongs to, for feedback about it.
    receivers: Vec<(u32, RTCRtpReceiverId)>,
    connected: bool,
    check: Interval,
    buffer: Box<[u8; DATAGRAM_BYTES]>,
}

impl Viewer {
    fn new(socket: UdpSocket, lines: SharedLines) -> anyhow::Result<Self> {
        let mut engine = media_engine()?;
        let registry = registry(&mut engine)?;
        let core = RTCPeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .build(Instant::now())?;
        Ok(Self {
            core,
            local: socket.local_addr()?,
            socket,
            lines,
            receivers: Vec::new(),
            connected: false,
            check: tokio::time::interval(KEYFRAME_CHECK),
            buffer: Box::new([0; DATAGRAM_BYTES]),
        })
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().expect("no holder of the lock panics")
    }

    /// Offers one voice and one picture, without candidates: the server learns the address from the first check.
    fn offer(&mut self) -> anyhow::Result<String> {
        let mut offered = Vec::new();
        for (kind, slot) in [
            (RtpCodecKind::Audio, SlotKind::Audio),
            (RtpCodecKind::Video, SlotKind::Stage),
        ] {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                ..Default::default()
            };
            let line = self.core.add_transceiver_from_kind(kind, Some(init))?;
            offered.push((line, slot));
        }
        let offer = self.core.create_offer(None)?;
        let sdp = offer.sdp.clone();
        self.core.set_local_description(Instant::now(), offer)?;
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: self.local.ip().to_string(),
            port: self.local.port(),
            component: 1,
            ..Default::default()
        };
        let candidate = CandidateHostConfig {
            base_config,
            ..Default::default()
        }
        .new_candidate_host()?;
        let candidate = RTCIceCandidate::from(&candidate).to_json()?;
        self.core.add_local_candidate(candidate)?;
        let mut with_mid = Vec::new();
        for (line, slot) in offered {
            let line = self.core.rtp_transceiver(line).context("a line vanished")?;
            let mid = line
                .mid()
                .clone()
                .context("a line was offered without mid")?;
            with_mid.push((mid, slot));
        }
        *self.lines() = Lines::new(with_mid);
        Ok(sdp)
    }

    fn answer(&mut self, sdp: &str) -> anyhow::Result<()> {
        self.lines().answered(sdp);
        let answer = RTCSessionDescription::answer(udp_only(sdp))?;
        self.core
            .set_remote_description(Instant::now(), answer)
            .context("the answer does not fit the offer")
    }

    /// Does what is due, then waits for the next thing to do and does that.
    async fn turn(&mut self) -> anyhow::Result<()> {
        let deadline = self.settle().await?;
        tokio::select! {
            readable = self.socket.readable() => {
                readable?;
                self.read()
            }
            () = sleep_until(deadline.into()) => Ok(self.core.handle_timeout(Instant::now())?),
            _ = self.check.tick() => self.request_keyframes(),
        }
    }

    /// Lets the core say and tell all it has, and returns when it wants to be called again.
    async fn settle(&mut self) -> anyhow::Result<Instant> {
        let now = Instant::now();
        if self.core.poll_timeout().is_some_and(|due| due <= now) {
            self.core.handle_timeout(now)?;
        }
        self.send().await?;
        while let Some(event) = self.core.poll_event() {
            match event {
                RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => {
                    self.connected = state == RTCPeerConnectionState::Connected;
                    ensure!(
                        state != RTCPeerConnectionState::Failed,
                        "the media connection failed"
                    );
                }
                RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(opened)) => {
                    self.receivers.push((opened.ssrc, opened.receiver_id));
                }
                _ => {}
            }
        }
        while let Some(TaggedRTCMessage { now, message }) = self.core.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message {
                self.lines().packet(now, &packet.header, &packet.payload);
            }
        }
        // A core that is always due still leaves the socket its turn.
        let soonest = now + Duration::from_millis(1);
        let latest = now + Duration::from_secs(1);
        Ok(self
            .core
            .poll_timeout()
            .map_or(latest, |due| due.clamp(soonest, latest)))
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        while let Some(datagram) = self.core.poll_write() {
            let to = datagram.transport.peer_addr;
            self.socket.send_to(&datagram.message, to).await?;
        }
        Ok(())
    }

    fn read(&mut self) -> anyhow::Result<()> {
        for _ in 0..BATCH {
            let (length, from) = match self.socket.try_recv_from(&mut self.buffer[..]) {
                Ok(received) => received,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(anyhow!(error).context("cannot receive")),
            };
            self.core.handle_read(TaggedBytesMut {
                now: Instant::now(),
                transport: TransportContext {
                    local_addr: self.local,
                    peer_addr: from,
                    transport_protocol: TransportProtocol::UDP,
                    ecn: None,
                },
                message: BytesMut::from(&self.buffer[..length]),
            })?;
        }
        Ok(())
    }

    fn request_keyframes(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        let wanting = self.lines().wanting_keyframes(now);
        for media_ssrc in wanting {
            let known = self.receivers.iter().find(|(ssrc, _)| *ssrc == media_ssrc);
            if let Some(&(_, receiver)) = known
                && let Some(mut receiver) = self.core.rtp_receiver(receiver)
            {
                let request = PictureLossIndication {
                    sender_ssrc: 0,
                    media_ssrc,
                };
                receiver.write_rtcp(now, vec![Box::new(request)])?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Lateness;
    use crate::lines::Meter;
    use crate::media::{Layer, Library, default_folder};
    use crate::publish::{Camera, Voice, Wire, play};
    use rtc::media_stream::MediaStreamTrack;
    use rtc::rtp_transceiver::rtp_sender::{
        RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    };
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
    use webrtc::peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
        RTCIceGatheringState, Registry, register_default_interceptors,
    };

    const CAMERA: u32 = 1000;
    const VOICE: u32 = 2000;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_viewer_sees_and_hears_all_that_is_sent_to_it() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut viewer = Viewer::new(socket, SharedLines::default()).unwrap();
        let offer = viewer.offer().unwrap();
        let (server, answer, _instructions) = publisher(offer).await;
        viewer.answer(&answer).unwrap();

        let watched = tokio::time::timeout(Duration::from_secs(60), async {
            while seen(&viewer).0 < 60 || seen(&viewer).1 < 100 {
                viewer.turn().await.unwrap();
            }
        });
        watched.await.expect("media arrive in time");
        let now = Instant::now() + Duration::from_secs(1);
        for line in viewer.lines().all() {
            let tally = crate::report::Tally::of(&line.meter, now);
            assert_eq!(
                (tally.lost, tally.freezes, tally.breaks),
                (0, 0, 0),
                "{line:?}"
            );
        }
        server.close().await.unwrap();
    }

    /// Pictures and sound packets so far.
    fn seen(viewer: &Viewer) -> (u64, u64) {
        let lines = viewer.lines();
        let [audio, video] = lines.all() else {
            panic!("a viewer has two lines");
        };
        match (&video.meter, &audio.meter) {
            (Meter::Video(video), Meter::Audio(audio)) => (video.frames, audio.packets),
            _ => panic!("the first line is audio, the second video"),
        }
    }

    struct Gathering(UnboundedSender<()>);

    #[async_trait::async_trait]
    impl PeerConnectionEventHandler for Gathering {
        async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
            if state == RTCIceGatheringState::Complete {
                let _ = self.0.send(());
            }
        }
    }

    /// A peer that answers `offer` and plays the clips to it until the last value is dropped.
    async fn publisher(
        offer: String,
    ) -> (
        impl PeerConnection,
        String,
        UnboundedSender<crate::publish::Instruction>,
    ) {
        let mut engine = MediaEngine::default();
        engine.register_default_codecs().unwrap();
        let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
        let (gathered, mut gathering) = unbounded_channel();
        let server = PeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Gathering(gathered)))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await
            .unwrap();
        let offer = RTCSessionDescription::offer(offer).unwrap();
        server.set_remote_description(offer).await.unwrap();
        let (voice, voice_wire) =
            track(&server, RtpCodecKind::Audio, VOICE, "audio/opus", 48_000, 2).await;
        let (camera, camera_wire) =
            track(&server, RtpCodecKind::Video, CAMERA, "video/VP8", 90_000, 0).await;
        let answer = server.create_answer(None).await.unwrap();
        server.set_local_description(answer).await.unwrap();
        gathering.recv().await.unwrap();
        let answer = server.local_description().await.unwrap().sdp;

        let library = Library::open(&default_folder()).unwrap();
        let (instructions, instructed) = unbounded_channel();
        let seen = Camera::new(&library, &[(Layer::Low, CAMERA)], camera_wire, 0);
        let heard = Voice::new(&library, VOICE, voice_wire, 0);
        let playing = play(
            Some((seen, camera)),
            Some((heard, voice)),
            instructed,
            Lateness::default(),
        );
        tokio::spawn(playing);
        (server, answer, instructions)
    }

    async fn track(
        server: &impl PeerConnection,
        kind: RtpCodecKind,
        ssrc: u32,
        mime_type: &str,
        clock_rate: u32,
        channels: u16,
    ) -> (crate::publish::Track, Wire) {
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..Default::default()
            },
            active: true,
            codec: RTCRtpCodec {
                mime_type: mime_type.to_owned(),
                clock_rate,
                channels,
                ..Default::default()
            },
            ..Default::default()
        };
        let name = mime_type.to_owned();
        let media = MediaStreamTrack::new(name.clone(), name.clone(), name, kind, vec![encoding]);
        let track = Arc::new(TrackLocalStaticRTP::new(media));
        server.add_track(track.clone()).await.unwrap();
        let wire = Wire {
            payload_type: if kind == RtpCodecKind::Audio { 111 } else { 96 },
            mid: None,
            rid: None,
            level: None,
        };
        (track, wire)
    }
}
