//! One recording while it runs: frames into epochs, events into the log, state into the manifest.
//!
//! ```text
//!   open (new folder, or one to go on with) ─► recording ─► finalise  (the room said stop)
//!                                                  └──────► interrupt (this process ends; opens again)
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use protocol::gaps::Gap;
use protocol::recorder::RecordedEvent;
use protocol::relay::{RelayPacket, StreamId};
use protocol::{ParticipantId, RecordingId, SessionCode, UtcMicros};

use crate::config::CaptureConfig;
use crate::intake::{self, Frame};
use crate::segment::epoch::EpochWriter;
use crate::segment::events::{EVENTS_FILE, EventLog, LogEvent};
use crate::segment::index::{EpochHead, Record};
use crate::segment::manifest::{EpochEntry, FileEntry, Manifest, ManifestState, SCHEMA};
use crate::segment::recover::{self, Unfinished};
use crate::segment::sync_folder;

/// A stream is asked for a keyframe at most once in this time, in microseconds.
const KEYFRAME_PATIENCE_US: u64 = 1_000_000;

/// Sender reports kept until a stream's first frame opens an epoch.
const EARLY_REPORTS: usize = 16;

/// How long a film may go on after the last packet when nobody stops the recording.
const TAIL_US: i64 = 600_000_000;

/// The manifest is replaced at most so often while epochs come and go; what it lacks is found on disk.
const MANIFEST_EVERY: Duration = Duration::from_secs(1);

/// What begins a recording, or lets it go on.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) recording: RecordingId,
    pub(crate) session: SessionCode,
    pub(crate) folder: PathBuf,
    pub(crate) at_us: UtcMicros,
    pub(crate) at_mono_us: u64,
    pub(crate) boot: Option<String>,
}

/// A recording that runs.
pub(crate) struct Recording {
    config: CaptureConfig,
    folder: PathBuf,
    manifest: Manifest,
    events: EventLog,
    lanes: BTreeMap<StreamId, Lane>,
    /// Name and seat of everybody who may publish.
    plates: BTreeMap<ParticipantId, (String, Option<u32>)>,
    keyframes_wanted: Vec<StreamId>,
    /// What makes the epochs of an earlier recorder whole meanwhile.
    recovery: Recovery,
    /// Files of closed epochs that are yet to be forced to disk.
    unsynced: Vec<File>,
    last_sync: Instant,
    /// Whether the manifest on disk is behind, and when it was last written.
    manifest_behind: bool,
    manifest_written: Instant,
}

/// Makes epochs whole that an earlier recorder left behind, in a thread: of a long meeting, that takes longer than the
/// meeting should go unrecorded.
struct Recovery {
    done: mpsc::Receiver<(Unfinished, io::Result<Option<EpochEntry>>)>,
    left: usize,
}

impl Recovery {
    fn start(folder: PathBuf, unfinished: Vec<Unfinished>) -> Self {
        let left = unfinished.len();
        let (tell, done) = mpsc::channel();
        if left > 0 {
            std::thread::spawn(move || {
                for epoch in unfinished {
                    let found = recover::finish(&folder, &epoch);
                    // The recording may have been interrupted meanwhile; the next recorder begins again.
                    if tell.send((epoch, found)).is_err() {
                        return;
                    }
                }
            });
        }
        Self { done, left }
    }
}

/// One stream of the relay on its way into epochs.
struct Lane {
    stream: intake::Stream,
    head: EpochHead,
    epoch: Option<EpochWriter>,
    early: Vec<Record>,
    keyframes: Option<Keyframes>,
}

/// When a video stream had, and was asked for, a keyframe; on the server's clock.
#[derive(Default)]
struct Keyframes {
    wanted: bool,
    last_us: u64,
    asked_us: Option<u64>,
    /// Whether anything came since it was asked: a camera that is off is not asked again and again.
    alive: bool,
}

