//! The live rooms.

use std::path::PathBuf;
use std::sync::Arc;

use protocol::client::LinkReport;
use protocol::{BridgePointId, SessionId};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Clock, Config, SfuLink, Store};

/// A handle to the live rooms. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rooms {}

/// How a bridge point does in a live room.
#[derive(Debug, Clone, PartialEq)]
pub struct LivePoint {
    /// Which point.
    pub bridge_point: BridgePointId,
    /// In which session.
    pub session: SessionId,
    /// Whether it is connected; otherwise its seat is held.
    pub connected: bool,
    /// The last measurement.
    pub link: Option<LinkReport>,
}

impl Rooms {
    /// Starts the rooms that the journal says are open.
    ///
    /// # Errors
    /// When the journal cannot be read.
    #[expect(clippy::unused_async, reason = "the journal will be read here")]
    pub async fn start(
        _store: Store,
        _clock: Clock,
        _config: Arc<Config>,
        _data_dir: Arc<PathBuf>,
        _sfu: SfuLink,
        _tasks: &TaskTracker,
        _shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        Ok(Self {})
    }

    /// Ends a session's room: everybody is told, recordings are closed. Does nothing when there is none.
    #[expect(clippy::unused_async, reason = "the room's task will be asked here")]
    pub async fn end(&self, _session: SessionId) {}

    /// How many participants are connected in a session's room.
    #[must_use]
    pub fn present(&self, _session: SessionId) -> u32 {
        0
    }

    /// Every bridge point that is in a live room.
    #[must_use]
    pub fn points(&self) -> Vec<LivePoint> {
        Vec::new()
    }

    /// Whether the SFU answers.
    #[must_use]
    pub fn sfu_is_up(&self) -> bool {
        true
    }
}
