//! The one listener's gate: after the handshake, what speaks STUN goes to the TURN server and all else to HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::server::TlsStream;

use crate::live::turn::{Turn, connection};
use crate::platform::tls::TURN;

/// What a TLS connection from the network carries, after the handshake.
type Connection = TlsStream<TcpStream>;

/// How long a connection of HTTP may carry nothing either way. A laptop that was switched off tells nobody; pages that
/// were only quiet open another without anybody noticing.
const IDLE: Duration = Duration::from_secs(300);

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
                return Ok((Begun::new(stream, None, IDLE), service));
            };
            let first = timeout(within, stream.read_u8()).await??;
            if first > 1 {
                return Ok((Begun::new(stream, Some(first), IDLE), service));
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
    said.is_some_and(|protocol| protocol != TURN)
}

/// A connection of which a byte may have been read already; it comes first. It ends when it carries nothing for too long.
#[derive(Debug)]
pub(crate) struct Begun<S = Connection> {
    stream: S,
    first: Option<u8>,
    /// How long it may carry nothing.
    idle: Duration,
    /// When something was last carried.
    carried: Instant,
    /// Fires at the earliest when that may be too long ago.
    due: Pin<Box<Sleep>>,
}

impl<S> Begun<S> {
    fn new(stream: S, first: Option<u8>, idle: Duration) -> Self {
        Self {
            stream,
            first,
            idle,
            carried: Instant::now(),
            due: Box::pin(sleep(idle)),
        }
    }

    /// What came of trying to carry something.
    fn carried<T>(
        &mut self,
        context: &mut Context<'_>,
        done: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.carried = Instant::now();
            return done;
        }
        while self.due.as_mut().poll(context).is_ready() {
            if self.carried.elapsed() >= self.idle {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let due = self.carried + self.idle;
            self.due.as_mut().reset(due);
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
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
        let done = Pin::new(&mut self.stream).poll_read(context, out);
        self.carried(context, done)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.carried(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.carried(context, done)
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt as _, duplex};

    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(3_600);

    #[tokio::test]
    async fn connection_that_carries_nothing_any_more_ends() {
        let (mut far, near) = duplex(16);
        let mut near = Begun::new(near, Some(b'G'), SOON);
        far.write_u8(b'E').await.unwrap();
        assert_eq!(near.read_u8().await.unwrap(), b'G');
        assert_eq!(near.read_u8().await.unwrap(), b'E');
        let ended = near.read_u8().await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn connection_whose_far_end_reads_nothing_ends_too() {
        let (_far, near) = duplex(16);
        let mut near = Begun::new(near, None, SOON);
        let ended = near.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn time_counts_from_what_was_carried_last() {
        let (mut far, near) = duplex(16);
        let mut near = Begun::new(near, None, LATE);
        // The timer of before is due; what was carried since is not an hour ago.
        near.due.as_mut().reset(Instant::now());
        let read = near.read_u8();
        let (read, ()) = tokio::join!(read, async { far.write_u8(b'E').await.unwrap() });
        assert_eq!(read.unwrap(), b'E');
    }
}
