//! Plays the clips into RTP: a camera with its layers and a voice, at their true pace.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rtc::rtp;
use tokio::sync::mpsc;
use tokio::time::Instant;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use crate::alarm;
use crate::health::Lateness;
use crate::media::{
    FRAME_RATE, Frame, GOP_FRAMES, Layer, Library, VOICE_PACKET_MS, VoicePacket, vp8,
};

/// Packets of one frame follow each other at this distance when they are paced. The largest keyframe of a clip is out
/// well before the next frame.
const PACKET_SPACING: Duration = Duration::from_micros(300);

/// The packets of a voice that last as long as a group of pictures.
const GOP_PACKETS: u32 = GOP_FRAMES * 1000 / FRAME_RATE / VOICE_PACKET_MS;

/// Where the packets of a line go.
pub trait Outlet: Clone + Send + Sync + 'static {
    /// Sends one packet.
    fn write(&self, packet: rtp::Packet) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// A track of the crate `webrtc`.
pub type Track = Arc<TrackLocalStaticRTP>;

impl Outlet for Track {
    async fn write(&self, packet: rtp::Packet) -> anyhow::Result<()> {
        Ok(self.write_rtp(packet).await?)
    }
}

/// What a publisher may be told while it plays.
#[derive(Debug, Clone)]
pub enum Instruction {
    /// A receiver needs a keyframe of the stream with this SSRC.
    Keyframe(u32),
    /// Somebody takes these layers of the camera; the others need not be sent.
    Layers(Vec<Layer>),
}

/// How a stream is written on the wire, as negotiated.
#[derive(Debug, Clone)]
pub struct Wire {
    /// The payload type.
    pub payload_type: u8,
    /// The `mid` of its line with the id of the header extension that carries it (RFC 8843), if negotiated.
    pub mid: Option<(u8, Bytes)>,
    /// The id of the header extension for the rid (RFC 8852), if negotiated.
    pub rid: Option<u8>,
    /// The id of the header extension for the audio level (RFC 6464), if negotiated.
    pub level: Option<u8>,
}

/// One layer of a camera that plays its clip in a loop.
#[derive(Debug)]
struct LayerPlayer {
    layer: Layer,
    ssrc: u32,
    frames: Arc<[Frame]>,
    position: usize,
    sequence_number: u16,
    picture_id: u16,
    wanted: bool,
    jump: bool,
}

/// A camera: every layer of it shows the same moment.
#[derive(Debug)]
pub struct Camera {
    players: Vec<LayerPlayer>,
    wire: Wire,
    timestamp: u32,
    spacing: Duration,
}

impl Camera {
    /// A camera with these layers and their SSRCs. `seed` chooses where in the clip it begins, so that the keyframes
    /// of different participants do not come at once.
    #[must_use]
    pub fn new(library: &Library, layers: &[(Layer, u32)], wire: Wire, seed: u32) -> Self {
        let players = layers
            .iter()
            .map(|&(layer, ssrc)| {
                let frames = library.camera(layer).clone();
                let groups = frames.len() / GOP_FRAMES as usize;
                LayerPlayer {
                    layer,
                    ssrc,
                    position: seed as usize % groups * GOP_FRAMES as usize,
                    frames,
                    sequence_number: (seed >> 8) as u16,
                    picture_id: (seed >> 4) as u16 & 0x7fff,
                    wanted: true,
                    jump: false,
                }
            })
            .collect();
        Self {
            players,
            wire,
            timestamp: seed,
            spacing: PACKET_SPACING,
        }
    }

    /// Sends the packets of a picture one right after the other instead of paced.
    #[must_use]
    pub const fn unpaced(mut self) -> Self {
        self.spacing = Duration::ZERO;
        self
    }

    /// The packets of the next picture, all layers, in sending order.
    pub fn next_picture(&mut self) -> Vec<rtp::Packet> {
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(90_000 / FRAME_RATE);
        let mut packets = Vec::new();
        let with_rid = self.players.len() > 1;
        for player in self.players.iter_mut().filter(|player| player.wanted) {
            let rid = with_rid.then(|| player.layer.rid());
            let payloads = player.next_frame();
            let last = payloads.len() - 1;
            for (index, payload) in payloads.into_iter().enumerate() {
                let mut header = self.wire.header(player.ssrc, timestamp, index == last);
                header.sequence_number = player.sequence_number;
                player.sequence_number = player.sequence_number.wrapping_add(1);
                if let (Some(rid), Some(id)) = (rid, self.wire.rid) {
                    set_extension(&mut header, id, Bytes::from_static(rid.as_bytes()));
                }
                packets.push(rtp::Packet { header, payload });
            }
        }
        packets
    }

