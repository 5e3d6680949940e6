//! Connections, transactions and the schema.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use protocol::UtcMicros;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use uuid::Uuid;

use super::error::{StoreError, StoreResult};
use super::sql;
use crate::platform::audit::{Head, Keeper};
use crate::platform::config::Database;
use crate::platform::idempotency;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a writer waits for another process (`demo` beside `serve`) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many pages a connection to SQLite keeps in memory, in KiB below zero (sqlite.org/pragma.html#pragma_cache_size): with the
/// 2 MiB of its own default, a list of a province drops its pages and reads them again.
const CACHE: &str = "-16384";

/// How long somebody waits for a connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The file of a SQLite database in the data folder.
pub(super) const FILE: &str = "diemcau.db";

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    /// Keeps the head of the audit log outside.
    head: Arc<Keeper>,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database that `settings` name, else the SQLite file in `data_dir`, made when missing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(settings: &Database, data_dir: &Path) -> StoreResult<Self> {
        let pools = if settings.url.is_empty() {
            Self::open_sqlite(&data_dir.join(FILE), settings.connections).await?
        } else {
            let options: PgConnectOptions = settings.url.parse()?;
            Self::open_postgres(options, settings.connections).await?
        };
        Ok(Self {
            pools,
            head: Keeper::new(data_dir),
        })
    }

    /// The same to read alone: nothing is made and nothing changes.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open_to_read(settings: &Database, data_dir: &Path) -> StoreResult<Self> {
        if settings.url.is_empty() {
            let options = SqliteConnectOptions::new()
                .filename(data_dir.join(FILE))
                .read_only(true)
                .busy_timeout(BUSY_TIMEOUT);
            let readers = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_with(options)
                .await?;
            let writer = readers.clone();
            Ok(Self {
                pools: Pools::Sqlite { writer, readers },
                head: Keeper::new(data_dir),
            })
        } else {
            Self::open(settings, data_dir).await
        }
    }

    async fn open_sqlite(file: &Path, readers: u32) -> StoreResult<Pools> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered as done has reached the disk: NORMAL, with a write-ahead log, survives a killed process and
            // not a pulled plug, which takes the last half a minute.
            .synchronous(SqliteSynchronous::Full)
            // A list is handed over in few pieces: each costs two threads a wake.
            .row_buffer_size(1_000)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("cache_size", CACHE);
        // What is deleted or overwritten is gone from its page at once (sqlite.org/pragma.html#pragma_secure_delete).
        let writing = options.clone().pragma("secure_delete", "ON");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // Writers queue up behind each other, and one may wait for another process.
            .acquire_timeout(BUSY_TIMEOUT + ACQUIRE_TIMEOUT)
            .connect_with(writing)
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Pools::Sqlite { writer, readers })
    }

    async fn open_postgres(options: PgConnectOptions, connections: u32) -> StoreResult<Pools> {
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(pool))
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails, or the database is newer than this program.
    pub async fn migrate(&self) -> StoreResult<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// The changes that were made to the schema; none where nothing is yet.
    async fn applied(&self) -> StoreResult<Vec<i64>> {
        let mut conn = self.read().await?;
        let has_tables = if conn.is_postgres() {
            sql!(
                one(bool,),
                &mut conn,
                "SELECT EXISTS (SELECT 1 FROM information_schema.tables
                 WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations')"
            )?
        } else {
            sql!(
                one(bool,),
                &mut conn,
                "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations')"
            )?
        };
        if !has_tables.0 {
            return Ok(Vec::new());
        }
        let applied = sql!(all(i64,), &mut conn, "SELECT version FROM _sqlx_migrations")?;
        Ok(applied.into_iter().map(|(version,)| version).collect())
    }

    /// The changes that this program knows.
    const fn migrator(&self) -> &'static Migrator {
        match &self.pools {
            Pools::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Pools::Postgres(_) => &POSTGRES_MIGRATIONS,
        }
    }

    /// Whether this program knows every change that was made to the schema.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_known(&self) -> StoreResult<bool> {
        let applied = self.applied().await?;
        let known = |version: &i64| self.migrator().version_exists(*version);
        Ok(applied.iter().all(known))
    }

    /// Whether every change was made to the schema that this program knows, and no other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_current(&self) -> StoreResult<bool> {
        let applied = self.applied().await?.len();
        Ok(applied == self.migrator().iter().count() && self.is_known().await?)
    }

    /// Whether an earlier release made the schema. A database in which nothing is yet is nobody's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_behind(&self) -> StoreResult<bool> {
        let applied = self.applied().await?.len();
        Ok(applied > 0 && applied < self.migrator().iter().count())
    }

    /// The first damage that SQLite finds in its file; PostgreSQL looks after itself.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn first_damage(&self) -> StoreResult<Option<String>> {
        let Pools::Sqlite { readers, .. } = &self.pools else {
            return Ok(None);
        };
        let (found,): (String,) = sqlx::query_as("PRAGMA quick_check(1)")
            .fetch_one(readers)
            .await?;
        Ok((found != "ok").then_some(found))
    }

    /// Copies a database of SQLite, as it is at one moment, into a new file while others write.
    ///
    /// # Errors
    /// When it cannot be read or written. PostgreSQL has a tool of its own for this.
    pub(crate) async fn copy_into(&self, file: &Path) -> StoreResult<()> {
        let Pools::Sqlite { readers, .. } = &self.pools else {
            return Err(StoreError::Corrupt("this is no file".to_owned()));
        };
        sqlx::query("VACUUM INTO $1")
            .bind(file.to_string_lossy().into_owned())
            .execute(readers)
            .await?;
        Ok(())
    }

    /// Writes the file of SQLite anew, without pages and parts of pages that nothing uses, and empties the log beside it: what was
    /// deleted stands nowhere any more. Others read meanwhile; who writes waits. PostgreSQL does so by itself in its own time.
    ///
    /// # Errors
    /// When it cannot be written, or somebody reads for so long that the log cannot be emptied.
    pub(crate) async fn drop_free_pages(&self) -> StoreResult<()> {
        let Pools::Sqlite { writer, .. } = &self.pools else {
            return Ok(());
        };
        let mut connection = writer.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        let (is_busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await?;
        match is_busy {
            0 => Ok(()),
            _ => Err(StoreError::Database(sqlx::Error::PoolTimedOut)),
        }
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn read(&self) -> StoreResult<Conn> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Conn(Connection::SqliteRead(readers.acquire().await?)),
            Pools::Postgres(pool) => Conn(Connection::PostgresRead(pool.acquire().await?)),
        })
    }

    /// A transaction to write with. In SQLite it holds the only writer until it ends.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn write(&self) -> StoreResult<Tx> {
        let connection = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Connection::SqliteWrite(SqliteWriter::begin(writer).await?)
            }
            Pools::Postgres(pool) => Connection::PostgresWrite(pool.begin().await?),
        };
        Ok(Tx {
            conn: Conn(connection),
            store: self.clone(),
            head: None,
        })
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        match self.read().await {
            Ok(mut conn) => sql!(one(i32,), &mut conn, "SELECT 1").is_ok(),
            Err(_) => false,
        }
    }

    /// Writes something, to see whether the database takes it.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn probe_writing(&self, now: UtcMicros) -> StoreResult<()> {
        let mut tx = self.write().await?;
        sql!(
            execute,
            &mut tx,
            "INSERT INTO write_probe (id, at_us) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at_us = excluded.at_us",
            now.0,
        )?;
        tx.commit().await
    }

    /// A line of the audit log that is in the database, so that it is kept outside too.
    pub(crate) fn saw(&self, head: Head) {
        self.head.saw(head, self);
    }

    /// Closes every connection; what is under way ends first.
    pub async fn close(&self) {
        self.head.settle(self).await;
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection, to read with; see [`Store::read`].
#[derive(Debug)]
pub struct Conn(Connection);

#[derive(Debug)]
enum Connection {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(SqliteWriter),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

/// Which database a connection belongs to; for the macro `sql!`.
pub(crate) enum DatabaseRef<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Conn {
    /// Whether it belongs to PostgreSQL, for the few statements that SQLite neither has nor needs.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(
            self.0,
            Connection::PostgresRead(_) | Connection::PostgresWrite(_)
        )
    }

    /// Whether it may hold changes that are not committed.
    pub(crate) fn is_transaction(&self) -> bool {
        matches!(
            self.0,
            Connection::SqliteWrite(_) | Connection::PostgresWrite(_)
        )
    }

    pub(crate) fn database(&mut self) -> DatabaseRef<'_> {
        match &mut self.0 {
            Connection::SqliteRead(connection) => DatabaseRef::Sqlite(connection),
            Connection::SqliteWrite(writer) => DatabaseRef::Sqlite(&mut writer.connection),
            Connection::PostgresRead(connection) => DatabaseRef::Postgres(connection),
            Connection::PostgresWrite(transaction) => DatabaseRef::Postgres(transaction),
        }
    }
}

