//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use protocol::UtcMicros;
use protocol::api::{GrantedRole, LinkExchangeRequest, Me, ProblemCode, SignInRequest};
use protocol::text;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::{self, Actor, COOKIE, ClientAddress, Identity, TooBusy};
use crate::authorise::{Action, Resource, authorise};
use crate::clock::{day, hours};
use crate::entry::OVERTIME;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, admit};
use crate::secret::Secret;
use crate::store::account::{self, NewSignIn};
use crate::store::audit;
use crate::store::unit::Tree;
use crate::store::{self, Conn};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
        .routes(routes!(exchange_link))
}

/// The longest password that is looked at; hashing a longer one would only cost time.
const MAX_PASSWORD_CHARS: usize = 256;

/// Signs in: answers with a cookie.
#[utoipa::path(
    post, path = "/sign-in", tag = "account",
    request_body = SignInRequest,
    responses(
        (status = 200, body = Me, description = "Signed in; the cookie is in `Set-Cookie`."),
        (status = 401, description = "`wrong_password`, also for an unknown login; `account_disabled`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<SignInRequest>,
) -> ApiResult<Response> {
    let (attempt, wait) = state
        .sign_in_limits
        .before_password(&request.login, address)?;
    tokio::time::sleep(wait).await;
    let found = {
        let mut conn = state.store.read().await?;
        account::by_login(&mut conn, &request.login).await?
    };
    let plausible = request.password.chars().count() <= MAX_PASSWORD_CHARS;
    let password = if plausible {
        request.password
    } else {
        String::new()
    };
    let hash = found.as_ref().map(|a| a.password_hash.clone());
    let right = state
        .passwords
        .verify(attempt, password, hash)
        .await
        .map_err(|TooBusy| {
            state.sign_in_limits.password_was_not_tried(attempt);
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ProblemCode::Unavailable,
                "too many people are signing in at this moment",
            )
            .retry_after(5)
        })?;
    let Some(account) = found.filter(|_| right && plausible) else {
        state.sign_in_limits.password_was_wrong(attempt);
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    };
    // Told only to whoever knows the password.
    if account.disabled_at.is_some() {
        state.metrics.count_sign_in("refused");
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::AccountDisabled,
            "the account is disabled",
        ));
    }
    state.sign_in_limits.password_was_right(attempt);
    let now = state.clock.now();
    let expires_at = now.plus(hours(state.config.sign_in.hours));
    let token = Secret::generate().map_err(ApiError::internal)?;
    let mut tx = state.store.write().await?;
    // Checking takes its time, within which the password may have been replaced or the account disabled.
    if !account::hold_as_it_was(&mut tx, &account).await? {
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    }
    account::insert_sign_in(
        &mut tx,
        NewSignIn {
            token_hash: &token.hash(),
            account: Some(account.id),
            access_token: None,
            guest_name: None,
            expires_at,
        },
        now,
    )
    .await?;
    let actor = auth::account_actor(&mut tx, account, None, now).await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "sign_in",
            resource: &actor.audit_name(),
            before: None,
            after: None,
        },
        now,
    )
    .await?;
    let me = describe(&mut tx, &actor, now).await?;
    tx.commit().await?;
    state.metrics.count_sign_in("accepted");
    Ok(with_cookie(
        Json(me).into_response(),
        Some(&token),
        now,
        expires_at,
    ))
}

fn wrong_password() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::WrongPassword,
        "no account has this login and password",
    )
}

/// Signs out: the cookie works no longer.
#[utoipa::path(
    post, path = "/sign-out", tag = "account",
    responses((status = 204, description = "Signed out."), (status = 401)),
    extensions(("x-action" = json!("sign_out")))
)]
async fn sign_out(State(state): State<AppState>, actor: Actor) -> ApiResult<Response> {
    authorise(&actor, Action::SignOut, Resource::Nothing)?;
    let now = state.clock.now();
    if let Some(sign_in) = actor.sign_in {
        let mut tx = state.store.write().await?;
        account::end_sign_in(&mut tx, sign_in, now).await?;
        tx.commit().await?;
    }
    Ok(with_cookie(
        StatusCode::NO_CONTENT.into_response(),
        None,
        now,
        now,
    ))
}

