//! WHIP, media in (RFC 9725), and WHEP, media out (draft-ietf-wish-whep): an offer becomes a resource, which can be
//! changed and ended by whoever made it.
//!
//! ```text
//!  POST ─► 201, Location, ETag, answer      a peer of the SFU, a place in the room
//!  PATCH If-Match: the ETag ─► 204          trickled candidates: this node is ICE-lite and needs none of them
//!  PATCH If-Match: * ─► 200, new ETag       ICE restart (RFC 9725, 4.3.3)
//!  DELETE ─► 200
//! ```
//!
//! A resource whose peer the SFU has lost, or whose participant was taken over, is gone: 404.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{self, Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use axum::routing::{any, patch, post};
use protocol::api::ProblemCode;
use protocol::client::{
    ByeReason, Command, IceServer, MediaCommand, MediaMessage, Refusal, RefusalCode, RosterCommand,
    ServerFrame,
};
use protocol::media::Profile;
use tokio::sync::{mpsc, oneshot};

use crate::AppState;
use crate::live::entry::{Door, Entry};
use crate::live::line::{Frames, Gone, Line, NoLine, Part};
use crate::live::presence::Proof;
use crate::live::room_task::ToClient;
use crate::live::sdp::{IceCredentials, NotSdp};
use crate::live::{entry, sdp};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::Path;
use crate::platform::http::caller::ClientAddress;
use crate::platform::http::etag::{ETag, IfMatch};
use crate::platform::http::{body, cors, guard};
use crate::platform::lock::lock;
use crate::platform::secret::Secret;

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// How soon to try again when there is no place or no SFU, in seconds.
const RETRY_AFTER_SECONDS: u64 = 10;

/// How long a room may take to answer; the SFU has 5 s of it.
const ROOM_ANSWERS_WITHIN: Duration = Duration::from_secs(8);

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In: an encoder becomes a participant.
    Whip,
    /// Out: each `POST` makes an anonymous viewer of its own.
    Whep,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Whip => "whip",
            Self::Whep => "whep",
        }
    }

    const fn door(self) -> Door {
        match self {
            Self::Whip => Door::Encoder,
            Self::Whep => Door::Player,
        }
    }
}

/// The resources that are alive.
#[derive(Debug, Default)]
pub(crate) struct Resources(Mutex<HashMap<String, Resource>>);

/// A peer that somebody made by `POST`.
#[derive(Debug, Clone)]
struct Resource {
    kind: Kind,
    session: String,
    /// Who made it; only they may change or end it.
    identity: String,
    /// With whose offers its restarts are counted.
    payer: String,
    /// Counts ICE generations.
    generation: u64,
    /// Those of this generation; an offer may have some for each line.
    ice: Vec<IceCredentials>,
    offer: Arc<str>,
    requests: mpsc::Sender<Request>,
}

/// What a later HTTP request asks of a resource's task.
#[derive(Debug)]
enum Request {
    Restart {
        offer: String,
        answer: oneshot::Sender<Result<String, Refusal>>,
    },
    End,
}

/// The routes of a kind: an endpoint for each session, and the resources below it. A slash at the end, which clients put
/// there or leave out as they like, changes nothing.
pub(crate) fn router(state: &AppState, kind: Kind) -> Router<AppState> {
    let endpoint = post(begin).options(endpoint_options);
    let resource = patch(change).delete(end).options(resource_options);
    let root = format!("/{}", kind.path());
    let at = format!("{root}/{{session}}");
    let below = format!("{at}/{{resource}}");
    Router::new()
        .route(&root, any(no_session))
        .route(&format!("{root}/"), any(no_session))
        .route(&at, endpoint.clone())
        .route(&format!("{at}/"), endpoint)
        .route(&below, resource.clone())
        .route(&format!("{below}/"), resource)
        .method_not_allowed_fallback(guard::method_not_allowed)
        .layer(Extension(kind))
        .layer(from_fn_with_state(state.clone(), cors::let_pages_in))
}

/// What is asked of the address of all endpoints.
async fn no_session(Extension(kind): Extension<Kind>) -> ApiError {
    let title = format!("name the session: /{}/ and its code", kind.path());
    ApiError::new(StatusCode::NOT_FOUND, ProblemCode::UnknownSession, title)
}

