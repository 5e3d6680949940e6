//! Who did what: the audit log.

mod store;

pub use store::*;
