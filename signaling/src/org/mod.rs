//! The organisation: its units by day, its people, its bridge points.

pub(crate) mod accounts;
pub mod people;
pub mod points;
pub mod units;
