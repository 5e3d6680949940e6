//! The floor (Mời phát biểu): one holder at most, granted and taken back by chair or secretary. And the broadcast
//! (Phát cho tất cả): whom everybody is made to see.
//!
//! ```text
//!           GrantFloor, hand up                       owner closes, Mute, SetLock
//!   free ───────────────────────► open ◄──────────────────────────────────────► closed
//!    ▲ │                           ▲                 owner opens
//!    │ └──────────► announced ─────┘ 3 s, or the owner opens
//!    │  hand down       │ Chưa
//!    └──────────────────┴─ ReleaseFloor, the holder leaves (the next one has it, if there is one)
//! ```

use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    Event, FloorEvent, HandEvent, Microphone, PictureEvent, SessionRole, TURN_OPENS_AFTER,
};

use crate::role::presides;
use crate::room::{Cause, Outcome};
use crate::{Now, Room};

impl Room {
    /// Gives the floor to `whom`. While somebody else has it, `whom` is next, unless `interrupt` ends that turn.
    pub(crate) fn grant_floor(
        &mut self,
        now: Now,
        cause: &Cause,
        whom: ParticipantId,
        interrupt: bool,
    ) -> Outcome {
        self.role_of(whom)?;
        match self.state.room.floor {
            Some(holder) if holder == whom => {
                self.mute_others(cause, whom, false);
                if !self.microphone(whom).is_open() {
                    self.begin_turn(now, cause, whom, cause.actor);
                }
                Ok(())
            }
            Some(_) if !interrupt => self.set_next(cause, Some(whom)),
            _ => {
                self.end_turn(cause);
                self.begin_turn(now, cause, whom, cause.actor);
                Ok(())
            }
        }
    }

    /// Names who has the floor next, or nobody.
    pub(crate) fn set_next(&mut self, cause: &Cause, next: Option<ParticipantId>) -> Outcome {
        if self.state.room.next != next {
            self.record(
                cause,
                Event::Floor(FloorEvent::NextChanged { participant: next }),
            );
        }
        Ok(())
    }

    /// Takes the floor back, if anybody has it. From its holder: the next one has it. From others: discussion goes on
    /// with the microphones that were open before, and nobody is next.
    pub(crate) fn release_floor(&mut self, now: Now, cause: &Cause, me: ParticipantId) -> Outcome {
        if self.state.room.floor != Some(me) {
            self.set_next(cause, None)?;
        }
        self.end_turn(cause);
        self.go_on_after_turn(now, cause);
        Ok(())
    }

    /// After a turn: the next one's, or discussion.
    pub(crate) fn go_on_after_turn(&mut self, now: Now, cause: &Cause) {
        match self.state.room.next {
            Some(next) => {
                let by = self.state.next_by;
                self.begin_turn(now, cause, next, by);
            }
            None => self.give_microphones_back(cause),
        }
    }

    /// Opens the microphone of a turn whose announcement is over.
    pub(crate) fn open_turn_when_due(&mut self, now: Now) {
        if self.turn_opens_at.is_none_or(|at| at > now.mono) {
            return;
        }
        self.turn_opens_at = None;
        if let Some(holder) = self.state.room.floor {
            self.open_for_turn(&Cause::server(now.utc), holder);
        }
    }

    /// Announces a turn again: its holder came back by another page, which has not been told, or the server was
    /// restarted within an announcement.
    pub(crate) fn announce_again(&mut self, now: Now, cause: &Cause) {
        let Some(holder) = self.state.room.floor else {
            return;
        };
        self.record(
            cause,
            Event::Floor(FloorEvent::FloorGranted {
                participant: holder,
                by: cause.actor.unwrap_or(holder),
                opens_at_us: Some(now.utc.plus(TURN_OPENS_AFTER)),
            }),
        );
        self.turn_opens_at = Some(now.mono.plus(TURN_OPENS_AFTER));
    }

    /// Undoes the mutings of the grant, as far as nothing else happened to those microphones.
    fn give_microphones_back(&mut self, cause: &Cause) {
        for whom in self.state.muted_by_grant.clone() {
            let after = Microphone {
                muted: false,
                ..self.microphone(whom)
            };
            self.change_microphone(cause, whom, after);
        }
    }

