//! The data folder: its layout, and the lock that keeps a second server out of it.
//!
//! ```text
//! lock            held by the running server
//! diemcau.db      everything but media
//! tls/            own certificate authority (key 0600) and the server's certificate
//! run/            Unix sockets of the running server
//! recordings/     one folder per recording
//! ```

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_server_on_the_same_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = lock(folder.path()).expect("the first lock");
        assert!(matches!(lock(folder.path()), Err(LockError::Taken)));
        drop(first);
        lock(folder.path()).expect("the lock is free again");
    }
}
