//! What a department changes while the server runs, and what stands in files.

pub(crate) mod actions;
mod emblem;
mod fixed;
pub(crate) mod http;
mod view;
