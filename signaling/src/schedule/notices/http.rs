//! What somebody was told.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::rights::ReadNotices;
use protocol::NoticeId;
use protocol::api::{Notice, Page, ProblemCode};
use utoipa_axum::router::OpenApiRouter;

use super::store;
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Path, Query};
use crate::platform::paging::{PageAsked, Place, cut, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(unseen))
        .routes(routes_asking!(see))
}

/// How many notices a page holds at most.
const PAGE: usize = 50;

/// What the caller was told and has not seen yet, newest first. Whoever came by a link is told nothing.
#[utoipa::path(
    get, path = "/notices", tag = "notice", params(PageAsked),
    responses((status = 200, body = Page<Notice>), (status = 400, description = "`malformed_query`."), (status = 401))
)]
async fn unseen(
    State(state): State<AppState>,
    asking: Asking<ReadNotices>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<Notice>>> {
    let before = Place::before(&asked)?;
    let Some(person) = asking.actor.person() else {
        return Ok(Json(Page {
            items: Vec::new(),
            next: None,
        }));
    };
    let mut conn = state.store.read().await?;
    let mut items = store::unseen(&mut conn, person, before, with_another(PAGE)).await?;
    let next = cut(&mut items, PAGE, |last| {
        format!("{}.{}", last.at_us.0, last.id)
    });
    Ok(Json(Page { items, next }))
}

/// Notes that the caller has seen a notice.
#[utoipa::path(
    post, path = "/notices/{id}/seen", tag = "notice",
    params(("id" = String, Path, description = "Id of the notice.")),
    responses((status = 204, description = "It is not shown again."), (status = 401),
        (status = 404, description = "`unknown_notice`: none, or somebody else's."))
)]
async fn see(
    State(state): State<AppState>,
    asking: Asking<ReadNotices>,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownNotice);
    let person = asking.actor.person().ok_or_else(unknown)?;
    let notice = NoticeId(id.parse().map_err(|_| unknown())?);
    let mut tx = state.store.write().await?;
    if !store::mark_seen(&mut tx, notice, person, state.clock.now()).await? {
        return Err(unknown());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
