//! Recordings: what there is of a session, and the MP4 itself.

use std::io::{ErrorKind, SeekFrom};
use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::BytesMut;
use protocol::api::{Page, ProblemCode, Recording, RecordingFailure, RecordingStage};
use protocol::{RecordingId, SessionCode};
use serde_json::json;
use signaling_core::Mono;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::session::find;
use crate::AppState;
use crate::admission::{SessionView, view_session};
use crate::auth::{self, Actor};
use crate::authorise::{Action, Resource, authorise};
use crate::clock::day;
use crate::error::{ApiError, ApiResult};
use crate::extract::Path;
use crate::jobs;
use crate::store::media::MediaFile;
use crate::store::rights::Mark;
use crate::store::unit::Tree;
use crate::store::{self, Conn, audit, job, media, replay};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(of_session))
        .routes(routes!(detail))
        .routes(routes!(compose))
}

/// The route of the MP4, apart from the others because it is not a request that must end in time.
pub(super) fn media_router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(play))
}

/// The recordings of a session, oldest first.
#[utoipa::path(
    get, path = "/sessions/{code}/recordings", tag = "recording",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<Recording>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`.")),
    extensions(("x-action" = json!("inspect_recordings")))
)]
async fn of_session(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<Recording>>> {
    let mut conn = state.store.read().await?;
    let (_, view) = find(&state, &mut conn, &actor, &code).await?;
    authorise(
        &actor,
        Action::InspectRecordings,
        Resource::Session(&view.facts),
    )?;
    let mut items = Vec::new();
    for recording in replay::of_session(&mut conn, view.session.id).await? {
        items.push(describe(&state, &mut conn, &actor, &view, recording).await?);
    }
    Ok(Json(Page { items, next: None }))
}

/// A recording by its id.
#[utoipa::path(
    get, path = "/recordings/{id}", tag = "recording",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 200, body = Recording), (status = 401), (status = 403),
        (status = 404, description = "`unknown_recording`.")),
    extensions(("x-action" = json!("inspect_recordings")))
)]
async fn detail(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<Json<Recording>> {
    let mut conn = state.store.read().await?;
    let (recording, view) = lookup(&state, &mut conn, &actor, &id).await?;
    authorise(
        &actor,
        Action::InspectRecordings,
        Resource::Session(&view.facts),
    )?;
    Ok(Json(
        describe(&state, &mut conn, &actor, &view, recording).await?,
    ))
}

/// Has the MP4 made once more, after it failed or when it never began.
#[utoipa::path(
    post, path = "/recordings/{id}/compose", tag = "recording",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 202, body = Recording, description = "It waits its turn."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_recording`."),
        (status = 409, description = "`not_composable`: it still runs, or is being made, or is there.")),
    extensions(("x-action" = json!("compose_recording")))
)]
async fn compose(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<Recording>)> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let (mut recording, view) = lookup(&state, &mut tx, &actor, &id).await?;
    authorise(
        &actor,
        Action::ComposeRecording,
        Resource::Session(&view.facts),
    )?;
    let payload = jobs::compose_payload(recording.id);
    let under_way = job::progress(&mut tx, jobs::COMPOSE, &payload)
        .await?
        .is_some();
    let film = media::composite(&mut tx, recording.id).await?;
    let lost = match &film {
        Some(film) => is_gone(&state, film).await,
        None => true,
    };
    if under_way || !replay::retry(&mut tx, recording.id, lost).await? {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::NotComposable,
            "the recording still runs, or its film is being made, or is there",
        ));
    }
    job::enqueue(&mut tx, jobs::COMPOSE, &payload, now).await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "compose_recording",
            resource: &format!("recording:{}", recording.id),
            before: Some(json!({ "state": recording.stage })),
            after: None,
        },
        now,
    )
    .await?;
    recording.stage = RecordingStage::Archived;
    recording.failure = None;
    let described = describe(&state, &mut tx, &actor, &view, recording).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(described)))
}

