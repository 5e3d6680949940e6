//! Anonymous viewers (WHEP), who are counted and not listed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What happened to the audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ViewersEvent {
    /// The number of receive-only viewers changed; at most one such event in 10 s.
    ViewersChanged {
        /// How many there are.
        viewers: u32,
    },
}
