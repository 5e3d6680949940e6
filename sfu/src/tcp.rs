//! ICE over TCP (RFC 6544), passive: clients connect to the media port and send frames (RFC 4571).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use crate::socket::canonical;

/// Connections that one shard takes; more than it can serve peers.
const MAX_CONNECTIONS: usize = 1024;

/// Frames that may wait for one client, half a second of HD; later ones are dropped, as a full router would.
const CLIENT_QUEUE: usize = 256;

/// A connection on which nothing comes for this long is closed: ICE checks come every few seconds.
const SILENCE: Duration = Duration::from_secs(30);

/// What happens on TCP connections, for the shard.
#[derive(Debug)]
pub(crate) enum TcpEvent {
    /// A client connected; its frames are sent through the sender.
    Opened {
        client: SocketAddr,
        frames: Sender<Vec<u8>>,
    },
    /// A frame came.
    Frame {
        client: SocketAddr,
        own: SocketAddr,
        payload: Vec<u8>,
    },
    /// The connection is over.
    Closed { client: SocketAddr },
}

/// Accepts connections until the shard is gone.
pub(crate) async fn accept(listener: TcpListener, events: Sender<TcpEvent>) {
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, client)) => {
                let events = events.clone();
                tokio::spawn(async move {
                    serve(stream, canonical(client), events).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file handles, most likely; others may end meanwhile.
                tracing::warn!(%error, "a TCP connection was not accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        if events.is_closed() {
            return;
        }
    }
}

async fn serve(stream: TcpStream, client: SocketAddr, events: Sender<TcpEvent>) {
    let Ok(own) = stream.local_addr().map(canonical) else {
        return;
    };
    // Media must not wait for more to fill a segment.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (sender, frames) = channel(CLIENT_QUEUE);
    let opened = TcpEvent::Opened {
        client,
        frames: sender,
    };
    if events.send(opened).await.is_err() {
        return;
    }
    tokio::select! {
        () = read_frames(reader, client, own, &events) => {}
        () = write_frames(writer, frames) => {}
    }
    // The shard may be gone already.
    let _ = events.send(TcpEvent::Closed { client }).await;
}

async fn read_frames(
    mut reader: OwnedReadHalf,
    client: SocketAddr,
    own: SocketAddr,
    events: &Sender<TcpEvent>,
) {
    loop {
        let Ok(Ok(payload)) = timeout(SILENCE, next_frame(&mut reader)).await else {
            return;
        };
        let frame = TcpEvent::Frame {
            client,
            own,
            payload,
        };
        if events.send(frame).await.is_err() {
            return;
        }
    }
}

/// Reads a length and as many bytes.
pub(crate) async fn next_frame(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = reader.read_u16().await?;
    let mut payload = vec![0; usize::from(length)];
    reader.read_exact(&mut payload).await?;
    Ok(payload)
}

async fn write_frames(mut writer: OwnedWriteHalf, mut frames: Receiver<Vec<u8>>) {
    let mut bytes = Vec::new();
    while let Some(frame) = frames.recv().await {
        bytes.clear();
        append_frame(&mut bytes, &frame);
        // Whatever else waits goes out in the same call.
        while let Ok(frame) = frames.try_recv() {
            append_frame(&mut bytes, &frame);
        }
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Appends a frame with its length in front; one that is too long for the length is left out.
pub(crate) fn append_frame(bytes: &mut Vec<u8>, frame: &[u8]) {
    if let Ok(length) = u16::try_from(frame.len()) {
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(frame);
    }
}
