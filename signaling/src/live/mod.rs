//! Live rooms: one task each, the doors into them, and what they write down.

pub(crate) mod access_watch;
mod board;
pub mod captures;
pub(crate) mod entry;
pub(crate) mod http;
pub mod journal;
mod line;
mod narration;
pub mod participants;
pub mod places;
pub mod presence;
pub mod projection;
mod recorder_child;
mod recorder_link;
mod room_task;
pub mod rooms;
pub mod samples;
pub(crate) mod sdp;
pub(crate) mod sfu_link;
pub mod turn;
mod visits;
pub(crate) mod wish;
pub mod ws;
