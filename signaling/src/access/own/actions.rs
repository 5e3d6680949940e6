//! What somebody does with their own account.

use axum::http::StatusCode;
use office_core::rights::{KeepOwnAccount, Oneself};
use protocol::api::ProblemCode;
use protocol::{AccountId, SignInId, UtcMicros};
use serde_json::json;

use super::store;
use crate::access::accounts::{self, Account};
use crate::access::{Actor, Permit, Subject};
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// Whoever asks, as the one whose account it is.
#[derive(Debug)]
pub(crate) struct Own {
    /// The account; none for somebody who came by a link.
    account: Option<AccountId>,
    /// The sign-in by which they ask.
    pub(crate) sign_in: Option<SignInId>,
    facts: Oneself,
}

impl Own {
    pub(crate) fn of(actor: &Actor) -> Self {
        let account = actor.account();
        Self {
            account,
            sign_in: actor.sign_in,
            facts: Oneself {
                has_account: account.is_some(),
            },
        }
    }

    /// The account.
    ///
    /// # Errors
    /// 403 when there is none; whoever has a permit has one.
    pub(crate) fn id(&self) -> ApiResult<AccountId> {
        self.account.ok_or_else(ApiError::forbidden)
    }

    /// The sign-in by which they ask.
    pub(in crate::access) fn sign_in(&self) -> Option<SignInId> {
        self.sign_in
    }

    /// Whether this is the sign-in by which they ask.
    pub(super) fn asks_by(&self, id: SignInId) -> bool {
        self.sign_in == Some(id)
    }
}

impl Subject<Oneself> for Own {
    fn facts(&self) -> &Oneself {
        &self.facts
    }
}

/// Replaces the password by one whose hash is given, and ends the other sign-ins.
///
/// # Errors
/// `try_again` when the account is not as it was when the present password was checked.
pub(super) async fn change_password(
    tx: &mut Tx,
    permit: &Permit<KeepOwnAccount, Own>,
    account: &Account,
    hash: &str,
    now: UtcMicros,
) -> ApiResult<()> {
    if !accounts::hold_as_it_was(tx, account).await? {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::TryAgain,
            "the password was replaced at the same moment",
        ));
    }
    accounts::set_password(tx, account.id, hash, permit.sign_in, now).await?;
    let after = json!({ "password_changed_at_us": now });
    note(tx, permit, "change_password", Some(after), now).await
}

/// Ends one of the sign-ins.
///
/// # Errors
/// 404 `unknown_sign_in`.
pub(super) async fn end_sign_in(
    tx: &mut Tx,
    permit: &Permit<KeepOwnAccount, Own>,
    id: SignInId,
    now: UtcMicros,
) -> ApiResult<()> {
    if !store::end_sign_in(tx, permit.id()?, id, now).await? {
        return Err(ApiError::not_found(ProblemCode::UnknownSignIn));
    }
    let after = json!({ "sign_in": id });
    note(tx, permit, "end_sign_in", Some(after), now).await
}

/// Ends every sign-in but the one by which they ask.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_others(
    tx: &mut Tx,
    permit: &Permit<KeepOwnAccount, Own>,
    now: UtcMicros,
) -> ApiResult<()> {
    let ended = accounts::end_sign_ins(tx, permit.id()?, permit.sign_in, now).await?;
    if ended == 0 {
        return Ok(());
    }
    let after = json!({ "sign_ins": ended });
    note(tx, permit, "end_other_sign_ins", Some(after), now).await
}

async fn note(
    tx: &mut Tx,
    permit: &Permit<KeepOwnAccount, Own>,
    action: &str,
    after: Option<serde_json::Value>,
    now: UtcMicros,
) -> ApiResult<()> {
    let resource = format!("account:{}", permit.id()?);
    Ok(permit
        .note_as(tx, action, &resource, (None, after), now)
        .await?)
}
