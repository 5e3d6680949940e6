//! The way of somebody whose firewall passes nothing but the port of HTTPS: TURN over TLS.
//!
//! The crate `webrtc` speaks TURN over UDP alone. A tunnel is a TURN server to it, on a port of this machine, and carries
//! what comes there through one TLS connection to the real one. It reads lengths and nothing else, so what is tested is
//! the stack's own TURN client against the server's own TURN server.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use protocol::client::IceServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinHandle;
use tokio_rustls::client::TlsStream;
use webrtc::peer_connection::RTCIceServer;

use crate::server::Server;

/// The longest datagram of the TURN client.
const DATAGRAM_BYTES: usize = 2048;

/// A way through the port of HTTPS; closed when this is dropped.
#[derive(Debug)]
pub struct Tunnel {
    near: SocketAddr,
    credentials: IceServer,
    carrying: JoinHandle<()>,
}

impl Tunnel {
    /// Opens a tunnel to the TURN server that a `Welcome` named.
    ///
    /// # Errors
    /// When it named none over TLS, or that cannot be reached.
    pub async fn open(server: &Server, offered: &[IceServer]) -> anyhow::Result<Self> {
        let credentials = offered
            .first()
            .context("the server offers no TURN server")?
            .clone();
        let (host, port) = credentials
            .urls
            .iter()
            .find_map(|url| turns_address(url))
            .context("the server offers no TURN over TLS")?;
        let tls = server.tls(&host, port).await?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let near = socket.local_addr()?;
        let carrying = tokio::spawn(async move {
            // The peer connection notices that nothing comes any more.
            let _ = carry(&socket, tls).await;
        });
        Ok(Self {
            near,
            credentials,
            carrying,
        })
    }

    /// What the stack is told.
    #[must_use]
    pub fn ice_server(&self) -> RTCIceServer {
        RTCIceServer {
            urls: vec![format!("turn:{}?transport=udp", self.near)],
            username: self.credentials.username.clone(),
            credential: self.credentials.credential.clone(),
        }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Host and port of `turns:host:port?transport=tcp`.
fn turns_address(url: &str) -> Option<(String, u16)> {
    let address = url.strip_prefix("turns:")?.strip_suffix("?transport=tcp")?;
    let (host, port) = address.rsplit_once(':')?;
    Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
}

async fn carry(socket: &UdpSocket, tls: TlsStream<TcpStream>) -> anyhow::Result<()> {
    let (mut from_server, mut to_server) = split(tls);
    // The first datagram tells where the stack's own socket is.
    let mut datagram = [0; DATAGRAM_BYTES];
    let (length, stack) = socket.recv_from(&mut datagram).await?;
    socket.connect(stack).await?;
    send(&mut to_server, &datagram[..length]).await?;
    tokio::select! {
        ended = upward(socket, &mut to_server) => ended,
        ended = downward(&mut from_server, socket) => ended,
    }
}

async fn upward(
    socket: &UdpSocket,
    to_server: &mut WriteHalf<TlsStream<TcpStream>>,
) -> anyhow::Result<()> {
    let mut datagram = [0; DATAGRAM_BYTES];
    loop {
        let length = socket.recv(&mut datagram).await?;
        send(to_server, &datagram[..length]).await?;
    }
}

/// On a stream, channel data are padded to four bytes (RFC 8656, 12.5).
async fn send(
    to_server: &mut WriteHalf<TlsStream<TcpStream>>,
    datagram: &[u8],
) -> anyhow::Result<()> {
    let mut message = datagram.to_vec();
    message.resize(datagram.len().next_multiple_of(4), 0);
    to_server.write_all(&message).await?;
    Ok(to_server.flush().await?)
}

async fn downward(
    from_server: &mut ReadHalf<TlsStream<TcpStream>>,
    socket: &UdpSocket,
) -> anyhow::Result<()> {
    let mut message = Vec::new();
    loop {
        let mut head = [0; 4];
        from_server.read_exact(&mut head).await?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (whole, padded) = match head[0] >> 6 {
            0 => (20 + length, 20 + length),
            1 => (4 + length, 4 + length.next_multiple_of(4)),
            _ => bail!("the server sent what is not TURN"),
        };
        message.clear();
        message.extend_from_slice(&head);
        message.resize(padded, 0);
        from_server.read_exact(&mut message[4..]).await?;
        socket.send(&message[..whole]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_read_from_the_url() {
        let read = |url| turns_address(url);
        let named = Some(("hop.vn".to_owned(), 443));
        assert_eq!(read("turns:hop.vn:443?transport=tcp"), named);
        let ipv6 = Some(("2001:db8::1".to_owned(), 8443));
        assert_eq!(read("turns:[2001:db8::1]:8443?transport=tcp"), ipv6);
        assert_eq!(read("turn:hop.vn:3478?transport=udp"), None);
    }
}
