//! Real media for the tests, and a look at what came out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// The VP8 frames of a lavfi source, a keyframe each 2 s.
pub(crate) fn vp8(source: &str) -> Vec<Vec<u8>> {
    let ivf = output_of(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            source,
            "-c:v",
            "libvpx",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-auto-alt-ref",
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
