//! Who somebody is, by the cookie, the token or the key that a request shows.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use office_core::rights::{Act, Grant, Grants};
use protocol::api::{AccountRole, ApiScope, LinkPurpose, PointRef, ProblemCode};
use protocol::client::SessionRole;
use protocol::{
    AccountId, ApiKeyId, PersonId, PointId, SessionCode, SessionId, SignInId, TokenId, UnitId,
    UtcMicros,
};
use uuid::Uuid;

use crate::AppState;
use crate::access::tokens::AccessToken;
use crate::access::{accounts, keys, second_factor, tokens};
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
    /// Whether that sign-in showed a second factor.
    pub by_second_factor: bool,
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
    /// Another system that shows a key.
    Key(Box<KeyHolder>),
}

/// What a key says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id.
    pub key: ApiKeyId,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// The one role by which it works, and the unit at the root of what it reaches.
    pub grant: Grant,
}

/// By whom a list is read, as its query is told: somebody with an account, or a key, which is appointed nowhere.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The account; that of nobody for a key.
    pub account: AccountId,
    /// Whose it is; nobody for a key.
    pub person: PersonId,
    /// What a key reaches, and by which role.
    pub key: Option<Grant>,
}

impl Reader {
    /// Somebody with an account.
    #[must_use]
    pub const fn of_account(account: AccountId, person: PersonId) -> Self {
        Self {
            account,
            person,
            key: None,
        }
    }

    /// The unit at the root of what a key reaches.
    #[must_use]
    pub fn key_unit(&self) -> Option<UnitId> {
        self.key.map(|grant| grant.unit)
    }

    /// The role by which a key works.
    #[must_use]
    pub fn key_role(&self) -> Option<AccountRole> {
        self.key.map(|grant| grant.role)
    }
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
            Identity::Link(_) | Identity::Key(_) => None,
        }
    }

    /// The person, when somebody signed in.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match &self.identity {
            Identity::Account { person, .. } => Some(*person),
            Identity::Link(_) | Identity::Key(_) => None,
        }
    }

    /// By whom lists are read; none for somebody who came by a link, which opens one session and nothing else.
    #[must_use]
    pub fn reader(&self) -> Option<Reader> {
        match &self.identity {
            Identity::Account { id, person } => Some(Reader::of_account(*id, *person)),
            Identity::Link(_) => None,
            Identity::Key(key) => Some(Reader {
                account: AccountId(Uuid::nil()),
                person: PersonId(Uuid::nil()),
                key: Some(key.grant),
            }),
        }
    }

    /// What a key may be used for; none for everybody else.
    #[must_use]
    pub fn scopes(&self) -> Option<&[ApiScope]> {
        match &self.identity {
            Identity::Key(key) => Some(&key.scopes),
            Identity::Account { .. } | Identity::Link(_) => None,
        }
    }

    /// Whether the actor may do `A` to what these facts are of.
    #[must_use]
    pub fn may<A: Act>(&self, on: &A::On) -> bool {
        A::lies_within(self.scopes()) && A::allows(&self.grants, on)
    }

    /// How the audit log names the actor.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match &self.identity {
            Identity::Account { id, .. } => format!("account:{id}"),
            Identity::Link(link) => format!("token:{}", link.token),
            Identity::Key(key) => format!("api_key:{}", key.key),
        }
    }

    /// Whether the actor may come for one of `purposes`. Whoever signed in may; a token only for its own, so that a WHIP token
    /// opens no WebSocket; a key for nothing.
    #[must_use]
    pub fn may_serve_as(&self, purposes: &[LinkPurpose]) -> bool {
        match &self.identity {
            Identity::Account { .. } => true,
            Identity::Link(link) => purposes.contains(&link.purpose),
            Identity::Key(_) => false,
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
    /// A key of another system.
    Key(ApiKeyId),
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
            Identity::Key(_) => keys::not_valid(),
        })
    }
}

/// Recognises whoever sent a request by its bearer token, else by its cookie.
///
/// # Errors
/// 401 with the reason when nobody is recognised; 403 when they owe a second factor.
pub(crate) async fn recognise(state: &AppState, headers: &HeaderMap) -> ApiResult<Actor> {
    let actor = recognise_owing(state, headers).await?;
    if second_factor::owes(&state.config, &actor) {
        return Err(second_factor::owed());
    }
    Ok(actor)
}

/// The same, also when they owe a second factor.
///
/// # Errors
/// 401 with the reason when nobody is recognised.
pub(crate) async fn recognise_owing(state: &AppState, headers: &HeaderMap) -> ApiResult<Actor> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let found = identify(&mut conn, headers, now).await?.holding(now)?;
    drop(conn);
    if let Identity::Key(key) = &found.actor.identity {
        state.sign_in_limits.key_is_used(key.key)?;
    }
    note_seen(state, &found, now);
    Ok(found.actor)
}

/// The same for what only wants to know who it is: nothing is counted or noted.
///
/// # Errors
/// 401 with the reason when nobody is recognised; 403 when they owe a second factor.
pub(crate) async fn glimpse(state: &AppState, headers: &HeaderMap) -> ApiResult<Actor> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let found = identify(&mut conn, headers, now).await?;
    let actor = found.holding(now)?.actor;
    if second_factor::owes(&state.config, &actor) {
        return Err(second_factor::owed());
    }
    Ok(actor)
}

/// How old the note of when somebody was last seen may be: a write every few minutes, not one a request.
const SEEN_WITHIN: Duration = minutes(5);

/// Notes, some time soon, that a key was used or that somebody who signed in was here. Nobody waits for it, and nothing
/// depends on it.
fn note_seen(state: &AppState, found: &Recognised, now: UtcMicros) {
    let credential = match (&found.actor.identity, found.actor.sign_in) {
        (Identity::Account { .. }, Some(id)) => Credential::SignIn(id),
        (Identity::Key(key), _) => Credential::Key(key.key),
        _ => return,
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
            match credential {
                Credential::SignIn(id) => accounts::note_seen(&mut tx, id, now).await?,
                Credential::Key(id) => keys::note_used(&mut tx, id, now).await?,
                Credential::Token(_) => {}
            }
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
        if keys::looks_like_one(bearer) {
            return keys::recognise(conn, bearer, now).await;
        }
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
        Credential::Key(id) => keys::recognise_again(conn, id, now).await,
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
    let mut actor = account_actor(conn, account, Some(sign_in.id), now).await?;
    actor.by_second_factor = sign_in.second_factor_at.is_some();
    Ok(Recognised {
        actor,
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
        by_second_factor: false,
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
        by_second_factor: false,
    })
}
