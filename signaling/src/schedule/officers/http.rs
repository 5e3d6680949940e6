//! Whom somebody may name for a part in a session.

use axum::Json;
use axum::extract::State;
use office_core::org::Tree;
use office_core::rights::{CreateSession, EditSession, ViewSession};
use protocol::UnitId;
use protocol::api::{Candidate, Officer, Page};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::store;
use crate::AppState;
use crate::access::{Actor, Asking, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::ApiResult;
use crate::platform::extract::{Path, Query};
use crate::schedule::sessions::actions::Convener;
use crate::schedule::sessions::view;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(for_unit))
        .routes(routes_asking!(for_session))
        .routes(routes_asking!(in_charge))
}

/// How many people are offered at once. Whoever is looked for is named by more letters.
const OFFERED: usize = 20;

/// Who is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Letters of the name, with or without their diacritics.
    #[serde(default)]
    search: String,
    /// Code of the unit that is to convene; the caller's own when absent.
    unit: Option<String>,
}

async fn found(
    state: &AppState,
    conn: &mut Conn,
    tree: &Tree,
    (actor, convening): (&Actor, UnitId),
    search: &str,
) -> ApiResult<Json<Page<Candidate>>> {
    let today = day(state.clock.now());
    // Somebody with several appointments comes once.
    let rows = i64::try_from(4 * OFFERED).unwrap_or(i64::MAX);
    let asks = (convening, actor.reader());
    let mut rows = store::candidates(conn, asks, search, &today, rows).await?;
    rows.dedup_by_key(|row| row.person_id);
    rows.truncate(OFFERED);
    let items = rows.into_iter().map(|row| Candidate {
        person: row.person_id.to_string(),
        name: row.full_name,
        position: row.position,
        unit: tree.name(row.unit_id),
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}

/// People whom the caller may name for a session to be made, by given name: the first twenty of those who fit.
#[utoipa::path(
    get, path = "/officer-candidates", tag = "session", params(Wanted),
    responses((status = 200, body = Page<Candidate>), (status = 400, description = "`unknown_unit`."), (status = 401),
        (status = 403))
)]
async fn for_unit(
    State(state): State<AppState>,
    asking: Asking<CreateSession>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Candidate>>> {
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let named = wanted.unit.as_deref();
    let convener = asking.about(Convener::of(&tree, &asking.actor, named)?)?;
    let asks = (&asking.actor, convener.unit);
    found(&state, &mut conn, &tree, asks, &wanted.search).await
}

/// People whom the caller may name for a session that is planned, by given name: the first twenty of those who fit.
#[utoipa::path(
    get, path = "/sessions/{code}/officer-candidates", tag = "session",
    params(("code" = String, Path, description = "Code of the session."), Wanted),
    responses((status = 200, body = Page<Candidate>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn for_session(
    State(state): State<AppState>,
    asking: Asking<EditSession>,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Candidate>>> {
    let mut conn = state.store.read().await?;
    let session = asking.about(view::find(&state, &mut conn, &asking.actor, &code).await?)?;
    let tree = state.tree(&mut conn).await?;
    let asks = (&asking.actor, session.session.convening_unit);
    found(&state, &mut conn, &tree, asks, &wanted.search).await
}

/// Who is in charge of a session: the chair, then secretaries, presenters and technicians in the order in which they are
/// named.
#[utoipa::path(
    get, path = "/sessions/{code}/officers", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<Officer>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn in_charge(
    State(state): State<AppState>,
    asking: Asking<ViewSession>,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<Officer>>> {
    let mut conn = state.store.read().await?;
    let session = asking.about(view::find(&state, &mut conn, &asking.actor, &code).await?)?;
    let today = day(state.clock.now());
    let items = store::of_session(&mut conn, session.session.id, &today).await?;
    Ok(Json(Page { items, next: None }))
}
