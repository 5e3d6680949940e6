//! What a change writes into a session.

use protocol::SessionId;

use crate::platform::database::{StoreResult, Tx, sql};
use crate::platform::text::fold;

/// Gives a session another title, as its next version.
///
/// # Errors
/// When the database fails.
pub(super) async fn set_title(tx: &mut Tx, session: SessionId, title: &str) -> StoreResult<()> {
    sql!(
        execute,
        tx,
        "UPDATE session SET title = $2, search_key = $3, version = version + 1 WHERE id = $1",
        session,
        title,
        fold(title)
    )?;
    Ok(())
}
