//! Training classes.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use office_core::rights::{ClassFacts, ListClasses, ViewClass};
use protocol::ClassId;
use protocol::api::{ClassModule, Page, ProblemCode, Session, TrainingClass};
use utoipa_axum::router::OpenApiRouter;

use crate::AppState;
use crate::access::{Actor, Asking, routes_asking};
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Path;
use crate::schedule::classes::{self, ListedClass};
use crate::schedule::sessions::{self, Filter, OfClass, view};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list))
        .routes(routes_asking!(detail))
}

/// Lists the classes that the caller may see, newest year first.
#[utoipa::path(
    get, path = "/classes", tag = "class",
    responses((status = 200, body = Page<TrainingClass>), (status = 401))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListClasses>,
) -> ApiResult<Json<Page<TrainingClass>>> {
    let mut conn = state.store.read().await?;
    let items = told(&state, &mut conn, &asking.actor, None).await?;
    Ok(Json(Page { items, next: None }))
}

/// A class by its code, with the sessions that the caller may see.
#[utoipa::path(
    get, path = "/classes/{code}", tag = "class",
    params(("code" = String, Path, description = "Code of the class.")),
    responses((status = 200, body = TrainingClass), (status = 401), (status = 403),
        (status = 404, description = "`unknown_class`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<ViewClass>,
    Path(code): Path<String>,
) -> ApiResult<Json<TrainingClass>> {
    let mut conn = state.store.read().await?;
    let class = classes::by_code(&mut conn, &code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownClass))?;
    let mut seen = told(&state, &mut conn, &asking.actor, Some(class.id)).await?;
    seen.pop().map(Json).ok_or_else(ApiError::forbidden)
}

/// The classes that `actor` may see, or the one with this id, each with the sessions of it that `actor` may see: four
/// queries, however many there are.
async fn told(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    id: Option<ClassId>,
) -> ApiResult<Vec<TrainingClass>> {
    let tree = state.tree(conn).await?;
    let of_classes = Filter {
        class: id.map_or(OfClass::Any, OfClass::This),
        ..Filter::EVERY
    };
    let mut sessions: HashMap<ClassId, Vec<Session>> = HashMap::new();
    for listed in sessions::visible(conn, &tree, actor, &of_classes, state.clock.now()).await? {
        if let Some(class) = listed.session.class {
            let told = view::describe_listed(state, &tree, actor, listed);
            sessions.entry(class).or_default().push(told);
        }
    }
    let mut modules: HashMap<ClassId, Vec<ClassModule>> = HashMap::new();
    for (class, module) in classes::modules(conn, id).await? {
        modules.entry(class).or_default().push(module);
    }
    let listed = classes::listed(conn, id, actor.person()).await?.into_iter();
    let is_seen = |listed: &ListedClass| {
        actor.may::<ViewClass>(&ClassFacts {
            unit: tree.lineage(listed.class.unit_id),
            enrolled: listed.enrolled,
        })
    };
    Ok(listed
        .filter(is_seen)
        .map(
            |ListedClass {
                 class, trainees, ..
             }| TrainingClass {
                modules: modules.remove(&class.id).unwrap_or_default(),
                sessions: sessions.remove(&class.id).unwrap_or_default(),
                enrolled: u32::try_from(trainees).unwrap_or(u32::MAX),
                unit: tree.name(class.unit_id),
                year: i32::try_from(class.year).unwrap_or_default(),
                code: class.code,
                title: class.title,
            },
        )
        .collect())
}
