//! Leaving for the provider, coming back, and what one's own account is linked with.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use office_core::oidc::local_path;
use office_core::rights::KeepOwnAccount;
use protocol::AccountId;
use protocol::api::{
    ExternalIdentities, OwnPassword, ProblemCode, ProviderAddress, ProviderArrival,
    ProviderDeparture, ProviderReturn, SignInProvider,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actions;
use super::departure::{BACK_WITHIN, Departure, browser_of};
use super::provider::Provider;
use super::store::{self, Left};
use super::token::Said;
use crate::AppState;
use crate::access::http::{ByProvider, begin_sign_in_by_provider, try_password};
use crate::access::own::Own;
use crate::access::second_factor::door::{Entered, ask};
use crate::access::{Asking, Device, Permit, accounts, recognise, routes_asking};
use crate::platform::clock::minutes;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;
use crate::platform::secret::Secret;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(provider))
        .routes(routes!(leave))
        .routes(routes!(arrive))
        .routes(routes_asking!(external))
        .routes(routes_asking!(leave_to_link))
        .routes(routes_asking!(unlink))
}

/// The page that the provider sends browsers back to, below the public address.
const BACK: &str = "/sign-in/provider";

/// The page on which links are seen.
const OWN_ACCOUNT: &str = "/account";

/// How long a password that was given counts for linking.
const PASSWORD_COUNTS_FOR: Duration = minutes(10);

/// The longest of what the provider puts into the address.
const MOST_RETURNED_BYTES: usize = 4_096;

/// The provider by which people sign in, if there is one.
#[utoipa::path(
    get, path = "/sign-in/provider", tag = "account",
    responses((status = 200, body = Option<SignInProvider>))
)]
async fn provider(State(state): State<AppState>) -> Json<Option<SignInProvider>> {
    Json(state.provider.as_ref().map(|provider| SignInProvider {
        name: provider.settings().name.clone(),
        down: provider.is_down(),
    }))
}

/// Leaves for the provider, to sign in: the browser goes to the page in the answer.
#[utoipa::path(
    post, path = "/sign-in/provider", tag = "account",
    request_body = ProviderDeparture,
    responses(
        (status = 200, body = ProviderAddress, description = "The cookie that knows the browser again is in `Set-Cookie`."),
        (status = 404, description = "`no_provider`."),
        (status = 424, description = "`provider_down`, `provider_refused`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn leave(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<ProviderDeparture>,
) -> ApiResult<(CookieJar, Json<ProviderAddress>)> {
    let next = local_path(request.next.as_deref());
    depart(&state, &headers, address, (None, next)).await
}

/// Notes who leaves, and says where to.
async fn depart(
    state: &AppState,
    headers: &HeaderMap,
    address: IpAddr,
    (account_id, next): (Option<AccountId>, &str),
) -> ApiResult<(CookieJar, Json<ProviderAddress>)> {
    let provider = the_provider(state)?;
    state.sign_in_limits.leaves(address)?;
    let departure =
        Departure::begin(&CookieJar::from_headers(headers)).map_err(ApiError::internal)?;
    let redirect = format!("{}{BACK}", state.public_url(headers));
    let page = provider
        .page(&departure, &redirect, account_id.is_some())
        .await?;
    let now = state.clock.now();
    let left = Left {
        account_id,
        next: next.to_owned(),
        expires_at_us: now.plus(BACK_WITHIN),
    };
    let hashes = (departure.state.hash(), departure.browser.hash());
    let mut tx = state.store.write().await?;
    store::leave(&mut tx, (&hashes.0, &hashes.1), &left, now).await?;
    tx.commit().await?;
    let address = page.into();
    Ok((departure.cookie(), Json(ProviderAddress { address })))
}

/// Comes back from the provider: signs in, or links the account of whoever is signed in and left to do so.
#[utoipa::path(
    post, path = "/sign-in/provider/finish", tag = "account",
    request_body = ProviderReturn,
    responses(
        (status = 200, body = ProviderArrival, description = "Signed in, with the cookie in `Set-Cookie`; or linked."),
        (status = 401, description = "`identity_unknown`: no account is linked with it; `account_disabled`; `not_signed_in` \
                                      when the sign-in of whoever links is over."),
        (status = 404, description = "`no_provider`."),
        (status = 409, description = "Of linking: `identity_taken`, `already_linked`."),
        (status = 422, description = "`departure_unknown`: nobody left so, from this browser, in the last minutes, or they \
                                      came back before; `provider_declined`."),
        (status = 424, description = "`provider_down`, `provider_refused`."),
        (status = 429, description = "`rate_limited`: too many came back without having left.")
    )
)]
async fn arrive(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    device: Device,
    headers: HeaderMap,
    Body(returned): Body<ProviderReturn>,
) -> ApiResult<(CookieJar, Json<ProviderArrival>)> {
    let provider = the_provider(&state)?;
    let (departure, left) = match come_back(&state, &headers, &returned).await? {
        Some(known) => known,
        None => {
            state.sign_in_limits.secret_was_wrong(address)?;
            return Err(departure_unknown());
        }
    };
    let code = returned.code.filter(|_| returned.error.is_none());
    let code = code.filter(|code| (1..=MOST_RETURNED_BYTES).contains(&code.len()));
    let code = code.ok_or_else(|| {
        ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::ProviderDeclined,
            "the provider let nobody in",
        )
    })?;
    let redirect = format!("{}{BACK}", state.public_url(&headers));
    let shown = (&*code, returned.iss.as_deref());
    let said = provider
        .redeem(&departure, &redirect, shown, state.clock.now())
        .await?;
    let next = left.next;
    if let Some(account) = left.account_id {
        link(&state, &headers, account, &said).await?;
        state.sign_in_limits.came_back(address);
        let arrival = ProviderArrival {
            me: None,
            second_step: None,
            next,
        };
        return Ok((CookieJar::new(), Json(arrival)));
    }
    let signed_in = sign_in(&state, provider, &said, &device).await;
    if signed_in.is_err() {
        state.metrics.count_sign_in("refused");
    }
    state.sign_in_limits.came_back(address);
    Ok(match signed_in? {
        Entered::Within(cookie, me) => {
            state.metrics.count_sign_in("accepted");
            let arrival = ProviderArrival {
                me: Some(*me),
                second_step: None,
                next,
            };
            (cookie, Json(arrival))
        }
        Entered::Halfway(step) => {
            let arrival = ProviderArrival {
                me: None,
                second_step: Some(step),
                next,
            };
            (CookieJar::new(), Json(arrival))
        }
    })
}

