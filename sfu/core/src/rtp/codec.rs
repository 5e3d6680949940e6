//! How voices and pictures are encoded.

use protocol::media::Source;

/// Which simulcast encoding of a track, counted from the smallest picture. A track without simulcast has only layer 0.
pub(crate) type Layer = usize;

/// The most encodings a track has: 180, 360 and 720 lines.
pub(crate) const MAX_LAYERS: usize = 3;

/// How a voice or picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Opus,
    Vp8,
    /// Constrained baseline, NAL units over several packets (packetization mode 1).
    H264,
    /// Profile 0; spatial layers in one stream (SVC).
    Vp9,
}

impl Codec {
    /// Whether it encodes pictures.
    pub(crate) const fn is_picture(self) -> bool {
        !matches!(self, Self::Opus)
    }

    /// Its name on the link to the recorder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "vp8",
            Self::H264 => "h264",
            Self::Vp9 => "vp9",
        }
    }
}

/// The RTP clock rate of what a source is encoded with here, in Hz.
pub(crate) const fn clock_rate(source: Source) -> u32 {
    if source.is_video() { 90_000 } else { 48_000 }
}
