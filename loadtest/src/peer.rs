//! A participant's end of WebRTC on the crate `webrtc`: a stack that shares no code with the server's.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use protocol::media::SlotKind;
use rtc::interceptor::{Interceptor, Packet, Slot, StreamInfo, TaggedPacket};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8,
};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::sansio::Protocol;
use rtc::sdp::extmap::{AUDIO_LEVEL_URI, SDES_MID_URI, SDES_RTP_STREAM_ID_URI};
use tokio::sync::{mpsc, watch};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCConfigurationBuilder, RTCIceTransportPolicy, RTCPeerConnectionState, RTCSessionDescription,
    Registry, SettingEngineBuilder,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit, RtpTransceiver};

use crate::end::{End, Gauge, LineSpec, Sending, SharedLines, Way};
use crate::lines::Lines;
use crate::media::Layer;
use crate::publish::{Instruction, Track, Wire};
use crate::tunnel::Tunnel;

/// The payload types offered; a browser's, so that they look familiar in a capture.
const OPUS: u8 = 111;
const VP8: u8 = 96;
const VP8_RTX: u8 = 97;

/// The codecs and header extensions of every participant: Opus, VP8 with RTX.
///
/// # Errors
/// Never in practice: the list is fixed.
fn media_engine() -> webrtc::error::Result<MediaEngine> {
    let mut engine = MediaEngine::default();
    let codec = |payload_type, rtp_codec| RTCRtpCodecParameters {
        rtp_codec,
        payload_type,
    };
    engine.register_codec(codec(OPUS, opus_codec()), RtpCodecKind::Audio)?;
    engine.register_codec(codec(VP8, vp8_codec()), RtpCodecKind::Video)?;
    let rtx = RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.to_owned(),
        clock_rate: 90_000,
        sdp_fmtp_line: format!("apt={VP8}"),
        ..Default::default()
    };
    engine.register_codec(codec(VP8_RTX, rtx), RtpCodecKind::Video)?;
    for (uri, kind) in [
        (SDES_MID_URI, RtpCodecKind::Audio),
        (AUDIO_LEVEL_URI, RtpCodecKind::Audio),
    ] {
        let uri = uri.to_owned();
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri }, kind, None)?;
    }
    Ok(engine)
}

/// What every receiver does: NACK, receiver reports and transport-wide feedback, as browsers do.
///
/// # Errors
/// When the engine has no room for the header extensions, which it has.
fn registry(engine: &mut MediaEngine) -> webrtc::error::Result<Registry> {
    register_default_interceptors(Registry::new(), engine)
}

fn opus_codec() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

fn vp8_codec() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.to_owned(),
        clock_rate: 90_000,
        ..Default::default()
    }
}

/// A line that this participant sends on.
struct Outgoing {
    track: Track,
    ssrcs: Vec<(Layer, u32)>,
    line: Arc<dyn RtpTransceiver>,
}

impl Outgoing {
    async fn wire(&self) -> anyhow::Result<Wire> {
        let sender = self
            .line
            .sender()
            .await?
            .context("the line has no sender")?;
        let mid = self.line.mid().await?.context("the line has no mid")?;
        let parameters = sender.get_parameters().await?.rtp_parameters;
        let id = |uri: &str| {
            let found = parameters.header_extensions.iter().find(|e| e.uri == uri)?;
            u8::try_from(found.id).ok()
        };
        let codec = parameters
            .codecs
            .first()
            .ok_or_else(|| anyhow!("the server refused the line with mid {mid}"))?;
        Ok(Wire {
            payload_type: codec.payload_type,
            mid: id(SDES_MID_URI).map(|id| (id, Bytes::from(mid))),
            rid: id(SDES_RTP_STREAM_ID_URI),
            level: id(AUDIO_LEVEL_URI),
        })
    }
}

/// What the callbacks of a peer connection and its owner share.
struct Shared {
    lines: SharedLines,
    tracks: Mutex<HashMap<u32, Arc<dyn TrackRemote>>>,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().expect("no holder of the lock panics")
    }
}

/// A peer connection with its meters.
pub struct Peer {
    connection: Arc<dyn PeerConnection>,
    shared: Arc<Shared>,
    state: watch::Receiver<RTCPeerConnectionState>,
    instructions: mpsc::UnboundedSender<Instruction>,
    lines: Vec<Negotiated>,
    /// Open as long as the connection.
    _tunnel: Option<Tunnel>,
}

/// A line as it stands in the offer.
enum Negotiated {
    Sending(Outgoing),
    Receiving(Arc<dyn RtpTransceiver>, SlotKind),
}

impl End for Peer {
    type Outlet = Track;

