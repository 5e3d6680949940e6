//! Why a request was refused, as `application/problem+json` (RFC 9457).

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::api::{Problem, ProblemCode};
use protocol::client::JournalTrouble;

use crate::platform::database::{StoreError, Word};
use crate::platform::idempotency;

/// Why a request was refused. `code` is stable; causes are logged and never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code that the client translates.
    pub code: ProblemCode,
    /// One English sentence for the technician.
    pub title: String,
    /// Parameters of the sentence.
    pub params: BTreeMap<String, String>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

/// What a handler returns.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A refusal.
    pub fn new(status: StatusCode, code: ProblemCode, title: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            params: BTreeMap::new(),
            retry_after: None,
        }
    }

    /// The same with a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same with `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// 400: the request is not understood.
    pub fn bad_request(code: ProblemCode, title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, title)
    }

    /// 401: who are you?
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::NotSignedIn,
            "sign in, or show a token that is valid",
        )
    }

    /// 403: not you.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            ProblemCode::NotAllowed,
            "this needs rights that the caller does not have",
        )
    }

    /// 404: there is no such thing, or the caller may not know of it.
    pub fn not_found(code: ProblemCode) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "there is no such resource")
    }

    /// 500: our fault; the cause goes to the log.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ProblemCode::Internal,
            "the server failed; its log says why",
        )
    }
}

impl ApiError {
    /// 503: the database cannot do it at present.
    #[must_use]
    pub fn database(trouble: JournalTrouble) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::DatabaseUnavailable,
            "the database cannot be used at the moment; the server's log says why",
        )
        .with("trouble", Word(trouble))
        .retry_after(5)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Overtaken) {
            return idempotency::in_progress();
        }
        if error.is_for_now() {
            tracing::error!(cause = %error, "a request failed for now");
            return Self::database(error.trouble());
        }
        Self::internal(error)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.title, self.code)?;
        for (name, value) in &self.params {
            write!(f, ", {name} {value}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            status: self.status.as_u16(),
            code: self.code.to_string(),
            title: self.title,
            params: self.params,
        };
        let mut response = (self.status, Json(problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            // How to come back (RFC 9110, 15.5.2). Browsers ask nobody for a password by this scheme.
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
