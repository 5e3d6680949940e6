//! Four facts about each microphone: the person's own switch (`on`), muted by the chair (`muted`, the person may undo
//! it), locked by the chair (`locked`, the person may not), and opened by a turn at the floor (`granted`). The SFU's gate
//! follows whenever their sum changes.
//!
//! A microphone is never open unknown to its owner: nobody else moves `on`, and `granted` is announced and ends with the
//! turn. So whatever others do, an open microphone is one that its owner opened last, or an announced turn runs.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ParticipantId;
use protocol::client::{
    Event, Microphone, MicrophoneCommand, MicrophoneEvent, Preset, RefusalCode, RosterEvent,
    SessionRole,
};
use protocol::sfu::SfuCommand;
use serde_json::{Value, json};

use crate::act::Audited;
use crate::cause::Reason;
use crate::context::Context;
use crate::role::presides;
use crate::rules::Outcome;
use crate::timers::Timer;
use crate::{JournalEntry, State};

/// The microphones of all who are here or have a seat held.
#[derive(Debug)]
pub(crate) struct Microphones {
    each: BTreeMap<ParticipantId, Microphone>,
    /// Whether newcomers' microphones are locked.
    all_locked: bool,
    /// Whose are muted because somebody else was given the floor: they are given back with it. Whoever opens the own
    /// one, or is muted or locked by name meanwhile, is no longer among them.
    muted_by_turn: BTreeSet<ParticipantId>,
}

impl Microphones {
    /// Locked from the begin where the preset has people called to speak.
    pub(crate) const fn new(preset: Preset) -> Self {
        Self {
            each: BTreeMap::new(),
            all_locked: preset.locks(),
            muted_by_turn: BTreeSet::new(),
        }
    }

    /// The microphone of somebody; closed for whoever is not here.
    pub(crate) fn of(&self, whom: ParticipantId) -> Microphone {
        self.each.get(&whom).copied().unwrap_or_default()
    }

    pub(crate) const fn all_locked(&self) -> bool {
        self.all_locked
    }

