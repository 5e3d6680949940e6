//! Changes of a planned session, and who made them.

pub(crate) mod actions;
mod deeds;
pub(crate) mod http;
mod store;
