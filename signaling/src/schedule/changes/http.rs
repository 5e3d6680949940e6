//! Changes of sessions.

use axum::Json;
use axum::extract::State;
use office_core::rights::{CancelSession, EditSession, ViewHistory};
use protocol::SessionId;
use protocol::api::{Cancellation, Page, Session, SessionChange, SessionDeed};
use utoipa_axum::router::OpenApiRouter;

use super::actions::{self, RoomNow};
use super::{deeds, store};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::ApiResult;
use crate::platform::extract::{Body, Path, Query};
use crate::platform::http::etag::{ETag, IfMatch};
use crate::platform::paging::{PageAsked, not_ours};
use crate::schedule::sessions::view;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(edit))
        .routes(routes_asking!(cancel))
        .routes(routes_asking!(history))
}

/// How many deeds a page of the history holds at most.
const PAGE: i64 = 50;

fn room_now(state: &AppState, session: SessionId) -> RoomNow {
    RoomNow {
        present: state.rooms.present(session),
        open: state.rooms.is_live(session),
    }
}

/// Changes a session that is not over: what it books moves with it, those invited are told of another time, its room learns
/// it. One that runs can be given another title and a later end. `If-Match` names the version that was read.
#[utoipa::path(
    patch, path = "/sessions/{code}", tag = "session",
    params(("code" = String, Path, description = "Code of the session."),
        ("If-Match" = String, Header, description = "The `ETag` of the session, as it was read.")),
    request_body = SessionChange,
    responses(
        (status = 200, body = Session, description = "As it stands now, with its new `ETag`."),
        (status = 400, description = "`bad_title`, `bad_reason`, `bad_time`, `no_points`, `too_many_points`, \
            `duplicate_point`, `unknown_point`, `bad_officers`, `unknown_person`."),
        (status = 401), (status = 403, description = "`not_allowed`; `point_not_yours`; `person_not_yours`."),
        (status = 404, description = "`unknown_session`."),
        (status = 409, description = "`session_over`: it ended, lapsed or was called off, by `reason`; `session_runs`; \
            `booking_conflict`: `params` name what is in the way, up to four more points as `also_1_point`, …, and up to \
            three free times as `free_1_us`, …."),
        (status = 412, description = "`changed_meanwhile`: `etag` is the version that stands."),
        (status = 428, description = "`if_match_required`.")
    )
)]
async fn edit(
    State(state): State<AppState>,
    asking: Asking<EditSession>,
    said: IfMatch,
    Path(code): Path<String>,
    Body(wanted): Body<SessionChange>,
) -> ApiResult<(ETag, Json<Session>)> {
    let (now, actor) = (state.clock.now(), &asking.actor);
    let mut tx = state.store.write().await?;
    store::lock(&mut tx, &code).await?;
    let tree = state.tree(&mut tx).await?;
    let session = asking.about(view::find(&state, &mut tx, actor, &code).await?)?;
    said.demand(&view::etag(&session.session))?;
    let change = (&wanted, room_now(&state, session.session.id));
    actions::edit(&mut tx, &session, &tree, change, now).await?;
    let changed = view::find(&state, &mut tx, actor, &code).await?;
    let plan = changed.session.clone();
    let told = view::tagged(&state, &mut tx, actor, changed).await?;
    tx.commit().await?;
    state.rooms.planned(&plan).await;
    Ok(told)
}

/// Calls a session off that has not begun. What it booked is free, those invited are told why. `If-Match` names the version
/// that was read.
#[utoipa::path(
    post, path = "/sessions/{code}/cancel", tag = "session",
    params(("code" = String, Path, description = "Code of the session."),
        ("If-Match" = String, Header, description = "The `ETag` of the session, as it was read.")),
    request_body = Cancellation,
    responses(
        (status = 200, body = Session, description = "As it stands now, with its new `ETag`."),
        (status = 400, description = "`bad_reason`."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."),
        (status = 409, description = "`session_over`, by `reason`; `session_runs`."),
        (status = 412, description = "`changed_meanwhile`: `etag` is the version that stands."),
        (status = 428, description = "`if_match_required`.")
    )
)]
async fn cancel(
    State(state): State<AppState>,
    asking: Asking<CancelSession>,
    said: IfMatch,
    Path(code): Path<String>,
    Body(wanted): Body<Cancellation>,
) -> ApiResult<(ETag, Json<Session>)> {
    let (now, actor) = (state.clock.now(), &asking.actor);
    let mut tx = state.store.write().await?;
    store::lock(&mut tx, &code).await?;
    let session = asking.about(view::find(&state, &mut tx, actor, &code).await?)?;
    said.demand(&view::etag(&session.session))?;
    let id = session.session.id;
    actions::cancel(
        &mut tx,
        &session,
        (&wanted.reason, room_now(&state, id)),
        now,
    )
    .await?;
    let cancelled = view::find(&state, &mut tx, actor, &code).await?;
    let told = view::tagged(&state, &mut tx, actor, cancelled).await?;
    tx.commit().await?;
    state.rooms.end(id).await;
    Ok(told)
}

/// Who did what to a session, newest first, from the audit log.
#[utoipa::path(
    get, path = "/sessions/{code}/history", tag = "session",
    params(("code" = String, Path, description = "Code of the session."), PageAsked),
    responses((status = 200, body = Page<SessionDeed>), (status = 400, description = "`malformed_query`."), (status = 401),
        (status = 403), (status = 404, description = "`unknown_session`."))
)]
async fn history(
    State(state): State<AppState>,
    asking: Asking<ViewHistory>,
    Path(code): Path<String>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<SessionDeed>>> {
    let before = match &asked.cursor {
        Some(cursor) => cursor.parse().map_err(|_| not_ours())?,
        None => i64::MAX,
    };
    let mut conn = state.store.read().await?;
    let session = asking.about(view::find(&state, &mut conn, &asking.actor, &code).await?)?;
    let items = deeds::of_session(&mut conn, &session, before, PAGE).await?;
    let is_full = i64::try_from(items.len()) == Ok(PAGE);
    let next = items
        .last()
        .filter(|_| is_full)
        .map(|last| last.seq.to_string());
    Ok(Json(Page { items, next }))
}