    pub(crate) const fn muted_by_turn(&self) -> &BTreeSet<ParticipantId> {
        &self.muted_by_turn
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                self.each.insert(participant.id, participant.microphone);
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.each.remove(participant);
                self.muted_by_turn.remove(participant);
            }
            Event::Microphone(MicrophoneEvent::AllLocked { locked, by: _ }) => {
                self.all_locked = *locked;
            }
            Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant,
                microphone,
                by: _,
            }) => {
                let Some(known) = self.each.get_mut(participant) else {
                    return;
                };
                let was = std::mem::replace(known, *microphone);
                let is_muted_now = microphone.muted && !was.muted;
                match entry.cause.reason {
                    Reason::TurnBegan if is_muted_now => {
                        self.muted_by_turn.insert(*participant);
                    }
                    reason if reason == Reason::Silenced || !microphone.muted => {
                        self.muted_by_turn.remove(participant);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Locking whoever has the floor is for [`Floor`](crate::rules::floor::Floor).
    pub(crate) fn handle(
        cx: &mut Context,
        me: ParticipantId,
        command: &MicrophoneCommand,
    ) -> Outcome {
        match *command {
            MicrophoneCommand::SetMicrophone { on } => Self::switch(cx, me, on),
            MicrophoneCommand::Mute { participant } => Self::mute(cx, participant),
            MicrophoneCommand::SetLock {
                participant,
                locked: true,
            } => {
                Self::may_be_silenced(cx, participant)?;
                Self::lock(cx, participant);
                Ok(())
            }
            MicrophoneCommand::SetLock {
                participant,
                locked: false,
            } => {
                cx.role_of(participant)?;
                let after = Microphone {
                    locked: false,
                    ..cx.state.microphones.of(participant)
                };
                Self::change(cx, participant, after);
                Ok(())
            }
            MicrophoneCommand::SetLockAll { locked } => {
                Self::lock_all(cx, me, locked);
                Ok(())
            }
        }
    }

    /// The owner opens or closes it.
    fn switch(cx: &mut Context, me: ParticipantId, on: bool) -> Outcome {
        let before = cx.state.microphones.of(me);
        let has_turn = cx.state.floor.is_held_by(me);
        if on && before.locked && !has_turn {
            return Err(RefusalCode::MicrophoneLocked.into());
        }
        let after = Microphone {
            // Whoever only watches speaks in a turn and has no switch beyond it.
            on: on && cx.role_of(me)? != SessionRole::Viewer,
            muted: before.muted && !on,
            granted: on && has_turn,
            ..before
        };
        Self::decide_within_announcement(cx, me, after);
        Self::change(cx, me, after);
        Ok(())
    }

    fn mute(cx: &mut Context, whom: ParticipantId) -> Outcome {
        Self::may_be_silenced(cx, whom)?;
        let after = Microphone {
            muted: true,
            granted: false,
            ..cx.state.microphones.of(whom)
        };
        let mut cx = cx.following(Reason::Silenced);
        Self::decide_within_announcement(&mut cx, whom, after);
        Self::silence(&mut cx, whom, after);
        Ok(())
    }

    /// Locks it, by name.
    pub(crate) fn lock(cx: &mut Context, whom: ParticipantId) {
        let after = Microphone {
            locked: true,
            ..cx.state.microphones.of(whom)
        };
        Self::silence(&mut cx.following(Reason::Silenced), whom, after);
    }

    /// Whether somebody of a role, who has not the floor, is locked by the lock of all.
    pub(crate) const fn locks(state: &State, role: SessionRole) -> bool {
        state.microphones.all_locked && !state.session().preset.spares(role)
    }

    /// Locks or unlocks everybody but the floor holder and those whom the preset spares, and those who come later.
    fn lock_all(cx: &mut Context, by: ParticipantId, locked: bool) {
        if cx.state.microphones.all_locked != locked {
            cx.record(MicrophoneEvent::AllLocked { locked, by });
        }
        let preset = cx.state.session().preset;
        let spared = |id, role| preset.spares(role) || cx.state.floor.is_held_by(id);
        let people = cx.state.people().iter();
        let others: Vec<ParticipantId> = people
            .filter(|p| !locked || !spared(p.id, p.role))
            .map(|p| p.id)
            .collect();
        for whom in others {
            let after = Microphone {
                locked,
                ..cx.state.microphones.of(whom)
            };
            Self::change(cx, whom, after);
        }
    }

    /// Mutes whoever speaks besides `holder`, chair and secretary. They are given back with the floor.
    pub(crate) fn mute_for_turn(cx: &mut Context, others: Vec<ParticipantId>) {
        for other in others {
            let after = Microphone {
                muted: true,
                ..cx.state.microphones.of(other)
            };
            Self::change(cx, other, after);
        }
    }

    /// Whom a turn of `holder` silences: whoever speaks besides, but chair and secretary.
    pub(crate) fn silenced_by_turn(cx: &Context, holder: ParticipantId) -> Vec<ParticipantId> {
        let people = cx.state.people().iter();
        let speaks = |id| cx.state.microphones.of(id).is_open();
        people
            .filter(|p| p.id != holder && !presides(p.role) && speaks(p.id))
            .map(|p| p.id)
            .collect()
    }

    /// Undoes the mutings of turns, as far as nothing else happened to those microphones.
    pub(crate) fn give_back(cx: &mut Context) {
        for whom in cx.state.microphones.muted_by_turn.clone() {
            let after = Microphone {
                muted: false,
                ..cx.state.microphones.of(whom)
            };
            Self::change(cx, whom, after);
        }
    }

    /// Journals the change, if it is one, and moves the SFU's gate, if the sum of the facts changed.
    pub(crate) fn change(cx: &mut Context, whom: ParticipantId, after: Microphone) {
        let before = cx.state.microphones.of(whom);
        if before == after {
            return;
        }
        Self::record(cx, whom, after);
        if before.is_open() != after.is_open() {
            let room = cx.id();
            cx.media(SfuCommand::SetGate {
                room,
                participant: whom,
                microphone_open: after.is_open(),
            });
        }
    }

    /// Changes the microphone by a decision of whoever presides: it is not given back with the floor, which is journalled
    /// also when the microphone looks the same.
    fn silence(cx: &mut Context, whom: ParticipantId, after: Microphone) {
        Self::change(cx, whom, after);
        if cx.state.microphones.muted_by_turn.contains(&whom) {
            Self::record(cx, whom, after);
        }
    }

    /// A microphone whose turn is announced does not open by itself once its owner or the chair has decided, which is
    /// journalled also when it looks the same.
    fn decide_within_announcement(cx: &mut Context, whom: ParticipantId, after: Microphone) {
        if cx.state.floor.is_held_by(whom)
            && cx.timers.stop(Timer::Turn)
            && cx.state.microphones.of(whom) == after
        {
            Self::record(cx, whom, after);
        }
    }

    fn record(cx: &mut Context, whom: ParticipantId, microphone: Microphone) {
        let by = cx.cause.actor.unwrap_or(whom);
        cx.record(MicrophoneEvent::MicrophoneChanged {
            participant: whom,
            microphone,
            by,
        });
    }

    /// Nobody silences the chair.
    pub(crate) fn may_be_silenced(cx: &Context, whom: ParticipantId) -> Outcome {
        if cx.role_of(whom)? == SessionRole::Chair {
            return Err(RefusalCode::NotAllowed.into());
        }
        Ok(())
    }
}

impl Audited for MicrophoneCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        match self {
            Self::SetMicrophone { .. } => None,
            Self::Mute { .. } => Some("mute"),
            Self::SetLock { locked: true, .. } => Some("lock"),
            Self::SetLock { locked: false, .. } => Some("unlock"),
            Self::SetLockAll { locked: true } => Some("lock_all"),
            Self::SetLockAll { locked: false } => Some("unlock_all"),
        }
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::SetMicrophone { .. } | Self::SetLockAll { .. } => None,
            Self::Mute { participant } | Self::SetLock { participant, .. } => Some(participant),
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        let Some(whom) = self.target() else {
            return Some(json!({ "all_locked": state.microphones.all_locked }));
        };
        state.person(whom)?;
        let Microphone {
            on, muted, locked, ..
        } = state.microphones.of(whom);
        Some(json!({ "on": on, "muted": muted, "locked": locked }))
    }
}
