//! The rule sets of a room, and what their events have made of them.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ParticipantId;
use protocol::RecordingId;
use protocol::client::{Participant, RoomState, Seat, SessionRole, SessionSummary};

use crate::JournalEntry;
use crate::role::{Asker, ScreenLock};
use crate::rules::chair::Chair;
use crate::rules::chat::Chat;
use crate::rules::floor::Floor;
use crate::rules::hand::Hands;
use crate::rules::microphone::Microphones;
use crate::rules::picture::Pictures;
use crate::rules::recording::Recording;
use crate::rules::roster::{Person, Roster};
use crate::rules::session::Session;
use crate::rules::viewers::Viewers;

/// The rule sets. Each owns its part; what is journalled of it is changed by [`State::apply`] alone, so that it survives a
/// restart.
#[derive(Debug)]
pub struct State {
    pub(crate) session: Session,
    pub(crate) roster: Roster,
    pub(crate) chair: Chair,
    pub(crate) microphones: Microphones,
    pub(crate) pictures: Pictures,
    pub(crate) hands: Hands,
    pub(crate) chat: Chat,
    pub(crate) floor: Floor,
    pub(crate) recording: Recording,
    pub(crate) viewers: Viewers,
    /// The highest journalled command of each participant.
    commands: BTreeMap<ParticipantId, u64>,
    /// The number of the last event.
    seq: u64,
}

/// What a restart keeps of a room: a function of its journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What the clients see.
    pub room: RoomState,
    /// The highest journalled command of each participant.
    pub commands: BTreeMap<ParticipantId, u64>,
    /// Whose microphones are muted because somebody else was given the floor.
    pub muted_by_turn: BTreeSet<ParticipantId>,
    /// Who named the next one at the floor.
    pub next_by: Option<ParticipantId>,
    /// To whom the chair was handed, and as what they sat before.
    pub chair_given: Option<(ParticipantId, SessionRole)>,
    /// The number of the last event.
    pub seq: u64,
    /// Whether the session is over.
    pub over: bool,
}

impl State {
    /// A room in which nothing has happened. `seats` are in seat order; `auto_record` is the id under which recording
    /// begins by itself, if it does.
    #[must_use]
    pub fn new(
        session: SessionSummary,
        seats: Vec<Seat>,
        auto_record: Option<RecordingId>,
    ) -> Self {
        Self {
            microphones: Microphones::new(session.preset),
            session: Session::new(session),
            roster: Roster::new(seats),
            chair: Chair::default(),
            pictures: Pictures::default(),
            hands: Hands::default(),
            chat: Chat::default(),
            floor: Floor::default(),
            recording: Recording::new(auto_record),
            viewers: Viewers::default(),
            commands: BTreeMap::new(),
            seq: 0,
        }
    }

    /// Takes the next entry of the journal into every rule set. Total: an entry about somebody unknown changes nothing
    /// else.
    pub fn apply(&mut self, entry: &JournalEntry) {
        self.seq = entry.frame.seq;
        if let (Some(actor), Some(command)) = (entry.cause.actor, entry.cause.command) {
            let last = self.commands.entry(actor).or_default();
            *last = command.max(*last);
        }
        self.session.apply(entry);
        self.roster.apply(entry);
        self.chair.apply(entry);
        self.microphones.apply(entry);
        self.pictures.apply(entry);
        self.hands.apply(entry);
        self.chat.apply(entry);
        self.floor.apply(entry);
        self.recording.apply(entry);
        self.viewers.apply(entry);
    }