/// Whoever left so, from this browser. They come back once, however it ends.
async fn come_back(
    state: &AppState,
    headers: &HeaderMap,
    returned: &ProviderReturn,
) -> ApiResult<Option<(Departure, Left)>> {
    let Some(browser) = browser_of(&CookieJar::from_headers(headers)) else {
        return Ok(None);
    };
    let departure = Departure {
        state: Secret::of(returned.state.clone()),
        browser,
    };
    let hashes = (departure.state.hash(), departure.browser.hash());
    // Whoever shows what nobody left with keeps no writer from its work.
    let mut conn = state.store.read().await?;
    if !store::is_away(&mut conn, &hashes.0, &hashes.1).await? {
        return Ok(None);
    }
    drop(conn);
    let mut tx = state.store.write().await?;
    let left = store::come_back(&mut tx, &hashes.0, &hashes.1).await?;
    tx.commit().await?;
    let now = state.clock.now();
    let left = left.filter(|left| now < left.expires_at_us);
    Ok(left.map(|left| (departure, left)))
}

async fn sign_in(
    state: &AppState,
    provider: &Provider,
    said: &Said,
    device: &Device,
) -> ApiResult<Entered> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let settings = provider.settings();
    let (account, identity) = actions::admit(&mut tx, settings, said, &tree, now).await?;
    let by = ByProvider {
        identity: identity.id,
        issuer: &identity.issuer,
        second_factor: said.claims.shows_second_factor(),
    };
    // A second factor that the provider saw is one; otherwise that of the account is asked for, if there is one.
    let asked = match by.second_factor {
        true => None,
        false => ask(state, &mut tx, &account, Some(by), now).await?,
    };
    let entered = match asked {
        Some(step) => Entered::Halfway(step),
        None => {
            let begun = begin_sign_in_by_provider(state, &mut tx, account, (device, by), now);
            let (cookie, me) = begun.await?;
            Entered::Within(cookie, Box::new(me))
        }
    };
    tx.commit().await?;
    Ok(entered)
}

