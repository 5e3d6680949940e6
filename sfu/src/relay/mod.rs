//! The relay: packets as published, for the recorder, on a Unix socket of this node.
//!
//! ```text
//!  shard ─ sink ─┐
//!  shard ─ sink ─┼─► one bounded queue ─► link (a thread) ─► socket ─► recorder
//!  shard ◄───────┴───── keyframes wanted ────┘
//! ```
//!
//! A shard never waits. When the recorder stalls, the socket fills, then the queue; from there on the sinks drop packets
//! and tell the gap once there is room again. Without a recorder the queue is emptied all the same, and what is under way
//! is remembered for one that comes later.

mod link;
mod sink;

pub(crate) use self::link::RelayLink;
pub(crate) use self::sink::RelaySink;
