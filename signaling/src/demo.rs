//! The demonstration province.
