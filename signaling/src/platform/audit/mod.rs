//! Who did what: the audit log, and the head of it that is kept outside the database.

mod head;
mod seal;
mod store;

pub(crate) use head::Keeper;
pub use head::{HEAD_FILE, Head};
pub use seal::readable;
pub use store::*;
