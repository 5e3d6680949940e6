//! What can be done with joining links.

use std::net::IpAddr;

use axum::http::StatusCode;
use office_core::rights::{EndSession, ManageLinks};
use office_core::session::{Session, is_past_overtime};
use protocol::api::{LinkPurpose, ProblemCode, Secrecy};
use protocol::client::SessionRole;
use protocol::{AccountId, PointId, TokenId, UtcMicros, text};
use serde_json::json;

use crate::AppState;
use crate::access::tokens::{self, AccessToken, NewToken};
use crate::access::{Permit, accounts};
use crate::platform::clock::{days, hours};
use crate::platform::config::Sessions;
use crate::platform::database::{Conn, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::platform::secret::{self, Secret};
use crate::schedule::admission::SessionView;
use crate::schedule::sessions;

/// A link or token to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewLink<'a> {
    /// What it may be used for.
    pub(crate) purpose: LinkPurpose,
    /// The role in the session.
    pub(crate) role: SessionRole,
    /// Code of the bridge point whose seat it takes.
    pub(crate) point: Option<&'a str>,
    /// Login of the person it is for.
    pub(crate) login: Option<&'a str>,
    /// The name to show, for a guest who is named.
    pub(crate) name: Option<&'a str>,
}

/// A link or token that was made. Its secret is known to nobody else.
#[derive(Debug)]
pub(crate) struct MadeLink {
    /// Its id.
    pub(crate) id: TokenId,
    /// What it is recognised by.
    pub(crate) secret: Secret,
    /// When it ceases to work.
    pub(crate) expires_at: UtcMicros,
}

/// Whom a link is for.
#[derive(Debug, Clone, Copy, Default)]
struct Bearer {
    point: Option<PointId>,
    account: Option<AccountId>,
}

impl Bearer {
    const fn is_guest(self) -> bool {
        self.point.is_none() && self.account.is_none()
    }
}

/// Makes a joining link or a token of a session: for a bridge point, a person, or a guest.
///
/// # Errors
/// `session_ended`, `bad_link`, `point_not_invited`, `unknown_account`, `guests_not_allowed`, `bad_name`; `not_allowed` for a
/// secretary who would give away the chair.
pub(crate) async fn create(
    tx: &mut Tx,
    permit: &Permit<ManageLinks, SessionView>,
    link: NewLink<'_>,
    settings: &Sessions,
    now: UtcMicros,
) -> ApiResult<MadeLink> {
    let session = &permit.session;
    if session.is_over(now) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::SessionEnded,
            "the session is over",
        ));
    }
    // Nobody gives away more than they have.
    if link.role == SessionRole::Chair && !permit.may::<EndSession>(&permit.facts) {
        return Err(ApiError::forbidden());
    }
    let bearer = bearer(tx, permit, link).await?;
    if bearer.is_guest() && session.secrecy == Secrecy::Internal {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::GuestsNotAllowed,
            "an internal session takes no guests",
        ));
    }
    let name = match link.name.map(str::trim) {
        None | Some("") => None,
        Some(name) => Some(admit(text::NAME, name, ProblemCode::BadName)?),
    };
    let secret = Secret::generate().map_err(ApiError::internal)?;
    let expires_at = expiry(session, link.purpose, bearer, settings, now);
    let token = NewToken {
        secret_hash: &secret.hash(),
        purpose: link.purpose,
        session: session.id,
        role: link.role,
        point: bearer.point,
        account: bearer.account,
        display_name: name.as_deref(),
        created_by: permit.account(),
        expires_at,
    };
    let id = tokens::insert(tx, token, now).await?;
    let action = match link.purpose {
        LinkPurpose::Join => "create_link",
        LinkPurpose::Whip | LinkPurpose::Whep | LinkPurpose::Api => "create_token",
    };
    let after = json!({
        "link": id,
        "role": link.role,
        "bridge_point": link.point,
        "login": link.login,
        "guest": name,
    });
    let resource = format!("session:{}", session.code);
    permit
        .note_as(tx, action, &resource, (None, Some(after)), now)
        .await?;
    Ok(MadeLink {
        id,
        secret,
        expires_at,
    })
}

