//! A live room.
//!
//! ```text
//!              Connect                    EndSession, or its time        saved, or 5 s
//!   (closed) ──────────► open ──────────────────────────────────► ended ───────────────► closed
//!                         │ ▲
//!   every participant:    │ │   Connect within 120 s
//!              connected ─┘ └─ reconnecting ── 120 s ──► left
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use protocol::client::{
    ByeReason, ChatCommand, Command, ConnectionState, Event, EventFrame, FloorCommand, HandCommand,
    MAX_COMMAND_ID_STEP, MediaCommand, MicrophoneCommand, PictureCommand, RecordingCommand,
    RecordingEvent, Refusal, RefusalCode, RoomState, RosterCommand, Seat, ServerFrame,
    SessionCommand, SessionEvent, SessionRole, SessionSummary,
};
use protocol::media::Profile;
use protocol::sfu::{RoomPolicy, SfuCommand};
use protocol::{ParticipantId, RecordingId, RoomId, UtcMicros};
use uuid::Uuid;

use crate::chair::Claim;
use crate::chat::{ChatBudget, ROOM_BUDGET};
use crate::durable::{Durable, Then};
use crate::recording::Recording;
use crate::resume::{History, Replies};
use crate::role::{Asker, permit, presides};
use crate::viewer::Viewers;
use crate::{
    ConnectionId, Input, JournalEntry, JournalHealth, Mono, Now, Output, State, TokenHash,
};

/// How long a room may be empty after the planned end of its session, until the session ends by itself: 10 minutes.
pub const EMPTY_ROOM_ENDS_AFTER: Duration = Duration::from_secs(600);

/// How long a recording goes on while no participant is connected: 10 minutes.
pub const UNATTENDED_RECORDING_STOPS_AFTER: Duration = Duration::from_secs(600);

/// The most seats a view names; more are ignored.
const VIEW_SEATS: usize = 40;

/// How many a session admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Participants who may speak, held seats included. Places of invited points, of a chair and of a secretary are
    /// kept for them.
    pub max_interactive: u32,
    /// Participants who only watch, and anonymous viewers.
    pub max_receive_only: u32,
}

/// What a room is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomSetup {
    /// Its session; `opened_at_us` is ignored, the journal knows it.
    pub session: SessionSummary,
    /// The seats of the invited points, in order.
    pub seats: Vec<Seat>,
    /// How many it admits.
    pub caps: Caps,
    /// Under which id recording begins by itself, if it does, once the planned begin has come and somebody presides.
    pub auto_record: Option<RecordingId>,
}

/// One connection of a participant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection {
    pub(crate) participant: ParticipantId,
    pub(crate) profile: Profile,
    /// Encoders are sent replies, not events.
    pub(crate) hears_events: bool,
}

/// What the room knows of a participant besides its journalled state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bookkeeping {
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) token: Option<TokenHash>,
    /// The token was given before a restart; see [`Room::replay`].
    pub(crate) token_is_old: bool,
    /// The right to the chair that somebody came with last; unknown after a restart until they come back.
    pub(crate) claim: Option<Claim>,
    /// Until when the seat is held.
    pub(crate) held_until: Option<Mono>,
    pub(crate) last_command: u64,
    pub(crate) replies: Replies,
    pub(crate) chat: ChatBudget,
}

/// Why something is done: when, by whom, by which command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) at: UtcMicros,
    pub(crate) actor: Option<ParticipantId>,
    pub(crate) command: Option<u64>,
}

impl Cause {
    /// Done by the server.
    pub(crate) const fn server(at: UtcMicros) -> Self {
        Self {
            at,
            actor: None,
            command: None,
        }
    }

    /// Done by somebody who came or went.
    pub(crate) const fn of(at: UtcMicros, actor: ParticipantId) -> Self {
        Self {
            at,
            actor: Some(actor),
            command: None,
        }
    }
}

/// What a command came to.
pub(crate) type Outcome = Result<(), Refusal>;

