//! The door of a room: who somebody is becomes what they are in this session.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use office_core::org::Tree;
use office_core::rights::{EnterRoom, PublishMedia, SessionFacts, WatchMedia};
use office_core::session::{Session, is_past_overtime};
use protocol::api::{LinkPurpose, ProblemCode, SettingKey};
use protocol::client::{IceServer, SessionRole};
use protocol::{ParticipantId, SessionId, UtcMicros};
use signaling_core::{Joiner, ResumeToken};

use crate::access::revocations::Mark;
use crate::access::{Actor, Credential, Identity, Recognised, second_factor};
use crate::live::participants;
use crate::live::participants::Entrant;
use crate::platform::authority;
use crate::platform::clock::minutes;
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::secret::Secret;
use crate::schedule::admission::view_session;
use crate::schedule::links::actions::runs_over;
use crate::schedule::sessions;
use crate::{AppState, access};

/// Somebody who may enter, and what they are there.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The session.
    pub(crate) session: Session,
    /// Who comes, as the store writes it down.
    pub(crate) entrant: Entrant,
    /// Whether the schedule names them as chair.
    scheduled_chair: bool,
    /// What their being here rests on.
    pub(crate) pass: Pass,
}

/// What somebody's being in a room rests on. Asked again when rights were taken away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pass {
    credential: Credential,
    door: Door,
    identity: String,
    role: SessionRole,
    /// When they came: what ends by its date afterwards does not end this.
    since: UtcMicros,
    /// How far the changes of rights had come when they were looked at.
    seen: Option<Mark>,
}

impl Entry {
    /// Whose players and offers are counted together: those of one account, point or token. Guests of a link that is for
    /// anybody are the link's, because each may have as many cookies of it as they like.
    pub(crate) fn payer(&self) -> String {
        let Entrant {
            identity, token, ..
        } = &self.entrant;
        match token {
            Some(token) if identity.starts_with("sign_in:") => format!("token:{token}"),
            _ => identity.clone(),
        }
    }
}

impl Pass {
    /// Whether two are of the same account, guest or token.
    pub(crate) fn is_of_same_identity(&self, other: &Self) -> bool {
        self.identity == other.identity
    }

    /// Whether it was looked at when the changes of rights had come as far as `told`, and no further.
    pub(crate) fn is_as_of(&self, told: Option<Mark>) -> bool {
        self.seen == told
    }
}

/// Those who came in by what was looked at before the last change of rights.
pub(crate) type Doubted = Arc<Mutex<Vec<(SessionId, ParticipantId, Pass)>>>;

