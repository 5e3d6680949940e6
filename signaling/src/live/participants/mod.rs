//! Who ever was in a room.

mod store;

pub use store::*;