/// A live room. See the crate's documentation for how to drive it.
#[derive(Debug)]
pub struct Room {
    pub(crate) state: State,
    pub(crate) caps: Caps,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    pub(crate) people: BTreeMap<ParticipantId, Bookkeeping>,
    pub(crate) viewers: Viewers,
    pub(crate) recording: Recording,
    pub(crate) history: History,
    pub(crate) durable: Durable,
    pub(crate) journal: JournalHealth,
    /// What all who do not preside may say in the chat together.
    pub(crate) chat: ChatBudget,
    /// The present, as it was told last.
    pub(crate) now: Now,
    /// When the last one went; none while somebody is here.
    pub(crate) empty_since: Option<Mono>,
    /// When the last connection of a participant broke; none while somebody is connected.
    pub(crate) unattended_since: Option<Mono>,
    /// When the last connection of a chair broke, or the room opened without one; none while a chair is connected.
    pub(crate) chair_away_since: Option<Mono>,
    /// When the microphone of whoever has the floor opens by itself; none when it is open or was closed by its owner.
    pub(crate) turn_opens_at: Option<Mono>,
    /// The number of the last event before a restart; 0 for a room that was never restarted.
    pub(crate) restarted_at_seq: u64,
    told_policy: RoomPolicy,
    pub(crate) outputs: VecDeque<Output>,
}

impl Room {
    /// A room that nobody has entered.
    #[must_use]
    pub fn new(setup: RoomSetup) -> Self {
        Self {
            state: State::new(setup.session, setup.seats),
            caps: setup.caps,
            connections: BTreeMap::new(),
            people: BTreeMap::new(),
            viewers: Viewers::default(),
            recording: Recording::new(setup.auto_record),
            history: History::default(),
            durable: Durable::default(),
            journal: JournalHealth::default(),
            chat: ChatBudget::of(ROOM_BUDGET),
            now: Now {
                utc: UtcMicros(0),
                mono: Mono(0),
            },
            empty_since: None,
            unattended_since: None,
            chair_away_since: None,
            turn_opens_at: None,
            restarted_at_seq: 0,
            told_policy: RoomPolicy::default(),
            outputs: VecDeque::new(),
        }
    }

    /// The room that `entries` (in order, gapless, from 1, on disk) describe, after the server was restarted at `now`.
    ///
    /// Everybody who was connected is reconnecting, which is journalled, and their seats are held from `now`.
    /// `tokens` are the resume tokens last given. `recording` is the recording that was running; it is asked for again
    /// under the same id.
    #[must_use]
    pub fn replay(
        setup: RoomSetup,
        entries: impl IntoIterator<Item = JournalEntry>,
        tokens: impl IntoIterator<Item = (ParticipantId, TokenHash)>,
        recording: Option<RecordingId>,
        now: Now,
    ) -> Self {
        let mut room = Self::new(setup);
        room.now = now;
        for entry in entries {
            if matches!(
                entry.event(),
                Event::Recording(RecordingEvent::RecordingChanged { .. })
            ) {
                room.recording.plan_is_done();
            }
            room.state.apply(&entry);
            room.history.keep(entry.frame);
        }
        room.state.number_seats();
        room.restarted_at_seq = room.state.seq;
        room.durable.read_up_to(room.state.seq);
        for (&participant, &command) in &room.state.commands {
            room.people.entry(participant).or_default().last_command = command;
        }
        for (participant, hash) in tokens {
            let known = room.people.entry(participant).or_default();
            known.token = Some(hash);
            known.token_is_old = true;
        }
        room.resume_after_restart(now, recording);
        room.settle(now);
        room
    }

