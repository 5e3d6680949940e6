//! The guide of an installation's first days.

use axum::Json;
use axum::extract::State;
use office_core::guide;
use office_core::rights::KeepGuide;
use protocol::api::{Guide, GuideChange};
use utoipa_axum::router::OpenApiRouter;

use super::{actions, store};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::ApiResult;
use crate::platform::extract::Body;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(look, decide))
}

/// How the first steps of the installation stand, by what there is.
#[utoipa::path(
    get, path = "/guide", tag = "system",
    responses((status = 200, body = Guide), (status = 401), (status = 403))
)]
async fn look(State(state): State<AppState>, asking: Asking<KeepGuide>) -> ApiResult<Json<Guide>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    Ok(Json(tell(&state, &mut conn).await?))
}

/// Goes on without steps, closes the guide, or opens it again.
#[utoipa::path(
    put, path = "/guide", tag = "system", request_body = GuideChange,
    responses((status = 200, body = Guide), (status = 400, description = "`malformed_body`."), (status = 401), (status = 403))
)]
async fn decide(
    State(state): State<AppState>,
    asking: Asking<KeepGuide>,
    Body(wanted): Body<GuideChange>,
) -> ApiResult<Json<Guide>> {
    let permit = asking.about(())?;
    let mut tx = state.store.write().await?;
    actions::decide(&mut tx, &permit, wanted, state.clock.now()).await?;
    let told = tell(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(Json(told))
}

async fn tell(state: &AppState, conn: &mut Conn) -> ApiResult<Guide> {
    let facts = store::facts(conn, &day(state.clock.now())).await?;
    Ok(guide::standing(facts, &actions::decided(conn).await?))
}
