//! Who is here, on which seat, and who was sent away.
//!
//! ```text
//!            Connect                 connection breaks
//!   (gone) ───────────► connected ◄───────────────────► reconnecting
//!     ▲                     │         Connect                │
//!     └─────────────────────┴────────────────────────────────┘
//!        leaves, is removed, access ends          120 s
//! ```

mod arrival;
mod departure;

use protocol::client::{
    ChairEvent, ConnectionState, Event, LeaveReason, Refusal, RefusalCode, Removed, RosterCommand,
    RosterEvent, Seat, SessionRole,
};
use protocol::{ParticipantId, PointId};
use serde_json::{Value, json};

use crate::act::Audited;
use crate::context::Context;
use crate::role::presides;
use crate::rules::Outcome;
use crate::{JournalEntry, Room, State};

/// Somebody who is here or whose seat is held. Microphone and camera are with their rule sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who.
    pub id: ParticipantId,
    /// The name to show: the point's, or the person's.
    pub name: String,
    /// The role.
    pub role: SessionRole,
    /// At which point, if at one.
    pub bridge_point: Option<PointId>,
    /// The seat number, if seated.
    pub seat: Option<u32>,
    /// Whether it is connected.
    pub connection: ConnectionState,
    /// Whether it is an encoder (WHIP), which cannot be talked to.
    pub encoder: bool,
}

/// Who is here.
#[derive(Debug)]
pub(crate) struct Roster {
    /// The fixed seats of the invited points, in seat order.
    seats: Vec<Seat>,
    /// In the order of their coming.
    people: Vec<Person>,
    /// Who may be readmitted, in the order of removal.
    removed: Vec<Removed>,
}

impl Roster {
    pub(crate) const fn new(seats: Vec<Seat>) -> Self {
        Self {
            seats,
            people: Vec::new(),
            removed: Vec::new(),
        }
    }

    pub(crate) fn seats(&self) -> &[Seat] {
        &self.seats
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn person(&self, id: ParticipantId) -> Option<&Person> {
        self.people.iter().find(|p| p.id == id)
    }

    pub(crate) fn removed(&self) -> &[Removed] {
        &self.removed
    }

    pub(crate) fn was_removed(&self, id: ParticipantId) -> bool {
        self.removed.iter().any(|r| r.participant == id)
    }

    /// How many participants only watch.
    pub(crate) fn watching(&self) -> u32 {
        let people = self.people.iter();
        let watching = people.filter(|p| p.role == SessionRole::Viewer).count();
        u32::try_from(watching).unwrap_or(u32::MAX)
    }

    /// How many may speak and have no place of their own: they neither preside nor sit on the seat of a point.
    fn guests(&self) -> usize {
        let people = self.people.iter();
        people
            .filter(|p| p.role != SessionRole::Viewer && !presides(p.role) && p.seat.is_none())
            .count()
    }

    /// The seat for somebody of this point: the point's own, unless another participant has it.
    fn free_seat(&self, point: Option<PointId>, joiner: ParticipantId) -> Option<u32> {
        let point = point?;
        let seat = self.seats.iter().find(|s| s.bridge_point == point)?;
        let mut people = self.people.iter();
        let taken = people.any(|p| p.id != joiner && p.seat == Some(seat.number));
        (!taken).then_some(seat.number)
    }

    /// Gives whoever sits on a point's seat the number that the point has now: it may have had another when they came.
    pub(crate) fn number_seats(&mut self) {
        for seated in self.people.iter_mut().filter(|p| p.seat.is_some()) {
            let mut seats = self.seats.iter();
            let own = seats.find(|s| Some(s.bridge_point) == seated.bridge_point);
            seated.seat = own.map(|own| own.number);
        }
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                let person = Person {
                    id: participant.id,
                    name: participant.name.clone(),
                    role: participant.role,
                    bridge_point: participant.bridge_point,
                    seat: participant.seat,
                    connection: participant.connection,
                    encoder: participant.encoder,
                };
                match self.people.iter_mut().find(|p| p.id == person.id) {
                    Some(known) => *known = person,
                    None => self.people.push(person),
                }
            }
            Event::Roster(RosterEvent::ConnectionChanged {
                participant,
                connection,
            }) => self.change(*participant, |p| p.connection = *connection),
            Event::Roster(RosterEvent::ParticipantLeft {
                participant,
                reason,
            }) => {
                if *reason == LeaveReason::Removed
                    && let Some(p) = self.person(*participant)
                {
                    let removed = Removed {
                        participant: p.id,
                        name: p.name.clone(),
                        bridge_point: p.bridge_point,
                    };
                    self.removed.push(removed);
                }
                self.people.retain(|p| p.id != *participant);
            }
            Event::Roster(RosterEvent::ParticipantReadmitted { participant }) => {
                self.removed.retain(|r| r.participant != *participant);
            }
            Event::Chair(ChairEvent::RoleChanged { participant, role }) => {
                self.change(*participant, |p| p.role = *role);
            }
            _ => {}
        }
    }

    fn change(&mut self, id: ParticipantId, change: impl FnOnce(&mut Person)) {
        if let Some(p) = self.people.iter_mut().find(|p| p.id == id) {
            change(p);
        }
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &RosterCommand) -> Outcome {
        match *command {
            RosterCommand::Remove { participant } => Self::remove(cx, me, participant),
            RosterCommand::Readmit { participant } => Self::readmit(cx, participant),
            RosterCommand::Leave => {
                Self::leave(cx, me);
                Ok(())
            }
        }
    }

    /// Lets somebody who was removed come back.
    fn readmit(cx: &mut Context, whom: ParticipantId) -> Outcome {
        if !cx.state.was_removed(whom) {
            return Err(RefusalCode::UnknownParticipant.into());
        }
        cx.record(RosterEvent::ParticipantReadmitted { participant: whom });
        Ok(())
    }
}

impl Room {
    pub(crate) fn role_of(&self, whom: ParticipantId) -> Result<SessionRole, Refusal> {
        self.state
            .person(whom)
            .map(|p| p.role)
            .ok_or_else(|| RefusalCode::UnknownParticipant.into())
    }
}

impl Audited for RosterCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        match self {
            Self::Remove { .. } => Some("remove"),
            Self::Readmit { .. } => Some("readmit"),
            Self::Leave => None,
        }
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::Remove { participant } | Self::Readmit { participant } => Some(participant),
            Self::Leave => None,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        match *self {
            Self::Remove { participant } => state
                .person(participant)
                .map(|p| json!({ "name": p.name, "role": p.role })),
            Self::Readmit { participant } => {
                Some(json!({ "removed": state.was_removed(participant) }))
            }
            Self::Leave => None,
        }
    }
}
