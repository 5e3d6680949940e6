//! Who somebody is, by the cookie or the token that a request shows.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use office_core::rights::{Act, Grants};
use protocol::api::{LinkPurpose, PointRef, ProblemCode};
use protocol::client::SessionRole;
use protocol::{
    AccountId, PersonId, PointId, SessionCode, SessionId, SignInId, TokenId, UtcMicros,
};

use crate::AppState;
use crate::access::tokens::AccessToken;
use crate::access::{accounts, tokens};
use crate::platform::clock::{day, minutes};
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::caller::{bearer, cookie};
use crate::platform::secret;

/// Somebody who was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub identity: Identity,
    /// The name to show.
    pub name: String,
    /// The login; none for somebody who came by a link.
    pub login: Option<String>,
    /// Roles; none for somebody who came by a link, which opens one session and nothing else.
    pub grants: Grants,
    /// The sign-in, when the request showed a cookie.
    pub sign_in: Option<SignInId>,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Somebody who signed in.
    Account {
        /// The account.
        id: AccountId,
        /// Whose it is.
        person: PersonId,
    },
    /// Somebody who came by a link or shows a token.
    Link(Box<LinkHolder>),
}

/// What a link or token says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHolder {
    /// The token's id.
    pub token: TokenId,
    /// What it may be used for.
    pub purpose: LinkPurpose,
    /// The one session it opens.
    pub session: SessionId,
    /// That session's code.
    pub session_code: SessionCode,
    /// The role in it.
    pub role: SessionRole,
    /// The point it belongs to.
    pub point: Option<PointId>,
    /// That point, as people are told of it.
    pub point_name: Option<PointRef>,
    /// The account it belongs to.
    pub account: Option<AccountId>,
    /// Whether it is for one person or place. Each guest of another is a participant of their own.
    pub personal: bool,
}

impl Actor {
    /// The account, when somebody signed in.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match &self.identity {
            Identity::Account { id, .. } => Some(*id),
            Identity::Link(_) => None,
        }
    }

    /// The person, when somebody signed in.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match &self.identity {
            Identity::Account { person, .. } => Some(*person),
            Identity::Link(_) => None,
        }
    }

    /// Whether the actor may do `A` to what these facts are of.
    #[must_use]
    pub fn may<A: Act>(&self, on: &A::On) -> bool {
        A::allows(&self.grants, on)
    }

    /// How the audit log names the actor.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match &self.identity {
            Identity::Account { id, .. } => format!("account:{id}"),
            Identity::Link(link) => format!("token:{}", link.token),
        }
    }

    /// Whether the actor may come for one of `purposes`. Whoever signed in may; a token only for its own, so that a WHIP token
    /// opens no WebSocket.
    #[must_use]
    pub fn may_serve_as(&self, purposes: &[LinkPurpose]) -> bool {
        match &self.identity {
            Identity::Account { .. } => true,
            Identity::Link(link) => purposes.contains(&link.purpose),
        }
    }
}

/// What somebody's being here rests on: taken away, they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A cookie.
    SignIn(SignInId),
    /// A bearer token.
    Token(TokenId),
}

/// Somebody whose credential was not taken away, and until when it holds by its date.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// Who.
    pub actor: Actor,
    /// By what.
    pub credential: Credential,
    /// The first moment at which it holds no longer.
    pub until: UtcMicros,
    /// When the credential was last shown, within some minutes, where that is kept.
    pub last_seen: Option<UtcMicros>,
}

impl Recognised {
    /// The same, if it holds at `now`.
    ///
    /// # Errors
    /// 401 `token_expired` for a link or token, `not_signed_in` for a sign-in.
    pub fn holding(self, now: UtcMicros) -> ApiResult<Self> {
        if now < self.until {
            return Ok(self);
        }
        Err(match self.actor.identity {
            Identity::Link(_) => ApiError::new(
                StatusCode::UNAUTHORIZED,
                ProblemCode::TokenExpired,
                "the link or token has expired",
            ),
            Identity::Account { .. } => ApiError::unauthenticated(),
        })
    }
}

/// Recognises whoever sent a request by its bearer token, else by its cookie.
///
/// # Errors
/// 401 with the reason when nobody is recognised.
pub(crate) async fn recognise(state: &AppState, headers: &HeaderMap) -> ApiResult<Actor> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let found = identify(&mut conn, headers, now).await?.holding(now)?;
    drop(conn);
    note_seen(state, &found, now);
    Ok(found.actor)
}

/// How old the note of when somebody was last seen may be: a write every few minutes, not one a request.
const SEEN_WITHIN: Duration = minutes(5);

/// Notes, some time soon, that somebody who signed in was here. Nobody waits for it, and nothing depends on it.
fn note_seen(state: &AppState, found: &Recognised, now: UtcMicros) {
    let (Identity::Account { .. }, Some(id)) = (&found.actor.identity, found.actor.sign_in) else {
        return;
    };
    if found
        .last_seen
        .is_some_and(|seen| now.since(seen) < SEEN_WITHIN)
    {
        return;
    }
    let store = state.store.clone();
    tokio::spawn(async move {
        let noted = async {
            let mut tx = store.write().await?;
            accounts::note_seen(&mut tx, id, now).await?;
            tx.commit().await
        };
        if let Err(cause) = noted.await {
            tracing::debug!(%cause, "it was not noted when somebody was last seen");
        }
    });
}