    /// Takes one input in. `now.mono` never runs backwards. Drain [`Room::poll_output`] before the next.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.now = now;
        self.expire(now);
        match input {
            Input::Connect {
                connection,
                joiner,
                profile,
                resume,
                take_over,
                token,
            } => {
                let claim = (resume, take_over);
                self.connect(now, connection, &joiner, profile, claim, token);
            }
            Input::ConnectViewer {
                connection,
                viewer,
                person,
            } => {
                self.connect_viewer(now, connection, viewer, person);
            }
            Input::Command {
                connection,
                id,
                command,
                fresh,
            } => self.command(now, connection, id, command, fresh),
            Input::ConnectionLost { connection } => self.connection_lost(now, connection),
            Input::Negotiated {
                connection,
                command,
                result,
            } => self.negotiated(connection, command, result),
            Input::Recorder(report) => self.recorder_reports(now, report),
            Input::Saved { seq } => self.saved(now, seq),
            Input::Journal(health) => self.journal_does(health),
            Input::AccessEnded { participant } => self.access_ended(now, participant),
            Input::AccessChanged { participant } => {
                if let Some(connection) = self.connection_of(participant) {
                    self.bye(connection, ByeReason::AccessChanged);
                    self.hold_seat(now, participant);
                }
            }
            Input::End => self.end(now, &Cause::server(now.utc)),
            Input::Tick => {}
        }
        self.settle(now);
    }

    /// The next thing to do. Ends with [`Output::Timeout`], which is repeated until the next input.
    pub fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Timeout(self.next_deadline()))
    }

    /// The room as its clients see it.
    #[must_use]
    pub fn snapshot(&self) -> &RoomState {
        &self.state.room
    }

    /// The journalled state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Through which connection a participant or viewer is here.
    #[must_use]
    pub fn connection_of(&self, participant: ParticipantId) -> Option<ConnectionId> {
        self.people
            .get(&participant)
            .and_then(|p| p.connection)
            .or_else(|| self.viewers.connection_of(participant))
    }

    /// The id of the recording that runs or should run.
    #[must_use]
    pub fn recording(&self) -> Option<RecordingId> {
        self.recording.id()
    }

    pub(crate) fn id(&self) -> RoomId {
        self.state.room.session.id
    }

    /// Journals an event, takes it into the state and tells everybody.
    pub(crate) fn record(&mut self, cause: &Cause, event: Event) {
        let frame = self.journal(cause, event);
        self.tell(frame);
    }

    /// Journals an event and takes it into the state.
    fn journal(&mut self, cause: &Cause, event: Event) -> EventFrame {
        let frame = EventFrame {
            seq: self.state.seq + 1,
            at_us: cause.at,
            event,
        };
        let entry = JournalEntry {
            frame: frame.clone(),
            actor: cause.actor,
            command: cause.command,
        };
        self.state.apply(&entry);
        self.history.keep(frame.clone());
        self.outputs.push_back(Output::Persist(entry));
        frame
    }

    fn tell(&mut self, frame: EventFrame) {
        let to: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, c)| c.hears_events)
            .map(|(id, _)| *id)
            .collect();
        if !to.is_empty() {
            self.outputs.push_back(Output::SendAll { to, frame });
        }
    }

    pub(crate) fn send(&mut self, to: ConnectionId, frame: ServerFrame) {
        self.outputs.push_back(Output::Send {
            to,
            frame: Box::new(frame),
        });
    }

    /// Says good-bye and forgets the connection.
    pub(crate) fn bye(&mut self, to: ConnectionId, reason: ByeReason) {
        self.send(to, ServerFrame::Bye { reason });
        self.connections.remove(&to);
        self.viewers.remove(to);
    }

    pub(crate) fn media(&mut self, command: SfuCommand) {
        self.outputs.push_back(Output::Media(command));
    }

    /// Ends the session. Nobody is told before that is saved.
    pub(crate) fn end(&mut self, now: Now, cause: &Cause) {
        if self.state.ended {
            return;
        }
        self.stop_recording(now, cause);
        let frame = self.journal(
            cause,
            Event::Session(SessionEvent::SessionEnded { by: cause.actor }),
        );
        if let (Some(whom), Some(id)) = (cause.actor, cause.command) {
            self.when_saved(now, Then::Answer { whom, id });
        }
        self.when_saved(now, Then::CloseRoom(frame));
    }

    /// Tells everybody that the session is over, and sends them away.
    pub(crate) fn close(&mut self, frame: EventFrame) {
        self.tell(frame);
        let connections: Vec<ConnectionId> = self
            .connections
            .keys()
            .copied()
            .chain(self.viewers.connections())
            .collect();
        for connection in connections {
            self.bye(connection, ByeReason::SessionEnded);
        }
        self.people.clear();
        self.media(SfuCommand::CloseRoom { room: self.id() });
        self.outputs.push_back(Output::Ended);
    }

    fn command(
        &mut self,
        now: Now,
        connection: ConnectionId,
        id: u64,
        command: Command,
        fresh: Uuid,
    ) {
        if self.viewers.is_viewer(connection) {
            self.viewer_command(connection, id, command);
            return;
        }
        let Some(&Connection {
            participant,
            profile,
            ..
        }) = self.connections.get(&connection)
        else {
            return;
        };
        let known = self.people.entry(participant).or_default();
        if id <= known.last_command {
            if let Some(refusal) = known.replies.of(id) {
                self.send(connection, ServerFrame::Reply { id, refusal });
            }
            return;
        }
        let last = known.last_command;
        if id - last > MAX_COMMAND_ID_STEP {
            // Taken, it would make every honest command of this participant an old one.
            let refusal = Some(Refusal {
                code: RefusalCode::BadCommandId,
                detail: Some(last.to_string()),
            });
            self.send(connection, ServerFrame::Reply { id, refusal });
            return;
        }
        known.last_command = id;
        let cause = Cause {
            at: now.utc,
            actor: Some(participant),
            command: Some(id),
        };
        let durable = command.is_durable();
        if durable {
            known.replies.pending(id);
        }
        let outcome = match command {
            Command::Media(MediaCommand::Offer { sdp, ice_restart }) => {
                known.replies.pending(id);
                self.offer(connection, participant, profile, id, sdp, ice_restart);
                return;
            }
            command => self.apply(now, &cause, participant, command, fresh),
        };
        if durable && outcome.is_ok() {
            // The end of the session has its answer in the queue already, before the good-byes.
            if !self.state.ended {
                let whom = participant;
                self.when_saved(now, Then::Answer { whom, id });
            }
            return;
        }
        let refusal = outcome.err();
        if let Some(known) = self.people.get_mut(&participant) {
            known.replies.keep(id, refusal.clone());
        }
        // Leaving was answered before the good-bye.
        if self.connections.contains_key(&connection) {
            self.send(connection, ServerFrame::Reply { id, refusal });
        }
    }

    fn apply(
        &mut self,
        now: Now,
        cause: &Cause,
        me: ParticipantId,
        command: Command,
        fresh: Uuid,
    ) -> Outcome {
        if self.state.ended {
            return Err(RefusalCode::SessionOver.into());
        }
        if self.journal.full && !may_go_unsaved(&command) {
            return Err(RefusalCode::JournalNotSaved.into());
        }
        let command = match command {
            Command::Hand(HandCommand::LowerHand {
                participant: Some(whose),
            }) if whose == me => Command::Hand(HandCommand::LowerHand { participant: None }),
            command => command,
        };
        let asker = self
            .state
            .participant(me)
            .map(|p| Asker {
                role: p.role,
                holds_floor: self.state.room.floor == Some(me),
                encoder: p.encoder,
                chair_away: self.state.room.chair_away,
            })
            .ok_or(RefusalCode::UnknownParticipant)?;
        permit(asker, &command)?;
        match command {
            // Taken care of by the caller, because its reply comes later.
            Command::Media(MediaCommand::Offer { .. }) => Ok(()),
            Command::Microphone(MicrophoneCommand::SetMicrophone { on }) => {
                self.set_microphone(cause, me, on)
            }
            Command::Picture(PictureCommand::SetCamera { on }) => self.set_camera(cause, me, on),
            Command::Picture(PictureCommand::SetScreen { on }) => self.set_screen(cause, me, on),
            Command::Media(MediaCommand::SetReceive { mode }) => {
                self.media(SfuCommand::SetReceive {
                    room: self.id(),
                    participant: me,
                    mode,
                });
                Ok(())
            }
            Command::Media(MediaCommand::SetView { mut seats, pinned }) => {
                seats.truncate(VIEW_SEATS);
                self.media(SfuCommand::SetView {
                    room: self.id(),
                    participant: me,
                    seats,
                    pinned,
                });
                Ok(())
            }
            Command::Media(MediaCommand::ExplainMedia) => {
                self.outputs.push_back(Output::Explain { participant: me });
                Ok(())
            }
            Command::Hand(HandCommand::RaiseHand) => self.raise_hand(cause, me),
            Command::Hand(HandCommand::LowerHand { participant }) => {
                self.lower_hand(cause, participant.unwrap_or(me))
            }
            Command::Chat(ChatCommand::SendChat { text }) => {
                self.send_chat(now, cause, me, &text, fresh)
            }
            Command::Chat(ChatCommand::LoadChat { before }) => self.load_chat(me, before),
            Command::Microphone(MicrophoneCommand::Mute { participant }) => {
                self.mute(cause, participant)
            }
            Command::Microphone(MicrophoneCommand::SetLock {
                participant,
                locked,
            }) => self.set_lock(now, cause, participant, locked),
            Command::Microphone(MicrophoneCommand::SetLockAll { locked }) => {
                self.set_lock_all(cause, locked)
            }
            Command::Floor(FloorCommand::GrantFloor {
                participant,
                interrupt,
            }) => self.grant_floor(now, cause, participant, interrupt),
            Command::Floor(FloorCommand::CancelNext) => self.set_next(cause, None),
            Command::Floor(FloorCommand::ReleaseFloor) => self.release_floor(now, cause, me),
            Command::Picture(PictureCommand::Broadcast { participant }) => {
                self.broadcast(cause, participant)
            }
            Command::Recording(RecordingCommand::SetRecording { on }) => {
                if on {
                    self.start_recording(cause, RecordingId(fresh));
                } else {
                    self.stop_recording(now, cause);
                }
                Ok(())
            }
            Command::Roster(RosterCommand::Remove { participant }) => {
                self.remove(now, cause, me, participant)
            }
            Command::Roster(RosterCommand::Readmit { participant }) => {
                self.readmit(cause, participant)
            }
            Command::Session(SessionCommand::EndSession) => {
                self.end(now, cause);
                Ok(())
            }
            Command::Roster(RosterCommand::Leave) => {
                self.acknowledge(cause, me);
                self.leave_by_choice(now, cause, me);
                Ok(())
            }
        }
    }

    /// Says that a command is done before it is, because the good-bye that follows from it is the last frame.
    fn acknowledge(&mut self, cause: &Cause, me: ParticipantId) {
        if let (Some(id), Some(connection)) = (cause.command, self.connection_of(me)) {
            self.send(connection, ServerFrame::Reply { id, refusal: None });
        }
    }

    /// Takes how the journal does; those who preside are told of its trouble.
    fn journal_does(&mut self, health: JournalHealth) {
        let changed = self.journal.trouble != health.trouble;
        self.journal = health;
        if changed {
            let presiding: Vec<ConnectionId> = self
                .state
                .room
                .participants
                .iter()
                .filter(|p| presides(p.role) && !p.encoder)
                .filter_map(|p| self.connection_of(p.id))
                .collect();
            for connection in presiding {
                self.tell_of_the_journal(connection);
            }
        }
    }

    pub(crate) fn tell_of_the_journal(&mut self, to: ConnectionId) {
        let trouble = self.journal.trouble;
        self.send(to, ServerFrame::Journal { trouble });
    }

    /// Carries out what is due at `now`.
    fn expire(&mut self, now: Now) {
        self.carry_through(now);
        if self.state.ended {
            return;
        }
        self.free_held_seats(now);
        self.tell_viewers(now);
        self.tell_chair_away(now);
        self.open_turn_when_due(now);
        let is_due = |at: Option<Mono>| at.is_some_and(|at| at <= now.mono);
        if is_due(self.recording_stops_at()) {
            self.stop_recording(now, &Cause::server(now.utc));
        }
        if is_due(self.ends_at()) {
            self.end(now, &Cause::server(now.utc));
        }
    }

    /// What follows from the state after every input: who is missing, and whom the SFU puts first.
    fn settle(&mut self, now: Now) {
        if self.state.ended {
            return;
        }
        self.tell_viewers(now);
        self.fill_the_chair(now);
        let empty = self.state.room.participants.is_empty() && self.viewers.is_empty();
        self.empty_since = empty.then(|| self.empty_since.unwrap_or(now.mono));
        let mut connected = self
            .state
            .room
            .participants
            .iter()
            .filter(|p| p.connection == ConnectionState::Connected)
            .peekable();
        let unattended = connected.peek().is_none();
        let chair_away = !connected.any(|p| p.role == SessionRole::Chair);
        self.unattended_since = unattended.then(|| self.unattended_since.unwrap_or(now.mono));
        self.chair_away_since = chair_away.then(|| self.chair_away_since.unwrap_or(now.mono));
        self.tell_chair_away(now);
        self.record_by_plan(now);
        let policy = RoomPolicy {
            chair: self.chair(),
            floor: self.state.room.floor,
            broadcast: self.state.room.broadcast,
        };
        if policy != self.told_policy {
            self.told_policy = policy.clone();
            self.media(SfuCommand::SetPolicy {
                room: self.id(),
                policy,
            });
        }
    }

    fn next_deadline(&self) -> Mono {
        if self.state.ended {
            return self.durable.deadline().unwrap_or(Mono::NEVER);
        }
        self.people
            .values()
            .filter_map(|p| p.held_until)
            .chain(self.durable.deadline())
            .chain(self.viewers.tell_at(self.state.room.viewers))
            .chain(self.chair_away_at().filter(|_| !self.state.room.chair_away))
            .chain(self.turn_opens_at)
            .chain(self.recording_begins_at())
            .chain(self.recording_stops_at())
            .chain(self.ends_at())
            .min()
            .unwrap_or(Mono::NEVER)
    }

    /// When the recording stops by itself, if it runs and nobody comes.
    fn recording_stops_at(&self) -> Option<Mono> {
        self.recording.id()?;
        self.unattended_since
            .map(|since| since.plus(UNATTENDED_RECORDING_STOPS_AFTER))
    }

    /// When the session ends by itself, if nobody comes.
    fn ends_at(&self) -> Option<Mono> {
        let planned = self.now.moment_of(self.state.room.session.ends_at_us);
        self.empty_since
            .map(|since| since.max(planned).plus(EMPTY_ROOM_ENDS_AFTER))
    }
}

