//! Copies of everything: taken while meetings run, opened again before they are called good, and put back on a clean machine.
//!
//! ```text
//! <folder>/diemcau-20261117-020000.partial    being made; an older one was given up
//! <folder>/diemcau-20261117-020000/           whole, opened again, and found good
//!     manifest.json  manifest.sha256          what it holds: every file with its hash, counts, the head of the audit log
//!     database/diemcau.db | diemcau.dump
//!     files/…                                 the rest of the data folder: recordings, films, keys and authority
//! ```
//!
//! Files that are as they were in the copy before are the same file twice (a hard link), so that films lie on the disk once.

mod check;
mod files;
pub mod history;
pub(crate) mod http;
mod manifest;
pub(crate) mod nightly;
mod postgres;
mod restore;
mod rotation;
mod store;
mod take;
mod upgrade;
pub(crate) mod work;

pub use check::{Flaw, check};
pub use manifest::{Counts, Manifest};
pub use restore::{Revoked, is_empty, restore, revoked_since};
pub use take::{Made, Source, take};
pub use upgrade::{NoRoom, NotCopied, copy_before_upgrade};
