//! The recordings of this process.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use protocol::api::RecordingFailure;
use protocol::recorder::{RecordedEvent, RecorderMessage};
use protocol::relay::{RelayFrame, RelayMessage, StreamId};
use protocol::{ParticipantId, RecordingId};
use tokio::task::JoinHandle;

use crate::config::CaptureConfig;
use crate::recording::{Closed, Recording, Start, open_closed};
use crate::segment::index::EpochHead;

/// How long a recording that was told to stop waits for the node's `RelayEnded`.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// The server's monotonic clock, as far as what it says tells.
pub(super) struct ServerClock {
    last_us: u64,
    seen: Instant,
}

impl ServerClock {
    pub(super) fn see(&mut self, mono_us: u64, now: Instant) {
        if mono_us >= self.last_us {
            *self = Self {
                last_us: mono_us,
                seen: now,
            };
        }
    }

    pub(super) fn now_us(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.seen).as_micros();
        self.last_us
            .saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }
}

/// A recording that is open.
struct Open {
    recording: Recording,
    /// The socket of the relay from which its packets come; none when it is only closed.
    relay: Option<String>,
    /// The node has said that nothing more comes.
    all_came: bool,
    /// Signaling has said nothing of it since it was gone: what happened meanwhile is not known.
    out_of_touch: bool,
    stop: Option<Stop>,
}

/// A `Stop` that was heard.
struct Stop {
    /// As of when, if anybody knows.
    at_mono_us: Option<u64>,
    /// When `RelayEnded` is not waited for any longer.
    by: Instant,
}

/// The recordings of this process.
pub(super) struct Recordings {
    config: CaptureConfig,
    folder: PathBuf,
    open: BTreeMap<RecordingId, Open>,
    pub(super) clock: ServerClock,
    /// What is to be told to signaling.
    pub(super) outbox: Vec<RecorderMessage>,
    syncing: Option<JoinHandle<()>>,
}

impl Recordings {
    /// None yet. `folder` holds those of earlier recorders.
    pub(super) fn new(config: CaptureConfig, folder: PathBuf) -> Self {
        Self {
            config,
            folder,
            open: BTreeMap::new(),
            clock: ServerClock {
                last_us: 0,
                seen: Instant::now(),
            },
            outbox: Vec::new(),
            syncing: None,
        }
    }

    /// Begins a recording, or goes on with one. True when it was opened; false when it was open, or cannot be.
    pub(super) fn start(&mut self, start: &Start, relay: String, now: Instant) -> bool {
        let id = start.recording;
        self.clock.see(start.at_mono_us, now);
        let mut opened = false;
        if let Some(open) = self.open.get_mut(&id) {
            // A server that connects again says everything again.
            if std::mem::take(&mut open.out_of_touch)
                && let Err(error) = open.recording.in_touch_again(start.at_mono_us)
            {
                self.fail(id, &error);
                return false;
            }
        } else {
            match Recording::open(&self.config, start, now) {
                Ok(recording) => {
                    tracing::info!(recording = %id, session = %start.session, "recording");
                    let open = Open {
                        recording,
                        relay: Some(relay),
                        all_came: false,
                        out_of_touch: false,
                        stop: None,
                    };
                    self.open.insert(id, open);
                    opened = true;
                }
                Err(error) => {
                    self.fail(id, &error);
                    return false;
                }
            }
        }
        self.outbox.push(RecorderMessage::Started { recording: id });
        opened
    }

    /// Ends a recording as soon as everything of it is here.
    pub(super) fn stop(&mut self, id: RecordingId, at_mono_us: Option<u64>, now: Instant) {
        let by = now + ENDS_WITHIN;
        if let Some(open) = self.open.get_mut(&id) {
            open.stop.get_or_insert(Stop { at_mono_us, by });
            return;
        }
        let folder = self.folder.join(id.to_string());
        match open_closed(&self.config, &folder, at_mono_us, now) {
            Ok(Closed::Nothing) => self.closed(id, Ok((0, 0))),
            Ok(Closed::Complete(duration_us, bytes)) => self.closed(id, Ok((duration_us, bytes))),
            Ok(Closed::Open(recording)) => {
                let open = Open {
                    recording: *recording,
                    relay: None,
                    all_came: true,
                    out_of_touch: false,
                    stop: Some(Stop { at_mono_us, by }),
                };
                self.open.insert(id, open);
            }
            Err(e) => self.fail(id, &e),
        }
    }

    /// Finalises what was told to stop, as soon as all that was relayed is here, or its relay, which `is_up` tells, is
    /// gone or says nothing, and nothing of an earlier recorder is being made whole.
    pub(super) fn close(&mut self, is_up: impl Fn(&str) -> bool, now: Instant) {
        let is_complete = |open: &mut Open| {
            let stop = open.stop.as_ref()?;
            let more_comes =
                !open.all_came && open.relay.as_deref().is_some_and(&is_up) && now < stop.by;
            (!more_comes && open.recording.take_recovered()).then_some(stop.at_mono_us)
        };
        let complete: Vec<_> = self
            .open
            .iter_mut()
            .filter_map(|(id, open)| Some((*id, is_complete(open)?)))
            .collect();
        for (id, at_mono_us) in complete {
            if let Some(open) = self.open.remove(&id) {
                self.closed(id, open.recording.finalise(at_mono_us));
            }
        }
    }

    fn closed(&mut self, id: RecordingId, finalised: io::Result<(u64, u64)>) {
        match finalised {
            Ok((duration_us, bytes)) => {
                tracing::info!(recording = %id, duration_us, bytes, "the recording is complete");
                self.outbox.push(RecorderMessage::Finalised {
                    recording: id,
                    duration_us,
                    bytes,
                });
            }
            Err(e) => self.fail(id, &e),
        }
    }

