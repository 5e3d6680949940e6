//! HTTP: transport only. Authenticate, parse, ask [`office_core::rights`], hand over.
//!
//! One router per resource. Each route of `/api/v1` is described beside its handler, with the action it asks
//! [`office_core::rights`] for; `/openapi.json` is put together from these descriptions.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use protocol::api::{Problem, ProblemCode};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::live::{wish, ws};
use crate::platform::authority;
use crate::platform::error::ApiError;
use crate::platform::http::{API, body, guard, service, web};
use crate::{
    AppState, access, description, live, monitor, org, recording, schedule, system, training,
};

#[doc(hidden)]
pub use crate::live::sdp::fuzz as fuzz_sdp;

#[derive(utoipa::OpenApi)]
#[openapi(
    components(schemas(Problem)),
    info(
        title = "Điểm Cầu",
        description = "The video bridge of a provincial education department. Errors are application/problem+json with a \
                   stable `code`; lists are pages with a cursor; times are microseconds UTC. `x-action` names the \
                   action that each route asks authorisation for, which audit lines have too."
    )
)]
struct Description;

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi()).nest(
        API,
        OpenApiRouter::new()
            .merge(access::http::router())
            .merge(schedule::sessions::http::router())
            .merge(schedule::changes::http::router())
            .merge(schedule::links::http::router())
            .merge(schedule::notices::http::router())
            .merge(schedule::officers::http::router())
            .merge(live::http::router())
            .merge(org::units::http::router())
            .merge(org::changes::http::router())
            .merge(org::accounts::http::router())
            .merge(org::first_day::http::router())
            .merge(org::points::http::router())
            .merge(org::people::http::router())
            .merge(org::imports::http::router())
            .merge(org::points::register::http::router())
            .merge(monitor::http::router())
            .merge(training::http::router())
            .merge(recording::http::router())
            .merge(system::log::http::router())
            .merge(system::backup::http::router())
            .merge(system::erasure::http::router())
            .merge(system::settings::http::router())
            .merge(system::guide::http::router()),
    )
}

/// Routes whose answers may take as long as a film, or a file of many lines.
fn media() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().nest(
        API,
        recording::play::router()
            .merge(system::log::http::files())
            .merge(system::erasure::http::files()),
    )
}

/// The description of the REST interface, as served under `/openapi.json`.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut described = api().into_openapi().merge_from(media().into_openapi());
    description::complete(&mut described);
    described
}

/// Every route of the server.
pub fn router(state: AppState) -> Router {
    let description = openapi();
    let requests = Router::from(api())
        .route(
            "/openapi.json",
            get(move || std::future::ready(axum::Json(description))),
        )
        .merge(service::router())
        .layer(from_fn_with_state(state.clone(), access::idempotent::once))
        .layer(from_fn_with_state(state.clone(), guard::time_out))
        .layer(from_fn(guard::refuse_foreign_pages));
    Router::new()
        .merge(requests)
        .merge(Router::from(media()).layer(from_fn(guard::refuse_foreign_pages)))
        .merge(wish::router(&state, wish::Kind::Whip))
        .merge(wish::router(&state, wish::Kind::Whep))
        .merge(ws::router())
        .route("/api/{*rest}", axum::routing::any(no_such_route))
        .merge(web::router(&state))
        .method_not_allowed_fallback(guard::method_not_allowed)
        .layer(DefaultBodyLimit::max(state.config.http.max_body_bytes))
        .layer(from_fn(access::keys::refuse_in_address))
        .layer(from_fn_with_state(state.clone(), body::watch))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            guard::panicked,
        ))
        .layer(from_fn_with_state(state.clone(), guard::count))
        .layer(from_fn(guard::harden))
        .layer(from_fn_with_state(state.clone(), guard::date))
        .layer(from_fn_with_state(state.clone(), authority::settle))
        .with_state(state)
}

async fn no_such_route() -> ApiError {
    ApiError::not_found(ProblemCode::NoSuchRoute)
}
