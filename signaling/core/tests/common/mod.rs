//! A room on virtual time with people in it.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;

use protocol::client::{
    ByeReason, Command, Event, EventFrame, Microphone, Participant, Preset, Refusal, RefusalCode,
    RoomAct, Seat, ServerFrame, SessionKind, SessionRole, SessionSummary, Welcome,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, PointId, SessionCode, SessionId, UtcMicros};
use signaling_core::{
    Act, Caps, ConnectionId, Input, Joiner, JournalEntry, Mono, Negotiation, NegotiationKind, Now,
    Output, RecorderCommand, ResumeClaim, ResumeToken, Room, RoomSetup, Work,
};
use uuid::Uuid;

pub(crate) const SECOND: i64 = 1_000_000;
/// When the scenes begin; the meeting is planned from then for two hours.
pub(crate) const START: UtcMicros = UtcMicros(1_795_000_000_000_000);
/// What the clock that nobody sets reads then.
const START_MONO: Mono = Mono(7_000_000);
pub(crate) const TWO_HOURS: i64 = 7_200 * SECOND;

/// Somebody with a page open, or who had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: ParticipantId,
    pub(crate) role: SessionRole,
    pub(crate) point: Option<PointId>,
    /// Whether the schedule names them as the chair.
    pub(crate) scheduled: bool,
}

/// A room, its clock, and everything that came out of it.
pub(crate) struct Hall {
    pub(crate) room: Room,
    pub(crate) setup: RoomSetup,
    pub(crate) now: Now,
    /// Whether what is journalled reaches the disk, at once. Nothing does while this is false.
    pub(crate) disk_works: bool,
    pub(crate) frames: BTreeMap<ConnectionId, Vec<ServerFrame>>,
    /// Everything the SFU was told, joins included, in order.
    pub(crate) media: Vec<SfuCommand>,
    pub(crate) journal: Vec<JournalEntry>,
    pub(crate) negotiations: Vec<Negotiation>,
    pub(crate) recorder: Vec<RecorderCommand>,
    /// What goes into the audit log.
    pub(crate) acts: Vec<Act>,
    /// Whose pictures are to be explained.
    pub(crate) explained: Vec<ParticipantId>,
    pub(crate) ended: bool,
    pub(crate) deadline: Mono,
    /// Older chat that was asked for: by whom, before which line.
    pub(crate) chat_asked: Vec<(ConnectionId, Uuid)>,
    saved: usize,
    viewers: BTreeMap<ConnectionId, ParticipantId>,
    commands: BTreeMap<ParticipantId, u64>,
    names: BTreeMap<ParticipantId, String>,
    ids: u128,
}

pub(crate) fn setup() -> RoomSetup {
    RoomSetup {
        session: SessionSummary {
            id: SessionId(Uuid::from_u128(1)),
            code: SessionCode("GB-1107".to_owned()),
            title: "Giao ban tháng 11".to_owned(),
            kind: SessionKind::Meeting,
            preset: Preset::Discussion,
            starts_at_us: START,
            ends_at_us: START.plus_us(TWO_HOURS),
            opened_at_us: None,
            auto_record: false,
            recording_kept_until_us: None,
        },
        seats: (1..=3)
            .map(|number| Seat {
                number,
                bridge_point: point(number),
                code: format!("DC-{number:02}"),
                name: format!("Điểm cầu {number}"),
                main: number == 1,
            })
            .collect(),
        caps: Caps {
            max_interactive: 60,
            max_receive_only: 1_000,
        },
        auto_record: None,
    }
}

pub(crate) fn point(number: u32) -> PointId {
    PointId(Uuid::from_u128(0x100 + u128::from(number)))
}

impl Hall {
    pub(crate) fn open() -> Self {
        Self::with(setup())
    }

    pub(crate) fn with(setup: RoomSetup) -> Self {
        let now = Now {
            utc: START,
            mono: START_MONO,
        };
        Self::around(Room::new(setup.clone()), setup, now)
    }

