//! `Idempotency-Key`: the name that a program gives a request, so that it may send it again when it heard no answer
//! (draft-ietf-httpapi-idempotency-key-header). See [`crate::platform::idempotency`].
//!
//! Every `POST` of the interface takes one but those whose answers hold secrets: these are told once and kept nowhere.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use protocol::api::ProblemCode;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::AppState;
use crate::access::{Actor, Identity, glimpse};
use crate::platform::database::Store;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::body_too_large;
use crate::platform::http::body::{Whereabouts, late};
use crate::platform::idempotency::{self, Answer, Claimed, HEADERS_KEPT, Named};

/// The header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a name may be.
const MOST_CHARS: usize = 200;

/// The longest body that is read to know a request again; a route takes less, or says so itself.
const MOST_REQUEST: usize = 16 * 1024 * 1024;
/// The longest answer that is kept.
const MOST_ANSWER: usize = 4 * 1024 * 1024;

/// What begins or ends with one of these answers with secrets (one-time codes, links, keys, cookies) or is about signing in.
const SECRET: [&str; 5] = [
    "/api/v1/account",
    "/api/v1/api-keys",
    "/api/v1/first-day",
    "/api/v1/links/",
    "/api/v1/sign-",
];
const SECRET_END: &str = "/links";

/// Whether a `POST` to this route may be given a name.
#[must_use]
pub(crate) fn takes_name(path: &str) -> bool {
    !SECRET.iter().any(|begin| path.starts_with(begin)) && !path.ends_with(SECRET_END)
}

/// Does a request once that has a name.
pub(crate) async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    named(&state, request, next)
        .await
        .unwrap_or_else(axum::response::IntoResponse::into_response)
}

async fn named(state: &AppState, request: Request, next: Next) -> ApiResult<Response> {
    let word = word(request.headers())?;
    let path = request.extensions().get::<MatchedPath>();
    if !path.is_some_and(|path| takes_name(path.as_str())) {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::IdempotencyNotHere,
            "the answer would hold a secret, which is told once: ask without Idempotency-Key",
        ));
    }
    let caller = match glimpse(state, request.headers()).await {
        Ok(actor) => caller(&actor),
        // The route says why.
        Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
            return Ok(next.run(request).await);
        }
        Err(refusal) => return Err(refusal),
    };
    let whereabouts = request.extensions().get::<Whereabouts>().cloned();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_REQUEST).await.map_err(|_| {
        if whereabouts.is_some_and(|body| body.is_late()) {
            late()
        } else {
            body_too_large()
        }
    })?;
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string());
    hash.update([0]);
    hash.update(&body);
    let named = Named {
        caller,
        word,
        request_hash: hash.finalize().to_vec(),
    };
    match idempotency::claim(&state.store, &named, state.clock.now()).await? {
        Claimed::Answered(answer) => Ok(again(answer)),
        Claimed::Ours(claim) => {
            let request = Request::from_parts(parts, Body::from(body));
            let store = state.store.clone();
            // It goes on when whoever asked has gone: they come back for the answer.
            let work = tokio::spawn(async move {
                let response = idempotency::under(claim, next.run(request)).await;
                settle(&store, claim, response).await
            });
            match work.await {
                Ok(response) => Ok(response),
                Err(broken) if broken.is_panic() => std::panic::resume_unwind(broken.into_panic()),
                Err(broken) => Err(ApiError::internal(broken)),
            }
        }
    }
}

/// The name that a request has.
fn word(headers: &HeaderMap) -> ApiResult<String> {
    let mut lines = headers.get_all(HEADER).iter();
    let said = lines.next().and_then(|line| line.to_str().ok());
    let said = said.unwrap_or_default().trim();
    let bare = said
        .strip_prefix('"')
        .and_then(|said| said.strip_suffix('"'))
        .unwrap_or(said);
    let plain = bare.bytes().all(|byte| byte.is_ascii_graphic());
    if bare.is_empty() || bare.len() > MOST_CHARS || !plain || lines.next().is_some() {
        return Err(ApiError::bad_request(
            ProblemCode::BadIdempotencyKey,
            "an Idempotency-Key has some printable characters",
        )
        .with("limit", MOST_CHARS));
    }
    Ok(bare.to_owned())
}

/// Who asks. Each guest of a link that is for anybody is one of their own.
fn caller(actor: &Actor) -> String {
    let name = actor.audit_name();
    match (&actor.identity, actor.sign_in) {
        (Identity::Link(_), Some(guest)) => format!("{name}/{guest}"),
        _ => name,
    }
}

/// Keeps the answer of what was done, and gives back the claim of what was refused.
async fn settle(store: &Store, claim: Uuid, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    if !parts.status.is_success() {
        if let Err(cause) = idempotency::release(store, claim).await {
            tracing::warn!(%cause, "a claim could not be given back; it runs out by itself");
        }
        return Response::from_parts(parts, body);
    }
    let Ok(body) = to_bytes(body, MOST_ANSWER).await else {
        return ApiError::internal("an answer is too long to be kept").into_response();
    };
    // Whatever sets a cookie holds a secret.
    if !parts.headers.contains_key(header::SET_COOKIE) {
        let mut headers = BTreeMap::new();
        for name in HEADERS_KEPT {
            let value = parts
                .headers
                .get(&name)
                .and_then(|value| value.to_str().ok());
            if let Some(value) = value {
                headers.insert(name.to_string(), value.to_owned());
            }
        }
        let answer = Answer {
            status: parts.status.as_u16(),
            headers,
            body: body.to_vec(),
        };
        if let Err(cause) = idempotency::keep(store, claim, &answer).await {
            tracing::warn!(%cause, "an answer could not be kept; who asks again is told that it was lost");
        }
    }
    Response::from_parts(parts, Body::from(body))
}

/// An answer that was kept.
fn again(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    for name in HEADERS_KEPT {
        let value = answer.headers.get(name.as_str());
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, HeaderValue::from_static(line));
        }
        word(&headers).ok()
    }

    #[test]
    fn name_is_one_line_of_printable_characters_quoted_or_not() {
        assert_eq!(said(&["a-1"]).as_deref(), Some("a-1"));
        assert_eq!(said(&["\"a-1\""]).as_deref(), Some("a-1"));
        assert_eq!(said(&["a 1"]), None);
        assert_eq!(said(&[""]), None);
        assert_eq!(said(&["\"\""]), None);
        assert_eq!(said(&["a", "a"]), None);
    }

    #[test]
    fn what_answers_with_secrets_takes_no_name() {
        for path in [
            "/api/v1/accounts/codes",
            "/api/v1/account/password",
            "/api/v1/sessions/{code}/links",
            "/api/v1/links/exchange",
            "/api/v1/api-keys",
            "/api/v1/sign-in/code",
            "/api/v1/first-day",
        ] {
            assert!(!takes_name(path), "{path}");
        }
        for path in [
            "/api/v1/sessions",
            "/api/v1/people",
            "/api/v1/unit-changes/import",
        ] {
            assert!(takes_name(path), "{path}");
        }
    }
}
