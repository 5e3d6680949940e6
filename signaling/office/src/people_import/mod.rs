//! Lists of people that come as a file: which column is what, what a row says, and what it changes.
//!
//! ```text
//! cells ── columns ──► Wanted ── decide, given who is Known ──► Decision: new, changed, same, or refused with Faults
//! ```
//!
//! An empty cell changes nothing, nobody is deleted, and no account is looked at. Whoever applies a [`Decision`] makes it
//! again first: between the look and the deed, somebody else may have done the same.

mod columns;
mod decide;
mod known;
mod legacy;
mod rows;

pub use columns::{Header, find_header, names_of};
pub use decide::{Decision, Names, Outcome, Place, Step};
pub use known::{Ground, Known, KnownAppointment, KnownPerson};
pub use rows::{Cell, Codes, Wanted, read_row, short_codes, twins};

/// Why a row is not written.
pub use protocol::api::RowFault as Fault;

/// One thing that is written, as people are shown it.
pub use protocol::api::RowChange as Change;
