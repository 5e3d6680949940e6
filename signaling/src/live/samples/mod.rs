//! How the lines of points did.

mod store;

pub use store::*;
