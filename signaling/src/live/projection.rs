//! What other tables tell of a room's course, and can be made again from its journal.
//!
//! | Event | Column |
//! |---|---|
//! | `room_opened` | `session.opened_at_us` |
//! | `session_ended` | `session.ended_at_us`; what the session booked is released |
//! | `participant_left`, removed; `participant_readmitted` | `participant.removed_at_us` |
//! | `recording_changed`, off | `recording.ended_at_us`, and that it is being finalised, unless the recorder said so before |

use protocol::SessionId;
use protocol::client::{
    Event, LeaveReason, RecordingEvent, RecordingState, RosterEvent, SessionEvent,
};
use signaling_core::JournalEntry;

use super::{captures, participants};
use crate::platform::database::{StoreResult, Tx};
use crate::schedule::sessions;

/// Takes the next entry of a session's journal into other tables. Doing it again changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn project(tx: &mut Tx, session: SessionId, entry: &JournalEntry) -> StoreResult<()> {
    let at = entry.frame.at_us;
    match entry.event() {
        Event::Session(SessionEvent::RoomOpened) => sessions::mark_opened(tx, session, at).await,
        Event::Session(SessionEvent::SessionEnded { by: _ }) => {
            sessions::mark_ended(tx, session, at).await.map(|_| ())
        }
        Event::Roster(RosterEvent::ParticipantLeft {
            participant,
            reason: LeaveReason::Removed,
        }) => participants::mark_removed(tx, *participant, Some(at)).await,
        Event::Roster(RosterEvent::ParticipantReadmitted { participant }) => {
            participants::mark_removed(tx, *participant, None).await
        }
        Event::Recording(RecordingEvent::RecordingChanged {
            state: RecordingState::Off,
        }) => captures::stopping_in(tx, session, at).await,
        _ => Ok(()),
    }
}
