//! What every request passes through: origin check, time limit, counters, and the headers that tame browsers.

use std::any::Any;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use protocol::api::ProblemCode;

use crate::AppState;
use crate::platform::authority;
use crate::platform::error::ApiError;
use crate::platform::http::body;
use crate::platform::http::body::Whereabouts;
use crate::platform::http::caller::rests_on_cookie;

/// Refuses a change that a foreign page asks for with our cookie. `SameSite=Lax` keeps the cookie from most such
/// requests already, and JSON bodies keep forms out; this is the third lock.
pub(crate) async fn refuse_foreign_pages(request: Request, next: Next) -> Response {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    // A browser names the origin of every change; with our cookie and without it, something is wrong.
    let nameless = rests_on_cookie(headers) && !headers.contains_key(header::ORIGIN);
    if changes && (nameless || !authority::is_own_page(headers)) {
        return ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::ForeignOrigin,
            "the request does not come from a page of this server",
        )
        .into_response();
    }
    next.run(request).await
}

/// The time of this server, for clocks of pages: whole seconds, as HTTP tells it (RFC 9110, 6.6.1).
pub(crate) async fn date(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Ok(now) = HeaderValue::try_from(crate::platform::clock::http_date(state.clock.now())) {
        response.headers_mut().insert(header::DATE, now);
    }
    response
}

/// Answers a request that takes too long.
pub(crate) async fn time_out(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_secs(state.config.http.request_timeout_seconds.max(1));
    let body = request.extensions().get::<Whereabouts>().cloned();
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| {
            if body.is_some_and(|body| body.is_late()) {
                return body::late().into_response();
            }
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ProblemCode::Unavailable,
                "the server did not answer in time",
            )
            .retry_after(5)
            .into_response()
        })
}

/// Counts answers by class of status.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    state.metrics.count_response(response.status());
    response
}

/// What a panicking handler answers. The panic itself is in the log already.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    ApiError::internal("a handler panicked").into_response()
}

/// The policy of pages other than the web client's own, whose styles carry a nonce; see [`crate::platform::http::web`].
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Headers of every answer. No HSTS: a server with its own authority must stay reachable when its certificate changes.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let may_cache = !request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(POLICY);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), \
             speaker-selection=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !may_cache {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Of an address that is there; the router adds `Allow`.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ProblemCode::MethodNotAllowed,
        "this address does not take that method; Allow says which it takes",
    )
}
