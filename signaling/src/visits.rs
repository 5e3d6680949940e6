//! Presence: from when to when each participant was in the room, as proven by signs of life: begun,
//! proven every 5 s and ended in the database.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{BridgePointId, ParticipantId, UtcMicros};
use uuid::Uuid;

use crate::journal_writer::{JournalWriter, Write};
use crate::store::new_id;
use crate::store::presence::Proof;

/// How often presence is proven in the database.
pub(crate) const PROVE_EVERY: Duration = Duration::from_secs(5);

/// A stay that is broken for less than this goes on as the same presence interval.
const SAME_VISIT_US: i64 = 60_000_000;

/// A stretch of presence of one participant.
#[derive(Debug)]
struct Visit {
    id: Uuid,
    point: Option<BridgePointId>,
    proven: UtcMicros,
    broken: bool,
}

impl Visit {
    /// Broken for too long to go on.
    fn is_past(&self, now: UtcMicros) -> bool {
        self.broken && now.0 - self.proven.0 > SAME_VISIT_US
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
    pub(crate) async fn begin(
        &mut self,
        participant: ParticipantId,
        point: Option<BridgePointId>,
        proof: Proof,
        now: UtcMicros,
    ) {
        if self.open.get(&participant).is_some_and(|v| v.is_past(now)) {
            self.end(participant).await;
        }
        if let Some(visit) = self.open.get_mut(&participant) {
            visit.broken = false;
            visit.proven = now;
            return;
        }
        let visit = Visit {
            id: new_id(),
            point,
            proven: now,
            broken: false,
        };
        self.journal
            .write(Write::PresenceBegan {
                id: visit.id,
                participant,
                proof,
                at: now,
            })
            .await;
        self.open.insert(participant, visit);
    }

    /// Somebody's connection is gone; the visit goes on if they are back soon.
    pub(crate) fn broke(&mut self, participant: ParticipantId) {
        if let Some(visit) = self.open.get_mut(&participant) {
            visit.broken = true;
        }
    }

    /// A sign of life from then.
    pub(crate) fn sign(&mut self, participant: ParticipantId, at: UtcMicros) {
        if let Some(visit) = self.open.get_mut(&participant) {
            visit.proven = visit.proven.max(at);
        }
    }

    /// A sign of life by media, which counts while the connection is not broken.
    pub(crate) fn sign_by_media(&mut self, participant: ParticipantId, at: UtcMicros) {
        if self.open.get(&participant).is_some_and(|v| !v.broken) {
            self.sign(participant, at);
        }
    }

    /// Ends a visit at its last proof.
    pub(crate) async fn end(&mut self, participant: ParticipantId) {
        if let Some(visit) = self.open.remove(&participant) {
            self.journal
                .write(Write::PresenceEnded {
                    id: visit.id,
                    point: visit.point,
                    at: visit.proven,
                })
                .await;
        }
    }

    /// Ends every visit.
    pub(crate) async fn end_all(&mut self) {
        let everybody: Vec<ParticipantId> = self.open.keys().copied().collect();
        for participant in everybody {
            self.end(participant).await;
        }
    }

    /// Writes the proofs of those who are here, and ends the visits of those who have been away too long.
    pub(crate) async fn prove(&mut self, now: UtcMicros) {
        let gone: Vec<ParticipantId> = self
            .open
            .iter()
            .filter(|(_, v)| v.is_past(now))
            .map(|(id, _)| *id)
            .collect();
        for participant in gone {
            self.end(participant).await;
        }
        for visit in self.open.values().filter(|v| !v.broken) {
            self.journal
                .write(Write::PresenceProven {
                    id: visit.id,
                    point: visit.point,
                    at: visit.proven,
                })
                .await;
        }
    }
}
