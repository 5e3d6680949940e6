//! Accounts of people: who gets one, who loses it, and which roles they hold.

pub(crate) mod actions;
pub(crate) mod http;
mod listing;
mod roles;
mod store;
