//! Decodes one camera or screen, from any moment on, to pictures of one size.
//!
//! A thread feeds ffmpeg; the number of each frame travels as its time stamp, so the pictures that come back are known
//! by number even when some show nothing. Where a track changes its coding, another ffmpeg goes on.

use std::io::{self, BufReader, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::ComposeError;
use super::canvas::Picture;
use super::ffmpeg::Ffmpeg;
use super::source::PictureTrack;
use crate::intake::stored_units;
use crate::segment::matroska::BlockReader;

/// How a picture is encoded, as far as its decoder is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Vp8,
    Vp9,
    H264,
}

impl Coding {
    /// By its name in the index.
    pub(super) fn of(codec: &str) -> Option<Self> {
        match codec {
            "vp8" => Some(Self::Vp8),
            "vp9" => Some(Self::Vp9),
            "h264" => Some(Self::H264),
            _ => None,
        }
    }

    /// Its name in IVF.
    const fn four_letters(self) -> &'static [u8; 4] {
        match self {
            Self::Vp8 => b"VP80",
            Self::Vp9 => b"VP90",
            Self::H264 => b"H264",
        }
    }

    /// Which decoder to take, where ffmpeg's own does not do. Its own for VP9 shows every layer of a picture.
    const fn decoder(self) -> &'static [&'static str] {
        match self {
            Self::Vp8 | Self::H264 => &[],
            Self::Vp9 => &["-c:v", "libvpx-vp9"],
        }
    }

    /// A stored picture as its decoder takes it.
    fn for_decoder(self, stored: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Vp8 | Self::Vp9 => stored,
            // Start codes instead of lengths (ITU-T H.264, annex B).
            Self::H264 => stored_units(&stored)
                .flat_map(|unit| [&[0, 0, 0, 1][..], unit])
                .collect::<Vec<_>>()
                .concat(),
        }
    }
}

/// Decodes a run of pictures of one coding.
struct Decoder {
    /// The numbers of its pictures in the track.
    pictures: Range<usize>,
    /// Killed before the feeder is waited for.
    ffmpeg: Option<Ffmpeg>,
    feeder: Option<JoinHandle<()>>,
    output: BlockReader<BufReader<ChildStdout>>,
}

/// Plays a track forward.
pub(super) struct Player {
    program: PathBuf,
    track: Arc<PictureTrack>,
    size: (usize, usize),
    decoder: Decoder,
    present: Option<(f64, Picture)>,
    upcoming: Option<(f64, Picture)>,
    spare: Vec<u8>,
    ended: bool,
}

impl Decoder {
    /// Decodes `track` from the keyframe with the number `first` on, as long as its coding stays.
    fn start(
        program: &Path,
        track: &Arc<PictureTrack>,
        first: usize,
        size: (usize, usize),
    ) -> Result<Self, ComposeError> {
        let coding = track.frames[first].coding;
        let length = track.frames[first..]
            .iter()
            .take_while(|frame| frame.coding == coding)
            .count();
        let pictures = first..first + length;
        let (width, height) = size;
        let filter = format!(
            "scale=w={width}:h={height}:flags=bilinear:force_original_aspect_ratio=decrease:force_divisible_by=2,\
             pad={width}:{height}:-1:-1,setsar=1,format=yuv420p"
        );
        let mut arguments = vec!["-threads", "1", "-probesize", "4096"];
        arguments.extend(coding.decoder());
        arguments.extend([
            "-f",
            "ivf",
            "-i",
            "pipe:0",
            "-an",
            "-vf",
            &filter,
            "-fps_mode",
            "passthrough",
            // Some codecs tell a rate of pictures; the numbers would be rounded to it.
            "-enc_time_base",
            "1/1000",
            "-c:v",
            "rawvideo",
            "-f",
            "matroska",
            "pipe:1",
        ]);
        let mut ffmpeg = Ffmpeg::start(program, "decoding a picture", arguments)?;
        let input = ffmpeg.input()?;
        let output = BlockReader::new(BufReader::new(ffmpeg.output()?));
        let (fed, numbers) = (Arc::clone(track), pictures.clone());
        let feeder = std::thread::spawn(move || {
            // ffmpeg hangs up when nobody wants more pictures; that is the usual end.
            if let Err(error) = feed(&fed, numbers, input) {
                tracing::debug!(%error, "a decoder takes no more frames");
            }
        });
        Ok(Self {
            pictures,
            ffmpeg: Some(ffmpeg),
            feeder: Some(feeder),
            output,
        })
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        drop(self.ffmpeg.take());
        if let Some(feeder) = self.feeder.take() {
            // It ends with an error on the pipe, never with a panic.
            let _ = feeder.join();
        }
    }
}

