//! Writes one epoch: a Matroska file and its index.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::AppendFile;
use super::index::{self, EpochHead, FrameRecord, Index, Record};
use super::manifest::{EpochEntry, FileEntry};
use super::matroska::{self, Cluster, Codec};
use crate::intake::Frame;

/// A cluster is pushed at this size whatever its age.
const CLUSTER_BYTES: usize = 1024 * 1024;

/// RTP time may run this far from the receive clock before the epoch is taken to have a new time base.
const TIME_JUMP_US: i64 = 5_000_000;

/// A track that was silent for longer goes on in a new epoch.
const PAUSE_US: u64 = 300_000_000;

/// An epoch being written. Dropping it leaves what was pushed, as a killed process would.
pub(crate) struct EpochWriter {
    head: EpochHead,
    number: u32,
    media: AppendFile,
    index: AppendFile,
    first: FirstFrame,
    cluster: Cluster,
    /// Records that go to the index after the cluster; frame offsets are within the cluster's payload.
    pending: Vec<Record>,
    pending_since: Option<Instant>,
    facts: Facts,
}

/// Anchors an epoch's container times, and says what its decoder knows.
struct FirstFrame {
    rtp: u64,
    received_us: u64,
    private: Option<Vec<u8>>,
}

impl EpochWriter {
    /// Begins epoch `number` of a track in the recording's `folder`, at the first frame that it will hold. The frame
    /// itself is then to be pushed.
    pub(crate) fn create(
        folder: &Path,
        number: u32,
        mut head: EpochHead,
        first: &Frame,
    ) -> io::Result<Self> {
        head.size = first.size;
        let codec = Codec::beginning_with(&head.codec, first.size, first.private.as_deref());
        let stem = epoch_stem(&head, number);
        let path = folder.join(&stem);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut media = AppendFile::create(&path.with_extension("mkv"))?;
        media.append(&matroska::header(codec))?;
        let mut index = AppendFile::create(&path.with_extension("idx"))?;
        index.append(&index::encode_head(&head))?;
        Ok(Self {
            head,
            number,
            media,
            index,
            first: FirstFrame {
                rtp: first.time,
                received_us: first.received_us,
                private: first.private.clone(),
            },
            cluster: Cluster::default(),
            pending: Vec::new(),
            pending_since: None,
            facts: Facts::default(),
        })
    }

    /// Whether a frame must begin a new epoch: its time base is another, its decoder must know something else
    /// beforehand, or the track paused for long.
    pub(crate) fn breaks_at(&self, frame: &Frame) -> bool {
        if frame.private.is_some() && frame.private != self.first.private {
            return true;
        }
        let Some(elapsed) = frame.time.checked_sub(self.first.rtp) else {
            return true;
        };
        let by_rtp = self.ticks_to_us(elapsed);
        let by_clock = i64::try_from(frame.received_us).unwrap_or(i64::MAX)
            - i64::try_from(self.first.received_us).unwrap_or(i64::MAX);
        let paused = frame
            .received_us
            .saturating_sub(self.facts.last_received_us.unwrap_or(u64::MAX));
        // Skew of 500 ppm adds up to 1.8 s per hour, which is no jump.
        let allowed = TIME_JUMP_US.saturating_add(by_clock.saturating_abs() / 1_000);
        by_rtp.saturating_sub(by_clock).saturating_abs() > allowed || paused > PAUSE_US
    }

    fn ticks_to_us(&self, ticks: u64) -> i64 {
        let us = u128::from(ticks) * 1_000_000 / u128::from(self.head.clock_rate.max(1));
        i64::try_from(us).unwrap_or(i64::MAX)
    }

