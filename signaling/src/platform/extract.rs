//! Extractors whose refusals are problems with a stable code.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::UtcMicros;
use protocol::api::ProblemCode;
use protocol::text::{self, Rule, TextFault};
use serde::de::DeserializeOwned;

use crate::platform::clock::plausible;
use crate::platform::error::{ApiError, ApiResult};

/// A JSON body. Only `application/json` is taken, which no HTML form can send.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(whole, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    body_too_large()
                } else {
                    malformed(&rejection)
                }
            })?;
        let again = Request::from_parts(parts, bytes.clone().into());
        match axum::Json::<T>::from_request(again, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ProblemCode::NotJson,
                "the body must be application/json",
            )),
            Err(_) if std::str::from_utf8(&bytes).is_ok_and(text::has_half_character) => {
                Err(ApiError::bad_request(
                    ProblemCode::UnreadableText,
                    "a text of the body has half a character",
                ))
            }
            Err(rejection) => Err(ApiError::bad_request(
                ProblemCode::MalformedBody,
                "the body is not what it should be",
            )
            .with("detail", rejection.body_text())),
        }
    }
}

fn malformed(rejection: &BytesRejection) -> ApiError {
    ApiError::bad_request(ProblemCode::MalformedBody, "the body cannot be read")
        .with("detail", rejection.body_text())
}

/// 413: the body is longer than the configuration allows.
#[must_use]
pub fn body_too_large() -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::TooLarge,
        "the body is longer than this server takes",
    )
}

/// Parameters after the `?`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| {
                ApiError::bad_request(
                    ProblemCode::MalformedQuery,
                    "a parameter is not what it should be",
                )
                .with("detail", rejection.body_text())
            })
    }
}

/// Parameters in the path.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(path)| Self(path))
            .map_err(|rejection| {
                ApiError::bad_request(ProblemCode::MalformedPath, "the address cannot be read")
                    .with("detail", rejection.body_text())
            })
    }
}

/// A time in the query, within the years that have a date.
///
/// # Errors
/// 400 `malformed_query`.
pub fn time(name: &str, us: i64) -> ApiResult<UtcMicros> {
    plausible(us).ok_or_else(|| {
        ApiError::bad_request(
            ProblemCode::MalformedQuery,
            "a time is in microseconds, between the years 1970 and 9999",
        )
        .with("detail", name)
    })
}

/// Lets a text through by its rule; what it is refused with has `code`, and says why in `reason` and `limit`.
///
/// # Errors
/// 400 with `code`.
pub fn admit(rule: Rule, text: &str, code: ProblemCode) -> ApiResult<String> {
    rule.admit(text).map_err(|fault: TextFault| {
        ApiError::bad_request(code, fault.to_string())
            .with("reason", fault.word())
            .with("limit", rule.max_chars)
    })
}