    async fn open(
        way: Way,
        lines: Vec<LineSpec>,
        gauge: Gauge,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<Instruction>)> {
        let configuration = RTCConfigurationBuilder::new();
        let mut settings = SettingEngineBuilder::new();
        let (bind, configuration, tunnel) = match way {
            Way::Direct(bind) => (bind, configuration, None),
            Way::Tunnel(tunnel) => {
                let relayed = configuration
                    .with_ice_servers(vec![tunnel.ice_server()])
                    .with_ice_transport_policy(RTCIceTransportPolicy::Relay);
                // By itself the stack waits two seconds for something better, as no browser does.
                settings = settings.with_relay_acceptance_min_wait(Some(Duration::ZERO));
                (Ipv4Addr::LOCALHOST.into(), relayed, Some(tunnel))
            }
        };
        let (instructions, instructed) = mpsc::unbounded_channel();
        let (state_sender, state) = watch::channel(RTCPeerConnectionState::New);
        let shared = Arc::new(Shared {
            lines: gauge.lines,
            tracks: Mutex::default(),
        });
        let mut engine = media_engine()?;
        let registry = registry(&mut engine)?.with(
            Slot::from(WATCH_SLOT),
            KeyframeWatch::new(instructions.clone()),
        );
        let connection = PeerConnectionBuilder::new()
            .with_configuration(configuration.build())
            .with_setting_engine(settings.build())
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Handler {
                shared: shared.clone(),
                state: state_sender,
            }))
            .with_udp_addrs(vec![format!("{bind}:0")])
            .build()
            .await
            .context("cannot make a peer connection")?;
        let mut peer = Self {
            connection: Arc::new(connection),
            shared,
            state,
            instructions,
            lines: Vec::new(),
            _tunnel: tunnel,
        };
        for (place, line) in lines.into_iter().enumerate() {
            let name = place.to_string();
            let line = match line {
                LineSpec::Voice => {
                    let codec = opus_codec();
                    let layers = [Layer::Low];
                    let kind = RtpCodecKind::Audio;
                    Negotiated::Sending(peer.send(&name, kind, &codec, &layers).await?)
                }
                LineSpec::Picture(layers) => {
                    let codec = vp8_codec();
                    let kind = RtpCodecKind::Video;
                    Negotiated::Sending(peer.send(&name, kind, &codec, &layers).await?)
                }
                LineSpec::Receive(kind) => Negotiated::Receiving(peer.receive(kind).await?, kind),
            };
            peer.lines.push(line);
        }
        Ok((peer, instructed))
    }

    async fn offer(&mut self) -> anyhow::Result<String> {
        let offer = self.connection.create_offer(None).await?;
        let sdp = offer.sdp.clone();
        self.connection.set_local_description(offer).await?;
        let mut offered = Vec::new();
        for line in &self.lines {
            let Negotiated::Receiving(line, kind) = line else {
                continue;
            };
            let mid = line
                .mid()
                .await?
                .context("a line was offered without mid")?;
            offered.push((mid, *kind));
        }
        *self.shared.lines() = Lines::new(offered);
        Ok(sdp)
    }

    async fn answer(&self, sdp: &str) -> anyhow::Result<()> {
        self.shared.lines().answered(sdp);
        let answer = RTCSessionDescription::answer(udp_only(sdp))?;
        self.connection
            .set_remote_description(answer)
            .await
            .context("the answer does not fit the offer")
    }

    async fn connected(&mut self) -> anyhow::Result<()> {
        let ended = |state: &RTCPeerConnectionState| {
            matches!(
                state,
                RTCPeerConnectionState::Connected
                    | RTCPeerConnectionState::Failed
                    | RTCPeerConnectionState::Closed
            )
        };
        let state = *self.state.wait_for(ended).await?;
        match state {
            RTCPeerConnectionState::Connected => Ok(()),
            _ => Err(anyhow!("the media connection failed")),
        }
    }

    fn is_connected(&self) -> bool {
        *self.state.borrow() == RTCPeerConnectionState::Connected
    }

    async fn sending(&self, line: usize) -> anyhow::Result<Sending<Track>> {
        let Some(Negotiated::Sending(line)) = self.lines.get(line) else {
            bail!("line {line} does not send");
        };
        Ok(Sending {
            ssrcs: line.ssrcs.clone(),
            wire: line.wire().await?,
            outlet: line.track.clone(),
        })
    }

    fn instructions(&self) -> &mpsc::UnboundedSender<Instruction> {
        &self.instructions
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.shared.lines()
    }

    async fn request_keyframes(&self) -> anyhow::Result<()> {
        let wanting = self.shared.lines().wanting_keyframes(Instant::now());
        for media_ssrc in wanting {
            let track = {
                let tracks = self.shared.tracks.lock();
                let tracks = tracks.expect("no holder of the lock panics");
                tracks.get(&media_ssrc).cloned()
            };
            if let Some(track) = track {
                let request = PictureLossIndication {
                    sender_ssrc: 0,
                    media_ssrc,
                };
                track.write_rtcp(vec![Box::new(request)]).await?;
            }
        }
        Ok(())
    }

    async fn close(&self) -> anyhow::Result<()> {
        Ok(self.connection.close().await?)
    }
}

