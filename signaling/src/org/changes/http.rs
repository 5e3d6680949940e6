//! Decisions that change the tree of units.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::days;
use office_core::org::Lineage;
use office_core::rights::{ChangeUnits, ListUnitChanges};
use protocol::api::{
    NewUnitChange, Page, UnitChange, UnitChangeAct, UnitChangeEffect, UnitChangeState, UnitFile,
    UnitFileReading,
};
use protocol::{Day, UnitChangeId, UtcMicros};
use utoipa_axum::router::OpenApiRouter;

use super::actions::{self, Stored};
use super::import as files;
use super::look::consider;
use super::store::{self, Row};
use crate::AppState;
use crate::access::{Asking, Subject as _, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query};
use crate::platform::paging::{PageAsked, cut, two, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list, create))
        .routes(routes_asking!(preview))
        .routes(routes_asking!(import))
        .routes(routes_asking!(import_preview))
        .routes(routes_asking!(detail))
        .routes(routes_asking!(undo))
}

/// How many decisions a page of the list holds at most.
const PAGE: usize = 50;

fn parse_cursor(cursor: &str) -> ApiResult<(Day, UnitChangeId)> {
    two(cursor, |day, id| {
        Some((days::parse(day)?, UnitChangeId(id.parse().ok()?)))
    })
}

/// Lists the decisions on units, the latest day first.
#[utoipa::path(
    get, path = "/unit-changes", tag = "unit", params(PageAsked),
    responses((status = 200, body = Page<UnitChange>), (status = 400, description = "`malformed_query`."), (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListUnitChanges>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<UnitChange>>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let after = asked.cursor.as_deref().map(parse_cursor).transpose()?;
    let mut rows = store::page(&mut conn, after.as_ref(), with_another(PAGE)).await?;
    let next = cut(&mut rows, PAGE, |row| format!("{}.{}", row.on_day, row.id));
    let (today, history) = (day(state.clock.now()), state.org.history(&mut conn).await?);
    let items = rows.into_iter().map(|row| {
        let stored = Stored::of(row, &history, &today)?;
        describe_to(&asking, stored)
    });
    let items = items.collect::<ApiResult<_>>()?;
    Ok(Json(Page { items, next }))
}

/// Writes a decision. Its dated rows are written at once, so that it takes effect on its day; sessions to come and
/// invitations move on the day.
#[utoipa::path(
    post, path = "/unit-changes", tag = "unit", request_body = NewUnitChange,
    responses(
        (status = 201, body = UnitChange),
        (status = 400, description = "`bad_document`, `bad_title`, `bad_day`, `bad_steps`, `bad_unit`, `unknown_unit`, \
            `unit_alone`, `nothing_changes`."),
        (status = 403, description = "`not_allowed`: a right is needed over the old and the new unit above; `role_beyond`."),
        (status = 409, description = "`unit_code_taken`, `unit_root`, `unit_cycle`, `units_left`, `later_change`, `unit_in_use`.")
    )
)]
async fn create(
    State(state): State<AppState>,
    asking: Asking<ChangeUnits>,
    Body(wanted): Body<NewUnitChange>,
) -> ApiResult<(StatusCode, Json<UnitChange>)> {
    asking.about(Vec::<Lineage>::new())?;
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let (id, _) = decide(&state, &asking, &mut tx, wanted, now).await?;
    let row = written(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(describe(row, true)?)))
}

/// Works a decision out, asks whether it may be taken, and writes it into `tx`: what it is called, and what it does.
async fn decide(
    state: &AppState,
    asking: &Asking<ChangeUnits>,
    tx: &mut Tx,
    wanted: NewUnitChange,
    now: UtcMicros,
) -> ApiResult<(UnitChangeId, UnitChangeEffect)> {
    let considered = consider(tx, &state.org, wanted, &day(now)).await?;
    let permit = asking.about(considered)?;
    actions::decide(tx, &permit, now).await
}

/// Tells what a decision would write, and writes nothing: it is written and taken back in one transaction, so that the count
/// is the one that writing it gives.
#[utoipa::path(
    post, path = "/unit-changes/preview", tag = "unit", request_body = NewUnitChange,
    responses((status = 200, body = UnitChangeEffect), (status = 400, description = "As for writing it."),
        (status = 403, description = "As for writing it."), (status = 409, description = "As for writing it."))
)]
async fn preview(
    State(state): State<AppState>,
    asking: Asking<ChangeUnits>,
    Body(wanted): Body<NewUnitChange>,
) -> ApiResult<Json<UnitChangeEffect>> {
    asking.about(Vec::<Lineage>::new())?;
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let (_, effect) = decide(&state, &asking, &mut tx, wanted, now).await?;
    Ok(Json(effect))
}