/// Who one is; `null` when the request shows nobody, or somebody whose sign-in or link is over. That is no error: every
/// page begins with this question.
#[utoipa::path(
    get, path = "/me", tag = "account",
    responses((status = 200, body = Option<Me>))
)]
async fn me(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Json<Option<Me>>> {
    let actor = match auth::recognise(&state, &headers).await {
        Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => return Ok(Json(None)),
        recognised => recognised?,
    };
    authorise(&actor, Action::SeeSelf, Resource::Nothing)?;
    let mut conn = state.store.read().await?;
    Ok(Json(Some(
        describe(&mut conn, &actor, state.clock.now()).await?,
    )))
}

/// Exchanges the secret of a joining link for a cookie. A link works until it expires or is revoked, so that a room
/// device that was switched off comes back by the same link.
#[utoipa::path(
    post, path = "/links/exchange", tag = "account",
    request_body = LinkExchangeRequest,
    responses(
        (status = 200, body = Me, description = "The cookie is in `Set-Cookie`."),
        (status = 400, description = "`name_required`: a guest must say a name; `bad_name`."),
        (status = 404, description = "`link_invalid`."),
        (status = 410, description = "`link_expired`, `link_revoked`, `session_ended`."),
        (status = 429, description = "`rate_limited`: too many secrets from there that nobody made, or new guests.")
    )
)]
async fn exchange_link(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<LinkExchangeRequest>,
) -> ApiResult<Response> {
    let now = state.clock.now();
    // A browser that opens the link again is the same guest.
    let shown = auth::cookie(&headers).map(Secret::of);
    let (link, session, known) = {
        // Read first: what nobody made must not take the writer from those who write.
        let mut conn = state.store.read().await?;
        let (link, session) =
            super::link::usable(&state, &mut conn, &request.secret, address).await?;
        let known = match &shown {
            Some(shown) => account::sign_in(&mut conn, &shown.hash()).await?,
            None => None,
        };
        let of_this_link = known.filter(|known| known.access_token_id == Some(link.id));
        (link, session, of_this_link)
    };
    // A guest comes back to what was recorded.
    let is_guest = link.point_id.is_none() && link.account_id.is_none();
    if session.is_over(now) && !(is_guest && session.guests_may_replay) {
        return Err(ApiError::new(
            StatusCode::GONE,
            ProblemCode::SessionEnded,
            "the session is over",
        ));
    }
    let guest_name = if link.is_nameless() {
        Some(guest_name(request.name.as_deref())?)
    } else {
        None
    };
    if known.is_none() && link.is_nameless() {
        state.sign_in_limits.guest_is_new(address)?;
    }
    let expires_at = link.expires_at;
    let mut tx = state.store.write().await?;
    let token = match (shown, known) {
        (Some(shown), Some(known)) => {
            account::renew_sign_in(&mut tx, known.id, guest_name.as_deref(), expires_at).await?;
            shown
        }
        _ => {
            let token = Secret::generate().map_err(ApiError::internal)?;
            account::insert_sign_in(
                &mut tx,
                NewSignIn {
                    token_hash: &token.hash(),
                    account: None,
                    access_token: Some(link.id),
                    guest_name: guest_name.as_deref(),
                    expires_at,
                },
                now,
            )
            .await?;
            token
        }
    };
    store::token::mark_used(&mut tx, link.id, now).await?;
    let actor = auth::link_actor(&mut tx, link, guest_name, None).await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "exchange_link",
            resource: &format!("session:{}", session.code),
            before: None,
            after: None,
        },
        now,
    )
    .await?;
    let me = describe(&mut tx, &actor, now).await?;
    tx.commit().await?;
    Ok(with_cookie(
        Json(me).into_response(),
        Some(&token),
        now,
        expires_at,
    ))
}

fn guest_name(said: Option<&str>) -> ApiResult<String> {
    let name = said.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(ApiError::bad_request(
            ProblemCode::NameRequired,
            "this link is for a guest, who must say a name",
        ));
    }
    admit(text::NAME, name, ProblemCode::BadName)
}

async fn describe(conn: &mut Conn, actor: &Actor, now: UtcMicros) -> ApiResult<Me> {
    let today = day(now);
    let tree = Tree::load(conn, &today).await?;
    let (link_session, point) = match &actor.identity {
        Identity::Link(link) => (
            store::session::by_id(conn, link.session)
                .await?
                .map(|session| session.code.0),
            link.point,
        ),
        Identity::Account { person, .. } => (
            None,
            store::point::of_person(conn, *person, &today)
                .await?
                .first()
                .copied(),
        ),
    };
    Ok(Me {
        name: actor.name.clone(),
        login: actor.login.clone(),
        roles: actor
            .grants
            .iter()
            .map(|grant| GrantedRole {
                role: grant.role,
                unit: tree.name(grant.unit),
            })
            .collect(),
        link_session,
        bridge_point: match point {
            Some(point) => store::point::name_of(conn, point).await?,
            None => None,
        },
    })
}

/// Adds our cookie, or its end, to an answer.
fn with_cookie(
    mut response: Response,
    token: Option<&Secret>,
    now: UtcMicros,
    expires_at: UtcMicros,
) -> Response {
    let kept = match token {
        // A room that runs over its time is come back to by what has run out meanwhile; see `entry`.
        Some(_) => expires_at.plus(OVERTIME),
        None => expires_at,
    };
    let seconds = (kept.0 - now.0).max(0) / 1_000_000;
    let value = token.map_or("", Secret::expose);
    let cookie =
        format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    let cookie = HeaderValue::from_str(&cookie).expect("base64url and a number make a header");
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
