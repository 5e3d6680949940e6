//! The first day: an installation without any account gets its first administrator by a code that the server prints.

pub(crate) mod actions;
mod code;
pub(crate) mod http;

pub use code::FirstCode;
