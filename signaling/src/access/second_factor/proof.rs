//! Showing a second factor: what is typed is looked at within the limits of guessing, then accepted once.

use std::net::IpAddr;

use axum::http::StatusCode;
use office_core::second_factor::{Shown, Verdict, read};
use protocol::api::ProblemCode;
use protocol::{AccountId, UtcMicros};

use super::totp::TotpSecret;
use super::{recovery, store};
use crate::AppState;
use crate::access::accounts::Account;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// A second factor that is right, and not accepted yet.
#[derive(Debug)]
pub(super) enum Proof {
    /// The code of a step, by the secret that is stored so.
    Step(Vec<u8>, i64),
    /// The recovery code that is stored so.
    Recovery(Vec<u8>),
}

/// Looks at what somebody types as the second factor of an account.
///
/// # Errors
/// `rate_limited`; `wrong_second_code`, `second_code_used`, `phone_clock_off`; `second_factor_off` when there is none.
pub(super) async fn look(
    state: &AppState,
    address: IpAddr,
    account: &Account,
    typed: &str,
) -> ApiResult<Proof> {
    match read(typed) {
        Some(Shown::Digits(digits)) => by_application(state, address, account, &digits).await,
        Some(Shown::Recovery(code)) => by_recovery_code(state, address, account, code).await,
        None => Err(wrong()),
    }
}

async fn by_application(
    state: &AppState,
    address: IpAddr,
    account: &Account,
    digits: &str,
) -> ApiResult<Proof> {
    let working = {
        let mut conn = state.store.read().await?;
        store::working(&mut conn, account.id).await?
    };
    let working = working.ok_or_else(off)?;
    let secret = open(state, account.id, &working.secret)?;
    let step = judge(
        state,
        address,
        account,
        (&secret, working.last_step),
        digits,
    )
    .await?;
    Ok(Proof::Step(working.secret, step))
}

/// Judges digits by a secret, within the limits; `last` is the step of the last code that was accepted. The step of the code.
///
/// # Errors
/// `rate_limited`; `wrong_second_code`, `second_code_used`, `phone_clock_off`.
pub(super) async fn judge(
    state: &AppState,
    address: IpAddr,
    account: &Account,
    (secret, last): (&TotpSecret, Option<i64>),
    digits: &str,
) -> ApiResult<i64> {
    let limits = &state.sign_in_limits;
    let (attempt, wait) = limits.before_second_code(&account.login, address)?;
    tokio::time::sleep(wait).await;
    match secret.judge(digits, state.clock.now(), last) {
        Verdict::Right(step) => {
            limits.second_code_was_right(attempt);
            Ok(step)
        }
        verdict => {
            limits.password_was_wrong(attempt);
            Err(match verdict {
                Verdict::Used => used(),
                Verdict::ClockOff(seconds) => clock_off(seconds),
                Verdict::Wrong | Verdict::Right(_) => wrong(),
            })
        }
    }
}

async fn by_recovery_code(
    state: &AppState,
    address: IpAddr,
    account: &Account,
    code: String,
) -> ApiResult<Proof> {
    let limits = &state.sign_in_limits;
    let (attempt, wait) = limits.before_password(&account.login, address)?;
    tokio::time::sleep(wait).await;
    let stored = {
        let mut conn = state.store.read().await?;
        store::recovery_codes(&mut conn, account.id).await?
    };
    let found = tokio::task::spawn_blocking(move || recovery::find(&stored, &code)).await;
    match found.map_err(ApiError::internal)? {
        Some(hash) => {
            limits.password_was_right(attempt);
            Ok(Proof::Recovery(hash))
        }
        None => {
            limits.password_was_wrong(attempt);
            Err(wrong())
        }
    }
}

/// Accepts a second factor, which is then spent. How many recovery codes are left, when it was one.
///
/// # Errors
/// `second_code_used` when it was spent meanwhile.
pub(super) async fn accept(
    tx: &mut Tx,
    account: AccountId,
    proof: &Proof,
    now: UtcMicros,
) -> ApiResult<Option<u32>> {
    match proof {
        Proof::Step(secret, step) => {
            if !store::accept(tx, account, secret, *step).await? {
                return Err(used());
            }
            Ok(None)
        }
        Proof::Recovery(hash) => {
            if !store::use_recovery_code(tx, account, hash, now).await? {
                return Err(used());
            }
            let left = store::recovery_codes(tx, account).await?.len();
            Ok(Some(u32::try_from(left).unwrap_or(u32::MAX)))
        }
    }
}

/// A stored secret in the clear.
///
/// # Errors
/// `second_factor_unreadable` when the key in the data folder is another one.
pub(super) fn open(state: &AppState, account: AccountId, sealed: &[u8]) -> ApiResult<TotpSecret> {
    TotpSecret::open(&state.seal, account, sealed).ok_or_else(|| {
        tracing::error!(%account, "the secret of a second factor does not open; is seal.key the one it was sealed by?");
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::SecondFactorUnreadable,
            "the secret of the second factor does not open",
        )
    })
}

pub(super) fn wrong() -> ApiError {
    refused(
        ProblemCode::WrongSecondCode,
        "this is neither the code of this moment nor a recovery code that is left",
    )
}

fn used() -> ApiError {
    refused(
        ProblemCode::SecondCodeUsed,
        "this code was used, or a later one",
    )
}

/// `seconds` ahead, or behind when it is less than nothing.
fn clock_off(seconds: i64) -> ApiError {
    let reason = if seconds > 0 { "ahead" } else { "behind" };
    refused(
        ProblemCode::PhoneClockOff,
        "this is the code of another time: the clock of the phone is wrong",
    )
    .with("reason", reason)
    .with("minutes", (seconds.abs() + 30) / 60)
}

fn refused(code: ProblemCode, title: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
}

/// 409: there is no second factor.
pub(super) fn off() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::SecondFactorOff,
        "there is no second factor",
    )
}
