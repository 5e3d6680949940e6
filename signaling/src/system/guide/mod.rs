//! The guide of an installation's first days.

mod actions;
pub(crate) mod http;
mod store;
