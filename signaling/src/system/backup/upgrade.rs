//! The copy that is made before an older database is brought to this version.
//!
//! Changes of the schema are made once and in one direction. Whoever wants to go back to the release before needs the data as that
//! release left them, so nothing is changed before a copy of them was opened again and found good.

use std::fmt;
use std::path::{Path, PathBuf};

use protocol::UtcMicros;
use tokio_util::sync::CancellationToken;

use super::files::{self, Extent};
use super::take::{Made, Source, take_of};
use super::{history, rotation};
use crate::platform::database::fault;
use crate::{Clock, Config, Store};

/// Where such copies lie in the data folder when the settings name no other place. Recordings are not copied there: they would fill
/// the disk that they lie on, and no change of the schema touches them.
pub(super) const INSIDE: &str = "before-upgrade";

/// How many copies are kept in the data folder.
const KEPT_INSIDE: usize = 2;

/// What is kept free beside a copy: 64 MiB.
const SPARE: u64 = 64 * 1_024 * 1_024;

/// Why a database is not brought to this version.
#[derive(Debug)]
pub struct NotCopied {
    /// Where the copy was to lie.
    pub into: PathBuf,
    /// What was in the way.
    pub cause: anyhow::Error,
}

impl fmt::Display for NotCopied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let into = self.into.display();
        write!(f, "no copy could be made in {into}: {:#}", self.cause)
    }
}

impl std::error::Error for NotCopied {}

/// There is not enough room for a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom {
    /// What it needs, in bytes.
    pub needed: u64,
    /// What there is.
    pub free: u64,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes.div_ceil(1_024 * 1_024);
        let (needed, free) = (mib(self.needed), mib(self.free));
        write!(f, "it needs {needed} MiB, and {free} MiB are free")
    }
}

impl std::error::Error for NoRoom {}

/// Copies everything when the database is older than this program; none where it is not, or where there is none yet.
///
/// # Errors
/// A [`fault::DatabaseFault`] when the database cannot be used; [`NotCopied`] when no good copy came of it.
pub async fn copy_before_upgrade(
    config: &Config,
    data_dir: &Path,
    clock: &Clock,
) -> anyhow::Result<Option<Made>> {
    if !fault::is_behind(&config.database, data_dir).await? {
        return Ok(None);
    }
    let store = Store::open_to_read(&config.database, data_dir).await?;
    let (into, extent) = match &config.backup.folder {
        Some(folder) => (folder.clone(), Extent::Whole),
        None => (data_dir.join(INSIDE), Extent::WithoutRecordings),
    };
    let source = Source {
        store: &store,
        database: &config.database,
        data_dir,
    };
    let begun = clock.now();
    let made = copy(source, &into, extent, begun).await;
    store.close().await;
    let run = history::run_of(begun, clock.now(), &into, &made);
    if let Err(cause) = history::add(data_dir, run) {
        tracing::warn!(%cause, "that a copy was made cannot be written down");
    }
    let made = made.map_err(|cause| NotCopied {
        into: into.clone(),
        cause,
    })?;
    if extent == Extent::WithoutRecordings
        && let Err(cause) = rotation::rotate(&into, KEPT_INSIDE, std::time::SystemTime::now())
    {
        tracing::warn!(%cause, "older copies in the data folder stay");
    }
    Ok(Some(made))
}

async fn copy(
    source: Source<'_>,
    into: &Path,
    extent: Extent,
    begun: UtcMicros,
) -> anyhow::Result<Made> {
    std::fs::create_dir_all(into)?;
    check_room(source.data_dir, into, extent)?;
    take_of(
        source,
        extent,
        into,
        begun,
        &CancellationToken::new(),
        |_| (),
    )
    .await
}

/// Refuses what would fill the disk. Files that the copy before has too are not copied again.
fn check_room(data_dir: &Path, into: &Path, extent: Extent) -> anyhow::Result<()> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let database = ["diemcau.db", "diemcau.db-wal"].map(|file| size(&data_dir.join(file)));
    let mut needed = SPARE + database.iter().sum::<u64>();
    if rotation::good(into)?.is_empty() {
        let files = files::of(data_dir, into)?;
        let copied = files.iter().filter(|path| extent.has(path));
        needed += copied.map(|path| size(&data_dir.join(path))).sum::<u64>();
    }
    let found = rustix::fs::statvfs(into)?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free < needed {
        return Err(NoRoom { needed, free }.into());
    }
    Ok(())
}
