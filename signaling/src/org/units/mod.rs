//! Units, and the trees that they make on the days.

mod snapshot;
mod store;

pub use snapshot::Org;
pub use store::{NewVersion, insert, insert_succession, insert_version};
