//! Raised hands (Xin phát biểu): an ordered list.

use protocol::ParticipantId;
use protocol::client::{Event, HandEvent, RefusalCode};

use crate::Room;
use crate::room::{Cause, Outcome};

impl Room {
    pub(crate) fn raise_hand(&mut self, cause: &Cause, me: ParticipantId) -> Outcome {
        if self.state.room.hands.contains(&me) {
            return Err(RefusalCode::HandUnchanged.into());
        }
        self.record(
            cause,
            Event::Hand(HandEvent::HandRaised { participant: me }),
        );
        Ok(())
    }

    pub(crate) fn lower_hand(&mut self, cause: &Cause, whose: ParticipantId) -> Outcome {
        self.role_of(whose)?;
        if !self.state.room.hands.contains(&whose) {
            return Err(RefusalCode::HandUnchanged.into());
        }
        self.record(
            cause,
            Event::Hand(HandEvent::HandLowered { participant: whose }),
        );
        Ok(())
    }
}
