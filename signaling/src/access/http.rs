//! Signing in and out, and who one is.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use office_core::accounts::MOST_PASSWORD_CHARS;
use office_core::rights::SignOut;
use protocol::api::{Me, ProblemCode, SecondStep, SettingKey, SignInRequest};
use protocol::{IdentityId, UtcMicros};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::accounts::{Account, NewSignIn};
use crate::access::limits::Attempt;
use crate::access::me::{describe, ended_cookie, kept_cookie};
use crate::access::second_factor::door::Entered;
use crate::access::{
    Asking, Device, Unchecked, accounts, codes, keys, oidc, own, routes_asking, second_factor,
};
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
        .merge(oidc::http::router())
        .merge(keys::http::router())
        .merge(second_factor::http::router())
}

/// Signs in: answers with a cookie, or asks for the second factor.
#[utoipa::path(
    post, path = "/sign-in", tag = "account",
    request_body = SignInRequest,
    responses(
        (status = 200, body = Me, description = "Signed in; the cookie is in `Set-Cookie`."),
        (status = 202, body = SecondStep, description = "Not signed in yet: the second factor goes to `/sign-in/second`."),
        (status = 401, description = "`wrong_password`, also for an unknown login; `account_disabled`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    device: Device,
    Body(request): Body<SignInRequest>,
) -> ApiResult<Entered> {
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
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    // Checking takes its time, within which the password may have been replaced or the account disabled.
    if !accounts::hold_as_it_was(&mut tx, &account).await? {
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    }
    let entered = second_factor::door::enter(&state, &mut tx, account, &device, now).await?;
    tx.commit().await?;
    entered.count(&state, attempt);
    Ok(entered)
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

/// By which identity of a provider somebody signs in, and whether the provider saw a second factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByProvider<'a> {
    pub(super) identity: IdentityId,
    pub(super) issuer: &'a str,
    pub(super) second_factor: bool,
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
    begin(state, tx, account, (device, None, false), now).await
}

/// The same for somebody who comes from a provider.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin_sign_in_by_provider(
    state: &AppState,
    tx: &mut Tx,
    account: Account,
    (device, by): (&Device, ByProvider<'_>),
    now: UtcMicros,
) -> ApiResult<(CookieJar, Me)> {
    begin(
        state,
        tx,
        account,
        (device, Some(by), by.second_factor),
        now,
    )
    .await
}

/// The same for somebody who showed their second factor, after a password or after a provider.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin_sign_in_by_second_factor(
    state: &AppState,
    tx: &mut Tx,
    account: Account,
    (device, by): (&Device, Option<ByProvider<'_>>),
    now: UtcMicros,
) -> ApiResult<(CookieJar, Me)> {
    begin(state, tx, account, (device, by, true), now).await
}

async fn begin(
    state: &AppState,
    tx: &mut Tx,
    account: Account,
    (device, by, by_second_factor): (&Device, Option<ByProvider<'_>>, bool),
    now: UtcMicros,
) -> ApiResult<(CookieJar, Me)> {
    let kept = state.standing(tx).await?.number(SettingKey::SignInHours);
    let expires_at = now.plus(hours(kept));
    let token = Secret::generate().map_err(ApiError::internal)?;
    let sign_in = NewSignIn {
        token_hash: &token.hash(),
        account: Some(account.id),
        access_token: None,
        guest_name: None,
        device: Some(device),
        identity: by.map(|by| by.identity),
        by_second_factor,
        expires_at,
    };
    let id = accounts::insert_sign_in(tx, sign_in, now).await?;
    let mut actor = access::account_actor(tx, account, Some(id), now).await?;
    actor.by_second_factor = by_second_factor;
    let line = audit::Line {
        actor: &actor.audit_name(),
        action: "sign_in",
        resource: &actor.audit_name(),
        before: None,
        after: by.map(|by| json!({ "issuer": by.issuer, "second_factor": by.second_factor })),
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
    let actor = match access::recognise_owing(&state, &headers).await {
        Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => return Ok(Json(None)),
        // A key is nobody who has pages.
        Ok(actor) if actor.scopes().is_some() => return Ok(Json(None)),
        recognised => recognised?,
    };
    let mut conn = state.store.read().await?;
    Ok(Json(Some(describe(&state, &mut conn, &actor).await?)))
}
