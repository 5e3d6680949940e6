//! Recordings while they run.

use protocol::RecordingId;
use serde::{Deserialize, Serialize};

mod store;

pub use store::*;

/// The kind of job that is asked for when a recording is finished: to make its film.
pub const COMPOSE: &str = "compose";

/// A finished recording, as the payload of that job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// Which.
    pub recording: RecordingId,
}

impl Captured {
    /// As the queue stores it.
    ///
    /// # Panics
    /// Never: it is a plain structure.
    #[must_use]
    pub fn stored(self) -> String {
        serde_json::to_string(&self).expect("it is a plain structure")
    }
}
