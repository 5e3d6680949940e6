//! The chair (chủ trì): one holder, never two. Several people may come with the right to it: the account that the
//! schedule names, and whoever was given a link or token of the chair.
//!
//! 1. The first of them holds the chair. One who comes later sits as secretary, and so presides too.
//! 2. The one whom the schedule names takes the chair over on coming; who held it goes on as secretary.
//! 3. A holder whose connection breaks keeps it as long as the seat is held. After 10 s the secretaries have all of the
//!    chair's powers, until a chair is connected again.
//! 4. When the holder is gone for good, the chair passes to the first of them who is connected.

use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{ChairEvent, ConnectionState, Event, SessionRole};

use crate::room::Cause;
use crate::{Joiner, Mono, Now, Room};

/// How long no chair must have been connected until the chair's powers pass to the secretary: 10 s.
pub const CHAIR_AWAY_AFTER: Duration = Duration::from_secs(10);

/// A right to the chair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
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

impl Room {
    /// Who chairs, if here or held.
    pub(crate) fn chair(&self) -> Option<ParticipantId> {
        self.state
            .room
            .participants
            .iter()
            .find(|p| p.role == SessionRole::Chair)
            .map(|p| p.id)
    }

    /// Notes what right somebody comes with, and says in which role they sit. A holder who must give way is a secretary
    /// before this returns.
    pub(crate) fn role_for(&mut self, cause: &Cause, joiner: &Joiner) -> SessionRole {
        let claim = Claim::of(joiner);
        self.people.entry(joiner.participant).or_default().claim = claim;
        if claim.is_none() {
            return joiner.role;
        }
        let Some(holder) = self.chair().filter(|holder| *holder != joiner.participant) else {
            return SessionRole::Chair;
        };
        let held_by_schedule = self.claim_of(holder) == Some(Claim::Scheduled);
        if claim == Some(Claim::StandIn) || held_by_schedule {
            return SessionRole::Secretary;
        }
        self.record(
            cause,
            Event::Chair(ChairEvent::RoleChanged {
                participant: holder,
                role: SessionRole::Secretary,
            }),
        );
        SessionRole::Chair
    }

    /// Gives a chair that nobody holds to the first who is connected and has a right to it.
    pub(crate) fn fill_the_chair(&mut self, now: Now) {
        if self.chair().is_some() {
            return;
        }
        let heir = self
            .state
            .room
            .participants
            .iter()
            .find(|p| p.connection == ConnectionState::Connected && self.claim_of(p.id).is_some())
            .map(|p| p.id);
        if let Some(participant) = heir {
            self.record(
                &Cause::server(now.utc),
                Event::Chair(ChairEvent::RoleChanged {
                    participant,
                    role: SessionRole::Chair,
                }),
            );
        }
    }

    /// Tells that the chair's powers pass to the secretaries, or return to the chair. An empty room is told nothing.
    pub(crate) fn tell_chair_away(&mut self, now: Now) {
        let away = match self.chair_away_since {
            None => false,
            Some(_) if self.chair_away_at().is_some_and(|at| at <= now.mono) => true,
            Some(_) => return,
        };
        if away != self.state.room.chair_away {
            self.record(
                &Cause::server(now.utc),
                Event::Chair(ChairEvent::ChairAwayChanged { away }),
            );
        }
    }

    /// When the chair's powers pass to the secretaries: none while a chair or nobody at all is connected.
    pub(crate) fn chair_away_at(&self) -> Option<Mono> {
        let since = self.chair_away_since?;
        self.unattended_since
            .is_none()
            .then(|| since.plus(CHAIR_AWAY_AFTER))
    }

    fn claim_of(&self, whom: ParticipantId) -> Option<Claim> {
        self.people.get(&whom).and_then(|p| p.claim)
    }
}
