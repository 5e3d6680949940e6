//! WHEP: media out (draft-ietf-wish-whep). Each `POST` makes an anonymous viewer of its own.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{patch, post};

use super::extract::Path;
use super::wish::{self, Kind};
use crate::AppState;
use crate::error::ApiResult;

/// The routes of WHEP.
pub fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/whep/{session}",
            post(watch).options(wish::endpoint_options),
        )
        .route(
            "/whep/{session}/{resource}",
            patch(change).delete(end).options(wish::resource_options),
        )
}

async fn watch(
    State(state): State<AppState>,
    Path(session): Path<String>,
    headers: HeaderMap,
    offer: Bytes,
) -> ApiResult<Response> {
    wish::begin(&state, Kind::Whep, &session, &headers, &offer).await
}

async fn change(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
    fragment: Bytes,
) -> ApiResult<Response> {
    wish::change(&state, Kind::Whep, &session, &resource, &headers, &fragment).await
}

async fn end(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    wish::end(&state, Kind::Whep, &session, &resource, &headers).await
}
