//! WHIP: media in (RFC 9725).

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

/// The routes of WHIP.
pub fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/whip/{session}",
            post(publish).options(wish::endpoint_options),
        )
        .route(
            "/whip/{session}/{resource}",
            patch(change).delete(end).options(wish::resource_options),
        )
}

/// Makes an encoder a participant, and its offer a peer.
async fn publish(
    State(state): State<AppState>,
    Path(session): Path<String>,
    headers: HeaderMap,
    offer: Bytes,
) -> ApiResult<Response> {
    wish::begin(&state, Kind::Whip, &session, &headers, &offer).await
}

async fn change(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
    fragment: Bytes,
) -> ApiResult<Response> {
    wish::change(&state, Kind::Whip, &session, &resource, &headers, &fragment).await
}

async fn end(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    wish::end(&state, Kind::Whip, &session, &resource, &headers).await
}
