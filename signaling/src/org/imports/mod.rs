//! Lists of people that come as a file: looked through first, then written by a job.

mod actions;
mod file;
pub(crate) mod http;
mod store;
mod view;
mod words;
pub(crate) mod work;
