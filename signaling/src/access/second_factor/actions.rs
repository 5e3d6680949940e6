//! What somebody does with their own second factor.

use axum::http::StatusCode;
use office_core::rights::SetUpSecondFactor;
use protocol::UtcMicros;
use protocol::api::ProblemCode;
use serde_json::{Value, json};

use super::proof::{self, Proof};
use super::recovery::NewCodes;
use super::store;
use crate::access::own::Own;
use crate::access::{Permit, accounts};
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// Who does it, to their own account.
pub(super) type OwnPermit = Permit<SetUpSecondFactor, Own>;

/// Lets a sealed secret wait for its first code. What works goes on working.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(
    tx: &mut Tx,
    permit: &OwnPermit,
    sealed: &[u8],
    now: UtcMicros,
) -> ApiResult<()> {
    store::put_new(tx, permit.id()?, sealed, now).await?;
    note(tx, permit, "set_up_second_factor", None, now).await
}

/// Turns the factor on whose first code, of `step`, was right: it takes the place of the one that worked, with new recovery codes.
/// The sign-in by which they ask has shown it by that; all others end.
///
/// # Errors
/// `no_new_secret` when it waits no longer.
pub(super) async fn confirm(
    tx: &mut Tx,
    permit: &OwnPermit,
    (sealed, step): (&[u8], i64),
    codes: &NewCodes,
    now: UtcMicros,
) -> ApiResult<()> {
    let account = permit.id()?;
    // Who signs in meanwhile does it before, and ends below, or afterwards, and is asked for the second factor.
    store::hold(tx, account).await?;
    let confirmed = store::confirm(tx, account, (sealed, step), now).await?;
    let replaced = confirmed.ok_or_else(no_new_secret)?;
    store::put_recovery_codes(tx, account, &codes.hashes).await?;
    if let Some(sign_in) = permit.sign_in() {
        store::mark_sign_in(tx, sign_in, now).await?;
    }
    accounts::end_sign_ins(tx, account, permit.sign_in(), now).await?;
    let action = if replaced {
        "replace_second_factor"
    } else {
        "turn_on_second_factor"
    };
    let after = json!({ "recovery_codes": codes.hashes.len() });
    note(tx, permit, action, Some(after), now).await
}

/// Puts new recovery codes in the place of those that were left.
///
/// # Errors
/// `second_code_used`.
pub(super) async fn renew_recovery_codes(
    tx: &mut Tx,
    permit: &OwnPermit,
    proof: &Proof,
    codes: &NewCodes,
    now: UtcMicros,
) -> ApiResult<()> {
    let account = permit.id()?;
    proof::accept(tx, account, proof, now).await?;
    store::put_recovery_codes(tx, account, &codes.hashes).await?;
    let after = json!({ "recovery_codes": codes.hashes.len() });
    note(tx, permit, "make_recovery_codes", Some(after), now).await
}

/// Turns the factor off.
///
/// # Errors
/// `second_code_used`.
pub(super) async fn turn_off(
    tx: &mut Tx,
    permit: &OwnPermit,
    proof: &Proof,
    now: UtcMicros,
) -> ApiResult<()> {
    let account = permit.id()?;
    proof::accept(tx, account, proof, now).await?;
    store::remove(tx, account).await?;
    note(tx, permit, "turn_off_second_factor", None, now).await
}

/// 409: nothing waits for its first code.
pub(super) fn no_new_secret() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::NoNewSecret,
        "no secret waits for its first code, or it waited too long",
    )
}

async fn note(
    tx: &mut Tx,
    permit: &OwnPermit,
    action: &str,
    after: Option<Value>,
    now: UtcMicros,
) -> ApiResult<()> {
    let resource = format!("account:{}", permit.id()?);
    Ok(permit
        .note_as(tx, action, &resource, (None, after), now)
        .await?)
}
