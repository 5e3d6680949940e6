//! Sockets between the processes of one machine.

use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::{fs, io};

use anyhow::Context as _;

/// Listens on a Unix socket in the folder's `run/`, which is made when it is missing. The caller is the one server, or the
/// one media engine, on this folder: what lies there under this name was left behind by a killed one.
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(socket: &Path) -> anyhow::Result<UnixListener> {
    let made = || {
        if let Some(folder) = socket.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        match fs::remove_file(socket) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => UnixListener::bind(socket),
        }
    };
    made().with_context(|| format!("cannot listen on {}", socket.display()))
}
