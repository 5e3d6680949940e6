//! How a shard is reached.

use std::net::SocketAddr;

use protocol::relay::StreamId;

/// How a shard is reached.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses that clients are told, most preferred first; port included.
    pub addresses: Vec<SocketAddr>,
    /// Whether TCP is accepted on the same addresses.
    pub tcp: bool,
    /// The number of the first relayed stream; shards of one node need ranges that do not meet.
    pub first_stream: StreamId,
}
