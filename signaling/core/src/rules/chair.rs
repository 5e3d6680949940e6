//! The chair (chủ trì): one holder, never two. Several people may come with the right to it: the account that the
//! schedule names, and whoever was given a link or token of the chair.
//!
//! 1. The first of them holds the chair. One who comes later sits as secretary, and so presides too.
//! 2. The one whom the schedule names takes the chair over on coming; who held it goes on as secretary.
//! 3. A holder whose connection breaks keeps it as long as the seat is held. After 10 s the secretaries have all of the
//!    chair's powers, until a chair is connected again.
//! 4. When the holder is gone for good, the chair passes to the one whom the schedule names, else to the first of them who
//!    is connected.
//! 5. The holder may hand the chair to anybody who is connected and may speak, and sits as secretary then. It stays there,
//!    whoever comes, until the one whom the schedule names takes it back, which puts everybody where they were.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    ChairCommand, ChairEvent, ConnectionState, Event, Microphone, MicrophoneCommand, RefusalCode,
    RosterEvent, SessionRole,
};
use serde_json::{Value, json};

use crate::act::Audited;
use crate::cause::Reason;
use crate::context::Context;
use crate::role::presides;
use crate::rules::Outcome;
use crate::rules::floor::Floor;
use crate::rules::microphone::Microphones;
use crate::timers::Timer;
use crate::{Joiner, JournalEntry, Mono, Room, State};

/// How long no chair must have been connected until the chair's powers pass to the secretary: 10 s.
pub const CHAIR_AWAY_AFTER: Duration = Duration::from_secs(10);

/// A right to the chair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// By a link or token.
    StandIn,
    /// By the schedule.
    Scheduled,
}

impl Claim {
    fn of(joiner: &Joiner) -> Option<Self> {
        (joiner.role == SessionRole::Chair).then_some(if joiner.scheduled_chair {
            Self::Scheduled
        } else {
            Self::StandIn
        })
    }
}

/// Who has a right to the chair, and whether its powers have passed to the secretaries. The roster knows who holds it.
#[derive(Debug, Default)]
pub(crate) struct Chair {
    /// The right that each came with last; unknown after a restart until they come back.
    claims: BTreeMap<ParticipantId, Claim>,
    away: bool,
    /// Everybody's part, to tell what somebody was before the chair was handed to them.
    parts: BTreeMap<ParticipantId, SessionRole>,
    /// To whom the chair was handed, and as what they sat before.
    given: Option<(ParticipantId, SessionRole)>,
}

impl Chair {
    pub(crate) const fn given(&self) -> Option<(ParticipantId, SessionRole)> {
        self.given
    }

    pub(crate) const fn is_away(&self) -> bool {
        self.away
    }

