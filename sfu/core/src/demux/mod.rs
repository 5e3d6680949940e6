//! Whose datagram is this: by what it looks like, the name in it, or the address it comes from.

mod directory;
mod stun;

use std::net::SocketAddr;

use protocol::media::MediaPath;

pub(crate) use directory::Directory;
pub(crate) use stun::{DatagramKind, classify, receiver_ufrag};

/// A datagram, or one frame of a TCP connection (RFC 4571), as received.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// How it came.
    pub path: MediaPath,
    /// The client's address.
    pub source: SocketAddr,
    /// Our address that it was sent to.
    pub destination: SocketAddr,
    /// Its bytes.
    pub payload: &'a [u8],
}
