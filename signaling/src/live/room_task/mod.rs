//! One task per live room: sockets, SFU and timers in, [`signaling_core::Room`] decides, effects out.

mod reports;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use protocol::client::{
    ByeReason, CHAT_LINES, ChairEvent, Command, ConnectionState, Event, FloorEvent, IceServer,
    LinkReport, MediaMessage, RosterCommand, RosterEvent, ServerFrame,
};
use protocol::sfu::SfuEvent;
use protocol::{ParticipantId, PointId, SessionId};
use signaling_core::{
    ChatPage, ConnectionId, Done, Input, Joiner, JournalEntry, Mono, Output, Plan, RecorderReport,
    ResumeClaim, ResumeToken, Room, Work,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::access::revocations::Mark;
use crate::live::board::Board;
use crate::live::entry::{Doubted, Pass, Standing};
use crate::live::journal;
use crate::live::journal::writer::{JournalWriter, OnDisk, Write};
use crate::live::narration::Narration;
use crate::live::presence::Proof;
use crate::live::sfu_link::SfuHandle;
use crate::live::visits::{PROVE_EVERY, Visits};
use crate::platform::database::{StoreResult, new_id};
use crate::platform::lock::lock;
use crate::{Clock, Store};

/// Messages of people that wait for a room. A full mailbox slows the people down, not the room.
pub(crate) const MAILBOX: usize = 1_024;

/// Reports of the SFU that wait for a room. Each is superseded by a later one of its kind; beyond this they are dropped.
pub(crate) const SFU_MAILBOX: usize = 4_096;

/// Frames that wait for one client. One who lets more pile up is told `TooSlow` and may resume.
pub(crate) const CLIENT_MAILBOX: usize = 512;

/// What reaches a client's own task.
#[derive(Debug)]
pub(crate) enum ToClient {
    /// A frame that went to several, already as JSON.
    Text(Utf8Bytes),
    /// A frame for this client alone. After `Bye` comes nothing more.
    Frame(Box<ServerFrame>),
    /// How often it gets signs of life from now on.
    Pace(Duration),
}

/// The room's end of a client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Dropped when the client is too slow.
    pub(crate) out: mpsc::Sender<ToClient>,
    /// When something last came from it, as [`Mono`].
    pub(crate) heard: Arc<AtomicI64>,
    /// What shows that it is there.
    pub(crate) proof: Proof,
    /// What it is told with its `Welcome`.
    pub(crate) ice_servers: Vec<IceServer>,
    /// What its being here rests on.
    pub(crate) pass: Pass,
}

/// What a room is told.
#[derive(Debug)]
pub(crate) enum RoomMessage {
    /// A participant connects.
    Join {
        connection: ConnectionId,
        joiner: Box<Joiner>,
        profile: protocol::media::Profile,
        resume: Option<ResumeClaim>,
        /// Whether another page or device of the same participant gives way.
        take_over: bool,
        token: ResumeToken,
        client: Client,
    },
    /// An anonymous viewer connects.
    Watch {
        connection: ConnectionId,
        viewer: ParticipantId,
        /// The participant that the same person is here, if they ever took part.
        person: Option<ParticipantId>,
        client: Client,
    },
    /// A client asks.
    Command {
        connection: ConnectionId,
        id: u64,
        command: Command,
    },
    /// A connection is gone.
    Lost { connection: ConnectionId },
    /// What the room waited for is there.
    Done(Done),
    /// The recorder reports.
    Recorder(RecorderReport),
    /// Asks what those who are here, or have a seat held, are here by.
    Passes(oneshot::Sender<Vec<(ParticipantId, Pass)>>),
    /// Somebody's right to be here was taken away, or changed.
    Stands {
        participant: ParticipantId,
        standing: Standing,
    },
    /// Answers when everything that came before is done and given to the journal.
    Settle(oneshot::Sender<()>),
    /// How the session is planned since.
    Planned(Plan),
    /// Ends the session.
    End,
}

