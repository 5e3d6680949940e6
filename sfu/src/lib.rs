//! An SFU node: sockets and threads around [`sfu_core`].
//!
//! [`start`] gives back the two channels of the control link; what is recorded leaves by a socket of its own. Each shard is
//! a thread with its own UDP and TCP port; a peer lives on one shard, so nothing on the way of a packet is shared or
//! locked. A room lives on one shard too, until it has more peers than that one carries: then it has branches on others,
//! and each packet crosses once to each.

mod addresses;
mod cascade;
mod config;
mod control;
mod events;
#[doc(hidden)]
pub mod fuzz;
mod metrics;
mod relay;
mod room_metrics;
mod socket;
mod tcp;
mod worker;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;

use anyhow::{Context, bail};
use prometheus::Registry;
use protocol::relay::StreamId;
use protocol::sfu::{SfuCommand, SfuEvent};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use config::Config;

use crate::control::{Control, Limits, ShardHandle};
use crate::events::EventSink;
use crate::metrics::Metrics;
use crate::relay::{RelayLink, RelaySink};
use crate::room_metrics::RoomBoard;
use crate::worker::Shard;

/// Commands and events that may wait on the control link. Senders of commands wait when it is full.
const CONTROL_QUEUE: usize = 4096;

/// Attempts to find a port that is free for UDP and TCP alike, when the system chooses.
const PORT_ATTEMPTS: usize = 32;

/// Distance between the first stream numbers of two shards.
const STREAMS_PER_SHARD: StreamId = 1 << 24;

/// A running node: the control link's ends, and the node itself.
#[derive(Debug)]
pub struct Running {
    /// Where signaling sends commands. The node goes on when it is dropped, but takes no more.
    pub commands: mpsc::Sender<SfuCommand>,
    /// What the node reports. Keep reading: events that are not repeated wait without limit.
    pub events: mpsc::Receiver<SfuEvent>,
    /// Its threads, ports and metrics.
    pub node: Node,
}

/// The threads of a node. They end at [`Node::shutdown`] or when this is dropped.
#[derive(Debug)]
pub struct Node {
    ports: Vec<u16>,
    registry: Registry,
    shutdown: CancellationToken,
    shards: Vec<JoinHandle<io::Result<()>>>,
    relay: Option<JoinHandle<io::Result<()>>>,
}

impl Node {
    /// The media ports in use, UDP and TCP, one per shard.
    #[must_use]
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// The node's metrics.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Says goodbye to all clients and ends. Returns when every shard has ended.
    ///
    /// # Errors
    /// The first failure of a shard.
    pub fn shutdown(mut self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        for (index, shard) in self.shards.drain(..).enumerate() {
            match shard.join() {
                Ok(result) => result.with_context(|| format!("shard {index} failed"))?,
                Err(_) => bail!("shard {index} panicked"),
            }
        }
        match self.relay.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result.context("the relay failed"),
            Some(Err(_)) => bail!("the relay panicked"),
        }
    }

    /// Whether every shard and the relay still run.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        let mut threads = self.shards.iter().chain(&self.relay);
        threads.all(|thread| !thread.is_finished())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Starts a node. Its ports are open when this returns. The recorder finds the relay on the socket `relay`; without one,
