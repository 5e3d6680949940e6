//! Rights that were taken away.

mod store;

pub use store::*;
