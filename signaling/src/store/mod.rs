//! The only SQL of the system: one file per aggregate, typed functions, no rules.
//!
//! One type over SQLite (a file in the data folder: one writer, several readers) and PostgreSQL. Each SQL string is
//! written once, with `$1…$n`, and run by the macro `sql!` on whichever database a connection belongs to.
//!
//! ```text
//! Store ── read() ──► Conn            any number, never blocked by a writer
//!       └─ write() ─► Tx ─ commit()   dropped without commit: rolled back
//! ```
//!
//! Functions that only read take `&mut Conn`; functions that write take `&mut Tx`, which is a `Conn` too.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use uuid::Uuid;

use crate::config::Database;

pub mod account;
pub mod audit;
pub mod class;
pub mod job;
pub mod journal;
pub mod link_sample;
pub mod media;
pub mod participant;
pub mod person;
pub mod point;
pub mod presence;
pub mod recording;
pub mod replay;
pub mod session;
pub mod setting;
mod sql;
pub mod token;
pub mod unit;

pub(crate) use sql::sql;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a writer waits for another process (`demo` beside `serve`) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row that must be unique is there already.
    #[error("there is such a row already: {0}")]
    Duplicate(#[source] sqlx::Error),
    /// What is stored cannot be understood.
    #[error("the database holds what it cannot hold: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) if e.is_unique_violation() => Self::Duplicate(error),
            _ => Self::Database(error),
        }
    }
}

/// What a function of the store returns.
pub type StoreResult<T> = Result<T, StoreError>;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Pools);

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
        if settings.url.is_empty() {
            Self::open_sqlite(&data_dir.join("diemcau.db"), settings.connections).await
        } else {
            let options: PgConnectOptions = settings.url.parse()?;
            Self::open_postgres(options, settings.connections).await
        }
    }

    async fn open_sqlite(file: &Path, readers: u32) -> StoreResult<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With a write-ahead log, NORMAL survives a killed process; only a power cut may lose the last commits.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self(Pools::Sqlite { writer, readers }))
    }

    async fn open_postgres(options: PgConnectOptions, connections: u32) -> StoreResult<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .connect_with(options)
            .await?;
        Ok(Self(Pools::Postgres(pool)))
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails, or the database is newer than this program.
    pub async fn migrate(&self) -> StoreResult<()> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn read(&self) -> StoreResult<Conn> {
        Ok(match &self.0 {
            Pools::Sqlite { readers, .. } => Conn(Connection::SqliteRead(readers.acquire().await?)),
            Pools::Postgres(pool) => Conn(Connection::PostgresRead(pool.acquire().await?)),
        })
    }

    /// A transaction to write with. In SQLite it holds the only writer until it ends.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn write(&self) -> StoreResult<Tx> {
        Ok(Tx(match &self.0 {
            Pools::Sqlite { writer, .. } => Conn(Connection::SqliteWrite(
                writer.begin_with("BEGIN IMMEDIATE").await?,
            )),
            Pools::Postgres(pool) => Conn(Connection::PostgresWrite(pool.begin().await?)),
        }))
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        match self.read().await {
            Ok(mut conn) => sql!(one(i32,), &mut conn, "SELECT 1").is_ok(),
            Err(_) => false,
        }
    }

    /// Closes every connection; what is under way ends first.
    pub async fn close(&self) {
        match &self.0 {
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
    SqliteWrite(Transaction<'static, Sqlite>),
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

    pub(crate) fn database(&mut self) -> DatabaseRef<'_> {
        match &mut self.0 {
            Connection::SqliteRead(connection) => DatabaseRef::Sqlite(connection),
            Connection::SqliteWrite(transaction) => DatabaseRef::Sqlite(transaction),
            Connection::PostgresRead(connection) => DatabaseRef::Postgres(connection),
            Connection::PostgresWrite(transaction) => DatabaseRef::Postgres(transaction),
        }
    }
}

/// A transaction, to write with; see [`Store::write`]. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub struct Tx(Conn);

impl Tx {
    /// Keeps others from booking until this transaction ends. SQLite's one writer does so by itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_bookings(&mut self) -> StoreResult<()> {
        if self.is_postgres() {
            sql!(
                execute,
                self,
                "LOCK TABLE booking IN SHARE ROW EXCLUSIVE MODE"
            )?;
        }
        Ok(())
    }

    /// Makes the changes last.
    ///
    /// # Errors
    /// When the database cannot; then nothing has changed.
    pub async fn commit(self) -> StoreResult<()> {
        match self.0.0 {
            Connection::SqliteWrite(transaction) => transaction.commit().await?,
            Connection::PostgresWrite(transaction) => transaction.commit().await?,
            Connection::SqliteRead(_) | Connection::PostgresRead(_) => {}
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A new id: UUID v7, so that ids sort by the time they were made.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
