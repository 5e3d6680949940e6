//! How the last copies came out: a file of the data folder, which can be read when the database cannot, and which no copy
//! brings back.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use protocol::UtcMicros;
use protocol::api::{BackupRun, BackupTrouble};
use protocol::client::JournalTrouble;

use crate::platform::database::StoreError;

/// The file.
const FILE: &str = "backup-history.json";
/// How many runs it holds: half a year of nights.
const KEPT: usize = 200;

/// The last runs, the newest first; none where nothing was copied yet.
///
/// # Errors
/// When the file cannot be read.
pub fn read(data_dir: &Path) -> io::Result<Vec<BackupRun>> {
    match fs::read(data_dir.join(FILE)) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(cause),
    }
}

/// Adds a run, whatever else writes there.
///
/// # Errors
/// When the file cannot be written.
pub fn add(data_dir: &Path, run: BackupRun) -> io::Result<()> {
    let held = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_dir.join("backup-history.lock"))?;
    held.lock()?;
    // One that cannot be read is begun anew: what comes is worth more than what was.
    let mut runs = read(data_dir).unwrap_or_default();
    runs.insert(0, run);
    runs.truncate(KEPT);
    let beside = data_dir.join("backup-history.new");
    let mut out = File::create(&beside)?;
    serde_json::to_writer(&mut out, &runs)?;
    out.sync_all()?;
    fs::rename(&beside, data_dir.join(FILE))
}

/// What a try came to, as it is remembered.
#[must_use]
pub fn run_of(
    begun_at_us: UtcMicros,
    ended_at_us: UtcMicros,
    into: &Path,
    made: &anyhow::Result<super::Made>,
) -> BackupRun {
    let place = match made {
        Ok(made) => made.folder.clone(),
        Err(_) => PathBuf::from(into),
    };
    let made_or = made.as_ref().ok();
    BackupRun {
        begun_at_us,
        ended_at_us,
        place: place.display().to_string(),
        bytes: made_or.map(|made| made.manifest.bytes()),
        new_bytes: made_or.map(|made| made.new_bytes),
        files: made_or.map(|made| u64::try_from(made.manifest.files.len()).unwrap_or(u64::MAX)),
        failure: made.as_ref().err().map(|cause| format!("{cause:#}")),
        trouble: made.as_ref().err().map(trouble_of),
    }
}

/// What people are told of a cause: what the file system or the database said first.
fn trouble_of(cause: &anyhow::Error) -> BackupTrouble {
    let known = cause.chain().find_map(|cause| {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return Some(match cause.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BackupTrouble::DiskFull,
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    BackupTrouble::ReadOnly
                }
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                    BackupTrouble::NoFolder
                }
                _ => BackupTrouble::Other,
            });
        }
        let cause = cause.downcast_ref::<StoreError>()?;
        Some(match cause.trouble() {
            JournalTrouble::DiskFull => BackupTrouble::DiskFull,
            JournalTrouble::ReadOnly => BackupTrouble::ReadOnly,
            _ => BackupTrouble::Other,
        })
    });
    known.unwrap_or(BackupTrouble::Other)
}

/// The newest run that came to a good copy.
#[must_use]
pub fn last_good(runs: &[BackupRun]) -> Option<&BackupRun> {
    runs.iter().find(|run| run.failure.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_is_told_by_what_the_file_system_said() {
        for (kind, expected) in [
            (ErrorKind::StorageFull, BackupTrouble::DiskFull),
            (ErrorKind::ReadOnlyFilesystem, BackupTrouble::ReadOnly),
            (ErrorKind::NotADirectory, BackupTrouble::NoFolder),
            (ErrorKind::TimedOut, BackupTrouble::Other),
        ] {
            let cause = anyhow::Error::from(io::Error::from(kind)).context("/mnt/backup");
            assert_eq!(trouble_of(&cause), expected, "{kind:?}");
        }
        assert_eq!(
            trouble_of(&anyhow::anyhow!("pg_dump")),
            BackupTrouble::Other
        );
    }

    #[test]
    fn runs_are_told_newest_first_and_a_broken_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let at = |us: i64| {
            run_of(
                UtcMicros(us),
                UtcMicros(us),
                folder.path(),
                &Err(anyhow::anyhow!("đầy")),
            )
        };
        for us in 0..=200 {
            add(folder.path(), at(us)).unwrap();
        }
        let runs = read(folder.path()).unwrap();
        assert_eq!(runs.len(), KEPT);
        assert_eq!(runs[0].begun_at_us, UtcMicros(200));
        assert_eq!(runs[0].failure.as_deref(), Some("đầy"));
        assert_eq!(last_good(&runs), None);
        fs::write(folder.path().join(FILE), "[").unwrap();
        assert!(read(folder.path()).is_err());
        add(folder.path(), at(7)).unwrap();
        assert_eq!(read(folder.path()).unwrap(), [at(7)]);
    }
}
