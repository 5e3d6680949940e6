//! The limit of open files and connections: what runs into it fails with an error that names something else.

use std::io;

/// What is said of an error that came because the process, or the machine, has as many files open as it may; nothing of
/// other errors.
pub(crate) fn limit_reached(error: &io::Error) -> Option<&'static str> {
    matches!(error.raw_os_error(), Some(EMFILE | ENFILE)).then_some(
        "the process has as many files and connections open as it may; raise its limit (LimitNOFILE)",
    )
}

/// Too many open files, of the process and of the machine (errno(3), Linux).
pub(crate) const EMFILE: i32 = 24;
const ENFILE: i32 = 23;
