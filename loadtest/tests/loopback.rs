//! A participant, on the crate `webrtc` or on the thin end, and a receiver of that crate on loopback: what is published
//! arrives whole and can be decoded.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use loadtest::end::{End, Gauge, LineSpec, Way};
use loadtest::health::Lateness;
use loadtest::media::vp8::Descriptor;
use loadtest::media::{Layer, Library, default_folder, ivf};
use loadtest::peer::Peer;
use loadtest::publish::{Camera, Voice, play};
use loadtest::thin::ThinPeer;
use rtc::rtp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCSessionDescription, Registry, register_default_interceptors,
};

/// Nothing here takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn what_a_participant_publishes_can_be_seen_and_heard() {
    tokio::join!(
        publish_and_decode::<Peer>(),
        publish_and_decode::<ThinPeer>()
    );
}

async fn publish_and_decode<E: End>() {
    let mut stage = Stage::<E>::open(&[Layer::Low]).await;
    let mut camera = Reassembly::default();
    let mut heard = 0;
    let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono).unwrap();
    let mut loudest = 0f32;
    while camera.frames.len() < 60 || heard < 100 {
        let arrival = stage.next().await;
        if arrival.packet.header.payload_type == 111 {
            let mut samples = [0f32; 5760];
            let length = decoder.decode_float(&arrival.packet.payload, &mut samples, false);
            loudest = samples[..length.unwrap()]
                .iter()
                .fold(loudest, |max, s| max.max(s.abs()));
            heard += 1;
        } else {
            camera.take(&arrival.packet);
        }
    }
    assert!(loudest > 0.1, "the voice is louder than {loudest}");
    assert_eq!(
        decoded_frames(Layer::Low, &camera.frames),
        camera.frames.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn simulcast_layers_arrive_under_their_names() {
    tokio::join!(publish_layers::<Peer>(), publish_layers::<ThinPeer>());
}

async fn publish_layers<E: End>() {
    let mut stage = Stage::<E>::open(&Layer::ALL).await;
    let mut layers: BTreeMap<Layer, Reassembly> = BTreeMap::new();
    let whole = |layers: &BTreeMap<Layer, Reassembly>| {
        layers.len() == 3 && layers.values().all(|layer| layer.frames.len() >= 10)
    };
    while !whole(&layers) {
        let arrival = stage.next().await;
        if let Some(layer) = arrival.rid.as_deref().and_then(Layer::from_rid) {
            layers.entry(layer).or_default().take(&arrival.packet);
        }
    }
    for (layer, received) in layers {
        assert_eq!(
            decoded_frames(layer, &received.frames),
            received.frames.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyframe_request_is_obeyed() {
    tokio::join!(ask_for_keyframes::<Peer>(), ask_for_keyframes::<ThinPeer>());
}

async fn ask_for_keyframes<E: End>() {
    let mut stage = Stage::<E>::open(&[Layer::Low]).await;
    let mut camera = Reassembly::default();
    // Clips have a keyframe every 60 frames; one that comes sooner after another was asked for.
    let mut keyframes = Vec::new();
    while keyframes.len() < 2
        || keyframes[keyframes.len() - 1] - keyframes[keyframes.len() - 2] >= 60
    {
        let arrival = stage.next().await;
        if arrival.packet.header.payload_type == 111 || !camera.take(&arrival.packet) {
            continue;
        }
        let number = camera.frames.len() - 1;
        if camera.frames[number][0] & 1 == 0 {
            keyframes.push(number);
        }
        if number % 60 == 30 {
            stage.request_keyframe(&arrival).await;
        }
    }
}

/// A publishing participant and a receiver of the same crate that answers it.
struct Stage<E> {
    arrivals: UnboundedReceiver<Arrival>,
    _publisher: E,
    _receiver: Arc<dyn PeerConnection>,
}

struct Arrival {
    rid: Option<String>,
    packet: rtp::Packet,
    track: Arc<dyn TrackRemote>,
}

impl<E: End> Stage<E> {
    async fn open(layers: &[Layer]) -> Self {
        timeout(PATIENCE, Self::try_open(layers))
            .await
            .expect("the peers connect in time")
    }

    async fn try_open(layers: &[Layer]) -> Self {
        let lines = vec![LineSpec::Picture(layers.to_vec()), LineSpec::Voice];
        let (mut publisher, instructed) = E::open(
            Way::Direct(Ipv4Addr::LOCALHOST.into()),
            lines,
            Gauge::default(),
        )
        .await
        .unwrap();
        let offer = publisher.offer().await.unwrap();
        let (receiver, arrivals, answer) = answerer(offer).await;
        publisher.answer(&answer).await.unwrap();
        publisher.connected().await.unwrap();

        let library = Library::open(&default_folder()).unwrap();
        let camera = publisher.sending(0).await.unwrap();
        let seen = Camera::new(&library, &camera.ssrcs, camera.wire, 0);
        let microphone = publisher.sending(1).await.unwrap();
        let (_, ssrc) = microphone.ssrcs[0];
        let heard = Voice::new(&library, ssrc, microphone.wire, 0);
        tokio::spawn(play(
            Some((seen, camera.outlet)),
            Some((heard, microphone.outlet)),
            instructed,
            Lateness::default(),
        ));
        Self {
            arrivals,
            _publisher: publisher,
            _receiver: receiver,
        }
    }

    async fn next(&mut self) -> Arrival {
        let arrival = timeout(PATIENCE, self.arrivals.recv()).await;
        arrival
            .expect("media arrive in time")
            .expect("the receiver is open")
    }

    async fn request_keyframe(&self, of: &Arrival) {
        use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
        let media_ssrc = of.packet.header.ssrc;
        let request = PictureLossIndication {
            sender_ssrc: 0,
            media_ssrc,
        };
        of.track.write_rtcp(vec![Box::new(request)]).await.unwrap();
    }
}

/// A peer with the codecs of a browser that answers `offer` and hands over all packets.
async fn answerer(offer: String) -> (Arc<dyn PeerConnection>, UnboundedReceiver<Arrival>, String) {
    let mut engine = MediaEngine::default();
    engine.register_default_codecs().unwrap();
    let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
    let (arrived, arrivals) = unbounded_channel();
    let (gathered, mut gathering) = unbounded_channel();
    let connection = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_interceptor_registry(registry)
        .with_handler(Arc::new(Receiver { arrived, gathered }))
        .with_udp_addrs(vec!["127.0.0.1:0"])
        .build()
        .await
        .unwrap();
    let offer = RTCSessionDescription::offer(offer).unwrap();
    connection.set_remote_description(offer).await.unwrap();
    let answer = connection.create_answer(None).await.unwrap();
    connection.set_local_description(answer).await.unwrap();
    gathering.recv().await.unwrap();
    let answer = connection.local_description().await.unwrap().sdp;
    (Arc::new(connection), arrivals, answer)
}

struct Receiver {
    arrived: UnboundedSender<Arrival>,
    gathered: UnboundedSender<()>,
}

#[async_trait]
impl PeerConnectionEventHandler for Receiver {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.send(());
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let arrived = self.arrived.clone();
        tokio::spawn(async move {
            let mut rids = BTreeMap::new();
            while let Some(event) = track.poll().await {
                match event {
                    TrackRemoteEvent::OnOpen(opened) => {
                        rids.insert(opened.ssrc, opened.rid);
                    }
                    TrackRemoteEvent::OnRtpPacket(packet) => {
                        let rid = rids.get(&packet.header.ssrc).cloned().flatten();
                        let track = track.clone();
                        let _ = arrived.send(Arrival { rid, packet, track });
                    }
                    _ => {}
                }
            }
        });
    }
}

/// Puts frames together from packets that all arrive, in order; begins with a keyframe.
#[derive(Default)]
struct Reassembly {
    frames: Vec<Vec<u8>>,
    unfinished: Vec<u8>,
}

impl Reassembly {
    /// Returns whether the packet completed a frame.
    fn take(&mut self, packet: &rtp::Packet) -> bool {
        let descriptor = Descriptor::parse(&packet.payload).expect("every packet is VP8");
        if descriptor.starts_frame {
            self.unfinished.clear();
        }
        if self.frames.is_empty() && self.unfinished.is_empty() && !descriptor.keyframe {
            return false;
        }
        self.unfinished
            .extend_from_slice(&packet.payload[descriptor.length..]);
        if packet.header.marker {
            self.frames.push(std::mem::take(&mut self.unfinished));
        }
        packet.header.marker
    }
}

/// How many frames an independent decoder makes of these, all of the layer's size and none damaged.
fn decoded_frames(layer: Layer, frames: &[Vec<u8>]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("received.ivf");
    let (width, height) = layer.size();
    std::fs::write(&path, ivf::write_vp8(width as u16, height as u16, frames)).unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-xerror", "-i"])
        .arg(&path)
        .args([
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-",
        ])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&decoded.stderr);
    assert!(
        decoded.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    let frame_bytes = (width * height) as usize;
    assert_eq!(decoded.stdout.len() % frame_bytes, 0);
    decoded.stdout.len() / frame_bytes
}