    /// The floor is free: gives it to `whom`, mutes all others but chair and secretary, lowers the hand, and opens the
    /// microphone: at once for somebody who asked for it, or does it alone, or speaks already; else after it was
    /// announced.
    fn begin_turn(
        &mut self,
        now: Now,
        cause: &Cause,
        whom: ParticipantId,
        by: Option<ParticipantId>,
    ) {
        if self.state.room.next == Some(whom) {
            self.record(
                cause,
                Event::Floor(FloorEvent::NextChanged { participant: None }),
            );
        }
        let asked = self.state.room.hands.contains(&whom) || cause.actor == Some(whom);
        let cannot_be_asked = self.state.participant(whom).is_some_and(|p| p.encoder);
        let at_once = asked || cannot_be_asked || self.microphone(whom).is_open();
        let wait = if at_once {
            Duration::ZERO
        } else {
            TURN_OPENS_AFTER
        };
        self.record(
            cause,
            Event::Floor(FloorEvent::FloorGranted {
                participant: whom,
                by: by.or(cause.actor).unwrap_or(whom),
                opens_at_us: (!at_once).then(|| now.utc.plus(wait)),
            }),
        );
        self.mute_others(cause, whom, true);
        if self.state.room.hands.contains(&whom) {
            self.record(
                cause,
                Event::Hand(HandEvent::HandLowered { participant: whom }),
            );
        }
        if at_once {
            self.turn_opens_at = None;
            self.open_for_turn(cause, whom);
        } else {
            self.turn_opens_at = Some(now.mono.plus(wait));
        }
    }

    fn open_for_turn(&mut self, cause: &Cause, holder: ParticipantId) {
        let after = Microphone {
            granted: true,
            ..self.microphone(holder)
        };
        self.change_microphone(cause, holder, after);
    }

    /// Mutes whoever speaks besides `holder`, chair and secretary. `told` says that the grant was journalled by this
    /// cause, which makes these mutings its own.
    fn mute_others(&mut self, cause: &Cause, holder: ParticipantId, told: bool) {
        let others: Vec<ParticipantId> = self
            .state
            .room
            .participants
            .iter()
            .filter(|p| p.id != holder && !presides(p.role) && p.microphone.is_open())
            .map(|p| p.id)
            .collect();
        if !told && !others.is_empty() {
            self.record(
                cause,
                Event::Floor(FloorEvent::FloorGranted {
                    participant: holder,
                    by: cause.actor.unwrap_or(holder),
                    opens_at_us: self.state.room.turn.and_then(|turn| turn.opens_at_us),
                }),
            );
        }
        for other in others {
            let after = Microphone {
                muted: true,
                ..self.microphone(other)
            };
            self.change_microphone(cause, other, after);
        }
    }

    /// Shows somebody to everybody, or nobody in particular.
    pub(crate) fn broadcast(&mut self, cause: &Cause, whom: Option<ParticipantId>) -> Outcome {
        if let Some(whom) = whom {
            self.role_of(whom)?;
        }
        if self.state.room.broadcast != whom {
            self.record(
                cause,
                Event::Picture(PictureEvent::BroadcastChanged { participant: whom }),
            );
        }
        Ok(())
    }

    /// Ends the holder's turn: what the turn opened is closed, the microphone is locked while all are, and a viewer goes
    /// back to watching.
    pub(crate) fn end_turn(&mut self, cause: &Cause) {
        let Some(holder) = self.state.room.floor else {
            return;
        };
        let announced = self.turn_opens_at.take().is_some();
        self.record(
            cause,
            Event::Floor(FloorEvent::FloorReleased {
                participant: holder,
                declined: announced && cause.actor == Some(holder),
            }),
        );
        let Ok(role) = self.role_of(holder) else {
            return;
        };
        let watches = role == SessionRole::Viewer;
        let before = self.microphone(holder);
        let after = Microphone {
            locked: before.locked || (self.state.room.all_locked && !presides(role)),
            granted: false,
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
