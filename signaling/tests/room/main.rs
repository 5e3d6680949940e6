//! Live rooms over real sockets: WebSocket, WHIP, WHEP, the recorder's link, and a server that is killed.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod audit;
#[path = "../common/databases.rs"]
mod databases;
mod explain;
mod page;
mod recorder;
mod restart;
mod server;
mod store;
mod websocket;
mod wish;
