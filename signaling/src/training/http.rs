//! Training classes.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use office_core::rights::{ClassFacts, ListClasses, ViewClass};
use protocol::api::{ClassModule, Page, ProblemCode, Session, TrainingClass};
use protocol::{ClassId, text};
use utoipa_axum::router::OpenApiRouter;

use crate::AppState;
use crate::access::{Actor, Asking, Subject, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Path, Query};
use crate::platform::paging::{PageAsked, cut, two};
use crate::schedule::classes::{self, After, ListedClass};
use crate::schedule::sessions::{self, OfClass, view};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list))
        .routes(routes_asking!(detail))
}

/// How many classes a page of the list holds at most.
const PAGE: usize = 50;

/// For how long after its planned end a session may still be held, and so stands in the list of classes.
const OVERTIME: Duration = Duration::from_hours(24);

fn parse_cursor(cursor: &str) -> ApiResult<After> {
    two(cursor, |year, code| {
        Some(After {
            year: year.parse().ok()?,
            code: text::key(code)?,
        })
    })
}

/// Lists the classes that the caller may see, newest year first, each with those of its sessions that are not over.
#[utoipa::path(
    get, path = "/classes", tag = "class", params(PageAsked),
    responses((status = 200, body = Page<TrainingClass>), (status = 400, description = "`malformed_query`."), (status = 401))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListClasses>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<TrainingClass>>> {
    let after = asked.cursor.as_deref().map(parse_cursor).transpose()?;
    let classes = classes::Filter {
        id: None,
        after: after.unwrap_or(After::BEGINNING),
        limit: PAGE + 1,
    };
    // A session may be held for longer than was planned.
    let sessions = sessions::Filter {
        class: OfClass::Any,
        from: state.clock.now().minus(OVERTIME),
        ..sessions::Filter::EVERY
    };
    let mut conn = state.store.read().await?;
    let mut items = told(&state, &mut conn, &asking.actor, &classes, &sessions).await?;
    let next = cut(&mut items, PAGE, |last| {
        format!("{}.{}", last.year, last.code)
    });
    Ok(Json(Page { items, next }))
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
    let class = asking.about(find(&state, &mut conn, &asking.actor, &code).await?)?;
    let classes = classes::Filter {
        id: Some(class.id),
        after: After::BEGINNING,
        limit: 1,
    };
    let sessions = sessions::Filter {
        class: OfClass::This(class.id),
        ..sessions::Filter::EVERY
    };
    let mut seen = told(&state, &mut conn, &asking.actor, &classes, &sessions).await?;
    seen.pop().map(Json).ok_or_else(ApiError::forbidden)
}

/// A class, and what of it matters to rights.
struct FoundClass {
    id: ClassId,
    facts: ClassFacts,
}

impl Subject<ClassFacts> for FoundClass {
    fn facts(&self) -> &ClassFacts {
        &self.facts
    }
}

async fn find(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    code: &str,
) -> ApiResult<FoundClass> {
    let class = classes::by_code(conn, code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownClass))?;
    let enrolled = match actor.person() {
        Some(person) => classes::is_enrolled(conn, class.id, person).await?,
        None => false,
    };
    let tree = state.tree(conn).await?;
    let unit = tree.lineage(class.unit_id);
    Ok(FoundClass {
        id: class.id,
        facts: ClassFacts { unit, enrolled },
    })
}

/// The classes that `actor` may see, each with those of the sessions that `actor` may see: three queries, however many
/// there are.
async fn told(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    which: &classes::Filter,
    of_them: &sessions::Filter,
) -> ApiResult<Vec<TrainingClass>> {
    // A link opens a session, no class.
    let Some(reader) = actor.reader() else {
        return Ok(Vec::new());
    };
    let now = state.clock.now();
    let tree = state.tree(conn).await?;
    let standing = state.standing(conn).await?;
    let mut sessions: HashMap<ClassId, Vec<Session>> = HashMap::new();
    for listed in sessions::visible(conn, &tree, actor, of_them, now).await? {
        if let Some(class) = listed.session.class {
            let told = view::describe_listed(state, (&*tree, &*standing), actor, listed);
            sessions.entry(class).or_default().push(told);
        }
    }
    let mut modules: HashMap<ClassId, Vec<ClassModule>> = HashMap::new();
    for (class, module) in classes::modules(conn, which.id).await? {
        modules.entry(class).or_default().push(module);
    }
    let listed = classes::visible_to(conn, &reader, &day(now), which).await?;
    let tell = |ListedClass { class, trainees }| TrainingClass {
        modules: modules.remove(&class.id).unwrap_or_default(),
        sessions: sessions.remove(&class.id).unwrap_or_default(),
        enrolled: u32::try_from(trainees).unwrap_or(u32::MAX),
        unit: tree.name(class.unit_id),
        year: i32::try_from(class.year).unwrap_or_default(),
        code: class.code,
        title: class.title,
    };
    Ok(listed.into_iter().map(tell).collect())
}
