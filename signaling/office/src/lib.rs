//! What happens outside the room, decided without database, socket or clock: rights, accounts, the tree of units by day,
//! where a session stands, when points are free, what a list of people changes, what values settings take, where a text names
//! somebody.
//!
//! Everything is a function of its arguments; `now` and `today` are among them.

pub mod accounts;
pub mod booking;
pub mod csv;
pub mod days;
pub mod decision;
pub mod deeds;
pub mod guide;
pub mod oidc;
pub mod org;
pub mod people_import;
pub mod rights;
pub mod second_factor;
pub mod session;
pub mod settings;
pub mod text;
pub mod traces;
pub mod unit_rows;
