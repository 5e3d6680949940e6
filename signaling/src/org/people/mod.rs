//! People and their appointments.

mod store;

pub use store::*;
