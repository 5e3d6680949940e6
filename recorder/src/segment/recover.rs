//! Finds out what a folder holds after a kill, a power cut or a full disk, and makes it whole again.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use protocol::UtcMicros;
use protocol::media::TrackRef;

use super::epoch::Facts;
use super::index::{self, Index, Record};
use super::manifest::{EpochEntry, FileEntry, Manifest};
use super::{events, matroska, measure};

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The folder has no manifest that this program understands.
    #[error("{} has no readable manifest", .0.display())]
    NoManifest(PathBuf),
    /// The disk does not give what is on it.
    #[error("cannot read {}", path.display())]
    Disk {
        /// Of what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file that is not what the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Relative to the recording's folder.
    pub path: String,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// Compares every closed file of a recording with its length and SHA-256 in the manifest; an empty list means whole.
///
/// # Errors
/// When there is no manifest, or the disk fails otherwise than by a missing file.
pub fn verify(folder: &Path) -> Result<Vec<Damage>, SegmentError> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| SegmentError::Disk { path, source }
    };
    let manifest = Manifest::read(folder)
        .map_err(disk(folder))?
        .ok_or_else(|| SegmentError::NoManifest(folder.to_owned()))?;
    let mut damages = Vec::new();
    for entry in manifest.files() {
        let path = folder.join(&entry.path);
        let what = match measure(&path) {
            Ok((bytes, _)) if bytes != entry.bytes => {
                format!("has {bytes} bytes where {} were written", entry.bytes)
            }
            Ok((_, sha256)) if sha256 != entry.sha256 => {
                "has been changed since it was written".to_owned()
            }
            Ok(_) => continue,
            Err(e) if e.kind() == io::ErrorKind::NotFound => "is missing".to_owned(),
            Err(e) => return Err(disk(&path)(e)),
        };
        damages.push(Damage {
            path: entry.path.clone(),
            what,
        });
    }
    Ok(damages)
}

/// Makes a recording whole that a kill or a power cut left behind; true when there was something to do. Not for a
/// recording that a recorder has open.
///
/// # Errors
/// When there is no manifest, or the disk fails.
pub fn recover(folder: &Path) -> Result<bool, SegmentError> {
    let disk = |source| SegmentError::Disk {
        path: folder.to_owned(),
        source,
    };
    let mut manifest = Manifest::read(folder)
        .map_err(disk)?
        .ok_or_else(|| SegmentError::NoManifest(folder.to_owned()))?;
    let changed = recover_epochs(folder, &mut manifest).map_err(disk)?;
    if changed {
        manifest.recovered = true;
        manifest.write(folder).map_err(disk)?;
    }
    Ok(changed)
}

/// An epoch found on disk.
pub(crate) struct FoundEpoch {
    /// Its number within the track.
    pub(crate) number: u32,
    /// The Matroska file.
    pub(crate) media: PathBuf,
    /// What its index says, as far as it is whole and its frames are there.
    pub(crate) index: Index,
}

/// Reads every epoch under `folder` as far as it is whole, changing nothing; sorted by track and number. Epochs of
/// which nothing can be used are left out.
///
/// # Errors
/// When the disk fails.
pub(crate) fn scan(folder: &Path) -> io::Result<Vec<FoundEpoch>> {
    let mut found = Vec::new();
    for (number, stem) in epoch_stems(folder)? {
        let media = stem.with_extension("mkv");
        if let Some((_, index)) = read_epoch(&stem)? {
            found.push(FoundEpoch {
                number,
                media,
                index,
            });
        }
    }
    found.sort_by_key(|epoch| (epoch.index.head.track, epoch.number));
    Ok(found)
}

/// The whole bytes of an epoch's Matroska file, and its index.
fn read_epoch(stem: &Path) -> io::Result<Option<(u64, Index)>> {
    let Some(media) = open(&stem.with_extension("mkv"))? else {
        return Ok(None);
    };
    let Some(whole) = matroska::whole_length(&media)? else {
        return Ok(None);
    };
    let Some(file) = open(&stem.with_extension("idx"))? else {
        return Ok(None);
    };
    let index = index::read(&mut BufReader::new(file), whole)?;
    Ok(index.map(|index| (whole, index)))
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Number and path without extension of everything that looks like an epoch, sorted.
fn epoch_stems(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut stems = Vec::new();
    for track in list(&folder.join("seg"))? {
        for path in list(&track)? {
            let number = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .and_then(|stem| stem.parse().ok());
            if let Some(number) = number {
                stems.push((number, path.with_extension("")));
            }
        }
    }
    stems.sort();
    stems.dedup();
    Ok(stems)
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(e) => Err(e),
    }
}

/// What a lost manifest said of the clock: UTC at zero of the session clock, and what the last epochs add to receive
/// times; `None` when there is no epoch, or no event that tells both times.
///
/// # Errors
/// When the disk fails.
pub(crate) fn clock_of(folder: &Path) -> io::Result<Option<(UtcMicros, i64)>> {
    let epochs = scan(folder)?;
    let last = |epoch: &&FoundEpoch| Facts::of(&epoch.index).entry(0, &epoch.index.head).last_us;
    let offset = epochs
        .iter()
        .max_by_key(last)
        .map(|epoch| epoch.index.head.session_offset_us);
    let started = events::read(folder)?
        .lines
        .first()
        .map(|line| line.utc_us.plus_us(line.at_us.saturating_neg()));
    Ok(started.zip(offset))
}

