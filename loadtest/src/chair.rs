//! Somebody who holds a room by WebSocket alone: gives commands and hears what happens, without sound and picture.

use std::collections::VecDeque;

use anyhow::bail;
use protocol::client::{ClientFrame, Command, ServerFrame, Welcome};
use protocol::media::Profile;

use crate::participant::{enter, next, said_goodbye, send};
use crate::server::{Server, WebSocket};

/// Somebody in the room, most usefully its chair.
#[derive(Debug)]
pub struct Chair {
    socket: WebSocket,
    last_command: u64,
    welcome: Box<Welcome>,
    /// Heard while waiting for an answer, and not asked for yet.
    unheard: VecDeque<ServerFrame>,
}

impl Chair {
    /// Enters a room with a token.
    ///
    /// # Errors
    /// When the server cannot be reached, or says goodbye.
    pub async fn enter(server: &Server, session: &str, token: &str) -> anyhow::Result<Self> {
        let (socket, welcome) = enter(server, session, token, Profile::Desk).await?;
        Ok(Self {
            socket,
            last_command: welcome.last_command_id,
            welcome,
            unheard: VecDeque::new(),
        })
    }

    /// How the room was on entering.
    #[must_use]
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// Gives a command and waits for the answer. What is said before it is kept for [`Chair::hears`].
    ///
    /// # Errors
    /// When it is refused, or the connection ends.
    pub async fn command(&mut self, command: Command) -> anyhow::Result<()> {
        self.last_command += 1;
        let command_id = self.last_command;
        let frame = ClientFrame::Command {
            id: command_id,
            command,
        };
        send(&mut self.socket, &frame).await?;
        loop {
            match next(&mut self.socket).await? {
                ServerFrame::Reply { id, refusal } if id == command_id => {
                    return match refusal {
                        Some(refusal) => bail!("the server refused it: {refusal:?}"),
                        None => Ok(()),
                    };
                }
                ServerFrame::Bye { reason } => return Err(said_goodbye(&reason)),
                frame => self.unheard.push_back(frame),
            }
        }
    }

    /// Waits until `wanted` finds something in what the server says; what it does not want is gone.
    ///
    /// # Errors
    /// When the connection ends.
    pub async fn hears<T>(
        &mut self,
        wanted: impl Fn(&ServerFrame) -> Option<T>,
    ) -> anyhow::Result<T> {
        loop {
            let frame = match self.unheard.pop_front() {
                Some(frame) => frame,
                None => next(&mut self.socket).await?,
            };
            if let Some(found) = wanted(&frame) {
                return Ok(found);
            }
            if let ServerFrame::Bye { reason } = frame {
                return Err(said_goodbye(&reason));
            }
        }
    }
}