/// `OPTIONS` of an endpoint.
async fn endpoint_options() -> Response {
    let headers = [
        (header::ALLOW, "POST, OPTIONS"),
        (header::HeaderName::from_static("accept-post"), SDP),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `OPTIONS` of a resource.
async fn resource_options() -> Response {
    let headers = [
        (header::ALLOW, "PATCH, DELETE, OPTIONS"),
        (header::HeaderName::from_static("accept-patch"), FRAGMENT),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `POST`: an offer becomes a resource.
async fn begin(
    State(state): State<AppState>,
    Extension(kind): Extension<Kind>,
    Path(code): Path<String>,
    ClientAddress(address): ClientAddress,
    request: extract::Request,
) -> ApiResult<Response> {
    let state = &state;
    let headers = &request.headers().clone();
    // Who it is, before a byte of what they send is read.
    let entry = entry::admit(state, headers, &code, kind.door()).await?;
    let payer = entry.payer();
    state.media_places.pace(&payer, address)?;
    let place = match kind {
        Kind::Whep => Some(state.media_places.player(&payer)?),
        Kind::Whip => None,
    };
    expect_type(headers, SDP)?;
    let body = body::read(state, request).await?;
    let (offer, ice) = sdp::parse_offer(&body).map_err(not_sdp)?;
    let (mut dialogue, ice_servers) = connect(state, kind, &entry, headers).await?;
    let answer = dialogue.offer(offer.clone().into_owned(), false).await?;

    let id = Secret::generate()
        .map_err(ApiError::internal)?
        .expose()
        .to_owned();
    let location = format!("/{}/{code}/{id}", kind.path());
    let (requests, mut asked) = mpsc::channel(4);
    state.resources.put(
        &id,
        Resource {
            kind,
            session: code,
            identity: entry.entrant.identity,
            payer,
            generation: 0,
            ice,
            offer: offer.into(),
            requests,
        },
    );
    let resources = Arc::clone(&state.resources);
    let etag = etag(&id, 0).to_string();
    state.rooms.tasks().spawn(async move {
        dialogue.attend(&mut asked).await;
        resources.remove(&id);
        drop(place);
        // Whoever ended it is answered when this is gone: the place is free by then.
        drop(asked);
    });
    let headers = [
        (header::CONTENT_TYPE, SDP.to_owned()),
        (header::LOCATION, location),
        (header::ETAG, etag),
        (
            header::HeaderName::from_static("accept-patch"),
            FRAGMENT.to_owned(),
        ),
    ];
    let links = AppendHeaders(
        ice_servers
            .iter()
            .map(|server| (header::LINK, link(server))),
    );
    Ok((StatusCode::CREATED, headers, links, answer).into_response())
}

/// `PATCH`: trickled candidates, or an ICE restart.
async fn change(
    State(state): State<AppState>,
    Extension(kind): Extension<Kind>,
    Path((code, id)): Path<(String, String)>,
    ClientAddress(address): ClientAddress,
    request: extract::Request,
) -> ApiResult<Response> {
    let (state, id) = (&state, id.as_str());
    let headers = &request.headers().clone();
    let resource = find(state, kind, &code, id, headers).await?;
    expect_type(headers, FRAGMENT)?;
    let current = etag(id, resource.generation);
    let matches = IfMatch::of(headers)
        .names_strictly(&current)
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::PRECONDITION_REQUIRED,
                ProblemCode::IfMatchRequired,
                "say If-Match with the ETag, or with * for an ICE restart",
            )
        })?;
    if !matches {
        return Err(ApiError::new(
            StatusCode::PRECONDITION_FAILED,
            ProblemCode::EtagChanged,
            "the ICE session has been restarted since",
        ));
    }
    let body = body::read(state, request).await?;
    let ice = sdp::parse_fragment(&body).map_err(not_sdp)?;
    if resource.ice.contains(&ice) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    state.media_places.pace(&resource.payer, address)?;
    let answer = resource.restart(&ice).await?;
    let generation = resource.generation + 1;
    state.resources.restarted(id, ice, generation);
    let headers = [
        (header::CONTENT_TYPE, FRAGMENT.to_owned()),
        (header::ETAG, etag(id, generation).to_string()),
    ];
    Ok((StatusCode::OK, headers, sdp::fragment_of(&answer)).into_response())
}

/// `DELETE`: the peer ends and leaves the room.
async fn end(
    State(state): State<AppState>,
    Extension(kind): Extension<Kind>,
    Path((code, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let resource = find(&state, kind, &code, &id, &headers).await?;
    state.resources.remove(&id);
    // One that has ended meanwhile is gone, which is what was asked.
    let _ = resource.requests.send(Request::End).await;
    resource.requests.closed().await;
    Ok(StatusCode::OK.into_response())
}

/// The resource, for whoever made it; for others there is none.
async fn find(
    state: &AppState,
    kind: Kind,
    code: &str,
    id: &str,
    headers: &HeaderMap,
) -> ApiResult<Resource> {
    let entry = entry::admit(state, headers, code, kind.door()).await?;
    state
        .resources
        .get(id)
        .filter(|r| r.kind == kind && r.session == code && r.identity == entry.entrant.identity)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownResource))
}

impl Resources {
    fn get(&self, id: &str) -> Option<Resource> {
        lock(&self.0).get(id).cloned()
    }

    fn put(&self, id: &str, resource: Resource) {
        lock(&self.0).insert(id.to_owned(), resource);
    }

    fn remove(&self, id: &str) {
        lock(&self.0).remove(id);
    }

    fn restarted(&self, id: &str, ice: IceCredentials, generation: u64) {
        if let Some(resource) = lock(&self.0).get_mut(id) {
            resource.ice = vec![ice];
            resource.generation = generation;
        }
    }
}

impl Resource {
    async fn restart(&self, ice: &IceCredentials) -> ApiResult<String> {
        let (answer, answered) = oneshot::channel();
        let request = Request::Restart {
            offer: sdp::with_credentials(&self.offer, ice),
            answer,
        };
        let gone = || ApiError::not_found(ProblemCode::UnknownResource);
        self.requests.send(request).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map_err(refused)
    }
}

/// A line whose client comes and goes by HTTP requests: what it says is what was asked, and its answer.
struct Dialogue {
    line: Line,
    frames: Frames,
    next_command: u64,
}

/// Enters the room: an encoder as a participant, a player as an anonymous viewer.
async fn connect(
    state: &AppState,
    kind: Kind,
    entry: &Entry,
    headers: &HeaderMap,
) -> ApiResult<(Dialogue, Vec<IceServer>)> {
    let opened = match kind {
        Kind::Whip => {
            let part = Part {
                profile: Profile::Whip,
                resume: None,
                take_over: true,
                proof: Proof::Media,
            };
            Line::participate(state, headers, entry, part).await
        }
        Kind::Whep => Line::watch(state, headers, entry).await,
    };
    let opened = opened.map_err(|why| match why {
        NoLine::Unknown => ApiError::not_found(ProblemCode::UnknownSession),
        NoLine::Over => ApiError::not_found(ProblemCode::SessionOver),
        NoLine::Stopping => unavailable("the server is stopping"),
        NoLine::NotSaved(trouble) => ApiError::database(trouble),
        NoLine::Store(cause) => cause.into(),
    })?;
    let mut dialogue = Dialogue {
        line: opened.line,
        frames: opened.frames,
        next_command: 1,
    };
    if kind == Kind::Whip {
        dialogue.welcomed().await?;
    }
    Ok((dialogue, opened.ice_servers))
}

impl Dialogue {
    /// Waits for the room's welcome.
    async fn welcomed(&mut self) -> ApiResult<()> {
        loop {
            match self.next().await? {
                ServerFrame::Welcome(welcome) => {
                    self.next_command = welcome.last_command_id + 1;
                    return Ok(());
                }
                ServerFrame::Bye { reason } => return Err(farewell(reason)),
                _ => {}
            }
        }
    }

    /// Puts an offer to the SFU through the room: the answer.
    async fn offer(&mut self, sdp: String, ice_restart: bool) -> ApiResult<String> {
        self.negotiate(sdp, ice_restart).await?.map_err(refused)
    }

    async fn negotiate(
        &mut self,
        sdp: String,
        ice_restart: bool,
    ) -> ApiResult<Result<String, Refusal>> {
        let id = self.next_command;
        self.next_command += 1;
        let offer = Command::Media(MediaCommand::Offer { sdp, ice_restart });
        self.line
            .command(id, offer)
            .await
            .map_err(|Gone| ApiError::not_found(ProblemCode::SessionOver))?;
        let mut answer = String::new();
        loop {
            match self.next().await? {
                ServerFrame::Media {
                    message: MediaMessage::Answer { sdp },
                } => answer = sdp,
                ServerFrame::Reply { id: of, refusal } if of == id => {
                    return Ok(match refusal {
                        None => Ok(answer),
                        Some(refusal) => Err(refusal),
                    });
                }
                ServerFrame::Bye { reason } => return Err(farewell(reason)),
                _ => {}
            }
        }
    }

    /// The next frame that is for this client alone.
    async fn next(&mut self) -> ApiResult<ServerFrame> {
        let next = async {
            loop {
                match self.frames.recv().await {
                    Some(ToClient::Frame(frame)) => return Some(*frame),
                    Some(ToClient::Text(_) | ToClient::Pace(_)) => {}
                    None => return None,
                }
            }
        };
        match tokio::time::timeout(ROOM_ANSWERS_WITHIN, next).await {
            Ok(Some(frame)) => Ok(frame),
            Ok(None) => Err(ApiError::not_found(ProblemCode::UnknownResource)),
            Err(_) => Err(unavailable("the room does not answer")),
        }
    }

    /// Stands by for later requests until the peer or the room is gone.
    async fn attend(mut self, asked: &mut mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                frame = self.frames.recv() => match frame {
                    // The SFU lost the peer, the participant was taken over or removed, or the session ended.
                    None => return,
                    Some(ToClient::Frame(frame)) if matches!(*frame, ServerFrame::Bye { .. }) => return,
                    Some(_) => {}
                },
                request = asked.recv() => match request {
                    Some(Request::Restart { offer, answer }) => {
                        let Ok(result) = self.negotiate(offer, true).await else {
                            return;
                        };
                        // The client may have hung up.
                        let _ = answer.send(result);
                    }
                    Some(Request::End) | None => {
                        let leave = Command::Roster(RosterCommand::Leave);
                        // A room that has ended has been left.
                        let _ = self.line.command(self.next_command, leave).await;
                        return;
                    }
                },
            }
        }
    }
}