/// An epoch that a kill or a power cut left behind.
pub(crate) struct Unfinished {
    pub(crate) track: TrackRef,
    pub(crate) number: u32,
    stem: PathBuf,
}

/// Finds every epoch of `folder` that `manifest` does not know as closed, and enters it there as far as can be told
/// without reading it through: for how long, not how much. What has not even a head is removed. The manifest's tracks
/// are afterwards what is on disk.
///
/// # Errors
/// When the disk fails.
pub(crate) fn find_unfinished(
    folder: &Path,
    manifest: &mut Manifest,
) -> io::Result<Vec<Unfinished>> {
    let known = std::mem::take(&mut manifest.tracks);
    let mut unfinished = Vec::new();
    for (number, stem) in epoch_stems(folder)? {
        let media = relative(folder, &stem, "mkv");
        let closed = known.iter().find_map(|track| {
            let of_stem =
                |epoch: &&EpochEntry| epoch.media.as_ref().is_some_and(|file| file.path == media);
            track
                .epochs
                .iter()
                .find(of_stem)
                .map(|epoch| (track, epoch))
        });
        if let Some((track, epoch)) = closed {
            let entry = manifest.track_mut(track.track);
            (entry.name, entry.seat) = (track.name.clone(), track.seat);
            entry.epochs.push(epoch.clone());
            continue;
        }
        let ends = match open(&stem.with_extension("idx"))? {
            Some(mut file) => index::ends(&mut file)?,
            None => None,
        };
        let ends = ends.filter(|(_, records)| {
            let is_frame = |record: &Record| matches!(record, Record::Frame(_));
            records.iter().any(is_frame)
        });
        // Header only: nothing was received that could be dated.
        let Some((head, records)) = ends else {
            remove(&stem)?;
            continue;
        };
        let entry = EpochEntry {
            interrupted: true,
            frames: 0,
            lost_packets: 0,
            longest_gap_us: 0,
            ..Facts::of_records(&records).entry(number, &head)
        };
        let track = manifest.track_mut(head.track);
        (track.name, track.seat) = (head.name, head.seat);
        track.epochs.push(entry);
        unfinished.push(Unfinished {
            track: head.track,
            number,
            stem,
        });
    }
    Ok(unfinished)
}

/// Makes an epoch whole: cuts the Matroska file after its last whole cluster and the index after its last whole record.
/// Doing it twice is doing it once. `None` when nothing in it can be used; then it is removed.
///
/// # Errors
/// When the disk fails.
pub(crate) fn finish(folder: &Path, epoch: &Unfinished) -> io::Result<Option<EpochEntry>> {
    let found = recover_epoch(epoch.number, &epoch.stem, |extension| {
        relative(folder, &epoch.stem, extension)
    })?;
    if found.is_none() {
        remove(&epoch.stem)?;
    }
    Ok(found)
}

fn relative(folder: &Path, stem: &Path, extension: &str) -> String {
    let path = stem.with_extension(extension);
    path.strip_prefix(folder)
        .unwrap_or(&path)
        .to_string_lossy()
        .into_owned()
}

fn remove(stem: &Path) -> io::Result<()> {
    tracing::warn!(epoch = %stem.display(), "an epoch without anything in it is removed");
    for extension in ["mkv", "idx"] {
        match std::fs::remove_file(stem.with_extension(extension)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Makes every epoch of `folder` whole that `manifest` does not know as closed; true when there was one.
///
/// # Errors
/// When the disk fails.
fn recover_epochs(folder: &Path, manifest: &mut Manifest) -> io::Result<bool> {
    let known: usize = manifest.tracks.iter().map(|track| track.epochs.len()).sum();
    let unfinished = find_unfinished(folder, manifest)?;
    for epoch in &unfinished {
        let entry = finish(folder, epoch)?;
        manifest.replace_epoch(epoch.track, epoch.number, entry);
    }
    let found: usize = manifest.tracks.iter().map(|track| track.epochs.len()).sum();
    Ok(!unfinished.is_empty() || known != found)
}

fn recover_epoch(
    number: u32,
    stem: &Path,
    relative: impl Fn(&str) -> String,
) -> io::Result<Option<EpochEntry>> {
    let Some((whole, index)) = read_epoch(stem)? else {
        return Ok(None);
    };
    let close = |extension: &str, whole: u64| -> io::Result<FileEntry> {
        let path = stem.with_extension(extension);
        let file = File::options().write(true).open(&path)?;
        if file.metadata()?.len() != whole {
            file.set_len(whole)?;
        }
        file.sync_data()?;
        let (bytes, sha256) = measure(&path)?;
        Ok(FileEntry {
            path: relative(extension),
            bytes,
            sha256,
        })
    };
    let entry = EpochEntry {
        interrupted: true,
        media: Some(close("mkv", whole)?),
        index: Some(close("idx", index.whole)?),
        ..Facts::of(&index).entry(number, &index.head)
    };
    Ok((entry.frames > 0).then_some(entry))
}