async fn lookup(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    id: &str,
) -> ApiResult<(replay::Recording, SessionView)> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownRecording);
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let recording = replay::by_id(conn, RecordingId(id))
        .await?
        .ok_or_else(unknown)?;
    let session = store::session::by_id(conn, recording.session)
        .await?
        .ok_or_else(unknown)?;
    let now = state.clock.now();
    let tree = Tree::load(conn, &day(now)).await?;
    let view = view_session(conn, &tree, actor, session, now).await?;
    Ok((recording, view))
}

async fn describe(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    view: &SessionView,
    recording: replay::Recording,
) -> ApiResult<Recording> {
    let may = |action| authorise(actor, action, Resource::Session(&view.facts)).is_ok();
    let may_view = may(Action::ViewRecording);
    let mut film = media::composite(conn, recording.id).await?;
    let (mut stage, mut failure) = (recording.stage, recording.failure);
    if let Some(made) = &film
        && is_gone(state, made).await
    {
        film = None;
        if stage == RecordingStage::Ready {
            (stage, failure) = (RecordingStage::Failed, Some(RecordingFailure::FilmMissing));
        }
    }
    let progress = job::progress(conn, jobs::COMPOSE, &jobs::compose_payload(recording.id)).await?;
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
            .map(|_| format!("{}/recordings/{}/media", super::API, recording.id)),
        may_view,
        may_compose: may(Action::ComposeRecording),
    })
}

/// For how long the parts of a recording that one caller asks for count as one view: 10 minutes.
const SAME_VIEW: Duration = Duration::from_secs(600);

/// Writes into the audit log that somebody sees a recording: once in ten minutes, however many parts a player asks for.
///
/// # Errors
/// When it cannot be written; then nothing is shown, because every view is in the log.
async fn note_view(
    state: &AppState,
    actor: &Actor,
    recording: RecordingId,
    session: &SessionCode,
) -> ApiResult<()> {
    let now = state.clock.now();
    let since = now.minus(SAME_VIEW);
    let (actor, resource) = (actor.audit_name(), format!("recording:{recording}"));
    let line = audit::Line {
        actor: &actor,
        action: "view_recording",
        resource: &resource,
        before: None,
        after: Some(json!({ "session": session })),
    };
    if audit::happened(&mut state.store.read().await?, &line, since).await? {
        return Ok(());
    }
    let mut tx = state.store.write().await?;
    audit::append_once(&mut tx, line, since, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The MP4, whole or in part (RFC 9110, sections 13 and 14). One range at a time; several are answered with the whole.
/// Each view is written into the audit log. When the right to see it ends, an answer under way breaks off within 5 s.
#[utoipa::path(
    get, path = "/recordings/{id}/media", tag = "recording",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 200, content_type = "video/mp4", body = Vec<u8>), (status = 206), (status = 304),
        (status = 401), (status = 403), (status = 404, description = "`unknown_recording`, `no_film_yet`."),
        (status = 410, description = "`film_gone`: it was made, and its file is gone or cut short."),
        (status = 416, description = "`bad_range`.")),
    extensions(("x-action" = json!("view_recording")))
)]
async fn play(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> ApiResult<Response> {
    // Before anything is looked at: what is taken away from here on changes it.
    let rights = state.rooms.rights();
    let (film, recording, session) = {
        let mut conn = state.store.read().await?;
        let (recording, view) = lookup(&state, &mut conn, &actor, &id).await?;
        authorise(
            &actor,
            Action::ViewRecording,
            Resource::Session(&view.facts),
        )?;
        let film = media::composite(&mut conn, recording.id).await?;
        (film, recording.id, view.session.code)
    };
    let film = film.ok_or_else(|| ApiError::not_found(ProblemCode::NoFilmYet))?;
    let mut file = open(&state, &film).await?;
    let length = film.bytes.unsigned_abs();
    let etag = format!("\"{}\"", hex::encode(&film.sha256));
    let mut answer = HeaderMap::new();
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer.insert(header::CONTENT_TYPE, value(&film.mime)?);
    answer.insert(header::ETAG, value(&etag)?);
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if text(&headers, header::IF_NONE_MATCH).is_some_and(|tags| matches_tag(tags, &etag)) {
        // The player shows what it kept from an earlier view.
        if method == Method::GET {
            note_view(&state, &actor, recording, &session).await?;
        }
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    // A range of another version would be spliced into the wrong film.
    let same_version = text(&headers, header::IF_RANGE).is_none_or(|tag| tag == etag);
    let wanted = text(&headers, header::RANGE)
        .filter(|_| same_version)
        .map_or(Wanted::Whole, |range| wanted(range, length));
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Wanted::Nothing => {
            answer.insert(header::CONTENT_RANGE, value(&format!("bytes */{length}"))?);
            let mut refusal = ApiError::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                ProblemCode::BadRange,
                "the film is shorter than that",
            )
            .into_response();
            refusal
                .headers_mut()
                .insert(header::CONTENT_RANGE, value(&format!("bytes */{length}"))?);
            return Ok(refusal);
        }
    };
    let (first, count) = range.as_ref().map_or((0, length), |range| {
        (*range.start(), range.end() - range.start() + 1)
    });
    if let Some(range) = &range {
        let text = format!("bytes {}-{}/{length}", range.start(), range.end());
        answer.insert(header::CONTENT_RANGE, value(&text)?);
    }
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(count));
    if method == Method::HEAD {
        return Ok((status, answer).into_response());
    }
    note_view(&state, &actor, recording, &session).await?;
    file.seek(SeekFrom::Start(first))
        .await
        .map_err(ApiError::internal)?;
    let showing = Showing {
        rest: file.take(count),
        asked_at: state.clock.mono(),
        rights,
        headers,
        recording: id,
        state,
    };
    let body = Body::from_stream(futures_util::stream::try_unfold(showing, Showing::next));
    Ok((status, answer, body).into_response())
}

