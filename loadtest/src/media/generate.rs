//! The ffmpeg commands behind the clips.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::{CLIP_SECONDS, FRAME_RATE, GOP_FRAMES, Layer, VOICE_PACKET_MS};

pub(super) fn camera_path(folder: &Path, layer: Layer) -> PathBuf {
    let (width, height) = layer.size();
    folder.join(format!("camera-{width}x{height}.ivf"))
}

pub(super) fn voice_path(folder: &Path) -> PathBuf {
    folder.join("voice.ogg")
}

/// Makes the clips that `folder` lacks; creates the folder when needed. A lock keeps two programs, or two threads, from
/// making the same clip.
pub(super) fn missing_clips(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the media folder {}", folder.display()))?;
    let lock = File::create(folder.join("lock")).context("cannot write to the media folder")?;
    lock.lock().context("cannot lock the media folder")?;
    for layer in Layer::ALL {
        make(&camera_path(folder, layer), &camera_arguments(layer))?;
    }
    make(&voice_path(folder), &voice_arguments())
}

/// A moving test picture with noise: constant bitrate, because a still picture would need next to nothing.
fn camera_arguments(layer: Layer) -> Vec<String> {
    let (width, height) = layer.size();
    let bitrate = format!("{}k", layer.kilobits_per_second());
    let source = format!(
        "testsrc2=size={width}x{height}:rate={FRAME_RATE},noise=alls=16:allf=t,format=yuv420p"
    );
    let gop = GOP_FRAMES.to_string();
    [
        ["-f", "lavfi"],
        ["-i", &source],
        ["-c:v", "libvpx"],
        ["-deadline", "realtime"],
        ["-cpu-used", "8"],
        ["-b:v", &bitrate],
        ["-minrate", &bitrate],
        ["-maxrate", &bitrate],
        ["-bufsize", &bitrate],
        ["-g", &gop],
        ["-keyint_min", &gop],
        ["-auto-alt-ref", "0"],
        ["-lag-in-frames", "0"],
        ["-error-resilient", "default"],
        ["-f", "ivf"],
    ]
    .concat()
    .into_iter()
    .map(str::to_owned)
    .collect()
}

/// Sentences of 2.6 s and pauses of 1.4 s, in syllables of a quarter of a second, with the overtones of a voice.
fn voice_arguments() -> Vec<String> {
    let source = "aevalsrc=exprs='0.25*(sin(2*PI*165*t)+0.5*sin(2*PI*330*t)+0.3*sin(2*PI*1150*t))\
                  *(0.55+0.45*sin(2*PI*4*t))*lt(mod(t,4),2.6)':sample_rate=48000";
    let packet = VOICE_PACKET_MS.to_string();
    [
        ["-f", "lavfi"],
        ["-i", source],
        ["-c:a", "libopus"],
        ["-b:a", "32k"],
        ["-application", "voip"],
        ["-frame_duration", &packet],
        ["-f", "ogg"],
    ]
    .concat()
    .into_iter()
    .map(str::to_owned)
    .collect()
}

/// Writes beside the goal and renames, so that a half-made clip is never taken for a whole one.
fn make(path: &Path, arguments: &[String]) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("part");
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"])
        .args(arguments)
        .args(["-t", &CLIP_SECONDS.to_string()])
        .arg(&unfinished)
        .stdin(Stdio::null())
        .output()
        .context(
            "cannot start ffmpeg, which makes the test media: install it (apt install ffmpeg)",
        )?;
    ensure!(
        output.status.success(),
        "ffmpeg could not make {}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    std::fs::rename(&unfinished, path)
        .with_context(|| format!("cannot move a clip to {}", path.display()))
}
