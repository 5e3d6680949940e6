//! A shard's UDP socket: batches in with the address each datagram was sent to, runs of equal size out.

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
    buffers: [Vec<u8>; BATCH_SIZE],
    /// Addresses that datagrams came to, so that answers may leave from them.
    own: Vec<IpAddr>,
    pub(crate) traffic: Traffic,
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
            buffers: std::array::from_fn(|_| vec![0; RECEIVE_BUFFER]),
            own: Vec::new(),
            traffic: Traffic::default(),
        })
    }

    /// Waits until something can be received.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Receives what has come, at most one batch; `take` gets each datagram with its sender and the address it was
    /// sent to.
    pub(crate) fn receive(
        &mut self,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]),
    ) -> io::Result<()> {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let filled = {
            let mut slices = self
                .buffers
                .each_mut()
                .map(|buffer| IoSliceMut::new(buffer));
            let (socket, state) = (&self.socket, &self.state);
            let result = socket.try_io(Interest::READABLE, || {
                state.recv(UdpSockRef::from(socket), &mut slices, &mut metas)
            });
            match result {
                Ok(filled) => filled,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        };
        for (meta, buffer) in metas.iter().zip(&self.buffers).take(filled) {
            let source = canonical(meta.addr);
            let Some(ip) = meta.dst_ip.map(|ip| ip.to_canonical()) else {
                continue;
            };
            if !self.own.contains(&ip) {
                self.own.push(ip);
            }
            let destination = SocketAddr::new(ip, self.port);
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                self.traffic.packets_in += 1;
                self.traffic.bytes_in += datagram.len() as u64;
                take(source, destination, datagram);
            }
        }
        Ok(())
    }

    /// Sends a run of datagrams: in one call where the kernel can cut it up, otherwise one by one.
    pub(crate) fn send(&mut self, transmit: &Transmit) {
        let datagrams = transmit.datagrams().len();
        if datagrams <= self.state.max_gso_segments() {
            let segment = (datagrams > 1).then_some(transmit.segment);
            self.hand_over(transmit, &transmit.payload, segment, datagrams);
        } else {
            for datagram in transmit.datagrams() {
                self.hand_over(transmit, datagram, None, 1);
            }
        }
    }

    fn hand_over(
        &mut self,
        transmit: &Transmit,
        contents: &[u8],
        segment_size: Option<usize>,
        count: usize,
    ) {
        let outgoing = quinn_udp::Transmit {
            destination: self.outer(transmit.destination),
            ecn: None,
            contents,
            segment_size,
            src_ip: self
                .own
                .contains(&transmit.source.ip())
                .then_some(transmit.source.ip()),
        };
        let (socket, state) = (&self.socket, &self.state);
        let result = socket.try_io(Interest::WRITABLE, || {
            state.try_send(UdpSockRef::from(socket), &outgoing)
        });
        match result {
            Ok(()) => {
                self.traffic.packets_out += count as u64;
                self.traffic.bytes_out += contents.len() as u64;
            }
            Err(error) => {
                // Lost like any datagram; the receiver asks again for what it misses.
                self.traffic.refused += count as u64;
                tracing::trace!(%error, "datagrams not sent");
            }
        }
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
