//! Which version of a thing somebody changes: `ETag` with what is read, `If-Match` with what is written (RFC 9110, 8.8.3
//! and 13.1.1). Whoever changes what somebody else has changed meanwhile is refused, once, and reads again.

use std::convert::Infallible;
use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponseParts, ResponseParts};
use protocol::api::ProblemCode;

use crate::platform::error::{ApiError, ApiResult};

/// What proxies put behind a tag when they compress an answer.
const OF_PROXIES: [&str; 5] = ["--gzip", "-gzip", ";gzip", "-br", "-zstd"];

/// The tag of one version of a thing. Said in a header it stands between quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of a thing whose changes are counted: its count.
    pub(crate) fn of_version(version: i64) -> Self {
        Self(version.to_string())
    }

    /// A tag by its text, which has neither quotation marks nor commas.
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for ETag {
    /// As it stands in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl IntoResponseParts for ETag {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let value = HeaderValue::from_str(&self.to_string());
        let value = value.expect("a tag is made of characters that a header may have");
        parts.headers_mut().insert(header::ETAG, value);
        Ok(parts)
    }
}

/// The `If-Match` of a request. As an argument of a handler that writes, it is followed by [`IfMatch::demand`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// What a request says, over several lines perhaps.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        const NAME: HeaderName = header::IF_MATCH;
        let lines = headers.get_all(NAME).iter();
        let mut tags = lines
            .filter_map(|value: &HeaderValue| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().to_owned())
            .peekable();
        Self(tags.peek().is_some().then(|| tags.collect()))
    }

    /// Whether `current` is among the versions named, whatever a proxy has made of its tag; none when none is named. `*`
    /// names every version.
    pub(crate) fn names(&self, current: &ETag) -> Option<bool> {
        self.any(|tag| opaque(tag) == current.0)
    }

    /// The same by the letter of RFC 9110, 8.8.3.2: a tag that is marked as weak names nothing.
    pub(crate) fn names_strictly(&self, current: &ETag) -> Option<bool> {
        let current = current.to_string();
        self.any(|tag| tag == current)
    }

    fn any(&self, is_it: impl Fn(&str) -> bool) -> Option<bool> {
        let tags = self.0.as_ref()?;
        Some(tags.iter().any(|tag| tag == "*" || is_it(tag)))
    }

    /// Lets a change pass that is made to the version that stands.
    ///
    /// # Errors
    /// 428 `if_match_required` when no version is named; 412 `changed_meanwhile` with the `etag` that stands when it is
    /// another one.
    pub(crate) fn demand(&self, current: &ETag) -> ApiResult<()> {
        match self.names(current) {
            Some(true) => Ok(()),
            Some(false) => Err(ApiError::new(
                StatusCode::PRECONDITION_FAILED,
                ProblemCode::ChangedMeanwhile,
                "somebody has changed it meanwhile: read it again",
            )
            .with("etag", current)),
            None => Err(ApiError::new(
                StatusCode::PRECONDITION_REQUIRED,
                ProblemCode::IfMatchRequired,
                "say If-Match with the ETag of what is changed",
            )),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// What a tag says, whatever a proxy has made of it: one that compresses marks the tag as weak, or writes its own name
/// behind it. What the tag stands for, the version of a row, is the same in every encoding.
fn opaque(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let text = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(tag);
    let added = OF_PROXIES.iter().find_map(|name| text.strip_suffix(name));
    added.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&str]) -> IfMatch {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, line.parse().unwrap());
        }
        IfMatch::of(&headers)
    }

    #[test]
    fn tag_that_a_compressing_proxy_has_touched_names_the_same_version() {
        let seven = ETag::of_version(7);
        assert_eq!(seven.to_string(), "\"7\"");
        for tag in [
            "\"7\"",
            "W/\"7\"",
            "\"7-gzip\"",
            "W/\"7--gzip\"",
            "\"7;gzip\"",
            "\"7-br\"",
        ] {
            assert!(said(&[tag]).demand(&seven).is_ok(), "{tag}");
        }
    }

    #[test]
    fn one_of_several_is_enough_and_the_star_names_every_version() {
        let seven = ETag::of_version(7);
        assert_eq!(said(&["\"5\", W/\"7\""]).names(&seven), Some(true));
        assert_eq!(said(&["\"5\"", "\"7\""]).names(&seven), Some(true));
        assert_eq!(said(&["*"]).names(&seven), Some(true));
    }

    #[test]
    fn another_version_is_refused_and_so_is_silence() {
        let seven = ETag::of_version(7);
        for tag in ["\"8\"", "\"77\"", "\"\"", "7x", "W/\"6\""] {
            let refusal = said(&[tag]).demand(&seven).unwrap_err();
            assert_eq!(refusal.status, StatusCode::PRECONDITION_FAILED, "{tag}");
            assert_eq!(refusal.code, ProblemCode::ChangedMeanwhile);
            assert_eq!(refusal.params["etag"], "\"7\"");
        }
        let refusal = said(&[]).demand(&seven).unwrap_err();
        assert_eq!(refusal.status, StatusCode::PRECONDITION_REQUIRED);
        assert_eq!(refusal.code, ProblemCode::IfMatchRequired);
    }
}
