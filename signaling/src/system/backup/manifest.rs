//! What a copy says of itself.

use std::fs;
use std::io;
use std::path::{Component, Path};

use protocol::UtcMicros;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::check::Flaw;

/// The file of it.
const MANIFEST: &str = "manifest.json";
/// The file with the hash of it.
const SEAL: &str = "manifest.sha256";
/// What the product calls itself, so that nothing else is taken for a copy.
const PRODUCT: &str = "diemcau";
/// How copies are laid out; raised when an older program could not read them.
const FORMAT: u32 = 1;

/// Which database a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A SQLite file.
    Sqlite,
    /// An archive of `pg_dump`.
    Postgres,
}

impl Kind {
    /// The file of the database in a copy.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Sqlite => "database/diemcau.db",
            Self::Postgres => "database/diemcau.dump",
        }
    }
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    product: String,
    format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When it was begun: what was done later is not in it.
    pub made_at_us: UtcMicros,
    /// Which database it is of.
    pub database: Kind,
    /// What was read of it when it was made.
    pub facts: Facts,
    /// Every other file, by its path below the copy.
    pub files: Vec<Entry>,
}

/// What a database holds, told in a few figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The newest migration.
    pub schema: i64,
    /// How much there is.
    pub counts: Counts,
    /// The newest line of the audit log, as `audit-head` has it.
    pub audit_head: Option<String>,
}

/// How much of each there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromRow)]
#[expect(
    missing_docs,
    reason = "each is the number of rows of the table of this name"
)]
pub struct Counts {
    pub org_unit: i64,
    pub bridge_point: i64,
    pub person: i64,
    pub account: i64,
    pub role_grant: i64,
    pub session: i64,
    pub participant: i64,
    pub session_event: i64,
    pub recording: i64,
    pub media_file: i64,
    pub training_class: i64,
    pub audit_log: i64,
}

/// A file of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Below the copy, for example `files/tls/ca.key`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The hash of its content, in hexadecimal digits.
    pub sha256: String,
    /// When the file was last changed that it is a copy of, in nanoseconds: by this and the size it is known to be the same.
    pub modified_ns: i64,
}

impl Manifest {
    pub(super) fn new(
        made_at_us: UtcMicros,
        database: Kind,
        facts: Facts,
        files: Vec<Entry>,
    ) -> Self {
        Self {
            product: PRODUCT.to_owned(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at_us,
            database,
            facts,
            files,
        }
    }

    /// How large the copy is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Writes it into a copy, with its hash beside it.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        fs::write(folder.join(SEAL), hex::encode(Sha256::digest(&text)))?;
        fs::write(folder.join(MANIFEST), text)
    }

    /// Reads that of a copy.
    ///
    /// # Errors
    /// When there is none, or it is another's, damaged, or of a later program.
    pub fn read(folder: &Path) -> Result<Self, Flaw> {
        let text = match fs::read(folder.join(MANIFEST)) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(Flaw::NoArchive),
            Err(cause) => return Err(Flaw::Unread(cause.to_string())),
        };
        let seal = fs::read_to_string(folder.join(SEAL)).unwrap_or_default();
        if seal.trim() != hex::encode(Sha256::digest(&text)) {
            return Err(Flaw::Changed(MANIFEST.to_owned()));
        }
        /// What tells whose it is, whatever else stands in it.
        #[derive(Deserialize)]
        struct Head {
            product: String,
            format: u32,
        }
        let head: Head = serde_json::from_slice(&text).map_err(|_| Flaw::NoArchive)?;
        if head.product != PRODUCT {
            return Err(Flaw::NoArchive);
        }
        if head.format > FORMAT {
            return Err(Flaw::Newer);
        }
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|_| Flaw::Changed(MANIFEST.to_owned()))?;
        match manifest.files.iter().find(|file| !is_below(&file.path)) {
            Some(outside) => Err(Flaw::Foreign(outside.path.clone())),
            None => Ok(manifest),
        }
    }

    /// Whether a file stands beside those that it names.
    pub(super) fn is_own(name: &str) -> bool {
        name == MANIFEST || name == SEAL
    }
}

/// Whether a path leads to a file of the copy, and nowhere else.
fn is_below(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    let is_known = |first: Component<'_>| matches!(first, Component::Normal(name) if name == "files" || name == "database");
    parts.next().is_some_and(is_known)
        && parts.clone().next().is_some()
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_copy() {
        for path in ["files/tls/ca.key", "database/diemcau.db"] {
            assert!(is_below(path), "{path}");
        }
        for path in [
            "",
            "files",
            "/etc/passwd",
            "files/../../x",
            "../files/x",
            "./files/x",
            "other/x",
        ] {
            assert!(!is_below(path), "{path}");
        }
    }

    #[test]
    fn manifest_that_was_touched_or_is_anothers_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()), Err(Flaw::NoArchive));
        let facts = Facts {
            schema: 14,
            counts: Counts::default(),
            audit_head: None,
        };
        let manifest = Manifest::new(UtcMicros(1), Kind::Sqlite, facts, Vec::new());
        manifest.write(folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()), Ok(manifest.clone()));
        let file = folder.path().join(MANIFEST);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("14", "13")).unwrap();
        let touched = Flaw::Changed(MANIFEST.to_owned());
        assert_eq!(Manifest::read(folder.path()), Err(touched));
        for (other, flaw) in [
            (
                Manifest {
                    product: "other".to_owned(),
                    ..manifest.clone()
                },
                Flaw::NoArchive,
            ),
            (
                Manifest {
                    format: FORMAT + 1,
                    ..manifest
                },
                Flaw::Newer,
            ),
        ] {
            other.write(folder.path()).unwrap();
            assert_eq!(Manifest::read(folder.path()), Err(flaw));
        }
    }
}