impl Keyframes {
    /// Whether to ask now, because one is wanted or the last one is older than `longest_us`. A true answer counts as
    /// asked.
    fn ask(&mut self, now_us: u64, longest_us: u64) -> bool {
        let stale = self.alive && now_us.saturating_sub(self.last_us) >= longest_us;
        let answered = match self.asked_us {
            Some(asked) => self.alive && now_us.saturating_sub(asked) >= KEYFRAME_PATIENCE_US,
            None => true,
        };
        let ask = (self.wanted || stale) && answered;
        if ask {
            self.asked_us = Some(now_us);
            self.alive = false;
        }
        ask
    }
}

impl Recording {
    /// Begins a recording in its folder, or recovers what is there and goes on.
    ///
    /// # Errors
    /// When the folder cannot be written, or belongs to another recording.
    pub(crate) fn open(config: &CaptureConfig, start: &Start, now: Instant) -> io::Result<Self> {
        let folder = start.folder.clone();
        std::fs::create_dir_all(folder.join("seg"))?;
        let (mut manifest, resumed) = match Manifest::read(&folder)? {
            Some(manifest) if manifest.recording != start.recording => {
                let other = format!("the folder belongs to recording {}", manifest.recording);
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, other));
            }
            Some(manifest) => (manifest, true),
            None => {
                let mut manifest = new_manifest(start);
                let clock = recover::clock_of(&folder)?;
                if let Some((started_at_us, session_offset_us)) = clock {
                    tracing::warn!(recording = %start.recording, "the manifest is lost and made anew");
                    manifest.started_at_us = started_at_us;
                    manifest.session_offset_us = session_offset_us;
                    manifest.boot = None;
                }
                (manifest, clock.is_some())
            }
        };
        let unfinished = recover::find_unfinished(&folder, &mut manifest)?;
        manifest.recovered |= !unfinished.is_empty();
        if resumed {
            manifest.session_offset_us = session_offset(&manifest, start);
            manifest.boot.clone_from(&start.boot);
        }
        manifest.state = ManifestState::Recording;
        manifest.events = None;
        manifest.duration_us = 0;
        let mut recording = Self {
            config: config.clone(),
            recovery: Recovery::start(folder.clone(), unfinished),
            events: EventLog::open(&folder)?,
            folder,
            manifest,
            lanes: BTreeMap::new(),
            plates: BTreeMap::new(),
            keyframes_wanted: Vec::new(),
            unsynced: Vec::new(),
            last_sync: now,
            manifest_behind: false,
            manifest_written: now,
        };
        recording.log(
            start.at_mono_us,
            if resumed {
                LogEvent::Resumed
            } else {
                LogEvent::Started
            },
        )?;
        recording.manifest.write(&recording.folder)?;
        if let Some(parent) = recording.folder.parent() {
            sync_folder(parent)?;
        }
        Ok(recording)
    }

    /// Its id.
    pub(crate) fn id(&self) -> RecordingId {
        self.manifest.recording
    }

    /// A receive time on the session clock.
    fn session_us(&self, mono_us: u64) -> i64 {
        i64::try_from(mono_us)
            .unwrap_or(i64::MAX)
            .saturating_add(self.manifest.session_offset_us)
    }

    fn log(&mut self, mono_us: u64, event: LogEvent) -> io::Result<()> {
        self.log_at(self.session_us(mono_us), event)
    }

    fn log_at(&mut self, at_us: i64, event: LogEvent) -> io::Result<()> {
        self.events
            .append(at_us, self.manifest.started_at_us.plus_us(at_us), event)
    }

    /// Whether somebody's plate came.
    pub(crate) fn knows(&self, participant: ParticipantId) -> bool {
        self.plates.contains_key(&participant)
    }

    /// Takes somebody's plate, for the streams that begin from here on, and for those that have none.
    pub(crate) fn introduce(&mut self, participant: ParticipantId, plate: (String, Option<u32>)) {
        for lane in self.lanes.values_mut() {
            if lane.head.track.participant == participant && lane.head.name.is_empty() {
                (lane.head.name, lane.head.seat) = plate.clone();
                if lane.epoch.is_some() {
                    let track = self.manifest.track_mut(lane.head.track);
                    (track.name, track.seat) = plate.clone();
                    self.manifest_behind = true;
                }
            }
        }
        self.plates.insert(participant, plate);
    }

    /// The server tells again what happens in the room; what happened meanwhile is lost.
    pub(crate) fn in_touch_again(&mut self, mono_us: u64) -> io::Result<()> {
        self.log(mono_us, LogEvent::Resumed)
    }

    /// A stream begins. Name, seat, `head.session_offset_us` and `head.size` are filled in here. A codec that cannot be
    /// stored is logged and its packets are ignored.
    pub(crate) fn stream_started(
        &mut self,
        stream: StreamId,
        mut head: EpochHead,
        mono_us: u64,
    ) -> io::Result<()> {
        if let Some((name, seat)) = self.plates.get(&head.track.participant) {
            (head.name, head.seat) = (name.clone(), *seat);
        }
        let Some(depacketiser) = intake::depacketiser(&head.codec) else {
            tracing::warn!(
                codec = head.codec,
                name = head.name,
                "a track cannot be recorded: unknown codec"
            );
            return Ok(());
        };
        self.log(
            mono_us,
            LogEvent::StreamStarted {
                track: head.track,
                name: head.name.clone(),
                seat: head.seat,
                codec: head.codec.clone(),
                rid: head.rid.clone(),
            },
        )?;
        let keyframes = head.track.source.is_video().then(|| Keyframes {
            wanted: true,
            ..Keyframes::default()
        });
        let lane = Lane {
            stream: intake::Stream::new(depacketiser, self.config.reorder_ms * 1_000),
            head: EpochHead {
                session_offset_us: self.manifest.session_offset_us,
                ..head
            },
            epoch: None,
            early: Vec::new(),
            keyframes,
        };
        if let Some(mut replaced) = self.lanes.insert(stream, lane) {
            self.close_lane(&mut replaced, false)?;
        }
        self.ask_for_keyframe(stream, mono_us);
        Ok(())
    }

    /// A packet of a stream; those of unknown streams are ignored.
    pub(crate) fn packet(&mut self, packet: RelayPacket, now: Instant) -> io::Result<()> {
        let stream = packet.stream;
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return Ok(());
        };
        if let Some(keyframes) = &mut lane.keyframes {
            keyframes.alive = true;
        }
        let received_us = packet.received_us;
        let frames = lane.stream.push(packet);
        self.store(stream, frames, now)?;
        self.ask_for_keyframe(stream, received_us);
        Ok(())
    }

    fn ask_for_keyframe(&mut self, stream: StreamId, now_us: u64) {
        let longest_us = self.config.keyframe_ms * 1_000;
        let keyframes = self
            .lanes
            .get_mut(&stream)
            .and_then(|lane| lane.keyframes.as_mut());
        if keyframes.is_some_and(|keyframes| keyframes.ask(now_us, longest_us)) {
            self.keyframes_wanted.push(stream);
        }
    }

    fn store(&mut self, stream: StreamId, frames: Vec<Frame>, now: Instant) -> io::Result<()> {
        for frame in frames {
            let Some(lane) = self.lanes.get_mut(&stream) else {
                return Ok(());
            };
            if let Some(keyframes) = &mut lane.keyframes {
                keyframes.wanted = !frame.contiguous;
                if frame.keyframe {
                    keyframes.last_us = frame.received_us;
                }
            }
            if let Some(epoch) = lane.epoch.take_if(|epoch| epoch.breaks_at(&frame)) {
                let (entry, files) = epoch.finish(false)?;
                self.manifest
                    .replace_epoch(lane.head.track, entry.epoch, Some(entry));
                self.unsynced.extend(files);
            }
            let Some(lane) = self.lanes.get_mut(&stream) else {
                return Ok(());
            };
            if lane.epoch.is_none() {
                // A picture that refers to earlier ones cannot begin a file.
                if !frame.keyframe {
                    if let Some(keyframes) = &mut lane.keyframes {
                        keyframes.wanted = true;
                    }
                    continue;
                }
                self.open_epoch(stream, &frame, now)?;
            }
            let longest = Duration::from_millis(self.config.cluster_ms);
            if let Some(epoch) = self
                .lanes
                .get_mut(&stream)
                .and_then(|lane| lane.epoch.as_mut())
            {
                epoch.push(&frame, now, longest)?;
            }
        }
        Ok(())
    }

    fn open_epoch(&mut self, stream: StreamId, first: &Frame, now: Instant) -> io::Result<()> {
        let from_us = self.session_us(first.received_us);
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return Ok(());
        };
        let track = self.manifest.track_mut(lane.head.track);
        (track.name, track.seat) = (lane.head.name.clone(), lane.head.seat);
        let number = track.epochs.last().map_or(1, |epoch| epoch.epoch + 1);
        let cut = track
            .epochs
            .last()
            .filter(|epoch| epoch.interrupted)
            .map(|epoch| epoch.last_us);
        let mut epoch = EpochWriter::create(&self.folder, number, lane.head.clone(), first)?;
        for report in lane.early.drain(..) {
            epoch.note(report, now);
        }
        let mut entry = epoch.entry();
        (entry.first_us, entry.last_us) = (from_us, from_us);
        track.epochs.push(entry);
        let track = lane.head.track;
        lane.epoch = Some(epoch);
        if let Some(cut_us) = cut {
            let gap = LogEvent::Gap {
                track,
                from_us: cut_us,
                to_us: from_us,
                packets: None,
            };
            self.log(first.received_us, gap)?;
        }
        self.manifest_behind = true;
        Ok(())
    }

    /// A sender report of a stream.
    pub(crate) fn report(
        &mut self,
        stream: StreamId,
        ntp: u64,
        rtp: u64,
        received_us: u64,
        now: Instant,
    ) {
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return;
        };
        let report = Record::Report {
            ntp,
            rtp,
            received_us,
        };
        match &mut lane.epoch {
            Some(epoch) => epoch.note(report, now),
            None => {
                if lane.early.len() == EARLY_REPORTS {
                    lane.early.remove(0);
                }
                lane.early.push(report);
            }
        }
    }

    /// The relay dropped packets of a stream.
    pub(crate) fn gap(&mut self, stream: StreamId, gap: Gap, now: Instant) -> io::Result<()> {
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return Ok(());
        };
        let track = lane.head.track;
        if let Some(epoch) = &mut lane.epoch {
            epoch.note(Record::Gap(gap), now);
        }
        if let Some(keyframes) = &mut lane.keyframes {
            keyframes.wanted = true;
        }
        self.ask_for_keyframe(stream, gap.to_us);
        let told = LogEvent::Gap {
            track,
            from_us: self.session_us(gap.from_us),
            to_us: self.session_us(gap.to_us),
            packets: Some(gap.dropped),
        };
        self.log(gap.to_us, told)
    }

    /// The relay of a stream is gone: what came is stored, and what comes next of the track is told to come after a gap.
    pub(crate) fn cut_off(&mut self, stream: StreamId) -> io::Result<()> {
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return Ok(());
        };
        let rest = lane.stream.finish();
        self.store(stream, rest, Instant::now())?;
        if let Some(mut lane) = self.lanes.remove(&stream) {
            self.close_lane(&mut lane, true)?;
        }
        Ok(())
    }

    /// A stream is over.
    pub(crate) fn stream_ended(
        &mut self,
        stream: StreamId,
        mono_us: u64,
        now: Instant,
    ) -> io::Result<()> {
        let Some(lane) = self.lanes.get_mut(&stream) else {
            return Ok(());
        };
        let rest = lane.stream.finish();
        self.store(stream, rest, now)?;
        if let Some(mut lane) = self.lanes.remove(&stream) {
            let track = lane.head.track;
            self.close_lane(&mut lane, false)?;
            self.log(mono_us, LogEvent::StreamEnded { track })?;
        }
        Ok(())
    }

    fn close_lane(&mut self, lane: &mut Lane, interrupted: bool) -> io::Result<()> {
        if let Some(epoch) = lane.epoch.take() {
            let (entry, files) = epoch.finish(interrupted)?;
            self.manifest
                .replace_epoch(lane.head.track, entry.epoch, Some(entry));
            self.unsynced.extend(files);
            self.manifest_behind = true;
        }
        Ok(())
    }

    /// Something happened in the room.
    pub(crate) fn room_event(&mut self, mono_us: u64, event: RecordedEvent) -> io::Result<()> {
        let event = match event {
            RecordedEvent::Room { event } => LogEvent::Room { event },
            RecordedEvent::Seats { seats } => LogEvent::Seats { seats },
            RecordedEvent::ActiveSpeaker { participant } => LogEvent::ActiveSpeaker { participant },
            RecordedEvent::MainPicture { track } => LogEvent::MainPicture { track },
        };
        self.log(mono_us, event)
    }

    /// Takes what was made whole meanwhile; true when there is no more.
    pub(crate) fn take_recovered(&mut self) -> bool {
        while let Ok((epoch, found)) = self.recovery.done.try_recv() {
            self.recovery.left -= 1;
            match found {
                Ok(entry) => {
                    self.manifest
                        .replace_epoch(epoch.track, epoch.number, entry);
                    self.manifest_behind = true;
                }
                // What can be read of it is in the film all the same.
                Err(error) => {
                    tracing::error!(%error, epoch = epoch.number, "an epoch cannot be made whole");
                }
            }
        }
        self.recovery.left == 0
    }

    /// Gives up on packets that are overdue and pushes what has waited long enough. `server_us` is the present on the
    /// server's clock, as far as this process can tell.
    pub(crate) fn tick(&mut self, server_us: u64, now: Instant) -> io::Result<()> {
        // The socket may hold packets that were not read yet, hence twice the patience.
        let overdue_us = server_us.saturating_sub(self.config.reorder_ms * 1_000);
        let longest = Duration::from_millis(self.config.cluster_ms);
        for stream in self.lanes.keys().copied().collect::<Vec<_>>() {
            let Some(lane) = self.lanes.get_mut(&stream) else {
                continue;
            };
            let frames = lane.stream.release(overdue_us);
            self.store(stream, frames, now)?;
            if let Some(epoch) = self
                .lanes
                .get_mut(&stream)
                .and_then(|lane| lane.epoch.as_mut())
            {
                epoch.flush_older_than(now, longest)?;
            }
        }
        self.take_recovered();
        let due = now.saturating_duration_since(self.manifest_written) >= MANIFEST_EVERY;
        if self.manifest_behind && due {
            self.manifest.write(&self.folder)?;
            self.manifest_behind = false;
            self.manifest_written = now;
        }
        Ok(())
    }

    /// The streams to ask for a keyframe: new ones, those with a loss, those without one for long. Each is told once.
    pub(crate) fn take_keyframes_wanted(&mut self) -> Vec<StreamId> {
        std::mem::take(&mut self.keyframes_wanted)
    }

    /// The files to force to disk, once per [`CaptureConfig::sync_ms`]; empty in between.
    pub(crate) fn files_to_sync(&mut self, now: Instant) -> io::Result<Vec<File>> {
        if now.saturating_duration_since(self.last_sync) < self.config.sync_every() {
            return Ok(Vec::new());
        }
        self.last_sync = now;
        let mut files = std::mem::take(&mut self.unsynced);
        files.push(self.events.file().handle()?);
        for epoch in self.lanes.values().filter_map(|lane| lane.epoch.as_ref()) {
            files.extend(epoch.handles()?);
        }
        Ok(files)
    }

    /// This process ends: what came is stored, and the recording can be opened again.
    pub(crate) fn interrupt(mut self) -> io::Result<()> {
        self.close_lanes(true)?;
        self.manifest.state = ManifestState::Interrupted;
        self.manifest.recovered = true;
        self.sync_all()?;
        self.manifest.write(&self.folder)
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.unsynced
            .drain(..)
            .try_for_each(|file| file.sync_data())?;
        self.events.file().sync()
    }

    /// The recording is over, and [`Recording::take_recovered`] had nothing left to wait for: its duration in
    /// microseconds and its bytes on disk. It lasts until it was stopped, also
    /// when everybody was silent at last; until the last packet when nobody knows when that was.
    pub(crate) fn finalise(mut self, stopped_mono_us: Option<u64>) -> io::Result<(u64, u64)> {
        self.close_lanes(false)?;
        let last_us = self.manifest.span_us().map_or(0, |(_, last)| last);
        let stopped_us = stopped_mono_us.map(|mono_us| {
            self.session_us(mono_us)
                .min(last_us.saturating_add(TAIL_US))
        });
        self.manifest.stopped_at_us = stopped_us;
        self.log_at(stopped_us.unwrap_or(last_us), LogEvent::Stopped)?;
        self.sync_all()?;
        self.manifest.events = Some(FileEntry {
            path: EVENTS_FILE.to_owned(),
            bytes: self.events.file().length(),
            sha256: self.events.file().sha256(),
        });
        let (first, last) = self.manifest.span_us().unwrap_or_default();
        self.manifest.duration_us = u64::try_from(last.saturating_sub(first)).unwrap_or(0);
        self.manifest.state = ManifestState::Finalised;
        self.manifest.write(&self.folder)?;
        Ok((self.manifest.duration_us, bytes_on_disk(&self.manifest)))
    }

    fn close_lanes(&mut self, interrupted: bool) -> io::Result<()> {
        let now = Instant::now();
        for stream in self.lanes.keys().copied().collect::<Vec<_>>() {
            let rest = self
                .lanes
                .get_mut(&stream)
                .map(|lane| lane.stream.finish())
                .unwrap_or_default();
            self.store(stream, rest, now)?;
        }
        for (_, mut lane) in std::mem::take(&mut self.lanes) {
            self.close_lane(&mut lane, interrupted)?;
        }
        Ok(())
    }
}