/// What is taken although so much waits for the disk: it protects people from being heard or seen, or ends things.
const fn may_go_unsaved(command: &Command) -> bool {
    match command {
        Command::Microphone(MicrophoneCommand::Mute { .. })
        | Command::Microphone(MicrophoneCommand::SetLock { .. })
        | Command::Microphone(MicrophoneCommand::SetLockAll { .. })
        | Command::Roster(RosterCommand::Leave)
        | Command::Session(SessionCommand::EndSession)
        | Command::Microphone(MicrophoneCommand::SetMicrophone { on: false })
        | Command::Picture(PictureCommand::SetCamera { on: false })
        | Command::Picture(PictureCommand::SetScreen { on: false }) => true,
        // Not journalled.
        Command::Media(MediaCommand::Offer { .. })
        | Command::Media(MediaCommand::SetReceive { .. })
        | Command::Media(MediaCommand::SetView { .. })
        | Command::Media(MediaCommand::ExplainMedia)
        | Command::Chat(ChatCommand::LoadChat { .. }) => true,
        Command::Microphone(MicrophoneCommand::SetMicrophone { on: true })
        | Command::Picture(PictureCommand::SetCamera { on: true })
        | Command::Picture(PictureCommand::SetScreen { on: true })
        | Command::Hand(HandCommand::RaiseHand)
        | Command::Hand(HandCommand::LowerHand { .. })
        | Command::Chat(ChatCommand::SendChat { .. })
        | Command::Floor(FloorCommand::GrantFloor { .. })
        | Command::Floor(FloorCommand::CancelNext)
        | Command::Floor(FloorCommand::ReleaseFloor)
        | Command::Picture(PictureCommand::Broadcast { .. })
        | Command::Recording(RecordingCommand::SetRecording { .. })
        | Command::Roster(RosterCommand::Remove { .. })
        | Command::Roster(RosterCommand::Readmit { .. }) => false,
    }
}
