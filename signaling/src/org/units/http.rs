//! Units: the tree of any day.

use axum::Json;
use axum::extract::State;
use office_core::days;
use office_core::rights::{ListUnits, ViewUnit};
use protocol::Day;
use protocol::api::{ProblemCode, UnitDetail, UnitTree};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::listing;
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::clock::day;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Path, Query};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list))
        .routes(routes_asking!(detail))
}

/// Of which day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// The day, for example `2025-07-01`; today when absent.
    day: Option<String>,
}

impl Of {
    fn day(&self, today: &Day) -> ApiResult<Day> {
        let Some(text) = &self.day else {
            return Ok(today.clone());
        };
        days::parse(text).ok_or_else(|| {
            ApiError::bad_request(ProblemCode::MalformedQuery, "a day is YYYY-MM-DD")
                .with("detail", "day")
        })
    }
}

/// The tree of units of a day: all of it for administrators, for others their own units with all above and below.
#[utoipa::path(
    get, path = "/units", tag = "unit", params(Of),
    responses((status = 200, body = UnitTree), (status = 400, description = "`malformed_query`."), (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListUnits>,
    Query(of): Query<Of>,
) -> ApiResult<Json<UnitTree>> {
    asking.about(())?;
    let today = day(state.clock.now());
    let wanted = of.day(&today)?;
    let mut conn = state.store.read().await?;
    let tree = listing::tree(&mut conn, &state.org, &asking.actor, &today, &wanted).await?;
    Ok(Json(tree))
}

/// A unit by its code, as it stood on a day: its versions, what it came from, what became of it, its bridge points.
#[utoipa::path(
    get, path = "/units/{code}", tag = "unit",
    params(("code" = String, Path, description = "Code of the unit."), Of),
    responses((status = 200, body = UnitDetail), (status = 400, description = "`malformed_query`."), (status = 401),
        (status = 403), (status = 404, description = "`unknown_unit`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<ViewUnit>,
    Path(code): Path<String>,
    Query(of): Query<Of>,
) -> ApiResult<Json<UnitDetail>> {
    let wanted = of.day(&day(state.clock.now()))?;
    let (org, actor) = (&state.org, &asking.actor);
    let mut conn = state.store.read().await?;
    let found = listing::find(&mut conn, org, actor, &code, &wanted).await?;
    let found = asking.about(found)?.into_inner();
    Ok(Json(
        listing::detail(&mut conn, org, actor, found, &wanted).await?,
    ))
}
