//! What happens outside the room, decided without database, socket or clock: rights, accounts, the tree of units by day,
//! where a session stands, when points are free, what a list of people changes.
//!
//! Everything is a function of its arguments; `now` and `today` are among them.

pub mod accounts;
pub mod booking;
pub mod csv;
pub mod days;
pub mod decision;
pub mod deeds;
pub mod org;
pub mod people_import;
pub mod rights;
pub mod session;
pub mod text;
pub mod unit_rows;
