//! How copies did, and one more.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::rights::{MakeBackup, ViewBackups};
use protocol::api::{Backups, ProblemCode};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use super::work::{Backup, RESOURCE, Whole};
use super::{history, nightly};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::jobs::{Work as _, queue};
use crate::platform::error::{ApiError, ApiResult};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(list, make))
}

/// How many runs are told.
const TOLD: usize = 30;

/// How the last copies came out, where and when they are made, and how far the one is that is being made.
#[utoipa::path(
    get, path = "/backups", tag = "system",
    responses((status = 200, body = Backups), (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ViewBackups>,
) -> ApiResult<Json<Backups>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let stored = Backup::stored(&Whole {});
    let percent = queue::progress(&mut conn, Backup::KIND, &stored).await?;
    drop(conn);
    let runs = history::read(&state.data_dir).map_err(ApiError::internal)?;
    let settings = &state.config.backup;
    let (_, next) = nightly::due(state.clock.now(), settings.hour);
    let folder = settings.folder.as_ref();
    Ok(Json(Backups {
        folder: folder.map(|folder| folder.display().to_string()),
        next_at_us: folder.map(|_| next),
        keep: settings.keep,
        percent,
        last_good: history::last_good(&runs).cloned(),
        runs: runs.into_iter().take(TOLD).collect(),
    }))
}

/// Asks for a copy; it is made in the background.
#[utoipa::path(
    post, path = "/backups", tag = "system",
    responses((status = 202, description = "It is being made."), (status = 401), (status = 403),
        (status = 409, description = "`no_backup_folder`: the settings name no folder; `backup_under_way`."))
)]
async fn make(State(state): State<AppState>, asking: Asking<MakeBackup>) -> ApiResult<StatusCode> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let refused = |code| ApiError::new(StatusCode::CONFLICT, code, "no backup can be begun");
    if state.config.backup.folder.is_none() {
        return Err(refused(ProblemCode::NoBackupFolder));
    }
    let whole = Whole {};
    let mut tx = state.store.write().await?;
    let stored = Backup::stored(&whole);
    if queue::progress(&mut tx, Backup::KIND, &stored)
        .await?
        .is_some()
    {
        return Err(refused(ProblemCode::BackupUnderWay));
    }
    Backup::enqueue(&mut tx, &whole, now).await?;
    permit
        .note_as(
            &mut tx,
            "ask_for_backup",
            RESOURCE,
            (None, Some(json!({}))),
            now,
        )
        .await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
