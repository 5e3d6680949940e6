//! Putting a copy back where nothing is.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use protocol::UtcMicros;
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub use super::store::Revoked;

use super::check::Flaw;
use super::files::{self, Earlier};
use super::manifest::{Kind, Manifest};
use super::{postgres, store};
use crate::Store;
use crate::access::{Permit, Reason};
use crate::platform::audit::{self, Head};
use crate::platform::config::Database;
use crate::platform::database::fault;
use office_core::rights::RestoreBackup;

/// The file that stands in a data folder until everything is back.
const UNFINISHED: &str = "restoring";

/// Whether there is nothing in a data folder that could be lost: a new one, or one that was being put back.
///
/// # Errors
/// When it cannot be read.
pub fn is_empty(data_dir: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(data_dir) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(cause) => return Err(cause),
    };
    if data_dir.join(UNFINISHED).exists() {
        return Ok(true);
    }
    for entry in entries {
        // What a server, or the lock of this very command, leaves in a new folder.
        if !matches!(entry?.file_name().to_str(), Some("lock" | "run")) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts a copy, which was found good, into a data folder in which nothing is, and ends every sign-in. How many those were.
/// The caller holds the lock of the folder.
///
/// # Errors
/// When the database of the settings is of another kind or not empty, or something cannot be written. Then the folder says
/// that it is unfinished, and may be restored into again.
pub async fn restore(
    folder: &Path,
    manifest: &Manifest,
    settings: &Database,
    data_dir: &Path,
    now: UtcMicros,
) -> anyhow::Result<u64> {
    let is_postgres = manifest.database == Kind::Postgres;
    ensure!(
        is_postgres != settings.url.is_empty(),
        "the copy is of {}: set database.url accordingly",
        if is_postgres { "PostgreSQL" } else { "SQLite" }
    );
    if is_postgres {
        let is_empty = postgres::is_empty(settings, data_dir).await?;
        ensure!(is_empty, "the database is not empty");
    }
    begin(data_dir)?;
    let (from, to, files) = (folder.to_owned(), data_dir.to_owned(), manifest.clone());
    tokio::task::spawn_blocking(move || put_back(&from, &files, &to))
        .await
        .context("the copying panicked")??;
    if is_postgres {
        postgres::load(settings, &folder.join(Kind::Postgres.file())).await?;
    }
    if let Some(head) = &manifest.facts.audit_head {
        head.parse::<Head>()?.write(data_dir)?;
    }
    let store = fault::open(settings, data_dir).await?;
    let ended = settle(&store, manifest, data_dir, now).await;
    store.close().await;
    let ended = ended?;
    fs::remove_file(data_dir.join(UNFINISHED))?;
    File::open(data_dir)?.sync_all()?;
    Ok(ended)
}

/// Marks the folder, and clears what an earlier try left.
fn begin(data_dir: &Path) -> anyhow::Result<()> {
    ensure!(is_empty(data_dir)?, "{} is not empty", data_dir.display());
    fs::create_dir_all(data_dir)?;
    File::create(data_dir.join(UNFINISHED))?.sync_all()?;
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        if matches!(entry.file_name().to_str(), Some("lock" | UNFINISHED)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn put_back(folder: &Path, manifest: &Manifest, data_dir: &Path) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    for file in &manifest.files {
        let to = match file.path.strip_prefix("files/") {
            Some(below) => below,
            None if manifest.database == Kind::Sqlite => "diemcau.db",
            None => continue,
        };
        let from = folder.join(&file.path);
        let copied = files::copy(&from, data_dir, to, &Earlier::default(), &stop)?;
        // It was found good a moment ago; a disk that fails meanwhile is found out.
        let is_whole = copied.is_some_and(|copied| copied.entry.sha256 == file.sha256);
        if !is_whole {
            bail!(Flaw::Changed(file.path.clone()));
        }
    }
    Ok(())
}

/// Ends sign-ins, signs the log, and looks once more whether that is whole.
async fn settle(
    store: &Store,
    manifest: &Manifest,
    data_dir: &Path,
    now: UtcMicros,
) -> anyhow::Result<u64> {
    let mut tx = store.write().await?;
    let ended = store::end_sign_ins(&mut tx, now).await?;
    let permit = Permit::<RestoreBackup>::system(Reason::CommandLine, ());
    let after = json!({ "made_at_us": manifest.made_at_us, "ended_sign_ins": ended });
    permit
        .note(&mut tx, "system", None, Some(after), now)
        .await?;
    tx.commit().await?;
    let head = Head::read(data_dir)?;
    let verdict = audit::verify(&mut store.read().await?, head).await?;
    ensure!(verdict.is_intact(), Flaw::Audit);
    Ok(ended)
}

/// What the database of an older data folder knows to have been taken away since the copy was made, and which the copy gives
/// back. That database is only read.
///
/// # Errors
/// When it cannot be read.
pub async fn revoked_since(
    settings: &Database,
    data_dir: &Path,
    since: UtcMicros,
) -> anyhow::Result<Vec<Revoked>> {
    let store = Store::open_to_read(settings, data_dir).await?;
    let found = store::revoked_since(&mut store.read().await?, since).await;
    store.close().await;
    Ok(found?)
}
