//! A database that cannot be used at all: where it is, what is wrong with it, and so what its keeper has to do.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;

use super::store::FILE;
use crate::Store;
use crate::platform::audit;
use crate::platform::config::Database;
use crate::platform::database::error::Code;
use crate::platform::database::{StoreError, StoreResult};

/// The first bytes of every SQLite database (sqlite.org/fileformat.html, 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Up to this size a database is checked whole whenever it is opened: about a second's work.
const CHECKED_BYTES: u64 = 256 * 1024 * 1024;

/// A database that cannot be used.
#[derive(Debug)]
pub struct DatabaseFault {
    /// The file, or host, port and name.
    pub place: String,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// There is none, or an empty one, beside recordings that an earlier one knew.
    Lost,
    /// Its file is a folder, or holds something else.
    NotADatabase,
    /// Its file is damaged; the first thing that was found.
    Damaged(String),
    /// A later release has used it.
    Newer,
    /// It has been changed by hand, or an upgrade stopped half-way.
    Unfinished(String),
    /// It may not be read or written.
    Forbidden(String),
    /// The disk is full.
    DiskFull,
    /// Nobody answers there.
    Away(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for DatabaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, kind } = self;
        match kind {
            FaultKind::Lost => write!(f, "{place} is empty or gone, and there are recordings"),
            FaultKind::NotADatabase => write!(f, "{place} is not a database"),
            FaultKind::Damaged(detail) => write!(f, "{place} is damaged: {detail}"),
            FaultKind::Newer => write!(f, "{place} belongs to a later release"),
            FaultKind::Unfinished(detail) => {
                write!(f, "{place} is not as a release leaves it: {detail}")
            }
            FaultKind::Forbidden(detail) => write!(f, "{place} may not be used: {detail}"),
            FaultKind::DiskFull => write!(f, "there is no room for {place}"),
            FaultKind::Away(detail) => write!(f, "{place} does not answer: {detail}"),
            FaultKind::Other(detail) => write!(f, "{place} cannot be used: {detail}"),
        }
    }
}

impl std::error::Error for DatabaseFault {}

/// Opens the database that `settings` name, else the file in `data_dir`, made when missing, and brings its schema up to
/// date.
///
/// # Errors
/// What is wrong with it.
pub async fn open(settings: &Database, data_dir: &Path) -> Result<Store, DatabaseFault> {
    let place = Place::of(settings, data_dir);
    place.look_at_file(data_dir)?;
    let store = Store::open(settings, data_dir)
        .await
        .map_err(|error| place.fault(&error))?;
    place.check(&store).await?;
    store.migrate().await.map_err(|error| place.fault(&error))?;
    keep_up(&store).await.map_err(|error| place.fault(&error))?;
    Ok(store)
}

/// What is written with the lines of the audit log, also for those that an earlier release wrote.
async fn keep_up(store: &Store) -> StoreResult<()> {
    let newest = audit::newest(&mut store.read().await?).await?;
    if let Some(newest) = newest {
        let mut tx = store.write().await?;
        audit::remember_all(&mut tx).await?;
        tx.commit().await?;
        store.saw(newest);
    }
    Ok(())
}

/// Looks whether the database could be opened, changing nothing. `false` when there is none yet, as before the first
/// start.
///
/// # Errors
/// What is wrong with it.
pub async fn examine(settings: &Database, data_dir: &Path) -> Result<bool, DatabaseFault> {
    let place = Place::of(settings, data_dir);
    place.look_at_file(data_dir)?;
    if let Place::File(file) = &place
        && !file.exists()
    {
        return Ok(false);
    }
    let store = Store::open_to_read(settings, data_dir)
        .await
        .map_err(|error| place.fault(&error))?;
    place.check(&store).await?;
    let known = store.is_known().await;
    store.close().await;
    match known.map_err(|error| place.fault(&error))? {
        true => Ok(true),
        false => Err(place.is(FaultKind::Newer)),
    }
}

