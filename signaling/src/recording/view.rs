//! Recordings as the interface tells them.

use office_core::rights::{ComposeRecording, SessionFacts, ViewRecording};
use protocol::RecordingId;
use protocol::api::{ProblemCode, Recording, RecordingFailure, RecordingStage};
use uuid::Uuid;

use super::films::{self, MediaFile};
use super::play::is_gone;
use super::replays;
use crate::AppState;
use crate::access::{Actor, Subject};
use crate::jobs::queue;
use crate::live::captures::{COMPOSE, Captured};
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::API;
use crate::schedule::admission::{SessionView, view_session};
use crate::schedule::sessions;

/// A recording as one actor sees it.
#[derive(Debug, Clone)]
pub(crate) struct SeenRecording {
    /// The recording.
    pub(crate) recording: replays::Recording,
    /// Its session.
    pub(crate) view: SessionView,
}

impl Subject<SessionFacts> for SeenRecording {
    fn facts(&self) -> &SessionFacts {
        &self.view.facts
    }
}

/// A recording by its id, as `actor` sees it.
///
/// # Errors
/// `unknown_recording`.
pub(crate) async fn lookup(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    id: &str,
) -> ApiResult<SeenRecording> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownRecording);
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let recording = replays::by_id(conn, RecordingId(id))
        .await?
        .ok_or_else(unknown)?;
    let session = sessions::by_id(conn, recording.session)
        .await?
        .ok_or_else(unknown)?;
    let tree = state.tree(conn).await?;
    let view = view_session(conn, &tree, actor, session, state.clock.now()).await?;
    Ok(SeenRecording { recording, view })
}

/// The film of a recording, unless its file is gone; and whether there was one that is.
pub(crate) async fn film_of(
    state: &AppState,
    conn: &mut Conn,
    recording: RecordingId,
) -> ApiResult<(Option<MediaFile>, bool)> {
    Ok(match films::composite(conn, recording).await? {
        Some(film) if is_gone(state, &film).await => (None, true),
        film => (film, false),
    })
}

/// Tells of a recording.
///
/// # Errors
/// When the database fails.
pub(crate) async fn describe(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    view: &SessionView,
    recording: replays::Recording,
) -> ApiResult<Recording> {
    let may_view = actor.may::<ViewRecording>(&view.facts);
    let (film, is_lost) = film_of(state, conn, recording.id).await?;
    let (mut stage, mut failure) = (recording.stage, recording.failure);
    if is_lost && stage == RecordingStage::Ready {
        (stage, failure) = (RecordingStage::Failed, Some(RecordingFailure::FilmMissing));
    }
    let job = Captured {
        recording: recording.id,
    };
    let progress = queue::progress(conn, COMPOSE, &job.stored()).await?;
    Ok(Recording {
        id: recording.id.to_string(),
        session: view.session.code.0.clone(),
        title: view.session.title.clone(),
        state: stage,
        started_at_us: recording.started_at,
        duration_us: recording.duration_us,
        bytes: film.as_ref().map(|film| film.bytes),
        progress_percent: match stage {
            RecordingStage::Ready => 100,
            _ => progress.unwrap_or(0),
        },
        failure,
        keep_until_us: recording.keep_until,
        media_url: film
            .filter(|_| may_view)
            .map(|_| format!("{API}/recordings/{}/media", recording.id)),
        may_view,
        may_compose: actor.may::<ComposeRecording>(&view.facts),
    })
}
