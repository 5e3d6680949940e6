//! Accounts of people: who gets one, who loses it, and which roles they hold.

pub(crate) mod actions;
pub(crate) mod http;
mod letters;
mod listing;
mod roles;
mod store;

pub(crate) use letters::work::Invite;
