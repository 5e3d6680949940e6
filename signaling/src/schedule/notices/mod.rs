//! What those invited to a session are told of its changes.

pub(crate) mod http;
mod store;

pub use store::*;
