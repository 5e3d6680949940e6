//! Changes of sessions.

use axum::Json;
use axum::extract::State;
use office_core::rights::EditSession;
use protocol::api::{Session, SessionChange};
use utoipa_axum::router::OpenApiRouter;

use super::actions;
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::ApiResult;
use crate::platform::extract::{Body, Path};
use crate::platform::http::etag::{ETag, IfMatch};
use crate::schedule::sessions::view;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(edit))
}

/// Changes a session that is not over. `If-Match` names the version that was read.
#[utoipa::path(
    patch, path = "/sessions/{code}", tag = "session",
    params(("code" = String, Path, description = "Code of the session."),
        ("If-Match" = String, Header, description = "The `ETag` of the session, as it was read.")),
    request_body = SessionChange,
    responses(
        (status = 200, body = Session, description = "As it stands now, with its new `ETag`."),
        (status = 400, description = "`bad_title`."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."),
        (status = 409, description = "`session_over`: it ended, lapsed or was called off, by `reason`."),
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
    let mut tx = state.store.write().await?;
    let session = asking.about(view::find(&state, &mut tx, &asking.actor, &code).await?)?;
    said.demand(&view::etag(&session.session))?;
    actions::edit(&mut tx, &session, &wanted, state.clock.now()).await?;
    let told = view::find(&state, &mut tx, &asking.actor, &code).await?;
    let told = view::tagged(&state, &mut tx, &asking.actor, told).await?;
    tx.commit().await?;
    Ok(told)
}
