//! Sessions that nobody opened lapse: two hours after their planned end they count as not having taken place, and what
//! they booked is free.

use std::time::Duration;

use office_core::session::LAPSES_AFTER;
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::access::{Permit, Reason};
use crate::platform::error::ApiResult;
use crate::schedule::sessions::{self, actions};

/// How often such sessions are looked for. Pages and doors know by the clock, so nobody waits for this.
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
pub async fn once(state: &AppState) -> ApiResult<u64> {
    let now = state.clock.now();
    let before = now.minus(LAPSES_AFTER);
    let due = sessions::unopened(&mut state.store.read().await?, before).await?;
    let mut lapsed = 0;
    for session in due {
        // Somebody came in the last moment, and that is not written down yet.
        if state.rooms.is_live(session.id) {
            continue;
        }
        let mut tx = state.store.write().await?;
        let permit = Permit::system(Reason::Clock, session);
        lapsed += u64::from(actions::lapse(&mut tx, &permit, now).await?);
        tx.commit().await?;
    }
    Ok(lapsed)
}
