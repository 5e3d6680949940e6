//! The floor (Mời phát biểu): one holder at most, granted and taken back by chair or secretary.
//!
//! ```text
//!           GrantFloor, hand up                       owner closes, Mute, SetLock
//!   free ───────────────────────► open ◄──────────────────────────────────────► closed
//!    ▲ │                           ▲                 owner opens
//!    │ └──────────► announced ─────┘ 3 s, or the owner opens
//!    │  hand down       │ Chưa
//!    └──────────────────┴─ ReleaseFloor, its time is over, the holder leaves (the next one has it, if there is one)
//! ```

use std::time::Duration;

use protocol::client::{
    Event, FloorCommand, FloorEvent, Heard, Microphone, MicrophoneCommand, MicrophoneEvent,
    Refusal, RefusalCode, RosterEvent, SessionRole, TURN_EXTENDED_BY, TURN_LENGTHS,
    TURN_OPENS_AFTER, Turn,
};
use protocol::{ParticipantId, UtcMicros};
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
    /// How long turns that begin last, in seconds.
    length: Option<u32>,
    /// Whether those who have not spoken yet stand first in the queue.
    unheard_first: bool,
    /// Who had turns that went beyond their announcement.
    heard: Vec<Heard>,
}

impl Floor {
    pub(crate) const fn holder(&self) -> Option<ParticipantId> {
        self.holder
    }

    pub(crate) fn is_held_by(&self, whom: ParticipantId) -> bool {
        self.holder == Some(whom)
    }

