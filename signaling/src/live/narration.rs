//! What the recorder is told of a live room: to begin and to stop, what happened, who speaks, what is large.
//!
//! The room decides whether it is recorded; here is decided what is large in the film, and when that changes.

use std::sync::{Arc, Mutex};

use protocol::client::{ConnectionState, Event, RosterEvent};
use protocol::main_picture::{Claims, Sight};
use protocol::media::{Source, TrackRef};
use protocol::relay::RelayEvent;
use protocol::{ParticipantId, RecordingId, UtcMicros};
use signaling_core::{JournalEntry, RecorderCommand, Room};

use crate::live::board::Board;
use crate::live::journal::writer::Write;
use crate::live::recorder_link::{RecorderHandle, ToRecorder};

/// Tells the recorder of one room. Who speaks is kept also while nothing is recorded, for a recording that begins later.
pub(crate) struct Narration {
    recorder: RecorderHandle,
    board: Arc<Mutex<Board>>,
    /// Who speaks at present.
    speaking: Option<ParticipantId>,
    /// The same, else who spoke last.
    speaker: Option<ParticipantId>,
    /// What the recorder was told last.
    main_picture: Option<TrackRef>,
}

impl Narration {
    /// Of a room that `board` shows.
    pub(crate) const fn new(recorder: RecorderHandle, board: Arc<Mutex<Board>>) -> Self {
        Self {
            recorder,
            board,
            speaking: None,
            speaker: None,
            main_picture: None,
        }
    }

    /// Tells the recorder to begin or to stop; what is to be written down about it, with the events of the same input.
    pub(crate) fn obey(
        &self,
        room: &Room,
        command: RecorderCommand,
        at: UtcMicros,
    ) -> Option<Write> {
        match command {
            RecorderCommand::Start(id) => {
                let recorded = room.state().session();
                let session = recorded.id;
                self.recorder.tell(ToRecorder::Start {
                    recording: id,
                    session,
                    code: recorded.code.clone(),
                    board: Arc::clone(&self.board),
                });
                Some(Write::RecordingRequested { id, session, at })
            }
            RecorderCommand::Stop(id) => {
                self.recorder.tell(ToRecorder::Stop { recording: id });
                // The event that the recording stopped, which is saved already, says so.
                None
            }
        }
    }

    /// Tells what happened; nothing else changes what is large but who speaks.
    pub(crate) fn follow(&mut self, room: &Room, entries: &[JournalEntry]) {
        let Some(recording) = room.recording().filter(|_| !entries.is_empty()) else {
            return;
        };
        for entry in entries {
            let event = entry.event().clone();
            self.tell(recording, RelayEvent::Room { event });
        }
        self.tell_main_picture(room, recording);
    }

    /// Somebody else speaks, or nobody.
    pub(crate) fn hear(&mut self, room: &Room, active: Option<ParticipantId>) {
        if active == self.speaking {
            return;
        }
        self.speaking = active;
        self.speaker = active.or(self.speaker);
        if let Some(recording) = room.recording() {
            self.tell_who_speaks(recording);
            self.tell_main_picture(room, recording);
        }
    }

    /// Gives a recorder that has just begun what it missed: who is here, what is shown, who speaks.
    pub(crate) fn begin(&mut self, room: &Room) {
        let Some(recording) = room.recording() else {
            return;
        };
        let seats = room.state().seats().to_vec();
        self.tell(recording, RelayEvent::Seats { seats });
        for participant in room.state().participants() {
            let event = Event::Roster(RosterEvent::ParticipantJoined { participant });
            self.tell(recording, RelayEvent::Room { event });
        }
        self.tell_who_speaks(recording);
        self.main_picture = None;
        self.tell_main_picture(room, recording);
    }

    fn tell_who_speaks(&self, recording: RecordingId) {
        let participant = self.speaking;
        self.tell(recording, RelayEvent::ActiveSpeaker { participant });
    }

    fn tell_main_picture(&mut self, room: &Room, recording: RecordingId) {
        let picture = self.choose_main_picture(room);
        if picture != self.main_picture {
            self.main_picture = picture;
            self.tell(recording, RelayEvent::MainPicture { track: picture });
        }
    }

    /// A camera that is on gives a picture. A point that was called stays large while it reconnects, a guest does not.
    fn choose_main_picture(&self, room: &Room) -> Option<TrackRef> {
        let room = room.state();
        let claims = Claims {
            broadcast: room.broadcast(),
            screen: room.screen(),
            floor: room.floor_holder(),
            speaker: self.speaker,
            before: self
                .main_picture
                .filter(|track| track.source == Source::Camera)
                .map(|track| track.participant),
        };
        let sight = |track: TrackRef| match room.person(track.participant) {
            Some(person) if person.connection == ConnectionState::Connected => {
                if track.source == Source::Screen || room.camera_is_on(person.id) {
                    Sight::Picture
                } else {
                    Sight::Plate
                }
            }
            Some(person) if person.seat.is_some() => Sight::Plate,
            _ => Sight::Nothing,
        };
        claims.main_picture(sight, room.people().iter().map(|person| person.id))
    }

    fn tell(&self, recording: RecordingId, event: RelayEvent) {
        self.recorder.tell(ToRecorder::Event {
            recording,
            at_mono_us: protocol::clock::mono_us(),
            event,
        });
    }
}