    fn around(room: Room, setup: RoomSetup, now: Now) -> Self {
        Self {
            room,
            setup,
            now,
            disk_works: true,
            frames: BTreeMap::new(),
            media: Vec::new(),
            journal: Vec::new(),
            negotiations: Vec::new(),
            recorder: Vec::new(),
            acts: Vec::new(),
            explained: Vec::new(),
            ended: false,
            deadline: Mono::NEVER,
            chat_asked: Vec::new(),
            saved: 0,
            viewers: BTreeMap::new(),
            commands: BTreeMap::new(),
            names: BTreeMap::new(),
            ids: 0x1000,
        }
    }

    /// Kills the server after `survived` entries of the journal and starts it again.
    pub(crate) fn killed_and_restarted(self, survived: usize) -> Self {
        let tokens: Vec<_> = self
            .room
            .state()
            .people()
            .iter()
            .filter_map(|p| Some((p.id, token_of(self.last_token(p.id)?).hash)))
            .collect();
        let entries: Vec<JournalEntry> = self.journal.iter().take(survived).cloned().collect();
        let room = Room::replay(
            self.setup.clone(),
            entries.clone(),
            tokens,
            self.room.recording(),
            self.now,
        );
        let mut hall = Self::around(room, self.setup, self.now);
        hall.saved = entries.len();
        hall.journal = entries;
        hall.ids = self.ids + 0x10_0000;
        hall.commands = self.commands;
        hall.names = self.names;
        hall.drain();
        hall
    }

    fn last_token(&self, whose: ParticipantId) -> Option<u128> {
        self.frames
            .values()
            .flatten()
            .filter_map(|frame| match frame {
                ServerFrame::Welcome(w) if w.you == whose => w.resume_token.parse().ok(),
                _ => None,
            })
            .max()
    }

    /// Somebody opens the page for the first time.
    pub(crate) fn join(&mut self, name: &str, role: SessionRole) -> (Person, ConnectionId) {
        self.join_at(name, role, None)
    }

    pub(crate) fn join_at(
        &mut self,
        name: &str,
        role: SessionRole,
        point: Option<PointId>,
    ) -> (Person, ConnectionId) {
        let id = ParticipantId(Uuid::from_u128(self.id()));
        self.names.insert(id, name.to_owned());
        let person = Person {
            id,
            role,
            point,
            scheduled: role == SessionRole::Chair,
        };
        let connection = self.connect(person, None);
        (person, connection)
    }

    /// Somebody with a link or token of the chair opens the page for the first time.
    pub(crate) fn join_as_stand_in(&mut self, name: &str) -> (Person, ConnectionId) {
        let id = ParticipantId(Uuid::from_u128(self.id()));
        self.names.insert(id, name.to_owned());
        let person = Person {
            id,
            role: SessionRole::Chair,
            point: None,
            scheduled: false,
        };
        let connection = self.connect(person, None);
        (person, connection)
    }

    /// Somebody known opens a page, with or without proof of an earlier one.
    pub(crate) fn connect(&mut self, person: Person, resume: Option<ResumeClaim>) -> ConnectionId {
        self.connect_as(person, resume, false)
    }

    /// Somebody known opens a page, which takes the place of another page of theirs.
    pub(crate) fn connect_as(
        &mut self,
        person: Person,
        resume: Option<ResumeClaim>,
        encoder: bool,
    ) -> ConnectionId {
        self.knock(person, resume, encoder, true)
    }

    pub(crate) fn knock(
        &mut self,
        person: Person,
        resume: Option<ResumeClaim>,
        encoder: bool,
        take_over: bool,
    ) -> ConnectionId {
        let connection = ConnectionId(u64::try_from(self.id()).unwrap());
        let token = token_of(self.id());
        self.frames.insert(connection, Vec::new());
        self.handle(Input::Connect {
            connection,
            joiner: Joiner {
                participant: person.id,
                name: self.names[&person.id].clone(),
                role: person.role,
                scheduled_chair: person.scheduled,
                bridge_point: person.point,
                encoder,
            },
            profile: Profile::Desk,
            resume,
            take_over,
            token,
        });
        connection
    }

    pub(crate) fn watch(&mut self) -> ConnectionId {
        self.watch_as(None)
    }

