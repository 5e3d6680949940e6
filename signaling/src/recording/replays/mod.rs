//! Recordings as people see them.

mod store;

pub use store::*;
