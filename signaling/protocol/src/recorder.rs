//! Signaling ↔ recorder: what is to be recorded, and what happened in the room; a Unix socket in the data folder
//! (`run/recorder.sock`), with messages alone ([`crate::frame`]). Media come from the media node, by its
//! [relay](crate::relay).
//!
//! ```text
//! signaling <--Hello-- recorder     the recorder connects
//! signaling --Start, Plate…, RoomEvent…, Stop--> recorder     for every recording that should run, or be closed
//! signaling <--Started, Finalised, Failed-- recorder
//! ```

use serde::{Deserialize, Serialize};

use crate::api::RecordingFailure;
use crate::client::{Event, Seat};
use crate::media::TrackRef;
use crate::{ParticipantId, RecordingId, SessionCode, UtcMicros};

/// The version of this wire, told in `Hello`; another one is refused.
pub const RECORDER_VERSION: u32 = 3;

/// What is said between signaling and the recorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RecorderMessage {
    /// Recorder → signaling: the first message.
    Hello {
        /// [`RECORDER_VERSION`].
        protocol: u32,
    },
    /// Signaling → recorder: record a room. A known id goes on with new epochs.
    Start {
        /// Which recording.
        recording: RecordingId,
        /// Of which session.
        session: SessionCode,
        /// The folder, absolute; made when missing.
        folder: String,
        /// The server's clock in UTC at `at_mono_us`.
        at_us: UtcMicros,
        /// The server's monotonic clock, the clock of every `received_us`.
        at_mono_us: u64,
        /// The boot that this clock counts from ([`crate::clock::boot_id`]).
        boot: Option<String>,
        /// The socket of the relay of the room's media node, absolute.
        relay: String,
    },
    /// Recorder → signaling: the recording runs; its folder and manifest are on disk.
    Started {
        /// Which recording.
        recording: RecordingId,
    },
    /// Signaling → recorder: what stands on somebody's plate; told before anything of theirs can come.
    Plate {
        /// In which recording.
        recording: RecordingId,
        /// Whose.
        participant: ParticipantId,
        /// The name.
        name: String,
        /// The seat number.
        seat: Option<u32>,
    },
    /// Signaling → recorder: something happened in the room; goes to `events.jsonl`.
    RoomEvent {
        /// Of which recording.
        recording: RecordingId,
        /// The server's monotonic clock.
        at_mono_us: u64,
        /// What.
        event: RecordedEvent,
    },
    /// Signaling → recorder: the recording is over. What the media node sent before is still part of it.
    Stop {
        /// Which.
        recording: RecordingId,
        /// When, on the server's monotonic clock; none when an earlier run of the server ended it.
        at_mono_us: Option<u64>,
    },
    /// Recorder → signaling: everything is on disk.
    Finalised {
        /// Which.
        recording: RecordingId,
        /// From the first packet to the stop, gaps included, in microseconds.
        duration_us: u64,
        /// On disk.
        bytes: u64,
    },
    /// Recorder → signaling: it cannot record.
    Failed {
        /// Which.
        recording: RecordingId,
        /// Why.
        failure: RecordingFailure,
        /// The same in English, for the technician's log.
        reason: String,
    },
}

/// What happened in a room, for the event log of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RecordedEvent {
    /// A journalled event.
    Room {
        /// The event.
        event: Event,
    },
    /// The seats of the invited points, told when recording begins or goes on.
    Seats {
        /// In seat order.
        seats: Vec<Seat>,
    },
    /// Who speaks now.
    ActiveSpeaker {
        /// Who.
        participant: Option<ParticipantId>,
    },
    /// What the main picture is.
    MainPicture {
        /// Which track.
        track: Option<TrackRef>,
    },
}