    /// Somebody watches who is, or was, this participant too.
    pub(crate) fn watch_as(&mut self, person: Option<ParticipantId>) -> ConnectionId {
        let connection = ConnectionId(u64::try_from(self.id()).unwrap());
        let viewer = ParticipantId(Uuid::from_u128(self.id()));
        self.frames.insert(connection, Vec::new());
        self.viewers.insert(connection, viewer);
        self.handle(Input::ConnectViewer {
            connection,
            viewer,
            person,
        });
        connection
    }

    /// As whom somebody watches through a connection.
    pub(crate) fn viewer_at(&self, connection: ConnectionId) -> Option<ParticipantId> {
        self.viewers.get(&connection).copied()
    }

    pub(crate) fn lose(&mut self, connection: ConnectionId) {
        self.handle(Input::ConnectionLost { connection });
    }

    /// Asks for something through a connection, under the person's next number: what the reply says.
    pub(crate) fn ask(
        &mut self,
        person: Person,
        connection: ConnectionId,
        command: Command,
    ) -> Result<(), RefusalCode> {
        self.ask_in_full(person, connection, command)
            .map_err(|refusal| refusal.code)
    }

    pub(crate) fn ask_in_full(
        &mut self,
        person: Person,
        connection: ConnectionId,
        command: Command,
    ) -> Result<(), Refusal> {
        let id = self.next_command(person);
        self.commands.insert(person.id, id);
        self.ask_as(connection, id, command)
            .map_or(Ok(()), |refusal| refusal.map_or(Ok(()), Err))
    }

    /// Asks under a chosen number: the reply, if one came.
    pub(crate) fn ask_as(
        &mut self,
        connection: ConnectionId,
        id: u64,
        command: Command,
    ) -> Option<Option<Refusal>> {
        let fresh = Uuid::from_u128(self.id());
        let seen = self.frames[&connection].len();
        self.handle(Input::Command {
            connection,
            id,
            command,
            fresh,
        });
        self.frames[&connection][seen..]
            .iter()
            .find_map(|frame| match frame {
                ServerFrame::Reply { id: of, refusal } if *of == id => Some(refusal.clone()),
                _ => None,
            })
    }

    pub(crate) fn pass(&mut self, us: i64) {
        let until = Mono(self.now.mono.0 + us);
        while self.deadline <= until {
            self.pass_to(self.deadline.max(self.now.mono));
            self.handle(Input::Tick);
        }
        self.pass_to(until);
        self.handle(Input::Tick);
    }

    fn pass_to(&mut self, mono: Mono) {
        let us = mono.0 - self.now.mono.0;
        self.now = Now {
            utc: self.now.utc.plus_us(us),
            mono,
        };
    }

    /// Somebody sets the server's clock; no time passes.
    pub(crate) fn step_clock(&mut self, us: i64) {
        self.now.utc = self.now.utc.plus_us(us);
        self.handle(Input::Tick);
    }

