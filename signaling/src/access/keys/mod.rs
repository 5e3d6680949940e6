//! Keys by which other systems ask the interface: `Authorization: Bearer dc_…`.
//!
//! A key belongs to a unit and whoever made it. It may what its scopes name, at its unit and below, as long as its maker
//! administers that unit: looked at with every request, so that it ends with them, or when it is taken back, at once.

mod actions;
pub(crate) mod http;
mod store;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use office_core::org::Lineage;
use office_core::rights::Grants;
use protocol::api::ProblemCode;
use protocol::{ApiKeyId, UtcMicros};

use super::identity::{Actor, Credential, Identity, KeyHolder, Recognised};
use crate::access::accounts;
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::secret;

pub(super) use store::note_used;

/// What a key begins with, so that people, and programs that look for lost secrets, know one when they see it.
pub(crate) const PREFIX: &str = "dc_";

/// How long a secret without a prefix is: a token may begin with these letters by chance, and is no key.
const TOKEN_CHARS: usize = 43;

/// Whether what somebody shows is to be a key, known or not.
#[must_use]
pub(crate) fn looks_like_one(shown: &str) -> bool {
    shown.starts_with(PREFIX) && shown.len() != TOKEN_CHARS
}

/// 401: the key is unknown, over, or taken back. Which, its page tells its owner, and nobody else.
pub(crate) fn not_valid() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::KeyNotValid,
        "the key is unknown, over, or taken back",
    )
}

/// Finds out whose key it is, whether or not it still holds by its date.
///
/// # Errors
/// 401 `key_not_valid` when nobody made it, it was taken back, or its maker administers its unit no more.
pub(super) async fn recognise(
    conn: &mut Conn,
    shown: &str,
    now: UtcMicros,
) -> ApiResult<Recognised> {
    let found = store::by_hash(conn, &secret::hash(shown)).await?;
    holder(conn, found.ok_or_else(not_valid)?, now).await
}

/// The same for a key that was shown before.
///
/// # Errors
/// 401 `key_not_valid`.
pub(super) async fn recognise_again(
    conn: &mut Conn,
    id: ApiKeyId,
    now: UtcMicros,
) -> ApiResult<Recognised> {
    let found = store::by_id(conn, id).await?;
    holder(conn, found.ok_or_else(not_valid)?, now).await
}

async fn holder(conn: &mut Conn, key: store::Key, now: UtcMicros) -> ApiResult<Recognised> {
    if key.revoked_at.is_some() || key.maker_disabled {
        return Err(not_valid());
    }
    let today = day(now);
    let made_by = accounts::grants(conn, key.made_by, &today).await?;
    let unit = Lineage(store::lineage(conn, key.unit, &today).await?);
    let grant = made_by.of_key(&unit).ok_or_else(not_valid)?;
    Ok(Recognised {
        credential: Credential::Key(key.id),
        until: key.expires_at,
        last_seen: key.last_used,
        actor: Actor {
            name: key.name,
            login: None,
            grants: Grants(vec![grant]),
            sign_in: None,
            by_second_factor: false,
            identity: Identity::Key(Box::new(KeyHolder {
                key: key.id,
                scopes: key.scopes,
                grant,
            })),
        },
    })
}

/// Refuses a request with a key in its address, which servers and proxies write down: whoever sends it so must have another
/// one made.
pub(crate) async fn refuse_in_address(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let is_key = |part: &str| part.len() > TOKEN_CHARS && looks_like_one(part);
    if query.split(['&', '=']).any(is_key) {
        return ApiError::bad_request(
            ProblemCode::KeyInAddress,
            "a key belongs into the header Authorization; have this one replaced",
        )
        .into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_that_begins_like_a_key_by_chance_is_none() {
        let secret = "A".repeat(40);
        assert!(!looks_like_one(&format!("dc_{secret}")));
        assert!(looks_like_one(&format!("dc_{secret}AAA")));
        assert!(looks_like_one("dc_"));
        assert!(!looks_like_one(&secret));
    }
}
