//! A connection to a Unix socket that comes back by itself.
//!
//! ```text
//! due ─► connecting ─► up ── broke, hung up ──┐
//!  ▲         └── nobody answers ─► waiting ◄──┘
//!  └──────────────────────────────────┘
//! ```

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::Sleep;

/// The first and the longest wait between attempts to connect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Bytes that are read at once.
const READ: usize = 256 * 1024;

/// What happens on a connection.
#[derive(Debug)]
pub(crate) enum Happened {
    /// It is up, for the first time or again.
    Connected,
    /// There is more in [`Connection::heard`].
    Heard,
    /// The connection is gone; it is tried again after a pause.
    Broke(io::Error),
}

/// The connection, or the wait for it.
pub(crate) struct Connection {
    socket: PathBuf,
    /// What is said first on each connection.
    hello: Vec<u8>,
    state: State,
    wait: Duration,
    /// What came and was not taken yet.
    pub(crate) heard: Vec<u8>,
    unwritten: Vec<u8>,
}

enum State {
    Due,
    Connecting(Pin<Box<dyn Future<Output = io::Result<UnixStream>> + Send>>),
    Up(UnixStream),
    Waiting(Pin<Box<Sleep>>),
}

impl Connection {
    /// A connection to a socket. It connects when it is polled.
    pub(crate) fn new(socket: PathBuf, hello: Vec<u8>) -> Self {
        Self {
            socket,
            hello,
            state: State::Due,
            wait: BACKOFF.0,
            heard: Vec::new(),
            unwritten: Vec::new(),
        }
    }

    /// Whether it is connected at present.
    pub(crate) const fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// Says something; it goes out with the next polls, and nowhere while the connection is not up.
    pub(crate) fn say(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.is_up() {
            write(&mut self.unwritten);
        }
    }

    /// What was heard is of our version: when this connection breaks, the next is tried soon.
    pub(crate) const fn greeted(&mut self) {
        self.wait = BACKOFF.0;
    }

    /// Hangs up; the connection comes back.
    pub(crate) fn hang_up(&mut self) {
        self.state = State::Waiting(Box::pin(tokio::time::sleep(self.wait)));
        self.wait = (self.wait * 2).min(BACKOFF.1);
    }

    /// Waits until something happens, writing meanwhile. Nothing is lost when it is asked again later.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        loop {
            match &mut self.state {
                State::Due => {
                    let socket = self.socket.clone();
                    self.state = State::Connecting(Box::pin(UnixStream::connect(socket)));
                }
                State::Connecting(attempt) => match ready!(attempt.as_mut().poll(cx)) {
                    Ok(stream) => {
                        self.heard.clear();
                        self.unwritten.clone_from(&self.hello);
                        self.state = State::Up(stream);
                        return Poll::Ready(Happened::Connected);
                    }
                    Err(error) => {
                        let socket = self.socket.display();
                        tracing::debug!(%error, %socket, "nobody answers yet");
                        self.hang_up();
                    }
                },
                State::Up(stream) => {
                    write(stream, &mut self.unwritten, cx);
                    return match ready!(read(stream, &mut self.heard, cx)) {
                        Ok(()) => Poll::Ready(Happened::Heard),
                        Err(cause) => {
                            self.hang_up();
                            Poll::Ready(Happened::Broke(cause))
                        }
                    };
                }
                State::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(cx));
                    self.state = State::Due;
                }
            }
        }
    }

    /// Writes what is left to be said, as long as the other end takes it.
    pub(crate) async fn flush(&mut self) {
        std::future::poll_fn(|cx| {
            let State::Up(stream) = &mut self.state else {
                return Poll::Ready(());
            };
            write(stream, &mut self.unwritten, cx);
            if self.unwritten.is_empty() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Writes what the socket takes. An end that does not listen any more is found out by reading.
fn write(stream: &UnixStream, bytes: &mut Vec<u8>, cx: &mut Context<'_>) {
    while !bytes.is_empty() && stream.poll_write_ready(cx).is_ready() {
        match stream.try_write(bytes) {
            Ok(count) => drop(bytes.drain(..count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => bytes.clear(),
        }
    }
}

fn read(stream: &UnixStream, bytes: &mut Vec<u8>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        bytes.reserve(READ);
        match stream.try_read_buf(bytes) {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => return Poll::Ready(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}
