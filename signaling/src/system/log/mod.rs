//! The audit log as people read it: searched, exported, checked.

mod export;
pub(crate) mod http;
mod listing;
mod store;
