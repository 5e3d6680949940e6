//! What every handler and every room shares.

use std::path::PathBuf;
use std::sync::Arc;

use crate::rooms::Rooms;
use crate::{Clock, Config, Store};

/// What every handler and every room shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// Settings.
    pub config: Arc<Config>,
    /// The data folder.
    pub data_dir: Arc<PathBuf>,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The live rooms.
    pub rooms: Rooms,
}
