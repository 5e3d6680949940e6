//! Reading the log.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use office_core::deeds::DEEDS;
use office_core::rights::{CheckAudit, ExportAudit, ReadAudit};
use protocol::api::{AuditAction, AuditChain, AuditFault, AuditLine, Page};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use super::export::{self, Language};
use super::listing::{Asked, describe};
use super::store;
use crate::AppState;
use crate::access::{Asking, Permit, routes_asking};
use crate::platform::audit::{self, Fault, Head, Verdict};
use crate::platform::clock::day;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Query;
use crate::platform::paging::{cut, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list))
        .routes(routes_asking!(actions))
        .routes(routes_asking!(check))
}

/// Apart from the others because a long log takes longer than a request may.
pub(crate) fn files() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(file))
}

/// How many lines a page holds at most.
const PAGE: usize = 50;

/// For how long what one person reads of the log counts as reading it once.
const SAME_READING: Duration = Duration::from_secs(3_600);

/// How the log calls itself.
const RESOURCE: &str = "audit_log";

/// Lists the lines of the audit log, newest first. That somebody reads it is a line itself, once an hour.
#[utoipa::path(
    get, path = "/audit-log", tag = "system", params(Asked),
    responses((status = 200, body = Page<AuditLine>), (status = 400, description = "`malformed_query`."),
        (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ReadAudit>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<Page<AuditLine>>> {
    let permit = asking.about(())?;
    let wanted = asked.wanted()?;
    note_reading(&state, &permit).await?;
    let mut conn = state.store.read().await?;
    let mut lines = store::lines(&mut conn, &wanted, with_another(PAGE)).await?;
    let next = cut(&mut lines, PAGE, |last| last.seq);
    let items = lines.into_iter().map(describe).collect();
    Ok(Json(Page { items, next }))
}

async fn note_reading(state: &AppState, permit: &Permit<ReadAudit>) -> ApiResult<()> {
    let now = state.clock.now();
    let since = now.minus(SAME_READING);
    let mut conn = state.store.read().await?;
    if permit.was_noted(&mut conn, RESOURCE, since).await? {
        return Ok(());
    }
    drop(conn);
    let mut tx = state.store.write().await?;
    permit
        .note_once(&mut tx, RESOURCE, json!({}), since, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// What the actions of the log are called.
#[utoipa::path(
    get, path = "/audit-log/actions", tag = "system",
    responses((status = 200, body = Page<AuditAction>), (status = 401), (status = 403))
)]
async fn actions(
    State(_): State<AppState>,
    asking: Asking<ReadAudit>,
) -> ApiResult<Json<Page<AuditAction>>> {
    asking.about(())?;
    let named = |deed: &office_core::deeds::Deed| AuditAction {
        name: deed.name.to_owned(),
        vi: deed.vi.to_owned(),
        en: deed.en.to_owned(),
    };
    let items = DEEDS.iter().map(named).collect();
    Ok(Json(Page { items, next: None }))
}

/// The language of a file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Spoken {
    /// `vi` or `en`; Vietnamese when absent.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    lang: Language,
}

/// The lines that are asked for, all of them, as a table for Excel: UTF-8 with a byte order mark. Who took what away is a
/// line itself.
#[utoipa::path(
    get, path = "/audit-log/file", tag = "system", params(Asked, Spoken),
    responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 400, description = "`malformed_query`."),
        (status = 401), (status = 403))
)]
async fn file(
    State(state): State<AppState>,
    asking: Asking<ExportAudit>,
    Query(asked): Query<Asked>,
    Query(spoken): Query<Spoken>,
) -> ApiResult<Response> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let wanted = asked.wanted()?;
    let mut tx = state.store.write().await?;
    permit
        .note(&mut tx, RESOURCE, None, Some(asked.described()), now)
        .await?;
    tx.commit().await?;
    let name = format!("attachment; filename=\"nhat-ky-{}.csv\"", day(now).0);
    let heads = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = export::body(state.store.clone(), wanted, spoken.lang);
    Ok((heads, body).into_response())
}

/// Checks every line of the log against the one before, and the newest against what was written down outside the database.
#[utoipa::path(
    post, path = "/audit-log/check", tag = "system",
    responses((status = 200, body = AuditChain), (status = 401), (status = 403))
)]
async fn check(
    State(state): State<AppState>,
    asking: Asking<CheckAudit>,
) -> ApiResult<Json<AuditChain>> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    // Read before the log: it may lag, and never leads.
    let head = Head::read(&state.data_dir).map_err(ApiError::internal)?;
    let mut conn = state.store.read().await?;
    let verdict = audit::verify(&mut conn, head).await?;
    drop(conn);
    let told = json!({ "lines": verdict.lines, "faults": verdict.faults.len() });
    let mut tx = state.store.write().await?;
    permit
        .note(&mut tx, RESOURCE, None, Some(told), now)
        .await?;
    tx.commit().await?;
    Ok(Json(chain(&verdict, now)))
}

fn chain(verdict: &Verdict, checked_at_us: protocol::UtcMicros) -> AuditChain {
    let fault = |fault: &Fault| match *fault {
        Fault::Missing { from, to } => AuditFault::Missing { from, to },
        Fault::Changed(seq) => AuditFault::Changed { seq },
        Fault::Rewritten(seq) => AuditFault::Rewritten { seq },
    };
    AuditChain {
        checked_at_us,
        lines: verdict.lines,
        head: verdict.head.map(|head| head.seq),
        faults: verdict.faults.iter().map(fault).collect(),
    }
}