/// A room's means.
#[derive(Debug)]
pub(crate) struct Means {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) sfu: SfuHandle,
    pub(crate) journal: JournalWriter,
    pub(crate) board: Arc<Mutex<Board>>,
    /// The room's own mailbox, for answers that come later.
    pub(crate) mailbox: mpsc::WeakSender<RoomMessage>,
    /// How far the changes of rights have come.
    pub(crate) rights: watch::Receiver<Option<Mark>>,
    /// Where those are noted who were let in before they came so far.
    pub(crate) doubted: Doubted,
}

/// A live room and its effects.
pub(crate) struct RoomTask {
    room: Room,
    session: SessionId,
    means: Means,
    clients: HashMap<ConnectionId, (ParticipantId, Client)>,
    /// Of everybody who is here or has a seat held, as they came last.
    passes: BTreeMap<ParticipantId, Pass>,
    visits: Visits,
    /// How far its events are on disk, as the journal's writer tells.
    saved: Arc<watch::Sender<OnDisk>>,
    links: BTreeMap<ParticipantId, LinkReport>,
    deadline: Mono,
    ended: bool,
    narration: Narration,
}

impl RoomTask {
    pub(crate) fn new(room: Room, means: Means, narration: Narration) -> Self {
        Self {
            session: room.state().session().id,
            room,
            clients: HashMap::new(),
            passes: BTreeMap::new(),
            visits: Visits::new(means.journal.clone()),
            saved: Arc::new(watch::Sender::default()),
            narration,
            means,
            links: BTreeMap::new(),
            deadline: Mono::NEVER,
            ended: false,
        }
    }

    /// Runs until the session ends, the service stops, or nobody can reach the room any more.
    pub(crate) async fn run(
        mut self,
        mut mailbox: mpsc::Receiver<RoomMessage>,
        mut reports: mpsc::Receiver<SfuEvent>,
        shutdown: CancellationToken,
    ) {
        let mut prove = tokio::time::interval(PROVE_EVERY);
        prove.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut saved = self.saved.subscribe();
        let mut journal = self.means.journal.watch();
        journal.mark_changed();
        // A rebuilt room has things to say before anything happens to it.
        self.drain().await;
        while !self.ended {
            let wait = self.until_deadline();
            tokio::select! {
                message = mailbox.recv() => match message {
                    Some(message) => self.take(message).await,
                    None => break,
                },
                Some(report) = reports.recv() => self.report(report).await,
                Ok(()) = saved.changed() => {
                    let seq = saved.borrow_and_update().seq;
                    self.handle(Input::Saved { seq }).await;
                }
                Ok(()) = journal.changed() => {
                    let health = *journal.borrow_and_update();
                    self.handle(Input::Journal(health)).await;
                }
                _ = prove.tick() => self.prove(),
                () = tokio::time::sleep(wait) => self.handle(Input::Tick).await,
                () = shutdown.cancelled() => {
                    self.say_to_all(&ByeReason::ServerStopping);
                    break;
                }
            }
        }
        self.visits.end_all();
        if shutdown.is_cancelled() {
            self.means.journal.flush_for_good().await;
        } else if self.means.journal.failure().is_none() {
            // What cannot be saved at present is kept by the journal's writer.
            self.means.journal.flush().await;
        }
        *lock(&self.means.board) = Board::default();
        tracing::info!(session = %self.session, ended = self.ended, "a room closed");
    }

    /// How long nothing is due, at most a minute: planned times come sooner or later when somebody sets the clock.
    fn until_deadline(&self) -> Duration {
        let wait = self.deadline.since(self.means.clock.mono());
        wait.min(Duration::from_secs(60))
    }

