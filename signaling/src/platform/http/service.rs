//! Routes for whoever runs the server: health, metrics, the certificate of its authority.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use protocol::api::ProblemCode;
use serde_json::json;

use crate::AppState;
use crate::platform::catalogue;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::metrics::metrics;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/ca.crt", get(authority))
        .route("/ca", get(instructions))
}

/// The process serves requests.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The server can hold a session: the database answers and takes writes, and the SFU answers.
async fn readyz(State(state): State<AppState>) -> Response {
    let database = state.store.answers().await;
    let trouble = state.rooms.journal_health().trouble;
    let sfu = state.rooms.sfu_is_up();
    let status = if database && trouble.is_none() && sfu {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let answer = json!({
        "database": database,
        "writes": trouble.is_none(),
        "trouble": trouble,
        "sfu": sfu,
    });
    (status, Json(answer)).into_response()
}

/// The certificate of the server's own authority, for devices to trust.
async fn authority(State(state): State<AppState>) -> ApiResult<Response> {
    let pem = state
        .certificates
        .authority_pem()
        .ok_or_else(|| ApiError::not_found(ProblemCode::NoOwnAuthority))?;
    Ok((
        [
            (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"diemcau-ca.crt\"",
            ),
        ],
        pem.to_owned(),
    )
        .into_response())
}

/// How to make a device trust that certificate.
async fn instructions() -> Html<&'static str> {
    Html(catalogue::TRUST_THE_AUTHORITY)
}