/// Links the account that somebody left for, who is signed in with it still.
async fn link(
    state: &AppState,
    headers: &HeaderMap,
    account: AccountId,
    said: &Said,
) -> ApiResult<()> {
    let actor = recognise(state, headers).await?;
    if actor.account() != Some(account) {
        return Err(departure_unknown());
    }
    let own = Own::of(&actor);
    let permit = Asking::<KeepOwnAccount>::before(actor).about(own)?;
    let mut tx = state.store.write().await?;
    actions::link(&mut tx, &permit, said, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// What one's own account is linked with.
#[utoipa::path(
    get, path = "/account/external", tag = "account",
    responses((status = 200, body = ExternalIdentities), (status = 401), (status = 403))
)]
async fn external(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
) -> ApiResult<Json<ExternalIdentities>> {
    let own = asking.about(Own::of(&asking.actor))?;
    let mut conn = state.store.read().await?;
    let asks_password = !gave_password(&state, &mut conn, &own).await?;
    let known = store::of_account(&mut conn, own.id()?).await?;
    let settings = state.provider.as_ref().map(Provider::settings);
    let is_theirs = |issuer: &str| settings.is_some_and(|it| it.issuer == issuer);
    Ok(Json(ExternalIdentities {
        provider: settings.map(|settings| settings.name.clone()),
        is_linked: known.iter().any(|one| is_theirs(&one.issuer)),
        asks_password,
        linked: known.into_iter().map(actions::describe).collect(),
    }))
}

/// Whether they gave their password in this browser a moment ago.
async fn gave_password(state: &AppState, conn: &mut Conn, own: &Own) -> ApiResult<bool> {
    let since = state.clock.now().minus(PASSWORD_COUNTS_FOR);
    match own.sign_in {
        Some(sign_in) => Ok(store::signed_in_by_password(conn, sign_in, since).await?),
        None => Ok(false),
    }
}

/// Leaves for the provider, to link one's own account with who one is there.
#[utoipa::path(
    post, path = "/account/external", tag = "account",
    request_body = OwnPassword,
    responses(
        (status = 200, body = ProviderAddress, description = "Where the browser goes now."), (status = 401), (status = 403),
        (status = 404, description = "`no_provider`."),
        (status = 422, description = "`wrong_present_password`, also when it is asked for and missing."),
        (status = 424, description = "`provider_down`, `provider_refused`."),
        (status = 429, description = "`rate_limited`.")
    )
)]
async fn leave_to_link(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<OwnPassword>,
) -> ApiResult<(CookieJar, Json<ProviderAddress>)> {
    let permit = asking.about(Own::of(&asking.actor))?;
    the_provider(&state)?;
    show_password(&state, &permit, address, request.password).await?;
    let account = Some(permit.id()?);
    depart(&state, &headers, address, (account, OWN_ACCOUNT)).await
}

/// Takes the links of one's own account away. Sign-ins by them end, but the one that asks.
#[utoipa::path(
    post, path = "/account/external/unlink", tag = "account",
    request_body = OwnPassword,
    responses((status = 204, description = "There is none."), (status = 401), (status = 403),
        (status = 422, description = "`wrong_present_password`, also when it is asked for and missing."),
        (status = 429, description = "`rate_limited`."))
)]
async fn unlink(
    State(state): State<AppState>,
    asking: Asking<KeepOwnAccount>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<OwnPassword>,
) -> ApiResult<StatusCode> {
    let permit = asking.about(Own::of(&asking.actor))?;
    show_password(&state, &permit, address, request.password).await?;
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let (account, kept) = (permit.id()?, asking.actor.sign_in);
    let when = (kept, state.clock.now());
    actions::unlink(&mut tx, &permit, account, &tree, when).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody on who gave their password a moment ago, or gives it now.
///
/// # Errors
/// `wrong_present_password`, `rate_limited`.
async fn show_password(
    state: &AppState,
    permit: &Permit<KeepOwnAccount, Own>,
    address: IpAddr,
    password: Option<String>,
) -> ApiResult<()> {
    let (account, gave) = {
        let mut conn = state.store.read().await?;
        let gave = gave_password(state, &mut conn, permit).await?;
        (accounts::by_id(&mut conn, permit.id()?).await?, gave)
    };
    if gave {
        return Ok(());
    }
    let account = account.ok_or_else(ApiError::unauthenticated)?;
    let wrong = || {
        ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::WrongPresentPassword,
            "this is not the present password",
        )
    };
    let guess = (&*account.login, password.ok_or_else(wrong)?);
    let tried = try_password(state, address, guess, Some(&account)).await?;
    state
        .sign_in_limits
        .password_was_right(tried.ok_or_else(wrong)?);
    Ok(())
}

fn the_provider(state: &AppState) -> ApiResult<&Provider> {
    state
        .provider
        .as_ref()
        .ok_or_else(|| ApiError::not_found(ProblemCode::NoProvider))
}

fn departure_unknown() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::DepartureUnknown,
        "nobody left for the provider so, from this browser, in the last minutes; or they came back before",
    )
}
