//! The register of bridge points: added, changed, closed.

pub(crate) mod actions;
pub(crate) mod http;
mod store;