/// Looks whether an earlier release made the schema, changing nothing; not so where there is no database yet.
///
/// # Errors
/// What is wrong with it, as far as that is seen without reading it whole.
pub async fn is_behind(settings: &Database, data_dir: &Path) -> Result<bool, DatabaseFault> {
    let place = Place::of(settings, data_dir);
    place.look_at_file(data_dir)?;
    if let Place::File(file) = &place
        && !std::fs::metadata(file).is_ok_and(|found| found.len() > 0)
    {
        return Ok(false);
    }
    let store = Store::open_to_read(settings, data_dir)
        .await
        .map_err(|error| place.fault(&error))?;
    let is_behind = store.is_behind().await;
    store.close().await;
    is_behind.map_err(|error| place.fault(&error))
}

/// Where a database is.
enum Place {
    File(PathBuf),
    Server(String),
}

impl Place {
    fn of(settings: &Database, data_dir: &Path) -> Self {
        if settings.url.is_empty() {
            return Self::File(data_dir.join(FILE));
        }
        // Never the URL itself, which may hold a password.
        Self::Server(match settings.url.parse::<PgConnectOptions>() {
            Ok(options) => format!(
                "PostgreSQL {}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
            Err(_) => "database.url".to_owned(),
        })
    }

    fn is(&self, kind: FaultKind) -> DatabaseFault {
        let place = match self {
            Self::File(file) => file.display().to_string(),
            Self::Server(server) => server.clone(),
        };
        DatabaseFault { place, kind }
    }

    /// What can be seen of a file before SQLite sees it, which would take an empty one for a new database.
    fn look_at_file(&self, data_dir: &Path) -> Result<(), DatabaseFault> {
        let Self::File(file) = self else {
            return Ok(());
        };
        let forbidden = |cause: std::io::Error| self.is(FaultKind::Forbidden(cause.to_string()));
        let length = match std::fs::metadata(file) {
            Ok(found) if found.is_dir() => return Err(self.is(FaultKind::NotADatabase)),
            Ok(found) => found.len(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => 0,
            Err(cause) => return Err(forbidden(cause)),
        };
        if length == 0 {
            return if has_recordings(data_dir) {
                Err(self.is(FaultKind::Lost))
            } else {
                Ok(())
            };
        }
        let mut begin = [0; 16];
        let read = std::fs::File::open(file)
            .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut begin));
        match read {
            Ok(()) if begin == *MAGIC => Ok(()),
            Ok(()) => Err(self.is(FaultKind::NotADatabase)),
            Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(self.is(FaultKind::NotADatabase))
            }
            Err(cause) => Err(forbidden(cause)),
        }
    }

    /// Has SQLite look through the file.
    async fn check(&self, store: &Store) -> Result<(), DatabaseFault> {
        let Self::File(file) = self else {
            return Ok(());
        };
        if std::fs::metadata(file).is_ok_and(|found| found.len() > CHECKED_BYTES) {
            return Ok(());
        }
        let found = store
            .first_damage()
            .await
            .map_err(|error| self.fault(&error))?;
        match found {
            Some(damage) => Err(self.is(FaultKind::Damaged(damage))),
            None => Ok(()),
        }
    }

    fn fault(&self, error: &StoreError) -> DatabaseFault {
        self.is(match error {
            StoreError::Migrate(cause) => migration(cause),
            error => kind(error),
        })
    }
}

fn migration(cause: &MigrateError) -> FaultKind {
    match cause {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => FaultKind::Newer,
        MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
            FaultKind::Unfinished(cause.to_string())
        }
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => {
            // The cause once: the outer error says it too.
            sqlx_kind(inner)
        }
        other => FaultKind::Other(other.to_string()),
    }
}

fn kind(error: &StoreError) -> FaultKind {
    match error {
        StoreError::Database(cause) | StoreError::Duplicate(cause) => sqlx_kind(cause),
        other => FaultKind::Other(other.to_string()),
    }
}

fn sqlx_kind(cause: &sqlx::Error) -> FaultKind {
    let said = match cause {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        other => other.to_string(),
    };
    match Code::of(cause) {
        Some(Code::Sqlite(26)) => FaultKind::NotADatabase,
        Some(Code::Sqlite(11)) => FaultKind::Damaged(said),
        Some(Code::Sqlite(13)) => FaultKind::DiskFull,
        // PERM, READONLY, CANTOPEN, AUTH.
        Some(Code::Sqlite(3 | 8 | 14 | 23)) => FaultKind::Forbidden(said),
        Some(Code::Postgres(state)) => match state.as_str() {
            "53100" => FaultKind::DiskFull,
            // Invalid password, privileges, read-only, no such database.
            "28P01" | "28000" | "42501" | "25006" | "3D000" => FaultKind::Forbidden(said),
            state if state.starts_with("08") || state.starts_with("57P") => FaultKind::Away(said),
            _ => FaultKind::Other(said),
        },
        Some(Code::Sqlite(_)) => FaultKind::Other(said),
        None => match cause {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) => {
                FaultKind::Away(said)
            }
            _ => FaultKind::Other(said),
        },
    }
}