/// The one connection that writes to SQLite, in a transaction. Unless that commits, the connection is closed and the
/// pool makes another.
#[derive(Debug)]
struct SqliteWriter {
    connection: PoolConnection<Sqlite>,
    committed: bool,
}

impl SqliteWriter {
    async fn begin(pool: &SqlitePool) -> StoreResult<Self> {
        let mut writer = Self {
            connection: pool.acquire().await?,
            committed: false,
        };
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *writer.connection)
            .await?;
        Ok(writer)
    }

    async fn commit(mut self) -> StoreResult<()> {
        sqlx::query("COMMIT").execute(&mut *self.connection).await?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for SqliteWriter {
    fn drop(&mut self) {
        if !self.committed {
            self.connection.close_on_drop();
        }
    }
}

/// A transaction, to write with; see [`Store::write`]. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    store: Store,
    /// The last line that it adds to the audit log.
    head: Option<Head>,
}

impl Tx {
    /// Makes the changes last.
    ///
    /// # Errors
    /// When the database cannot; then nothing has changed.
    pub async fn commit(mut self) -> StoreResult<()> {
        idempotency::note_deed(&mut self).await?;
        let Self { conn, store, head } = self;
        match conn.0 {
            Connection::SqliteWrite(writer) => writer.commit().await?,
            Connection::PostgresWrite(transaction) => transaction.commit().await?,
            Connection::SqliteRead(_) | Connection::PostgresRead(_) => {}
        }
        if let Some(head) = head {
            store.saw(head);
        }
        Ok(())
    }

    /// A line was added to the audit log: committed, it is kept outside too.
    pub(crate) fn saw(&mut self, head: Head) {
        self.head = Some(head);
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A new id: UUID v7, so that ids sort by the time they were made.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_forces_every_commit_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Database::default(), folder.path())
            .await
            .unwrap();
        let mut tx = store.write().await.unwrap();
        // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
        assert_eq!(
            sql!(one(i64,), &mut tx, "PRAGMA synchronous").unwrap(),
            (2,)
        );
    }
}
