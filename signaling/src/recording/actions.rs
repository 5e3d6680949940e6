//! What can be done with recordings.

use axum::http::StatusCode;
use office_core::rights::ComposeRecording;
use protocol::UtcMicros;
use protocol::api::{ProblemCode, RecordingStage};
use serde_json::json;

use super::replays;
use super::view::{SeenRecording, film_of};
use crate::AppState;
use crate::access::Permit;
use crate::jobs::queue;
use crate::live::captures::{COMPOSE, Captured};
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// Has the MP4 made once more, after it failed, was lost, or when it never began. How the recording stands then.
///
/// # Errors
/// `not_composable`: it still runs, or is being made, or is there.
pub(crate) async fn compose(
    state: &AppState,
    tx: &mut Tx,
    permit: &Permit<ComposeRecording, SeenRecording>,
    now: UtcMicros,
) -> ApiResult<replays::Recording> {
    let recording = &permit.recording;
    let job = Captured {
        recording: recording.id,
    };
    let job = job.stored();
    let (film, _) = film_of(state, tx, recording.id).await?;
    // The recording's row before the look at the queue: of two who ask at the same moment, the second waits for the first at
    // the row, and finds its job.
    let waits = replays::retry(tx, recording.id, film.is_none()).await?;
    if !waits || queue::progress(tx, COMPOSE, &job).await?.is_some() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::NotComposable,
            "the recording still runs, or its film is being made, or is there",
        ));
    }
    queue::enqueue(tx, COMPOSE, &job, now).await?;
    let before = json!({ "state": recording.stage });
    let resource = format!("recording:{}", recording.id);
    permit.note(tx, &resource, Some(before), None, now).await?;
    Ok(replays::Recording {
        stage: RecordingStage::Archived,
        failure: None,
        ..recording.clone()
    })
}
