//! Extractors whose refusals are problems with a stable code.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::api::ProblemCode;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ApiResult};

/// A JSON body. Only `application/json` is taken, which no HTML form can send.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ProblemCode::NotJson,
                "the body must be application/json",
            )),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(body_too_large())
            }
            Err(rejection) => Err(ApiError::bad_request(
                ProblemCode::MalformedBody,
                "the body is not what it should be",
            )
            .with("detail", rejection.body_text())),
        }
    }
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