    /// Stores a frame. `longest` is the media time and the wall time that a cluster may hold.
    pub(crate) fn push(
        &mut self,
        frame: &Frame,
        now: Instant,
        longest: Duration,
    ) -> io::Result<()> {
        let elapsed_us = self.ticks_to_us(frame.time.saturating_sub(self.first.rtp));
        let at_ms = u64::try_from(elapsed_us / 1_000).unwrap_or(0);
        let span_ms = at_ms.abs_diff(self.cluster.begin_ms());
        let full =
            u128::from(span_ms) >= longest.as_millis() || self.cluster.bytes() >= CLUSTER_BYTES;
        if !self.cluster.is_empty() && full {
            self.flush()?;
        }
        self.pending_since.get_or_insert(now);
        let offset = self.cluster.push(at_ms, frame.keyframe, &frame.data);
        let record = Record::Frame(FrameRecord {
            rtp: frame.time,
            received_us: frame.received_us,
            offset: offset as u64,
            size: u32::try_from(frame.data.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
            lost_before: u16::try_from(frame.lost_before).unwrap_or(u16::MAX),
            keyframe: frame.keyframe,
            contiguous: frame.contiguous,
        });
        self.facts.add(&record);
        self.pending.push(record);
        self.flush_older_than(now, longest)
    }

    /// Stores a sender report or a gap of the relay.
    pub(crate) fn note(&mut self, record: Record, now: Instant) {
        self.pending_since.get_or_insert(now);
        self.pending.push(record);
    }

    /// Pushes what is held if it has been waiting for longer than `longest`.
    pub(crate) fn flush_older_than(&mut self, now: Instant, longest: Duration) -> io::Result<()> {
        match self.pending_since {
            Some(since) if now.saturating_duration_since(since) >= longest => self.flush(),
            _ => Ok(()),
        }
    }

    /// Pushes what is held to the kernel: the cluster first, then its records, each in one write.
    fn flush(&mut self) -> io::Result<()> {
        let mut shift = self.media.length();
        if !self.cluster.is_empty() {
            let (bytes, head) = self.cluster.take();
            shift += head as u64;
            self.media.append(&bytes)?;
        }
        let mut bytes = Vec::new();
        for mut record in self.pending.drain(..) {
            if let Record::Frame(frame) = &mut record {
                frame.offset += shift;
            }
            index::encode_record(&mut bytes, &record);
        }
        self.pending_since = None;
        self.index.append(&bytes)
    }

    /// Handles of its files, to force them to disk elsewhere.
    pub(crate) fn handles(&self) -> io::Result<[File; 2]> {
        Ok([self.media.handle()?, self.index.handle()?])
    }

    /// What the manifest says while it is open.
    pub(crate) fn entry(&self) -> EpochEntry {
        self.facts.entry(self.number, &self.head)
    }

    /// Pushes the rest and closes; the files are yet to be forced to disk.
    pub(crate) fn finish(mut self, interrupted: bool) -> io::Result<(EpochEntry, [File; 2])> {
        self.flush()?;
        let stem = epoch_stem(&self.head, self.number);
        let file = |file: &AppendFile, extension: &str| FileEntry {
            path: stem
                .with_extension(extension)
                .to_string_lossy()
                .into_owned(),
            bytes: file.length(),
            sha256: file.sha256(),
        };
        let entry = EpochEntry {
            interrupted,
            media: Some(file(&self.media, "mkv")),
            index: Some(file(&self.index, "idx")),
            ..self.entry()
        };
        Ok((entry, self.handles()?))
    }
}

/// The path of an epoch's files within the recording, without extension.
fn epoch_stem(head: &EpochHead, number: u32) -> PathBuf {
    let source = match head.track.source {
        protocol::media::Source::Microphone => "microphone",
        protocol::media::Source::Camera => "camera",
        protocol::media::Source::Screen => "screen",
    };
    PathBuf::from(format!(
        "seg/{}-{source}/{number:04}",
        head.track.participant
    ))
}

/// What is worth telling about an epoch, gathered record by record.
#[derive(Default)]
pub(crate) struct Facts {
    frames: u64,
    lost_packets: u64,
    longest_gap_us: u64,
    first_received_us: Option<u64>,
    last_received_us: Option<u64>,
}

impl Facts {
    /// The facts of an index that was read back.
    pub(crate) fn of(index: &Index) -> Self {
        Self::of_records(&index.records)
    }

    /// The facts of some records of an index.
    pub(crate) fn of_records(records: &[Record]) -> Self {
        let mut facts = Self::default();
        records.iter().for_each(|record| facts.add(record));
        facts
    }

    fn add(&mut self, record: &Record) {
        let Record::Frame(frame) = record else {
            return;
        };
        self.frames += 1;
        self.lost_packets += u64::from(frame.lost_before);
        self.first_received_us.get_or_insert(frame.received_us);
        let before = self.last_received_us.unwrap_or(frame.received_us);
        self.longest_gap_us = self
            .longest_gap_us
            .max(frame.received_us.saturating_sub(before));
        self.last_received_us = Some(frame.received_us.max(before));
    }

    /// The entry of the manifest, without its files.
    pub(crate) fn entry(&self, number: u32, head: &EpochHead) -> EpochEntry {
        let session = |received: Option<u64>| {
            let received = i64::try_from(received.unwrap_or(0)).unwrap_or(i64::MAX);
            received.saturating_add(head.session_offset_us)
        };
        EpochEntry {
            epoch: number,
            codec: head.codec.clone(),
            ssrc: head.ssrc,
            rid: head.rid.clone(),
            size: head.size,
            first_us: session(self.first_received_us),
            last_us: session(self.last_received_us),
            frames: self.frames,
            lost_packets: self.lost_packets,
            longest_gap_us: self.longest_gap_us,
            interrupted: false,
            media: None,
            index: None,
        }
    }
}
