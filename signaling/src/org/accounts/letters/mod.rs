//! Letters that invite people to their accounts. A letter is asked for in a request and sent by a job; its one-time code is made
//! when it goes out, and counts from the moment at which the mail server took it.

mod store;
mod words;
pub(super) mod work;

use axum::http::StatusCode;
use office_core::rights::ManageAccount;
use protocol::UtcMicros;
use protocol::api::{AccountState, ProblemCode};
use serde_json::json;

use super::actions;
use super::listing::Listed;
use crate::access::Permit;
use crate::access::codes::Code;
use crate::jobs::Work as _;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use work::{Invite, Which};

/// Asks for a letter to somebody whom [`actions::hold`] holds. Whoever has no account gets one, with a `code` that nobody is
/// told: it waits for the letter's own. A password stays until the letter has gone out.
///
/// # Errors
/// `no_address`; `account_disabled`; `has_password` without `reset`; `login_taken`.
pub(super) async fn ask(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    code: &Code,
    reset: bool,
    now: UtcMicros,
) -> ApiResult<()> {
    actions::admit_code(permit, reset)?;
    if store::email_of(tx, permit.person).await?.is_none() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::NoAddress,
            "nobody knows where letters reach them",
        )
        .with("name", &permit.name));
    }
    let by = permit.account().ok_or_else(ApiError::forbidden)?;
    if permit.state == AccountState::None {
        actions::give_code(tx, permit, code, false, now).await?;
    }
    let letter = store::ask(tx, permit.person, by, reset, now).await?;
    let which = Which {
        person: permit.person,
        letter,
    };
    Invite::enqueue(tx, &which, now).await?;
    let after = json!({ "reset": reset });
    let resource = format!("person:{}", permit.person);
    permit
        .note_as(tx, "send_invitation", &resource, (None, Some(after)), now)
        .await?;
    Ok(())
}
