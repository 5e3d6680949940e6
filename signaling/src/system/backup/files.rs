//! Files of the data folder: which are copied, and how.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::manifest::Entry;

/// What is copied at a time: between two of these a copy can be stopped.
const AT_ONCE: usize = 1024 * 1024;

/// What of the data folder is not copied: what belongs to the running server, copies that were made before an upgrade, and the
/// database, which is copied as a whole.
const LEFT_OUT: [&str; 6] = [
    "lock",
    "run",
    ".doctor",
    "backup-history.json",
    "restoring",
    super::upgrade::INSIDE,
];

/// How much of the data folder is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that belongs into a copy.
    Whole,
    /// The same without recordings and films.
    WithoutRecordings,
}

impl Extent {
    /// Whether a file of the data folder is copied.
    pub(super) fn has(self, path: &Path) -> bool {
        self == Self::Whole || !path.starts_with("recordings")
    }
}

/// Whether a name right in the data folder is one that is not copied.
fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
        || name.starts_with("diemcau.db")
        || name.starts_with("audit-head")
        || name.starts_with("backup-history.")
}

/// The files of a data folder that belong into a copy, by their paths below it. `into`, where copies lie, is none of them.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn of(data_dir: &Path, into: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let into = fs::canonicalize(into).unwrap_or_else(|_| into.to_owned());
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let folder = data_dir.join(&below);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // A recording that is deleted meanwhile.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            Err(cause) => return Err(cause).with_context(|| folder.display().to_string()),
        };
        for entry in entries {
            let entry = entry.with_context(|| folder.display().to_string())?;
            let name = entry.file_name();
            let path = below.join(&name);
            let kind = entry.file_type()?;
            let is_ours = below.as_os_str().is_empty() && is_left_out(&name.to_string_lossy());
            if is_ours || fs::canonicalize(entry.path()).is_ok_and(|whole| whole == into) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files of an earlier copy, which are not copied again when they have not changed.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    folder: PathBuf,
    files: HashMap<String, Entry>,
}

impl Earlier {
    pub(super) fn new(folder: PathBuf, files: Vec<Entry>) -> Self {
        let files = files.into_iter().map(|file| (file.path.clone(), file));
        Self {
            folder,
            files: files.collect(),
        }
    }

    /// Makes `to` the same file as in the earlier copy, if it is one with this size and time.
    fn link(&self, path: &str, bytes: u64, modified_ns: i64, to: &Path) -> Option<Entry> {
        let known = self.files.get(path)?;
        let is_same = known.bytes == bytes && known.modified_ns == modified_ns;
        (is_same && fs::hard_link(self.folder.join(path), to).is_ok()).then(|| known.clone())
    }
}

/// What became of a file.
pub(super) struct Copied {
    pub(super) entry: Entry,
    /// Whether it lies on the disk once more.
    pub(super) is_new: bool,
}

/// Copies a file to `path` below `folder`, or links it there. None when it is gone.
///
/// # Errors
/// When it cannot be read or written, or the copy is to stop.
pub(super) fn copy(
    from: &Path,
    folder: &Path,
    path: &str,
    earlier: &Earlier,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Copied>> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cause).with_context(|| from.display().to_string()),
    };
    let found = source.metadata()?;
    // Before it is read: what is written to it meanwhile makes it another file.
    let modified_ns = found
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0);
    let to = folder.join(path);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    if let Some(entry) = earlier.link(path, found.len(), modified_ns, &to) {
        return Ok(Some(Copied {
            entry,
            is_new: false,
        }));
    }
    let mut out = File::create_new(&to).with_context(|| to.display().to_string())?;
    let (bytes, sha256) = pour(&mut source, Some(&mut out), stop)?;
    out.sync_all()?;
    let entry = Entry {
        path: path.to_owned(),
        bytes,
        sha256,
        modified_ns,
    };
    Ok(Some(Copied {
        entry,
        is_new: true,
    }))
}

/// Reads a file to its end, and writes it to another if there is one. Its size and its hash.
fn pour(
    from: &mut File,
    mut to: Option<&mut File>,
    stop: &CancellationToken,
) -> anyhow::Result<(u64, String)> {
    let (mut bytes, mut hash) = (0_u64, Sha256::new());
    let mut part = vec![0; AT_ONCE];
    loop {
        if stop.is_cancelled() {
            bail!("it was stopped");
        }
        let count = from.read(&mut part)?;
        if count == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        bytes += u64::try_from(count)?;
        hash.update(&part[..count]);
        if let Some(to) = &mut to {
            to.write_all(&part[..count])?;
        }
    }
}

/// The size and the hash of a file.
///
/// # Errors
/// When it cannot be read, or the reading is to stop.
pub(super) fn measure(file: &Path, stop: &CancellationToken) -> anyhow::Result<(u64, String)> {
    pour(&mut File::open(file)?, None, stop)
}

/// Every file below a folder, by its path.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn below(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_copied_but_what_belongs_to_the_running_server() {
        let data = tempfile::tempdir().unwrap();
        let copies = data.path().join("copies");
        for file in [
            "lock",
            "run/x.sock",
            "diemcau.db",
            "diemcau.db-wal",
            "audit-head",
            "tls/ca.key",
            "recordings/one/composite.mp4",
            "copies/diemcau-1/manifest.json",
            "recordings/lock",
        ] {
            let file = data.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", data.path().join("link")).unwrap();
        let found = of(data.path(), &copies).unwrap();
        let found: Vec<_> = found.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            found,
            [
                "recordings/lock",
                "recordings/one/composite.mp4",
                "tls/ca.key"
            ]
        );
    }

    #[test]
    fn file_that_has_not_changed_lies_on_the_disk_once() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let stop = CancellationToken::new();
        let copy = |into: &str, earlier: &Earlier| {
            copy(&at("film"), &at(into), "files/film", earlier, &stop)
                .unwrap()
                .unwrap()
        };
        fs::write(at("film"), "phim").unwrap();
        let first = copy("one", &Earlier::default());
        assert!(first.is_new);
        let earlier = Earlier::new(at("one"), vec![first.entry.clone()]);
        let second = copy("two", &earlier);
        assert!(!second.is_new);
        assert_eq!(second.entry, first.entry);
        assert_eq!(fs::metadata(at("two/files/film")).unwrap().nlink(), 2);
        // Another film of the same length.
        fs::write(at("film"), "khac").unwrap();
        File::options()
            .write(true)
            .open(at("film"))
            .unwrap()
            .set_modified(UNIX_EPOCH)
            .unwrap();
        let third = copy("three", &earlier);
        assert!(third.is_new);
        assert_eq!(fs::read(at("three/files/film")).unwrap(), b"khac");
        assert_eq!(fs::read(at("one/files/film")).unwrap(), b"phim");
    }
}
