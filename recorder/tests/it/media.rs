//! Real media for the tests, and a look at what came out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::script::nal_units;

/// Runs a program and returns its output; a missing or failing program fails the test with a clear sentence.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| {
            panic!("these tests need {program} in PATH (Debian: apt install ffmpeg): {e}")
        });
    assert!(
        output.status.success(),
        "{program} {arguments:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The VP8 frames of a lavfi source, a keyframe each 2 s. As all media here, they are the same on every machine: the
/// encoders work at a fixed effort in one thread, not against the clock.
pub(crate) fn vp8(source: &str) -> Vec<Vec<u8>> {
    ivf(source, "libvpx")
}

/// The same in VP9, of one layer.
pub(crate) fn vp9(source: &str) -> Vec<Vec<u8>> {
    ivf(source, "libvpx-vp9")
}

fn ivf(source: &str, encoder: &str) -> Vec<Vec<u8>> {
    let ivf = output_of(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            source,
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            encoder,
            "-deadline",
            "good",
            "-cpu-used",
            "5",
            "-threads",
            "1",
            "-auto-alt-ref",
            "0",
            "-lag-in-frames",
            "0",
            "-b:v",
            "500k",
            "-g",
            "50",
            "-f",
            "ivf",
            "-",
        ],
    );
    let mut frames = Vec::new();
    let mut rest = &ivf[32..];
    while rest.len() > 12 {
        let size = u32::from_le_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        frames.push(rest[12..12 + size].to_vec());
        rest = &rest[12 + size..];
    }
    frames
}

/// The pictures of a lavfi source in H.264 constrained baseline, a keyframe with its parameter sets each 2 s; start
/// codes stand between the NAL units.
pub(crate) fn h264(source: &str) -> Vec<Vec<u8>> {
    let stream = output_of(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            source,
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-profile:v",
            "baseline",
            "-preset",
            "veryfast",
            "-tune",
            "zerolatency",
            "-threads",
            "1",
            "-b:v",
            "500k",
            "-g",
            "50",
            "-x264-params",
            "repeat-headers=1:aud=1",
            "-f",
            "h264",
            "-",
        ],
    );
    let mut pictures: Vec<Vec<u8>> = Vec::new();
    for unit in nal_units(&stream) {
        // A delimiter begins each picture.
        if unit[0] & 0x1f == 9 {
            pictures.push(Vec::new());
        }
        let picture = pictures.last_mut().expect("a delimiter comes first");
        picture.extend_from_slice(&[0, 0, 0, 1]);
        picture.extend_from_slice(unit);
    }
    pictures
}

/// The Opus packets of 20 ms of a lavfi source.
pub(crate) fn opus(source: &str) -> Vec<Vec<u8>> {
    let ogg = output_of(
        "ffmpeg",
        &[
            "-v", "error", "-f", "lavfi", "-i", source, "-c:a", "libopus", "-b:a", "48k", "-ar",
            "48000", "-f", "ogg", "-",
        ],
    );
    let mut packets = vec![Vec::new()];
    let mut rest = &ogg[..];
    while rest.len() > 27 {
        let segments = usize::from(rest[26]);
        let (table, mut body) = rest[27..].split_at(segments);
        for &length in table {
            let (piece, after) = body.split_at(usize::from(length));
            packets
                .last_mut()
                .expect("one is open")
                .extend_from_slice(piece);
            body = after;
            if length < 255 {
                packets.push(Vec::new());
            }
        }
        rest = body;
    }
    packets.pop();
    // OpusHead and OpusTags.
    packets.split_off(2)
}

/// The presentation times of a file's packets in seconds, by ffprobe.
pub(crate) fn packet_times(file: &Path) -> Vec<f64> {
    let path = file.to_string_lossy();
    let text = output_of(
        "ffprobe",
        &[
            "-v",
            "error",
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            &path,
        ],
    );
    let text = String::from_utf8(text).expect("text");
    text.lines()
        .filter_map(|line| line.trim_end_matches(',').parse().ok())
        .collect()
}

/// How many pictures or sounds ffmpeg decodes from a file that may be cut, without insisting on a good end.
pub(crate) fn decodable(file: &Path) -> bool {
    let path = file.to_string_lossy();
    Command::new("ffmpeg")
        .args(["-v", "error", "-i", &path, "-f", "null", "-"])
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg runs")
        .success()
}

/// Writes a line to the test's output, which cargo shows when the test fails.
pub(crate) fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