    /// Obeys. A layer that comes back begins with a keyframe.
    pub fn obey(&mut self, instruction: &Instruction) {
        for player in &mut self.players {
            match instruction {
                Instruction::Keyframe(ssrc) => player.jump |= player.ssrc == *ssrc,
                Instruction::Layers(layers) => {
                    let wanted = layers.contains(&player.layer);
                    player.jump |= wanted && !player.wanted;
                    player.wanted = wanted;
                }
            }
        }
    }
}

impl LayerPlayer {
    fn next_frame(&mut self) -> Vec<Bytes> {
        if std::mem::take(&mut self.jump) {
            let (passed, ahead) = self.frames.split_at(self.position);
            // Clips begin with a keyframe.
            let steps = ahead.iter().chain(passed).position(|frame| frame.keyframe);
            self.position = (self.position + steps.unwrap_or(0)) % self.frames.len();
        }
        let frame = &self.frames[self.position];
        self.position = (self.position + 1) % self.frames.len();
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        vp8::packetise(&frame.data, self.picture_id)
    }
}

/// A voice that plays its clip in a loop.
#[derive(Debug)]
pub struct Voice {
    packets: Arc<[VoicePacket]>,
    wire: Wire,
    ssrc: u32,
    position: usize,
    sequence_number: u16,
    timestamp: u32,
}

impl Voice {
    /// A voice on this SSRC that begins somewhere in the clip, depending on `seed`: where a camera with the same seed
    /// begins, if the library says so.
    #[must_use]
    pub fn new(library: &Library, ssrc: u32, wire: Wire, seed: u32) -> Self {
        let packets = library.voice().clone();
        let grain = if library.in_step() {
            GOP_PACKETS as usize
        } else {
            1
        };
        Self {
            position: seed as usize % (packets.len() / grain) * grain,
            packets,
            wire,
            ssrc,
            sequence_number: (seed >> 8) as u16,
            timestamp: seed,
        }
    }

    /// The next 20 ms.
    pub fn next_packet(&mut self) -> rtp::Packet {
        let voice = &self.packets[self.position];
        self.position = (self.position + 1) % self.packets.len();
        let mut header = self.wire.header(self.ssrc, self.timestamp, false);
        header.sequence_number = self.sequence_number;
        self.sequence_number = self.sequence_number.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(48 * VOICE_PACKET_MS);
        if let Some(id) = self.wire.level {
            let spoken = if voice.level < 50 { 0x80 } else { 0 };
            set_extension(
                &mut header,
                id,
                Bytes::copy_from_slice(&[spoken | voice.level]),
            );
        }
        rtp::Packet {
            header,
            payload: voice.data.clone(),
        }
    }
}

impl Wire {
    fn header(&self, ssrc: u32, timestamp: u32, marker: bool) -> rtp::Header {
        let mut header = rtp::Header {
            version: 2,
            marker,
            payload_type: self.payload_type,
            timestamp,
            ssrc,
            ..Default::default()
        };
        if let Some((id, mid)) = &self.mid {
            set_extension(&mut header, *id, mid.clone());
        }
        header
    }
}

fn set_extension(header: &mut rtp::Header, id: u8, value: Bytes) {
    header
        .set_extension(id, value)
        .expect("negotiated ids are 1 to 14 and the values are short");
}

