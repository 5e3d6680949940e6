//! Signing in and out, and who one is.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use office_core::accounts::MOST_PASSWORD_CHARS;
use office_core::rights::SignOut;
use protocol::UtcMicros;
use protocol::api::{Me, ProblemCode, SignInRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::accounts::{Account, NewSignIn};
use crate::access::limits::Attempt;
use crate::access::me::{describe, ended_cookie, kept_cookie};
use crate::access::{Asking, Device, Unchecked, accounts, codes, own, routes_asking};
use crate::platform::audit;
use crate::platform::clock::hours;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;
use crate::platform::secret::Secret;
use crate::{AppState, access};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes_asking!(sign_out))
        .routes(routes!(me))
        .merge(codes::http::router())
        .merge(own::http::router())
}

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
    device: Device,
    Body(request): Body<SignInRequest>,
) -> ApiResult<(CookieJar, Json<Me>)> {
    let found = {
        let mut conn = state.store.read().await?;
        accounts::by_login(&mut conn, &request.login).await?
    };
    let guess = (&*request.login, request.password);
    let tried = try_password(&state, address, guess, found.as_ref()).await?;
    let (Some(attempt), Some(account)) = (tried, found) else {
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    };
    // Told only to whoever knows the password.
    if account.disabled_at.is_some() {
        state.metrics.count_sign_in("refused");
        return Err(account_disabled());
    }
    state.sign_in_limits.password_was_right(attempt);
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    // Checking takes its time, within which the password may have been replaced or the account disabled.
    if !accounts::hold_as_it_was(&mut tx, &account).await? {
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    }
    let (cookie, me) = begin_sign_in(&state, &mut tx, account, &device, now).await?;
    tx.commit().await?;
    state.metrics.count_sign_in("accepted");
    Ok((cookie, Json(me)))
}

/// Tries a password within the limits of guessing, also when there is no such account; the attempt when it is right.
///
/// # Errors
/// `rate_limited`; `unavailable` when too many are tried at this moment.
pub(super) async fn try_password(
    state: &AppState,
    address: IpAddr,
    (login, password): (&str, String),
    account: Option<&Account>,
) -> ApiResult<Option<Attempt>> {
    let (attempt, wait) = state.sign_in_limits.before_password(login, address)?;
    tokio::time::sleep(wait).await;
    let plausible = password.chars().count() <= MOST_PASSWORD_CHARS;
    let password = if plausible { password } else { String::new() };
    let hash = account.and_then(|account| account.password_hash.clone());
    let verified = state.passwords.verify(attempt, password, hash).await;
    let right = verified.map_err(|cause| {
        state.sign_in_limits.password_was_not_tried(attempt);
        not_checked(cause)
    })?;
    if right && plausible {
        return Ok(Some(attempt));
    }
    state.sign_in_limits.password_was_wrong(attempt);
    Ok(None)
}

/// Why no password was checked or made.
pub(crate) fn not_checked(cause: Unchecked) -> ApiError {
    match cause {
        Unchecked::TooBusy => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::Unavailable,
            "too many people are signing in at this moment",
        )
        .retry_after(5),
        Unchecked::Unreadable(_) | Unchecked::BrokeOff(_) => ApiError::internal(cause),
    }
}

/// Makes a browser one that somebody is signed in with: its cookie, and who they are.
///
/// # Errors
/// When the database fails.
pub(crate) async fn begin_sign_in(
    state: &AppState,
    tx: &mut Tx,
    account: Account,
    device: &Device,
    now: UtcMicros,
) -> ApiResult<(CookieJar, Me)> {
    let expires_at = now.plus(hours(state.config.sign_in.hours));
    let token = Secret::generate().map_err(ApiError::internal)?;
    let sign_in = NewSignIn {
        token_hash: &token.hash(),
        account: Some(account.id),
        access_token: None,
        guest_name: None,
        device: Some(device),
        expires_at,
    };
    accounts::insert_sign_in(tx, sign_in, now).await?;
    let actor = access::account_actor(tx, account, None, now).await?;
    let line = audit::Line {
        actor: &actor.audit_name(),
        action: "sign_in",
        resource: &actor.audit_name(),
        before: None,
        after: None,
    };
    audit::append(tx, line, now).await?;
    let me = describe(state, tx, &actor).await?;
    Ok((kept_cookie(&token, now, expires_at), me))
}

fn wrong_password() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::WrongPassword,
        "no account has this login and password",
    )
}

/// 401: the account is disabled.
pub(super) fn account_disabled() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::AccountDisabled,
        "the account is disabled",
    )
}

/// Signs out: the cookie works no longer.
#[utoipa::path(
    post, path = "/sign-out", tag = "account",
    responses((status = 204, description = "Signed out."), (status = 401))
)]
async fn sign_out(
    State(state): State<AppState>,
    asking: Asking<SignOut>,
) -> ApiResult<(CookieJar, StatusCode)> {
    let (now, actor) = (state.clock.now(), &asking.actor);
    let permit = asking.about(())?;
    if let Some(sign_in) = actor.sign_in {
        let mut tx = state.store.write().await?;
        if accounts::end_sign_in(&mut tx, sign_in, now).await? {
            permit
                .note(&mut tx, &actor.audit_name(), None, None, now)
                .await?;
        }
        tx.commit().await?;
    }
    Ok((ended_cookie(), StatusCode::NO_CONTENT))
}

/// Who one is; `null` when the request shows nobody, or somebody whose sign-in or link is over. That is no error: every
/// page begins with this question.
#[utoipa::path(
    get, path = "/me", tag = "account",
    responses((status = 200, body = Option<Me>))
)]
async fn me(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Json<Option<Me>>> {
    let actor = match access::recognise(&state, &headers).await {
        Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => return Ok(Json(None)),
        recognised => recognised?,
    };
    let mut conn = state.store.read().await?;
    Ok(Json(Some(describe(&state, &mut conn, &actor).await?)))
}
