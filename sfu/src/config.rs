//! The settings of an SFU node.

use std::net::{IpAddr, Ipv6Addr};

use protocol::bounds::within;
use serde::{Deserialize, Serialize};

/// The most peers, and packets in a queue.
const MANY: u32 = 1_000_000;

/// The settings of an SFU node. `configs/sfu.toml` lists every key with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen. `::` is every address of the machine, IPv4 too; on a machine without IPv6 it means `0.0.0.0`.
    pub listen_ip: IpAddr,
    /// The first media port, UDP and TCP; each shard takes the next one. 0 lets the system choose.
    pub media_port: u16,
    /// Threads that carry media; 0 is one per core.
    #[serde(deserialize_with = "within::<_, _, 0, 1000>")]
    pub shards: usize,
    /// The addresses that clients are told, when they are not the machine's own (one-to-one NAT) or not all of them
    /// should be told. Empty tells all of the machine's own.
    pub public_ips: Vec<IpAddr>,
    /// Whether media may come over TCP, for networks that let no UDP through.
    pub tcp: bool,
    /// Peers that the node takes; further offers are refused.
    #[serde(deserialize_with = "within::<_, _, 0, MANY>")]
    pub max_peers: usize,
    /// How many of them are kept for those who take part: peers that only receive are refused when no more than these
    /// are left. At most half of [`Self::max_peers`].
    #[serde(deserialize_with = "within::<_, _, 0, MANY>")]
    pub reserved_peers: usize,
    /// Peers that a shard takes before further ones of its rooms go to the shard with the fewest. A large room then
    /// uses several cores.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub peers_per_shard: usize,
    /// Relayed packets that may wait for the recorder, about four seconds of a meeting of 22 points; what comes when
    /// the queue is full is dropped and marked as a gap.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub relay_queue: usize,
    /// Whether each shard stays on a core of its own. Useful when the machine does nothing else.
    pub pin_threads: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen_ip: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            media_port: 7000,
            shards: 0,
            public_ips: Vec::new(),
            tcp: true,
            max_peers: 2000,
            reserved_peers: 200,
            peers_per_shard: 200,
            relay_queue: 16_384,
            pin_threads: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_that_nobody_means_is_refused() {
        for text in [
            "relay_queue = 0",
            "relay_queue = 9223372036854775807",
            "shards = 100000",
            "peers_per_shard = 0",
            "max_peers = -1",
        ] {
            let refused = toml::from_str::<Config>(text).expect_err(text).to_string();
            assert!(refused.contains("is not between"), "{text}: {refused}");
        }
    }
}
