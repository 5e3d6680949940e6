//! The organisation: its units by day, its people, its bridge points.

pub(crate) mod accounts;
pub mod changes;
pub mod first_day;
pub(crate) mod imports;
pub mod people;
pub mod points;
pub mod units;
