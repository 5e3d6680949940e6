//! What the department decides, by year.

mod store;

pub use store::*;
