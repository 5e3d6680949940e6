//! A line: a connection to a room, apart from whatever carries it. The WebSocket, WHIP and WHEP each hold one; what comes
//! by telephone or from another system would too.
//!
//! ```text
//!  who comes ─► Line::participate ─┐                       ┌─► Line::command ─► room task
//!               Line::watch ───────┴─► (Line, its frames) ─┤
//!                                                          └── frames ◄─────── room task
//! ```
//!
//! A line that is dropped is lost: the room holds the seat, or forgets the viewer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::HeaderMap;
use protocol::ParticipantId;
use protocol::client::{Command, IceServer, JournalTrouble};
use protocol::media::Profile;
use signaling_core::{ConnectionId, ResumeClaim};
use tokio::sync::mpsc;

use super::entry::{self, Entry};
use super::participants;
use super::presence::Proof;
use super::room_task::{CLIENT_MAILBOX, Client, RoomMessage, ToClient};
use super::rooms::OpenError;
use crate::platform::database::{StoreError, new_id};
use crate::{AppState, Clock};

/// A connection to a room.
#[derive(Debug)]
pub(crate) struct Line {
    connection: ConnectionId,
    room: mpsc::Sender<RoomMessage>,
    /// The mailbox of what the room says; closed once the room has dropped the line.
    mailbox: mpsc::WeakSender<ToClient>,
    heard: Arc<AtomicI64>,
    clock: Clock,
}

/// What the room says on a line, in order. It ends when the room drops the line.
pub(crate) type Frames = mpsc::Receiver<ToClient>;

/// A line that was let in: what the room says on it, and what helps its media through firewalls.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) line: Line,
    pub(crate) frames: Frames,
    pub(crate) ice_servers: Vec<IceServer>,
}

/// As what somebody takes part.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) profile: Profile,
    pub(crate) resume: Option<ResumeClaim>,
    /// Whether another page or device of the same participant gives way.
    pub(crate) take_over: bool,
    /// What shows that it is there.
    pub(crate) proof: Proof,
}

/// Why there is no line.
#[derive(Debug)]
pub(crate) enum NoLine {
    /// There is no such session.
    Unknown,
    /// Its room is closed for good.
    Over,
    /// The server stops.
    Stopping,
    /// What is said cannot be kept at the moment.
    NotSaved(JournalTrouble),
    /// The database failed.
    Store(StoreError),
}

impl From<OpenError> for NoLine {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unknown => Self::Unknown,
            OpenError::Over => Self::Over,
            OpenError::Stopping => Self::Stopping,
            OpenError::NotSaved(trouble) => Self::NotSaved(trouble),
            OpenError::Store(cause) => Self::Store(cause),
        }
    }
}

impl From<StoreError> for NoLine {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

/// The room has ended.
#[derive(Debug)]
pub(crate) struct Gone;

impl Line {
    /// Comes into the room as a participant. The room answers on the line, with a welcome or a good-bye.
    ///
    /// # Errors
    /// Why the room cannot be entered.
    pub(crate) async fn participate(
        state: &AppState,
        headers: &HeaderMap,
        entry: &Entry,
        part: Part,
    ) -> Result<Opened, NoLine> {
        let room = state.rooms.open(entry.session.id).await?;
        let joiner = entry::enter(state, entry).await?;
        // The cause is in the log.
        let token = entry::resume_token().map_err(|_| NoLine::Stopping)?;
        let ice_servers = entry::ice_servers(state, headers, joiner.participant);
        let (line, frames, mut client) = Self::new(state, room.mailbox, entry, part.proof);
        client.ice_servers.clone_from(&ice_servers);
        let message = RoomMessage::Join {
            connection: line.connection,
            joiner: Box::new(joiner),
            profile: part.profile,
            resume: part.resume,
            take_over: part.take_over,
            token,
            client,
        };
        line.tell(message).await.map_err(|Gone| NoLine::Over)?;
        Ok(Opened {
            line,
            frames,
            ice_servers,
        })
    }

    /// Comes into the room as an anonymous viewer.
    ///
    /// # Errors
    /// Why the room cannot be entered.
    pub(crate) async fn watch(
        state: &AppState,
        headers: &HeaderMap,
        entry: &Entry,
    ) -> Result<Opened, NoLine> {
        let room = state.rooms.open(entry.session.id).await?;
        let viewer = ParticipantId(new_id());
        let mut conn = state.store.read().await?;
        let identity = &entry.entrant.identity;
        let person = participants::by_identity(&mut conn, entry.session.id, identity).await?;
        drop(conn);
        let (line, frames, client) = Self::new(state, room.mailbox, entry, Proof::Media);
        let message = RoomMessage::Watch {
            connection: line.connection,
            viewer,
            person,
            client,
        };
        line.tell(message).await.map_err(|Gone| NoLine::Over)?;
        Ok(Opened {
            line,
            frames,
            ice_servers: entry::ice_servers(state, headers, viewer),
        })
    }

    fn new(
        state: &AppState,
        room: mpsc::Sender<RoomMessage>,
        entry: &Entry,
        proof: Proof,
    ) -> (Self, Frames, Client) {
        let (out, frames) = mpsc::channel(CLIENT_MAILBOX);
        let line = Self {
            connection: state.rooms.next_connection(),
            room,
            mailbox: out.downgrade(),
            heard: Arc::new(AtomicI64::new(state.clock.mono().0)),
            clock: state.clock.clone(),
        };
        let client = Client {
            out,
            heard: Arc::clone(&line.heard),
            proof,
            ice_servers: Vec::new(),
            pass: entry.pass.clone(),
        };
        (line, frames, client)
    }

    /// Hands the room a command. The answer comes on the line.
    ///
    /// # Errors
    /// The room has ended.
    pub(crate) async fn command(&self, id: u64, command: Command) -> Result<(), Gone> {
        let connection = self.connection;
        self.tell(RoomMessage::Command {
            connection,
            id,
            command,
        })
        .await
    }

    /// Notes a sign of life.
    pub(crate) fn is_alive(&self) {
        self.heard.store(self.clock.mono().0, Ordering::Relaxed);
    }

    /// Says something on the line beside what the room says: an answer to what the room never saw.
    pub(crate) async fn answer(&self, frame: ToClient) {
        if let Some(mailbox) = self.mailbox.upgrade() {
            // Whoever has stopped listening has said good-bye.
            let _ = mailbox.send(frame).await;
        }
    }

    /// The connection broke. Dropping the line says so too, a little later.
    pub(crate) async fn lost(&self) {
        let connection = self.connection;
        // A room that has ended knows no connections.
        let _ = self.tell(RoomMessage::Lost { connection }).await;
    }

    async fn tell(&self, message: RoomMessage) -> Result<(), Gone> {
        self.room.send(message).await.map_err(|_| Gone)
    }
}

impl Drop for Line {
    /// A line that is not attended to any more is lost; one that has left is not known any more, which does no harm.
    fn drop(&mut self) {
        let (room, connection) = (self.room.clone(), self.connection);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // A room that has ended knows no connections.
                let _ = room.send(RoomMessage::Lost { connection }).await;
            });
        }
    }
}
