//! One's own second factor: setting it up, replacing it, turning it off.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::rights::SetUpSecondFactor;
use office_core::second_factor::{Shown, read};
use protocol::api::{
    EndSecondFactor, NewSecondFactor, ProblemCode, RecoveryCodes, SecondFactor, SecondFactorCode,
    SecondFactorSecret,
};
use utoipa_axum::router::OpenApiRouter;

use super::owing::{is_demanded, owes};
use super::recovery::NewCodes;
use super::totp::TotpSecret;
use super::{actions, door, proof, store};
use crate::AppState;
use crate::access::accounts::{self, Account};
use crate::access::own::Own;
use crate::access::own::http::check_present_password;
use crate::access::{Asking, routes_asking};
use crate::platform::clock::hours;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;

/// How long a new secret waits for its first code.
const WAITS: Duration = hours(1);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(show))
        .routes(routes_asking!(begin))
        .routes(routes_asking!(confirm))
        .routes(routes_asking!(renew_recovery_codes))
        .routes(routes_asking!(turn_off))
        .merge(door::router())
}

/// How one's own second factor stands.
#[utoipa::path(
    get, path = "/account/second-factor", tag = "account",
    responses((status = 200, body = SecondFactor), (status = 401), (status = 403, description = "Who came by a link has none."))
)]
async fn show(
    State(state): State<AppState>,
    asking: Asking<SetUpSecondFactor>,
) -> ApiResult<Json<SecondFactor>> {
    let own = asking.about(Own::of(&asking.actor))?;
    let account = find(&state, &own).await?;
    let mut conn = state.store.read().await?;
    let working = store::working(&mut conn, account.id).await?;
    let left = match working {
        Some(_) => store::recovery_codes(&mut conn, account.id).await?.len(),
        None => 0,
    };
    Ok(Json(SecondFactor {
        since_us: working.map(|working| working.confirmed_at_us),
        recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX),
        demanded: is_demanded(&state.config, &asking.actor),
        asks_password: asks_password(&state, &asking, &account),
    }))
}

/// Whether the password is wanted for a new secret: whoever has to set one up has just shown it.
fn asks_password(state: &AppState, asking: &Asking<SetUpSecondFactor>, account: &Account) -> bool {
    account.password_hash.is_some() && !owes(&state.config, &asking.actor)
}

/// Makes a secret for an application. The factor that works goes on working until a code of the new secret was accepted.
#[utoipa::path(
    post, path = "/account/second-factor/secret", tag = "account",
    request_body = NewSecondFactor,
    responses(
        (status = 200, body = SecondFactorSecret, description = "It waits for its first code, for an hour."),
        (status = 401), (status = 403),
        (status = 422, description = "`wrong_present_password`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn begin(
    State(state): State<AppState>,
    asking: Asking<SetUpSecondFactor>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<NewSecondFactor>,
) -> ApiResult<Json<SecondFactorSecret>> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let account = find(&state, &permit).await?;
    if asks_password(&state, &asking, &account) {
        check_present_password(&state, address, request.password, &account).await?;
    }
    let secret = TotpSecret::generate().map_err(ApiError::internal)?;
    let sealed = secret.seal(&state.seal, account.id);
    let sealed = sealed.map_err(ApiError::internal)?;
    let mut tx = state.store.write().await?;
    // Who came in without the factor that works may not put another in its place.
    if !asking.actor.by_second_factor && store::is_on(&mut tx, account.id).await? {
        return Err(ApiError::forbidden());
    }
    actions::begin(&mut tx, &permit, &sealed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(SecondFactorSecret {
        secret: secret.base32(),
    }))
}

