//! The floor (Mời phát biểu): one holder at most, granted and taken back by chair or secretary.
//!
//! ```text
//!           GrantFloor, hand up                       owner closes, Mute, SetLock
//!   free ───────────────────────► open ◄──────────────────────────────────────► closed
//!    ▲ │                           ▲                 owner opens
//!    │ └──────────► announced ─────┘ 3 s, or the owner opens
//!    │  hand down       │ Chưa
//!    └──────────────────┴─ ReleaseFloor, the holder leaves (the next one has it, if there is one)
//! ```

use protocol::ParticipantId;
use protocol::client::{
    Event, FloorCommand, FloorEvent, Microphone, MicrophoneCommand, MicrophoneEvent, RosterEvent,
    SessionRole, TURN_OPENS_AFTER, Turn,
};
use serde_json::{Value, json};

use crate::act::Audited;
use crate::cause::Reason;
use crate::context::Context;
use crate::role::presides;
use crate::rules::Outcome;
use crate::rules::hand::Hands;
use crate::rules::microphone::Microphones;
use crate::rules::picture::Pictures;
use crate::timers::Timer;
use crate::{JournalEntry, State};

/// Who has the floor, and who will.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    holder: Option<ParticipantId>,
    /// The turn of the holder.
    turn: Option<Turn>,
    /// Who gave it.
    by: Option<ParticipantId>,
    next: Option<ParticipantId>,
    /// Who named the next one.
    next_by: Option<ParticipantId>,
}

impl Floor {
    pub(crate) const fn holder(&self) -> Option<ParticipantId> {
        self.holder
    }

    pub(crate) fn is_held_by(&self, whom: ParticipantId) -> bool {
        self.holder == Some(whom)
    }

    pub(crate) const fn turn(&self) -> Option<Turn> {
        self.turn
    }

    pub(crate) const fn next(&self) -> Option<ParticipantId> {
        self.next
    }

