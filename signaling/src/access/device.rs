//! By what and from where somebody signs in, so that they recognise their own sign-ins.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use protocol::text::Rule;

use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::caller::ClientAddress;

/// How much of what a browser calls itself is kept.
const BROWSER: Rule = Rule::line(300);

/// By what and from where somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What the browser calls itself (`User-Agent`).
    pub browser: Option<String>,
    /// The address that it came from.
    pub address: String,
}

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        let named = parts.headers.get(header::USER_AGENT);
        let named = named.and_then(|value| value.to_str().ok());
        Ok(Self {
            browser: named.and_then(|name| BROWSER.admit(name).ok()),
            address: address.to_string(),
        })
    }
}