    async fn take(&mut self, message: RoomMessage) {
        match message {
            RoomMessage::Join {
                connection,
                joiner,
                profile,
                resume,
                take_over,
                token,
                client,
            } => {
                let (participant, proof) = (joiner.participant, client.proof);
                let pass = client.pass.clone();
                self.clients.insert(connection, (participant, client));
                self.handle(Input::Connect {
                    connection,
                    joiner: *joiner,
                    profile,
                    resume,
                    take_over,
                    token,
                })
                .await;
                if self.clients.contains_key(&connection) {
                    let point = self.point_of(participant);
                    let now = self.means.clock.both();
                    self.keep_pass(participant, pass);
                    self.visits.begin(participant, point, proof, now);
                    self.set_pace(participant);
                }
            }
            RoomMessage::Watch {
                connection,
                viewer,
                person,
                client,
            } => {
                let pass = client.pass.clone();
                self.clients.insert(connection, (viewer, client));
                let input = Input::ConnectViewer {
                    connection,
                    viewer,
                    person,
                };
                self.handle(input).await;
                if self.clients.contains_key(&connection) {
                    self.keep_pass(viewer, pass);
                }
            }
            RoomMessage::Command {
                connection,
                id,
                command,
            } => {
                let removed = match command {
                    Command::Roster(RosterCommand::Remove { participant }) => Some(participant),
                    _ => None,
                };
                self.handle(Input::Command {
                    connection,
                    id,
                    command,
                    fresh: new_id(),
                })
                .await;
                if let Some(removed) = removed
                    && self.room.state().was_removed(removed)
                {
                    self.end_players_of(removed).await;
                }
            }
            RoomMessage::Lost { connection } => {
                self.note_last_sign(connection);
                self.clients.remove(&connection);
                self.handle(Input::ConnectionLost { connection }).await;
            }
            RoomMessage::Done(done) => self.handle(Input::Done(done)).await,
            RoomMessage::Recorder(report) => {
                let started = matches!(report, RecorderReport::Started(_));
                self.handle(Input::Recorder(report)).await;
                if started {
                    self.narration.begin(&self.room);
                }
            }
            RoomMessage::Passes(asked) => {
                let (room, clients) = (&self.room, &self.clients);
                self.passes.retain(|id, _| {
                    room.state().person(*id).is_some()
                        || clients.values().any(|(here, _)| here == id)
                });
                // Whoever asked may have gone.
                let _ = asked.send(self.passes.clone().into_iter().collect());
            }
            RoomMessage::Stands {
                participant,
                standing,
            } => match standing {
                Standing::Holds => {}
                Standing::Changed => self.handle(Input::AccessChanged { participant }).await,
                Standing::Ended => self.handle(Input::AccessEnded { participant }).await,
            },
            RoomMessage::Settle(settled) => {
                // Whoever asked may have gone.
                let _ = settled.send(());
            }
            RoomMessage::Planned(plan) => self.handle(Input::Planned(plan)).await,
            RoomMessage::End => self.handle(Input::End).await,
        }
    }

    /// Somebody is here by this. What was taken away between the door and here is asked for once more.
    fn keep_pass(&mut self, participant: ParticipantId, pass: Pass) {
        if !pass.is_as_of(*self.means.rights.borrow()) {
            lock(&self.means.doubted).push((self.session, participant, pass.clone()));
        }
        self.passes.insert(participant, pass);
    }

    /// Whoever was removed does not go on hearing by a player of their own.
    async fn end_players_of(&mut self, person: ParticipantId) {
        let Some(gone) = self.passes.remove(&person) else {
            return;
        };
        let players: Vec<ParticipantId> = self
            .passes
            .iter()
            .filter(|(_, pass)| pass.is_of_same_identity(&gone))
            .map(|(player, _)| *player)
            .collect();
        for player in players {
            self.handle(Input::AccessEnded {
                participant: player,
            })
            .await;
        }
    }

    async fn handle(&mut self, input: Input) {
        if self.ended {
            return;
        }
        self.room.handle(self.means.clock.both(), input);
        self.drain().await;
    }

