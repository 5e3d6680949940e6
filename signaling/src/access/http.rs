//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use office_core::rights::SignOut;
use protocol::api::{Me, ProblemCode, SignInRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::accounts::NewSignIn;
use crate::access::me::{describe, ended_cookie, kept_cookie};
use crate::access::{Asking, Unchecked, accounts, routes_asking};
use crate::platform::audit;
use crate::platform::clock::hours;
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
) -> ApiResult<(CookieJar, Json<Me>)> {
    let (attempt, wait) = state
        .sign_in_limits
        .before_password(&request.login, address)?;
    tokio::time::sleep(wait).await;
    let found = {
        let mut conn = state.store.read().await?;
        accounts::by_login(&mut conn, &request.login).await?
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
        .map_err(|cause| {
            state.sign_in_limits.password_was_not_tried(attempt);
            match cause {
                Unchecked::TooBusy => ApiError::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    ProblemCode::Unavailable,
                    "too many people are signing in at this moment",
                )
                .retry_after(5),
                Unchecked::Unreadable(_) | Unchecked::BrokeOff(_) => ApiError::internal(cause),
            }
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
    if !accounts::hold_as_it_was(&mut tx, &account).await? {
        state.metrics.count_sign_in("refused");
        return Err(wrong_password());
    }
    accounts::insert_sign_in(
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
    let actor = access::account_actor(&mut tx, account, None, now).await?;
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
    let me = describe(&state, &mut tx, &actor).await?;
    tx.commit().await?;
    state.metrics.count_sign_in("accepted");
    Ok((kept_cookie(&token, now, expires_at), Json(me)))
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
