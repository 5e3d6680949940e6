//! One-time codes: what somebody signs in with before they have a password.

mod code;
pub(crate) mod http;
mod store;

pub(crate) use code::{Code, GOOD_FOR};
pub(crate) use store::{give, insert_account};
