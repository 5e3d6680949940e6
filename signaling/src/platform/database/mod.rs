//! The database. SQL stands in files named `store.rs`, one a subject: typed functions, no rules.
//!
//! One type over SQLite (a file in the data folder: one writer, several readers) and PostgreSQL. Each SQL string is
//! written once, with `$1…$n`, and run by the macro `sql!` on whichever database a connection belongs to.
//!
//! ```text
//! Store ── read() ──► Conn            any number, never blocked by a writer
//!       └─ write() ─► Tx ─ commit()   dropped without commit: rolled back
//! ```
//!
//! Functions that only read take `&mut Conn`; functions that write take `&mut Tx`, which is a `Conn` too.
//!
//! A connection whose transaction did not commit is not used again. SQLite may have rolled back by itself (a full disk
//! does that), and what was thought of the connection is wrong from then on.

mod error;
pub mod fault;
mod sql;
mod store;
mod word;

pub use error::{StoreError, StoreResult};
pub(crate) use sql::sql;
pub(crate) use store::DatabaseRef;
pub use store::{Conn, Store, Tx, new_id};
pub(crate) use word::Word;