/// Plays until the instructions end, which is when their sender is dropped.
///
/// # Errors
/// When the peer connection closes first.
pub async fn play<O: Outlet>(
    mut camera: Option<(Camera, O)>,
    mut voice: Option<(Voice, O)>,
    mut instructions: mpsc::UnboundedReceiver<Instruction>,
    lateness: Lateness,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let (mut pictures, mut words) = (0u32, 0u32);
    let mut paced: VecDeque<(Instant, rtp::Packet)> = VecDeque::new();
    loop {
        let picture_at = start + Duration::from_secs(1) * pictures / FRAME_RATE;
        let word_at = start + Duration::from_millis(u64::from(VOICE_PACKET_MS)) * words;
        let due = [
            camera.is_some().then_some(picture_at),
            voice.is_some().then_some(word_at),
            paced.front().map(|(due, _)| *due),
        ];
        let Some(due) = due.into_iter().flatten().min() else {
            return Ok(());
        };
        tokio::select! {
            biased;
            instruction = instructions.recv() => {
                let Some(instruction) = instruction else { return Ok(()) };
                if let Some((camera, _)) = &mut camera {
                    camera.obey(&instruction);
                }
                continue;
            }
            () = alarm::sleep_until(due) => {}
        }
        let now = Instant::now();
        lateness.record(now.duration_since(due));
        if let Some((camera, _)) = &mut camera
            && picture_at <= now
        {
            pictures += 1;
            let mut at = picture_at.max(paced.back().map_or(picture_at, |(last, _)| *last));
            for packet in camera.next_picture() {
                paced.push_back((at, packet));
                at += camera.spacing;
            }
        }
        if let Some((voice, track)) = &mut voice
            && word_at <= now
        {
            words += 1;
            track.write(voice.next_packet()).await?;
        }
        while let Some((_, packet)) = paced.pop_front_if(|(due, _)| *due <= now) {
            let (_, track) = camera.as_ref().expect("only a camera is paced");
            track.write(packet).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{CUE_FRAMES, Tone, default_folder};

    fn wire() -> Wire {
        Wire {
            payload_type: 96,
            mid: Some((1, Bytes::from_static(b"0"))),
            rid: Some(2),
            level: Some(3),
        }
    }

    fn begins_keyframe(packet: &rtp::Packet) -> bool {
        vp8::Descriptor::parse(&packet.payload).is_some_and(|descriptor| descriptor.keyframe)
    }

    #[test]
    fn layers_share_the_moment_and_each_names_itself() {
        let library = Library::open(&default_folder()).unwrap();
        let layers = [(Layer::Low, 10), (Layer::Middle, 20), (Layer::High, 30)];
        let mut camera = Camera::new(&library, &layers, wire(), 77);
        let picture = camera.next_picture();
        for (layer, ssrc) in layers {
            let packets: Vec<_> = picture.iter().filter(|p| p.header.ssrc == ssrc).collect();
            assert!(begins_keyframe(packets[0]));
            assert_eq!(packets.iter().filter(|p| p.header.marker).count(), 1);
            for packet in packets {
                assert_eq!(packet.header.timestamp, 77);
                assert_eq!(packet.header.get_extension(2).unwrap(), layer.rid());
                assert_eq!(packet.header.get_extension(1).unwrap(), "0");
            }
        }
        assert_eq!(camera.next_picture()[0].header.timestamp, 77 + 3000);
    }

    #[test]
    fn a_keyframe_request_is_answered_with_the_next_picture() {
        let library = Library::open(&default_folder()).unwrap();
        let layers = [(Layer::Low, 10), (Layer::Middle, 20)];
        let mut camera = Camera::new(&library, &layers, wire(), 0);
        for _ in 0..10 {
            camera.next_picture();
        }
        camera.obey(&Instruction::Keyframe(20));
        let picture = camera.next_picture();
        let keyframes: Vec<u32> = picture
            .iter()
            .filter(|packet| begins_keyframe(packet))
            .map(|packet| packet.header.ssrc)
            .collect();
        assert_eq!(keyframes, [20]);
    }

    #[test]
    fn a_layer_that_nobody_takes_pauses_and_comes_back_with_a_keyframe() {
        let library = Library::open(&default_folder()).unwrap();
        let layers = [(Layer::Low, 10), (Layer::Middle, 20)];
        let mut camera = Camera::new(&library, &layers, wire(), 0);
        camera.next_picture();
        camera.obey(&Instruction::Layers(vec![Layer::Low]));
        assert!(camera.next_picture().iter().all(|p| p.header.ssrc == 10));
        camera.obey(&Instruction::Layers(vec![Layer::Low, Layer::Middle]));
        let picture = camera.next_picture();
        let back = picture.iter().find(|packet| packet.header.ssrc == 20);
        assert!(begins_keyframe(back.unwrap()));
    }

    #[test]
    fn a_voice_carries_its_level() {
        let library = Library::open(&default_folder()).unwrap();
        let mut voice = Voice::new(&library, 5, wire(), 3);
        let (first, second) = (voice.next_packet(), voice.next_packet());
        assert_eq!(second.header.timestamp - first.header.timestamp, 960);
        let level = first.header.get_extension(3).unwrap()[0] & 0x7f;
        assert_eq!(level, library.voice()[3].level);
    }

    #[test]
    fn sound_and_picture_of_cues_stay_in_step_whatever_keyframes_are_asked_for() {
        let library = Library::cues(&default_folder(), Tone::Low).unwrap();
        for seed in [0, 1, 5, 4_000_000_007] {
            let mut camera = Camera::new(&library, &[(Layer::Low, 10)], wire(), seed);
            let mut voice = Voice::new(&library, 5, wire(), seed);
            for picture in 0..3 * CUE_FRAMES {
                camera.obey(&Instruction::Keyframe(10));
                camera.next_picture();
                let shown = camera.players[0].position as u32;
                assert_eq!(shown % CUE_FRAMES, (picture + 1) % CUE_FRAMES);
                if picture % 3 == 0 {
                    // Five packets last as long as three pictures.
                    let heard = voice.position as u32 * FRAME_RATE * VOICE_PACKET_MS / 1000;
                    assert_eq!((shown - 1) % CUE_FRAMES, heard % CUE_FRAMES, "seed {seed}");
                    for _ in 0..5 {
                        voice.next_packet();
                    }
                }
            }
        }
    }
}
