//! HTTP: transport only. Authenticate, parse, ask [`crate::authorise`], hand over.

use axum::Router;

use crate::AppState;

pub mod whep;
pub mod whip;

/// Every route of the server.
pub fn router(state: AppState) -> Router {
    Router::new().with_state(state)
}
