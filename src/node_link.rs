//! The control link between signaling and an SFU in another process of the same machine: a Unix socket in the data
//! folder, on which the two channels of the in-process link travel as frames ([`protocol::frame`]).
//!
//! Kind 2 is a [`SfuCommand`], 3 a [`SfuEvent`], both as JSON. The folder's permissions are the only credential, so the
//! link never leaves the machine.

use std::path::Path;

use anyhow::{Context, bail};
use protocol::frame::{self, MAX_FRAME_BYTES};
use protocol::sfu::{SfuCommand, SfuEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const KIND_COMMAND: u8 = 2;
const KIND_EVENT: u8 = 3;

/// Messages that may wait in either direction.
const QUEUE: usize = 4096;

/// The SFU's ends of the two channels.
#[derive(Debug)]
pub(crate) struct SfuSide {
    /// Into the SFU.
    pub(crate) commands: mpsc::Sender<SfuCommand>,
    /// Out of the SFU.
    pub(crate) events: mpsc::Receiver<SfuEvent>,
}

/// Signaling's ends of the two channels.
#[derive(Debug)]
pub(crate) struct SignalingSide {
    /// To the SFU.
    pub(crate) commands: mpsc::Sender<SfuCommand>,
    /// From the SFU.
    pub(crate) events: mpsc::Receiver<SfuEvent>,
}

/// Serves the SFU on a socket, one signaling process at a time, until `shutdown`.
///
/// # Errors
/// When the socket fails.
pub(crate) async fn serve(
    socket: std::os::unix::net::UnixListener,
    mut sfu: SfuSide,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    socket.set_nonblocking(true)?;
    let listener = UnixListener::from_std(socket)?;
    loop {
        let stream = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted.context("the SFU's socket failed")?.0,
        };
        tracing::info!("signaling connected to this SFU");
        let carried = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            carried = carry_sfu(stream, &mut sfu) => carried,
        };
        if let Err(error) = carried {
            tracing::warn!(%error, "the link to signaling broke");
        }
    }
}

async fn carry_sfu(stream: UnixStream, sfu: &mut SfuSide) -> anyhow::Result<()> {
    let (mut from_signaling, mut to_signaling) = stream.into_split();
    let commands = sfu.commands.clone();
    let inward = async move {
        while let Some((kind, body)) = read_frame(&mut from_signaling).await? {
            if kind != KIND_COMMAND {
                bail!("a frame of kind {kind} from signaling");
            }
            commands
                .send(serde_json::from_slice(&body)?)
                .await
                .context("the SFU stopped")?;
        }
        Ok(())
    };
    let outward = async {
        let mut bytes = Vec::new();
        while let Some(event) = sfu.events.recv().await {
            bytes.clear();
            encode_json(KIND_EVENT, &event, &mut bytes)?;
            to_signaling.write_all(&bytes).await?;
        }
        Ok(())
    };
    tokio::select! { ended = inward => ended, ended = outward => ended }
}

/// Connects signaling to the SFU on the socket `path`; the channels close when the link breaks.
///
/// # Errors
/// When nobody listens there.
pub(crate) async fn connect(path: &Path) -> anyhow::Result<SignalingSide> {
    let stream = UnixStream::connect(path)
        .await
        .with_context(|| format!("no SFU listens on {}", path.display()))?;
    let (mut from_sfu, mut to_sfu) = stream.into_split();
    let (commands, mut commands_out) = mpsc::channel::<SfuCommand>(QUEUE);
    let (events_in, events) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let mut bytes = Vec::new();
        while let Some(command) = commands_out.recv().await {
            bytes.clear();
            if encode_json(KIND_COMMAND, &command, &mut bytes).is_err()
                || to_sfu.write_all(&bytes).await.is_err()
            {
                return;
            }
        }
    });
    tokio::spawn(async move {
        let carried: anyhow::Result<()> = async {
            while let Some((kind, body)) = read_frame(&mut from_sfu).await? {
                if kind != KIND_EVENT {
                    bail!("a frame of kind {kind} from the SFU");
                }
                events_in.send(serde_json::from_slice(&body)?).await?;
            }
            Ok(())
        }
        .await;
        if let Err(error) = carried {
            tracing::warn!(%error, "the link to the SFU broke");
        }
    });
    Ok(SignalingSide { commands, events })
}

fn encode_json(kind: u8, message: &impl serde::Serialize, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let body = serde_json::to_vec(message)?;
    frame::encode(kind, out, |out| out.extend_from_slice(&body));
    Ok(())
}

/// Reads one frame: its kind and body, or `None` at the end of the stream.
async fn read_frame(
    stream: &mut (impl AsyncReadExt + Unpin),
) -> anyhow::Result<Option<(u8, Vec<u8>)>> {
    let length = match stream.read_u32_le().await {
        Ok(length) => length as usize,
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    if length == 0 || length > MAX_FRAME_BYTES {
        bail!("a frame of {length} bytes");
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    let body = frame.split_off(1);
    Ok(Some((frame[0], body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::media::DisconnectReason;
    use protocol::{ParticipantId, RoomId};
    use uuid::Uuid;

    #[tokio::test]
    async fn commands_and_events_cross_the_socket() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sfu.sock");
        let (commands, mut received) = mpsc::channel(4);
        let (events_out, events) = mpsc::channel(4);
        let shutdown = CancellationToken::new();
        let socket = std::os::unix::net::UnixListener::bind(&path).expect("bound");
        let side = SfuSide { commands, events };
        let server = tokio::spawn(serve(socket, side, shutdown.clone()));
        let mut signaling = connect(&path).await.expect("the link");
        let (room, participant) = (
            RoomId::from(Uuid::from_u128(1)),
            ParticipantId::from(Uuid::from_u128(2)),
        );
        let leave = SfuCommand::Leave { room, participant };
        signaling
            .commands
            .send(leave.clone())
            .await
            .expect("the link");
        assert_eq!(received.recv().await, Some(leave));

        let gone = SfuEvent::Disconnected {
            room,
            participant,
            reason: DisconnectReason::Lost,
            detail: None,
        };
        events_out.send(gone.clone()).await.expect("the link");
        assert_eq!(signaling.events.recv().await, Some(gone));
        shutdown.cancel();
        server.await.expect("no panic").expect("a clean stop");
    }
}
