//! A viewer by WHEP (draft-ietf-wish-whep), on the thin end of WebRTC, so that hundreds fit into one generator.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use protocol::media::SlotKind;
use tokio::time::timeout;

use crate::end::{End, Gauge, LineSpec, Way};
use crate::participant::{JOIN_TIMEOUT, Part, Surroundings};
use crate::publish::Instruction;
use crate::report::Observation;
use crate::thin::ThinPeer;

/// How often a viewer looks whether its connection still stands.
const CONNECTION_CHECK: Duration = Duration::from_secs(1);

/// Watches until it is time to leave, and tells what it saw.
pub async fn watch(part: Part, surroundings: Surroundings) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay(&part, &surroundings, &mut observation).await {
        surroundings.failed(&error, &mut observation);
    }
    observation
}

async fn stay(
    part: &Part,
    surroundings: &Surroundings,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let server = &surroundings.server;
    let (mut viewer, _) = open(server.bind(), part.gauge.clone()).await?;
    let offer = viewer.offer().await?;
    let resource = server
        .post_offer("whep", &surroundings.session, &part.token, offer)
        .await?;
    viewer.answer(&resource.answer).await?;
    timeout(JOIN_TIMEOUT, viewer.connected())
        .await
        .map_err(|_| anyhow!("media did not connect in {} s", JOIN_TIMEOUT.as_secs()))??;
    surroundings.arrived(began, observation);
    observation.suite = viewer.suite();
    let mut check = tokio::time::interval(CONNECTION_CHECK);
    loop {
        tokio::select! {
            () = surroundings.leave.cancelled() => break,
            _ = check.tick() => if !viewer.is_connected() {
                bail!("the media connection broke");
            }
        }
    }
    observation.take_lines(&mut viewer.lines(), began);
    // In this order: a closed connection ends the resource too.
    server.delete(&resource, &part.token).await?;
    viewer.close().await
}

/// A viewer's end: one voice and one picture.
async fn open(
    bind: IpAddr,
    gauge: Gauge,
) -> anyhow::Result<(ThinPeer, tokio::sync::mpsc::UnboundedReceiver<Instruction>)> {
    let lines = [SlotKind::Audio, SlotKind::Stage].map(LineSpec::Receive);
    ThinPeer::open(Way::Direct(bind), lines.to_vec(), gauge).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::time::Duration;

    use crate::health::Lateness;
    use crate::lines::Meter;
    use crate::media::{Layer, Library, default_folder};
    use crate::publish::{Camera, Voice, Wire, play};
    use rtc::media_stream::MediaStreamTrack;
    use rtc::rtp_transceiver::rtp_sender::{
        RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
    };
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
    use webrtc::peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
        RTCIceGatheringState, RTCSessionDescription, Registry, register_default_interceptors,
    };

    const CAMERA: u32 = 1000;
    const VOICE: u32 = 2000;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_viewer_sees_and_hears_all_that_is_sent_to_it() {
        let (mut viewer, _) = open(Ipv4Addr::LOCALHOST.into(), Gauge::default())
            .await
            .unwrap();
        let offer = viewer.offer().await.unwrap();
        let (server, answer, _instructions) = publisher(offer).await;
        viewer.answer(&answer).await.unwrap();
        viewer.connected().await.unwrap();

        let watched = timeout(Duration::from_secs(60), async {
            while seen(&viewer).0 < 60 || seen(&viewer).1 < 100 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        watched.await.expect("media arrive in time");
        let now = Instant::now() + Duration::from_secs(1);
        for line in viewer.lines().all() {
            // Freezes and breaks would say how busy this machine is.
            assert_eq!(
                crate::report::Tally::of(&line.meter, now).lost,
                0,
                "{line:?}"
            );
        }
        server.close().await.unwrap();
    }

    /// Pictures and sound packets so far.
    fn seen(viewer: &ThinPeer) -> (u64, u64) {
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
    ) -> (impl PeerConnection, String, UnboundedSender<Instruction>) {
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