/// A recording that no recorder has open, for a stop that comes after a crash.
pub(crate) enum Closed {
    /// It was never begun.
    Nothing,
    /// It was completed before: duration and bytes.
    Complete(u64, u64),
    /// It is to be finalised.
    Open(Box<Recording>),
}

/// Opens a recording to close it, which was stopped at `stopped_mono_us` of the server's clock if anybody knows.
///
/// # Errors
/// When the disk fails.
pub(crate) fn open_closed(
    config: &CaptureConfig,
    folder: &Path,
    stopped_mono_us: Option<u64>,
    now: Instant,
) -> io::Result<Closed> {
    let Some(manifest) = Manifest::read(folder)? else {
        return Ok(Closed::Nothing);
    };
    if manifest.state == ManifestState::Finalised {
        let bytes = bytes_on_disk(&manifest);
        return Ok(Closed::Complete(manifest.duration_us, bytes));
    }
    let last_us = manifest.span_us().map_or(0, |(_, last)| last);
    // Who knows when it was stopped is the server that had it recorded, by the same clock.
    let stopped_us = stopped_mono_us.map_or(last_us, |mono_us| {
        i64::try_from(mono_us)
            .unwrap_or(i64::MAX)
            .saturating_add(manifest.session_offset_us)
    });
    let end_us = stopped_us.max(last_us);
    let start = Start {
        recording: manifest.recording,
        session: manifest.session.clone(),
        folder: folder.to_owned(),
        at_us: manifest.started_at_us.plus_us(end_us),
        at_mono_us: u64::try_from(end_us.saturating_sub(manifest.session_offset_us)).unwrap_or(0),
        boot: manifest.boot.clone(),
    };
    let recording = Recording::open(config, &start, now)?;
    Ok(Closed::Open(Box::new(recording)))
}

