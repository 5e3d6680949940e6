//! What somebody decides about the guide: to go on without a step, to close it, to open it again.

use office_core::rights::KeepGuide;
use protocol::UtcMicros;
use protocol::api::{GuideChange, ProblemCode};
use serde_json::json;

use crate::access::Permit;
use crate::platform::database::{Conn, StoreResult, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::settings;

/// What was decided; nothing at first.
///
/// # Errors
/// When the database fails.
pub(super) async fn decided(conn: &mut Conn) -> StoreResult<GuideChange> {
    let stored = settings::of_year(conn, settings::GUIDE, 0).await?;
    let known = stored.and_then(|text| serde_json::from_str(&text).ok());
    Ok(known.unwrap_or(GuideChange {
        skipped: Vec::new(),
        is_closed: false,
    }))
}

/// Decides.
///
/// # Errors
/// `malformed_body` when a step is named twice.
pub(super) async fn decide(
    tx: &mut Tx,
    permit: &Permit<KeepGuide>,
    wanted: GuideChange,
    now: UtcMicros,
) -> ApiResult<()> {
    let mut wanted = wanted;
    let named = wanted.skipped.len();
    wanted.skipped.sort();
    wanted.skipped.dedup();
    if wanted.skipped.len() != named {
        return Err(ApiError::bad_request(
            ProblemCode::MalformedBody,
            "a step is named twice",
        ));
    }
    let before = decided(tx).await?;
    if before == wanted {
        return Ok(());
    }
    let by = (permit.account(), now);
    settings::write_named(tx, settings::GUIDE, &json!(wanted), by).await?;
    permit
        .note(
            tx,
            "setting:guide",
            Some(json!(before)),
            Some(json!(wanted)),
            now,
        )
        .await?;
    Ok(())
}
