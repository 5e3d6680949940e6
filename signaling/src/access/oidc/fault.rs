//! What can be wrong with the provider, for the log and for `doctor`. Nothing of a code, a token or a secret is in it.

use axum::http::StatusCode;
use office_core::oidc::ClaimsFault;
use protocol::api::ProblemCode;

use crate::platform::error::ApiError;

/// What is wrong with the provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing came, or it broke off.
    #[error("it does not answer: {0}")]
    Silent(String),
    /// The answer is none.
    #[error("it answers with status {0}")]
    Status(u16),
    /// The answer is to ask elsewhere.
    #[error("it sends on to another address, which is not followed")]
    Redirects,
    /// The answer is too long.
    #[error("its answer is too long")]
    TooLarge,
    /// The answer is not what it should be.
    #[error("its {0} cannot be read")]
    Unreadable(&'static str),
    /// The document is another provider's.
    #[error("it calls itself otherwise than oidc.issuer does, letter for letter")]
    OtherIssuer,
    /// What it names is not its own.
    #[error("its {0} lies at another host than its own")]
    Elsewhere(&'static str),
    /// It cannot do what is needed.
    #[error("it does not offer {0}")]
    Lacks(&'static str),
    /// It gave no token for the code.
    #[error("it takes the code for no token: {0}")]
    CodeRefused(&'static str),
    /// The ID token is not signed as it should be.
    #[error("its ID token {0}")]
    Signature(&'static str),
    /// What the ID token says does not count.
    #[error("its ID token does not count: {0}")]
    Claims(ClaimsFault),
}

impl Fault {
    /// A request that failed. What was asked stays out of the log.
    pub(super) fn silent(cause: reqwest::Error) -> Self {
        let cause = cause.without_url();
        let mut told = cause.to_string();
        let mut source = std::error::Error::source(&cause);
        while let Some(cause) = source {
            told = cause.to_string();
            source = cause.source();
        }
        Self::Silent(told)
    }

    /// Whether it is down, as against one that answers what cannot be believed.
    #[must_use]
    pub const fn is_down(&self) -> bool {
        matches!(self, Self::Silent(_) | Self::Status(500..))
    }
}

impl From<Fault> for ApiError {
    /// 424, and not 502: this server is well.
    fn from(fault: Fault) -> Self {
        tracing::warn!(%fault, "the sign-in provider failed");
        let (code, title) = if fault.is_down() {
            (ProblemCode::ProviderDown, "the provider does not answer")
        } else if matches!(fault, Fault::CodeRefused(_)) {
            let title = "the provider takes the code for no token";
            (ProblemCode::DepartureUnknown, title)
        } else {
            let title = "what the provider says cannot be believed; the server's log says why";
            (ProblemCode::ProviderRefused, title)
        };
        Self::new(StatusCode::FAILED_DEPENDENCY, code, title)
    }
}
