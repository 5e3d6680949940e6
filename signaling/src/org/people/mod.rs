//! People and their appointments.

pub(crate) mod actions;
pub(crate) mod http;
mod store;
pub(crate) mod view;

pub use store::*;
