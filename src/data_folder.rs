//! The data folder: its layout, whom it is for, and the lock that keeps a second server out of it.
//!
//! ```text
//! lock            held by the running server
//! diemcau.db      everything but media
//! tls/            own certificate authority (key 0600) and the server's certificate
//! run/            Unix sockets of the running server
//! recordings/     one folder per recording
//! seal.key        opens what the database keeps sealed: secrets of second factors
//! audit-head      the newest line of the audit log, kept outside the database
//! backup-history.json   how the last backups came out
//! ```
//!
//! What is said in meetings lies in it: it is for the user that the server runs as, and for nobody else (folders 0700,
//! files 0600).

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Keeps the data folder for this process until dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// Why the folder cannot be had.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another server runs on it.
    Taken,
    /// The folder cannot be made or written.
    Unusable(anyhow::Error),
}

/// Makes `folder` if it is missing and locks it for a server.
///
/// # Errors
/// [`LockError::Taken`] when another process holds it; the lock of a killed process is free at once.
pub(crate) fn lock(folder: &Path) -> Result<FolderLock, LockError> {
    let open = || -> anyhow::Result<File> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join("lock");
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))
    };
    let mut file = open().map_err(LockError::Unusable)?;
    match file.try_lock() {
        Ok(()) => {
            // For the person who looks into the folder; nothing reads it.
            let _ = file
                .set_len(0)
                .and_then(|()| writeln!(file, "{}", std::process::id()));
            Ok(FolderLock { _file: file })
        }
        Err(TryLockError::WouldBlock) => Err(LockError::Taken),
        Err(TryLockError::Error(e)) => Err(LockError::Unusable(e.into())),
    }
}

/// Whether a server runs on `folder`. Makes nothing: what somebody else than the server's user made would be in its way.
pub(crate) fn is_taken(folder: &Path) -> bool {
    File::open(folder.join("lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Writes a file whole or leaves it as it was: a full disk leaves no empty one.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut out = File::create(&beside)?;
    out.write_all(content)?;
    out.sync_all()?;
    fs::rename(&beside, file)
}

/// What others than the owner may do to a file.
const OTHERS: u32 = 0o077;

/// From here on whatever this process and its children make is for their own user alone.
pub(crate) fn keep_to_oneself() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// Takes from others what an earlier release let them read. What cannot be taken (another user's file) stays, and
/// `doctor` names it.
pub(crate) fn take_from_others(folder: &Path) {
    for path in open_to_others(folder) {
        let taken = fs::symlink_metadata(&path).and_then(|found| {
            let mode = found.permissions().mode() & 0o7777 & !OTHERS;
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))
        });
        if let Err(cause) = taken {
            tracing::warn!(path = %path.display(), %cause, "others may read or write this, and it cannot be taken from them");
        }
    }
}

/// Everything in a folder that others than its owner may read, write or enter, the folder itself included. Links are not
/// followed.
pub(crate) fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut to_visit = vec![folder.to_owned()];
    while let Some(path) = to_visit.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_symlink() {
            continue;
        }
        if metadata.permissions().mode() & OTHERS != 0 {
            found.push(path.clone());
        }
        if metadata.is_dir() {
            to_visit.extend(entries(&path).unwrap_or_default());
        }
    }
    found
}

/// Whether anybody on the machine may read or write a file outside the data folder, which its group may: keys are often
/// for a group.
pub(crate) fn is_open_to_all(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o007 != 0)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_read_is_taken_from_them_and_links_lead_nowhere() {
        let outside = tempfile::tempdir().expect("a folder");
        let foreign = outside.path().join("foreign");
        fs::write(&foreign, "x").expect("a file");
        let folder = tempfile::tempdir().expect("a folder");
        let recording = folder.path().join("recordings/one");
        fs::create_dir_all(&recording).expect("a folder");
        let (film, script) = (recording.join("film.mp4"), folder.path().join("script"));
        for (file, mode) in [(&foreign, 0o644), (&film, 0o644), (&script, 0o755)] {
            fs::write(file, "x").expect("a file");
            fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("its mode");
        }
        fs::set_permissions(&recording, fs::Permissions::from_mode(0o755)).expect("its mode");
        std::os::unix::fs::symlink(&foreign, folder.path().join("link")).expect("a link");
        take_from_others(folder.path());
        let mode = |path: &Path| {
            fs::metadata(path)
                .expect("it is there")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode(&film), 0o600);
        assert_eq!(mode(&recording), 0o700);
        assert_eq!(mode(&script), 0o700);
        assert_eq!(mode(&foreign), 0o644, "another's file behind a link");
        assert!(open_to_others(folder.path()).is_empty());
    }

    #[test]
    fn second_server_on_the_same_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = lock(folder.path()).expect("the first lock");
        assert!(matches!(lock(folder.path()), Err(LockError::Taken)));
        drop(first);
        lock(folder.path()).expect("the lock is free again");
    }
}