    /// Whether the schedule names somebody as the chair.
    pub(crate) fn names(&self, whom: ParticipantId) -> bool {
        self.claims.get(&whom) == Some(&Claim::Scheduled)
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Chair(ChairEvent::ChairAwayChanged { away }) => self.away = *away,
            Event::Chair(ChairEvent::RoleChanged { participant, role }) => {
                let was = self.parts.insert(*participant, *role);
                match (entry.cause.reason, role) {
                    (Reason::Asked, SessionRole::Chair)
                        if entry.cause.actor != Some(*participant) =>
                    {
                        self.given = was.map(|was| (*participant, was));
                    }
                    (_, SessionRole::Chair) => self.given = None,
                    _ => {}
                }
            }
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                self.parts.insert(participant.id, participant.role);
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.claims.remove(participant);
                self.parts.remove(participant);
                self.given.take_if(|(to, _)| to == participant);
            }
            _ => {}
        }
    }

    /// When the chair's powers pass to the secretaries: none while a chair or nobody at all is connected.
    pub(crate) fn deadline(room: &Room) -> (Timer, Option<Mono>) {
        let anybody = room.absence.of_participants.is_none();
        let away = room.absence.of_the_chair.filter(|_| anybody);
        let passes = away.filter(|_| !room.state.chair.away);
        (
            Timer::ChairAway,
            passes.map(|since| since.plus(CHAIR_AWAY_AFTER)),
        )
    }

    /// Notes what right somebody comes with, and says in which role they sit. A holder who must give way is a secretary
    /// before this returns.
    pub(crate) fn role_for(cx: &mut Context, joiner: &Joiner) -> SessionRole {
        let me = joiner.participant;
        let claim = Claim::of(joiner);
        match claim {
            Some(claim) => cx.state.chair.claims.insert(me, claim),
            None => cx.state.chair.claims.remove(&me),
        };
        let given = cx.state.chair.given;
        if given.is_some_and(|(to, _)| to == me) {
            return SessionRole::Chair;
        }
        let Some(claim) = claim else {
            return joiner.role;
        };
        let Some(holder) = cx.chair().filter(|holder| *holder != me) else {
            return SessionRole::Chair;
        };
        if claim == Claim::StandIn || given.is_some() || cx.state.chair.names(holder) {
            return SessionRole::Secretary;
        }
        cx.record(ChairEvent::RoleChanged {
            participant: holder,
            role: SessionRole::Secretary,
        });
        SessionRole::Chair
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &ChairCommand) -> Outcome {
        match *command {
            ChairCommand::GiveChair { participant } => Self::give(cx, me, participant),
            ChairCommand::TakeChair => Self::take(cx, me),
        }
    }

    /// The holder hands the chair on.
    fn give(cx: &mut Context, me: ParticipantId, to: ParticipantId) -> Outcome {
        let role = cx.role_of(to)?;
        if to == me {
            return Ok(());
        }
        let may_hold = cx.state.person(to).is_some_and(|p| {
            p.connection == ConnectionState::Connected && !p.encoder && role != SessionRole::Viewer
        });
        if !may_hold {
            return Err(RefusalCode::CannotChair.into());
        }
        Self::seat(cx, me, SessionRole::Secretary)?;
        Self::seat(cx, to, SessionRole::Chair)
    }

    /// Whom the schedule names takes the chair, from whoever holds it.
    fn take(cx: &mut Context, me: ParticipantId) -> Outcome {
        if let Some(holder) = cx.chair() {
            let was = (cx.state.chair.given)
                .filter(|(to, _)| *to == holder)
                .map_or(SessionRole::Secretary, |(_, was)| was);
            Self::seat(cx, holder, was)?;
        }
        Self::seat(cx, me, SessionRole::Chair)
    }

    /// Gives somebody another part. Those who preside are not locked; the others are, where all are.
    fn seat(cx: &mut Context, participant: ParticipantId, role: SessionRole) -> Outcome {
        cx.record(ChairEvent::RoleChanged { participant, role });
        let before = cx.state.microphones.of(participant);
        if presides(role) && before.locked {
            let locked = false;
            let unlock = MicrophoneCommand::SetLock {
                participant,
                locked,
            };
            Floor::unlock(cx, participant, &unlock)?;
        } else if Microphones::locks(&cx.state, role) && !cx.state.floor.is_held_by(participant) {
            let locked = true;
            Microphones::change(cx, participant, Microphone { locked, ..before });
        }
        Ok(())
    }

    /// Gives a chair that nobody holds to the first who is connected and has a right to it.
    pub(crate) fn fill(cx: &mut Context) {
        if cx.chair().is_some() {
            return;
        }
        let chair = &cx.state.chair;
        let people = cx.state.people().iter();
        let mut heirs = people.filter(|p| {
            p.connection == ConnectionState::Connected && chair.claims.contains_key(&p.id)
        });
        let first = heirs.clone().next();
        let heir = heirs.find(|p| chair.names(p.id)).or(first).map(|p| p.id);
        if let Some(participant) = heir {
            cx.record(ChairEvent::RoleChanged {
                participant,
                role: SessionRole::Chair,
            });
        }
    }

    /// Tells that the chair's powers pass to the secretaries, or return to the chair.
    pub(crate) fn tell_away(cx: &mut Context, away: bool) {
        if cx.state.chair.away != away {
            cx.record(ChairEvent::ChairAwayChanged { away });
        }
    }
}

impl Audited for ChairCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        Some(match self {
            Self::GiveChair { .. } => "give_chair",
            Self::TakeChair => "take_chair",
        })
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::GiveChair { participant } => Some(participant),
            Self::TakeChair => None,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        let chair = state.people().iter().find(|p| p.role == SessionRole::Chair);
        Some(json!({ "chair": chair.map(|p| p.id) }))
    }
}

impl Room {
    /// Who chairs, if here or held.
    pub(crate) fn chair(&self) -> Option<ParticipantId> {
        let people = self.state.people();
        let chair = people.iter().find(|p| p.role == SessionRole::Chair);
        chair.map(|p| p.id)
    }
}
