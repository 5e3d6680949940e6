//! A shard's UDP socket: batches in with the address each datagram was sent to, runs of equal size out.

use std::collections::HashSet;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use sfu_core::Transmit;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Asked of the kernel for each direction: half a second of 60 Mbit/s, so that a busy moment loses nothing.
const SOCKET_BUFFER: usize = 4 * 1024 * 1024;

/// One received buffer: the kernel puts up to 64 datagrams of one sender into it (GRO).
const RECEIVE_BUFFER: usize = 64 * 1024;

/// Bytes in one run; the kernel refuses more than 64 KiB with headers.
const RUN_BYTES: usize = 60_000;

/// Binds a UDP socket with large buffers; `::` takes IPv4 too.
pub(crate) fn bind_udp(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The kernel gives what its limits allow.
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Puts an address of a dual-stack socket into the form that others know it by.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// What a socket did since it was last asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) packets_in: u64,
    pub(crate) bytes_in: u64,
    pub(crate) packets_out: u64,
    pub(crate) bytes_out: u64,
    /// Datagrams that the kernel did not take.
    pub(crate) refused: u64,
}

/// The socket of one shard.
pub(crate) struct MediaSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    port: u16,
    ipv6: bool,
    buffers: Vec<Vec<u8>>,
    run: Run,
    /// Addresses that datagrams came to, so that answers may leave from them.
    own: HashSet<IpAddr>,
    pub(crate) traffic: Traffic,
}

/// Datagrams for one client that leave in one call (UDP GSO): all of `segment` bytes, the last may be shorter.
#[derive(Debug, Default)]
struct Run {
    bytes: Vec<u8>,
    segment: usize,
    count: usize,
    /// From where and to where.
    ends: Option<(SocketAddr, SocketAddr)>,
    /// Nothing can follow a shorter one.
    closed: bool,
}

impl MediaSocket {
    /// Takes over a bound socket. Call it inside the runtime that drives it.
    pub(crate) fn new(socket: std::net::UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket: UdpSocket::from_std(socket)?,
            state,
            port: address.port(),
            ipv6: address.is_ipv6(),
            buffers: vec![vec![0; RECEIVE_BUFFER]; BATCH_SIZE],
            run: Run::default(),
            own: HashSet::new(),
            traffic: Traffic::default(),
        })
    }

    /// Waits until something can be received.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Receives what has come, at most one batch; `take` gets each datagram with its sender and the address it was
    /// sent to. Returns how many, zero when nothing is there.
    pub(crate) fn receive(
        &mut self,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]),
    ) -> io::Result<usize> {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let filled = {
            let mut slices: Vec<IoSliceMut<'_>> = self
                .buffers
                .iter_mut()
                .map(|buffer| IoSliceMut::new(buffer))
                .collect();
            let (socket, state) = (&self.socket, &self.state);
            let result = socket.try_io(Interest::READABLE, || {
                state.recv(UdpSockRef::from(socket), &mut slices, &mut metas)
            });
            match result {
                Ok(filled) => filled,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                Err(error) => return Err(error),
            }
        };
        let mut count = 0;
        for (meta, buffer) in metas.iter().zip(&self.buffers).take(filled) {
            let source = canonical(meta.addr);
            let Some(ip) = meta.dst_ip.map(|ip| ip.to_canonical()) else {
                continue;
            };
            self.own.insert(ip);
            let destination = SocketAddr::new(ip, self.port);
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                count += 1;
                self.traffic.packets_in += 1;
                self.traffic.bytes_in += datagram.len() as u64;
                take(source, destination, datagram);
            }
        }
        Ok(count)
    }

    /// Sends a datagram, together with others of its kind: see [`MediaSocket::flush`].
    pub(crate) fn send(&mut self, transmit: &Transmit) {
        let ends = (transmit.source, transmit.destination);
        let size = transmit.payload.len();
        let fits = self.run.ends == Some(ends)
            && !self.run.closed
            && size <= self.run.segment
            && self.run.count < self.state.max_gso_segments()
            && self.run.bytes.len() + size <= RUN_BYTES;
        if !fits {
            self.flush();
            self.run.ends = Some(ends);
            self.run.segment = size;
        }
        self.run.closed = size < self.run.segment;
        self.run.count += 1;
        self.run.bytes.extend_from_slice(&transmit.payload);
    }

    /// Hands the last run to the kernel. Call it when nothing more is to be sent.
    pub(crate) fn flush(&mut self) {
        let Some((source, destination)) = self.run.ends.take() else {
            return;
        };
        let transmit = quinn_udp::Transmit {
            destination: self.outer(destination),
            ecn: None,
            contents: &self.run.bytes,
            segment_size: (self.run.count > 1).then_some(self.run.segment),
            src_ip: self.own.get(&source.ip()).copied(),
        };
        let (socket, state) = (&self.socket, &self.state);
        let result = socket.try_io(Interest::WRITABLE, || {
            state.try_send(UdpSockRef::from(socket), &transmit)
        });
        let count = self.run.count as u64;
        match result {
            Ok(()) => {
                self.traffic.packets_out += count;
                self.traffic.bytes_out += self.run.bytes.len() as u64;
            }
            Err(error) => {
                // Lost like any datagram; the receiver asks again for what it misses.
                self.traffic.refused += count;
                tracing::trace!(%error, "datagrams not sent");
            }
        }
        self.run.bytes.clear();
        self.run.count = 0;
        self.run.closed = false;
    }

    /// The form in which this socket's family writes an address.
    fn outer(&self, address: SocketAddr) -> SocketAddr {
        match address.ip() {
            IpAddr::V4(ip) if self.ipv6 => {
                SocketAddr::new(IpAddr::V6(ip.to_ipv6_mapped()), address.port())
            }
            _ => address,
        }
    }
}