/// How much of a film is read at once.
const PIECE: usize = 64 * 1024;

/// After this it is asked anew whether somebody may go on seeing a film, if nothing was taken away meanwhile: what has run
/// out by its date shows no film for hours.
const ASKED_EVERY: Duration = Duration::from_secs(60);

/// A film on its way to somebody who may see it: when the right ends, so does the answer, short of its length.
struct Showing {
    rest: tokio::io::Take<tokio::fs::File>,
    asked_at: Mono,
    /// Changes whenever rights may have been taken away.
    rights: watch::Receiver<Option<Mark>>,
    /// Who asked for it, and for what.
    headers: HeaderMap,
    recording: String,
    state: AppState,
}

impl Showing {
    /// The next piece, if there is one.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, axum::BoxError> {
        let now = self.state.clock.mono();
        // A server that stops has nobody left who tells of changes.
        let changed = self.rights.has_changed().unwrap_or(false);
        if changed || now.since(self.asked_at) >= ASKED_EVERY {
            self.rights.mark_unchanged();
            self.asked_at = now;
            self.ask().await.map_err(|refusal| refusal.title)?;
        }
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = self.rest.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), self)))
    }

    /// Whether whoever asked may still see it.
    async fn ask(&self) -> ApiResult<()> {
        let actor = auth::recognise(&self.state, &self.headers).await?;
        let mut conn = self.state.store.read().await?;
        let (recording, view) = lookup(&self.state, &mut conn, &actor, &self.recording).await?;
        authorise(
            &actor,
            Action::ViewRecording,
            Resource::Session(&view.facts),
        )?;
        let film = media::composite(&mut conn, recording.id).await?;
        film.map(drop)
            .ok_or_else(|| ApiError::not_found(ProblemCode::NoFilmYet))
    }
}

/// Whether the file of a film is gone, and not just out of reach at the moment.
async fn is_gone(state: &AppState, film: &MediaFile) -> bool {
    let opened = open(state, film).await;
    opened.is_err_and(|error| error.code == ProblemCode::FilmGone)
}

