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
use std::mem;

use protocol::client::{ByeReason, EventFrame, RoomState, Seat, ServerFrame, SessionSummary};
use protocol::media::Profile;
use protocol::sfu::{RoomPolicy, SfuCommand};
use protocol::{ParticipantId, RecordingId, RoomId, UtcMicros};

use crate::absence::Absence;
use crate::cause::{Cause, Reason};
use crate::durable::Durable;
use crate::port::Done;
use crate::resume::{History, Replies};
use crate::role::{Asker, acts, presides};
use crate::rules::chair::Chair;
use crate::rules::floor::Floor;
use crate::rules::picture::Pictures;
use crate::rules::recording::Recording;
use crate::rules::roster::Roster;
use crate::rules::session::Session;
use crate::rules::viewers::Viewers;
use crate::timers::{Timer, Timers};
use crate::{
    ConnectionId, Input, JournalEntry, JournalHealth, Mono, Now, Output, State, TokenHash,
};

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
    /// By what the page was last told what its owner may do.
    pub(crate) told: Option<Asker>,
}

/// What the room knows of how a participant talks to it. It outlives the participant's stay.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) token: Option<TokenHash>,
    /// The token was given before a restart; see [`Room::replay`].
    pub(crate) token_is_old: bool,
    pub(crate) last_command: u64,
    pub(crate) replies: Replies,
}

/// A live room. See the crate's documentation for how to drive it.
#[derive(Debug)]
pub struct Room {
    /// The rule sets.
    pub(crate) state: State,
    pub(crate) caps: Caps,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    pub(crate) known: BTreeMap<ParticipantId, Known>,
    pub(crate) timers: Timers,
    pub(crate) absence: Absence,
    pub(crate) history: History,
    pub(crate) durable: Durable,
    pub(crate) journal: JournalHealth,
    /// The present, as it was told last.
    pub(crate) now: Now,
    /// The number of the last event before a restart; 0 for a room that was never restarted.
    pub(crate) restarted_at_seq: u64,
    told_policy: RoomPolicy,
    /// The last event when it was last looked who may do what.
    told_acts_at: u64,
    outputs: VecDeque<Output>,
}

impl Room {
    /// A room that nobody has entered.
    #[must_use]
    pub fn new(setup: RoomSetup) -> Self {
        Self {
            state: State::new(setup.session, setup.seats, setup.auto_record),
            caps: setup.caps,
            connections: BTreeMap::new(),
            known: BTreeMap::new(),
            timers: Timers::default(),
            absence: Absence::default(),
            history: History::default(),
            durable: Durable::default(),
            journal: JournalHealth::default(),
            now: Now {
                utc: UtcMicros(0),
                mono: Mono(0),
            },
            restarted_at_seq: 0,
            told_policy: RoomPolicy::default(),
            told_acts_at: 0,
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
            room.state.apply(&entry);
            room.history.keep(entry.frame);
        }
        room.state.roster.number_seats();
        room.restarted_at_seq = room.state.seq();
        room.durable.read_up_to(room.state.seq());
        for (&participant, &command) in room.state.commands() {
            room.known.entry(participant).or_default().last_command = command;
        }
        for (participant, hash) in tokens {
            let known = room.known.entry(participant).or_default();
            known.token = Some(hash);
            known.token_is_old = true;
        }
        room.resume_after_restart(recording);
        room.settle();
        room
    }

