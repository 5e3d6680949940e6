//! A shard: one thread, one UDP port, one [`sfu_core::Sfu`]; the only media loop. It carries, and decides nothing.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use protocol::media::{DisconnectReason, MediaPath};
use protocol::sfu::SfuCommand;
use sfu_core::{Counters, Datagram, Input, Output, Sfu, Transmit};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, Receiver};
use tokio_util::sync::CancellationToken;

use crate::cascade::{Batch, CascadeLinks};
use crate::control::Order;
use crate::events::EventSink;
use crate::metrics::Metrics;
use crate::relay::RelaySink;
use crate::room_metrics::RoomBoard;
use crate::socket::{MediaSocket, Traffic};
use crate::tcp::{self, Connection, TcpEvent};

/// How often metrics are brought up to date.
const METRICS_INTERVAL: Duration = Duration::from_secs(1);

/// How soon to try again when signaling or the recorder has no room.
const RETRY: Duration = Duration::from_millis(10);

/// Frames from TCP connections that may wait for the shard; connections then wait, and TCP slows their clients.
const TCP_QUEUE: usize = 1024;

/// What a shard is given.
pub(crate) struct Shard {
    pub(crate) index: usize,
    pub(crate) udp: std::net::UdpSocket,
    pub(crate) tcp: Option<std::net::TcpListener>,
    pub(crate) core: sfu_core::Config,
    pub(crate) orders: Receiver<Order>,
    pub(crate) links: CascadeLinks,
    /// What other shards have for this one.
    pub(crate) batches: Receiver<Batch>,
    pub(crate) events: EventSink,
    pub(crate) relay: RelaySink,
    pub(crate) metrics: Metrics,
    /// Where it says once a second what its rooms do.
    pub(crate) rooms: RoomBoard,
    /// How many peers this shard has, for whoever distributes rooms.
    pub(crate) load: Arc<AtomicUsize>,
    /// How many offers it was given and has not answered.
    pub(crate) joining: Arc<AtomicUsize>,
    pub(crate) shutdown: CancellationToken,
}

/// Runs a shard on the calling thread until shutdown.
pub(crate) fn run(shard: Shard) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async { Worker::new(shard)?.run().await })
}

struct Worker {
    number: usize,
    index: String,
    sfu: Sfu,
    socket: MediaSocket,
    orders: Receiver<Order>,
    links: CascadeLinks,
    batches: Receiver<Batch>,
    tcp: Receiver<TcpEvent>,
    connections: HashMap<SocketAddr, Connection>,
    events: EventSink,
    relay: RelaySink,
    metrics: Metrics,
    rooms: RoomBoard,
    counted: Counters,
    carried: Traffic,
    load: Arc<AtomicUsize>,
    joining: Arc<AtomicUsize>,
    shutdown: CancellationToken,
}

impl Worker {
    fn new(shard: Shard) -> io::Result<Self> {
        let (sender, tcp) = mpsc::channel(TCP_QUEUE);
        if let Some(listener) = shard.tcp {
            let listener = TcpListener::from_std(listener)?;
            tokio::spawn(tcp::accept(listener, sender, shard.metrics.clone()));
        }
        Ok(Self {
            number: shard.index,
            index: shard.index.to_string(),
            sfu: Sfu::new(Instant::now(), shard.core),
            socket: MediaSocket::new(shard.udp)?,
            orders: shard.orders,
            links: shard.links,
            batches: shard.batches,
            tcp,
            connections: HashMap::new(),
            events: shard.events,
            relay: shard.relay,
            metrics: shard.metrics,
            rooms: shard.rooms,
            counted: Counters::default(),
            carried: Traffic::default(),
            load: shard.load,
            joining: shard.joining,
            shutdown: shard.shutdown,
        })
    }

