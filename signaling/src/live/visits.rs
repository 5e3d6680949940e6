//! Presence: from when to when each participant was in the room, as proven by signs of life: begun, proven every 5 s and
//! ended in the database.
//!
//! How long a visit was broken is told by the clock that nobody sets; the times that are written down are UTC.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{ParticipantId, PointId, PresenceId, UtcMicros};
use signaling_core::{Mono, Now};

use crate::live::journal::writer::{JournalWriter, Write};
use crate::live::presence::Proof;
use crate::platform::database::new_id;

/// How often presence is proven in the database.
pub(crate) const PROVE_EVERY: Duration = Duration::from_secs(5);

/// A stay that is broken for less than this goes on as the same presence interval.
const SAME_VISIT: Duration = Duration::from_secs(60);

/// A stretch of presence of one participant.
#[derive(Debug)]
struct Visit {
    id: PresenceId,
    point: Option<PointId>,
    /// The last sign of life.
    proven: Now,
    broken: bool,
}

impl Visit {
    /// Broken for too long to go on.
    fn is_past(&self, now: Mono) -> bool {
        self.broken && now.since(self.proven.mono) > SAME_VISIT
    }
}

/// Who is in a room, and since when.
#[derive(Debug)]
pub(crate) struct Visits {
    journal: JournalWriter,
    open: BTreeMap<ParticipantId, Visit>,
}

impl Visits {
    pub(crate) fn new(journal: JournalWriter) -> Self {
        Self {
            journal,
            open: BTreeMap::new(),
        }
    }

    /// Somebody is here, of this point: a new visit, or the earlier one goes on.
    pub(crate) fn begin(
        &mut self,
        participant: ParticipantId,
        point: Option<PointId>,
        proof: Proof,
        now: Now,
    ) {
        if self
            .open
            .get(&participant)
            .is_some_and(|v| v.is_past(now.mono))
        {
            self.end(participant);
        }
        if let Some(visit) = self.open.get_mut(&participant) {
            visit.broken = false;
            visit.proven = now;
            return;
        }
        let visit = Visit {
            id: PresenceId(new_id()),
            point,
            proven: now,
            broken: false,
        };
        self.journal.write(Write::PresenceBegan {
            id: visit.id,
            participant,
            proof,
            at: now.utc,
        });
        self.open.insert(participant, visit);
    }

    /// Somebody's connection is gone; the visit goes on if they are back soon.
    pub(crate) fn broke(&mut self, participant: ParticipantId) {
        if let Some(visit) = self.open.get_mut(&participant) {
            visit.broken = true;
        }
    }

    /// A sign of life from the moment `at`.
    pub(crate) fn sign(&mut self, participant: ParticipantId, at: Mono, now: Now) {
        if let Some(visit) = self.open.get_mut(&participant)
            && at > visit.proven.mono
        {
            visit.proven = Now {
                utc: utc_of(at, now),
                mono: at,
            };
        }
    }

    /// A sign of life by media, which counts while the connection is not broken.
    pub(crate) fn sign_by_media(&mut self, participant: ParticipantId, now: Now) {
        if self.open.get(&participant).is_some_and(|v| !v.broken) {
            self.sign(participant, now.mono, now);
        }
    }

    /// Ends a visit at its last proof.
    pub(crate) fn end(&mut self, participant: ParticipantId) {
        if let Some(visit) = self.open.remove(&participant) {
            self.journal.write(Write::PresenceEnded {
                id: visit.id,
                point: visit.point,
                at: visit.proven.utc,
            });
        }
    }

    /// Ends every visit.
    pub(crate) fn end_all(&mut self) {
        let everybody: Vec<ParticipantId> = self.open.keys().copied().collect();
        for participant in everybody {
            self.end(participant);
        }
    }

    /// Writes the proofs of those who are here, and ends the visits of those who have been away too long.
    pub(crate) fn prove(&mut self, now: Now) {
        let gone: Vec<ParticipantId> = self
            .open
            .iter()
            .filter(|(_, v)| v.is_past(now.mono))
            .map(|(id, _)| *id)
            .collect();
        for participant in gone {
            self.end(participant);
        }
        for visit in self.open.values().filter(|v| !v.broken) {
            self.journal.write(Write::PresenceProven {
                id: visit.id,
                point: visit.point,
                at: visit.proven.utc,
            });
        }
    }
}

/// What the time of day was at an earlier moment, by the clock as it is set at present.
fn utc_of(at: Mono, now: Now) -> UtcMicros {
    now.utc.minus(now.mono.since(at))
}
