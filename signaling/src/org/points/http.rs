//! Bridge points.

use axum::Json;
use axum::extract::State;
use office_core::rights::ListPoints;
use protocol::api::{Page, PointRef};
use utoipa_axum::router::OpenApiRouter;

use super::store::{self, Point};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::clock::day;
use crate::platform::error::ApiResult;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(list))
}

/// Lists the bridge points that the caller may see, in seat order.
#[utoipa::path(
    get, path = "/bridge-points", tag = "bridge point",
    responses((status = 200, body = Page<PointRef>), (status = 401))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListPoints>,
) -> ApiResult<Json<Page<PointRef>>> {
    let today = day(state.clock.now());
    let mut conn = state.store.read().await?;
    let points = match asking.actor.reader() {
        Some(reader) => store::visible_to(&mut conn, &reader, &today).await?,
        // Whoever came by a link has one session, and points for nothing.
        None => Vec::new(),
    };
    let items = points.iter().map(Point::name).collect();
    Ok(Json(Page { items, next: None }))
}
