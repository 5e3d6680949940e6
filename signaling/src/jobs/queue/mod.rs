//! What waits to be done.

mod store;

pub use store::*;
