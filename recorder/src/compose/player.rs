//! Decodes one camera or screen, from any moment on, to pictures of one size.
//!
//! A thread feeds ffmpeg; the number of each frame travels as its time stamp, so the pictures that come back are known
//! by number even when some show nothing.

use std::io::{self, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::ComposeError;
use super::canvas::Picture;
use super::ffmpeg::Ffmpeg;
use super::source::PictureTrack;
use crate::segment::matroska::BlockReader;

/// Plays a track forward.
pub(super) struct Player {
    track: Arc<PictureTrack>,
    first: usize,
    size: (usize, usize),
    /// Killed before the feeder is waited for.
    ffmpeg: Option<Ffmpeg>,
    feeder: Option<JoinHandle<()>>,
    output: BlockReader<BufReader<ChildStdout>>,
    present: Option<(f64, Picture)>,
    upcoming: Option<(f64, Picture)>,
    spare: Vec<u8>,
    ended: bool,
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
        let (width, height) = size;
        let filter = format!(
            "scale=w={width}:h={height}:flags=bilinear:force_original_aspect_ratio=decrease:force_divisible_by=2,\
             pad={width}:{height}:-1:-1,setsar=1,format=yuv420p"
        );
        let arguments = [
            "-threads",
            "1",
            "-probesize",
            "4096",
            "-f",
            "ivf",
            "-i",
            "pipe:0",
            "-an",
            "-vf",
            &filter,
            "-fps_mode",
            "passthrough",
            "-c:v",
            "rawvideo",
            "-f",
            "matroska",
            "pipe:1",
        ];
        let mut ffmpeg = Ffmpeg::start(program, "decoding a picture", arguments)?;
        let input = ffmpeg.input()?;
        let output = BlockReader::new(BufReader::new(ffmpeg.output()?));
        let fed = Arc::clone(track);
        let feeder = std::thread::spawn(move || {
            // ffmpeg hangs up when nobody wants more pictures; that is the usual end.
            if let Err(error) = feed(&fed, first, input) {
                tracing::debug!(%error, "a decoder takes no more frames");
            }
        });
        Ok(Some(Self {
            track: Arc::clone(track),
            first,
            size,
            ffmpeg: Some(ffmpeg),
            feeder: Some(feeder),
            output,
            present: None,
            upcoming: None,
            spare: Vec::new(),
            ended: false,
        }))
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
            .output
            .next(&mut data, Picture::bytes(width, height) as u64)
        {
            Ok(Some(number)) => usize::try_from(number).ok()?,
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                tracing::warn!(%error, "a decoder broke off");
                self.ended = true;
                return None;
            }
        };
        let frame = self.track.frames.get(self.first + number);
        let picture = Picture::from_planes(width, height, data);
        self.ended |= frame.is_none() || picture.is_none();
        Some((frame?.at_us, picture?))
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        drop(self.ffmpeg.take());
        if let Some(feeder) = self.feeder.take() {
            // It ends with an error on the pipe, never with a panic.
            let _ = feeder.join();
        }
    }
}

/// Writes the frames from `first` on as IVF, each with its number as time stamp.
fn feed(track: &PictureTrack, first: usize, mut input: ChildStdin) -> io::Result<()> {
    let mut header = b"DKIF\x00\x00\x20\x00VP80".to_vec();
    // The size is that of the keyframes; the header's is not looked at by decoders.
    header.extend_from_slice(&[16, 0, 16, 0]);
    header.extend_from_slice(&1_000_u32.to_le_bytes());
    header.extend_from_slice(&1_u32.to_le_bytes());
    header.extend_from_slice(&[0; 8]);
    input.write_all(&header)?;
    for (number, frame) in track.frames[first..].iter().enumerate() {
        let data = track.read(frame)?;
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
