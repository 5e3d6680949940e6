//! Three facts about each microphone: the person's own switch (`on`), muted by the chair (`muted`, the person may undo
//! it) and locked by the chair (`locked`, the person may not). The SFU's gate follows whenever their sum changes.

use protocol::ParticipantId;
use protocol::client::{Event, Microphone, RefusalCode, SessionRole};
use protocol::sfu::SfuCommand;

use crate::Room;
use crate::role::presides;
use crate::room::{Cause, Outcome};

impl Room {
    pub(crate) fn set_microphone(&mut self, cause: &Cause, me: ParticipantId, on: bool) -> Outcome {
        let before = self.microphone(me);
        if on && before.locked {
            return Err(RefusalCode::MicrophoneLocked.into());
        }
        let after = Microphone {
            on,
            muted: before.muted && !on,
            ..before
        };
        self.change_microphone(cause, me, after);
        Ok(())
    }

    pub(crate) fn mute(&mut self, cause: &Cause, whom: ParticipantId) -> Outcome {
        self.may_be_silenced(whom)?;
        let after = Microphone {
            muted: true,
            ..self.microphone(whom)
        };
        if self.state.muted_by_grant.contains(&whom) {
            // Looks the same, but is not given back with the floor.
            self.journal_microphone(cause, whom, after);
        }
        self.change_microphone(cause, whom, after);
        Ok(())
    }

    pub(crate) fn set_lock(&mut self, cause: &Cause, whom: ParticipantId, locked: bool) -> Outcome {
        if locked {
            self.may_be_silenced(whom)?;
        } else {
            self.role_of(whom)?;
        }
        let after = Microphone {
            locked,
            ..self.microphone(whom)
        };
        self.change_microphone(cause, whom, after);
        Ok(())
    }

    /// Locks or unlocks everybody but chair, secretary and floor holder, and those who come later.
    pub(crate) fn set_lock_all(&mut self, cause: &Cause, locked: bool) -> Outcome {
        if self.state.room.all_locked != locked
            && let Some(by) = cause.actor
        {
            self.record(cause, Event::AllLocked { locked, by });
        }
        let floor = self.state.room.floor;
        let others: Vec<ParticipantId> = self
            .state
            .room
            .participants
            .iter()
            .filter(|p| !locked || (!presides(p.role) && floor != Some(p.id)))
            .map(|p| p.id)
            .collect();
        for whom in others {
            let after = Microphone {
                locked,
                ..self.microphone(whom)
            };
            self.change_microphone(cause, whom, after);
        }
        Ok(())
    }

    pub(crate) fn microphone(&self, whom: ParticipantId) -> Microphone {
        self.state
            .participant(whom)
            .map(|p| p.microphone)
            .unwrap_or_default()
    }

    /// Journals the change, if it is one, and moves the SFU's gate, if the sum of the facts changed.
    pub(crate) fn change_microphone(
        &mut self,
        cause: &Cause,
        whom: ParticipantId,
        after: Microphone,
    ) {
        let before = self.microphone(whom);
        if before == after {
            return;
        }
        self.journal_microphone(cause, whom, after);
        if before.is_open() != after.is_open() {
            self.media(SfuCommand::SetGate {
                room: self.id(),
                participant: whom,
                microphone_open: after.is_open(),
            });
        }
    }

    fn journal_microphone(&mut self, cause: &Cause, whom: ParticipantId, microphone: Microphone) {
        self.record(
            cause,
            Event::MicrophoneChanged {
                participant: whom,
                microphone,
                by: cause.actor.unwrap_or(whom),
            },
        );
    }

    /// Nobody silences the chair.
    fn may_be_silenced(&self, whom: ParticipantId) -> Outcome {
        if self.role_of(whom)? == SessionRole::Chair {
            return Err(RefusalCode::NotAllowed.into());
        }
        Ok(())
    }
}
