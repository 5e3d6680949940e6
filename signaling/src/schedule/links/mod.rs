//! Joining links of sessions, and tokens for programs.

pub(crate) mod actions;
pub(crate) mod http;
