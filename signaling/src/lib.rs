//! The service that people and their browsers talk to: accounts, schedule, rooms, recordings, monitor, and the web
//! client itself. It decides who may do what; the SFU carries the media.
//!
//! One folder a subject. Each uses those above it alone; a test of the workspace (`tests/house.rs`) reads this list and holds
//! that. `AppState`, the context of every handler, is named everywhere and does not count.
//!
//! | Folder | Holds |
//! |---|---|
//! | [`platform`] | the database, time, errors, settings, the audit log, HTTP's guards |
//! | [`jobs`] | what takes longer than a request |
//! | [`access`] | who somebody is, and what they may |
//! | [`org`] | units, people, bridge points |
//! | [`schedule`] | sessions, what they book, whom they invite, links |
//! | [`live`] | rooms, one task each, and the doors into them |
//! | [`training`] | classes |
//! | [`recording`] | recordings, from the request to the film |
//! | [`monitor`] | points, and how their lines do |
//! | [`system`] | the installation itself: its log, its copies, its settings, its first days, what it keeps about somebody |
//! | [`chores`], [`demo`] | the operator's terminal, and the demonstration |
//! | `description`, [`routes`], `state`, `serve` | what puts everything together |
//!
//! A domain has `actions.rs` (what can be done), `http.rs` (parse, act, render) and `store.rs` (its SQL).

pub mod access;
pub mod chores;
pub mod demo;
mod description;
pub mod jobs;
pub mod live;
pub mod monitor;
pub mod org;
pub mod platform;
pub mod recording;
pub mod routes;
pub mod schedule;
mod serve;
mod state;
pub mod system;
pub mod training;

pub use live::sfu_link::SfuLink;
pub use live::turn::Turn;
pub use platform::clock::Clock;
pub use platform::config::Config;
pub use platform::database::Store;
pub use serve::{Running, run, start};
pub use state::AppState;