fn has_recordings(data_dir: &Path) -> bool {
    std::fs::read_dir(data_dir.join("recordings")).is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A folder in which a database was used and closed.
    async fn used() -> TempDir {
        let folder = TempDir::new().unwrap();
        let store = open(&Database::default(), folder.path()).await.unwrap();
        store.close().await;
        fs::create_dir_all(folder.path().join("recordings/one")).unwrap();
        folder
    }

    async fn fault(folder: &TempDir) -> FaultKind {
        let opened = open(&Database::default(), folder.path()).await;
        let Err(fault) = opened else {
            panic!("it can be used");
        };
        assert_eq!(
            fault.place,
            folder.path().join(FILE).display().to_string(),
            "the file is named"
        );
        let examined = examine(&Database::default(), folder.path()).await;
        assert_eq!(
            examined.err().map(|fault| fault.kind),
            Some(fault.kind.clone())
        );
        fault.kind
    }

    #[tokio::test]
    async fn empty_or_missing_database_beside_recordings_is_not_taken_for_a_new_one() {
        let folder = used().await;
        let file = folder.path().join(FILE);
        fs::write(&file, b"").unwrap();
        assert_eq!(fault(&folder).await, FaultKind::Lost);
        fs::remove_file(&file).unwrap();
        assert_eq!(fault(&folder).await, FaultKind::Lost);
        assert!(!file.exists(), "and none is made");
        fs::remove_dir(folder.path().join("recordings/one")).unwrap();
        assert!(!examine(&Database::default(), folder.path()).await.unwrap());
        open(&Database::default(), folder.path()).await.unwrap();
    }

    #[tokio::test]
    async fn something_else_in_place_of_the_database_is_refused() {
        let folder = used().await;
        let file = folder.path().join(FILE);
        for content in [
            &b"x"[..],
            b"PK\x03\x04 this is a zip file of many bytes",
            &[0; 4096],
        ] {
            fs::write(&file, content).unwrap();
            assert_eq!(fault(&folder).await, FaultKind::NotADatabase);
            assert_eq!(fs::read(&file).unwrap(), content, "it is left as it is");
        }
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert_eq!(fault(&folder).await, FaultKind::NotADatabase);
    }

    #[tokio::test]
    async fn damaged_and_truncated_databases_are_refused_with_what_is_damaged() {
        let folder = used().await;
        let file = folder.path().join(FILE);
        let whole = fs::read(&file).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 8_192].fill(0xA5);
        for content in [&damaged[..], &whole[..whole.len() / 2]] {
            fs::write(&file, content).unwrap();
            let FaultKind::Damaged(detail) = fault(&folder).await else {
                panic!("it is damaged")
            };
            assert!(!detail.is_empty());
        }
    }

    #[tokio::test]
    async fn database_of_a_later_release_is_refused() {
        use sqlx::Connection as _;

        let folder = used().await;
        let url = format!("sqlite://{}", folder.path().join(FILE).display());
        let mut tool = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', TRUE, checksum, 0 FROM _sqlx_migrations LIMIT 1",
        )
        .execute(&mut tool)
        .await
        .unwrap();
        tool.close().await.unwrap();
        assert_eq!(fault(&folder).await, FaultKind::Newer);
    }

    #[tokio::test]
    async fn server_that_does_not_answer_is_named_without_its_password() {
        let settings = Database {
            url: "postgres://diemcau:geheim@127.0.0.1:1/diemcau".to_owned(),
            ..Database::default()
        };
        let folder = TempDir::new().unwrap();
        let fault = open(&settings, folder.path()).await.err().unwrap();
        assert_eq!(fault.place, "PostgreSQL 127.0.0.1:1/diemcau");
        assert!(matches!(fault.kind, FaultKind::Away(_)));
        assert!(!fault.to_string().contains("geheim"));
    }
}
