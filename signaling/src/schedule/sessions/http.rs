//! Sessions: the schedule.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::rights::{CreateSession, EndSession, ListSessions, ViewSession};
use protocol::UnitId;
use protocol::api::{NewSession, Page, ProblemCode, Session};
use protocol::client::SessionKind;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::actions::{self, Convener};
use super::listing::{self, Filter};
use super::{store, view};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query, time};
use crate::platform::http::etag::ETag;
use crate::platform::paging::{Place, cut};
use crate::schedule::admission::view_session;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list, create))
        .routes(routes_asking!(detail))
        .routes(routes_asking!(end))
}

/// How many sessions a page of the list holds at most.
const PAGE: usize = 50;

/// Which sessions are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only sessions that end after this time.
    from: Option<i64>,
    /// Only sessions that begin before this time.
    to: Option<i64>,
    /// Only sessions of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<SessionKind>,
    /// Only sessions that the unit with this code convenes.
    unit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Wanted {
    /// One more than a page holds tells whether there is another.
    fn filter(&self, tree: &Tree) -> ApiResult<Filter> {
        let from = self.from.map(|from| time("from", from)).transpose()?;
        let to = self.to.map(|to| time("to", to)).transpose()?;
        let unit = self.unit.as_deref().map(|code| unit(tree, code));
        let after = self.cursor.as_deref().map(Place::parse).transpose()?;
        Ok(Filter {
            from: from.unwrap_or(Filter::EVERY.from),
            to: to.unwrap_or(Filter::EVERY.to),
            after: after.unwrap_or(Filter::EVERY.after),
            kind: self.kind,
            unit: unit.transpose()?,
            limit: PAGE + 1,
            ..Filter::EVERY
        })
    }
}

fn unit(tree: &Tree, code: &str) -> ApiResult<UnitId> {
    // Also one that is no more: what it convened is still there.
    tree.of_any_day(code).ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has or had this code")
            .with("unit", code)
    })
}

/// Lists the sessions that the caller may see, by begin.
#[utoipa::path(
    get, path = "/sessions", tag = "session", params(Wanted),
    responses((status = 200, body = Page<Session>), (status = 400, description = "`malformed_query`, `unknown_unit`."), (status = 401))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListSessions>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Session>>> {
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let (filter, actor) = (wanted.filter(&tree)?, &asking.actor);
    let mut listed = listing::visible(&mut conn, &tree, actor, &filter, state.clock.now()).await?;
    let next = cut(&mut listed, PAGE, |last| Place {
        at: last.session.starts_at,
        id: last.session.id,
    });
    let items = listed.into_iter();
    let standing = state.standing(&mut conn).await?;
    let around = (&*tree, &*standing);
    let items = items.map(|listed| view::describe_listed(&state, around, actor, listed));
    Ok(Json(Page {
        items: items.collect(),
        next,
    }))
}

/// Makes a session. Its points, and their dual-use rooms, are booked for its time.
#[utoipa::path(
    post, path = "/sessions", tag = "session",
    request_body = NewSession,
    responses(
        (status = 201, body = Session),
        (status = 400, description = "`bad_title`, `bad_time`, `no_points`, `too_many_points`, `duplicate_point`, \
            `unknown_point`, `unknown_unit`, `unknown_account`, `unknown_class`."),
        (status = 403, description = "`not_allowed`; `point_not_yours`: a point outside the caller's subtree."),
        (status = 409, description = "`booking_conflict`: `params` name the other session: `code`, `title`, \
            `starts_at_us`, `ends_at_us`, `point`, and up to three free times: `free_1_us`, …; `guests_not_allowed`: the session is internal; \
            `try_again`: another session was made at the same moment."),
        (status = 422, description = "`secret_refused`: sessions with secret content are refused by design.")
    )
)]
async fn create(
    State(state): State<AppState>,
    asking: Asking<CreateSession>,
    Body(wanted): Body<NewSession>,
) -> ApiResult<(StatusCode, Json<Session>)> {
    let (now, actor) = (state.clock.now(), &asking.actor);
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let named = wanted.convening_unit.as_deref();
    let permit = asking.about(Convener::of(&tree, actor, named)?)?;
    let standing = state.standing(&mut tx).await?;
    let id = actions::create(&mut tx, &permit, &tree, &wanted, &standing, now).await?;
    let session = store::by_id(&mut tx, id)
        .await?
        .ok_or_else(|| ApiError::internal("a session vanished in its own transaction"))?;
    let made = view_session(&mut tx, &tree, actor, session, now).await?;
    let made = view::describe(&state, &mut tx, actor, made).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// A session by its code. Its `ETag` is what a change of it names in `If-Match`.
#[utoipa::path(
    get, path = "/sessions/{code}", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Session), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<ViewSession>,
    Path(code): Path<String>,
) -> ApiResult<(ETag, Json<Session>)> {
    let mut conn = state.store.read().await?;
    let found = view::find(&state, &mut conn, &asking.actor, &code).await?;
    let session = asking.about(found)?.into_inner();
    view::tagged(&state, &mut conn, &asking.actor, session).await
}

/// Ends a session: everybody in its room is told, its recordings are closed, its bookings released.
#[utoipa::path(
    post, path = "/sessions/{code}/end", tag = "session",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 204, description = "It is over, or was already."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn end(
    State(state): State<AppState>,
    asking: Asking<EndSession>,
    Path(code): Path<String>,
) -> ApiResult<StatusCode> {
    let mut tx = state.store.write().await?;
    let session = asking.about(view::find(&state, &mut tx, &asking.actor, &code).await?)?;
    let id = actions::end(&mut tx, &session, state.clock.now()).await?;
    tx.commit().await?;
    state.rooms.end(id).await;
    Ok(StatusCode::NO_CONTENT)
}
