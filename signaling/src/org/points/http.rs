//! Bridge points.

use axum::Json;
use axum::extract::State;
use office_core::rights::{ListPoints, PointFacts, ViewPoint};
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
    let (today, actor) = (day(state.clock.now()), &asking.actor);
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let own = match actor.person() {
        Some(person) => store::of_person(&mut conn, person, &today).await?,
        None => Vec::new(),
    };
    let points = store::all(&mut conn, &today).await?;
    let is_seen = |point: &&Point| {
        actor.may::<ViewPoint>(&PointFacts {
            host: tree.lineage_of_host(point.host_unit_id),
            own: own.contains(&point.id),
        })
    };
    let items = points.iter().filter(is_seen).map(Point::name).collect();
    Ok(Json(Page { items, next: None }))
}
