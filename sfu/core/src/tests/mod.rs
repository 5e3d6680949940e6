//! Tests of the whole shard that need what is inside it, and doors for tests of other crates.

#[doc(hidden)]
pub mod fuzz;
#[cfg(test)]
mod isolation;
