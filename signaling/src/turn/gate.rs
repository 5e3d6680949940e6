//! The one listener's gate: after the handshake, what speaks STUN goes to the TURN server and all else to HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::{Turn, connection};

/// How TURN is called in the handshake (RFC 7443). Browsers do not say it, but some clients do.
pub(crate) const ALPN: &[u8] = b"stun.turn";

/// What a TLS connection from the network carries, after the handshake.
type Connection = TlsStream<TcpStream>;

/// Does the handshake and sorts connections.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    tls: RustlsAcceptor,
    turn: Option<Turn>,
    first_byte_within: Duration,
}

impl Gate {
    /// A gate in front of HTTP, and of `turn` if there is one. A connection that says nothing of itself in the
    /// handshake has `first_byte_within` to begin.
    pub(crate) fn new(
        config: RustlsConfig,
        turn: Option<Turn>,
        first_byte_within: Duration,
    ) -> Self {
        Self {
            tls: RustlsAcceptor::new(config),
            turn,
            first_byte_within,
        }
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Gate {
    type Stream = Begun;
    type Service = <RustlsAcceptor as Accept<TcpStream, S>>::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Begun, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let shaken = self.tls.accept(stream, service);
        let (turn, within) = (self.turn.clone(), self.first_byte_within);
        Box::pin(async move {
            let (mut stream, service) = shaken.await?;
            let Some(turn) = turn.filter(|_| !says_http(&stream)) else {
                return Ok((Begun::new(stream, None), service));
            };
            let first = timeout(within, stream.read_u8()).await??;
            if first > 1 {
                return Ok((Begun::new(stream, Some(first)), service));
            }
            connection::serve(turn, stream, first).await;
            // The listener has nothing more to do with it.
            Err(io::ErrorKind::ConnectionAborted.into())
        })
    }
}

/// Whether the client promised HTTP in the handshake.
fn says_http(stream: &Connection) -> bool {
    let said = stream.get_ref().1.alpn_protocol();
    said.is_some_and(|protocol| protocol != ALPN)
}

/// A connection of which a byte may have been read already; it comes first.
#[derive(Debug)]
pub(crate) struct Begun {
    stream: Connection,
    first: Option<u8>,
}

impl Begun {
    const fn new(stream: Connection, first: Option<u8>) -> Self {
        Self { stream, first }
    }
}

impl AsyncRead for Begun {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if out.remaining() > 0
            && let Some(first) = self.first.take()
        {
            out.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, out)
    }
}

impl AsyncWrite for Begun {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
