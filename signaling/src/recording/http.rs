//! Recordings: what there is of a session.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::rights::{ComposeRecording, InspectRecordings};
use protocol::api::{Page, Recording};
use utoipa_axum::router::OpenApiRouter;

use super::view::{SeenRecording, describe, lookup};
use super::{actions, replays};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::ApiResult;
use crate::platform::extract::Path;
use crate::schedule::sessions::view::find;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(of_session))
        .routes(routes_asking!(detail))
        .routes(routes_asking!(compose))
}

/// The recordings of a session, oldest first.
#[utoipa::path(
    get, path = "/sessions/{code}/recordings", tag = "recording",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<Recording>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn of_session(
    State(state): State<AppState>,
    asking: Asking<InspectRecordings>,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<Recording>>> {
    let mut conn = state.store.read().await?;
    let view = asking.about(find(&state, &mut conn, &asking.actor, &code).await?)?;
    let mut items = Vec::new();
    for recording in replays::of_session(&mut conn, view.session.id).await? {
        items.push(describe(&state, &mut conn, &asking.actor, &view, recording).await?);
    }
    Ok(Json(Page { items, next: None }))
}

/// A recording by its id.
#[utoipa::path(
    get, path = "/recordings/{id}", tag = "recording",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 200, body = Recording), (status = 401), (status = 403),
        (status = 404, description = "`unknown_recording`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<InspectRecordings>,
    Path(id): Path<String>,
) -> ApiResult<Json<Recording>> {
    let mut conn = state.store.read().await?;
    let seen = asking.about(lookup(&state, &mut conn, &asking.actor, &id).await?)?;
    let SeenRecording { recording, view } = seen.into_inner();
    let told = describe(&state, &mut conn, &asking.actor, &view, recording).await?;
    Ok(Json(told))
}

/// Has the MP4 made once more, after it failed or when it never began.
#[utoipa::path(
    post, path = "/recordings/{id}/compose", tag = "recording",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 202, body = Recording, description = "It waits its turn."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_recording`."),
        (status = 409, description = "`not_composable`: it still runs, or is being made, or is there."))
)]
async fn compose(
    State(state): State<AppState>,
    asking: Asking<ComposeRecording>,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<Recording>)> {
    let mut tx = state.store.write().await?;
    let seen = asking.about(lookup(&state, &mut tx, &asking.actor, &id).await?)?;
    let recording = actions::compose(&state, &mut tx, &seen, state.clock.now()).await?;
    let told = describe(&state, &mut tx, &asking.actor, &seen.view, recording).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(told)))
}
