//! One's own account.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::accounts::{LEAST_PASSWORD_CHARS, MOST_PASSWORD_CHARS, password_fault};
use office_core::rights::KeepOwnAccount;
use protocol::SignInId;
use protocol::api::{
    ChangePassword, HeldRole, OwnAccount, OwnSignIn, PasswordFault, ProblemCode, Workplace,
};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::actions::{self, Own};
use super::store;
use crate::AppState;
use crate::access::accounts::Account;
use crate::access::http::{not_checked, try_password};
use crate::access::limits::Attempt;
use crate::access::{Asking, accounts, routes_asking};
use crate::platform::clock::day;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path};
use crate::platform::http::caller::ClientAddress;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(show))
        .routes(routes_asking!(change_password))
        .routes(routes_asking!(end_others))
        .routes(routes_asking!(end_sign_in))
}

/// One's own account: where one works, one's roles, and where one is signed in.
#[utoipa::path(
    get, path = "/account", tag = "account",
    responses((status = 200, body = OwnAccount), (status = 401), (status = 403, description = "Who came by a link has none."))
)]
async fn show(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
) -> ApiResult<Json<OwnAccount>> {
    let own = asking.about(Own::of(&asking.actor))?.into_inner();
    let (now, account) = (state.clock.now(), own.id()?);
    let today = day(now);
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let found = accounts::by_id(&mut conn, account)
        .await?
        .ok_or_else(ApiError::unauthenticated)?;
    let places = store::places(&mut conn, found.person_id, &today).await?;
    let roles = store::roles(&mut conn, account, &today).await?;
    let sign_ins = store::sign_ins(&mut conn, account, now).await?;
    Ok(Json(OwnAccount {
        name: found.full_name,
        login: found.login,
        password_changed_at_us: store::password_changed_at(&mut conn, account).await?,
        places: places
            .into_iter()
            .map(|place| Workplace {
                unit: tree.name(place.unit_id),
                position: place.position,
                from: place.valid_from.0,
                to: place.valid_to.map(|day| day.0),
            })
            .collect(),
        roles: roles
            .into_iter()
            .map(|role| HeldRole {
                id: role.id.to_string(),
                role: role.grant.role,
                unit: tree.name(role.grant.unit),
                from: role.grant.from.0,
                to: role.grant.to.map(|day| day.0),
                by_provider: role.by_provider,
            })
            .collect(),
        sign_ins: sign_ins
            .into_iter()
            .map(|one| OwnSignIn {
                here: own.asks_by(one.id),
                id: one.id.to_string(),
                browser: one.browser,
                address: one.address,
                since_us: one.created_at_us,
                last_seen_us: one.last_seen_us.unwrap_or(one.created_at_us),
            })
            .collect(),
    }))
}

/// Changes the password. Every other sign-in of the account ends.
#[utoipa::path(
    post, path = "/account/password", tag = "account",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "It is changed."),
        (status = 400, description = "`bad_password`: `reason` says why."),
        (status = 401), (status = 403),
        (status = 422, description = "`wrong_present_password`."),
        (status = 429, description = "`rate_limited`: the same limits as for signing in.")
    )
)]
async fn change_password(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<ChangePassword>,
) -> ApiResult<StatusCode> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let account = {
        let mut conn = state.store.read().await?;
        accounts::by_id(&mut conn, permit.id()?)
            .await?
            .ok_or_else(ApiError::unauthenticated)?
    };
    admit_password(&request.wanted, &account.login)?;
    if request.wanted == request.present {
        return Err(bad_password(PasswordFault::Same));
    }
    let attempt = check_present_password(&state, address, Some(request.present), &account).await?;
    let hash = state.passwords.hash(attempt, request.wanted).await;
    let hash = hash.map_err(not_checked)?;
    let mut tx = state.store.write().await?;
    actions::change_password(&mut tx, &permit, &account, &hash, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the present password of whoever is signed in, within the limits of guessing.
///
/// # Errors
/// `wrong_present_password`, also when none was given; `rate_limited`.
pub(in crate::access) async fn check_present_password(
    state: &AppState,
    address: IpAddr,
    present: Option<String>,
    account: &Account,
) -> ApiResult<Attempt> {
    let guess = (&*account.login, present.unwrap_or_default());
    let Some(attempt) = try_password(state, address, guess, Some(account)).await? else {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::WrongPresentPassword,
            "this is not the present password",
        ));
    };
    state.sign_in_limits.password_was_right(attempt);
    Ok(attempt)
}

/// Lets a password through that somebody chose for the account with `login`.
///
/// # Errors
/// `bad_password`.
pub(crate) fn admit_password(wanted: &str, login: &str) -> ApiResult<()> {
    password_fault(wanted, login).map_or(Ok(()), |fault| Err(bad_password(fault)))
}

fn bad_password(fault: PasswordFault) -> ApiError {
    let limit = match fault {
        PasswordFault::TooLong => MOST_PASSWORD_CHARS,
        PasswordFault::TooShort | PasswordFault::TooSimple | PasswordFault::Same => {
            LEAST_PASSWORD_CHARS
        }
    };
    ApiError::bad_request(ProblemCode::BadPassword, "this password may not be chosen")
        .with("reason", fault.word())
        .with("limit", limit)
}

/// Signs out everywhere but here.
#[utoipa::path(
    delete, path = "/account/sign-ins", tag = "account",
    responses((status = 204, description = "There is no other sign-in."), (status = 401), (status = 403))
)]
async fn end_others(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
) -> ApiResult<StatusCode> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let mut tx = state.store.write().await?;
    actions::end_others(&mut tx, &permit, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out in one other browser.
#[utoipa::path(
    delete, path = "/account/sign-ins/{sign_in}", tag = "account",
    params(("sign_in" = String, Path, description = "Id of the sign-in.")),
    responses((status = 204, description = "It is over."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_sign_in`: not one of one's own, or over before."))
)]
async fn end_sign_in(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let permit = asking.about(Own::of(&asking.actor))?;
    let mut tx = state.store.write().await?;
    actions::end_sign_in(&mut tx, &permit, SignInId(id), state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
