//! What the service itself says to people: Vietnamese. Refusals are codes, which the web client says in words.

/// How to make a device trust the server's own authority; served under `/ca`.
pub(crate) const TRUST_THE_AUTHORITY: &str = include_str!("http/trust.html");

/// The name of a guest who came without one.
pub(crate) const GUEST: &str = "Khách";

/// The position of somebody who was added at the terminal, until the records say better.
pub(crate) const POSITION: &str = "Cán bộ";
