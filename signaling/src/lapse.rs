//! Sessions that nobody opened lapse: two hours after their planned end they count as not having taken place, and what
//! they booked is free.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::chores::OPERATOR;
use crate::store::session::{self, LAPSES_AFTER};
use crate::store::{StoreResult, audit};

/// How often it is looked for such sessions. Pages and doors know by the clock, so nobody waits for this.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Lets sessions lapse until `shutdown`.
pub(crate) async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        match once(&state).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "sessions that nobody opened have lapsed"),
            Err(cause) => tracing::error!(%cause, "sessions that nobody opened cannot lapse"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Lets every session lapse that is due, each with a line in the audit log. How many they were.
///
/// # Errors
/// When the database fails; those before have lapsed.
pub async fn once(state: &AppState) -> StoreResult<u64> {
    let now = state.clock.now();
    let before = now.minus(LAPSES_AFTER);
    let due = session::unopened(&mut state.store.read().await?, before).await?;
    let mut lapsed = 0;
    for (id, code) in due {
        // Somebody came in the last moment, and that is not written down yet.
        if state.rooms.is_live(id) {
            continue;
        }
        let mut tx = state.store.write().await?;
        if session::mark_lapsed(&mut tx, id, now).await? {
            let line = audit::Line {
                actor: OPERATOR,
                action: "lapse_session",
                resource: &format!("session:{code}"),
                before: None,
                after: Some(json!({ "lapsed_at_us": now })),
            };
            audit::append(&mut tx, line, now).await?;
            lapsed += 1;
        }
        tx.commit().await?;
    }
    Ok(lapsed)
}