/// An ICE server as a client of WHIP or WHEP is told (RFC 9725, 4.6).
fn link(server: &IceServer) -> String {
    let IceServer {
        urls,
        username,
        credential,
    } = server;
    let address = urls.first().map(String::as_str).unwrap_or_default();
    format!(
        "<{address}>; rel=\"ice-server\"; username=\"{username}\"; credential=\"{credential}\"; credential-type=\"password\""
    )
}

fn etag(id: &str, generation: u64) -> ETag {
    let short = id.get(..8).unwrap_or(id);
    ETag::new(format!("{short}-{generation}"))
}

fn expect_type(headers: &HeaderMap, expected: &str) -> ApiResult<()> {
    let is = headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::to_str)
        .and_then(Result::ok)
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(expected));
    if is {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemCode::WrongContentType,
        format!("the body must be {expected}"),
    ))
}

fn not_sdp(cause: NotSdp) -> ApiError {
    bad_sdp(ProblemCode::BadSdp, &cause.to_string())
}

fn bad_sdp(code: ProblemCode, detail: &str) -> ApiError {
    ApiError::bad_request(code, detail).with("detail", detail)
}

fn unavailable(why: &str) -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::MediaUnavailable,
        why,
    )
    .retry_after(RETRY_AFTER_SECONDS)
}

