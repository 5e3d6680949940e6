//! WHIP: media in (RFC 9725).

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{patch, post};

use super::extract::Path;
use super::wish::{self, Kind};
use crate::AppState;
use crate::auth::ClientAddress;
use crate::error::ApiResult;

/// The routes of WHIP.
pub fn router(state: &AppState) -> Router<AppState> {
    wish::routes(state, Kind::Whip, post(publish), patch(change).delete(end))
}

/// Makes an encoder a participant, and its offer a peer.
async fn publish(
    State(state): State<AppState>,
    Path(session): Path<String>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> ApiResult<Response> {
    wish::begin(&state, Kind::Whip, &session, address, request).await
}

async fn change(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> ApiResult<Response> {
    wish::change(&state, Kind::Whip, (&session, &resource), address, request).await
}

async fn end(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    wish::end(&state, Kind::Whip, &session, &resource, &headers).await
}
