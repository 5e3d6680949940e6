//! What participants publish: real VP8 in three sizes and real Opus, made by ffmpeg at first use.
//!
//! A clip is played in a loop. It begins with a keyframe and has one every [`GOP_FRAMES`] frames, so that a
//! publisher may start, or jump after a keyframe request, at any of them.

mod generate;
pub mod ivf;
pub mod ogg;
pub mod vp8;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use bytes::Bytes;

/// Pictures per second of every camera clip.
pub const FRAME_RATE: u32 = 30;

/// From one keyframe to the next: 2 s, the longest that a late joiner waits for a picture.
pub const GOP_FRAMES: u32 = 2 * FRAME_RATE;

/// The length of every clip in seconds; a multiple of the keyframe interval.
pub const CLIP_SECONDS: u32 = 12;

/// One Opus packet lasts 20 ms.
pub const VOICE_PACKET_MS: u32 = 20;

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
}

impl Library {
    /// Reads the clips from `folder`, and makes those that are missing with ffmpeg first.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails, or when a clip is not what it should be.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        generate::missing_clips(folder)?;
        let camera = |layer: Layer| -> anyhow::Result<Arc<[Frame]>> {
            let path = generate::camera_path(folder, layer);
            read_camera(&path).with_context(|| format!("cannot use {}", path.display()))
        };
        let voice = generate::voice_path(folder);
        Ok(Self {
            camera: [
                camera(Layer::Low)?,
                camera(Layer::Middle)?,
                camera(Layer::High)?,
            ],
            voice: read_voice(&voice).with_context(|| format!("cannot use {}", voice.display()))?,
        })
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

fn read_camera(path: &Path) -> anyhow::Result<Arc<[Frame]>> {
    let file = std::fs::read(path)?;
    let clip = ivf::Clip::parse(&file)?;
    ensure!(&clip.four_cc == b"VP80", "the clip is not VP8");
    let frames: Vec<Frame> = clip
        .frames
        .into_iter()
        .map(|data| Frame {
            keyframe: vp8::is_keyframe(data),
            data: Bytes::copy_from_slice(data),
        })
        .collect();
    ensure!(
        frames.first().is_some_and(|frame| frame.keyframe),
        "the clip does not begin with a keyframe"
    );
    Ok(frames.into())
}

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
    ensure!(!packets.is_empty(), "the clip is empty");
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

            let bits = 8 * frames.iter().map(|frame| frame.data.len()).sum::<usize>();
            let kbps = bits as u32 / CLIP_SECONDS / 1000;
            let promised = layer.kilobits_per_second();
            assert!(
                (promised * 8 / 10..promised * 12 / 10).contains(&kbps),
                "{layer:?} has {kbps} kbit/s"
            );
        }
        let voice = library.voice();
        assert!(voice.len() as u32 >= CLIP_SECONDS * 1000 / VOICE_PACKET_MS);
        assert!(
            voice.iter().any(|packet| packet.level < 30),
            "somebody speaks"
        );
        assert!(voice.iter().any(|packet| packet.level > 60), "and pauses");
    }
}