/// Writes a file of units as one decision: all of its rows, or nothing when one is refused. Units that are not in the file
/// stay as they are.
#[utoipa::path(
    post, path = "/unit-changes/import", tag = "unit", request_body = UnitFile,
    responses((status = 201, body = UnitChange), (status = 400, description = "`file_without_header`; as for a decision."),
        (status = 403, description = "As for a decision."), (status = 409, description = "`file_refused`; as for a decision."),
        (status = 413, description = "`file_too_long`."))
)]
async fn import(
    State(state): State<AppState>,
    asking: Asking<ChangeUnits>,
    Body(file): Body<UnitFile>,
) -> ApiResult<(StatusCode, Json<UnitChange>)> {
    asking.about(Vec::<Lineage>::new())?;
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let wanted = files::read(&mut tx, &state.org, file).await?.whole()?;
    let (id, _) = decide(&state, &asking, &mut tx, wanted, now).await?;
    let row = written(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(describe(row, true)?)))
}

/// Tells what becomes of each row of a file of units, and what writing it would move; writes nothing.
#[utoipa::path(
    post, path = "/unit-changes/import/preview", tag = "unit", request_body = UnitFile,
    responses((status = 200, body = UnitFileReading), (status = 400, description = "As for writing it."),
        (status = 403, description = "As for writing it."), (status = 409, description = "As for a decision."),
        (status = 413, description = "`file_too_long`."))
)]
async fn import_preview(
    State(state): State<AppState>,
    asking: Asking<ChangeUnits>,
    Body(file): Body<UnitFile>,
) -> ApiResult<Json<UnitFileReading>> {
    asking.about(Vec::<Lineage>::new())?;
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let read = files::read(&mut tx, &state.org, file).await?;
    let rows = read.rows.clone();
    if read.refused() > 0 || read.change.steps.is_empty() {
        return Ok(Json(UnitFileReading { rows, effect: None }));
    }
    let (_, effect) = decide(&state, &asking, &mut tx, read.change, now).await?;
    let effect = Some(effect);
    Ok(Json(UnitFileReading { rows, effect }))
}

/// A decision by its id.
#[utoipa::path(
    get, path = "/unit-changes/{id}", tag = "unit",
    params(("id" = String, Path, description = "Id of the decision.")),
    responses((status = 200, body = UnitChange), (status = 401), (status = 403),
        (status = 404, description = "`unknown_change`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<ListUnitChanges>,
    Path(id): Path<String>,
) -> ApiResult<Json<UnitChange>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let today = day(state.clock.now());
    let stored = actions::find(&mut conn, &state.org, &id, &today).await?;
    Ok(Json(describe_to(&asking, stored)?))
}

/// Takes a decision back, as long as nothing later builds on it.
#[utoipa::path(
    post, path = "/unit-changes/{id}/undo", tag = "unit",
    params(("id" = String, Path, description = "Id of the decision.")),
    responses((status = 204, description = "It is undone, or was already."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_change`."), (status = 409, description = "`change_built_upon`."))
)]
async fn undo(
    State(state): State<AppState>,
    asking: Asking<ChangeUnits>,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    asking.about(Vec::<Lineage>::new())?;
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let found: Stored = actions::find(&mut tx, &state.org, &id, &day(now)).await?;
    let permit = asking.about(found)?;
    actions::undo(&mut tx, &permit, &state.org, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn written(tx: &mut Tx, id: UnitChangeId) -> ApiResult<Row> {
    let row = store::by_id(tx, id).await?;
    row.ok_or_else(|| ApiError::internal("a decision vanished in its own transaction"))
}

fn describe_to(asking: &Asking<ListUnitChanges>, stored: Stored) -> ApiResult<UnitChange> {
    let may_undo = asking.actor.may::<ChangeUnits>(stored.facts());
    describe(stored.row, may_undo)
}

fn describe(row: Row, may_undo: bool) -> ApiResult<UnitChange> {
    let undo = may_undo && row.state.0 != UnitChangeState::Undone;
    Ok(UnitChange {
        id: row.id.to_string(),
        document: row.document,
        title: row.title,
        day: row.on_day,
        state: row.state.0,
        rows: u32::try_from(row.row_count).unwrap_or(u32::MAX),
        by: row.by_name,
        created_at_us: row.created_at_us,
        steps: serde_json::from_str(&row.steps).map_err(ApiError::internal)?,
        may: undo.then_some(UnitChangeAct::Undo).into_iter().collect(),
    })
}
