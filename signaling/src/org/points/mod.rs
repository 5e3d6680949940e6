//! Bridge points, their units and rooms.

pub(crate) mod http;
mod store;

pub use store::*;