    pub(crate) const fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }

    pub(crate) const fn turn_length(&self) -> Option<u32> {
        self.length
    }

    pub(crate) const fn unheard_first(&self) -> bool {
        self.unheard_first
    }

    pub(crate) fn heard(&self) -> &[Heard] {
        &self.heard
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
                ends_at_us,
                topic,
            }) => {
                let turn = self.turn_of(*participant);
                let since_us = turn.map_or(entry.frame.at_us, |turn| turn.since_us);
                self.holder = Some(*participant);
                self.by = Some(*by);
                self.turn = Some(Turn {
                    since_us,
                    opens_at_us: *opens_at_us,
                    ends_at_us: *ends_at_us,
                    topic: topic.clone(),
                });
            }
            Event::Floor(FloorEvent::FloorReleased { participant, .. }) => {
                let turn = self.turn_of(*participant);
                let begun = turn.filter(|turn| turn.opens_at_us.is_none());
                if let Some(since) = begun.map(|turn| turn.since_us) {
                    self.note_heard(*participant, entry.frame.at_us.since(since));
                }
                self.free_of(*participant);
            }
            Event::Floor(FloorEvent::TurnLengthChanged { seconds }) => self.length = *seconds,
            Event::Floor(FloorEvent::TurnEndMoved { ends_at_us }) => {
                if let Some(turn) = &mut self.turn {
                    turn.ends_at_us = Some(*ends_at_us);
                }
            }
            Event::Floor(FloorEvent::QueueOrderChanged { unheard_first }) => {
                self.unheard_first = *unheard_first;
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

    fn note_heard(&mut self, whom: ParticipantId, spoken: Duration) {
        let spoken_us = u64::try_from(spoken.as_micros()).unwrap_or(u64::MAX);
        let known = self
            .heard
            .iter_mut()
            .find(|heard| heard.participant == whom);
        match known {
            Some(heard) => {
                heard.turns += 1;
                heard.spoken_us = heard.spoken_us.saturating_add(spoken_us);
            }
            None => self.heard.push(Heard {
                participant: whom,
                turns: 1,
                spoken_us,
            }),
        }
    }

    /// The turn of somebody, if they have the floor.
    fn turn_of(&self, whom: ParticipantId) -> Option<&Turn> {
        self.turn.as_ref().filter(|_| self.is_held_by(whom))
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
            FloorCommand::SetTurnLength { seconds } => return Self::set_length(cx, seconds),
            FloorCommand::ExtendTurn => return Self::extend(cx),
            FloorCommand::SetQueueOrder { unheard_first } => {
                if cx.state.floor.unheard_first != unheard_first {
                    cx.record(FloorEvent::QueueOrderChanged { unheard_first });
                }
            }
        }
        Ok(())
    }

    /// Sets how long the turns last that begin from now on.
    fn set_length(cx: &mut Context, seconds: Option<u32>) -> Outcome {
        if seconds.is_some_and(|seconds| !TURN_LENGTHS.contains(&seconds)) {
            return Err(Refusal {
                code: RefusalCode::BadTurnLength,
                detail: Some(format!("{}-{}", TURN_LENGTHS.start(), TURN_LENGTHS.end())),
            });
        }
        if cx.state.floor.length != seconds {
            cx.record(FloorEvent::TurnLengthChanged { seconds });
        }
        Ok(())
    }

    /// Moves the end of the present turn.
    fn extend(cx: &mut Context) -> Outcome {
        let ends_at = cx.state.floor.turn().and_then(|turn| turn.ends_at_us);
        let (Some(ends_at), Some(due)) = (ends_at, cx.timers.due(Timer::TurnEnds)) else {
            return Err(RefusalCode::NoTurnEnd.into());
        };
        cx.record(FloorEvent::TurnEndMoved {
            ends_at_us: ends_at.plus(TURN_EXTENDED_BY),
        });
        cx.timers.set(Timer::TurnEnds, due.plus(TURN_EXTENDED_BY));
        Ok(())
    }

    /// The time of the turn is over: it ends as if its holder had ended it.
    pub(crate) fn time_is_over(cx: &mut Context) {
        Self::end_turn(cx, true);
        Self::go_on(cx);
    }

    /// Lets the turn end when it says.
    fn time_turn(cx: &mut Context) {
        let ends_at = cx.state.floor.turn().and_then(|turn| turn.ends_at_us);
        let now = cx.now;
        let due = ends_at.map(|ends_at| now.mono.plus(ends_at.since(now.utc)));
        cx.timers.put(Timer::TurnEnds, due);
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
                Self::end_turn(cx, false);
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
        Self::end_turn(cx, false);
        Self::go_on(cx);
    }

    /// Locks the microphone of whoever has the floor, which ends the turn.
    pub(crate) fn lock_holder(cx: &mut Context, holder: ParticipantId) -> Outcome {
        Microphones::may_be_silenced(cx, holder)?;
        Self::end_turn(cx, false);
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
        let before = cx.state.floor.turn().cloned();
        Microphones::handle(cx, me, command)?;
        if before.as_ref() != cx.state.floor.turn()
            && let (Some(holder), Some(turn)) = (cx.state.floor.holder, before)
        {
            let by = cx.state.floor.by.unwrap_or(holder);
            Self::tell_again(cx, holder, by, turn.opens_at_us);
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
            cx.timers.stop(Timer::TurnEnds);
            cx.record(FloorEvent::FloorReleased {
                participant: whom,
                declined: false,
                expired: false,
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

    /// After a restart: a turn goes on until its end, and is announced again if it was being announced.
    pub(crate) fn resume(cx: &mut Context) {
        let turn = cx.state.floor.turn();
        if turn.is_some_and(|turn| turn.opens_at_us.is_some()) {
            Self::announce_again(cx);
        }
        Self::time_turn(cx);
    }

    /// Announces a turn again: its holder came back by another page, which has not been told, or the server was
    /// restarted within an announcement. Its end stays.
    pub(crate) fn announce_again(cx: &mut Context) {
        if let Some(holder) = cx.state.floor.holder {
            let by = cx.state.floor.by.unwrap_or(holder);
            let opens_at_us = Self::announce(cx);
            Self::tell_again(cx, holder, by, Some(opens_at_us));
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
        let opens_at_us = (!at_once).then(|| Self::announce(cx));
        match cx.state.floor.is_held_by(whom) {
            true => Self::tell_again(cx, whom, by, opens_at_us),
            false => Self::give(cx, whom, by, opens_at_us),
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

    /// Gives the floor to somebody, for as long as turns last. The time counts from when the microphone opens; those who
    /// preside are cut by no time.
    fn give(
        cx: &mut Context,
        whom: ParticipantId,
        by: ParticipantId,
        opens_at_us: Option<UtcMicros>,
    ) {
        let is_timed = cx.role_of(whom).is_ok_and(|role| !presides(role));
        let length = cx.state.floor.length.filter(|_| is_timed);
        let begins = opens_at_us.unwrap_or(cx.now.utc);
        let hand = cx.state.hands.of(whom);
        let granted = FloorEvent::FloorGranted {
            participant: whom,
            by,
            opens_at_us,
            ends_at_us: length.map(|seconds| begins.plus(Duration::from_secs(seconds.into()))),
            topic: hand.and_then(|hand| hand.topic.clone()),
        };
        cx.record(granted);
        Self::time_turn(cx);
    }

    /// Tells a turn again that goes on: until when, and what about, stays.
    fn tell_again(
        cx: &mut Context,
        holder: ParticipantId,
        by: ParticipantId,
        opens_at_us: Option<UtcMicros>,
    ) {
        let turn = cx.state.floor.turn();
        let granted = FloorEvent::FloorGranted {
            participant: holder,
            by,
            opens_at_us,
            ends_at_us: turn.and_then(|turn| turn.ends_at_us),
            topic: turn.and_then(|turn| turn.topic.clone()),
        };
        cx.record(granted);
    }

    /// Lets the microphone of a turn open in a moment. When.
    fn announce(cx: &mut Context) -> UtcMicros {
        let now = cx.now;
        cx.timers.set(Timer::Turn, now.mono.plus(TURN_OPENS_AFTER));
        now.utc.plus(TURN_OPENS_AFTER)
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
            let opens_at_us = cx.state.floor.turn().and_then(|turn| turn.opens_at_us);
            Self::tell_again(cx, holder, by, opens_at_us);
        }
        Microphones::mute_for_turn(&mut cx.following(Reason::TurnBegan), others);
    }

    /// Ends the holder's turn: what the turn opened is closed, the microphone is locked while all are, and a viewer goes
    /// back to watching. `expired` when its time is over.
    fn end_turn(cx: &mut Context, expired: bool) {
        let Some(holder) = cx.state.floor.holder else {
            return;
        };
        let announced = cx.timers.stop(Timer::Turn);
        let declined = announced && cx.cause.actor == Some(holder);
        cx.timers.stop(Timer::TurnEnds);
        cx.record(FloorEvent::FloorReleased {
            participant: holder,
            declined,
            expired,
        });
        let Ok(role) = cx.role_of(holder) else {
            return;
        };
        let mut cx = cx.following(Reason::TurnEnded);
        let before = cx.state.microphones.of(holder);
        let after = Microphone {
            locked: before.locked || Microphones::locks(&cx.state, role),
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
            Self::SetTurnLength { .. } => "set_turn_length",
            Self::ExtendTurn => "extend_turn",
            Self::SetQueueOrder { .. } => "set_queue_order",
        })
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::GrantFloor { participant, .. } => Some(participant),
            Self::CancelNext
            | Self::ReleaseFloor
            | Self::SetTurnLength { .. }
            | Self::ExtendTurn
            | Self::SetQueueOrder { .. } => None,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        let Floor {
            holder,
            next,
            length,
            unheard_first,
            ..
        } = &state.floor;
        Some(match self {
            Self::SetTurnLength { .. } => json!({ "seconds": length }),
            Self::ExtendTurn => {
                let ends_at = state.floor.turn().and_then(|turn| turn.ends_at_us);
                json!({ "floor": holder, "ends_at_us": ends_at })
            }
            Self::SetQueueOrder { .. } => json!({ "unheard_first": unheard_first }),
            Self::GrantFloor { .. } | Self::CancelNext | Self::ReleaseFloor => {
                json!({ "floor": holder, "next": next })
            }
        })
    }
}
