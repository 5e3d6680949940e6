//! From a recording's folder to one film: H.264 and AAC in an MP4 that starts to play before it is loaded.
//!
//! ```text
//!  source ─► edit list ─► stage: decoders, canvas, names ─► ffmpeg ─► MP4
//!      └───► mix of all voices ─► ffmpeg ─► AAC ─────────────┘
//! ```
//!
//! Sound is mixed first, in its own run, and only copied into the film: pictures that change size cannot touch it. Both
//! are laid out on the session clock from the same zero, so the film is as long as what happened, whatever is missing.

mod attendance;
mod canvas;
mod edit;
mod ffmpeg;
mod mix;
mod plate;
mod player;
mod source;
mod stage;
mod wall;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use protocol::api::RecordingFailure;

use crate::config::ComposeConfig;
use crate::segment::sync_folder;
use edit::{Rules, edit};
use ffmpeg::Ffmpeg;
pub use ffmpeg::lower_priority;
use mix::Mixer;
use player::Player;
use source::Source;
use stage::Stage;
use wall::Cast;

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// ffmpeg does not run.
    #[error("{} does not run ({reason}): install ffmpeg (Debian, Ubuntu: apt install ffmpeg) or set compose.ffmpeg", program.display())]
    NoFfmpeg {
        /// The program that was tried.
        program: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// ffmpeg gave up.
    #[error("ffmpeg failed while {stage}: {reason}")]
    Ffmpeg {
        /// What it was doing.
        stage: &'static str,
        /// What it said.
        reason: String,
        /// Whether there was no room on the disk.
        full: bool,
    },
    /// The configuration makes no sense.
    #[error("{0}")]
    BadConfig(String),
    /// The recording's folder is not there.
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    /// There is nothing to show.
    #[error("{} holds no sound and no picture", .0.display())]
    Empty(PathBuf),
    /// What there is cannot be decoded.
    #[error("no sound and no picture in {} can be decoded", .0.display())]
    Undecodable(PathBuf),
    /// A voice cannot be decoded at all.
    #[error("libopus failed")]
    Opus(#[from] opus::Error),
    /// The disk failed.
    #[error("cannot use {}", path.display())]
    Disk {
        /// What on it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ComposeError {
    /// The code that programs and people are told, instead of these sentences for technicians.
    #[must_use]
    pub fn failure(&self) -> RecordingFailure {
        match self {
            Self::NoFfmpeg { .. } => RecordingFailure::FfmpegMissing,
            Self::Ffmpeg { full: true, .. } => RecordingFailure::DiskFull,
            Self::Ffmpeg { .. } => RecordingFailure::FfmpegFailed,
            Self::BadConfig(_) => RecordingFailure::BadSettings,
            Self::Missing(_) => RecordingFailure::FilesMissing,
            Self::Empty(_) => RecordingFailure::NoMedia,
            Self::Undecodable(_) | Self::Opus(_) => RecordingFailure::Undecodable,
            Self::Disk { source, .. } => RecordingFailure::of_disk(source),
        }
    }
}

/// A finished film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Composite {
    /// How long it is, in microseconds.
    pub duration_us: u64,
    /// On disk.
    pub bytes: u64,
    /// Where on the session clock it begins, in microseconds: subtract this from the times in `events.jsonl`.
    pub begins_at_us: i64,
    /// Stretches of tracks that lack sender reports, and are in place only to about 100 ms.
    pub estimated_epochs: usize,
}

/// The share of the progress that sound takes, in percent.
const SOUND_SHARE: f64 = 15.0;

/// Makes the film of the recording in `folder`, also of one that was never finalised. `output` appears when it is
/// complete and safely on disk; until then a file with `.part` in its name lies beside it. `progress` is told each
/// percent once, rising, 100 last.
///
/// Takes long and blocks. Ending this process ends its helpers too.
///
/// # Errors
/// When ffmpeg is missing or fails, the configuration makes no sense, the recording is empty, or the disk fails.
pub fn compose(
    folder: &Path,
    output: &Path,
    config: &ComposeConfig,
    mut progress: impl FnMut(u8),
) -> Result<Composite, ComposeError> {
    if let Some(complaint) = config.complaint() {
        return Err(ComposeError::BadConfig(complaint));
    }
    if !folder.is_dir() {
        return Err(ComposeError::Missing(folder.to_owned()));
    }
    let mut source = Source::load(folder)
        .map_err(disk(folder))?
        .ok_or_else(|| ComposeError::Empty(folder.to_owned()))?;
    ffmpeg::check(&config.ffmpeg)?;
    if !is_decodable(&source, config)? {
        return Err(ComposeError::Undecodable(folder.to_owned()));
    }
    let mut told = None;
    let mut progress = move |percent: f64| {
        let percent = percent.clamp(0.0, 100.0) as u8;
        if told.is_none_or(|told| told < percent) {
            told = Some(percent);
            progress(percent);
        }
    };
    progress(0.0);

    let (begin_us, end_us) = source.span_us;
    let span_us = end_us.saturating_sub(begin_us).max(0) as f64;
    let fps = f64::from(config.fps);
    let pictures = (span_us * fps / 1e6).ceil().max(1.0) as u64;
    let workplace = output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    remove_leftovers(workplace);

    let sound = Part::new(output, "m4a");
    let seconds = pictures as f64 / fps;
    mix_sound(&source, config, seconds, &sound.path, |done| {
        progress(done * SOUND_SHARE)
    })?;

    let film = Part::new(output, "mp4");
    let rest = 99.0 - SOUND_SHARE;
    draw_pictures(
        &mut source,
        config,
        pictures,
        workplace,
        (&sound.path, &film.path),
        |done| {
            progress(SOUND_SHARE + done * rest);
        },
    )?;

    let file = File::open(&film.path).map_err(disk(&film.path))?;
    file.sync_all().map_err(disk(&film.path))?;
    let bytes = file.metadata().map_err(disk(&film.path))?.len();
    std::fs::rename(&film.path, output).map_err(disk(output))?;
    sync_folder(workplace).map_err(disk(workplace))?;
    progress(100.0);
    Ok(Composite {
        duration_us: (seconds * 1e6) as u64,
        bytes,
        begins_at_us: begin_us,
        estimated_epochs: source.estimated,
    })
}

/// Whether anything of the recording can be decoded, so that a film of it would not be grey and silent.
fn is_decodable(source: &Source, config: &ComposeConfig) -> Result<bool, ComposeError> {
    if mix::is_audible(&source.voices)? {
        return Ok(true);
    }
    for pictures in source.pictures.values() {
        if Player::shows_anything(&config.ffmpeg, pictures)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> ComposeError + use<> {
    let path = path.to_owned();
    move |source| ComposeError::Disk { path, source }
}

/// Mixes all voices into an AAC file of exactly `seconds`.
fn mix_sound(
    source: &Source,
    config: &ComposeConfig,
    seconds: f64,
    output: &Path,
    mut progress: impl FnMut(f64),
) -> Result<(), ComposeError> {
    let channels = config.audio_channels.to_string();
    let bit_rate = format!("{}k", config.audio_kbps);
    let output = output.as_os_str();
    let arguments = [
        "-f", "f32le", "-ar", "48000", "-ac", &channels, "-i", "pipe:0", "-c:a", "aac", "-b:a",
        &bit_rate, "-f", "mp4",
    ];
    let mut encoder = Ffmpeg::start(
        &config.ffmpeg,
        "encoding the sound",
        arguments.iter().map(AsRef::as_ref).chain([output]),
    )?;
    let mut input = encoder.input()?;
    let mut mixer = Mixer::new(&source.voices, source.span_us.0, config.audio_channels);
    let total = (seconds * mix::RATE).round() as usize * config.audio_channels as usize;
    let mut left = total;
    while left > 0 {
        let chunk = mixer.next_chunk()?;
        let chunk = &chunk[..chunk.len().min(left)];
        let bytes: Vec<u8> = chunk
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        if let Err(error) = input.write_all(&bytes) {
            drop(input);
            return Err(encoder.broken(&error));
        }
        left -= chunk.len();
        progress(1.0 - left as f64 / total as f64);
    }
    drop(input);
    encoder.finish()
}

/// Draws `count` pictures, and encodes them together with the sound.
fn draw_pictures(
    source: &mut Source,
    config: &ComposeConfig,
    count: u64,
    workplace: &Path,
    (sound, output): (&Path, &Path),
    mut progress: impl FnMut(f64),
) -> Result<(), ComposeError> {
    let tracks = std::mem::take(&mut source.pictures);
    let freeze_us = i64::try_from(config.freeze_ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000);
    let stretches = tracks
        .iter()
        .map(|(track, pictures)| {
            (
                *track,
                pictures.stretches(source::hold_us(track.source, freeze_us)),
            )
        })
        .collect();
    let rules = Rules {
        places: stage::PLACES,
        speaker_hold_us: i64::try_from(config.speaker_hold_ms)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000),
    };
    let cast = Cast {
        people: &source.people,
        seats: &source.seats,
        here: &source.attendance.here,
    };
    let scenes = edit(cast, &stretches, &source.events, rules, source.span_us);

    let mut encoder = start_encoder(config, sound, output)?;
    let mut input = encoder.input()?;
    let mut stage = Stage::new(config, workplace, cast, &tracks);
    let mut set = None;
    for n in 0..count {
        // A picture shows what was captured nearest to its middle.
        let at_us = source.span_us.0 as f64 + (n as f64 + 0.5) * 1e6 / f64::from(config.fps);
        let scene = scenes
            .partition_point(|scene| scene.from_us as f64 <= at_us)
            .saturating_sub(1);
        if set != Some(scene) {
            stage.set(&scenes[scene], at_us)?;
            set = Some(scene);
        }
        if let Err(error) = input.write_all(stage.picture(&scenes[scene], at_us).planes()) {
            drop(input);
            return Err(encoder.broken(&error));
        }
        progress((n + 1) as f64 / count as f64);
    }
    drop(input);
    encoder.finish()
}

fn start_encoder(
    config: &ComposeConfig,
    sound: &Path,
    output: &Path,
) -> Result<Ffmpeg, ComposeError> {
    let size = format!("{}x{}", config.width, config.height);
    let (fps, crf, threads) = (
        config.fps.to_string(),
        config.crf.to_string(),
        config.threads.to_string(),
    );
    let keyframes = (config.fps * 2).to_string();
    let before = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-video_size",
        &size,
        "-framerate",
        &fps,
        "-i",
        "pipe:0",
        "-i",
    ];
    // The colours are those of the cameras, BT.601: said here, or players would guess BT.709 from the size.
    let after = [
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c:a",
        "copy",
        "-c:v",
        "libx264",
        "-profile:v",
        "high",
        "-preset",
        &config.preset,
        "-crf",
        &crf,
        "-threads",
        &threads,
        "-g",
        &keyframes,
        "-pix_fmt",
        "yuv420p",
        "-colorspace",
        "smpte170m",
        "-color_primaries",
        "smpte170m",
        "-color_trc",
        "smpte170m",
        "-color_range",
        "tv",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
    ];
    let arguments = before
        .iter()
        .map(AsRef::as_ref)
        .chain([sound.as_os_str()])
        .chain(after.iter().map(AsRef::as_ref))
        .chain([output.as_os_str()]);
    Ffmpeg::start(&config.ffmpeg, "encoding the film", arguments)
}

/// A file that is not finished, removed when dropped.
struct Part {
    path: PathBuf,
}

impl Part {
    /// A name beside `output` that says whose it is: `.composite.mp4.<process>.part.<extension>`.
    fn new(output: &Path, extension: &str) -> Self {
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        Self {
            path: output.with_file_name(format!(".{name}.{}.part.{extension}", std::process::id())),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // The finished film was renamed; everything else may go.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes the unfinished files of composers that were killed, which nobody else would.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .filter(|name| name.starts_with('.'))
            .and_then(|name| {
                let (rest, _) = name.rsplit_once(".part.")?;
                rest.rsplit_once('.')?.1.parse::<u32>().ok()
            });
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner.to_string()).exists()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