    pub(crate) const fn next_by(&self) -> Option<ParticipantId> {
        self.next_by
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Floor(FloorEvent::FloorGranted {
                participant,
                by,
                opens_at_us,
            }) => {
                let same = self.turn.filter(|_| self.is_held_by(*participant));
                self.holder = Some(*participant);
                self.by = Some(*by);
                self.turn = Some(Turn {
                    since_us: same.map_or(entry.frame.at_us, |turn| turn.since_us),
                    opens_at_us: *opens_at_us,
                });
            }
            Event::Floor(FloorEvent::FloorReleased { participant, .. }) => {
                self.free_of(*participant);
            }
            Event::Floor(FloorEvent::NextChanged { participant }) => {
                self.next = *participant;
                self.next_by = participant.and(entry.cause.actor);
            }
            // Once it moved, it does not open by itself any more.
            Event::Microphone(MicrophoneEvent::MicrophoneChanged { participant, .. })
                if self.is_held_by(*participant) =>
            {
                if let Some(turn) = &mut self.turn {
                    turn.opens_at_us = None;
                }
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.free_of(*participant);
                self.next.take_if(|next| next == participant);
            }
            _ => {}
        }
    }

    fn free_of(&mut self, whom: ParticipantId) {
        if self.is_held_by(whom) {
            (self.holder, self.turn, self.by) = (None, None, None);
        }
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &FloorCommand) -> Outcome {
        match *command {
            FloorCommand::GrantFloor {
                participant,
                interrupt,
            } => return Self::grant(cx, participant, interrupt),
            FloorCommand::CancelNext => Self::set_next(cx, None),
            FloorCommand::ReleaseFloor => Self::release(cx, me),
        }
        Ok(())
    }

    /// Gives the floor to `whom`. While somebody else has it, `whom` is next, unless `interrupt` ends that turn.
    fn grant(cx: &mut Context, whom: ParticipantId, interrupt: bool) -> Outcome {
        cx.role_of(whom)?;
        let by = cx.cause.actor;
        match cx.state.floor.holder {
            Some(holder) if holder == whom => {
                Self::silence_others_again(cx, whom);
                if !cx.state.microphones.of(whom).is_open() {
                    Self::begin_turn(cx, whom, by);
                }
            }
            Some(_) if !interrupt => Self::set_next(cx, Some(whom)),
            _ => {
                Self::end_turn(cx);
                Self::begin_turn(cx, whom, by);
            }
        }
        Ok(())
    }

    /// Names who has the floor next, or nobody.
    fn set_next(cx: &mut Context, next: Option<ParticipantId>) {
        if cx.state.floor.next != next {
            cx.record(FloorEvent::NextChanged { participant: next });
        }
    }

    /// Takes the floor back, if anybody has it. From its holder: the next one has it. From others: discussion goes on
    /// with the microphones that were open before, and nobody is next.
    fn release(cx: &mut Context, me: ParticipantId) {
        if !cx.state.floor.is_held_by(me) {
            Self::set_next(cx, None);
        }
        Self::end_turn(cx);
        Self::go_on(cx);
    }

    /// Locks the microphone of whoever has the floor, which ends the turn.
    pub(crate) fn lock_holder(cx: &mut Context, holder: ParticipantId) -> Outcome {
        Microphones::may_be_silenced(cx, holder)?;
        Self::end_turn(cx);
        Microphones::lock(cx, holder);
        Self::go_on(cx);
        Ok(())
    }

    /// Does what unlocks microphones. A turn that is being announced goes on being announced.
    pub(crate) fn unlock(
        cx: &mut Context,
        me: ParticipantId,
        command: &MicrophoneCommand,
    ) -> Outcome {
        let before = cx.state.floor.turn;
        Microphones::handle(cx, me, command)?;
        let after = cx.state.floor.turn;
        if before != after
            && let (Some(participant), Some(turn)) = (cx.state.floor.holder, before)
        {
            let by = cx.state.floor.by.unwrap_or(participant);
            cx.record(FloorEvent::FloorGranted {
                participant,
                by,
                opens_at_us: turn.opens_at_us,
            });
        }
        Ok(())
    }

    /// Takes the floor, and what was to come, from somebody who is going. Whether they had it: then it goes
    /// [on](Self::go_on) once they are gone.
    pub(crate) fn take_from(cx: &mut Context, whom: ParticipantId) -> bool {
        if cx.state.floor.next == Some(whom) {
            Self::set_next(cx, None);
        }
        let had_floor = cx.state.floor.is_held_by(whom);
        if had_floor {
            cx.timers.stop(Timer::Turn);
            cx.record(FloorEvent::FloorReleased {
                participant: whom,
                declined: false,
            });
        }
        had_floor
    }

    /// After a turn: the next one's, or discussion.
    pub(crate) fn go_on(cx: &mut Context) {
        match cx.state.floor.next {
            Some(next) => {
                let by = cx.state.floor.next_by;
                Self::begin_turn(&mut cx.following(Reason::TurnEnded), next, by);
            }
            None => Microphones::give_back(&mut cx.following(Reason::FloorFree)),
        }
    }

    /// Opens the microphone of a turn whose announcement is over.
    pub(crate) fn open_turn(cx: &mut Context) {
        if let Some(holder) = cx.state.floor.holder {
            Self::open(cx, holder);
        }
    }

    /// Announces a turn again: its holder came back by another page, which has not been told, or the server was
    /// restarted within an announcement.
    pub(crate) fn announce_again(cx: &mut Context) {
        if let Some(holder) = cx.state.floor.holder {
            let by = cx.state.floor.by.unwrap_or(holder);
            Self::announce(cx, holder, by);
        }
    }

    /// The floor is free: gives it to `whom`, mutes all others but chair and secretary, lowers the hand, and opens the
    /// microphone: at once for somebody who asked for it, or does it alone, or speaks already; else after it was
    /// announced.
    fn begin_turn(cx: &mut Context, whom: ParticipantId, by: Option<ParticipantId>) {
        if cx.state.floor.next == Some(whom) {
            Self::set_next(cx, None);
        }
        let gives_it_to_oneself = cx.cause.reason == Reason::Asked && cx.cause.actor == Some(whom);
        let asked = cx.state.hands.is_up(whom) || gives_it_to_oneself;
        let cannot_be_asked = cx.state.person(whom).is_some_and(|p| p.encoder);
        let speaks = cx.state.microphones.of(whom).is_open();
        let at_once = asked || cannot_be_asked || speaks;
        let by = by.or(cx.cause.actor).unwrap_or(whom);
        if at_once {
            cx.record(FloorEvent::FloorGranted {
                participant: whom,
                by,
                opens_at_us: None,
            });
        } else {
            Self::announce(cx, whom, by);
        }
        let mut cx = cx.following(Reason::TurnBegan);
        let others = Microphones::silenced_by_turn(&cx, whom);
        Microphones::mute_for_turn(&mut cx, others);
        Hands::lower(&mut cx, whom);
        if at_once {
            cx.timers.stop(Timer::Turn);
            Self::open(&mut cx, whom);
        }
    }

    /// Grants the floor to somebody whose microphone opens in a moment.
    fn announce(cx: &mut Context, holder: ParticipantId, by: ParticipantId) {
        let now = cx.now;
        cx.record(FloorEvent::FloorGranted {
            participant: holder,
            by,
            opens_at_us: Some(now.utc.plus(TURN_OPENS_AFTER)),
        });
        cx.timers.set(Timer::Turn, now.mono.plus(TURN_OPENS_AFTER));
    }

    fn open(cx: &mut Context, holder: ParticipantId) {
        let after = Microphone {
            granted: true,
            ..cx.state.microphones.of(holder)
        };
        Microphones::change(cx, holder, after);
    }

    /// Mutes whoever spoke up in a turn that goes on, after telling that it does.
    fn silence_others_again(cx: &mut Context, holder: ParticipantId) {
        let others = Microphones::silenced_by_turn(cx, holder);
        if !others.is_empty() {
            let by = cx.cause.actor.unwrap_or(holder);
            let opens_at_us = cx.state.floor.turn.and_then(|turn| turn.opens_at_us);
            cx.record(FloorEvent::FloorGranted {
                participant: holder,
                by,
                opens_at_us,
            });
        }
        Microphones::mute_for_turn(&mut cx.following(Reason::TurnBegan), others);
    }

    /// Ends the holder's turn: what the turn opened is closed, the microphone is locked while all are, and a viewer goes
    /// back to watching.
    fn end_turn(cx: &mut Context) {
        let Some(holder) = cx.state.floor.holder else {
            return;
        };
        let announced = cx.timers.stop(Timer::Turn);
        let declined = announced && cx.cause.actor == Some(holder);
        cx.record(FloorEvent::FloorReleased {
            participant: holder,
            declined,
        });
        let Ok(role) = cx.role_of(holder) else {
            return;
        };
        let mut cx = cx.following(Reason::TurnEnded);
        let before = cx.state.microphones.of(holder);
        let after = Microphone {
            locked: before.locked || (cx.state.microphones.all_locked() && !presides(role)),
            granted: false,
            ..before
        };
        Microphones::change(&mut cx, holder, after);
        if role == SessionRole::Viewer {
            Pictures::end_screen_of(&mut cx, holder);
            Pictures::switch_camera(&mut cx, holder, false);
        }
    }
}

impl Audited for FloorCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        Some(match self {
            Self::GrantFloor { .. } => "grant_floor",
            Self::CancelNext => "cancel_next",
            Self::ReleaseFloor => "release_floor",
        })
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::GrantFloor { participant, .. } => Some(participant),
            Self::CancelNext | Self::ReleaseFloor => None,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        let Floor { holder, next, .. } = &state.floor;
        Some(json!({ "floor": holder, "next": next }))
    }
}
