//! The schedule: sessions, what they book, whom they invite, and the links by which people join.

pub(crate) mod admission;
pub mod bookings;
pub(crate) mod changes;
pub mod classes;
pub mod lapse;
pub(crate) mod links;
pub mod notices;
pub mod officers;
pub mod sessions;