    /// The disk takes everything that waits for it.
    pub(crate) fn save(&mut self) {
        self.disk_works = true;
        self.drain();
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.room.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.room.poll_output() {
                Output::Send { to, frame } => self.frames.entry(to).or_default().push(*frame),
                Output::SendAll { to, frame } => {
                    for to in to {
                        self.frames
                            .entry(to)
                            .or_default()
                            .push(ServerFrame::Event(frame.clone()));
                    }
                }
                Output::Persist(entry) => self.journal.push(entry),
                Output::Remember { .. } => {}
                Output::Act(act) => self.acts.push(act),
                Output::Work(Work::Explain { participant }) => self.explained.push(participant),
                Output::Media(command) => self.media.push(command),
                Output::Work(Work::Negotiate(negotiation)) => {
                    if let NegotiationKind::Join {
                        profile,
                        may_publish,
                        microphone_open,
                    } = negotiation.kind
                    {
                        self.media.push(SfuCommand::Join {
                            request: negotiation.command,
                            room: self.setup.session.id,
                            participant: negotiation.participant,
                            profile,
                            may_publish,
                            microphone_open,
                            offer: negotiation.offer.clone(),
                        });
                    }
                    self.negotiations.push(negotiation);
                }
                Output::Record(command) => self.recorder.push(command),
                Output::Ended => self.ended = true,
                Output::Work(Work::LoadChat { to, before }) => {
                    self.chat_asked.push((to, before));
                }
                Output::Timeout(at) => {
                    self.deadline = at;
                    if !self.disk_works || self.saved == self.journal.len() {
                        return;
                    }
                    self.saved = self.journal.len();
                    let seq = self.room.state().seq();
                    self.room.handle(self.now, Input::Saved { seq });
                }
            }
        }
    }

    pub(crate) fn participant(&self, person: Person) -> Option<Participant> {
        self.room.state().participant(person.id)
    }

    pub(crate) fn microphone(&self, person: Person) -> Microphone {
        self.participant(person).unwrap().microphone
    }

    /// The last gate that the SFU was given for somebody.
    pub(crate) fn gate(&self, person: Person) -> Option<bool> {
        self.media.iter().rev().find_map(|command| match command {
            SfuCommand::SetGate {
                participant,
                microphone_open,
                ..
            } if *participant == person.id => Some(*microphone_open),
            _ => None,
        })
    }

    pub(crate) fn welcome(&self, connection: ConnectionId) -> &Welcome {
        self.frames[&connection]
            .iter()
            .find_map(|frame| match frame {
                ServerFrame::Welcome(welcome) => Some(&**welcome),
                _ => None,
            })
            .expect("the connection was welcomed")
    }

    /// What a connection was last told that its owner may do.
    pub(crate) fn may(&self, connection: ConnectionId) -> &[RoomAct] {
        let told = self.frames[&connection]
            .iter()
            .rev()
            .find_map(|frame| match frame {
                ServerFrame::May { acts } => Some(acts),
                ServerFrame::Welcome(welcome) => Some(&welcome.may),
                _ => None,
            });
        told.expect("the connection was welcomed")
    }

    pub(crate) fn bye(&self, connection: ConnectionId) -> Option<&ByeReason> {
        self.frames[&connection]
            .iter()
            .find_map(|frame| match frame {
                ServerFrame::Bye { reason } => Some(reason),
                _ => None,
            })
    }

    /// The events that a connection was sent, without those of its welcome.
    pub(crate) fn events(&self, connection: ConnectionId) -> Vec<EventFrame> {
        self.frames[&connection]
            .iter()
            .filter_map(|frame| match frame {
                ServerFrame::Event(event) => Some(event.clone()),
                _ => None,
            })
            .collect()
    }

    /// What a page knows when its connection breaks now.
    pub(crate) fn claim(&self, connection: ConnectionId) -> ResumeClaim {
        let welcome = self.welcome(connection);
        let token: u128 = welcome.resume_token.parse().unwrap();
        ResumeClaim {
            hash: token_of(token).hash,
            last_seq: self
                .events(connection)
                .last()
                .map_or(welcome.seq, |event| event.seq),
        }
    }

    /// What of the journal is not on disk.
    pub(crate) fn unsaved(&self) -> &[JournalEntry] {
        &self.journal[self.saved..]
    }

    /// Whether somebody was sent a frame through any of their connections.
    pub(crate) fn was_sent(&self, whom: ParticipantId, frame: &ServerFrame) -> bool {
        self.frames.values().any(|frames| {
            let is_theirs = |f: &ServerFrame| matches!(f, ServerFrame::Welcome(w) if w.you == whom);
            frames.iter().any(is_theirs) && frames.contains(frame)
        })
    }

    /// The number of the next command that somebody asks.
    pub(crate) fn next_command(&self, person: Person) -> u64 {
        self.commands.get(&person.id).copied().unwrap_or_default() + 1
    }

    /// Whose hands are up, in the order of the queue.
    pub(crate) fn queue(&self) -> Vec<ParticipantId> {
        self.room.snapshot().queue()
    }

    pub(crate) fn happened(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.journal.iter().filter(|e| wanted(e.event())).count()
    }

    fn id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }
}

fn token_of(number: u128) -> ResumeToken {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(&number.to_le_bytes());
    ResumeToken {
        token: number.to_string(),
        hash,
    }
}
