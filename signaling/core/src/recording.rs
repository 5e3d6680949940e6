//! Recording, as the room sees it.
//!
//! ```text
//!         SetRecording on,                Started
//!         first arrival (auto)
//!   Off ─────────────────────► Starting ──────────► On
//!    ▲                           │   ▲               │
//!    │ SetRecording off,         │   │ Back,         │ Lost, Failed
//!    │ end of the session,       │   │ SetRecording  ▼
//!    │ nobody here for 10 min    │   │               │
//!    └───────────────────────────┴───┴─────────── Failed
//! ```
//!
//! The id stays the same from `Starting` to `Off`, through failures and restarts.

use protocol::RecordingId;
use protocol::UtcMicros;
use protocol::client::{Event, RecordingState};
use protocol::sfu::SfuCommand;

use crate::room::Cause;
use crate::{Output, RecorderCommand, RecorderReport, Room};

/// What the room knows of its recording besides the journalled state.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The one that runs or should run.
    id: Option<RecordingId>,
    /// Begin with the first arrival.
    automatic: bool,
}

impl Recording {
    pub(crate) const fn new(automatic: bool) -> Self {
        Self {
            id: None,
            automatic,
        }
    }

    /// Recording was started or stopped before: the first arrival does not begin it again.
    pub(crate) const fn plan_is_done(&mut self) {
        self.automatic = false;
    }

    pub(crate) const fn id(&self) -> Option<RecordingId> {
        self.id
    }
}

impl Room {
    /// Begins to record under `fresh`, or, when a recording should run already, asks for it again.
    pub(crate) fn start_recording(&mut self, cause: &Cause, fresh: RecordingId) {
        // Whoever starts or stops it by hand overrides the plan.
        self.recording.plan_is_done();
        if self.state.room.recording == RecordingState::On {
            return;
        }
        let id = *self.recording.id.get_or_insert(fresh);
        self.ask_for(cause, id);
    }

    /// Begins to record when the plan says so and nobody has overridden it.
    pub(crate) fn record_from_the_start(&mut self, cause: &Cause, fresh: RecordingId) {
        if self.recording.automatic {
            self.start_recording(&Cause::server(cause.at), fresh);
        }
    }

    pub(crate) fn stop_recording(&mut self, cause: &Cause) {
        self.recording.plan_is_done();
        let Some(id) = self.recording.id.take() else {
            return;
        };
        self.media(SfuCommand::StopRelay {
            room: self.id(),
            recording: id,
        });
        self.tell_recording(cause, RecordingState::Off);
        self.outputs
            .push_back(Output::Record(RecorderCommand::Stop(id)));
    }

    /// Goes on with the recording that ran before a restart.
    pub(crate) fn resume_recording(&mut self, cause: &Cause, recording: Option<RecordingId>) {
        if self.state.room.recording == RecordingState::Off {
            return;
        }
        match recording {
            Some(id) => {
                self.recording.id = Some(id);
                self.ask_for(cause, id);
            }
            None => self.tell_recording(cause, RecordingState::Off),
        }
    }

    pub(crate) fn recorder_reports(&mut self, now: UtcMicros, report: RecorderReport) {
        let Some(id) = self.recording.id else {
            return;
        };
        let state = match report {
            RecorderReport::Started(started) if started == id => RecordingState::On,
            RecorderReport::Failed(failed) if failed == id => RecordingState::Failed,
            RecorderReport::Started(_) | RecorderReport::Failed(_) => return,
            RecorderReport::Lost => RecordingState::Failed,
            RecorderReport::Back => RecordingState::Starting,
        };
        self.tell_recording(&Cause::server(now), state);
    }

    fn ask_for(&mut self, cause: &Cause, id: RecordingId) {
        self.tell_recording(cause, RecordingState::Starting);
        self.outputs
            .push_back(Output::Record(RecorderCommand::Start(id)));
        self.media(SfuCommand::StartRelay {
            room: self.id(),
            recording: id,
        });
    }

    fn tell_recording(&mut self, cause: &Cause, state: RecordingState) {
        if self.state.room.recording != state {
            self.record(cause, Event::RecordingChanged { state });
        }
    }
}
