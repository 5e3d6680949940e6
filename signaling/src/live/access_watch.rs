//! Rights that are taken away end what lives by them: whoever is in a live room by a link that was revoked, an account
//! that was disabled, a sign-in or role that was ended, is sent away within seconds, whoever took it away and how.
//!
//! ```text
//!  a line in rights_change ── every second ──► Mark, told to rooms and films ──► everybody in live rooms is asked anew
//!  somebody was let in before the mark changed, and came in after ────────────► they are asked too
//!  a session is twelve hours past its planned end ── every five seconds ──────► what has run out by its date ends
//! ```

use std::time::Duration;

use office_core::session::is_past_overtime;
use protocol::{ParticipantId, SessionId};
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::access::revocations;
use crate::access::revocations::Mark;
use crate::live::entry;
use crate::live::entry::{Pass, Standing};
use crate::platform::database::StoreResult;
use crate::platform::error::ApiResult;
use crate::schedule::sessions;

/// How often it is looked whether something was taken away. With the asking that follows, far less than 5 s.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Every so many looks, sessions that run on long after their planned end are looked at.
const LOOKS_PER_OVERTIME: u32 = 5;

/// Looks after the rights of those who are in live rooms, until `shutdown`.
pub(crate) async fn run(state: AppState, shutdown: CancellationToken) {
    let mut asked_at = None;
    let mut looks = 0_u32;
    loop {
        match mark(&state).await {
            Ok(mark) => {
                if let Err(refusal) = look(&state, mark, &mut asked_at, looks).await {
                    tracing::warn!(
                        title = refusal.title,
                        "rights cannot be asked; trying again"
                    );
                }
            }
            Err(cause) => tracing::warn!(%cause, "rights cannot be looked at; trying again"),
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn mark(state: &AppState) -> StoreResult<Mark> {
    revocations::mark(&mut state.store.read().await?).await
}

async fn look(
    state: &AppState,
    mark: Mark,
    asked_at: &mut Option<Mark>,
    looks: u32,
) -> ApiResult<()> {
    // Told before anybody is asked: whoever comes in from now on by what was looked at earlier is doubted.
    state.rooms.rights_came_to(mark);
    if *asked_at != Some(mark) {
        ask_everybody(state, Whom::Everybody).await?;
        // What was taken away while they were asked has another mark.
        *asked_at = Some(mark);
    }
    let mut doubted = state.rooms.take_doubted().into_iter();
    while let Some((id, participant, pass)) = doubted.next() {
        if let Err(refusal) = ask(state, id, vec![(participant, pass.clone())]).await {
            // Nobody is let off because the database did not answer.
            state.rooms.doubt((id, participant, pass));
            doubted.for_each(|who| state.rooms.doubt(who));
            return Err(refusal);
        }
    }
    if looks.is_multiple_of(LOOKS_PER_OVERTIME) {
        ask_everybody(state, Whom::Overtime).await?;
    }
    Ok(())
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    Everybody,
    /// Those whose session should have ended so long ago that it holds nothing that has run out by its date.
    Overtime,
}

async fn ask_everybody(state: &AppState, whom: Whom) -> ApiResult<()> {
    for (id, ends_at, passes) in state.rooms.passes().await {
        if whom == Whom::Everybody || is_past_overtime(ends_at, state.clock.now()) {
            ask(state, id, passes).await?;
        }
    }
    Ok(())
}

/// Asks what has become of some passes into a room, and tells the room.
async fn ask(state: &AppState, id: SessionId, passes: Vec<(ParticipantId, Pass)>) -> ApiResult<()> {
    for (participant, standing) in standings(state, id, passes).await? {
        tracing::info!(session = %id, %participant, ?standing, "a right to be in a room changed");
        state.rooms.stands(id, participant, standing).await;
    }
    Ok(())
}

/// Those of a room whose pass does not hold as it is. A session that was ended or called off elsewhere ends here too.
async fn standings(
    state: &AppState,
    id: SessionId,
    passes: Vec<(ParticipantId, Pass)>,
) -> ApiResult<Vec<(ParticipantId, Standing)>> {
    let mut conn = state.store.read().await?;
    let Some(session) = sessions::by_id(&mut conn, id).await? else {
        return Ok(Vec::new());
    };
    if session.over_at().is_some() {
        let rooms = state.rooms.clone();
        // Not waited for: an end that cannot be saved takes its time.
        tokio::spawn(async move { rooms.end(id).await });
        return Ok(Vec::new());
    }
    let now = state.clock.now();
    let tree = state.tree(&mut conn).await?;
    let mut found = Vec::new();
    for (participant, pass) in passes {
        match entry::standing(&mut conn, &tree, &session, &pass, now).await? {
            Standing::Holds => {}
            other => found.push((participant, other)),
        }
    }
    Ok(found)
}