fn new_manifest(start: &Start) -> Manifest {
    Manifest {
        schema: SCHEMA,
        tool: concat!("diemcau recorder ", env!("CARGO_PKG_VERSION")).to_owned(),
        recording: start.recording,
        session: start.session.clone(),
        state: ManifestState::Recording,
        recovered: false,
        started_at_us: start.at_us,
        session_offset_us: i64::try_from(start.at_mono_us).map_or(i64::MIN, |mono| -mono),
        boot: start.boot.clone(),
        duration_us: 0,
        stopped_at_us: None,
        tracks: Vec::new(),
        events: None,
    }
}

/// What to add to the receive times of a new run of the recorder or of the server. While the server's machine has not been
/// booted again, its monotonic clock goes on, however its time of day was set meanwhile; after that the time of day tells
/// how long it was away. Never lets the recording go back in time.
fn session_offset(manifest: &Manifest, start: &Start) -> i64 {
    let mono = i64::try_from(start.at_mono_us).unwrap_or(i64::MAX);
    let last = manifest.span_us().map_or(0, |(_, last)| last);
    let same_clock = manifest.boot.is_some() && manifest.boot == start.boot;
    if same_clock && mono.saturating_add(manifest.session_offset_us) >= last {
        return manifest.session_offset_us;
    }
    let by_utc = start.at_us.0.saturating_sub(manifest.started_at_us.0);
    by_utc.max(last).saturating_sub(mono)
}

