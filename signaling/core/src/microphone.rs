//! Four facts about each microphone: the person's own switch (`on`), muted by the chair (`muted`, the person may undo
//! it), locked by the chair (`locked`, the person may not), and opened by a turn at the floor (`granted`). The SFU's gate
//! follows whenever their sum changes.
//!
//! A microphone is never open unknown to its owner: nobody else moves `on`, and `granted` is announced and ends with the
//! turn. So whatever others do, an open microphone is one that its owner opened last, or an announced turn runs.

use protocol::ParticipantId;
use protocol::client::{Event, Microphone, MicrophoneEvent, RefusalCode, SessionRole};
use protocol::sfu::SfuCommand;

use crate::role::presides;
use crate::room::{Cause, Outcome};
use crate::{Now, Room};

impl Room {
    pub(crate) fn set_microphone(&mut self, cause: &Cause, me: ParticipantId, on: bool) -> Outcome {
        let before = self.microphone(me);
        let has_turn = self.state.room.floor == Some(me);
        if on && before.locked && !has_turn {
            return Err(RefusalCode::MicrophoneLocked.into());
        }
        let after = Microphone {
            // Whoever only watches speaks in a turn and has no switch beyond it.
            on: on && self.role_of(me)? != SessionRole::Viewer,
            muted: before.muted && !on,
            granted: on && has_turn,
            ..before
        };
        self.decide_within_announcement(cause, me, after);
        self.change_microphone(cause, me, after);
        Ok(())
    }

    pub(crate) fn mute(&mut self, cause: &Cause, whom: ParticipantId) -> Outcome {
        self.may_be_silenced(whom)?;
        let after = Microphone {
            muted: true,
            granted: false,
            ..self.microphone(whom)
        };
        self.decide_within_announcement(cause, whom, after);
        self.decide_on_microphone(cause, whom, after);
        Ok(())
    }

    /// Locks or unlocks `whom`. A turn at the floor ends with it.
    pub(crate) fn set_lock(
        &mut self,
        now: Now,
        cause: &Cause,
        whom: ParticipantId,
        locked: bool,
    ) -> Outcome {
        if locked {
            self.may_be_silenced(whom)?;
        } else {
            self.role_of(whom)?;
        }
        let ends_turn = locked && self.state.room.floor == Some(whom);
        if ends_turn {
            self.end_turn(cause);
        }
        let after = Microphone {
            locked,
            ..self.microphone(whom)
        };
        if locked {
            self.decide_on_microphone(cause, whom, after);
        } else {
            self.change_microphone(cause, whom, after);
        }
        if ends_turn {
            self.go_on_after_turn(now, cause);
        }
        Ok(())
    }

    /// Locks or unlocks everybody but chair, secretary and floor holder, and those who come later.
    pub(crate) fn set_lock_all(&mut self, cause: &Cause, locked: bool) -> Outcome {
        if self.state.room.all_locked != locked
            && let Some(by) = cause.actor
        {
            self.record(
                cause,
                Event::Microphone(MicrophoneEvent::AllLocked { locked, by }),
            );
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

    /// Changes the microphone by a decision of whoever presides: it is not given back with the floor, also when it looks
    /// the same.
    fn decide_on_microphone(&mut self, cause: &Cause, whom: ParticipantId, after: Microphone) {
        self.change_microphone(cause, whom, after);
        if self.state.muted_by_grant.contains(&whom) {
            self.journal_microphone(cause, whom, after);
        }
    }

    /// A microphone whose turn is announced does not open by itself once its owner or the chair has decided, which is
    /// journalled also when it looks the same.
    fn decide_within_announcement(
        &mut self,
        cause: &Cause,
        whom: ParticipantId,
        after: Microphone,
    ) {
        if self.state.room.floor == Some(whom)
            && self.turn_opens_at.take().is_some()
            && self.microphone(whom) == after
        {
            self.journal_microphone(cause, whom, after);
        }
    }

    fn journal_microphone(&mut self, cause: &Cause, whom: ParticipantId, microphone: Microphone) {
        self.record(
            cause,
            Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant: whom,
                microphone,
                by: cause.actor.unwrap_or(whom),
            }),
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
