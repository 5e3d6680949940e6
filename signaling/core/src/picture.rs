//! Cameras, and the one screen that is shared at a time.

use protocol::ParticipantId;
use protocol::client::{ConnectionState, Event, PictureEvent, Refusal, RefusalCode};
use protocol::media::Source;
use protocol::sfu::SfuCommand;

use crate::Room;
use crate::room::{Cause, Outcome};

impl Room {
    pub(crate) fn set_camera(&mut self, cause: &Cause, me: ParticipantId, on: bool) -> Outcome {
        if self
            .state
            .participant(me)
            .is_some_and(|p| p.camera_on != on)
        {
            self.record(
                cause,
                Event::Picture(PictureEvent::CameraChanged {
                    participant: me,
                    on,
                }),
            );
            self.publish(me, Source::Camera, on);
        }
        Ok(())
    }

    /// Begins or ends sharing. A sharer whose connection is broken gives way to the next one.
    pub(crate) fn set_screen(&mut self, cause: &Cause, me: ParticipantId, on: bool) -> Outcome {
        let sharer = self.state.room.screen;
        if !on {
            self.end_screen_of(cause, me);
            return Ok(());
        }
        if sharer == Some(me) {
            return Ok(());
        }
        if let Some(other) = sharer.and_then(|id| self.state.participant(id)) {
            if other.connection == ConnectionState::Connected {
                return Err(Refusal {
                    code: RefusalCode::ScreenTaken,
                    detail: Some(other.name.clone()),
                });
            }
            self.publish(other.id, Source::Screen, false);
        }
        self.record(
            cause,
            Event::Picture(PictureEvent::ScreenChanged {
                participant: Some(me),
            }),
        );
        self.publish(me, Source::Screen, true);
        Ok(())
    }

    pub(crate) fn end_screen_of(&mut self, cause: &Cause, whose: ParticipantId) {
        if self.state.room.screen == Some(whose) {
            self.record(
                cause,
                Event::Picture(PictureEvent::ScreenChanged { participant: None }),
            );
            self.publish(whose, Source::Screen, false);
        }
    }

    fn publish(&mut self, participant: ParticipantId, source: Source, on: bool) {
        self.media(SfuCommand::SetPublishing {
            room: self.id(),
            participant,
            source,
            on,
        });
    }
}
