//! Pages of other servers at the doors for encoders and players (Fetch Standard, 3.3): they may publish and play with a
//! bearer token, which a page has only when somebody gave it to it, and never with our cookie.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use protocol::api::ProblemCode;

use crate::AppState;
use crate::platform::authority;
use crate::platform::error::ApiError;
use crate::platform::http::caller::rests_on_cookie;

/// Every origin.
const ANY: &str = "*";

/// What such pages may do, and what they may read of the answers.
const METHODS: HeaderValue = HeaderValue::from_static("POST, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, If-Match");
const RESPONSE_HEADERS: HeaderValue =
    HeaderValue::from_static("Location, ETag, Link, Accept-Patch, Retry-After");
/// How long a browser remembers that it may, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("3600");

/// Answers preflights, lets allowed origins read what is answered, and refuses the cookie from everywhere but our own pages.
pub(crate) async fn let_pages_in(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let own = authority::is_own_page(headers);
    let origin = headers.get(header::ORIGIN).cloned();
    let asks = *request.method() == Method::OPTIONS;
    // A browser names the origin of every change.
    if rests_on_cookie(headers) && !asks && (!own || origin.is_none()) {
        return foreign();
    }
    let Some(origin) = origin.filter(|_| !own) else {
        return next.run(request).await;
    };
    let Some(allowed) = allowed(&state.config.http.media_origins, &origin) else {
        return foreign();
    };
    let is_preflight = asks && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let may = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ];
        (StatusCode::NO_CONTENT, may).into_response()
    } else {
        next.run(request).await
    };
    admit(response.headers_mut(), allowed);
    response
}

/// What `Access-Control-Allow-Origin` says to a page of `origin`; nothing when it may not read the answer.
fn allowed(origins: &[String], origin: &HeaderValue) -> Option<HeaderValue> {
    if origins.iter().any(|known| known == ANY) {
        return Some(HeaderValue::from_static(ANY));
    }
    let known = |known: &String| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
    origins.iter().any(known).then(|| origin.clone())
}

fn admit(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

fn foreign() -> Response {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ProblemCode::ForeignOrigin,
        "a page of another server needs a bearer token, and an origin that is allowed",
    )
    .into_response()
}
