//! A WebSocket of somebody who says what no page would say.

use std::time::Duration;

use anyhow::Context;
use futures_util::SinkExt as _;
use protocol::client::{ByeReason, ClientFrame, Command, Refusal, Resume, ServerFrame, Welcome};
use protocol::media::Profile;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::PATIENCE;
use crate::participant::{hello, next, said_goodbye, send};
use crate::server::{Credential, Refused, Server, WebSocket};

/// How long a connection whose right has ended is listened to.
const LISTEN: Duration = Duration::from_secs(3);

/// A connection to a room.
#[derive(Debug)]
pub(super) struct Line {
    socket: WebSocket,
    pub(super) welcome: Box<Welcome>,
    last_command: u64,
}

/// Why somebody was not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turned {
    /// Before the WebSocket was open.
    AtTheDoor(Refused),
    /// By the room.
    Away(ByeReason),
}

impl Line {
    /// Comes in.
    ///
    /// # Errors
    /// When the server cannot be reached, or hangs up without a word.
    pub(super) async fn open(
        server: &Server,
        session: &str,
        shown: &Credential,
        resume: Option<Resume>,
    ) -> anyhow::Result<Result<Self, Turned>> {
        let mut socket = match server.dial(session, shown).await? {
            Ok(socket) => socket,
            Err(refused) => return Ok(Err(Turned::AtTheDoor(refused))),
        };
        send(&mut socket, &hello(Profile::Desk, resume)).await?;
        loop {
            match heard(&mut socket).await? {
                ServerFrame::Welcome(welcome) => {
                    return Ok(Ok(Self {
                        socket,
                        last_command: welcome.last_command_id,
                        welcome,
                    }));
                }
                ServerFrame::Bye { reason } => return Ok(Err(Turned::Away(reason))),
                _ => {}
            }
        }
    }

    /// Gives a command: why it was refused, if it was.
    ///
    /// # Errors
    /// When the connection ends.
    pub(super) async fn ask(&mut self, command: Command) -> anyhow::Result<Option<Refusal>> {
        let asked = self.say(command).await?;
        loop {
            match heard(&mut self.socket).await? {
                ServerFrame::Reply { id, refusal } if id == asked => return Ok(refusal),
                ServerFrame::Bye { reason } => return Err(said_goodbye(&reason)),
                _ => {}
            }
        }
    }

    /// Gives a command without waiting for its answer: its number.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(super) async fn say(&mut self, command: Command) -> anyhow::Result<u64> {
        self.last_command += 1;
        let id = self.last_command;
        send(&mut self.socket, &ClientFrame::Command { id, command }).await?;
        Ok(id)
    }

    /// Says whatever it is.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(super) async fn say_text(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// The next frame.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(super) async fn hear(&mut self) -> anyhow::Result<ServerFrame> {
        heard(&mut self.socket).await
    }

    /// Waits for the good-bye.
    ///
    /// # Errors
    /// When the connection ends without, or never.
    pub(super) async fn bye(&mut self) -> anyhow::Result<ByeReason> {
        let bye = async {
            loop {
                if let ServerFrame::Bye { reason } = next(&mut self.socket).await? {
                    return Ok(reason);
                }
            }
        };
        timeout(PATIENCE, bye).await.context("no good-bye")?
    }

    /// Gives commands to a server that has said good-bye: what it did all the same.
    pub(super) async fn insist(mut self, commands: Vec<Command>) -> Vec<String> {
        for command in commands {
            // The server may have hung up, which is right.
            if self.say(command).await.is_err() {
                return Vec::new();
            }
        }
        done(&mut self.socket).await
    }

    /// Opens a connection and gives commands at once, whatever the room says to the hello: what it did. None when the
    /// door is shut.
    pub(super) async fn burst_in(
        server: &Server,
        session: &str,
        shown: &Credential,
        resume: Option<Resume>,
        commands: Vec<Command>,
    ) -> anyhow::Result<Result<Vec<String>, Refused>> {
        let mut socket = match server.dial(session, shown).await? {
            Ok(socket) => socket,
            Err(refused) => return Ok(Err(refused)),
        };
        send(&mut socket, &hello(Profile::Desk, resume)).await?;
        for (id, command) in (1..).zip(commands) {
            if send(&mut socket, &ClientFrame::Command { id, command })
                .await
                .is_err()
            {
                break;
            }
        }
        Ok(Ok(done(&mut socket).await))
    }
}

async fn heard(socket: &mut WebSocket) -> anyhow::Result<ServerFrame> {
    timeout(PATIENCE, next(socket))
        .await
        .context("the server says nothing")?
}

/// What a connection without a right still gets, until it is closed.
async fn done(socket: &mut WebSocket) -> Vec<String> {
    let mut done = Vec::new();
    let listening = async {
        while let Ok(frame) = next(socket).await {
            match frame {
                ServerFrame::Welcome(_) => done.push("was welcomed".to_owned()),
                ServerFrame::Reply { id, refusal: None } => {
                    done.push(format!("had command {id} done"));
                }
                ServerFrame::Event(_) | ServerFrame::Media { .. } | ServerFrame::Chat { .. } => {
                    done.push("hears what happens".to_owned());
                }
                _ => {}
            }
        }
    };
    // One that stays open is no fault while nothing comes through.
    let _ = timeout(LISTEN, listening).await;
    done
}
