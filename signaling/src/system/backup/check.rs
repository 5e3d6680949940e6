//! Whether a copy is good: every file is there and as it was written, and its database opens, holds what it should, and has
//! an unbroken log.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::files::{below, measure};
use super::manifest::{Kind, Manifest};
use super::{postgres, store};
use crate::Store;
use crate::platform::audit::{self, Head};
use crate::platform::config::Database;
use crate::platform::database::fault;

/// Why a copy is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is no copy of this product.
    NoArchive,
    /// A later program made it.
    Newer,
    /// This file is not there.
    Missing(String),
    /// This file is not as it was written.
    Changed(String),
    /// This file does not belong to it.
    Foreign(String),
    /// Its database cannot be used.
    Database(String),
    /// Its database does not hold as much as it did.
    Counts,
    /// Its audit log is not intact.
    Audit,
    /// It cannot be read.
    Unread(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoArchive => f.write_str("it is no backup of Điểm Cầu"),
            Self::Newer => f.write_str("a later release made it"),
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Changed(path) => write!(f, "{path} is damaged"),
            Self::Foreign(path) => write!(f, "{path} does not belong to it"),
            Self::Database(cause) => write!(f, "its database cannot be used: {cause}"),
            Self::Counts => f.write_str("its database does not hold as much as it did"),
            Self::Audit => f.write_str("its audit log is not intact"),
            Self::Unread(cause) => write!(f, "it cannot be read: {cause}"),
        }
    }
}

impl std::error::Error for Flaw {}

/// Looks through a whole copy, changing nothing.
///
/// # Errors
/// Why it is not good.
pub async fn check(folder: &Path, stop: &CancellationToken) -> Result<Manifest, Flaw> {
    let unread = |cause: &dyn fmt::Display| Flaw::Unread(cause.to_string());
    let (owned, stop) = (folder.to_owned(), stop.clone());
    let manifest = tokio::task::spawn_blocking(move || files(&owned, &stop))
        .await
        .map_err(|cause| unread(&cause))??;
    match manifest.database {
        Kind::Sqlite => sqlite(folder, &manifest).await?,
        Kind::Postgres => {
            let counted = postgres::counts(&folder.join(Kind::Postgres.file())).await;
            let counted = counted.map_err(|cause| Flaw::Database(format!("{cause:#}")))?;
            // The log itself was read whole in the moment that the copy is of.
            if counted != manifest.facts.counts {
                return Err(Flaw::Counts);
            }
        }
    }
    Ok(manifest)
}

/// Every file that it names is there with its hash, and no other.
fn files(folder: &Path, stop: &CancellationToken) -> Result<Manifest, Flaw> {
    let manifest = Manifest::read(folder)?;
    let unread = |cause: &dyn fmt::Display| Flaw::Unread(cause.to_string());
    let there: BTreeSet<String> = below(folder)
        .map_err(|cause| unread(&cause))?
        .into_iter()
        .filter(|name| !Manifest::is_own(name))
        .collect();
    for file in &manifest.files {
        if !there.contains(&file.path) {
            return Err(Flaw::Missing(file.path.clone()));
        }
        let path = folder.join(&file.path);
        // A link would lead out of the copy.
        let is_file = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        if !is_file {
            return Err(Flaw::Foreign(file.path.clone()));
        }
        let (bytes, sha256) = measure(&path, stop).map_err(|cause| unread(&cause))?;
        if bytes != file.bytes || sha256 != file.sha256 {
            return Err(Flaw::Changed(file.path.clone()));
        }
    }
    let named: BTreeSet<&String> = manifest.files.iter().map(|file| &file.path).collect();
    if let Some(foreign) = there.iter().find(|path| !named.contains(path)) {
        return Err(Flaw::Foreign(foreign.clone()));
    }
    let database = manifest.database.file();
    if !named.iter().any(|path| *path == database) {
        return Err(Flaw::Missing(database.to_owned()));
    }
    Ok(manifest)
}

/// The file of SQLite opens, is sound, holds what the manifest says, and its log ends where it did.
async fn sqlite(folder: &Path, manifest: &Manifest) -> Result<(), Flaw> {
    let data_dir = folder.join("database");
    let settings = Database::default();
    let broken = |cause: &dyn fmt::Display| Flaw::Database(cause.to_string());
    match fault::examine(&settings, &data_dir).await {
        Ok(true) => {}
        Ok(false) => return Err(Flaw::Missing(manifest.database.file().to_owned())),
        Err(fault) if fault.kind == fault::FaultKind::Newer => return Err(Flaw::Newer),
        Err(fault) => return Err(broken(&fault)),
    }
    let store = Store::open_to_read(&settings, &data_dir)
        .await
        .map_err(|cause| broken(&cause))?;
    let looked = look_through(&store, manifest).await;
    store.close().await;
    looked
}

async fn look_through(store: &Store, manifest: &Manifest) -> Result<(), Flaw> {
    let broken = |cause: &dyn fmt::Display| Flaw::Database(cause.to_string());
    let mut conn = store.read().await.map_err(|cause| broken(&cause))?;
    let fault = store::first_fault(&mut conn).await;
    if let Some(fault) = fault.map_err(|cause| broken(&cause))? {
        return Err(Flaw::Database(fault));
    }
    let facts = store::facts(&mut conn).await;
    if facts.map_err(|cause| broken(&cause))? != manifest.facts {
        return Err(Flaw::Counts);
    }
    let head: Option<Head> = match &manifest.facts.audit_head {
        Some(text) => Some(text.parse().map_err(|_| Flaw::Audit)?),
        None => None,
    };
    let verdict = audit::verify(&mut conn, head).await;
    if verdict.map_err(|cause| broken(&cause))?.is_intact() {
        Ok(())
    } else {
        Err(Flaw::Audit)
    }
}
