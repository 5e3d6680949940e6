//! Decisions that change the tree of units: looked through, written as dated rows, in effect on their day, undone as long as
//! nothing later builds on them.
//!
//! ```text
//! written ──day to come──► planned ──its day──► applied
//!    └──────day has come────────────────────────► │
//!              planned, applied ──undo──► undone
//! ```

pub(crate) mod actions;
pub mod due;
mod file;
pub(crate) mod http;
mod import;
mod look;
mod store;