/// What has become of a [`Pass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It holds.
    Holds,
    /// It is for another part in the session.
    Changed,
    /// It was taken away.
    Ended,
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
    /// Whether it opens to `actor` in a session.
    fn opens_to(self, actor: &Actor, session: &SessionFacts) -> bool {
        match self {
            Self::Room => actor.may::<EnterRoom>(session),
            Self::Encoder => actor.may::<PublishMedia>(session),
            Self::Player => actor.may::<WatchMedia>(session),
        }
    }

    const fn purposes(self) -> &'static [LinkPurpose] {
        match self {
            Self::Room => &[LinkPurpose::Join, LinkPurpose::Api],
            Self::Encoder => &[LinkPurpose::Join, LinkPurpose::Api, LinkPurpose::Whip],
            Self::Player => &[LinkPurpose::Join, LinkPurpose::Api, LinkPurpose::Whep],
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
    let now = state.clock.now();
    // Before anything is looked at: what is taken away from here on has another mark.
    let seen = state.rooms.rights();
    let mut conn = state.store.read().await?;
    let found = access::identify(&mut conn, headers, now).await?;
    let session = sessions::by_code(&mut conn, code).await?;
    let has_run_out = now >= found.until;
    let overtime = session
        .as_ref()
        .is_some_and(|session| runs_over(state, session, now));
    let found = if has_run_out && overtime {
        found
    } else {
        found.holding(now)?
    };
    let Recognised {
        actor, credential, ..
    } = found;
    // Whoever is within by the time that a role is given stays; the door asks.
    if second_factor::owes(&state.config, &actor) {
        return Err(second_factor::owed());
    }
    if !actor.may_serve_as(door.purposes()) {
        return Err(ApiError::forbidden());
    }
    let session = session.ok_or_else(|| ApiError::not_found(ProblemCode::UnknownSession))?;
    let tree = state.tree(&mut conn).await?;
    let view = view_session(&mut conn, &tree, &actor, session, now).await?;
    if !door.opens_to(&actor, &view.facts) {
        return Err(ApiError::forbidden());
    }
    let admission = view.admission.ok_or_else(ApiError::forbidden)?;
    if has_run_out && matches!(actor.identity, Identity::Account { .. }) {
        // A link lives with the room; a sign-in with the seat that its holder has there.
        let seated = participants::by_identity(&mut conn, view.session.id, &admission.key)
            .await?
            .is_some_and(|id| state.rooms.has_seat(view.session.id, id));
        if !seated {
            return Err(ApiError::unauthenticated());
        }
    }
    let early = state.standing(&mut conn).await?;
    let early = minutes(early.number(SettingKey::EarlyMinutes));
    let opens_at = view.session.opens_at(early);
    if now < opens_at {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::TooEarly,
            "the room is not open yet",
        )
        .with("opens_at_us", opens_at.0));
    }
    Ok(Entry {
        scheduled_chair: admission.scheduled_chair,
        pass: Pass {
            credential,
            door,
            identity: admission.key.clone(),
            role: admission.role,
            since: now,
            seen: *seen.borrow(),
        },
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

/// What has become of a pass into `session`. Dates that have passed since matter when the session has outrun its time, and
/// not before.
///
/// # Errors
/// When the database cannot say.
pub(crate) async fn standing(
    conn: &mut Conn,
    tree: &Tree,
    session: &Session,
    pass: &Pass,
    now: UtcMicros,
) -> ApiResult<Standing> {
    let found = match access::identify_again(conn, pass.credential, pass.since).await {
        Ok(found) => found,
        Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => return Ok(Standing::Ended),
        Err(error) => return Err(error),
    };
    if now >= found.until && is_past_overtime(session.ends_at, now) {
        return Ok(Standing::Ended);
    }
    let view = view_session(conn, tree, &found.actor, session.clone(), pass.since).await?;
    let Some(admission) = view.admission else {
        return Ok(Standing::Ended);
    };
    if !pass.door.opens_to(&found.actor, &view.facts) {
        return Ok(Standing::Ended);
    }
    if (&admission.key, admission.role) == (&pass.identity, pass.role) {
        Ok(Standing::Holds)
    } else {
        Ok(Standing::Changed)
    }
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
        encoder,
        ..
    } = &entry.entrant;
    let mut conn = state.store.read().await?;
    let participant = match participants::known(&mut conn, &entry.entrant).await? {
        Some(participant) => participant,
        None => {
            drop(conn);
            let mut tx = state.store.write().await?;
            let participant =
                participants::enter(&mut tx, &entry.entrant, state.clock.now()).await?;
            tx.commit().await?;
            participant
        }
    };
    Ok(Joiner {
        participant,
        name: name.clone(),
        role: *role,
        scheduled_chair: entry.scheduled_chair,
        bridge_point: *bridge_point,
        encoder: *encoder,
    })
}

/// What helps a participant's media through firewalls: under the name by which its request reached us, which is the one
/// that its network lets through and that its browser knows a certificate for. A proxy passes HTTPS and not TURN: behind
/// one, the address of the settings, else nothing.
pub(crate) fn ice_servers(
    state: &AppState,
    headers: &HeaderMap,
    participant: ParticipantId,
) -> Vec<IceServer> {
    let Some(turn) = &state.turn else {
        return Vec::new();
    };
    let configured = &state.config.turn.address;
    if !configured.is_empty() {
        return vec![turn.ice_server(configured, participant)];
    }
    if authority::proxied_url(headers).is_some() {
        return Vec::new();
    }
    let asked = authority::of(headers).map(|own| own.to_string());
    let own = state.public_url.split_once("://").map(|(_, host)| host);
    let host = asked.as_deref().or(own).unwrap_or("localhost");
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
