//! The chair (chủ trì): one holder, never two. Several people may come with the right to it: the account that the
//! schedule names, and whoever was given a link or token of the chair.
//!
//! 1. The first of them holds the chair. One who comes later sits as secretary, and so presides too.
//! 2. The one whom the schedule names takes the chair over on coming; who held it goes on as secretary.
//! 3. A holder whose connection breaks keeps it as long as the seat is held. After 10 s the secretaries have all of the
//!    chair's powers, until a chair is connected again.
//! 4. When the holder is gone for good, the chair passes to the first of them who is connected.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{ChairEvent, ConnectionState, Event, RosterEvent, SessionRole};

use crate::context::Context;
use crate::timers::Timer;
use crate::{Joiner, JournalEntry, Mono, Room};

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
}

impl Chair {
    pub(crate) const fn is_away(&self) -> bool {
        self.away
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Chair(ChairEvent::ChairAwayChanged { away }) => self.away = *away,
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.claims.remove(participant);
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
        let Some(claim) = Claim::of(joiner) else {
            cx.state.chair.claims.remove(&me);
            return joiner.role;
        };
        cx.state.chair.claims.insert(me, claim);
        let Some(holder) = cx.chair().filter(|holder| *holder != me) else {
            return SessionRole::Chair;
        };
        let held_by_schedule = cx.state.chair.claims.get(&holder) == Some(&Claim::Scheduled);
        if claim == Claim::StandIn || held_by_schedule {
            return SessionRole::Secretary;
        }
        cx.record(ChairEvent::RoleChanged {
            participant: holder,
            role: SessionRole::Secretary,
        });
        SessionRole::Chair
    }

    /// Gives a chair that nobody holds to the first who is connected and has a right to it.
    pub(crate) fn fill(cx: &mut Context) {
        if cx.chair().is_some() {
            return;
        }
        let claims = &cx.state.chair.claims;
        let heir = cx
            .state
            .people()
            .iter()
            .find(|p| p.connection == ConnectionState::Connected && claims.contains_key(&p.id))
            .map(|p| p.id);
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

impl Room {
    /// Who chairs, if here or held.
    pub(crate) fn chair(&self) -> Option<ParticipantId> {
        let people = self.state.people();
        let chair = people.iter().find(|p| p.role == SessionRole::Chair);
        chair.map(|p| p.id)
    }
}
