//! The floor (Mời phát biểu): one holder at most, granted and taken back by chair or secretary. And the broadcast
//! (Phát cho tất cả): whom everybody is made to see.

use protocol::ParticipantId;
use protocol::client::{Event, Microphone, SessionRole};

use crate::Room;
use crate::role::presides;
use crate::room::{Cause, Outcome};

impl Room {
    /// Gives the floor: the previous holder's turn ends, all others but chair and secretary are muted, the hand goes
    /// down, the microphone is unlocked and open.
    pub(crate) fn grant_floor(&mut self, cause: &Cause, whom: ParticipantId) -> Outcome {
        self.role_of(whom)?;
        let passes = self.state.room.floor != Some(whom);
        if passes {
            self.end_turn(cause);
        }
        let others = self.others_who_speak(whom);
        if passes || !others.is_empty() {
            self.record(
                cause,
                Event::FloorGranted {
                    participant: whom,
                    by: cause.actor.unwrap_or(whom),
                },
            );
        }
        for other in others {
            let after = Microphone {
                muted: true,
                ..self.microphone(other)
            };
            self.change_microphone(cause, other, after);
        }
        if self.state.room.hands.contains(&whom) {
            self.record(cause, Event::HandLowered { participant: whom });
        }
        let open = Microphone {
            on: true,
            muted: false,
            locked: false,
        };
        self.change_microphone(cause, whom, open);
        Ok(())
    }

    /// Takes the floor back, if anybody has it: discussion goes on with the microphones that were open before.
    pub(crate) fn release_floor(&mut self, cause: &Cause) -> Outcome {
        self.end_turn(cause);
        self.give_microphones_back(cause);
        Ok(())
    }

    /// Undoes the mutings of the grant, as far as nothing else happened to those microphones.
    pub(crate) fn give_microphones_back(&mut self, cause: &Cause) {
        for whom in self.state.muted_by_grant.clone() {
            let after = Microphone {
                muted: false,
                ..self.microphone(whom)
            };
            self.change_microphone(cause, whom, after);
        }
    }

    /// Whose microphones are open besides those of `holder`, chair and secretary.
    fn others_who_speak(&self, holder: ParticipantId) -> Vec<ParticipantId> {
        self.state
            .room
            .participants
            .iter()
            .filter(|p| p.id != holder && !presides(p.role) && p.microphone.is_open())
            .map(|p| p.id)
            .collect()
    }

    /// Shows somebody to everybody, or nobody in particular.
    pub(crate) fn broadcast(&mut self, cause: &Cause, whom: Option<ParticipantId>) -> Outcome {
        if let Some(whom) = whom {
            self.role_of(whom)?;
        }
        if self.state.room.broadcast != whom {
            self.record(cause, Event::BroadcastChanged { participant: whom });
        }
        Ok(())
    }

    /// Ends the holder's turn: the microphone is locked again while all are, and a viewer goes back to watching.
    fn end_turn(&mut self, cause: &Cause) {
        let Some(holder) = self.state.room.floor else {
            return;
        };
        self.record(
            cause,
            Event::FloorReleased {
                participant: holder,
            },
        );
        let Ok(role) = self.role_of(holder) else {
            return;
        };
        let watches = role == SessionRole::Viewer;
        let before = self.microphone(holder);
        let after = Microphone {
            on: before.on && !watches,
            locked: before.locked || (self.state.room.all_locked && !presides(role)),
            ..before
        };
        self.change_microphone(cause, holder, after);
        if watches {
            self.end_screen_of(cause, holder);
            // Switching off is always possible.
            let _ = self.set_camera(cause, holder, false);
        }
    }
}
