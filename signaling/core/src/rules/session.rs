//! The session: its room opens with the first who comes, shares out rights by a preset (chế độ), and ends once.

use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    Event, MicrophoneCommand, Preset, SessionCommand, SessionEvent, SessionRole, SessionSummary,
};
use serde_json::{Value, json};

use crate::act::Audited;
use crate::cause::{Cause, Reason};
use crate::context::Context;
use crate::durable::Then;
use crate::port::Plan;
use crate::rules::Outcome;
use crate::rules::floor::Floor;
use crate::rules::microphone::Microphones;
use crate::rules::recording::Recording;
use crate::timers::Timer;
use crate::{JournalEntry, Mono, Room, State};

/// How long a room may be empty after the planned end of its session, until the session ends by itself: 10 minutes.
pub const EMPTY_ROOM_ENDS_AFTER: Duration = Duration::from_secs(600);

/// Which session, and whether it is over.
#[derive(Debug)]
pub(crate) struct Session {
    summary: SessionSummary,
    over: bool,
}

impl Session {
    /// A session that has not begun, whatever `summary` says of its opening.
    pub(crate) fn new(summary: SessionSummary) -> Self {
        Self {
            summary: SessionSummary {
                opened_at_us: None,
                ..summary
            },
            over: false,
        }
    }

    pub(crate) const fn summary(&self) -> &SessionSummary {
        &self.summary
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Session(SessionEvent::RoomOpened) => {
                self.summary.opened_at_us.get_or_insert(entry.frame.at_us);
            }
            Event::Session(SessionEvent::SessionChanged {
                title,
                starts_at_us,
                ends_at_us,
            }) => {
                self.summary.title.clone_from(title);
                self.summary.starts_at_us = *starts_at_us;
                self.summary.ends_at_us = *ends_at_us;
            }
            Event::Session(SessionEvent::PresetChanged { preset }) => {
                self.summary.preset = *preset;
            }
            Event::Session(SessionEvent::SessionEnded { by: _ }) => self.over = true,
            _ => {}
        }
    }

    /// When it ends by itself, if nobody comes.
    pub(crate) fn deadline(room: &Room) -> (Timer, Option<Mono>) {
        let planned = room.now.moment_of(room.state.session().ends_at_us);
        let empty = room.absence.of_all;
        let ends = empty.map(|since| since.max(planned).plus(EMPTY_ROOM_ENDS_AFTER));
        (Timer::SessionEnds, ends)
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &SessionCommand) -> Outcome {
        match *command {
            SessionCommand::EndSession => Self::end(cx),
            SessionCommand::SetPreset { preset } => return Self::share_out(cx, me, preset),
        }
        Ok(())
    }

    /// Shares out rights by a preset, also by the one that holds: what was locked or unlocked since is as it says again.
    fn share_out(cx: &mut Context, me: ParticipantId, preset: Preset) -> Outcome {
        if cx.state.session().preset != preset {
            cx.record(SessionEvent::PresetChanged { preset });
        }
        let locked = preset.locks();
        let command = MicrophoneCommand::SetLockAll { locked };
        if !locked {
            return Floor::unlock(cx, me, &command);
        }
        Microphones::handle(cx, me, &command)?;
        let spared: Vec<ParticipantId> = (cx.state.people().iter())
            .filter(|p| p.role == SessionRole::Presenter && preset.spares(p.role))
            .map(|p| p.id)
            .collect();
        for participant in spared {
            let command = MicrophoneCommand::SetLock {
                participant,
                locked: false,
            };
            Floor::unlock(cx, me, &command)?;
        }
        Ok(())
    }

    /// Opens the room for the first who comes.
    pub(crate) fn open(room: &mut Room, cause: Cause) {
        if room.state.session().opened_at_us.is_none() {
            let mut cx = room.because(cause);
            cx.record(SessionEvent::RoomOpened);
        }
    }

    /// Takes over how the session is planned since, if that is another.
    pub(crate) fn plan(room: &mut Room, plan: Plan) {
        let known = room.state.session();
        let known = (&known.title, known.starts_at_us, known.ends_at_us);
        if known == (&plan.title, plan.starts_at, plan.ends_at) || room.state.is_over() {
            return;
        }
        let mut cx = room.because(Cause::server(Reason::Outside));
        cx.record(SessionEvent::SessionChanged {
            title: plan.title,
            starts_at_us: plan.starts_at,
            ends_at_us: plan.ends_at,
        });
    }

    /// Ends the session. Nobody is told before that is saved.
    pub(crate) fn end(cx: &mut Context) {
        if cx.state.session.over {
            return;
        }
        Recording::stop(cx);
        let Cause { actor, command, .. } = cx.cause;
        let frame = cx.journal(SessionEvent::SessionEnded { by: actor });
        if let (Some(whom), Some(id)) = (actor, command) {
            cx.when_saved(Then::Answer { whom, id });
        }
        cx.when_saved(Then::CloseRoom(frame));
    }
}

impl Audited for SessionCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        match self {
            Self::EndSession => Some("end_session"),
            Self::SetPreset { .. } => Some("set_preset"),
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        Some(match self {
            Self::EndSession => json!({ "ended": state.is_over() }),
            Self::SetPreset { .. } => json!({ "preset": state.session().preset }),
        })
    }
}
