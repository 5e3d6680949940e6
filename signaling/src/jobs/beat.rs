//! Work that comes again and again.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Work;
use super::queue;
use crate::AppState;
use crate::platform::database::StoreResult;

/// Asks for a kind of work at once and every `period` after, until `shutdown`; not while an earlier job of it waits or
/// runs, whichever server asked for that.
pub(crate) async fn ask_again_and_again<W: Work>(
    state: AppState,
    payload: W::Payload,
    period: Duration,
    shutdown: CancellationToken,
) {
    loop {
        if let Err(error) = ask_once::<W>(&state, &payload).await {
            tracing::error!(%error, kind = W::KIND, "work cannot be asked for");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(period) => {}
        }
    }
}

/// Asks for a kind of work, unless an earlier job of it waits or runs.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ask_once<W: Work>(state: &AppState, payload: &W::Payload) -> StoreResult<()> {
    let mut tx = state.store.write().await?;
    if queue::progress(&mut tx, W::KIND, &W::stored(payload))
        .await?
        .is_none()
    {
        W::enqueue(&mut tx, payload, state.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}
