//! The first visit to an installation without accounts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use protocol::api::{FirstAdministrator, FirstDay, Me, ProblemCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actions::{First, begin_by_code};
use crate::AppState;
use crate::access::http::{begin_sign_in, not_checked};
use crate::access::own::http::admit_password;
use crate::access::{Device, accounts};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(state_of, begin))
}

/// Whether the first administrator is still to be made.
#[utoipa::path(
    get, path = "/first-day", tag = "account",
    responses((status = 200, body = FirstDay))
)]
async fn state_of(State(state): State<AppState>) -> ApiResult<Json<FirstDay>> {
    let mut conn = state.store.read().await?;
    if accounts::any(&mut conn).await? {
        return Ok(Json(FirstDay::default()));
    }
    let tree = state.tree(&mut conn).await?;
    Ok(Json(FirstDay {
        needed: true,
        unit: tree.root().map(|unit| unit.name.clone()),
    }))
}

/// Makes the first administrator of the department by the code that the server printed, and signs them in.
#[utoipa::path(
    post, path = "/first-day", tag = "account",
    request_body = FirstAdministrator,
    responses(
        (status = 200, body = Me, description = "Signed in; the cookie is in `Set-Cookie`."),
        (status = 400, description = "`bad_login`, `bad_name`, `bad_unit_name`, `bad_password`; the code is not spent."),
        (status = 401, description = "`wrong_first_code`."),
        (status = 409, description = "`not_first`: there is an account already."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn begin(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    device: Device,
    Body(request): Body<FirstAdministrator>,
) -> ApiResult<(CookieJar, Json<Me>)> {
    let wanted = First {
        login: &request.login,
        name: &request.name,
        unit: &request.unit,
    };
    let first = wanted.admit()?;
    admit_password(&request.password, &first.login)?;
    if !state.first_code.is(&request.code) {
        state.sign_in_limits.secret_was_wrong(address)?;
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::WrongFirstCode,
            "this is not the code that the server printed last",
        ));
    }
    let (attempt, wait) = state
        .sign_in_limits
        .before_password(&first.login, address)?;
    tokio::time::sleep(wait).await;
    let hash = state.passwords.hash(attempt, request.password).await;
    let hash = hash.map_err(not_checked)?;
    state.sign_in_limits.password_was_right(attempt);
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let id = begin_by_code(&mut tx, &tree, (&first, &hash), now).await?;
    let account = accounts::by_id(&mut tx, id).await?;
    let account =
        account.ok_or_else(|| ApiError::internal("an account vanished in its own transaction"))?;
    let (cookie, me) = begin_sign_in(&state, &mut tx, account, &device, now).await?;
    tx.commit().await?;
    state.first_code.forget();
    Ok((cookie, Json(me)))
}
