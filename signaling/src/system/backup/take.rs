//! Taking a copy while everything goes on.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use protocol::UtcMicros;
use tokio_util::sync::CancellationToken;

use super::files::{self, Earlier, Extent};
use super::manifest::{Entry, Facts, Kind, Manifest};
use super::rotation::{PARTIAL, PREFIX};
use super::{check, postgres, rotation, store};
use crate::Store;
use crate::platform::audit::{self, Head};
use crate::platform::clock::stamp;
use crate::platform::config::Database;

/// What is copied.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The database.
    pub store: &'a Store,
    /// How it is reached.
    pub database: &'a Database,
    /// The data folder.
    pub data_dir: &'a Path,
}

/// A copy that was found good.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
    /// How much of it lies on the disk for the first time, in bytes.
    pub new_bytes: u64,
}

/// Where a copy under way stands; removed unless it becomes one.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes a copy in a folder `into`, opens it again and looks through it. `tell` is told how far it is, in percent.
///
/// # Errors
/// Why there is none; then nothing is left of it.
pub async fn take(
    source: Source<'_>,
    into: &Path,
    now: UtcMicros,
    stop: &CancellationToken,
    tell: impl Fn(u8) + Send + Clone + 'static,
) -> anyhow::Result<Made> {
    take_of(source, Extent::Whole, into, now, stop, tell).await
}

/// The same of as much as `extent` says.
///
/// # Errors
/// As above.
pub(super) async fn take_of(
    source: Source<'_>,
    extent: Extent,
    into: &Path,
    now: UtcMicros,
    stop: &CancellationToken,
    tell: impl Fn(u8) + Send + Clone + 'static,
) -> anyhow::Result<Made> {
    fs::create_dir_all(into).with_context(|| format!("cannot make {}", into.display()))?;
    let name = format!("{PREFIX}{}", stamp(now));
    let folder = into.join(&name);
    ensure!(!folder.exists(), "{} is there already", folder.display());
    let partial = Partial(into.join(format!("{name}{PARTIAL}")));
    fs::create_dir(&partial.0).with_context(|| format!("cannot make {}", partial.0.display()))?;
    // Read before the log: the copy holds at least this line.
    let head = Head::read(source.data_dir)?;
    let (kind, facts) = database(source, &partial.0, head).await?;
    tell(10);
    // After the database, which then names no file that is not copied.
    let copied = {
        let (data_dir, into) = (source.data_dir.to_owned(), into.to_owned());
        let (target, stop, tell) = (partial.0.clone(), stop.clone(), tell.clone());
        tokio::task::spawn_blocking(move || {
            copy_files((&data_dir, extent), &into, &target, kind, &stop, tell)
        })
        .await
        .context("the copying panicked")??
    };
    let manifest = Manifest::new(now, kind, facts, copied.entries);
    manifest.write(&partial.0)?;
    tell(60);
    check(&partial.0, stop).await?;
    tell(95);
    fs::rename(&partial.0, &folder)?;
    File::open(into)?.sync_all()?;
    Ok(Made {
        folder,
        manifest,
        new_bytes: copied.new_bytes,
    })
}

/// Copies the database as it is at one moment; what it holds then.
async fn database(
    source: Source<'_>,
    partial: &Path,
    head: Option<Head>,
) -> anyhow::Result<(Kind, Facts)> {
    fs::create_dir(partial.join("database"))?;
    if source.database.url.is_empty() {
        let file = partial.join(Kind::Sqlite.file());
        source.store.copy_into(&file).await?;
        File::open(&file)?.sync_all()?;
        let copy = Store::open_to_read(&Database::default(), &partial.join("database")).await?;
        let mut conn = copy.read().await?;
        let facts = store::facts(&mut conn).await;
        let verdict = audit::verify(&mut conn, head).await;
        drop(conn);
        copy.close().await;
        ensure!(verdict?.is_intact(), check::Flaw::Audit);
        return Ok((Kind::Sqlite, facts?));
    }
    let file = partial.join(Kind::Postgres.file());
    let mut tx = source.store.write().await?;
    postgres::dump(source.database, &mut tx, &file).await?;
    let facts = store::facts(&mut tx).await?;
    let verdict = audit::verify(&mut tx, head).await?;
    ensure!(verdict.is_intact(), check::Flaw::Audit);
    File::open(&file)?.sync_all()?;
    Ok((Kind::Postgres, facts))
}

/// What was copied.
struct Copied {
    entries: Vec<Entry>,
    new_bytes: u64,
}

fn copy_files(
    (data_dir, extent): (&Path, Extent),
    into: &Path,
    partial: &Path,
    kind: Kind,
    stop: &CancellationToken,
    tell: impl Fn(u8),
) -> anyhow::Result<Copied> {
    let earlier = match rotation::good(into)?.into_iter().next() {
        Some((folder, manifest)) => Earlier::new(folder, manifest.files),
        None => Earlier::default(),
    };
    let (bytes, sha256) = files::measure(&partial.join(kind.file()), stop)?;
    let mut copied = Copied {
        entries: vec![Entry {
            path: kind.file().to_owned(),
            bytes,
            sha256,
            modified_ns: 0,
        }],
        new_bytes: bytes,
    };
    let mut found = files::of(data_dir, into)?;
    found.retain(|path| extent.has(path));
    for (at, below) in found.iter().enumerate() {
        let path = format!("files/{}", below.to_string_lossy());
        let file = files::copy(&data_dir.join(below), partial, &path, &earlier, stop)?;
        if let Some(file) = file {
            copied.new_bytes += if file.is_new { file.entry.bytes } else { 0 };
            copied.entries.push(file.entry);
        }
        let percent = 10 + 50 * (at + 1) / found.len();
        tell(u8::try_from(percent).unwrap_or(60));
    }
    Ok(copied)
}
