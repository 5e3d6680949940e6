//! Planned decisions take effect when their day begins: their dated rows do so by themselves, and what has no days of its
//! own moves here.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{actions, store};
use crate::AppState;
use crate::access::{Permit, Reason};
use crate::platform::clock::day;
use crate::platform::error::ApiResult;

/// How often decisions whose day has come are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Lets decisions take effect until `shutdown`.
pub(crate) async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        match once(&state).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "decisions on units have taken effect"),
            Err(cause) => tracing::error!(%cause, "decisions on units cannot take effect"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Lets every planned decision take effect whose day has come, each with a line in the audit log. How many they were.
///
/// # Errors
/// When the database fails; those before have taken effect.
pub async fn once(state: &AppState) -> ApiResult<u64> {
    let now = state.clock.now();
    let due = store::due(&mut state.store.read().await?, &day(now)).await?;
    let mut applied = 0;
    for row in due {
        let mut tx = state.store.write().await?;
        let permit = Permit::system(Reason::Clock, row);
        applied += u64::from(actions::apply(&mut tx, &permit, now).await?);
        tx.commit().await?;
    }
    Ok(applied)
}
