//! The journal of rooms: every event, numbered without gaps.

mod store;
pub(crate) mod writer;

pub use store::*;
