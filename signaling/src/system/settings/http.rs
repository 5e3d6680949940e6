//! The settings page, and what everybody is told of it: what the department is called, what a new session begins with.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use office_core::org::{Lineage, Tree};
use office_core::rights::{ChangeSettings, PlanSessions, ViewSettings};
use protocol::api::{Branding, ProblemCode, SessionDefaults, Settings, SettingsChange};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{actions, emblem, view};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path};
use crate::platform::http::body;
use crate::platform::http::etag::{ETag, IfMatch};
use crate::platform::settings as stored;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    let emblem = OpenApiRouter::new()
        .routes(routes_asking!(put_emblem, remove_emblem))
        // A byte more than is taken, so that it is refused in words.
        .layer(DefaultBodyLimit::max(emblem::MOST_BYTES + 1));
    OpenApiRouter::new()
        .routes(routes_asking!(list, change))
        .merge(emblem)
        .routes(routes!(branding))
        .routes(routes!(emblem_picture))
        .routes(routes_asking!(session_defaults))
}

/// The line of the unit at the root.
fn root(tree: &Tree) -> Lineage {
    tree.lineage_of_host(tree.root().map(|unit| unit.id))
}

/// Every setting: those that the department changes while the server runs, with bounds, default and last change; those that stand in
/// files, without what is secret.
#[utoipa::path(
    get, path = "/settings", tag = "system",
    responses((status = 200, body = Settings), (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ViewSettings>,
) -> ApiResult<(ETag, Json<Settings>)> {
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    asking.about(root(&tree))?;
    let may_change = asking.actor.may::<ChangeSettings>(&());
    let (tag, settings) = view::describe(&state, &mut conn, may_change).await?;
    Ok((tag, Json(settings)))
}

/// Changes settings, all that are named or none. They hold at once, on every server of this database. `If-Match` names the version
/// that was read.
#[utoipa::path(
    put, path = "/settings", tag = "system",
    params(("If-Match" = String, Header, description = "The `ETag` of the settings, as they were read.")),
    request_body = SettingsChange,
    responses(
        (status = 200, body = Settings, description = "As they stand now, with their new `ETag`."),
        (status = 400, description = "`bad_setting`: `key`, and what it takes; `bad_year`: targets have a year, between \
            `first` and `last`, and nothing else has."),
        (status = 401), (status = 403), (status = 409, description = "`year_over`."),
        (status = 412, description = "`changed_meanwhile`: `etag` is the version that stands."),
        (status = 428, description = "`if_match_required`.")
    )
)]
async fn change(
    State(state): State<AppState>,
    asking: Asking<ChangeSettings>,
    said: IfMatch,
    Body(wanted): Body<SettingsChange>,
) -> ApiResult<(ETag, Json<Settings>)> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let mut tx = state.store.write().await?;
    let standing = state.standing(&mut tx).await?;
    actions::hold(&mut tx, &standing, &said).await?;
    actions::change(&mut tx, &permit, &standing, &wanted.changes, now).await?;
    let (tag, settings) = view::describe(&state, &mut tx, true).await?;
    tx.commit().await?;
    Ok((tag, Json(settings)))
}

/// Puts a picture in place of the department's mark: a PNG of at most 200 kB, whose sides have 32 to 1024 pixels. It is drawn anew.
#[utoipa::path(
    put, path = "/settings/emblem", tag = "system",
    params(("If-Match" = String, Header, description = "The `ETag` of the settings, as they were read.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = Settings),
        (status = 400, description = "`bad_emblem`: `reason` is `no_png` (drawings too), `damaged`, `too_small`, `too_large` or \
            `too_narrow`."),
        (status = 401), (status = 403), (status = 412, description = "`changed_meanwhile`."),
        (status = 413, description = "`too_large`."), (status = 428, description = "`if_match_required`.")
    )
)]
async fn put_emblem(
    State(state): State<AppState>,
    asking: Asking<ChangeSettings>,
    said: IfMatch,
    request: Request,
) -> ApiResult<(ETag, Json<Settings>)> {
    let permit = asking.about(())?;
    let bytes = body::read(&state, request).await?;
    let drawn = tokio::task::spawn_blocking(move || emblem::draw(&bytes)).await;
    let drawn = drawn.map_err(ApiError::internal)?;
    let drawn = drawn.map_err(actions::bad_emblem)?;
    let mut tx = state.store.write().await?;
    let standing = state.standing(&mut tx).await?;
    actions::hold(&mut tx, &standing, &said).await?;
    let now = state.clock.now();
    actions::put_emblem(&mut tx, &permit, &standing, Some(&drawn), now).await?;
    let (tag, settings) = view::describe(&state, &mut tx, true).await?;
    tx.commit().await?;
    Ok((tag, Json(settings)))
}

/// Puts the product's own mark back.
#[utoipa::path(
    delete, path = "/settings/emblem", tag = "system",
    params(("If-Match" = String, Header, description = "The `ETag` of the settings, as they were read.")),
    responses((status = 200, body = Settings), (status = 401), (status = 403),
        (status = 412, description = "`changed_meanwhile`."), (status = 428, description = "`if_match_required`."))
)]
async fn remove_emblem(
    State(state): State<AppState>,
    asking: Asking<ChangeSettings>,
    said: IfMatch,
) -> ApiResult<(ETag, Json<Settings>)> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let mut tx = state.store.write().await?;
    let standing = state.standing(&mut tx).await?;
    actions::hold(&mut tx, &standing, &said).await?;
    actions::put_emblem(&mut tx, &permit, &standing, None, now).await?;
    let (tag, settings) = view::describe(&state, &mut tx, true).await?;
    tx.commit().await?;
    Ok((tag, Json(settings)))
}

/// What the department is called, for every page, that of the sign-in too.
#[utoipa::path(
    get, path = "/branding", tag = "system",
    responses((status = 200, body = Branding))
)]
async fn branding(State(state): State<AppState>) -> ApiResult<Json<Branding>> {
    let mut conn = state.store.read().await?;
    Ok(Json(view::branding(&state, &mut conn).await?))
}

/// The department's own mark.
#[utoipa::path(
    get, path = "/branding/emblem/{hash}", tag = "system",
    params(("hash" = String, Path, description = "Of the picture, as `/branding` says it.")),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = 404, description = "`no_such_file`."))
)]
async fn emblem_picture(
    State(state): State<AppState>,
    Path(hash): Path<String>,
) -> ApiResult<Response> {
    let mut conn = state.store.read().await?;
    let found = stored::emblem(&mut conn, &hash.replace('\0', " ")).await?;
    let bytes = found.ok_or_else(|| ApiError::not_found(ProblemCode::NoSuchFile))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
        // Another picture has another address.
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// What the page of a new session begins with.
#[utoipa::path(
    get, path = "/session-defaults", tag = "session",
    responses((status = 200, body = SessionDefaults), (status = 401), (status = 403))
)]
async fn session_defaults(
    State(state): State<AppState>,
    asking: Asking<PlanSessions>,
) -> ApiResult<Json<SessionDefaults>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    Ok(Json(state.standing(&mut conn).await?.session_defaults()))
}
