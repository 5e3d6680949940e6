//! Signing in with a one-time code.

use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{CodeSignIn, Me, ProblemCode, SecondStep};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code::is_made_of;
use super::store;
use crate::AppState;
use crate::access::http::{account_disabled, not_checked};
use crate::access::own::http::admit_password;
use crate::access::second_factor::door::{Entered, enter};
use crate::access::{Device, accounts};
use crate::platform::audit;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_in))
}

/// Signs in with a one-time code, which is spent, and a password that takes its place.
#[utoipa::path(
    post, path = "/sign-in/code", tag = "account",
    request_body = CodeSignIn,
    responses(
        (status = 200, body = Me, description = "Signed in; the cookie is in `Set-Cookie`."),
        (status = 202, body = SecondStep, description = "Not signed in yet: the second factor goes to `/sign-in/second`. The code is spent."),
        (status = 400, description = "`bad_password`: `reason` says why; the code is not spent."),
        (status = 401, description = "`wrong_code`, also for an unknown login and a code that was spent; `code_expired`; `account_disabled`."),
        (status = 429, description = "`rate_limited`: the same limits as for passwords.")
    )
)]
async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    device: Device,
    Body(request): Body<CodeSignIn>,
) -> ApiResult<Entered> {
    let login = accounts::normalise_login(&request.login);
    admit_password(&request.password, &login)?;
    let (attempt, wait) = state.sign_in_limits.before_password(&login, address)?;
    tokio::time::sleep(wait).await;
    let (found, stored) = {
        let mut conn = state.store.read().await?;
        let found = accounts::by_login(&mut conn, &login).await?;
        let stored = match &found {
            Some(account) => store::of_account(&mut conn, account.id).await?,
            None => None,
        };
        (found, stored)
    };
    let hash = stored.as_ref().map(|(hash, _)| hash.clone());
    let looked = tokio::task::spawn_blocking(move || is_made_of(hash.as_deref(), &request.code));
    let right = looked.await.map_err(ApiError::internal)?;
    let (Some(mut account), Some((hash, expires_at)), true) = (found, stored, right) else {
        state.sign_in_limits.password_was_wrong(attempt);
        state.metrics.count_sign_in("refused");
        return Err(wrong_code());
    };
    let now = state.clock.now();
    // Told only to whoever knows the code.
    if account.disabled_at.is_some() {
        return Err(account_disabled());
    }
    if expires_at <= now {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::CodeExpired,
            "the code is over; ask for another",
        )
        .with("expires_at_us", expires_at.0));
    }
    let password = state.passwords.hash(attempt, request.password).await;
    let password = password.map_err(not_checked)?;
    let mut tx = state.store.write().await?;
    if !store::spend(&mut tx, account.id, &hash, &password, now).await? {
        return Err(wrong_code());
    }
    let name = format!("account:{}", account.id);
    let line = audit::Line {
        actor: &name,
        action: "use_code",
        resource: &name,
        before: None,
        after: None,
    };
    audit::append(&mut tx, line, now).await?;
    account.password_hash = Some(password);
    let entered = enter(&state, &mut tx, account, &device, now).await?;
    tx.commit().await?;
    entered.count(&state, attempt);
    Ok(entered)
}

fn wrong_code() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::WrongCode,
        "no account has this login and this code, or it was spent",
    )
}
