//! Somebody who holds a room by WebSocket alone: gives commands and hears what happens, without sound and picture.

use std::collections::VecDeque;
use std::time::Instant;

use anyhow::bail;
use protocol::client::{ClientFrame, Command, Refusal, Resume, ServerFrame, Welcome};
use protocol::media::Profile;

use crate::participant::{enter, next, resume, said_goodbye, send};
use crate::server::{Server, WebSocket};

/// Somebody in the room, most usefully its chair.
#[derive(Debug)]
pub struct Chair {
    socket: WebSocket,
    last_command: u64,
    last_seq: u64,
    welcome: Box<Welcome>,
    /// Heard while waiting for an answer, and not asked for yet.
    unheard: VecDeque<(Instant, ServerFrame)>,
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
            last_seq: welcome.seq,
            welcome,
            unheard: VecDeque::new(),
        })
    }

    /// Comes back after the connection was lost, as the same page: goes on behind the last event that it heard.
    ///
    /// # Errors
    /// As [`Chair::enter`].
    pub async fn come_back(
        &mut self,
        server: &Server,
        session: &str,
        token: &str,
    ) -> anyhow::Result<()> {
        let proof = Resume {
            token: self.welcome.resume_token.clone(),
            last_seq: self.last_seq,
        };
        let (socket, welcome) = resume(server, session, token, Profile::Desk, Some(proof)).await?;
        self.socket = socket;
        self.last_command = self.last_command.max(welcome.last_command_id);
        self.last_seq = welcome.seq;
        self.welcome = welcome;
        Ok(())
    }

    /// How the room was on entering, or what was missed until it came back.
    #[must_use]
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// A number for the next command; never given twice.
    pub fn next_id(&mut self) -> u64 {
        self.last_command += 1;
        self.last_command
    }

    /// Gives a command and waits for the answer. What is said before it is kept for [`Chair::hears`].
    ///
    /// # Errors
    /// When it is refused, or the connection ends.
    pub async fn command(&mut self, command: Command) -> anyhow::Result<()> {
        let id = self.next_id();
        match self.ask(id, command).await? {
            Some(refusal) => bail!("the server refused it: {refusal:?}"),
            None => Ok(()),
        }
    }

    /// Gives a command under a number, which a page that came back does again for one whose answer it never got. Why it
    /// was refused, if it was. What is said before that is kept.
    ///
    /// # Errors
    /// When the connection ends.
    pub async fn ask(
        &mut self,
        command_id: u64,
        command: Command,
    ) -> anyhow::Result<Option<Refusal>> {
        let frame = ClientFrame::Command {
            id: command_id,
            command,
        };
        send(&mut self.socket, &frame).await?;
        loop {
            match self.read().await? {
                (_, ServerFrame::Reply { id, refusal }) if id == command_id => return Ok(refusal),
                (at, ServerFrame::Bye { reason }) => {
                    let error = said_goodbye(&reason);
                    self.unheard.push_back((at, ServerFrame::Bye { reason }));
                    return Err(error);
                }
                heard => self.unheard.push_back(heard),
            }
        }
    }

    /// What the server said next, and when.
    ///
    /// # Errors
    /// When the connection ends.
    pub async fn hear(&mut self) -> anyhow::Result<(Instant, ServerFrame)> {
        match self.unheard() {
            Some(heard) => Ok(heard),
            None => self.read().await,
        }
    }

    /// What was said and is not asked for yet, also when the connection has ended.
    pub fn unheard(&mut self) -> Option<(Instant, ServerFrame)> {
        self.unheard.pop_front()
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
            let (_, frame) = self.hear().await?;
            if let Some(found) = wanted(&frame) {
                return Ok(found);
            }
            if let ServerFrame::Bye { reason } = frame {
                return Err(said_goodbye(&reason));
            }
        }
    }

    async fn read(&mut self) -> anyhow::Result<(Instant, ServerFrame)> {
        let frame = next(&mut self.socket).await?;
        if let ServerFrame::Event(event) = &frame {
            self.last_seq = event.seq;
        }
        Ok((Instant::now(), frame))
    }
}
