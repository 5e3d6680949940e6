//! The second step at the door.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::api::{Me, ProblemCode, SecondStep, SecondStepCode, SecondStepDone};
use protocol::{AccountId, IdentityId, UtcMicros};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{proof, store};
use crate::AppState;
use crate::access::accounts::Account;
use crate::access::http::{
    ByProvider, account_disabled, begin_sign_in, begin_sign_in_by_second_factor,
};
use crate::access::limits::Attempt;
use crate::access::{Device, accounts};
use crate::platform::audit;
use crate::platform::clock::minutes;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Body;
use crate::platform::http::caller::ClientAddress;
use crate::platform::seal::Seal;
use crate::platform::secret::hash;

/// How long the second step may take: a phone has to be found.
const GOOD_FOR_MINUTES: u32 = 5;

/// What a sealed challenge is for.
const PURPOSE: &str = "second step";

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(second_step))
}

/// What comes of a first step that was right.
#[derive(Debug)]
pub(crate) enum Entered {
    /// Signed in: there is no second factor.
    Within(CookieJar, Box<Me>),
    /// Nobody is signed in before the second step.
    Halfway(SecondStep),
}

impl Entered {
    /// Counts the sign-in. A login is at home in a network only after its last step.
    pub(crate) fn count(&self, state: &AppState, attempt: Attempt) {
        match self {
            Self::Within(..) => {
                state.sign_in_limits.password_was_right(attempt);
                state.metrics.count_sign_in("accepted");
            }
            Self::Halfway(_) => state.sign_in_limits.password_was_not_tried(attempt),
        }
    }
}

impl IntoResponse for Entered {
    fn into_response(self) -> Response {
        match self {
            Self::Within(cookie, me) => (cookie, Json(me)).into_response(),
            Self::Halfway(step) => (StatusCode::ACCEPTED, Json(step)).into_response(),
        }
    }
}

/// Lets somebody in whose first step was right, or asks for the second one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn enter(
    state: &AppState,
    tx: &mut Tx,
    account: Account,
    device: &Device,
    now: UtcMicros,
) -> ApiResult<Entered> {
    if let Some(step) = ask(state, tx, &account, None, now).await? {
        return Ok(Entered::Halfway(step));
    }
    let (cookie, me) = begin_sign_in(state, tx, account, device, now).await?;
    Ok(Entered::Within(cookie, Box::new(me)))
}

/// Asks for the second factor of an account whose first step was right, by a password or by a provider; none when it has none.
///
/// # Errors
/// When the database fails.
pub(in crate::access) async fn ask(
    state: &AppState,
    tx: &mut Tx,
    account: &Account,
    by: Option<ByProvider<'_>>,
    now: UtcMicros,
) -> ApiResult<Option<SecondStep>> {
    if !store::is_on(tx, account.id).await? {
        return Ok(None);
    }
    let expires_at = now.plus(minutes(GOOD_FOR_MINUTES));
    Ok(Some(SecondStep {
        challenge: challenge(&state.seal, account, by, expires_at)?,
        expires_at_us: expires_at,
    }))
}

/// A text that says, sealed, whose first step was right, by which password or provider, and until when that counts.
fn challenge(
    seal: &Seal,
    account: &Account,
    by: Option<ByProvider<'_>>,
    expires_at: UtcMicros,
) -> ApiResult<String> {
    let mut said = account.id.0.as_bytes().to_vec();
    said.extend_from_slice(&expires_at.0.to_be_bytes());
    said.extend_from_slice(&password_of(account));
    if let Some(by) = by {
        said.extend_from_slice(by.identity.0.as_bytes());
        said.extend_from_slice(by.issuer.as_bytes());
    }
    let sealed = seal.seal(PURPOSE, &[], &said);
    Ok(URL_SAFE_NO_PAD.encode(sealed.map_err(ApiError::internal)?))
}

fn password_of(account: &Account) -> Vec<u8> {
    hash(account.password_hash.as_deref().unwrap_or_default())
}

/// What a challenge says.
#[derive(Debug)]
struct Challenge {
    account: AccountId,
    expires_at: UtcMicros,
    password: [u8; 32],
    /// The identity of a provider, and its issuer.
    identity: Option<(IdentityId, String)>,
}

impl Challenge {
    fn read(seal: &Seal, shown: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(shown).ok()?;
        let said = seal.open(PURPOSE, &[], &sealed)?;
        let (account, rest) = said.split_first_chunk::<16>()?;
        let (expires_at, rest) = rest.split_first_chunk::<8>()?;
        let (password, rest) = rest.split_first_chunk::<32>()?;
        let identity = rest.split_first_chunk::<16>().map(|(id, issuer)| {
            let issuer = String::from_utf8_lossy(issuer).into_owned();
            (IdentityId(Uuid::from_bytes(*id)), issuer)
        });
        Some(Self {
            account: AccountId(Uuid::from_bytes(*account)),
            expires_at: UtcMicros(i64::from_be_bytes(*expires_at)),
            password: *password,
            identity,
        })
    }
}

/// Signs in with the second factor, after a first step that was right.
#[utoipa::path(
    post, path = "/sign-in/second", tag = "account",
    request_body = SecondStepCode,
    responses(
        (status = 200, body = SecondStepDone, description = "Signed in; the cookie is in `Set-Cookie`."),
        (status = 401, description = "`second_step_over`: the first step is repeated; `account_disabled`."),
        (status = 422, description = "`wrong_second_code`, `second_code_used`; `phone_clock_off`: `reason` says which way."),
        (status = 429, description = "`rate_limited`."),
        (status = 503, description = "`second_factor_unreadable`.")
    )
)]
async fn second_step(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    device: Device,
    Body(request): Body<SecondStepCode>,
) -> ApiResult<(CookieJar, Json<SecondStepDone>)> {
    let now = state.clock.now();
    let challenge = Challenge::read(&state.seal, &request.challenge).ok_or_else(over)?;
    let account = {
        let mut conn = state.store.read().await?;
        accounts::by_id(&mut conn, challenge.account).await?
    };
    let account = account
        .filter(|account| password_of(account) == challenge.password && now < challenge.expires_at)
        .ok_or_else(over)?;
    if account.disabled_at.is_some() {
        return Err(account_disabled());
    }
    let proof = match proof::look(&state, address, &account, &request.code).await {
        Ok(proof) => proof,
        Err(refusal) => {
            state.metrics.count_sign_in("refused");
            return Err(refusal);
        }
    };
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    if account.password_hash.is_some() && !accounts::hold_as_it_was(&mut tx, &account).await? {
        return Err(over());
    }
    let left = proof::accept(&mut tx, account.id, &proof, now).await?;
    if let Some(left) = left {
        let name = format!("account:{}", account.id);
        let line = audit::Line {
            actor: &name,
            action: "use_recovery_code",
            resource: &name,
            before: None,
            after: Some(json!({ "left": left })),
        };
        audit::append(&mut tx, line, now).await?;
    }
    let by = challenge
        .identity
        .as_ref()
        .map(|(identity, issuer)| ByProvider {
            identity: *identity,
            issuer,
            second_factor: true,
        });
    let begun = begin_sign_in_by_second_factor(&state, &mut tx, account, (&device, by), now).await;
    let (cookie, me) = begun?;
    tx.commit().await?;
    state.metrics.count_sign_in("accepted");
    let done = SecondStepDone {
        me,
        recovery_codes_left: left,
    };
    Ok((cookie, Json(done)))
}

fn over() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::SecondStepOver,
        "the second step took too long, or the password was changed; begin again",
    )
}
