//! Why the database did not do what it was asked, and whether it will.

use protocol::client::JournalTrouble;

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row that must be unique is there already.
    #[error("there is such a row already: {0}")]
    Duplicate(#[source] sqlx::Error),
    /// The same was asked again, and is done by whoever asked last.
    #[error("the same request was taken over by another")]
    Overtaken,
    /// What is stored cannot be understood.
    #[error("a row of the database cannot be understood: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// What a function of the store returns.
pub type StoreResult<T> = Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) if e.is_unique_violation() => Self::Duplicate(error),
            sqlx::Error::ColumnDecode { .. } => Self::Corrupt(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// What a database says of itself by its codes.
pub(super) enum Code {
    /// SQLite's primary result code (sqlite.org/rescode.html).
    Sqlite(i32),
    /// PostgreSQL's SQLSTATE (appendix A of its manual): five characters, the first two are the class.
    Postgres(String),
}

impl StoreError {
    /// Whether the same may be done later: the machine or the database cannot at present, and what was asked is in order.
    #[must_use]
    pub fn is_for_now(&self) -> bool {
        let Self::Database(cause) = self else {
            return false;
        };
        match cause {
            sqlx::Error::Database(_) => match self.code() {
                // ERROR, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE.
                Some(Code::Sqlite(code)) => !matches!(code, 1 | 18 | 19 | 20 | 21 | 25),
                // Data exception, integrity violation, syntax error or access rule.
                Some(Code::Postgres(state)) => !["22", "23", "42"]
                    .iter()
                    .any(|class| state.starts_with(class)),
                None => false,
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            _ => false,
        }
    }

    /// What keeps the database from doing it, in the words that people are told.
    #[must_use]
    pub fn trouble(&self) -> JournalTrouble {
        match self.code() {
            // FULL.
            Some(Code::Sqlite(13)) => JournalTrouble::DiskFull,
            // PERM, READONLY.
            Some(Code::Sqlite(3 | 8)) => JournalTrouble::ReadOnly,
            Some(Code::Postgres(state)) => match state.as_str() {
                "53100" => JournalTrouble::DiskFull,
                "25006" => JournalTrouble::ReadOnly,
                // Connection exceptions, too many connections, shutdown and start.
                state if state.starts_with("08") || state.starts_with("57P") => {
                    JournalTrouble::DatabaseAway
                }
                "53300" => JournalTrouble::DatabaseAway,
                _ => JournalTrouble::Other,
            },
            Some(Code::Sqlite(_)) => JournalTrouble::Other,
            None => match self {
                Self::Database(
                    sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut,
                ) => JournalTrouble::DatabaseAway,
                _ => JournalTrouble::Other,
            },
        }
    }

    fn code(&self) -> Option<Code> {
        let (Self::Database(cause) | Self::Duplicate(cause)) = self else {
            return None;
        };
        Code::of(cause)
    }
}

impl Code {
    /// The code of an error that the database itself told.
    pub(super) fn of(cause: &sqlx::Error) -> Option<Self> {
        let sqlx::Error::Database(cause) = cause else {
            return None;
        };
        let code = cause.code()?;
        if cause
            .try_downcast_ref::<sqlx::sqlite::SqliteError>()
            .is_some()
        {
            // The extended code holds the primary one in its lowest byte.
            return Some(Self::Sqlite(code.parse::<i32>().ok()? & 0xff));
        }
        Some(Self::Postgres(code.into_owned()))
    }
}