/// A refusal of the room, in HTTP's words.
fn refused(refusal: Refusal) -> ApiError {
    let detail = refusal.detail.unwrap_or_default();
    match refusal.code {
        RefusalCode::BadSdp => bad_sdp(ProblemCode::BadSdp, &detail),
        RefusalCode::BadFingerprint => bad_sdp(ProblemCode::BadFingerprint, &detail),
        RefusalCode::WeakFingerprint => bad_sdp(ProblemCode::WeakFingerprint, &detail),
        RefusalCode::BadOffer => ApiError::new(
            StatusCode::NOT_ACCEPTABLE,
            ProblemCode::BadOffer,
            format!("the offered media cannot be accepted: {detail}"),
        )
        .with("detail", detail),
        RefusalCode::SessionFull => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::SessionFull,
            "the session has as many participants as it may",
        )
        .with("limit", detail)
        .retry_after(RETRY_AFTER_SECONDS),
        RefusalCode::NodeFull => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::NodeFull,
            "the media engine has as many peers as it takes",
        )
        .retry_after(RETRY_AFTER_SECONDS),
        RefusalCode::NodeReserved => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::NodeReserved,
            "the media engine keeps its last places for those who take part",
        )
        .retry_after(RETRY_AFTER_SECONDS),
        RefusalCode::NoPeer => ApiError::not_found(ProblemCode::UnknownResource),
        RefusalCode::SessionOver => ApiError::not_found(ProblemCode::SessionOver),
        RefusalCode::NotAllowed => ApiError::forbidden(),
        _ => unavailable("the media engine does not answer"),
    }
}

fn farewell(reason: ByeReason) -> ApiError {
    match reason {
        ByeReason::Refused { refusal } => refused(refusal),
        ByeReason::ServerStopping => unavailable("the server is stopping"),
        ByeReason::SessionEnded => ApiError::not_found(ProblemCode::SessionOver),
        ByeReason::NotSaved { trouble } => ApiError::database(trouble),
        ByeReason::AccessEnded | ByeReason::AccessChanged => ApiError::forbidden(),
        ByeReason::TakenOver
        | ByeReason::Removed
        | ByeReason::Left
        | ByeReason::ProtocolMismatch { .. }
        | ByeReason::TooSlow
        | ByeReason::FrameTooLarge { .. }
        | ByeReason::TooManyFrames => ApiError::not_found(ProblemCode::UnknownResource),
    }
}
