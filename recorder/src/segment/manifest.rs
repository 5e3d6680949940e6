//! `manifest.json`: what a recording consists of, replaced atomically at each change of state.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use protocol::media::TrackRef;
use protocol::{RecordingId, SessionCode, UtcMicros};
use serde::{Deserialize, Serialize};

use super::sync_folder;

/// The name of the file in the recording's folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The version of the layout that this program writes.
pub(crate) const SCHEMA: u32 = 1;

/// What a recording consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the layout, 1.
    pub schema: u32,
    /// The version of the program that began it.
    pub tool: String,
    /// Which recording.
    pub recording: RecordingId,
    /// Of which session.
    pub session: SessionCode,
    /// How far it is.
    pub state: ManifestState,
    /// Whether a recorder or server was lost on the way, so that up to 2 s of each track may be missing there.
    pub recovered: bool,
    /// UTC at zero of the session clock.
    pub started_at_us: UtcMicros,
    /// What to add to receive times of the last run to be on the session clock, in microseconds.
    pub session_offset_us: i64,
    /// The boot of the server's machine that the receive times of the last run count from.
    #[serde(default)]
    pub boot: Option<String>,
    /// From the first packet to the end, in microseconds; zero until it is finalised.
    pub duration_us: u64,
    /// When it was stopped, on the session clock.
    pub stopped_at_us: Option<i64>,
    /// The tracks, sorted.
    pub tracks: Vec<TrackEntry>,
    /// The event log, once finalised.
    pub events: Option<FileEntry>,
}

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManifestState {
    /// A recorder writes it.
    Recording,
    /// The link to the server is gone; it goes on when the server comes back.
    Interrupted,
    /// Complete.
    Finalised,
}

/// One track and its epochs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackEntry {
    /// Which.
    pub track: TrackRef,
    /// The publisher's name, as last told.
    pub name: String,
    /// The publisher's seat number.
    pub seat: Option<u32>,
    /// The epochs by number.
    pub epochs: Vec<EpochEntry>,
}

/// One epoch of a track. Times are on the session clock, as received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochEntry {
    /// Its number within the track, from 1.
    pub epoch: u32,
    /// `opus`, `vp8`, `h264` or `vp9`.
    pub codec: String,
    /// Of the publisher.
    pub ssrc: u32,
    /// The simulcast layer.
    pub rid: Option<String>,
    /// Width and height of the first picture in pixels.
    pub size: Option<(u16, u16)>,
    /// When the first frame came.
    pub first_us: i64,
    /// When the last frame came; as far as known while it is open.
    pub last_us: i64,
    /// Frames stored.
    pub frames: u64,
    /// Packets lost after repair.
    pub lost_packets: u64,
    /// The longest time without a frame, in microseconds.
    pub longest_gap_us: u64,
    /// Whether it was cut short by a lost recorder, server or link.
    pub interrupted: bool,
    /// The Matroska file, once the epoch is closed.
    pub media: Option<FileEntry>,
    /// The index, once the epoch is closed.
    pub index: Option<FileEntry>,
}

/// A file that will not change again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the recording's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads the manifest of `folder`; `None` when there is none, or it is not readable as one.
    ///
    /// # Errors
    /// When the file is there but the disk does not give it.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(folder.join(MANIFEST_FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Replaces the manifest of `folder`: readers see the old one or the new one, also after a power cut.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let temporary = folder.join("manifest.json.new");
        let mut file = File::create(&temporary)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&temporary, folder.join(MANIFEST_FILE))?;
        sync_folder(folder)
    }

    /// Every file that the manifest vouches for.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FileEntry> {
        let epochs = self.tracks.iter().flat_map(|track| &track.epochs);
        epochs
            .flat_map(|epoch| [&epoch.media, &epoch.index])
            .chain([&self.events])
            .flatten()
    }

    /// The entry of a track, made when missing.
    pub(crate) fn track_mut(&mut self, track: TrackRef) -> &mut TrackEntry {
        let at = match self
            .tracks
            .binary_search_by_key(&track, |entry| entry.track)
        {
            Ok(at) => at,
            Err(at) => {
                let entry = TrackEntry {
                    track,
                    name: String::new(),
                    seat: None,
                    epochs: Vec::new(),
                };
                self.tracks.insert(at, entry);
                at
            }
        };
        &mut self.tracks[at]
    }

    /// Puts an epoch in the place of the one with its number, or at the end; `None` removes it.
    pub(crate) fn replace_epoch(
        &mut self,
        track: TrackRef,
        number: u32,
        entry: Option<EpochEntry>,
    ) {
        let epochs = &mut self.track_mut(track).epochs;
        let at = epochs.iter().position(|epoch| epoch.epoch == number);
        match (at, entry) {
            (Some(at), Some(entry)) => epochs[at] = entry,
            (Some(at), None) => {
                epochs.remove(at);
            }
            (None, Some(entry)) => epochs.push(entry),
            (None, None) => {}
        }
    }

    /// From the first frame to the end, on the session clock; `None` when there is no frame.
    pub(crate) fn span_us(&self) -> Option<(i64, i64)> {
        let epochs = || self.tracks.iter().flat_map(|track| &track.epochs);
        let first = epochs().map(|epoch| epoch.first_us).min()?;
        let last = epochs().map(|epoch| epoch.last_us).max()?;
        Some((first, last.max(self.stopped_at_us.unwrap_or(last))))
    }
}
