//! How the last copies came out: a file of the data folder, which can be read when the database cannot, and which no copy
//! brings back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use protocol::UtcMicros;
use protocol::api::BackupRun;

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
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
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
    }
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
