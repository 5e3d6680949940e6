//! The film itself, whole or in part.

use std::io::{ErrorKind, SeekFrom};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum_extra::headers::{AcceptRanges, ContentLength, ContentRange, HeaderMapExt as _};
use bytes::BytesMut;
use office_core::rights::ViewRecording;
use protocol::api::ProblemCode;
use serde_json::json;
use signaling_core::Mono;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use super::films::{self, MediaFile};
use super::range::{Wanted, wanted as wanted_of};
use super::view::{SeenRecording, lookup};
use crate::AppState;
use crate::access::revocations::Mark;
use crate::access::{self, Asking, Permit, Subject as _, routes_asking};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Path;

/// Apart from the other routes because it is not a request that must end in time.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(play))
}

/// For how long the parts of a recording that one caller asks for count as one view: 10 minutes.
const SAME_VIEW: Duration = Duration::from_secs(600);

/// Writes into the audit log that somebody sees a recording: once in ten minutes, however many parts a player asks for.
///
/// # Errors
/// When it cannot be written; then nothing is shown, because every view is in the log.
async fn note_view(
    state: &AppState,
    permit: &Permit<ViewRecording, SeenRecording>,
) -> ApiResult<()> {
    let now = state.clock.now();
    let since = now.minus(SAME_VIEW);
    let resource = format!("recording:{}", permit.recording.id);
    let after = json!({ "session": permit.view.session.code });
    let mut conn = state.store.read().await?;
    if permit.was_noted(&mut conn, &resource, since).await? {
        return Ok(());
    }
    drop(conn);
    let mut tx = state.store.write().await?;
    permit
        .note_once(&mut tx, &resource, after, since, now)
        .await?;
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
        (status = 416, description = "`bad_range`."))
)]
async fn play(
    State(state): State<AppState>,
    asking: Asking<ViewRecording>,
    Path(id): Path<String>,
    parts: Parts,
) -> ApiResult<Response> {
    let Parts {
        method, headers, ..
    } = parts;
    // Before anything is looked at: what is taken away from here on changes it. What was taken away since the caller was
    // recognised may be known to it already, so the first piece asks anew.
    let mut rights = state.rooms.rights();
    rights.mark_changed();
    let (film, permit) = {
        let mut conn = state.store.read().await?;
        let permit = asking.about(lookup(&state, &mut conn, &asking.actor, &id).await?)?;
        let film = films::composite(&mut conn, permit.recording.id).await?;
        (film, permit)
    };
    let film = film.ok_or_else(|| ApiError::not_found(ProblemCode::NoFilmYet))?;
    let mut file = open(&state, &film).await?;
    let length = film.bytes.unsigned_abs();
    let etag = format!("\"{}\"", hex::encode(&film.sha256));
    let mut answer = HeaderMap::new();
    answer.typed_insert(AcceptRanges::bytes());
    answer.insert(header::ETAG, value(&etag)?);
    answer.insert(header::CONTENT_TYPE, value(&film.mime)?);
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if text(&headers, header::IF_NONE_MATCH).is_some_and(|tags| matches_tag(tags, &etag)) {
        // The player shows what it kept from an earlier view.
        if method == Method::GET {
            note_view(&state, &permit).await?;
        }
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    // A range of another version would be spliced into the wrong film.
    let same_version = text(&headers, header::IF_RANGE).is_none_or(|tag| tag == etag);
    let wanted = text(&headers, header::RANGE).filter(|_| same_version);
    let wanted = wanted.map_or(Wanted::Whole, |range| wanted_of(range, length));
    let (status, part) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..=length.saturating_sub(1)),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Nothing => return Ok(unsatisfiable(length)),
    };
    let count = match length {
        0 => 0,
        _ => part.end() - part.start() + 1,
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let range = ContentRange::bytes(part.clone(), length).map_err(ApiError::internal)?;
        answer.typed_insert(range);
    }
    answer.typed_insert(ContentLength(count));
    if method == Method::HEAD {
        return Ok((status, answer).into_response());
    }
    note_view(&state, &permit).await?;
    file.seek(SeekFrom::Start(*part.start()))
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

/// 416: nothing of the film lies there.
fn unsatisfiable(length: u64) -> Response {
    let mut refusal = ApiError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        ProblemCode::BadRange,
        "the film is shorter than that",
    )
    .into_response();
    let headers = refusal.headers_mut();
    headers.typed_insert(ContentRange::unsatisfied_bytes(length));
    refusal
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
        let actor = access::recognise(&self.state, &self.headers).await?;
        let mut conn = self.state.store.read().await?;
        let seen = lookup(&self.state, &mut conn, &actor, &self.recording).await?;
        if !actor.may::<ViewRecording>(seen.facts()) {
            return Err(ApiError::forbidden());
        }
        let film = films::composite(&mut conn, seen.recording.id).await?;
        film.map(drop)
            .ok_or_else(|| ApiError::not_found(ProblemCode::NoFilmYet))
    }
}

/// Whether the file of a film is gone, and not just out of reach at the moment.
pub(super) async fn is_gone(state: &AppState, film: &MediaFile) -> bool {
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

/// Whether one of the tags of `If-None-Match` is the film's (RFC 9110, 13.1.2). Read by hand: the typed header of the library
/// panics at a tag with a space in it, as a test shows.
fn matches_tag(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use axum_extra::headers::IfRange;

    use super::*;

    #[test]
    fn tag_with_a_space_is_another_version_here_and_a_panic_in_the_library() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::IF_RANGE,
            HeaderValue::from_static("\"another version\""),
        );
        let etag = "\"00ff\"";
        assert_ne!(text(&headers, header::IF_RANGE), Some(etag));
        assert!(!matches_tag("\"another version\"", etag));
        assert!(matches_tag("\"another version\", W/\"00ff\"", etag));
        let read = std::panic::catch_unwind(|| headers.typed_get::<IfRange>());
        assert!(read.is_err(), "the library may be used for this");
    }
}
