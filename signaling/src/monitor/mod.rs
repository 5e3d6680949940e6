//! Bridge points and how their lines do.

mod history;
pub(crate) mod http;
pub mod retention;
mod store;

pub use store::{delete_samples_before, samples_of_point};
