//! What is on disk while a room is recorded, and how it is read back after whatever happened.
//!
//! ```text
//! <recording>/manifest.json                       replaced atomically at each change of state
//!             events.jsonl                        appended: what happened in the room
//!             seg/<participant>-<source>/0001.mkv appended: one epoch of a track, as published
//!                                        0001.idx appended: the time facts of every frame of it
//! ```
//!
//! An *epoch* is a stretch of one track with one codec, SSRC and layer, written by one recorder process. Files are
//! only ever appended to, so a kill at any byte costs at most the cluster that was being put together.

pub(crate) mod ebml;
pub(crate) mod epoch;
pub(crate) mod events;
pub(crate) mod index;
pub(crate) mod manifest;
pub(crate) mod matroska;
pub(crate) mod recover;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// A file that only grows, with its length and the hash of all of it.
pub(crate) struct AppendFile {
    file: File,
    length: u64,
    hash: Sha256,
}

impl AppendFile {
    /// Makes a file that does not exist yet.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(path)?,
            length: 0,
            hash: Sha256::new(),
        })
    }

    /// Goes on with a file, which is made when missing; `whole` bytes of it are kept.
    pub(crate) fn open_at(path: &Path, whole: u64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .read(true)
            .create(true)
            .open(path)?;
        if file.metadata()?.len() > whole {
            file.set_len(whole)?;
        }
        let mut hash = Sha256::new();
        let length = io::copy(&mut File::open(path)?, &mut HashWriter(&mut hash))?;
        Ok(Self { file, length, hash })
    }

    /// Appends in one write.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        self.hash.update(bytes);
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 of all bytes so far, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    /// Another handle, to force the bytes to disk elsewhere.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Forces the bytes to disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Feeds what is written into a hash.
struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Length and SHA-256 of a file as it is on disk.
pub(crate) fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let length = io::copy(&mut File::open(path)?, &mut HashWriter(&mut hash))?;
    Ok((length, hex::encode(hash.finalize())))
}

/// Forces a folder's entries to disk, so that a new or renamed file survives a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
