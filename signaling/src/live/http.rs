//! What is told of a live room by HTTP: who was there, and how media reach them.

use axum::Json;
use axum::extract::State;
use office_core::rights::{ExplainMedia, ViewAttendance};
use protocol::api::{Attendee, MediaExplanation, Page, ProblemCode};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::presence;
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Path;
use crate::schedule::sessions::view::find;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(attendance))
        .routes(routes_asking!(media))
}

/// Who was in a session's room, and how long: by bridge point in seat order, then by when they came.
#[utoipa::path(
    get, path = "/sessions/{code}/attendance", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<Attendee>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn attendance(
    State(state): State<AppState>,
    asking: Asking<ViewAttendance>,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<Attendee>>> {
    let mut conn = state.store.read().await?;
    let view = asking.about(find(&state, &mut conn, &asking.actor, &code).await?)?;
    let mut items = presence::attendees(&mut conn, view.session.id).await?;
    let seat = |attendee: &Attendee| {
        let code = attendee.bridge_point.as_ref().map(|point| &point.code);
        view.invited
            .iter()
            .position(|point| Some(&point.code) == code)
            .unwrap_or(usize::MAX)
    };
    items.sort_by_cached_key(|attendee| (seat(attendee), attendee.first_us));
    Ok(Json(Page { items, next: None }))
}

/// How media reach somebody in a session's room at this moment, and why that participant's pictures are as they are.
#[utoipa::path(
    get, path = "/sessions/{code}/participants/{participant}/media", tag = "session",
    params(("code" = String, Path, description = "Code of the session."),
        ("participant" = String, Path, description = "Id of the participant, as the room tells it.")),
    responses((status = 200, body = MediaExplanation), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`, or `unknown_participant`."))
)]
async fn media(
    State(state): State<AppState>,
    asking: Asking<ExplainMedia>,
    Path((code, participant)): Path<(String, String)>,
) -> ApiResult<Json<MediaExplanation>> {
    let session = {
        let mut conn = state.store.read().await?;
        let found = find(&state, &mut conn, &asking.actor, &code).await?;
        asking.about(found)?.session.id
    };
    let nobody = || ApiError::not_found(ProblemCode::UnknownParticipant);
    let participant: Uuid = participant.parse().map_err(|_| nobody())?;
    state
        .rooms
        .explain_media(session, participant.into())
        .await
        .map(Json)
        .ok_or_else(nobody)
}
