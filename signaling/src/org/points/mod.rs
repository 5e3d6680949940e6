//! Bridge points, their units and rooms.

pub(crate) mod http;
pub(crate) mod register;
mod store;

pub use store::*;
