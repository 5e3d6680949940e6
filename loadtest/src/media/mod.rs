//! What participants publish: real VP8 in three sizes and real Opus, made by ffmpeg at first use.
//!
//! A clip is played in a loop. It begins with a keyframe and has one every [`GOP_FRAMES`] frames, so that a
//! publisher may start, or jump after a keyframe request, at any of them. The clips of [`Library::cues`] are all
//! keyframes; they tell how far apart sound and picture come out at the other end.

mod generate;
pub mod ivf;
pub mod ogg;
pub mod vp8;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::ensure;
use bytes::Bytes;

/// Pictures per second of every camera clip.
pub const FRAME_RATE: u32 = 30;

/// From one keyframe to the next: 2 s, the longest that a late joiner waits for a picture.
pub const GOP_FRAMES: u32 = 2 * FRAME_RATE;

/// The length of every clip in seconds; a multiple of the keyframe interval.
pub const CLIP_SECONDS: u32 = 12;

/// One Opus packet lasts 20 ms.
pub const VOICE_PACKET_MS: u32 = 20;

/// From one flash and beep to the next: 2 s.
pub const CUE_FRAMES: u32 = 2 * FRAME_RATE;

/// How long a flash lasts, and a beep: 200 ms.
pub const FLASH_FRAMES: u32 = FRAME_RATE / 5;

/// The packets of a voice clip.
const VOICE_PACKETS: usize = (CLIP_SECONDS * 1000 / VOICE_PACKET_MS) as usize;

/// One simulcast encoding of a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// 320×180, rid `l`.
    Low,
    /// 640×360, rid `m`.
    Middle,
    /// 1280×720, rid `h`.
    High,
}

impl Layer {
    /// Every layer, smallest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Middle, Self::High];

    /// The restriction identifier in SDP and in the RTP header extension (RFC 8852).
    #[must_use]
    pub const fn rid(self) -> &'static str {
        match self {
            Self::Low => "l",
            Self::Middle => "m",
            Self::High => "h",
        }
    }

    /// The layer with this rid, if there is one.
    #[must_use]
    pub fn from_rid(rid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.rid() == rid)
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn size(self) -> (u32, u32) {
        match self {
            Self::Low => (320, 180),
            Self::Middle => (640, 360),
            Self::High => (1280, 720),
        }
    }

    /// The constant bitrate of its clip, in kbit/s.
    #[must_use]
    pub const fn kilobits_per_second(self) -> u32 {
        match self {
            Self::Low => 150,
            Self::Middle => 500,
            Self::High => 1500,
        }
    }
}

/// What a publisher of cues beeps in, so that several can be told apart in one mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// 700 Hz.
    Low,
    /// 1,100 Hz.
    Middle,
    /// 1,900 Hz.
    High,
}

impl Tone {
    /// Its frequency.
    #[must_use]
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Low => 700,
            Self::Middle => 1_100,
            Self::High => 1_900,
        }
    }
}

/// One encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The VP8 bitstream of one frame.
    pub data: Bytes,
    /// Whether it can be decoded without any other.
    pub keyframe: bool,
}

/// One Opus packet of [`VOICE_PACKET_MS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoicePacket {
    /// The Opus packet.
    pub data: Bytes,
    /// Its loudness as RFC 6464 wants it: 0 is the loudest, 127 is silence.
    pub level: u8,
}

/// The clips, shared by all participants.
#[derive(Debug, Clone)]
pub struct Library {
    camera: [Arc<[Frame]>; 3],
    voice: Arc<[VoicePacket]>,
    in_step: bool,
}

