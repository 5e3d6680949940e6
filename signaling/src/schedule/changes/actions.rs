//! What can be changed in a session.

use axum::http::StatusCode;
use office_core::rights::EditSession;
use protocol::api::{ProblemCode, SessionChange};
use protocol::{UtcMicros, text};
use serde_json::json;

use super::store;
use crate::access::Permit;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::schedule::admission::SessionView;

/// Changes what is named in `wanted`, as one new version. Nothing is written when nothing is another.
///
/// # Errors
/// `bad_title`; `session_over` with the `reason`.
pub(crate) async fn edit(
    tx: &mut Tx,
    permit: &Permit<EditSession, SessionView>,
    wanted: &SessionChange,
    now: UtcMicros,
) -> ApiResult<()> {
    let session = &permit.session;
    if session.is_over(now) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::SessionOver,
            "the session is over",
        ));
    }
    let Some(title) = &wanted.title else {
        return Ok(());
    };
    let title = admit(text::TITLE, title, ProblemCode::BadTitle)?;
    if title == session.title {
        return Ok(());
    }
    store::set_title(tx, session.id, &title).await?;
    let before = json!({ "title": session.title });
    let after = json!({ "title": title });
    let resource = format!("session:{}", session.code);
    permit
        .note(tx, &resource, Some(before), Some(after), now)
        .await?;
    Ok(())
}
