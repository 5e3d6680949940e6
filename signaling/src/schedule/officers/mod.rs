//! Who is in charge of a session.

pub(crate) mod actions;
pub(crate) mod http;
mod store;

pub use store::*;