/// Finds out whose request it is, whether or not the credential still holds by its date. Roles are those of `now`.
///
/// # Errors
/// 401 with the reason when nobody is recognised, or the credential was taken away.
pub(crate) async fn identify(
    conn: &mut Conn,
    headers: &HeaderMap,
    now: UtcMicros,
) -> ApiResult<Recognised> {
    if let Some(bearer) = bearer(headers) {
        let token = tokens::by_hash(conn, &secret::hash(bearer))
            .await?
            .ok_or_else(ApiError::unauthenticated)?;
        return by_token(conn, token).await;
    }
    let shown = cookie(headers).ok_or_else(ApiError::unauthenticated)?;
    let sign_in = accounts::sign_in(conn, &secret::hash(&shown))
        .await?
        .ok_or_else(ApiError::unauthenticated)?;
    by_sign_in(conn, sign_in, now).await
}

/// The same for a credential that was shown before.
///
/// # Errors
/// 401 when it was taken away.
pub(crate) async fn identify_again(
    conn: &mut Conn,
    credential: Credential,
    now: UtcMicros,
) -> ApiResult<Recognised> {
    match credential {
        Credential::SignIn(id) => {
            let sign_in = accounts::sign_in_by_id(conn, id)
                .await?
                .ok_or_else(ApiError::unauthenticated)?;
            by_sign_in(conn, sign_in, now).await
        }
        Credential::Token(id) => {
            let token = tokens::by_id(conn, id)
                .await?
                .ok_or_else(ApiError::unauthenticated)?;
            by_token(conn, token).await
        }
    }
}

async fn by_token(conn: &mut Conn, token: AccessToken) -> ApiResult<Recognised> {
    let (credential, until) = (Credential::Token(token.id), token.expires_at);
    Ok(Recognised {
        actor: link_actor(conn, token, None, None).await?,
        credential,
        until,
        last_seen: None,
    })
}

async fn by_sign_in(
    conn: &mut Conn,
    sign_in: accounts::SignIn,
    now: UtcMicros,
) -> ApiResult<Recognised> {
    let credential = Credential::SignIn(sign_in.id);
    let mut until = sign_in.expires_at;
    if let Some(token) = sign_in.access_token_id {
        let token = tokens::by_id(conn, token)
            .await?
            .ok_or_else(ApiError::unauthenticated)?;
        until = until.min(token.expires_at);
        return Ok(Recognised {
            actor: link_actor(conn, token, sign_in.guest_name, Some(sign_in.id)).await?,
            credential,
            until,
            last_seen: sign_in.last_seen,
        });
    }
    let account = match sign_in.account_id {
        Some(id) => accounts::by_id(conn, id).await?,
        None => None,
    }
    .filter(|account| account.disabled_at.is_none())
    .ok_or_else(ApiError::unauthenticated)?;
    Ok(Recognised {
        actor: account_actor(conn, account, Some(sign_in.id), now).await?,
        credential,
        until,
        last_seen: sign_in.last_seen,
    })
}

/// Somebody who signed in.
///
/// # Errors
/// When the database fails.
pub async fn account_actor(
    conn: &mut Conn,
    account: accounts::Account,
    sign_in: Option<SignInId>,
    now: UtcMicros,
) -> ApiResult<Actor> {
    let grants = accounts::grants(conn, account.id, &day(now)).await?;
    Ok(Actor {
        identity: Identity::Account {
            id: account.id,
            person: account.person_id,
        },
        name: account.full_name,
        login: Some(account.login),
        grants,
        sign_in,
    })
}

/// Whoever came by a link or shows a token, whether or not it still holds by its date.
///
/// # Errors
/// 401 `token_revoked` when it was taken back; `not_signed_in` when its account was disabled or it names no session.
pub(crate) async fn link_actor(
    conn: &mut Conn,
    token: AccessToken,
    guest_name: Option<String>,
    sign_in: Option<SignInId>,
) -> ApiResult<Actor> {
    if token.revoked_at.is_some() {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::TokenRevoked,
            "the link or token was revoked",
        ));
    }
    let personal = !token.is_nameless();
    let (Some(session), Some(session_code)) = (token.session_id, token.session_code) else {
        return Err(ApiError::unauthenticated());
    };
    let mut name = token.display_name.or(guest_name);
    if name.is_none() {
        name = token.point.as_ref().map(|point| point.name.clone());
    }
    if let Some(account) = token.account_id {
        let account = accounts::by_id(conn, account)
            .await?
            .filter(|account| account.disabled_at.is_none())
            .ok_or_else(ApiError::unauthenticated)?;
        name = Some(account.full_name);
    }
    Ok(Actor {
        identity: Identity::Link(Box::new(LinkHolder {
            token: token.id,
            purpose: token.purpose,
            session,
            session_code,
            role: token.role,
            point: token.point_id,
            point_name: token.point,
            account: token.account_id,
            personal,
        })),
        name: name.unwrap_or_else(|| crate::platform::catalogue::GUEST.to_owned()),
        login: None,
        grants: Grants::default(),
        sign_in,
    })
}
