//! Units, and the trees that they make on the days.

pub(crate) mod http;
mod listing;
mod snapshot;
mod store;

pub use snapshot::Org;
pub use store::{NewVersion, insert, insert_succession, insert_version};