/// nothing is recorded.
///
/// # Errors
/// When a port is taken, or a thread cannot be started.
pub fn start(config: Config, relay: Option<UnixListener>) -> anyhow::Result<Running> {
    let registry = Registry::new();
    let metrics = Metrics::register(&registry).context("the metrics cannot be registered")?;
    let (commands, commands_in) = mpsc::channel(CONTROL_QUEUE);
    let (events_out, events) = mpsc::channel(CONTROL_QUEUE);
    let (relay_out, relay_in) = mpsc::channel(config.relay_queue.max(1));
    let shutdown = CancellationToken::new();
    let ips = if config.public_ips.is_empty() {
        reachable_at(config.listen_ip)
    } else {
        config.public_ips.clone()
    };
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let count = match config.shards {
        0 => cores.len().max(1),
        count => count,
    };

    let rooms =
        RoomBoard::register(count, &registry).context("the metrics cannot be registered")?;

    let mut handles = Vec::with_capacity(count);
    let mut shards = Vec::with_capacity(count);
    let mut ports = Vec::with_capacity(count);
    for (index, (links, batches)) in cascade::mesh(count).into_iter().enumerate() {
        let (udp, tcp) = bind(&config, index)?;
        let port = udp.local_addr()?.port();
        let load = Arc::new(AtomicUsize::new(0));
        let joining = Arc::new(AtomicUsize::new(0));
        let (orders, orders_in) = mpsc::channel(CONTROL_QUEUE);
        let shard = Shard {
            index,
            core: sfu_core::Config {
                addresses: ips.iter().map(|ip| SocketAddr::new(*ip, port)).collect(),
                tcp: tcp.is_some(),
                first_stream: StreamId::try_from(index)
                    .unwrap_or_default()
                    .wrapping_mul(STREAMS_PER_SHARD),
            },
            udp,
            tcp,
            orders: orders_in,
            links,
            batches,
            events: EventSink::new(events_out.clone()),
            relay: RelaySink::new(relay_out.clone()),
            metrics: metrics.clone(),
            rooms: rooms.clone(),
            load: load.clone(),
            joining: joining.clone(),
            shutdown: shutdown.clone(),
        };
        let core = config
            .pin_threads
            .then(|| cores.get(index).copied())
            .flatten();
        let thread = std::thread::Builder::new()
            .name(format!("sfu-{index}"))
            .spawn(move || {
                if let Some(core) = core {
                    core_affinity::set_for_current(core);
                }
                let result = worker::run(shard);
                if let Err(error) = &result {
                    tracing::error!(shard = index, %error, "a media shard ended");
                }
                result
            })
            .context("a shard's thread cannot be started")?;
        tracing::info!(shard = index, port, "media port open");
        ports.push(port);
        shards.push(thread);
        handles.push(ShardHandle {
            orders,
            load,
            joining,
        });
    }
    drop(relay_out);
    let relay = relay
        .map(|listener| {
            let orders = handles.iter().map(|shard| shard.orders.clone()).collect();
            let link = RelayLink::new(listener, relay_in, orders, shutdown.clone());
            let named = std::thread::Builder::new().name("sfu-relay".into());
            named.spawn(move || link.run())
        })
        .transpose()
        .context("the relay's thread cannot be started")?;
    let limits = Limits {
        peers: config.max_peers,
        reserved: config.reserved_peers,
        peers_per_shard: config.peers_per_shard,
    };
    let control = Control::new(handles, limits);
    std::thread::Builder::new()
        .name("sfu-control".into())
        .spawn(move || control.distribute(commands_in, &events_out))
        .context("the control thread cannot be started")?;
    Ok(Running {
        commands,
        events,
        node: Node {
            ports,
            registry,
            shutdown,
            shards,
            relay,
        },
    })
}

/// The addresses under which a node that listens on `ip` can be reached from somewhere.
fn reachable_at(ip: IpAddr) -> Vec<IpAddr> {
    if !ip.is_unspecified() {
        return vec![ip];
    }
    addresses::local_addresses()
        .into_iter()
        .filter(|address| ip.is_ipv6() || address.is_ipv4())
        .collect()
}

/// Opens one port for UDP and, if wanted, TCP.
fn bind(
    config: &Config,
    index: usize,
) -> anyhow::Result<(std::net::UdpSocket, Option<std::net::TcpListener>)> {
    let port = match config.media_port {
        0 => 0,
        first => u16::try_from(usize::from(first) + index)
            .with_context(|| format!("media_port {first} leaves no port for shard {index}"))?,
    };
    let mut last = None;
    for _ in 0..PORT_ATTEMPTS {
        match bind_both(config.listen_ip, port, config.tcp) {
            Ok(sockets) => return Ok(sockets),
            Err(error) => last = Some(error),
        }
        if port != 0 {
            break;
        }
    }
    let error = last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into());
    Err(error).with_context(|| format!("media port {port} cannot be opened"))
}

fn bind_both(
    ip: IpAddr,
    port: u16,
    tcp: bool,
) -> io::Result<(std::net::UdpSocket, Option<std::net::TcpListener>)> {
    let udp = match socket::bind_udp(SocketAddr::new(ip, port)) {
        // A machine without IPv6.
        Err(error) if ip.is_unspecified() && error.kind() != io::ErrorKind::AddrInUse => {
            socket::bind_udp(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))?
        }
        result => result?,
    };
    if !tcp {
        return Ok((udp, None));
    }
    // Whatever the first socket got: address family and port.
    let listener = std::net::TcpListener::bind(udp.local_addr()?)?;
    listener.set_nonblocking(true)?;
    Ok((udp, Some(listener)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_configuration_is_the_default() {
        let shipped: Config = toml::from_str(include_str!("../../configs/sfu.toml")).unwrap();
        assert_eq!(shipped, Config::default());
    }
}
