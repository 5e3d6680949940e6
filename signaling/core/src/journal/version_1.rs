//! Journals of version 1 do not say what an event followed from. What the rules need of it follows from what came before:
//! mutings by the same command as the last grant of the floor are the grant's, and a change to the same, by somebody
//! else, was a decision by name.

use std::collections::BTreeMap;

use protocol::ParticipantId;
use protocol::client::{Event, FloorEvent, Microphone, MicrophoneEvent, RosterEvent};

use crate::cause::{Cause, Reason};

/// Works out the causes of a journal of version 1, entry by entry.
#[derive(Debug, Default)]
pub(super) struct Upcaster {
    /// Whose command gave the floor last, and its number.
    granted_by: (Option<ParticipantId>, Option<u64>),
    microphones: BTreeMap<ParticipantId, Microphone>,
}

impl Upcaster {
    /// The cause of the next event; `by` knows by whose hand it happened.
    pub(super) fn upcast(&mut self, by: Cause, event: &Event) -> Cause {
        let hand = (by.actor, by.command);
        let plain = if by.command.is_some() {
            Reason::Asked
        } else {
            Reason::Unknown
        };
        match event {
            Event::Floor(FloorEvent::FloorGranted { .. }) => self.granted_by = hand,
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                self.microphones
                    .insert(participant.id, participant.microphone);
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.microphones.remove(participant);
            }
            Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant,
                microphone,
                by: whose,
            }) => {
                let was = self.microphones.insert(*participant, *microphone);
                let was = was.unwrap_or_default();
                if microphone.muted && !was.muted && hand == self.granted_by {
                    return by.with(Reason::TurnBegan);
                }
                if whose != participant && *microphone == was {
                    return by.with(Reason::Silenced);
                }
            }
            _ => {}
        }
        by.with(plain)
    }
}