    async fn run(mut self) -> io::Result<()> {
        let mut next_metrics = Instant::now() + METRICS_INTERVAL;
        let shutdown = self.shutdown.clone();
        loop {
            let mut deadline = self.act();
            if let Some(due) = self.sfu.patience() {
                deadline = self.await_picture(due)?;
            }
            let mut wake = deadline.min(next_metrics);
            if self.events.is_waiting() || self.relay.is_waiting() || self.links.is_waiting() {
                wake = wake.min(Instant::now() + RETRY);
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(order) = self.orders.recv() => self.on_order(order),
                Some(batch) = self.batches.recv() => self.on_batch(batch),
                Some(event) = self.tcp.recv() => self.on_tcp(event),
                ready = self.socket.readable() => {
                    ready?;
                    self.receive()?;
                }
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            let now = Instant::now();
            if now >= deadline {
                self.sfu.handle(now, Input::Timeout);
            }
            if now >= next_metrics {
                self.count();
                next_metrics = now + METRICS_INTERVAL;
            }
        }
        self.close();
        Ok(())
    }

    /// Does everything that the core asks for; returns when it wants to be told the time.
    fn act(&mut self) -> Instant {
        let deadline = loop {
            match self.sfu.poll_output() {
                Output::Transmit(transmit) => self.send(transmit),
                Output::Event(event) => self.events.push(event),
                Output::Relay(frame) => self.relay.push(frame),
                Output::Cascade { to, message } => self.links.push(to, message),
                Output::Timeout(deadline) => break deadline,
            }
        };
        self.events.retry();
        self.relay.retry();
        self.links.flush();
        deadline
    }

    fn send(&mut self, transmit: Transmit) {
        match transmit.path {
            MediaPath::Udp | MediaPath::Tls => self.socket.send(&transmit),
            MediaPath::Tcp => {
                let connection = self.connections.get(&transmit.destination);
                for frame in transmit.datagrams() {
                    if connection.is_some_and(|c| c.send(frame.to_vec())) {
                        self.metrics.packets_out.inc();
                        self.metrics.bytes_out.inc_by(frame.len() as u64);
                    } else {
                        self.metrics.dropped.with_label_values(&["tcp"]).inc();
                    }
                }
            }
        }
        self.sfu.recycle(transmit.payload);
    }

    fn on_order(&mut self, order: Order) {
        let joins = matches!(order, Order::Command(SfuCommand::Join { .. }));
        let input = match order {
            Order::Command(command) => Input::Command(command),
            Order::Adopt { room, home } => Input::Adopt { room, home },
            Order::KeyframeWanted(stream) => Input::KeyframeWanted(stream),
        };
        self.sfu.handle(Instant::now(), input);
        self.load.store(self.sfu.peer_count(), Ordering::Release);
        if joins {
            self.joining.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Hands in what another shard has, whole pictures if it can.
    fn on_batch(&mut self, batch: Batch) {
        let now = Instant::now();
        let mut next = Some(batch);
        while let Some(Batch { from, messages }) = next {
            for message in messages {
                self.sfu.handle(now, Input::Cascade { from, message });
            }
            next = self.batches.try_recv().ok();
        }
    }

    fn on_tcp(&mut self, event: TcpEvent) {
        let now = Instant::now();
        match event {
            TcpEvent::Opened { client, connection } => {
                self.connections.insert(client, connection);
            }
            TcpEvent::Frame {
                client,
                own,
                payload,
            } => {
                self.metrics.packets_in.inc();
                self.metrics.bytes_in.inc_by(payload.len() as u64);
                let datagram = Datagram {
                    path: MediaPath::Tcp,
                    source: client,
                    destination: own,
                    payload: &payload,
                };
                self.sfu.handle(now, Input::Datagram(datagram));
                if let Some(connection) = self.connections.get(&client) {
                    connection.set_known(self.sfu.knows(MediaPath::Tcp, client));
                }
            }
            TcpEvent::Closed { client } => {
                self.connections.remove(&client);
                self.sfu.handle(now, Input::TcpClosed(client));
            }
        }
        self.metrics
            .tcp_connections
            .set(i64::try_from(self.connections.len()).unwrap_or(i64::MAX));
    }

    /// Waits for the rest of a picture for many, once, and sends it.
    fn await_picture(&mut self, due: Instant) -> io::Result<Instant> {
        // The thread is the shard's own, and the runtime's timers are too coarse for this.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        self.receive()?;
        self.sfu.handle(Instant::now(), Input::Timeout);
        Ok(self.act())
    }

    /// Hands in one batch of what has come, so that what it brings leaves before the next is taken.
    fn receive(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let sfu = &mut self.sfu;
        let received = self.socket.receive(|source, destination, payload| {
            sfu.handle(
                now,
                Input::Datagram(Datagram {
                    path: MediaPath::Udp,
                    source,
                    destination,
                    payload,
                }),
            );
        });
        match received {
            // An earlier datagram met a closed port; nothing is wrong with the socket.
            Err(error) if error.kind() != io::ErrorKind::ConnectionRefused => Err(error),
            _ => Ok(()),
        }
    }

    /// Says goodbye to every client.
    fn close(&mut self) {
        self.sfu.close(Instant::now());
        self.act();
        self.count();
    }

    fn count(&mut self) {
        let (now, before) = (*self.sfu.counters(), self.counted);
        self.counted = now;
        let metrics = &self.metrics;
        let forwarded = now.forwarded - before.forwarded;
        metrics.forwarded.inc_by(forwarded);
        metrics
            .shard_forwarded
            .with_label_values(&[self.index.as_str()])
            .inc_by(forwarded);
        self.rooms
            .write(self.number, self.sfu.figures(Instant::now()));
        metrics
            .keyframe_requests
            .inc_by(now.keyframe_requests - before.keyframe_requests);
        metrics.panics.inc_by(now.panics - before.panics);
        for (at, reason) in DisconnectReason::ALL.into_iter().enumerate() {
            metrics
                .ended
                .with_label_values(&[reason.as_str()])
                .inc_by(now.ended[at] - before.ended[at]);
        }
        let dropped = |reason: &str, count: u64| {
            metrics.dropped.with_label_values(&[reason]).inc_by(count);
        };
        dropped("unknown", now.dropped_unknown - before.dropped_unknown);
        dropped(
            "forbidden",
            now.dropped_forbidden - before.dropped_forbidden,
        );
        dropped("closed", now.dropped_closed - before.dropped_closed);
        dropped("quiet", now.dropped_quiet - before.dropped_quiet);
        dropped("queue", now.dropped_queue - before.dropped_queue);
        dropped("relay", self.relay.take_dropped());
        dropped("shard", self.links.take_dropped());

        let (now, before) = (self.socket.traffic, self.carried);
        self.carried = now;
        metrics
            .packets_in
            .inc_by(now.packets_in - before.packets_in);
        metrics.bytes_in.inc_by(now.bytes_in - before.bytes_in);
        metrics
            .packets_out
            .inc_by(now.packets_out - before.packets_out);
        metrics.bytes_out.inc_by(now.bytes_out - before.bytes_out);
        dropped("send", now.refused - before.refused);

        let shard = [self.index.as_str()];
        let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        let peers = self.sfu.peer_count();
        self.load.store(peers, Ordering::Relaxed);
        metrics.peers.with_label_values(&shard).set(gauge(peers));
        metrics
            .rooms
            .with_label_values(&shard)
            .set(gauge(self.sfu.room_count()));
        let estimate = self.sfu.mean_estimate_bps().unwrap_or_default();
        metrics
            .estimate
            .with_label_values(&shard)
            .set(i64::try_from(estimate).unwrap_or(i64::MAX));
    }
}
