//! One SQL string for both databases.

/// Runs one SQL string on whichever database a connection belongs to.
///
/// `sql!(all Row, conn, "SELECT … WHERE a = $1", a)` gives every row, `optional` at most one, `one` exactly one,
/// `execute` the number of rows changed. `Row` derives `sqlx::FromRow` or is a tuple.
macro_rules! sql {
    (all $row:ty, $conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::database::sql!(@query $conn, (query_as::<_, $row>($sql)), fetch_all, $($arg),*)
    };
    (optional $row:ty, $conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::database::sql!(@query $conn, (query_as::<_, $row>($sql)), fetch_optional, $($arg),*)
    };
    (one $row:ty, $conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::database::sql!(@query $conn, (query_as::<_, $row>($sql)), fetch_one, $($arg),*)
    };
    (execute, $conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $crate::platform::database::Conn::database($conn) {
            $crate::platform::database::DatabaseRef::Sqlite(connection) => {
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($arg))*.execute(connection).await
                    .map(|done| done.rows_affected())
            }
            $crate::platform::database::DatabaseRef::Postgres(connection) => {
                sqlx::query::<sqlx::Postgres>($sql)$(.bind($arg))*.execute(connection).await
                    .map(|done| done.rows_affected())
            }
        }
        .map_err($crate::platform::database::StoreError::from)
    };
    (@query $conn:expr, ($($query:tt)*), $fetch:ident, $($arg:expr),*) => {
        match $crate::platform::database::Conn::database($conn) {
            $crate::platform::database::DatabaseRef::Sqlite(connection) => {
                sqlx::$($query)*$(.bind($arg))*.$fetch(connection).await
            }
            $crate::platform::database::DatabaseRef::Postgres(connection) => {
                sqlx::$($query)*$(.bind($arg))*.$fetch(connection).await
            }
        }
        .map_err($crate::platform::database::StoreError::from)
    };
}
pub(crate) use sql;
