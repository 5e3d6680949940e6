//! The recorder as its server sees it: a socket on one side, files on the other. The media are real: ffmpeg makes
//! them, and ffmpeg and ffprobe judge the results.

mod connections;
#[path = "../../../signaling/tests/common/disk.rs"]
mod disk;
mod film;
mod media;
mod raw;
mod script;
mod server;
mod witness;
