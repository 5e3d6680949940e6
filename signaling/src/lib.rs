//! The service that people and their browsers talk to: accounts, schedule, rooms, recordings, monitor, and the web
//! client itself. It decides who may do what; the SFU carries the media.
//!
//! - [`store`] holds the only SQL of the system; [`authorise`] is the only source of decisions about rights.
//! - [`http`] is the REST interface, WHIP, WHEP and the embedded web client; `ws` is the room's WebSocket.
//! - [`turn`] is the way to the media engine for places whose firewall passes TCP 443 alone.
//! - [`rooms`] owns the live rooms, one task each; [`jobs`] runs what takes longer than a request; sessions that nobody
//!   opened [`lapse`].

mod access_watch;
mod admission;
pub mod auth;
pub mod authorise;
pub mod authority;
mod board;
mod catalogue;
pub mod chores;
pub mod clock;
pub mod config;
pub mod demo;
mod descriptors;
mod entry;
pub mod error;
pub mod extract;
mod free_time;
pub mod http;
pub mod jobs;
mod journal_writer;
pub mod lapse;
pub mod metrics;
mod narration;
pub mod places;
mod point_history;
mod recorder_child;
mod recorder_link;
mod room_task;
pub mod rooms;
pub mod secret;
mod serve;
mod sfu_link;
mod state;
pub mod store;
pub mod text;
pub mod tls;
pub mod turn;
mod visits;
pub mod ws;

pub use clock::Clock;
pub use config::Config;
pub use serve::{Running, run, start};
pub use sfu_link::SfuLink;
pub use state::AppState;
pub use store::Store;
pub use turn::Turn;
