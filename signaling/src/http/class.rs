//! Training classes.

use axum::Json;
use axum::extract::State;
use protocol::api::{Page, ProblemCode, TrainingClass};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::describe as describe_session;
use crate::AppState;
use crate::admission::view_session;
use crate::auth::Actor;
use crate::authorise::{Action, Resource, authorise};
use crate::clock::day;
use crate::error::{ApiError, ApiResult};
use crate::extract::Path;
use crate::store::class::Class;
use crate::store::unit::Tree;
use crate::store::{self, Conn};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
}

/// Lists the classes that the caller may see, newest year first.
#[utoipa::path(
    get, path = "/classes", tag = "class",
    responses((status = 200, body = Page<TrainingClass>), (status = 401)),
    extensions(("x-action" = json!("list_classes")))
)]
async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<Page<TrainingClass>>> {
    authorise(&actor, Action::ListClasses, Resource::Nothing)?;
    let mut conn = state.store.read().await?;
    let tree = Tree::load(&mut conn, &day(state.clock.now())).await?;
    let mut items = Vec::new();
    for class in store::class::all(&mut conn).await? {
        if may_view(&mut conn, &tree, &actor, &class).await? {
            items.push(describe(&state, &mut conn, &tree, &actor, class).await?);
        }
    }
    Ok(Json(Page { items, next: None }))
}

/// A class by its code, with the sessions that the caller may see.
#[utoipa::path(
    get, path = "/classes/{code}", tag = "class",
    params(("code" = String, Path, description = "Code of the class.")),
    responses((status = 200, body = TrainingClass), (status = 401), (status = 403),
        (status = 404, description = "`unknown_class`.")),
    extensions(("x-action" = json!("view_class")))
)]
async fn detail(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<TrainingClass>> {
    let mut conn = state.store.read().await?;
    let class = store::class::by_code(&mut conn, &code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownClass))?;
    let tree = Tree::load(&mut conn, &day(state.clock.now())).await?;
    if !may_view(&mut conn, &tree, &actor, &class).await? {
        return Err(ApiError::forbidden());
    }
    Ok(Json(
        describe(&state, &mut conn, &tree, &actor, class).await?,
    ))
}

async fn may_view(conn: &mut Conn, tree: &Tree, actor: &Actor, class: &Class) -> ApiResult<bool> {
    let enrolled = match actor.person() {
        Some(person) => store::class::is_enrolled(conn, class.id, person).await?,
        None => false,
    };
    let resource = Resource::Class {
        unit: &tree.lineage(class.unit_id),
        enrolled,
    };
    Ok(authorise(actor, Action::ViewClass, resource).is_ok())
}

async fn describe(
    state: &AppState,
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    class: Class,
) -> ApiResult<TrainingClass> {
    let mut sessions = Vec::new();
    for session in store::session::of_class(conn, class.id).await? {
        let view = view_session(conn, tree, actor, session, state.clock.now()).await?;
        if authorise(actor, Action::ViewSession, Resource::Session(&view.facts)).is_ok() {
            sessions.push(describe_session(state, conn, tree, actor, view).await?);
        }
    }
    Ok(TrainingClass {
        modules: store::class::modules(conn, class.id).await?,
        enrolled: store::class::enrolled(conn, class.id).await?,
        unit: tree.name(class.unit_id),
        year: i32::try_from(class.year).unwrap_or_default(),
        code: class.code,
        title: class.title,
        sessions,
    })
}
