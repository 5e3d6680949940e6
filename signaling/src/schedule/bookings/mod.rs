//! What sessions book.

mod store;

pub use store::*;
