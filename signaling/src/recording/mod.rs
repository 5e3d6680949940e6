//! Recordings once they are finished: the film, who may see it, and how it is made.

mod actions;
pub mod films;
pub(crate) mod http;
pub(crate) mod play;
mod range;
pub mod replays;
mod view;
pub mod work;
