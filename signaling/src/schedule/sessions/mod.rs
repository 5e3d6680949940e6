//! Sessions: what is planned, and where each one stands.

pub(crate) mod actions;
pub(crate) mod http;
mod listing;
mod store;
pub(crate) mod view;

pub use listing::{Filter, Listed, OfClass, visible};
pub use store::*;
