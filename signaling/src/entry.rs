//! The door of a room: who somebody is becomes what they are in this session.

use axum::http::{HeaderMap, StatusCode, header};
use protocol::ParticipantId;
use protocol::api::ProblemCode;
use protocol::client::IceServer;
use signaling_core::{Joiner, ResumeToken};

use crate::AppState;
use crate::auth;
use crate::authorise::{Action, Resource, authorise};
use crate::clock::{day, minutes_us};
use crate::error::{ApiError, ApiResult};
use crate::secret::Secret;
use crate::store::StoreResult;
use crate::store::participant::{self, Entrant};
use crate::store::session::{self, Session};
use crate::store::token::Purpose;
use crate::store::unit::Tree;

/// Somebody who may enter, and what they are there.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The session.
    pub(crate) session: Session,
    /// Who comes, as the store writes it down.
    pub(crate) entrant: Entrant,
}

/// Through which door somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// The room's WebSocket.
    Room,
    /// WHIP: media in.
    Encoder,
    /// WHEP: media out.
    Player,
}

impl Door {
    const fn action(self) -> Action {
        match self {
            Self::Room => Action::EnterRoom,
            Self::Encoder => Action::PublishMedia,
            Self::Player => Action::WatchMedia,
        }
    }

    const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Room => &[Purpose::Join, Purpose::Api],
            Self::Encoder => &[Purpose::Join, Purpose::Api, Purpose::Whip],
            Self::Player => &[Purpose::Join, Purpose::Api, Purpose::Whep],
        }
    }
}

/// Finds out who stands at a door of the session with this code, and whether the door opens.
///
/// # Errors
/// 401 when nobody is recognised, 404 when there is no such session, 403 when it is not theirs or not yet time.
pub(crate) async fn admit(
    state: &AppState,
    headers: &HeaderMap,
    code: &str,
    door: Door,
) -> ApiResult<Entry> {
    let actor = auth::recognise(state, headers).await?;
    if !actor.may_serve_as(door.purposes()) {
        return Err(ApiError::forbidden());
    }
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let session = session::by_code(&mut conn, code)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownSession))?;
    let tree = Tree::load(&mut conn, &day(now)).await?;
    let view = auth::view_session(&mut conn, &tree, &actor, session, now).await?;
    authorise(&actor, door.action(), Resource::Session(&view.facts))?;
    let admission = view.admission.ok_or_else(ApiError::forbidden)?;
    let opens_at = view
        .session
        .opens_at(minutes_us(state.config.sessions.early_minutes));
    if now < opens_at {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::TooEarly,
            "the room is not open yet",
        )
        .with("opens_at_us", opens_at.0));
    }
    Ok(Entry {
        entrant: Entrant {
            session: view.session.id,
            identity: admission.key,
            role: admission.role,
            name: admission.name,
            bridge_point: admission.bridge_point,
            account: admission.account,
            token: admission.token,
            encoder: door == Door::Encoder,
        },
        session: view.session,
    })
}

/// Writes down that somebody enters: the participant, always the same for the same identity. Somebody who comes back as
/// they were is let in without a write, which a full disk would refuse.
///
/// # Errors
/// When the database fails.
pub(crate) async fn enter(state: &AppState, entry: &Entry) -> StoreResult<Joiner> {
    let Entrant {
        role,
        name,
        bridge_point,
        account,
        encoder,
        ..
    } = &entry.entrant;
    let mut conn = state.store.read().await?;
    let participant = match participant::known(&mut conn, &entry.entrant).await? {
        Some(participant) => participant,
        None => {
            drop(conn);
            let mut tx = state.store.write().await?;
            let participant =
                participant::enter(&mut tx, &entry.entrant, state.clock.now()).await?;
            tx.commit().await?;
            participant
        }
    };
    Ok(Joiner {
        participant,
        name: name.clone(),
        role: *role,
        scheduled_chair: account.is_some() && *account == entry.session.chair,
        bridge_point: *bridge_point,
        encoder: *encoder,
    })
}

/// What helps a participant's media through firewalls: under the name by which its request reached us, which is the one
/// that its network lets through and that its browser knows a certificate for.
pub(crate) fn ice_servers(
    state: &AppState,
    headers: &HeaderMap,
    participant: ParticipantId,
) -> Vec<IceServer> {
    let Some(turn) = &state.turn else {
        return Vec::new();
    };
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b':' | b'[' | b']');
    let asked = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| !host.is_empty() && host.bytes().all(plain));
    let own = state.public_url.split_once("://").map(|(_, host)| host);
    let host = asked.or(own).unwrap_or("localhost");
    vec![turn.ice_server(host, participant)]
}

/// A token to come back with.
///
/// # Errors
/// When the operating system gives no randomness.
pub(crate) fn resume_token() -> ApiResult<ResumeToken> {
    let secret = Secret::generate().map_err(ApiError::internal)?;
    Ok(ResumeToken {
        hash: token_hash(secret.expose()),
        token: secret.expose().to_owned(),
    })
}

/// What is remembered of a resume token.
pub(crate) fn token_hash(shown: &str) -> signaling_core::TokenHash {
    use sha2::Digest as _;

    sha2::Sha256::digest(shown.as_bytes()).into()
}
