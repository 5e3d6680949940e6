//! Recording, as the room sees it.
//!
//! ```text
//!         SetRecording on,                Started
//!         its time, somebody presides (auto)
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
use protocol::client::{ConnectionState, Event, RecordingEvent, RecordingState};
use protocol::sfu::SfuCommand;

use crate::durable::Then;
use crate::role::presides;
use crate::room::Cause;
use crate::{Mono, Now, Output, RecorderCommand, RecorderReport, Room};

/// What the room knows of its recording besides the journalled state.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The one that runs or should run.
    id: Option<RecordingId>,
    /// Under which id to begin by plan.
    automatic: Option<RecordingId>,
}

impl Recording {
    pub(crate) const fn new(automatic: Option<RecordingId>) -> Self {
        Self {
            id: None,
            automatic,
        }
    }

    /// Recording was started or stopped before: it does not begin by itself again.
    pub(crate) const fn plan_is_done(&mut self) {
        self.automatic = None;
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

    /// Begins to record when the plan says so, nobody has overridden it, its time has come and somebody presides.
    pub(crate) fn record_by_plan(&mut self, now: Now) {
        if self.recording_begins_at().is_some_and(|at| at <= now.mono)
            && let Some(id) = self.recording.automatic
        {
            self.start_recording(&Cause::server(now.utc), id);
        }
    }

    /// When recording begins by itself, as things stand.
    pub(crate) fn recording_begins_at(&self) -> Option<Mono> {
        self.recording.automatic?;
        let room = &self.state.room;
        room.participants
            .iter()
            .any(|p| presides(p.role) && p.connection == ConnectionState::Connected)
            .then(|| self.now.moment_of(room.session.starts_at_us))
    }

    /// Stops recording. The recorder goes on until that is saved.
    pub(crate) fn stop_recording(&mut self, now: Now, cause: &Cause) {
        self.recording.plan_is_done();
        let Some(id) = self.recording.id.take() else {
            return;
        };
        self.tell_recording(cause, RecordingState::Off);
        self.when_saved(now, Then::StopRecorder(id));
    }

    pub(crate) fn stop_recorder(&mut self, id: RecordingId) {
        self.media(SfuCommand::StopRelay {
            room: self.id(),
            recording: id,
        });
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

    pub(crate) fn recorder_reports(&mut self, now: Now, report: RecorderReport) {
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
        self.tell_recording(&Cause::server(now.utc), state);
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
            self.record(
                cause,
                Event::Recording(RecordingEvent::RecordingChanged { state }),
            );
        }
    }
}
