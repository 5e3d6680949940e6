//! Rights that are taken away end what lives by them: whoever is in a live room by a link that was revoked, an account
//! that was disabled, a sign-in or role that was ended, is sent away within seconds, whoever took it away and how.

use std::time::Duration;

use protocol::{ParticipantId, SessionId};
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::clock::day;
use crate::entry::{self, Pass, Standing};
use crate::error::ApiResult;
use crate::store::unit::Tree;
use crate::store::{StoreResult, rights, session};

/// How often it is looked whether something was taken away. With the asking that follows, far less than 5 s.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks after the rights of those who are in live rooms, until `shutdown`.
pub(crate) async fn run(state: AppState, shutdown: CancellationToken) {
    let mut asked_at = None;
    loop {
        match mark(&state).await {
            Ok(mark) if asked_at == Some(mark) => {}
            Ok(mark) => match ask_everybody(&state).await {
                // What was taken away while they were asked has another mark.
                Ok(()) => asked_at = Some(mark),
                Err(refusal) => {
                    tracing::warn!(
                        title = refusal.title,
                        "rights cannot be asked; trying again"
                    );
                }
            },
            Err(cause) => tracing::warn!(%cause, "rights cannot be looked at; trying again"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn mark(state: &AppState) -> StoreResult<(i64, i64)> {
    rights::mark(&mut state.store.read().await?).await
}

async fn ask_everybody(state: &AppState) -> ApiResult<()> {
    for (id, passes) in state.rooms.passes().await {
        for (participant, standing) in standings(state, id, passes).await? {
            tracing::info!(session = %id, %participant, ?standing, "a right to be in a room changed");
            state.rooms.stands(id, participant, standing).await;
        }
    }
    Ok(())
}

/// Those of a room whose pass does not hold as it is.
async fn standings(
    state: &AppState,
    id: SessionId,
    passes: Vec<(ParticipantId, Pass)>,
) -> ApiResult<Vec<(ParticipantId, Standing)>> {
    let mut conn = state.store.read().await?;
    let Some(session) = session::by_id(&mut conn, id).await? else {
        return Ok(Vec::new());
    };
    let tree = Tree::load(&mut conn, &day(state.clock.now())).await?;
    let mut found = Vec::new();
    for (participant, pass) in passes {
        match entry::standing(&mut conn, &tree, &session, &pass).await? {
            Standing::Holds => {}
            other => found.push((participant, other)),
        }
    }
    Ok(found)
}
