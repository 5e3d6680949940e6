//! WHEP: media out (draft-ietf-wish-whep). Each `POST` makes an anonymous viewer of its own.

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

/// The routes of WHEP.
pub fn router(state: &AppState) -> Router<AppState> {
    wish::routes(state, Kind::Whep, post(watch), patch(change).delete(end))
}

async fn watch(
    State(state): State<AppState>,
    Path(session): Path<String>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> ApiResult<Response> {
    wish::begin(&state, Kind::Whep, &session, address, request).await
}

async fn change(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> ApiResult<Response> {
    wish::change(&state, Kind::Whep, (&session, &resource), address, request).await
}

async fn end(
    State(state): State<AppState>,
    Path((session, resource)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    wish::end(&state, Kind::Whep, &session, &resource, &headers).await
}