/// The file of a film.
///
/// # Errors
/// `film_gone` when it is not there, or not as long as it was made.
async fn open(state: &AppState, film: &MediaFile) -> ApiResult<tokio::fs::File> {
    let gone = || {
        ApiError::new(
            StatusCode::GONE,
            ProblemCode::FilmGone,
            "the file of the film is gone, or cut short",
        )
    };
    let file = match tokio::fs::File::open(state.data_dir.join(&film.storage_key)).await {
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(gone());
        }
        opened => opened.map_err(ApiError::internal)?,
    };
    let found = file.metadata().await.map_err(ApiError::internal)?;
    if !found.is_file() || i64::try_from(found.len()) != Ok(film.bytes) {
        return Err(gone());
    }
    Ok(file)
}

fn value(text: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn matches_tag(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// No range that is understood: everything.
    Whole,
    /// These bytes.
    Part(RangeInclusive<u64>),
    /// Bytes that do not exist.
    Nothing,
}

fn wanted(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range
        .trim()
        .split_once('=')
        .filter(|(unit, spec)| unit.eq_ignore_ascii_case("bytes") && !spec.contains(','))
        .and_then(|(_, spec)| spec.split_once('-'))
    else {
        return Wanted::Whole;
    };
    // A number that is too long to be read lies beyond every film.
    let parse = |digits: &str| {
        let digits = digits.trim();
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (first.trim(), last.trim()) {
        ("", count) => match parse(count) {
            Some(0) => Wanted::Nothing,
            Some(count) if length > 0 => Wanted::Part(length.saturating_sub(count)..=length - 1),
            Some(_) => Wanted::Nothing,
            None => Wanted::Whole,
        },
        (first, last) => match (parse(first), last.is_empty(), parse(last)) {
            (Some(first), true, _) if first < length => Wanted::Part(first..=length - 1),
            (Some(first), false, Some(last)) if first <= last && first < length => {
                Wanted::Part(first..=last.min(length - 1))
            }
            (Some(first), false, Some(last)) if first > last => Wanted::Whole,
            (Some(_), true, _) | (Some(_), false, Some(_)) => Wanted::Nothing,
            _ => Wanted::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(wanted("bytes=0-99", 1_000), Wanted::Part(0..=99));
        assert_eq!(wanted("bytes=900-", 1_000), Wanted::Part(900..=999));
        assert_eq!(wanted("bytes=-100", 1_000), Wanted::Part(900..=999));
        assert_eq!(wanted("bytes=-5000", 1_000), Wanted::Part(0..=999));
        assert_eq!(wanted("bytes=990-5000", 1_000), Wanted::Part(990..=999));
        assert_eq!(wanted("bytes=1000-", 1_000), Wanted::Nothing);
        assert_eq!(wanted("bytes=1000-1001", 1_000), Wanted::Nothing);
        assert_eq!(wanted("bytes=-0", 1_000), Wanted::Nothing);
        assert_eq!(wanted("Bytes=0-99", 1_000), Wanted::Part(0..=99));
        let far = "9".repeat(30);
        let to_far = wanted(&format!("bytes=10-{far}"), 1_000);
        assert_eq!(to_far, Wanted::Part(10..=999));
        let last = wanted(&format!("bytes=-{far}"), 1_000);
        assert_eq!(last, Wanted::Part(0..=999));
        for beyond in [format!("bytes={far}-"), format!("bytes={far}-{far}")] {
            assert_eq!(wanted(&beyond, 1_000), Wanted::Nothing, "{beyond}");
        }
        assert_eq!(wanted("bytes=-1", 0), Wanted::Nothing);
    }

    #[test]
    fn range_that_is_not_understood_is_ignored() {
        for range in [
            "lines=1-2",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=+5-9",
            "bytes=0-1,5-6",
            "bytes",
            "",
        ] {
            assert_eq!(wanted(range, 1_000), Wanted::Whole, "{range}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_range_stays_within_the_film(range in "bytes=[0-9]{0,20}-[0-9]{0,20}", length in 0_u64..5_000) {
            if let Wanted::Part(range) = wanted(&range, length) {
                proptest::prop_assert!(range.start() <= range.end() && *range.end() < length);
            }
        }
    }
}
