//! What every request passes through, and the routes of no domain.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod cors;
pub(crate) mod etag;
pub(crate) mod guard;
pub(crate) mod service;
pub(crate) mod web;

/// Where the REST interface lies.
pub(crate) const API: &str = "/api/v1";
