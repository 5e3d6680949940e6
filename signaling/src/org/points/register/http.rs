//! The register of bridge points.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::rights::{ListRegister, ManagePoint, PointFacts};
use protocol::api::{
    Page, PointAct, PointClosing, PointRef, PointRoom, PointSpec, PointUnit, RegisteredPoint,
};
use protocol::{Day, PointId};
use sha2::{Digest as _, Sha256};
use utoipa_axum::router::OpenApiRouter;

use super::actions;
use super::store::{self, Room, Row, Tie};
use crate::AppState;
use crate::access::{Actor, Asking, routes_asking};
use crate::org::points::store::{PointKind, PointState, Relation};
use crate::platform::clock::day;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path};
use crate::platform::http::etag::{ETag, IfMatch};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(register))
        .routes(routes_asking!(add))
        .routes(routes_asking!(edit))
        .routes(routes_asking!(close))
}

/// Lists the bridge points that the caller looks after, also closed ones, by number.
#[utoipa::path(
    get, path = "/bridge-points/register", tag = "bridge point",
    responses((status = 200, body = Page<RegisteredPoint>), (status = 401), (status = 403))
)]
async fn register(
    State(state): State<AppState>,
    asking: Asking<ListRegister>,
) -> ApiResult<Json<Page<RegisteredPoint>>> {
    asking.about(())?;
    let actor = &asking.actor;
    let reader = actor.reader().ok_or_else(ApiError::forbidden)?;
    let today = day(state.clock.now());
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let rows = store::administered(&mut conn, &reader, &today).await?;
    let ties = store::ties(&mut conn, None).await?;
    let rooms = store::rooms(&mut conn, None).await?;
    let lasting = ties.iter().filter(|tie| lasts(tie, &today));
    let mut ties = by_point(lasting, |tie| tie.point_id);
    let mut rooms = by_point(&rooms, |room| room.point_id);
    let items = rows.into_iter().map(|row| {
        let ties = ties.remove(&row.id).unwrap_or_default();
        let rooms = rooms.remove(&row.id).unwrap_or_default();
        describe(&tree, actor, row, ties, rooms)
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}

/// Adds a bridge point.
#[utoipa::path(
    post, path = "/bridge-points", tag = "bridge point", request_body = PointSpec,
    responses((status = 204), (status = 400, description = "`bad_point`, `bad_day`, `unknown_unit`."), (status = 401),
        (status = 403, description = "`not_allowed`: the host is not the caller's, or it would be the main point."),
        (status = 409, description = "`point_code_taken`, `point_number_taken`, `room_code_taken`, `main_point_taken`."))
)]
async fn add(
    State(state): State<AppState>,
    asking: Asking<ManagePoint>,
    Body(wanted): Body<PointSpec>,
) -> ApiResult<StatusCode> {
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let permit = asking.about(actions::place(&tree, &wanted.host)?)?;
    actions::add(&mut tx, &permit, &tree, wanted, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes a bridge point: what is written here is how it is from the day on. `If-Match` names the state that is changed.
#[utoipa::path(
    post, path = "/bridge-points/{code}", tag = "bridge point", request_body = PointSpec,
    params(("code" = String, Path, description = "Code of the bridge point.")),
    responses((status = 204), (status = 400, description = "As for adding one."), (status = 401),
        (status = 403, description = "`not_allowed`: a right is needed over the old and the new host."),
        (status = 404, description = "`unknown_point`."),
        (status = 409, description = "As for adding one; `point_changes_later`."),
        (status = 412, description = "`changed_meanwhile`: `params` have the `etag` by now."),
        (status = 428, description = "`if_match_required`."))
)]
async fn edit(
    State(state): State<AppState>,
    asking: Asking<ManagePoint>,
    Path(code): Path<String>,
    if_match: IfMatch,
    Body(wanted): Body<PointSpec>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let today = day(now);
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let found = asking.about(actions::find(&mut tx, &tree, &code, &today).await?)?;
    store::hold(&mut tx, found.row.id).await?;
    // As it stands from here on.
    let permit = asking.about(actions::find(&mut tx, &tree, &code, &today).await?)?;
    let row = permit.row.clone();
    let ties = store::ties(&mut tx, Some(row.id)).await?;
    let rooms = store::rooms(&mut tx, Some(row.id)).await?;
    let ties = ties.iter().filter(|tie| lasts(tie, &today)).collect();
    let stands = describe(&tree, &asking.actor, row, ties, rooms.iter().collect());
    if_match.demand(&tag(&stands))?;
    actions::edit(&mut tx, &permit, &tree, wanted, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes a bridge point: it is invited and shown nowhere any more; its past stays.
#[utoipa::path(
    post, path = "/bridge-points/{code}/close", tag = "bridge point", request_body = PointClosing,
    params(("code" = String, Path, description = "Code of the bridge point.")),
    responses((status = 204, description = "It is closed, or was already."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_point`."), (status = 409, description = "`point_in_use`."))
)]
async fn close(
    State(state): State<AppState>,
    asking: Asking<ManagePoint>,
    Path(code): Path<String>,
    Body(wanted): Body<PointClosing>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let found = actions::find(&mut tx, &tree, &code, &day(now)).await?;
    let permit = asking.about(found)?;
    actions::close(&mut tx, &permit, wanted.even_in_use, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts what belongs to points beside one another, in the order in which it comes.
fn by_point<'a, T>(
    all: impl IntoIterator<Item = &'a T>,
    point: impl Fn(&T) -> PointId,
) -> HashMap<PointId, Vec<&'a T>> {
    let mut of_points: HashMap<PointId, Vec<&T>> = HashMap::new();
    for one in all {
        of_points.entry(point(one)).or_default().push(one);
    }
    of_points
}

/// Whether a unit is one of a point today or later.
fn lasts(tie: &Tie, today: &Day) -> bool {
    tie.valid_to.as_ref().is_none_or(|last| last >= today)
}

/// The tag of how a point stands: of everything that a change of it may change.
fn tag(point: &RegisteredPoint) -> ETag {
    let told = (
        (&point.point, point.main, point.closed),
        (&point.host, &point.served, &point.rooms),
    );
    let told = serde_json::to_vec(&told).expect("what is told can be written");
    ETag::new(hex::encode(&Sha256::digest(told)[..8]))
}

fn describe(
    tree: &Tree,
    actor: &Actor,
    row: Row,
    ties: Vec<&Tie>,
    rooms: Vec<&Room>,
) -> RegisteredPoint {
    let told = |tie: &Tie| PointUnit {
        unit: tree.name(tie.unit_id),
        from: tie.valid_from.clone(),
        to: tie.valid_to.clone(),
    };
    let of = |relation| move |tie: &&&Tie| tie.relation.0 == relation;
    let facts = PointFacts {
        host: tree.lineage_of_host(row.host_unit_id),
        own: false,
    };
    let closed = row.state.0 == PointState::Closed;
    let may = match !closed && actor.may::<ManagePoint>(&facts) {
        true => vec![PointAct::Edit, PointAct::Close],
        false => Vec::new(),
    };
    let mut point = RegisteredPoint {
        etag: String::new(),
        main: row.kind.0 == PointKind::Main,
        closed,
        host: ties
            .iter()
            .filter(of(Relation::Host))
            .map(|tie| told(tie))
            .next(),
        served: ties
            .iter()
            .filter(of(Relation::Served))
            .map(|tie| told(tie))
            .collect(),
        rooms: rooms.into_iter().map(room).collect(),
        last_seen_us: row.last_seen,
        may,
        point: PointRef::new(row.code, row.name, row.number),
    };
    point.etag = tag(&point).to_string();
    point
}

fn room(room: &Room) -> PointRoom {
    PointRoom {
        code: room.code.clone(),
        name: room.name.clone(),
        seats: u32::try_from(room.seats).unwrap_or_default(),
        dual_use: room.dual_use,
        asset_code: room.asset_code.clone(),
        equipment: room.equipment.0.clone(),
    }
}
