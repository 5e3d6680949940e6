//! Scripted participants that measure a running Điểm Cầu from outside.
//!
//! They know the server by its address and what lets them in by a token, and nothing else: media travel on the crate
//! `webrtc`, a stack that shares no code with the server's. They publish real VP8 and Opus ([`media`], [`publish`]),
//! judge what they receive ([`receive`]), and watch themselves, so that a slow generator is not taken for a slow server
//! ([`health`]).
//!
//! - [`participant`]: a room device by WebSocket; [`chair`]: one that only commands; [`whip`]: an encoder; [`whep`]: a
//!   player.
//! - [`end`]: what they need of WebRTC; [`peer`]: the whole stack; [`thin`]: an end of which hundreds fit into one generator.
//! - [`tunnel`]: the way of those whose firewall passes the port of HTTPS alone.
//! - [`run`]: a whole [`scenario`] and its [`report`]; [`bench`]: the engine's figures for `docs/benchmarks.md`, with
//!   [`janus`] beside; [`soak`]: people who come and go for a long time.
//! - [`cheat`]: people who cheat, beside honest ones.
//! - [`impair`]: a UDP proxy with a bad link in it.
//! - [`film_probe`]: how far sound and picture of somebody are apart in a film, and what is missing of it.

mod alarm;
pub mod bench;
pub mod chair;
pub mod cheat;
pub mod end;
pub mod film_probe;
pub mod health;
pub mod impair;
pub mod janus;
pub mod lines;
pub mod media;
pub mod observe;
pub mod office;
pub mod participant;
pub mod peer;
pub mod publish;
pub mod receive;
pub mod report;
pub mod run;
pub mod scenario;
pub mod server;
pub mod soak;
pub mod thin;
pub mod tokens;
pub mod tunnel;
pub mod whep;
pub mod whip;