impl Library {
    /// Reads the clips from `folder`: a test picture in motion and somebody who speaks in sentences. Clips that are
    /// missing or damaged are made first.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails, or makes something else than it should.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let camera = |layer: Layer| {
            generate::kept(folder, &generate::camera(layer), |path| {
                let frames = read_camera(path, layer)?;
                ensure_constant_rate(&frames, layer)?;
                Ok(frames)
            })
        };
        Ok(Self {
            camera: [
                camera(Layer::Low)?,
                camera(Layer::Middle)?,
                camera(Layer::High)?,
            ],
            voice: generate::kept(folder, &generate::voice(), read_voice)?,
            in_step: false,
        })
    }

    /// Reads clips that show a white flash on black, and beep in `tone`, every [`CUE_FRAMES`]; both begin at the same
    /// moment and last [`FLASH_FRAMES`]. Their publishers play them in step. As Opus starts, the beep is late by 7 ms.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn cues(folder: &Path, tone: Tone) -> anyhow::Result<Self> {
        let camera = |layer: Layer| {
            generate::kept(folder, &generate::flashes(layer), |path| {
                let frames = read_camera(path, layer)?;
                let every = frames.iter().all(|frame| frame.keyframe);
                ensure!(every, "a frame is no keyframe");
                Ok(frames)
            })
        };
        Ok(Self {
            camera: [
                camera(Layer::Low)?,
                camera(Layer::Middle)?,
                camera(Layer::High)?,
            ],
            voice: generate::kept(folder, &generate::beeps(tone), read_voice)?,
            in_step: true,
        })
    }

    /// Whether a publisher's sound and picture must show the same moment of the clips.
    #[must_use]
    pub const fn in_step(&self) -> bool {
        self.in_step
    }

    /// The frames of one layer, in display order; the first is a keyframe.
    #[must_use]
    pub fn camera(&self, layer: Layer) -> &Arc<[Frame]> {
        &self.camera[layer as usize]
    }

    /// The packets of the voice clip, in order.
    #[must_use]
    pub fn voice(&self) -> &Arc<[VoicePacket]> {
        &self.voice
    }
}

/// Where clips go when nobody says otherwise: beside the executable, hence inside Cargo's target folder.
#[must_use]
pub fn default_folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    let folder = exe.parent().unwrap_or(Path::new("."));
    // Test executables live one level deeper.
    let folder = match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().unwrap_or(folder),
        _ => folder,
    };
    folder.join("loadtest-media")
}

/// Reads a camera clip of whole length, with keyframes at least where each group begins.
fn read_camera(path: &Path, layer: Layer) -> anyhow::Result<Arc<[Frame]>> {
    let file = std::fs::read(path)?;
    let clip = ivf::Clip::parse(&file)?;
    ensure!(&clip.four_cc == b"VP80", "the clip is not VP8");
    let size = (u32::from(clip.width), u32::from(clip.height));
    ensure!(size == layer.size(), "its pictures are {size:?}");
    let frames: Vec<Frame> = clip
        .frames
        .into_iter()
        .map(|data| Frame {
            keyframe: vp8::is_keyframe(data),
            data: Bytes::copy_from_slice(data),
        })
        .collect();
    let count = (CLIP_SECONDS * FRAME_RATE) as usize;
    ensure!(frames.len() == count, "it has {} frames", frames.len());
    let mut groups = frames.chunks(GOP_FRAMES as usize);
    ensure!(
        groups.all(|group| group[0].keyframe),
        "a group of pictures begins without a keyframe"
    );
    Ok(frames.into())
}

/// Refuses a clip that is more than a tenth off its promised rate, or has keyframes that it should not have.
fn ensure_constant_rate(frames: &[Frame], layer: Layer) -> anyhow::Result<()> {
    let keyframes = frames.iter().filter(|frame| frame.keyframe).count();
    let groups = frames.len() / GOP_FRAMES as usize;
    ensure!(keyframes == groups, "it has {keyframes} keyframes");
    let bits = 8 * frames.iter().map(|frame| frame.data.len()).sum::<usize>();
    let kbps = bits as u32 / CLIP_SECONDS / 1000;
    let promised = layer.kilobits_per_second();
    ensure!(
        (promised * 9 / 10..=promised * 11 / 10).contains(&kbps),
        "it has {kbps} kbit/s, not {promised}"
    );
    Ok(())
}