    /// Takes one input in. `now.mono` never runs backwards. Drain [`Room::poll_output`] before the next.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.now = now;
        self.run_timers();
        match input {
            Input::Connect {
                connection,
                joiner,
                profile,
                resume,
                take_over,
                token,
            } => self.connect(connection, &joiner, profile, (resume, take_over), token),
            Input::ConnectViewer {
                connection,
                viewer,
                person,
            } => self.connect_viewer(connection, viewer, person),
            Input::Command {
                connection,
                id,
                command,
                fresh,
            } => self.command(connection, id, command, fresh),
            Input::ConnectionLost { connection } => self.connection_lost(connection),
            Input::Done(Done::Negotiated {
                connection,
                command,
                result,
            }) => self.negotiated(connection, command, result),
            Input::Done(Done::Explained {
                participant,
                explanation,
            }) => self.explained(participant, *explanation),
            Input::Done(Done::ChatLoaded { to, page }) => self.chat_loaded(to, page),
            Input::Recorder(report) => self.recorder_reports(report),
            Input::Saved { seq } => self.saved(seq),
            Input::Journal(health) => self.journal_does(health),
            Input::AccessEnded { participant } => self.access_ended(participant),
            Input::AccessChanged { participant } => self.access_changed(participant),
            Input::Planned(plan) => Session::plan(self, plan),
            Input::End => Session::end(&mut self.because(Cause::server(Reason::Outside))),
            Input::Tick => {}
        }
        self.settle();
    }

    /// The next thing to do. Ends with [`Output::Timeout`], which is repeated until the next input.
    pub fn poll_output(&mut self) -> Output {
        let next = self.outputs.pop_front();
        next.unwrap_or_else(|| Output::Timeout(self.timers.next()))
    }

    /// The room as its clients see it.
    #[must_use]
    pub fn snapshot(&self) -> RoomState {
        self.state.snapshot()
    }

    /// The rule sets.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Through which connection a participant or viewer is here.
    #[must_use]
    pub fn connection_of(&self, participant: ParticipantId) -> Option<ConnectionId> {
        self.known
            .get(&participant)
            .and_then(|known| known.connection)
            .or_else(|| self.state.viewers.connection_of(participant))
    }

    /// The id of the recording that runs or should run.
    #[must_use]
    pub const fn recording(&self) -> Option<RecordingId> {
        self.state.recording.id()
    }

    pub(crate) const fn id(&self) -> RoomId {
        self.state.session().id
    }

    /// What follows from the state after every input: who is missing, and whom the SFU puts first.
    fn settle(&mut self) {
        if !self.state.is_over() {
            Chair::fill(&mut self.because(Cause::server(Reason::ChairFree)));
            self.absence.note(&self.state, self.now.mono);
            if self.absence.of_the_chair.is_none() {
                Chair::tell_away(&mut self.because(Cause::server(Reason::ChairHere)), false);
            }
            Pictures::end_what_is_kept(&mut self.because(Cause::server(Reason::ScreenKept)));
        }
        self.run_timers();
        if !self.state.is_over() {
            self.tell_policy();
            self.tell_acts();
        }
    }

    /// Sets the timers that follow from how things stand; the others are set and stopped by those whom they time.
    fn set_timers(&mut self) {
        let (timer, at) = self.durable.deadline();
        self.timers.put(timer, at);
        if self.state.is_over() {
            // Nothing more happens but what waits for the disk.
            self.timers.keep_only(Timer::Unsaved);
            return;
        }
        let [begins, stops] = Recording::deadlines(self);
        for (timer, at) in [
            Viewers::deadline(self),
            Chair::deadline(self),
            begins,
            stops,
            Session::deadline(self),
        ] {
            self.timers.put(timer, at);
        }
    }

    /// Carries out what is due.
    fn run_timers(&mut self) {
        loop {
            self.set_timers();
            let Some(timer) = self.timers.expire(self.now.mono) else {
                return;
            };
            let mut cx = self.because(Cause::server(Reason::Time));
            match timer {
                Timer::Unsaved => cx.carry_through(),
                Timer::Seat(participant) => Roster::give_up(&mut cx, participant),
                Timer::Viewers => Viewers::tell(&mut cx),
                Timer::ChairAway => Chair::tell_away(&mut cx, true),
                Timer::Turn => Floor::open_turn(&mut cx),
                Timer::TurnEnds => Floor::time_is_over(&mut cx),
                Timer::RecordingBegins => Recording::start_by_plan(&mut cx),
                Timer::RecordingStops => Recording::stop(&mut cx),
                Timer::SessionEnds => Session::end(&mut cx),
            }
        }
    }

    /// Tells each page what its owner may do, where that has changed.
    fn tell_acts(&mut self) {
        if mem::replace(&mut self.told_acts_at, self.state.seq()) == self.state.seq() {
            return;
        }
        let acts_of = |asker: Option<Asker>| asker.map(acts).unwrap_or_default();
        let mut changed = Vec::new();
        for (&id, connection) in &mut self.connections {
            let asker = self.state.asker(connection.participant);
            if !connection.hears_events || asker == connection.told {
                continue;
            }
            let before = mem::replace(&mut connection.told, asker);
            let acts = acts_of(asker);
            if acts != acts_of(before) {
                changed.push((id, acts));
            }
        }
        for (to, acts) in changed {
            self.send(to, ServerFrame::May { acts });
        }
    }

    fn tell_policy(&mut self) {
        let policy = RoomPolicy {
            chair: self.chair(),
            floor: self.state.floor.holder(),
            broadcast: self.state.pictures.broadcast(),
        };
        if policy != self.told_policy {
            self.told_policy = policy.clone();
            self.put(Output::Media(SfuCommand::SetPolicy {
                room: self.id(),
                policy,
            }));
        }
    }

    pub(crate) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Tells an event to everybody who hears events.
    pub(crate) fn tell(&mut self, frame: EventFrame) {
        let hear = self.connections.iter().filter(|(_, c)| c.hears_events);
        let to: Vec<ConnectionId> = hear.map(|(id, _)| *id).collect();
        if !to.is_empty() {
            self.put(Output::SendAll { to, frame });
        }
    }

    pub(crate) fn send(&mut self, to: ConnectionId, frame: ServerFrame) {
        self.put(Output::Send {
            to,
            frame: Box::new(frame),
        });
    }

    /// Says good-bye and forgets the connection.
    pub(crate) fn bye(&mut self, to: ConnectionId, reason: ByeReason) {
        self.send(to, ServerFrame::Bye { reason });
        self.connections.remove(&to);
        self.state.viewers.remove(to);
    }

    /// Tells everybody that the session is over, and sends them away.
    pub(crate) fn close(&mut self, frame: EventFrame) {
        self.tell(frame);
        let connections: Vec<ConnectionId> = self
            .connections
            .keys()
            .copied()
            .chain(self.state.viewers.connections())
            .collect();
        for connection in connections {
            self.bye(connection, ByeReason::SessionEnded);
        }
        self.known.clear();
        self.put(Output::Media(SfuCommand::CloseRoom { room: self.id() }));
        self.put(Output::Ended);
    }

    /// Takes how the journal does; those who preside are told of its trouble.
    fn journal_does(&mut self, health: JournalHealth) {
        let changed = self.journal.trouble != health.trouble;
        self.journal = health;
        if changed {
            let people = self.state.people().iter();
            let presiding: Vec<ConnectionId> = people
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
}
