//! What is seen: cameras, the one screen that is shared at a time and for whom it is kept (Khóa trình chiếu), and the
//! broadcast (Phát cho tất cả): whom everybody is made to see.

use std::collections::BTreeSet;

use protocol::ParticipantId;
use protocol::client::{
    Command, ConnectionState, Event, PictureCommand, PictureEvent, Refusal, RefusalCode,
    RosterEvent, SessionRole,
};
use protocol::media::Source;
use protocol::sfu::SfuCommand;
use serde_json::{Value, json};

use crate::act::Audited;
use crate::context::Context;
use crate::role::permit;
use crate::rules::Outcome;
use crate::{JournalEntry, State};

/// Whose pictures there are.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    /// Whose cameras are on.
    cameras: BTreeSet<ParticipantId>,
    /// Who shares a screen.
    screen: Option<ParticipantId>,
    /// Whom everybody is made to see.
    broadcast: Option<ParticipantId>,
    /// For whom the screen is kept.
    screen_locked_to: Option<ParticipantId>,
}

impl Pictures {
    pub(crate) fn camera_is_on(&self, whose: ParticipantId) -> bool {
        self.cameras.contains(&whose)
    }

    pub(crate) const fn screen(&self) -> Option<ParticipantId> {
        self.screen
    }

    pub(crate) const fn broadcast(&self) -> Option<ParticipantId> {
        self.broadcast
    }

    pub(crate) const fn screen_locked_to(&self) -> Option<ParticipantId> {
        self.screen_locked_to
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                self.note_camera(participant.id, participant.camera_on);
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.note_camera(*participant, false);
                for mark in [
                    &mut self.screen,
                    &mut self.broadcast,
                    &mut self.screen_locked_to,
                ] {
                    mark.take_if(|marked| *marked == *participant);
                }
            }
            Event::Picture(PictureEvent::CameraChanged { participant, on }) => {
                self.note_camera(*participant, *on);
            }
            Event::Picture(PictureEvent::ScreenChanged { participant }) => {
                self.screen = *participant;
            }
            Event::Picture(PictureEvent::BroadcastChanged { participant }) => {
                self.broadcast = *participant;
            }
            Event::Picture(PictureEvent::ScreenLocked { participant }) => {
                self.screen_locked_to = *participant;
            }
            _ => {}
        }
    }

    fn note_camera(&mut self, whose: ParticipantId, on: bool) {
        if on {
            self.cameras.insert(whose);
        } else {
            self.cameras.remove(&whose);
        }
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &PictureCommand) -> Outcome {
        match *command {
            PictureCommand::SetCamera { on } => {
                Self::switch_camera(cx, me, on);
                Ok(())
            }
            PictureCommand::SetScreen { on: true } => Self::share_screen(cx, me),
            PictureCommand::SetScreen { on: false } => {
                Self::end_screen_of(cx, me);
                Ok(())
            }
            PictureCommand::Broadcast { participant } => Self::show_to_all(cx, participant),
            PictureCommand::LockScreen { participant } => Self::keep_screen_for(cx, participant),
        }
    }

    pub(crate) fn switch_camera(cx: &mut Context, whose: ParticipantId, on: bool) {
        if cx.state.pictures.camera_is_on(whose) != on {
            cx.record(PictureEvent::CameraChanged {
                participant: whose,
                on,
            });
            Self::publish(cx, whose, Source::Camera, on);
        }
    }

    /// A sharer whose connection is broken gives way to the next one.
    fn share_screen(cx: &mut Context, me: ParticipantId) -> Outcome {
        let sharer = cx.state.pictures.screen;
        if sharer == Some(me) {
            return Ok(());
        }
        if let Some(other) = sharer.and_then(|id| cx.state.person(id)) {
            if other.connection == ConnectionState::Connected {
                return Err(Refusal {
                    code: RefusalCode::ScreenTaken,
                    detail: Some(other.name.clone()),
                });
            }
            let other = other.id;
            Self::publish(cx, other, Source::Screen, false);
        }
        cx.record(PictureEvent::ScreenChanged {
            participant: Some(me),
        });
        Self::publish(cx, me, Source::Screen, true);
        Ok(())
    }

    pub(crate) fn end_screen_of(cx: &mut Context, whose: ParticipantId) {
        if cx.state.pictures.screen == Some(whose) {
            cx.record(PictureEvent::ScreenChanged { participant: None });
            Self::publish(cx, whose, Source::Screen, false);
        }
    }

    /// Shows somebody to everybody, or nobody in particular.
    fn show_to_all(cx: &mut Context, whom: Option<ParticipantId>) -> Outcome {
        if let Some(whom) = whom {
            cx.role_of(whom)?;
        }
        if cx.state.pictures.broadcast != whom {
            cx.record(PictureEvent::BroadcastChanged { participant: whom });
        }
        Ok(())
    }

    /// Keeps the screen for somebody, or for nobody in particular.
    fn keep_screen_for(cx: &mut Context, whom: Option<ParticipantId>) -> Outcome {
        if let Some(whom) = whom {
            let role = cx.role_of(whom)?;
            let is_encoder = cx.state.person(whom).is_some_and(|p| p.encoder);
            if role == SessionRole::Viewer || is_encoder {
                return Err(RefusalCode::NotAllowed.into());
            }
        }
        if cx.state.pictures.screen_locked_to != whom {
            cx.record(PictureEvent::ScreenLocked { participant: whom });
        }
        Ok(())
    }

    /// Ends the sharing of somebody who may not share any more: a turn ended, or others are to share now.
    pub(crate) fn end_what_is_kept(cx: &mut Context) {
        let sharer = cx.state.pictures.screen;
        let asker = sharer.and_then(|id| cx.state.asker(id));
        let share = Command::Picture(PictureCommand::SetScreen { on: true });
        if let (Some(sharer), Some(asker)) = (sharer, asker)
            && permit(asker, &share).is_err()
        {
            Self::end_screen_of(cx, sharer);
        }
    }

    /// Tells that nothing is seen of somebody who is gone. The SFU has lost the peer by itself.
    pub(crate) fn end_all_of(cx: &mut Context, whom: ParticipantId) {
        if cx.state.pictures.broadcast == Some(whom) {
            cx.record(PictureEvent::BroadcastChanged { participant: None });
        }
        if cx.state.pictures.screen == Some(whom) {
            cx.record(PictureEvent::ScreenChanged { participant: None });
        }
        if cx.state.pictures.screen_locked_to == Some(whom) {
            cx.record(PictureEvent::ScreenLocked { participant: None });
        }
    }

    fn publish(cx: &mut Context, participant: ParticipantId, source: Source, on: bool) {
        let room = cx.id();
        cx.media(SfuCommand::SetPublishing {
            room,
            participant,
            source,
            on,
        });
    }
}

impl Audited for PictureCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        match self {
            Self::SetCamera { .. } | Self::SetScreen { .. } => None,
            Self::Broadcast { .. } => Some("broadcast"),
            Self::LockScreen { .. } => Some("lock_screen"),
        }
    }

    fn target(&self) -> Option<ParticipantId> {
        match *self {
            Self::SetCamera { .. } | Self::SetScreen { .. } => None,
            Self::Broadcast { participant } | Self::LockScreen { participant } => participant,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        let Pictures {
            broadcast,
            screen_locked_to,
            ..
        } = &state.pictures;
        Some(match self {
            Self::LockScreen { .. } => json!({ "screen_locked_to": screen_locked_to }),
            _ => json!({ "broadcast": broadcast }),
        })
    }
}
