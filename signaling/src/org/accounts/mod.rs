//! Accounts of people: who gets one, and who loses it.

pub(crate) mod actions;
