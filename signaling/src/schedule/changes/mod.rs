//! Changes of a planned session.

pub(crate) mod actions;
pub(crate) mod http;
mod store;
