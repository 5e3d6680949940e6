//! Joining links and bearer tokens.

mod store;

pub use store::*;
