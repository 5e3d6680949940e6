//! Records rooms and turns recordings into one film.
//!
//! ```text
//!  media node ─► link ─► recording ─► intake (reorder, depacketise) ─► segment (Matroska, index, events, manifest)
//!  signaling ──►┘                                                            │
//!                                              timeline (RTP time → session)  ▼
//!                                   composite.mp4 ◄─ ffmpeg ◄─ compose (edit list, canvas, mix)
//! ```
//!
//! While a room runs, [`run`] stores each track as it was published: nothing is transcoded, every cluster is pushed to
//! the kernel within a second, and what is stored about time are facts (RTP times, sender reports, receive times), never
//! conclusions. Afterwards [`compose()`] concludes: it puts all tracks on one clock and draws and mixes the film.

mod compose;
mod config;
#[doc(hidden)]
pub mod fuzz;
mod intake;
mod link;
mod recording;
mod segment;
mod timeline;

pub use compose::{ComposeError, Composite, compose, lower_priority};
pub use config::{CaptureConfig, ComposeConfig, Config};
pub use link::run;
pub use segment::manifest::{
    EpochEntry, FileEntry, MANIFEST_FILE, Manifest, ManifestState, TrackEntry,
};
pub use segment::recover::{Damage, SegmentError, recover, verify};
