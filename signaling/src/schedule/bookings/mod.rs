//! What sessions book.

pub(crate) mod clash;
mod store;

pub use store::*;
