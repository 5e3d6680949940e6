//! One's own account: what is known of it, its password, and where it is signed in.

mod actions;
pub(crate) mod http;
mod store;

pub(crate) use actions::Own;
pub(crate) use store::{DatedRole, roles};