/// Turns the second factor on by the first code of the new secret, which counts as the second factor of this sign-in. Every other
/// sign-in ends. The answer tells the recovery codes, here and nowhere else.
#[utoipa::path(
    post, path = "/account/second-factor/confirm", tag = "account",
    request_body = SecondFactorCode,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 401), (status = 403),
        (status = 409, description = "`no_new_secret`."),
        (status = 422, description = "`wrong_second_code`; `phone_clock_off`: `reason` says which way."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn confirm(
    State(state): State<AppState>,
    asking: Asking<SetUpSecondFactor>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<SecondFactorCode>,
) -> ApiResult<Json<RecoveryCodes>> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let account = find(&state, &permit).await?;
    let waiting = {
        let mut conn = state.store.read().await?;
        store::waiting(&mut conn, account.id).await?
    };
    let is_fresh = |made_at| state.clock.now().since(made_at) < WAITS;
    let (sealed, _) = waiting
        .filter(|(_, made_at)| is_fresh(*made_at))
        .ok_or_else(actions::no_new_secret)?;
    let secret = proof::open(&state, account.id, &sealed)?;
    let Some(Shown::Digits(digits)) = read(&request.code) else {
        return Err(proof::wrong());
    };
    let step = proof::judge(&state, address, &account, (&secret, None), &digits).await?;
    let codes = new_codes().await?;
    let mut tx = state.store.write().await?;
    actions::confirm(&mut tx, &permit, (&sealed, step), &codes, state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(RecoveryCodes { codes: codes.shown }))
}

/// Makes new recovery codes; those that were left work no longer.
#[utoipa::path(
    post, path = "/account/second-factor/recovery-codes", tag = "account",
    request_body = SecondFactorCode,
    responses(
        (status = 200, body = RecoveryCodes), (status = 401), (status = 403),
        (status = 409, description = "`second_factor_off`."),
        (status = 422, description = "`wrong_second_code`, `second_code_used`, `phone_clock_off`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn renew_recovery_codes(
    State(state): State<AppState>,
    asking: Asking<SetUpSecondFactor>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<SecondFactorCode>,
) -> ApiResult<Json<RecoveryCodes>> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let account = find_with_factor(&state, &permit).await?;
    let proof = proof::look(&state, address, &account, &request.code).await?;
    let codes = new_codes().await?;
    let mut tx = state.store.write().await?;
    let now = state.clock.now();
    actions::renew_recovery_codes(&mut tx, &permit, &proof, &codes, now).await?;
    tx.commit().await?;
    Ok(Json(RecoveryCodes { codes: codes.shown }))
}

/// Turns the second factor off, which takes the password and a code.
#[utoipa::path(
    post, path = "/account/second-factor/off", tag = "account",
    request_body = EndSecondFactor,
    responses(
        (status = 204, description = "It is off."), (status = 401), (status = 403),
        (status = 409, description = "`second_factor_demanded`: a role wants it; `second_factor_off`."),
        (status = 422, description = "`wrong_present_password`, `wrong_second_code`, `second_code_used`, `phone_clock_off`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn turn_off(
    State(state): State<AppState>,
    asking: Asking<SetUpSecondFactor>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<EndSecondFactor>,
) -> ApiResult<StatusCode> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let account = find_with_factor(&state, &permit).await?;
    if is_demanded(&state.config, &asking.actor) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::SecondFactorDemanded,
            "a role demands the second factor",
        ));
    }
    if account.password_hash.is_some() {
        check_present_password(&state, address, request.password, &account).await?;
    }
    let proof = proof::look(&state, address, &account, &request.code).await?;
    let mut tx = state.store.write().await?;
    actions::turn_off(&mut tx, &permit, &proof, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose it is.
async fn find(state: &AppState, own: &Own) -> ApiResult<Account> {
    let mut conn = state.store.read().await?;
    let found = accounts::by_id(&mut conn, own.id()?).await?;
    found.ok_or_else(ApiError::unauthenticated)
}

/// Whose it is, when it is on.
async fn find_with_factor(state: &AppState, own: &Own) -> ApiResult<Account> {
    let account = find(state, own).await?;
    let mut conn = state.store.read().await?;
    if !store::is_on(&mut conn, account.id).await? {
        return Err(proof::off());
    }
    Ok(account)
}

async fn new_codes() -> ApiResult<NewCodes> {
    let made = tokio::task::spawn_blocking(NewCodes::generate).await;
    made.map_err(ApiError::internal)?
        .map_err(ApiError::internal)
}
