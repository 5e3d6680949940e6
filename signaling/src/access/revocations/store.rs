//! Whether rights were taken away since somebody looked; see `0005_rights_change.sql` and `0008_more_rights_change.sql`.

use crate::platform::database::{Conn, StoreResult, Tx, sql};

/// How many lines are kept. Only whether something changed is read from them.
const KEPT: i64 = 1_000;

/// How far the changes of rights have come: another one whenever rights may have been taken away meanwhile, by whomever.
pub type Mark = (i64, i64);

/// The mark of this moment.
///
/// # Errors
/// When the database fails.
pub async fn mark(conn: &mut Conn) -> StoreResult<Mark> {
    // The count too: of two transactions, the one with the lower number may end last.
    sql!(
        one(i64, i64),
        conn,
        "SELECT COALESCE(MAX(id), 0), COUNT(*) FROM rights_change",
    )
}

/// Deletes the lines that are not needed.
///
/// # Errors
/// When the database fails.
pub async fn prune(tx: &mut Tx) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "DELETE FROM rights_change WHERE id <= (SELECT MAX(id) FROM rights_change) - $1",
        KEPT,
    )?;
    Ok(())
}
