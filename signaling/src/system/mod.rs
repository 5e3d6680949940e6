//! The installation itself, as those see it who run it: the log of what was done in it, copies of everything,
//! its settings, the guide of its first days, and what is kept about somebody.

pub mod backup;
pub mod erasure;
pub(crate) mod guide;
pub mod log;
pub(crate) mod settings;
