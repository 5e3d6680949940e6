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

use std::time::Duration;

use protocol::client::{ConnectionState, Event, RecordingCommand, RecordingEvent, RecordingState};
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, RecordingId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::act::Audited;
use crate::cause::{Cause, Reason};
use crate::context::Context;
use crate::durable::Then;
use crate::role::presides;
use crate::rules::Outcome;
use crate::timers::Timer;
use crate::{JournalEntry, Mono, Output, RecorderCommand, RecorderReport, Room, State};

/// How long a recording goes on while no participant is connected: 10 minutes.
pub const UNATTENDED_RECORDING_STOPS_AFTER: Duration = Duration::from_secs(600);

/// Whether the room is recorded, and under which id.
#[derive(Debug)]
pub(crate) struct Recording {
    state: RecordingState,
    /// The one that runs or should run.
    id: Option<RecordingId>,
    /// Under which id to begin by plan; none once recording was started or stopped.
    automatic: Option<RecordingId>,
}

impl Recording {
    pub(crate) fn new(automatic: Option<RecordingId>) -> Self {
        Self {
            state: RecordingState::default(),
            id: None,
            automatic,
        }
    }

    pub(crate) const fn state(&self) -> RecordingState {
        self.state
    }

    pub(crate) const fn id(&self) -> Option<RecordingId> {
        self.id
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        if let Event::Recording(RecordingEvent::RecordingChanged { state }) = entry.event() {
            self.state = *state;
            self.automatic = None;
        }
    }

    /// When it begins and when it stops by itself, as things stand.
    pub(crate) fn deadlines(room: &Room) -> [(Timer, Option<Mono>); 2] {
        let Self { id, automatic, .. } = room.state.recording;
        let somebody_presides = || {
            let mut people = room.state.people().iter();
            people.any(|p| presides(p.role) && p.connection == ConnectionState::Connected)
        };
        let begins = (automatic.is_some() && somebody_presides())
            .then(|| room.now.moment_of(room.state.session().starts_at_us));
        let unattended = room.absence.of_participants.filter(|_| id.is_some());
        let stops = unattended.map(|since| since.plus(UNATTENDED_RECORDING_STOPS_AFTER));
        [
            (Timer::RecordingBegins, begins),
            (Timer::RecordingStops, stops),
        ]
    }

    /// `fresh` is the id of a recording.
    pub(crate) fn handle(cx: &mut Context, command: &RecordingCommand, fresh: Uuid) -> Outcome {
        match command {
            RecordingCommand::SetRecording { on: true } => Self::start(cx, RecordingId(fresh)),
            RecordingCommand::SetRecording { on: false } => {
                let recording = &cx.state.recording;
                if recording.id.is_none() && recording.automatic.is_some() {
                    // It does not run yet; that it shall not run by itself is remembered.
                    let state = RecordingState::Off;
                    cx.record(RecordingEvent::RecordingChanged { state });
                }
                Self::stop(cx);
            }
        }
        Ok(())
    }

    /// Begins to record under `fresh`, or, when a recording should run already, asks for it again.
    fn start(cx: &mut Context, fresh: RecordingId) {
        // Whoever starts or stops it by hand overrides the plan.
        cx.state.recording.automatic = None;
        if cx.state.recording.state == RecordingState::On {
            return;
        }
        let id = *cx.state.recording.id.get_or_insert(fresh);
        Self::ask_for(cx, id);
    }

    /// The plan's time has come, and somebody presides.
    pub(crate) fn start_by_plan(cx: &mut Context) {
        if let Some(id) = cx.state.recording.automatic {
            Self::start(cx, id);
        }
    }

    /// Stops recording. The recorder goes on until that is saved.
    pub(crate) fn stop(cx: &mut Context) {
        cx.state.recording.automatic = None;
        if let Some(id) = cx.state.recording.id.take() {
            Self::tell(cx, RecordingState::Off);
            cx.when_saved(Then::StopRecorder(id));
        }
    }

    /// Goes on with the recording that ran before a restart.
    pub(crate) fn resume(cx: &mut Context, recording: Option<RecordingId>) {
        if cx.state.recording.state == RecordingState::Off {
            return;
        }
        match recording {
            Some(id) => {
                cx.state.recording.id = Some(id);
                Self::ask_for(cx, id);
            }
            None => Self::tell(cx, RecordingState::Off),
        }
    }

    fn ask_for(cx: &mut Context, id: RecordingId) {
        Self::tell(cx, RecordingState::Starting);
        cx.put(Output::Record(RecorderCommand::Start(id)));
        let room = cx.id();
        cx.media(SfuCommand::StartRelay {
            room,
            recording: id,
        });
    }

    fn tell(cx: &mut Context, state: RecordingState) {
        if cx.state.recording.state != state {
            cx.record(RecordingEvent::RecordingChanged { state });
        }
    }
}

impl Room {
    /// Takes what the recorder reports of the recording that runs or should run.
    pub(crate) fn recorder_reports(&mut self, report: RecorderReport) {
        let Some(id) = self.recording() else {
            return;
        };
        let state = match report {
            RecorderReport::Started(started) if started == id => RecordingState::On,
            RecorderReport::Failed(failed) if failed == id => RecordingState::Failed,
            RecorderReport::Started(_) | RecorderReport::Failed(_) => return,
            RecorderReport::Lost => RecordingState::Failed,
            RecorderReport::Back => RecordingState::Starting,
        };
        Recording::tell(&mut self.because(Cause::server(Reason::Recorder)), state);
    }

    /// Has a recording closed, which is saved as stopped.
    pub(crate) fn stop_recorder(&mut self, id: RecordingId) {
        self.put(Output::Media(SfuCommand::StopRelay {
            room: self.id(),
            recording: id,
        }));
        self.put(Output::Record(RecorderCommand::Stop(id)));
    }
}

impl Audited for RecordingCommand {
    fn action(&self, _: ParticipantId) -> Option<&'static str> {
        Some(match self {
            Self::SetRecording { on: true } => "start_recording",
            Self::SetRecording { on: false } => "stop_recording",
        })
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        Some(json!({ "recording": state.recording.state }))
    }
}
