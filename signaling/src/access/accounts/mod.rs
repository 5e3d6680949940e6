//! Accounts, their roles and sign-ins.

mod last_administrator;
mod store;

pub(crate) use last_administrator::Guard;
pub use store::*;
