//! Training classes, as far as sessions belong to them.

mod store;

pub use store::*;
