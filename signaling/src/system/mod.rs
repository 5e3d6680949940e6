//! The installation itself, as those see it who run it: the log of what was done in it.

pub mod log;
