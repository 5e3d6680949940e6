//! Live rooms over real sockets: WebSocket, WHIP, WHEP, the recorder's link, and a server that is killed.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod access;
mod audit;
#[path = "../common/databases.rs"]
mod databases;
#[path = "../common/disk.rs"]
mod disk;
mod explain;
mod http;
mod inherited;
mod limits;
mod page;
mod planned;
#[path = "../common/postgres.rs"]
mod postgres;
mod projection;
mod proxy;
mod recorder;
mod restart;
mod rights;
mod saving;
mod server;
mod store;
mod taken_away;
mod websocket;
mod wish;
