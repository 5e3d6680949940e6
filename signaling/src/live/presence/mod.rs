//! Who is in a room, and since when.

mod store;

pub use store::*;