fn bytes_on_disk(manifest: &Manifest) -> u64 {
    manifest.files().map(|file| file.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::manifest::TrackEntry;
    use protocol::media::{Source, TrackRef};

    const SECOND: i64 = 1_000_000;

    /// A recording that began when the server had run for 4 s and UTC was 100 s, and has 60 s of sound.
    fn interrupted() -> Manifest {
        let mut manifest = new_manifest(&start(100, 4, Some("first")));
        let track = TrackRef {
            participant: uuid::Uuid::nil().into(),
            source: Source::Microphone,
        };
        let epoch = EpochEntry {
            epoch: 1,
            codec: "opus".to_owned(),
            ssrc: 1,
            rid: None,
            size: None,
            first_us: 0,
            last_us: 60 * SECOND,
            frames: 3_000,
            lost_packets: 0,
            longest_gap_us: 20_000,
            interrupted: true,
            media: None,
            index: None,
        };
        manifest.tracks.push(TrackEntry {
            track,
            name: String::new(),
            seat: None,
            epochs: vec![epoch],
        });
        manifest
    }

    fn start(utc_s: i64, mono_s: u64, boot: Option<&str>) -> Start {
        Start {
            recording: uuid::Uuid::nil().into(),
            session: SessionCode("GB-1107".to_owned()),
            folder: PathBuf::new(),
            at_us: UtcMicros(utc_s * SECOND),
            at_mono_us: mono_s * 1_000_000,
            boot: boot.map(str::to_owned),
        }
    }

    /// Where on the session clock a recording goes on that was made until 60 s after its machine was booted for the first
    /// time.
    fn goes_on_at_s(utc_s: i64, mono_s: u64, boot: Option<&str>) -> i64 {
        let start = start(utc_s, mono_s, boot);
        (mono_s as i64 * SECOND + session_offset(&interrupted(), &start)) / SECOND
    }

    #[test]
    fn same_boot_goes_on_by_the_monotonic_clock_whatever_the_time_of_day() {
        for utc_s in [165, 166, 165 + 3_600, 165 - 3_600, 0] {
            assert_eq!(goes_on_at_s(utc_s, 69, Some("first")), 65, "UTC {utc_s} s");
        }
    }

    #[test]
    fn another_boot_or_an_unknown_one_goes_on_by_utc() {
        for boot in [Some("second"), None] {
            assert_eq!(goes_on_at_s(170, 1, boot), 70);
            assert_eq!(goes_on_at_s(170, 500, boot), 70);
        }
        let mut unknown = interrupted();
        unknown.boot = None;
        assert_eq!(session_offset(&unknown, &start(170, 1, None)), 69 * SECOND);
    }

    #[test]
    fn clock_that_was_set_back_does_not_turn_back_the_recording() {
        assert_eq!(goes_on_at_s(-3_000, 1, Some("second")), 60);
        assert_eq!(
            goes_on_at_s(-3_000, 1, Some("first")),
            60,
            "a clock that is not the one before after all"
        );
    }
}
