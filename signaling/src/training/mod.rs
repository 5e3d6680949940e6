//! Training classes.

pub(crate) mod http;
