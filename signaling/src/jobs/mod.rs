//! What takes longer than a request: a queue in the database, runners that take from it, and child processes.
//!
//! Each domain has kinds of work of its own and implements [`Work`] for them. A [`Runner`] claims a job, has it done and
//! renews the lease meanwhile. What was made becomes visible in the transaction that ends the job, and only while the
//! lease is held, so two runners never publish the same.

mod beat;
pub(crate) mod child;
pub mod queue;
mod runner;
mod work;

pub(crate) use beat::{ask_again_and_again, ask_once};
pub(crate) use runner::Kinds;
pub use runner::{Runner, Takes};
pub use work::{AnyFailure, Failure, Held, Patience, Trouble, Work};