impl Player {
    /// Plays `track` from `from_us` on; `None` when it shows nothing from there on. Pictures are fitted into `size`
    /// with black bars.
    pub(super) fn open(
        program: &Path,
        track: &Arc<PictureTrack>,
        from_us: f64,
        size: (usize, usize),
    ) -> Result<Option<Self>, ComposeError> {
        let keyframe = |n: &usize| track.frames[*n].keyframe;
        let before = track.frames.partition_point(|frame| frame.at_us <= from_us);
        let Some(first) = (0..before)
            .rev()
            .find(keyframe)
            .or_else(|| (before..track.frames.len()).find(keyframe))
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            decoder: Decoder::start(program, track, first, size)?,
            program: program.to_owned(),
            track: Arc::clone(track),
            size,
            present: None,
            upcoming: None,
            spare: Vec::new(),
            ended: false,
        }))
    }

    /// Whether any picture of a track can be decoded.
    pub(super) fn shows_anything(
        program: &Path,
        track: &Arc<PictureTrack>,
    ) -> Result<bool, ComposeError> {
        const SMALL: (usize, usize) = (32, 32);
        let player = Self::open(program, track, f64::NEG_INFINITY, SMALL)?;
        Ok(player.is_some_and(|mut player| player.decode().is_some()))
    }

    /// The last picture captured up to `at_us`, unless it is older than `hold_us`. Times must not go back.
    pub(super) fn at(&mut self, at_us: f64, hold_us: f64) -> Option<&Picture> {
        loop {
            if self.upcoming.is_none() && !self.ended {
                self.upcoming = self.decode();
            }
            match self.upcoming.take_if(|(shown, _)| *shown <= at_us) {
                Some(next) => {
                    if let Some((_, past)) = self.present.replace(next) {
                        self.spare = past.into_planes();
                    }
                }
                None => break,
            }
        }
        let (shown, picture) = self.present.as_ref()?;
        (at_us - shown <= hold_us).then_some(picture)
    }

    fn decode(&mut self) -> Option<(f64, Picture)> {
        let (width, height) = self.size;
        let mut data = std::mem::take(&mut self.spare);
        let number = match self
            .decoder
            .output
            .next(&mut data, Picture::bytes(width, height) as u64)
        {
            Ok(Some(number)) => usize::try_from(number).ok()?,
            Ok(None) => {
                self.spare = data;
                return self.decode_next_coding();
            }
            Err(error) => {
                tracing::warn!(%error, "a decoder broke off");
                self.ended = true;
                return None;
            }
        };
        let number = self.decoder.pictures.start + number;
        let frame = self.track.frames.get(number);
        let picture = Picture::from_planes(width, height, data);
        self.ended |= frame.is_none() || picture.is_none();
        Some((frame?.at_us, picture?))
    }

    /// Goes on with a decoder for what comes behind a change of coding.
    fn decode_next_coding(&mut self) -> Option<(f64, Picture)> {
        let next = self.decoder.pictures.end;
        if next >= self.track.frames.len() {
            self.ended = true;
            return None;
        }
        match Decoder::start(&self.program, &self.track, next, self.size) {
            Ok(decoder) => {
                self.decoder = decoder;
                self.decode()
            }
            Err(error) => {
                tracing::warn!(%error, "the next decoder does not start");
                self.ended = true;
                None
            }
        }
    }
}

/// Writes pictures of one coding as IVF, each with its number, counted from the first, as time stamp.
fn feed(track: &PictureTrack, pictures: Range<usize>, mut input: ChildStdin) -> io::Result<()> {
    let Some(frames) = track.frames.get(pictures) else {
        return Ok(());
    };
    let Some(coding) = frames.first().map(|frame| frame.coding) else {
        return Ok(());
    };
    let mut header = b"DKIF\x00\x00\x20\x00".to_vec();
    header.extend_from_slice(coding.four_letters());
    // The size is that of the keyframes; the header's is not looked at by decoders.
    header.extend_from_slice(&[16, 0, 16, 0]);
    header.extend_from_slice(&1_000_u32.to_le_bytes());
    header.extend_from_slice(&1_u32.to_le_bytes());
    header.extend_from_slice(&[0; 8]);
    input.write_all(&header)?;
    for (number, frame) in frames.iter().enumerate() {
        let data = coding.for_decoder(track.read(frame)?);
        let mut bytes = u32::try_from(data.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes()
            .to_vec();
        bytes.extend_from_slice(&(number as u64).to_le_bytes());
        bytes.extend_from_slice(&data);
        input.write_all(&bytes)?;
    }
    Ok(())
}