/// Finds out whom a link is for, and whether it may be for them.
async fn bearer(tx: &mut Tx, view: &SessionView, link: NewLink<'_>) -> ApiResult<Bearer> {
    // Whoever holds the chair hands out seats, not the chair: only an account may be made chair by a link.
    if link.purpose == LinkPurpose::Join && link.role == SessionRole::Chair && link.login.is_none()
    {
        return Err(bad_link("a link that gives the chair must name a person"));
    }
    let point = match link.point {
        Some(code) => {
            let mut invited = view.invited.iter();
            let found = invited.find(|point| point.code == code).ok_or_else(|| {
                ApiError::bad_request(
                    ProblemCode::PointNotInvited,
                    "the session does not invite this bridge point",
                )
                .with("point", code)
            })?;
            Some(found.id)
        }
        None => None,
    };
    let account = match link.login {
        Some(login) => {
            let found = accounts::by_login(tx, login).await?.ok_or_else(|| {
                ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
                    .with("login", login)
            })?;
            Some(found.id)
        }
        None => None,
    };
    if point.is_some() && account.is_some() {
        return Err(bad_link(
            "a link is for a bridge point, or a person, or a guest",
        ));
    }
    // A program may speak as a point without taking the seat of one.
    if link.purpose == LinkPurpose::Join && (link.role == SessionRole::Point) != point.is_some() {
        return Err(bad_link(
            "the role of a bridge point and the point itself go together",
        ));
    }
    Ok(Bearer { point, account })
}

/// Some hours after the session's end; for guests who may see the recording, as many days as the settings say.
fn expiry(
    session: &Session,
    purpose: LinkPurpose,
    bearer: Bearer,
    settings: &Sessions,
    now: UtcMicros,
) -> UtcMicros {
    let late = hours(settings.link_hours_after_end);
    let expires_at = session.ends_at.max(now).plus(late);
    if purpose == LinkPurpose::Join && bearer.is_guest() && session.guests_may_replay {
        let replay = days(settings.guest_replay_days);
        return expires_at.max(session.ends_at.plus(replay));
    }
    expires_at
}

fn bad_link(title: &str) -> ApiError {
    ApiError::bad_request(ProblemCode::BadLink, title)
}

/// Revokes a link or token of the permit's session: it works no longer, and neither do the cookies that came by it. One that
/// was revoked before stays as it is.
///
/// # Errors
/// When the database fails.
pub(crate) async fn revoke(
    tx: &mut Tx,
    permit: &Permit<ManageLinks, SessionView>,
    link: TokenId,
    now: UtcMicros,
) -> ApiResult<()> {
    if tokens::revoke(tx, permit.session.id, link, now).await? {
        let before = json!({ "link": link });
        let resource = format!("session:{}", permit.session.code);
        permit
            .note_as(tx, "revoke_link", &resource, (Some(before), None), now)
            .await?;
    }
    Ok(())
}

/// The joining link with this secret and its session, unless it has run out or was taken back. Secrets that nobody made
/// are counted against `address`.
///
/// # Errors
/// 404 `link_invalid`; 410 `link_expired`, `link_revoked`; 429 `rate_limited` for one of too many bad ones.
pub(crate) async fn usable(
    state: &AppState,
    conn: &mut Conn,
    secret: &str,
    address: IpAddr,
) -> ApiResult<(AccessToken, Session)> {
    let invalid = || ApiError::not_found(ProblemCode::LinkInvalid);
    let known = tokens::by_hash(conn, &secret::hash(secret)).await?;
    let Some(link) = known.filter(|token| token.purpose == LinkPurpose::Join) else {
        state.sign_in_limits.secret_was_wrong(address)?;
        return Err(invalid());
    };
    if link.revoked_at.is_some() {
        return Err(revoked());
    }
    let session = match link.session_id {
        Some(id) => sessions::by_id(conn, id).await?,
        None => None,
    }
    .ok_or_else(invalid)?;
    let now = state.clock.now();
    if now >= link.expires_at && !runs_over(state, &session, now) {
        return Err(ApiError::new(
            StatusCode::GONE,
            ProblemCode::LinkExpired,
            "the link has expired",
        ));
    }
    Ok((link, session))
}

/// 410: the link was taken back.
pub(crate) fn revoked() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        ProblemCode::LinkRevoked,
        "the link was revoked",
    )
}

/// Whether a session's room is open, so that what let somebody in there lets them in again although its date has
/// passed.
pub(crate) fn runs_over(state: &AppState, session: &Session, now: UtcMicros) -> bool {
    state.rooms.is_live(session.id) && !is_past_overtime(session.ends_at, now)
}
