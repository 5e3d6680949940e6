//! What the department decides while the server runs, some of it by year.

mod standing;
mod store;

pub use standing::{Settings, Standing};
pub use store::*;