/// Reads a voice clip in which somebody is heard and pauses.
fn read_voice(path: &Path) -> anyhow::Result<Arc<[VoicePacket]>> {
    let file = std::fs::read(path)?;
    let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono)?;
    let mut samples = [0f32; 5760];
    let mut packets = Vec::new();
    // The first two packets are OpusHead and OpusTags (RFC 7845, section 3).
    for data in ogg::packets(&file)?.into_iter().skip(2) {
        let length = decoder.decode_float(&data, &mut samples, false)?;
        ensure!(
            length == 960,
            "an Opus packet lasts {length} samples, not 960"
        );
        packets.push(VoicePacket {
            level: level_of(&samples[..length]),
            data: data.into(),
        });
    }
    ensure!(packets.len() >= VOICE_PACKETS, "it ends early");
    // The encoder's delay makes one more, which would put sound and picture out of step at every turn of the loop.
    packets.truncate(VOICE_PACKETS);
    ensure!(
        packets.iter().any(|packet| packet.level < 30),
        "nobody speaks"
    );
    ensure!(
        packets.iter().any(|packet| packet.level > 60),
        "nobody pauses"
    );
    Ok(packets.into())
}

/// The level of RFC 6464: the negated loudness in dB below overload, 0 to 127.
fn level_of(samples: &[f32]) -> u8 {
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    let decibels = -10.0 * power.max(1e-13).log10();
    decibels.clamp(0.0, 127.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_is_low_for_loud_and_127_for_silence() {
        assert_eq!(level_of(&[1.0; 960]), 0);
        assert_eq!(level_of(&[0.1; 960]), 20);
        assert_eq!(level_of(&[0.0; 960]), 127);
    }

    #[test]
    fn clips_have_the_promised_shape() {
        let library = Library::open(&default_folder()).unwrap();
        for layer in Layer::ALL {
            let frames = library.camera(layer);
            assert_eq!(frames.len() as u32, CLIP_SECONDS * FRAME_RATE, "{layer:?}");
            let keyframes: Vec<usize> = (0..frames.len()).filter(|&i| frames[i].keyframe).collect();
            let expected: Vec<usize> = (0..frames.len()).step_by(GOP_FRAMES as usize).collect();
            assert_eq!(keyframes, expected, "{layer:?}");
            ensure_constant_rate(frames, layer).unwrap();
        }
        assert_eq!(library.voice().len(), VOICE_PACKETS);
    }

    #[test]
    fn flash_and_beep_begin_together() {
        let library = Library::cues(&default_folder(), Tone::Middle).unwrap();
        let packets_per_cue = (CUE_FRAMES * 1000 / FRAME_RATE / VOICE_PACKET_MS) as usize;
        for (n, packet) in library.voice().iter().enumerate() {
            // The encoder's delay and the ends of a tone reach into a neighbour.
            match n % packets_per_cue {
                1..10 => assert!(packet.level < 20, "packet {n} is not heard"),
                12.. => assert!(packet.level > 50, "packet {n} is heard"),
                _ => {}
            }
        }
        for layer in Layer::ALL {
            let frames = library.camera(layer);
            assert!(frames.iter().all(|frame| frame.keyframe), "{layer:?}");
            assert_eq!(
                whites(layer, frames),
                (0..frames.len() as u32)
                    .filter(|n| n % CUE_FRAMES < FLASH_FRAMES)
                    .collect::<Vec<_>>(),
                "{layer:?}"
            );
        }
    }

    /// The numbers of the frames that ffmpeg decodes to white.
    fn whites(layer: Layer, frames: &[Frame]) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.ivf");
        let (width, height) = layer.size();
        let data: Vec<_> = frames.iter().map(|frame| &frame.data).collect();
        let size = (
            u16::try_from(width).unwrap(),
            u16::try_from(height).unwrap(),
        );
        std::fs::write(&path, ivf::write_vp8(size.0, size.1, &data)).unwrap();
        let output = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args([
                "-vf",
                "scale=1:1",
                "-pix_fmt",
                "gray",
                "-f",
                "rawvideo",
                "-",
            ])
            .output()
            .unwrap();
        (0..)
            .zip(output.stdout)
            .filter_map(|(n, luma)| (luma > 128).then_some(n))
            .collect()
    }
}