    /// Carries out everything that the room wants, then treats clients that were too slow as lost.
    async fn drain(&mut self) {
        loop {
            let mut entries = Vec::new();
            let mut act = None;
            let mut writes = Vec::new();
            let mut slow = Vec::new();
            loop {
                match self.room.poll_output() {
                    Output::Send { to, frame } => {
                        if !self.send(to, frame) {
                            slow.push(to);
                        }
                    }
                    Output::SendAll { to, frame } => {
                        if let Ok(text) = serde_json::to_string(&ServerFrame::Event(frame)) {
                            let text = Utf8Bytes::from(text);
                            slow.extend(
                                to.into_iter()
                                    .filter(|to| !self.send_text(*to, text.clone())),
                            );
                        }
                    }
                    Output::Persist(entry) => entries.push(entry),
                    Output::Act(done) => act = Some(done),
                    Output::Remember { participant, hash } => {
                        writes.push(Write::ResumeToken { participant, hash });
                    }
                    Output::Media(command) => {
                        self.means.sfu.tell(command).await;
                    }
                    Output::Work(work) => self.begin(work).await,
                    Output::Record(command) => {
                        let now = self.means.clock.now();
                        writes.extend(self.narration.obey(&self.room, command, now));
                    }
                    Output::Ended => self.ended = true,
                    Output::Timeout(at) => {
                        self.deadline = at;
                        break;
                    }
                }
            }
            self.follow(&entries);
            let mut saved = None;
            if let Some(last) = entries.last() {
                saved = Some((Arc::clone(&self.saved), last.frame.seq));
                writes.push(Write::Events {
                    session: self.session,
                    entries,
                    act,
                });
            }
            self.means.journal.write_group(writes, saved);
            self.draw_board();
            if slow.is_empty() {
                return;
            }
            for connection in slow {
                tracing::warn!(session = %self.session, connection = connection.0, "a client reads too slowly");
                self.note_last_sign(connection);
                self.clients.remove(&connection);
                self.room.handle(
                    self.means.clock.both(),
                    Input::ConnectionLost { connection },
                );
            }
        }
    }

    /// False when the client's mailbox is full.
    fn send(&mut self, to: ConnectionId, mut frame: Box<ServerFrame>) -> bool {
        let last = matches!(*frame, ServerFrame::Bye { .. });
        let Some((_, client)) = self.clients.get(&to) else {
            return true;
        };
        if let ServerFrame::Welcome(welcome) = &mut *frame {
            welcome.ice_servers.clone_from(&client.ice_servers);
        }
        let full = matches!(
            client.out.try_send(ToClient::Frame(frame)),
            Err(mpsc::error::TrySendError::Full(_))
        );
        if last {
            self.note_last_sign(to);
            self.clients.remove(&to);
        }
        last || !full
    }

    fn send_text(&self, to: ConnectionId, text: Utf8Bytes) -> bool {
        self.clients.get(&to).is_none_or(|(_, client)| {
            !matches!(
                client.out.try_send(ToClient::Text(text)),
                Err(mpsc::error::TrySendError::Full(_))
            )
        })
    }

    fn say_to_all(&mut self, reason: &ByeReason) {
        let everybody: Vec<ConnectionId> = self.clients.keys().copied().collect();
        for connection in everybody {
            self.send(
                connection,
                Box::new(ServerFrame::Bye {
                    reason: reason.clone(),
                }),
            );
        }
    }

    /// Sends something of the moment; a client whose mailbox is full misses it.
    fn send_media(&mut self, to: ParticipantId, message: MediaMessage) {
        if let Some(connection) = self.room.connection_of(to) {
            self.send(connection, Box::new(ServerFrame::Media { message }));
        }
    }

