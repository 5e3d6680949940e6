//! Which copies lie in a folder, and which of them go when there are new ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::manifest::Manifest;

/// What the name of a copy begins with.
pub(super) const PREFIX: &str = "diemcau-";
/// How the name of one ends that is being made.
pub(super) const PARTIAL: &str = ".partial";

/// After so long without a change a copy that is being made was given up: two days.
const GIVEN_UP: Duration = Duration::from_secs(2 * 86_400);

/// The good copies in a folder, the newest first. Only what was found good has a name without an ending; one that was damaged
/// since does not count.
pub(super) fn good(into: &Path) -> io::Result<Vec<(PathBuf, Manifest)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(into)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with(PREFIX) || name.ends_with(PARTIAL) {
            continue;
        }
        if let Ok(manifest) = Manifest::read(&entry.path())
            && is_whole(&entry.path(), &manifest)
        {
            found.push((entry.path(), manifest));
        }
    }
    found.sort_by_key(|(_, manifest)| std::cmp::Reverse(manifest.made_at_us));
    Ok(found)
}

/// Whether every file is there with its size: a look, where hashing would take hours.
fn is_whole(folder: &Path, manifest: &Manifest) -> bool {
    manifest.files.iter().all(|file| {
        fs::symlink_metadata(folder.join(&file.path)).is_ok_and(|found| found.len() == file.bytes)
    })
}

/// Removes all good copies but the newest `keep`, and what was given up long ago. What is neither stays: somebody has to look
/// at it. Never removes the newest good ones, whatever their age.
///
/// # Errors
/// When a folder cannot be read or removed.
pub(super) fn rotate(into: &Path, keep: usize, now: SystemTime) -> io::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    for (old, _) in good(into)?.into_iter().skip(keep.max(1)) {
        // Under a name that is no copy's, so that half of one is never taken for one.
        let going = old.with_extension(PARTIAL.trim_start_matches('.'));
        fs::rename(&old, &going)?;
        fs::remove_dir_all(&going)?;
        removed.push(old);
    }
    for entry in fs::read_dir(into)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_old = entry
            .metadata()?
            .modified()
            .is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > GIVEN_UP));
        if name.starts_with(PREFIX) && name.ends_with(PARTIAL) && is_old {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use protocol::UtcMicros;

    use super::*;
    use crate::system::backup::manifest::{Counts, Entry, Facts, Kind};

    fn copy(into: &Path, day: i64) -> PathBuf {
        let folder = into.join(format!("{PREFIX}2026110{day}-020000"));
        fs::create_dir_all(folder.join("database")).unwrap();
        fs::write(folder.join(Kind::Sqlite.file()), "x").unwrap();
        let facts = Facts {
            schema: 14,
            counts: Counts::default(),
            audit_head: None,
        };
        let entry = Entry {
            path: Kind::Sqlite.file().to_owned(),
            bytes: 1,
            sha256: String::new(),
            modified_ns: 0,
        };
        Manifest::new(UtcMicros(day), Kind::Sqlite, facts, vec![entry])
            .write(&folder)
            .unwrap();
        folder
    }

    #[test]
    fn newest_good_copies_stay_and_damaged_or_unfinished_ones_do_not_count() {
        let into = tempfile::tempdir().unwrap();
        let copies: Vec<PathBuf> = (1..=6).map(|day| copy(into.path(), day)).collect();
        // The two newest are worth nothing: one lost its database, one was touched.
        fs::remove_file(copies[5].join(Kind::Sqlite.file())).unwrap();
        fs::write(copies[4].join("manifest.json"), "{}").unwrap();
        let partial = into
            .path()
            .join(format!("{PREFIX}20261107-020000{PARTIAL}"));
        fs::create_dir_all(&partial).unwrap();
        let other = into.path().join("something else");
        fs::create_dir_all(&other).unwrap();
        let removed = rotate(into.path(), 2, SystemTime::now()).unwrap();
        assert_eq!(removed, [copies[1].clone(), copies[0].clone()]);
        for stays in [
            &copies[2], &copies[3], &copies[4], &copies[5], &partial, &other,
        ] {
            assert!(stays.exists(), "{}", stays.display());
        }
        assert!(!copies[0].exists() && !copies[1].exists());
        // However long ago they were made, and even if nobody wants to keep any.
        let later = SystemTime::now() + Duration::from_secs(365 * 86_400);
        assert_eq!(rotate(into.path(), 0, later).unwrap(), [copies[2].clone()]);
        assert!(copies[3].exists());
        assert!(!partial.exists(), "given up");
    }
}
