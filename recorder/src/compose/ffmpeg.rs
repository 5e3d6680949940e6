//! ffmpeg as a child process: at the lowest priority, fed and read through pipes, never outliving its owner.
//!
//! Every child reads its input from a pipe that this process holds. When this process is killed, the pipe ends and so
//! does the child; no process group has to be hunted down.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::ComposeError;

/// What the C library says for ENOSPC, and ffmpeg after it.
const NO_ROOM: &str = "No space left on device";

/// What is kept of a child's complaints.
const COMPLAINT_BYTES: u64 = 4 * 1024;

/// A running ffmpeg. Dropping it kills it.
pub(super) struct Ffmpeg {
    stage: &'static str,
    child: Child,
    complaints: Option<JoinHandle<String>>,
}

/// Says whether the program runs at all, before anything is built on it.
pub(super) fn check(program: &Path) -> Result<(), ComposeError> {
    let missing = |reason: String| ComposeError::NoFfmpeg {
        program: program.to_owned(),
        reason,
    };
    let status = Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| missing(e.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(missing(status.to_string()))
    }
}

/// Gives this process the lowest priority, so that composing takes only what a running meeting leaves. For a process
/// that does nothing else; called before it starts threads, which inherit it.
pub fn lower_priority() {
    let renice = Command::new("renice")
        .args(["-n", "19", "-p", &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status();
    match renice {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::warn!(%status, "the priority stays as it is"),
        Err(error) => tracing::warn!(%error, "the priority stays as it is"),
    }
}

impl Ffmpeg {
    /// Starts ffmpeg with `arguments`; `stage` names it in errors.
    pub(super) fn start<I: AsRef<OsStr>>(
        program: &Path,
        stage: &'static str,
        arguments: impl IntoIterator<Item = I>,
    ) -> Result<Self, ComposeError> {
        let mut child = Command::new("nice")
            .args(["-n", "19"])
            .arg(program)
            .args(["-hide_banner", "-loglevel", "error", "-y"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| ComposeError::Ffmpeg {
                stage,
                reason: e.to_string(),
                full: false,
            })?;
        let complaints = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                // What is past the limit is read too, or the child would wait for ever.
                let _ = stderr.by_ref().take(COMPLAINT_BYTES).read_to_end(&mut text);
                let _ = io::copy(&mut stderr, &mut io::sink());
                String::from_utf8_lossy(&text).trim().to_owned()
            })
        });
        Ok(Self {
            stage,
            child,
            complaints,
        })
    }

    /// Its input. Asked for once.
    pub(super) fn input(&mut self) -> Result<ChildStdin, ComposeError> {
        self.child
            .stdin
            .take()
            .ok_or_else(|| self.error("its input is taken".to_owned()))
    }

    /// Its output. Asked for once.
    pub(super) fn output(&mut self) -> Result<ChildStdout, ComposeError> {
        self.child
            .stdout
            .take()
            .ok_or_else(|| self.error("its output is taken".to_owned()))
    }

    /// Waits until it is done; an error when it was not content.
    pub(super) fn finish(mut self) -> Result<(), ComposeError> {
        drop(self.child.stdin.take());
        let status = self.child.wait().map_err(|e| self.error(e.to_string()))?;
        if status.success() {
            return Ok(());
        }
        let complaints = self
            .complaints
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        Err(self.error(format!("{status}: {complaints}")))
    }

    /// The error behind a pipe that broke: what the child said before it went.
    pub(super) fn broken(self, error: &io::Error) -> ComposeError {
        let stage = self.stage;
        match self.finish() {
            Err(e) => e,
            Ok(()) => ComposeError::Ffmpeg {
                stage,
                reason: error.to_string(),
                full: false,
            },
        }
    }

    fn error(&self, reason: String) -> ComposeError {
        ComposeError::Ffmpeg {
            stage: self.stage,
            full: reason.contains(NO_ROOM),
            reason,
        }
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // Both fail only when the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