    /// Begins what takes time; what comes of it comes as a message, unless the room has closed by then.
    async fn begin(&mut self, work: Work) {
        let session = self.session;
        match work {
            Work::Negotiate(negotiation) => {
                let (connection, command) = (negotiation.connection, negotiation.command);
                let answer = self.means.sfu.negotiate(session, negotiation).await;
                self.later(async move {
                    Some(Done::Negotiated {
                        connection,
                        command,
                        result: answer.await,
                    })
                });
            }
            Work::Explain { participant } => {
                let sfu = self.means.sfu.clone();
                self.later(async move {
                    let explanation = Box::new(sfu.explain(session, participant).await?);
                    Some(Done::Explained {
                        participant,
                        explanation,
                    })
                });
            }
            Work::LoadChat { to, before } => {
                let (store, journal) = (self.means.store.clone(), self.means.journal.clone());
                self.later(async move {
                    // What was said last may still be on its way to the disk.
                    if journal.failure().is_none() {
                        journal.flush().await;
                    }
                    match older_chat(&store, session, before).await {
                        Ok(page) => Some(Done::ChatLoaded { to, page }),
                        Err(cause) => {
                            tracing::error!(%session, %cause, "the chat cannot be read");
                            None
                        }
                    }
                });
            }
        }
    }

    fn later(&self, done: impl Future<Output = Option<Done>> + Send + 'static) {
        let mailbox = self.means.mailbox.clone();
        tokio::spawn(async move {
            if let Some(done) = done.await
                && let Some(mailbox) = mailbox.upgrade()
            {
                // The room may have closed meanwhile.
                let _ = mailbox.send(RoomMessage::Done(done)).await;
            }
        });
    }

    /// What follows from journalled events outside the room: the event log of the recording, and visits.
    fn follow(&mut self, entries: &[JournalEntry]) {
        self.narration.follow(&self.room, entries);
        for entry in entries {
            match entry.event() {
                Event::Roster(RosterEvent::ConnectionChanged {
                    participant,
                    connection: ConnectionState::Reconnecting,
                }) => {
                    self.visits.broke(*participant);
                }
                Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                    self.links.remove(participant);
                    self.visits.end(*participant);
                }
                Event::Floor(FloorEvent::FloorGranted { participant, .. })
                | Event::Floor(FloorEvent::FloorReleased { participant, .. })
                | Event::Chair(ChairEvent::RoleChanged { participant, .. }) => {
                    self.set_pace(*participant)
                }
                _ => {}
            }
        }
    }

    /// Gives a client signs of life as often as its part in the room needs.
    fn set_pace(&self, whom: ParticipantId) {
        let client = self
            .room
            .connection_of(whom)
            .and_then(|connection| self.clients.get(&connection));
        if let Some((_, client)) = client {
            // One who lets so much pile up is told by other frames that it is too slow.
            let _ = client
                .out
                .try_send(ToClient::Pace(self.room.heartbeat_of(whom)));
        }
    }

    /// Keeps the moment of a connection's last sign of life, before the connection is forgotten.
    fn note_last_sign(&mut self, connection: ConnectionId) {
        if let Some((participant, client)) = self.clients.get(&connection) {
            let heard = Mono(client.heard.load(Ordering::Relaxed));
            self.visits
                .sign(*participant, heard, self.means.clock.both());
        }
    }

    /// Writes the proofs of presence.
    fn prove(&mut self) {
        let here: Vec<ConnectionId> = self.clients.keys().copied().collect();
        for connection in here {
            self.note_last_sign(connection);
        }
        self.visits.prove(self.means.clock.both());
    }

    fn point_of(&self, participant: ParticipantId) -> Option<PointId> {
        self.room
            .state()
            .person(participant)
            .and_then(|p| p.bridge_point)
    }

    fn draw_board(&self) {
        lock(&self.means.board).draw(self.room.state(), &self.links);
    }
}

async fn older_chat(store: &Store, session: SessionId, before: Uuid) -> StoreResult<ChatPage> {
    let mut conn = store.read().await?;
    let (messages, more) = journal::chat_before(&mut conn, session, before, CHAT_LINES).await?;
    Ok(ChatPage { messages, more })
}
