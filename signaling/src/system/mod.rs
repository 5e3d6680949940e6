//! The installation itself, as those see it who run it: the log of what was done in it, and copies of everything.

pub mod backup;
pub mod log;
