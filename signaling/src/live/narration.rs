//! What the recorder is told of a live room: to begin and to stop, what happened, who speaks, what is large.
//!
//! The room decides whether it is recorded, and what is large in the film; here is kept who spoke last, and what was told.

use protocol::client::{Event, Participant, RosterEvent};
use protocol::media::TrackRef;
use protocol::recorder::RecordedEvent;
use protocol::{ParticipantId, RecordingId, UtcMicros};
use signaling_core::{JournalEntry, RecorderCommand, Room};

use crate::live::journal::writer::Write;
use crate::live::recorder_link::{RecorderHandle, ToRecorder};

/// Tells the recorder of one room. Who speaks is kept also while nothing is recorded, for a recording that begins later.
pub(crate) struct Narration {
    recorder: RecorderHandle,
    /// Who speaks at present.
    speaking: Option<ParticipantId>,
    /// The same, else who spoke last.
    speaker: Option<ParticipantId>,
    /// What the recorder was told last.
    main_picture: Option<TrackRef>,
}

impl Narration {
    /// Of a room.
    pub(crate) const fn new(recorder: RecorderHandle) -> Self {
        Self {
            recorder,
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
                });
                for participant in room.state().participants() {
                    self.introduce(id, &participant);
                }
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
            if let Event::Roster(RosterEvent::ParticipantJoined { participant }) = &event {
                self.introduce(recording, participant);
            }
            self.tell(recording, RecordedEvent::Room { event });
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
        self.tell(recording, RecordedEvent::Seats { seats });
        for participant in room.state().participants() {
            let event = Event::Roster(RosterEvent::ParticipantJoined { participant });
            self.tell(recording, RecordedEvent::Room { event });
        }
        self.tell_who_speaks(recording);
        self.main_picture = None;
        self.tell_main_picture(room, recording);
    }

    /// Tells whose tracks may come, before any of them can.
    fn introduce(&self, recording: RecordingId, participant: &Participant) {
        self.recorder.tell(ToRecorder::Plate {
            recording,
            participant: participant.id,
            name: participant.name.clone(),
            seat: participant.seat,
        });
    }

    fn tell_who_speaks(&self, recording: RecordingId) {
        let participant = self.speaking;
        self.tell(recording, RecordedEvent::ActiveSpeaker { participant });
    }

    fn tell_main_picture(&mut self, room: &Room, recording: RecordingId) {
        let picture = room.main_picture(self.speaker, self.main_picture);
        if picture != self.main_picture {
            self.main_picture = picture;
            self.tell(recording, RecordedEvent::MainPicture { track: picture });
        }
    }

    fn tell(&self, recording: RecordingId, event: RecordedEvent) {
        self.recorder.tell(ToRecorder::Event {
            recording,
            at_mono_us: protocol::clock::mono_us(),
            event,
        });
    }
}