    /// Whether a recording is open.
    pub(super) fn runs(&self, id: RecordingId) -> bool {
        self.open.contains_key(&id)
    }

    /// Whether a recording has somebody's plate, or is over, so that none will come.
    pub(super) fn knows(&self, id: RecordingId, participant: ParticipantId) -> bool {
        self.open
            .get(&id)
            .is_some_and(|open| open.stop.is_some() || open.recording.knows(participant))
    }

    /// Whether any recording takes its packets from this relay.
    pub(super) fn take_from(&self, relay: &str) -> bool {
        self.open
            .values()
            .any(|open| open.relay.as_deref() == Some(relay))
    }

    /// Whether none is open.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes the plate of somebody.
    pub(super) fn introduce(
        &mut self,
        id: RecordingId,
        participant: ParticipantId,
        plate: (String, Option<u32>),
    ) {
        if let Some(open) = self.open.get_mut(&id) {
            open.recording.introduce(participant, plate);
        }
    }

    /// Something happened in the room.
    pub(super) fn room_event(&mut self, id: RecordingId, at_mono_us: u64, event: RecordedEvent) {
        self.act(id, |recording| recording.room_event(at_mono_us, event));
    }

    /// The node relays a recording from here on, or nothing more comes of it.
    pub(super) fn relayed(&mut self, id: RecordingId, more_comes: bool) {
        if let Some(open) = self.open.get_mut(&id) {
            open.all_came = !more_comes;
        }
    }

    /// A stream begins, or began at `at_us` of the server's clock.
    pub(super) fn stream_started(
        &mut self,
        id: RecordingId,
        stream: StreamId,
        head: EpochHead,
        at_us: u64,
    ) {
        self.act(id, |recording| {
            recording.stream_started(stream, head, at_us)
        });
    }

    /// Takes what came of a stream.
    pub(super) fn store(&mut self, id: RecordingId, frame: RelayFrame, now: Instant) {
        let present_us = self.clock.now_us(now);
        self.act(id, |recording| match frame {
            RelayFrame::Packet(packet) => recording.packet(packet, now),
            RelayFrame::Message(RelayMessage::SenderReport {
                stream,
                ntp,
                rtp,
                received_us,
            }) => {
                recording.report(stream, ntp, rtp, received_us, now);
                Ok(())
            }
            RelayFrame::Message(RelayMessage::Gap { stream, gap }) => {
                recording.gap(stream, gap, now)
            }
            RelayFrame::Message(RelayMessage::StreamEnded { stream }) => {
                recording.stream_ended(stream, present_us, now)
            }
            RelayFrame::Message(_) => Ok(()),
        });
    }

    /// The relay of a stream is gone.
    pub(super) fn cut_off(&mut self, id: RecordingId, stream: StreamId) {
        self.act(id, |recording| recording.cut_off(stream));
    }

    /// Signaling is gone: what it does not tell meanwhile is not known.
    pub(super) fn lose_touch(&mut self) {
        for open in self.open.values_mut() {
            open.out_of_touch = true;
        }
    }

    fn act(&mut self, id: RecordingId, act: impl FnOnce(&mut Recording) -> io::Result<()>) {
        if let Some(open) = self.open.get_mut(&id)
            && let Err(e) = act(&mut open.recording)
        {
            self.fail(id, &e);
        }
    }

    /// A recording that cannot be written is given up; what is on disk stays.
    fn fail(&mut self, id: RecordingId, error: &io::Error) {
        tracing::error!(recording = %id, %error, "recording failed");
        self.open.remove(&id);
        self.outbox.push(RecorderMessage::Failed {
            recording: id,
            failure: RecordingFailure::of_disk(error),
            reason: error.to_string(),
        });
    }

    /// Pushes what has waited long enough, and forces files to disk.
    pub(super) fn tick(&mut self, now: Instant) {
        let server_us = self.clock.now_us(now);
        for id in self.open.keys().copied().collect::<Vec<_>>() {
            self.act(id, |recording| recording.tick(server_us, now));
        }
        self.sync(now);
    }

    /// Forces files to disk beside the loop, one batch at a time: a slow disk never makes packets wait.
    fn sync(&mut self, now: Instant) {
        if self
            .syncing
            .as_ref()
            .is_some_and(|task| !task.is_finished())
        {
            return;
        }
        let mut files = Vec::new();
        for id in self.open.keys().copied().collect::<Vec<_>>() {
            self.act(id, |recording| {
                files.extend(recording.files_to_sync(now)?);
                Ok(())
            });
        }
        if !files.is_empty() {
            self.syncing = Some(tokio::task::spawn_blocking(move || {
                for file in files {
                    if let Err(error) = file.sync_data() {
                        tracing::error!(%error, "the disk does not keep what is recorded");
                    }
                }
            }));
        }
    }

    /// The streams of which a keyframe is to be asked for, each with its relay.
    pub(super) fn take_keyframes_wanted(&mut self) -> Vec<(String, StreamId)> {
        let mut wanted = Vec::new();
        for open in self.open.values_mut() {
            for stream in open.recording.take_keyframes_wanted() {
                wanted.extend(open.relay.clone().map(|relay| (relay, stream)));
            }
        }
        wanted
    }

    /// This process ends: closes every recording so that it can go on later.
    pub(super) fn interrupt(self) {
        for (id, open) in self.open {
            debug_assert_eq!(id, open.recording.id());
            match open.recording.interrupt() {
                Ok(()) => tracing::info!(recording = %id, "the recording is interrupted"),
                Err(error) => {
                    tracing::error!(recording = %id, %error, "an interrupted recording could not be closed");
                }
            }
        }
    }
}