impl Peer {
    async fn receive(&self, kind: SlotKind) -> anyhow::Result<Arc<dyn RtpTransceiver>> {
        let codec_kind = match kind {
            SlotKind::Audio => RtpCodecKind::Audio,
            SlotKind::Stage | SlotKind::Tile | SlotKind::Screen => RtpCodecKind::Video,
        };
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Recvonly,
            ..Default::default()
        };
        let line = self
            .connection
            .add_transceiver_from_kind(codec_kind, Some(init))
            .await?;
        Ok(line)
    }

    async fn send(
        &self,
        name: &str,
        kind: RtpCodecKind,
        codec: &RTCRtpCodec,
        layers: &[Layer],
    ) -> anyhow::Result<Outgoing> {
        let simulcast = layers.len() > 1;
        let mut ssrcs = Vec::new();
        let mut encodings = Vec::new();
        for &layer in layers {
            let ssrc = getrandom::u32()?;
            ssrcs.push((layer, ssrc));
            encodings.push(RTCRtpEncodingParameters {
                rtp_coding_parameters: RTCRtpCodingParameters {
                    rid: if simulcast { layer.rid() } else { "" }.to_owned(),
                    ssrc: Some(ssrc),
                    ..Default::default()
                },
                active: true,
                codec: codec.clone(),
                ..Default::default()
            });
        }
        let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            "loadtest".to_owned(),
            name.to_owned(),
            name.to_owned(),
            kind,
            encodings.clone(),
        )));
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            streams: Vec::new(),
            send_encodings: encodings,
        };
        let line = self
            .connection
            .add_transceiver_from_track(track.clone() as Arc<dyn TrackLocal>, Some(init))
            .await?;
        Ok(Outgoing { track, ssrcs, line })
    }
}

/// The answer without ICE-TCP candidates: these participants use UDP.
fn udp_only(sdp: &str) -> String {
    sdp.split_inclusive('\n')
        .filter(|line| {
            let transport = line
                .strip_prefix("a=candidate:")
                .and_then(|candidate| candidate.split(' ').nth(2));
            !transport.is_some_and(|transport| transport.eq_ignore_ascii_case("tcp"))
        })
        .collect()
}

struct Handler {
    shared: Arc<Shared>,
    state: watch::Sender<RTCPeerConnectionState>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let shared = self.shared.clone();
        tokio::spawn(async move {
            for ssrc in track.ssrcs().await {
                shared.remember(ssrc, &track);
            }
            while let Some(event) = track.poll().await {
                match event {
                    TrackRemoteEvent::OnOpen(opened) => shared.remember(opened.ssrc, &track),
                    TrackRemoteEvent::OnRtpPacket(packet) => {
                        shared
                            .lines()
                            .packet(Instant::now(), &packet.header, &packet.payload);
                    }
                    _ => {}
                }
            }
        });
    }
}

impl Shared {
    fn remember(&self, ssrc: u32, track: &Arc<dyn TrackRemote>) {
        let mut tracks = self.tracks.lock().expect("no holder of the lock panics");
        tracks.insert(ssrc, track.clone());
    }
}

/// Far from the wire: it only looks at what the others let pass.
const WATCH_SLOT: usize = 60_000;

/// Tells the publisher which of its streams the server wants a keyframe of (PLI and FIR).
struct KeyframeWatch {
    requests: mpsc::UnboundedSender<Instruction>,
    inbound: std::collections::VecDeque<TaggedPacket>,
    outbound: std::collections::VecDeque<TaggedPacket>,
}

impl KeyframeWatch {
    fn new(requests: mpsc::UnboundedSender<Instruction>) -> Self {
        Self {
            requests,
            inbound: Default::default(),
            outbound: Default::default(),
        }
    }

    fn request(&self, ssrc: u32) {
        // The publisher may have stopped already.
        let _ = self.requests.send(Instruction::Keyframe(ssrc));
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for KeyframeWatch {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = webrtc::error::Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Self::Error> {
        if let Packet::Rtcp(reports) = &packet.message.packet {
            for report in reports {
                let report = report.as_any();
                if let Some(request) = report.downcast_ref::<PictureLossIndication>() {
                    self.request(request.media_ssrc);
                } else if let Some(request) = report.downcast_ref::<FullIntraRequest>() {
                    request
                        .fir
                        .iter()
                        .for_each(|entry| self.request(entry.ssrc));
                }
            }
        }
        self.inbound.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inbound.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Self::Error> {
        self.outbound.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outbound.pop_front()
    }
}

impl Interceptor for KeyframeWatch {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_candidates_are_left_out() {
        let sdp = "a=candidate:1 1 udp 2 127.0.0.1 3478 typ host\r\n\
            a=candidate:2 1 TCP 1 127.0.0.1 3478 typ host tcptype passive\r\na=mid:0\r\n";
        let left = udp_only(sdp);
        assert!(left.contains("udp") && left.contains("a=mid:0\r\n") && !left.contains("TCP"));
    }
}
