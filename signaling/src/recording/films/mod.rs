//! The films that were made.

mod store;

pub use store::*;
