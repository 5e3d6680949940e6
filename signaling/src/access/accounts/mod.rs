//! Accounts, their roles and sign-ins.

mod store;

pub use store::*;