    /// The room as its clients see it.
    #[must_use]
    pub fn snapshot(&self) -> RoomState {
        RoomState {
            session: self.session.summary().clone(),
            seats: self.roster.seats().to_vec(),
            participants: self.participants().collect(),
            hands: self.hands.raised().to_vec(),
            unheard_first: self.floor.unheard_first(),
            heard: self.floor.heard().to_vec(),
            turn_length: self.floor.turn_length(),
            floor: self.floor.holder(),
            turn: self.floor.turn().cloned(),
            next: self.floor.next(),
            broadcast: self.pictures.broadcast(),
            screen: self.pictures.screen(),
            screen_locked_to: self.pictures.screen_locked_to(),
            all_locked: self.microphones.all_locked(),
            chair_away: self.chair.is_away(),
            recording: self.recording.state(),
            chat: self.chat.lines().to_vec(),
            older_chat: self.chat.has_older(),
            removed: self.roster.removed().to_vec(),
            viewers: self.viewers.told(),
        }
    }

    /// Everything that a restart keeps.
    #[must_use]
    pub fn kept(&self) -> Kept {
        Kept {
            room: self.snapshot(),
            commands: self.commands.clone(),
            muted_by_turn: self.microphones.muted_by_turn().clone(),
            next_by: self.floor.next_by(),
            chair_given: self.chair.given(),
            seq: self.seq,
            over: self.session.is_over(),
        }
    }

    /// Everybody who is here or whose seat is held, in the order of their coming.
    pub fn participants(&self) -> impl Iterator<Item = Participant> + '_ {
        self.people().iter().map(|person| self.in_full(person))
    }

    /// Somebody who is here or whose seat is held.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<Participant> {
        self.person(id).map(|person| self.in_full(person))
    }

    /// What all rule sets know of somebody.
    fn in_full(&self, person: &Person) -> Participant {
        Participant {
            id: person.id,
            name: person.name.clone(),
            role: person.role,
            bridge_point: person.bridge_point,
            seat: person.seat,
            connection: person.connection,
            microphone: self.microphones.of(person.id),
            camera_on: self.pictures.camera_is_on(person.id),
            encoder: person.encoder,
        }
    }

    /// Everybody, as far as the roster knows them.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        self.roster.people()
    }

    /// Somebody, as far as the roster knows them.
    #[must_use]
    pub fn person(&self, id: ParticipantId) -> Option<&Person> {
        self.roster.person(id)
    }

    /// Somebody as far as it matters to what they may do.
    pub(crate) fn asker(&self, id: ParticipantId) -> Option<Asker> {
        self.person(id).map(|person| Asker {
            role: person.role,
            holds_floor: self.floor.is_held_by(id),
            encoder: person.encoder,
            chair_away: self.chair.is_away(),
            chairs_by_schedule: self.chair.names(id),
            preset: self.session.summary().preset,
            screen: match self.pictures.screen_locked_to() {
                None => ScreenLock::Open,
                Some(whom) if whom == id => ScreenLock::Mine,
                Some(_) => ScreenLock::Others,
            },
        })
    }

    /// Whether somebody was removed and not readmitted.
    #[must_use]
    pub fn was_removed(&self, id: ParticipantId) -> bool {
        self.roster.was_removed(id)
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &SessionSummary {
        self.session.summary()
    }

    /// The seats of the invited points, in order.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        self.roster.seats()
    }

    /// Who holds the floor.
    #[must_use]
    pub const fn floor_holder(&self) -> Option<ParticipantId> {
        self.floor.holder()
    }

    /// Whom everybody is made to see.
    #[must_use]
    pub const fn broadcast(&self) -> Option<ParticipantId> {
        self.pictures.broadcast()
    }

    /// Who shares a screen.
    #[must_use]
    pub const fn screen(&self) -> Option<ParticipantId> {
        self.pictures.screen()
    }

    /// Whether somebody's camera is on.
    #[must_use]
    pub fn camera_is_on(&self, whose: ParticipantId) -> bool {
        self.pictures.camera_is_on(whose)
    }

    /// Whether the session is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.session.is_over()
    }

    /// The number of the last event.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) const fn commands(&self) -> &BTreeMap<ParticipantId, u64> {
        &self.commands
    }
}
