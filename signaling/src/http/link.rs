//! Joining links.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use protocol::TokenId;
use protocol::api::{
    Link, LinkPreview, LinkPreviewRequest, LinkPurpose, LinkRequest, LinkSummary, Page,
    ProblemCode, Secrecy,
};
use protocol::client::SessionRole;
use protocol::text;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{find, name_of};
use crate::AppState;
use crate::auth::{Actor, ClientAddress};
use crate::authorise::{Action, Resource, authorise};
use crate::clock::{day, days, hours, minutes};
use crate::entry::runs_over;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Path, admit};
use crate::secret::{self, Secret};
use crate::store::session::Session;
use crate::store::token::{self, AccessToken, NewToken};
use crate::store::unit::Tree;
use crate::store::{self, Conn, account, audit};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(revoke))
}

/// The links and tokens of a session, the newest first, also those that hold no longer. Their secrets are not known.
#[utoipa::path(
    get, path = "/sessions/{code}/links", tag = "link",
    params(("code" = String, Path, description = "Code of the session.")),
    responses((status = 200, body = Page<LinkSummary>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_session`.")),
    extensions(("x-action" = json!("manage_links")))
)]
async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<Page<LinkSummary>>> {
    let mut conn = state.store.read().await?;
    let (_, view) = find(&state, &mut conn, &actor, &code).await?;
    authorise(&actor, Action::ManageLinks, Resource::Session(&view.facts))?;
    let items = token::of_session(&mut conn, view.session.id).await?;
    Ok(Json(Page { items, next: None }))
}

/// Where a joining link leads, for whoever holds its secret: nothing is spent, and only secrets that nobody made are
/// counted.
#[utoipa::path(
    post, path = "/links/preview", tag = "link",
    request_body = LinkPreviewRequest,
    responses(
        (status = 200, body = LinkPreview),
        (status = 404, description = "`link_invalid`."),
        (status = 410, description = "`link_expired`, `link_revoked`."),
        (status = 429, description = "`rate_limited`: too many secrets from there that nobody made.")
    )
)]
async fn preview(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<LinkPreviewRequest>,
) -> ApiResult<Json<LinkPreview>> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let (link, session) = usable(&state, &mut conn, &request.secret, address).await?;
    let tree = Tree::load(&mut conn, &day(now)).await?;
    let early = minutes(state.config.sessions.early_minutes);
    let point = match link.point_id {
        Some(point) => store::point::name_of(&mut conn, point).await?,
        None => None,
    };
    let needs_name = link.is_nameless();
    let person = name_of(&mut conn, link.account_id).await?;
    Ok(Json(LinkPreview {
        state: session.state(now, state.rooms.present(session.id), early),
        kind: session.kind,
        starts_at_us: session.starts_at,
        ends_at_us: session.ends_at,
        opens_at_us: session.opens_at(early),
        convening_unit: tree.name(session.convening_unit),
        chair: name_of(&mut conn, session.chair).await?,
        auto_record: session.auto_record,
        kept_until_us: session.recording_kept_until(),
        guests_may_replay: session.guests_may_replay,
        role: link.role,
        bridge_point: point,
        name: person.or(link.display_name),
        needs_name,
        session: session.code.0,
        title: session.title,
    }))
}

/// The joining link with this secret and its session, unless it has run out or was taken back. Secrets that nobody made
/// are counted against `address`.
///
/// # Errors
/// 404 `link_invalid`; 410 `link_expired`, `link_revoked`; 429 `rate_limited` for one of too many bad ones.
pub(super) async fn usable(
    state: &AppState,
    conn: &mut Conn,
    secret: &str,
    address: IpAddr,
) -> ApiResult<(AccessToken, Session)> {
    let invalid = || ApiError::not_found(ProblemCode::LinkInvalid);
    let gone = |code, title| Err(ApiError::new(StatusCode::GONE, code, title));
    let known = token::by_hash(conn, &secret::hash(secret)).await?;
    let Some(link) = known.filter(|token| token.purpose == LinkPurpose::Join) else {
        state.sign_in_limits.secret_was_wrong(address)?;
        return Err(invalid());
    };
    if link.revoked_at.is_some() {
        return gone(ProblemCode::LinkRevoked, "the link was revoked");
    }
    let session = match link.session_id {
        Some(id) => store::session::by_id(conn, id).await?,
        None => None,
    }
    .ok_or_else(invalid)?;
    let now = state.clock.now();
    if now >= link.expires_at && !runs_over(state, &session, now) {
        return gone(ProblemCode::LinkExpired, "the link has expired");
    }
    Ok((link, session))
}

/// Makes a joining link of a session: for a bridge point, a person, or a guest. The secret is shown once.
#[utoipa::path(
    post, path = "/sessions/{code}/links", tag = "link",
    params(("code" = String, Path, description = "Code of the session.")),
    request_body = LinkRequest,
    responses(
        (status = 201, body = Link),
        (status = 400, description = "`bad_link`: a link is for one of point, person and guest; `bad_name`; \
            `unknown_account`; `point_not_invited`."),
        (status = 401), (status = 403), (status = 404, description = "`unknown_session`."),
        (status = 409, description = "`session_ended`; `guests_not_allowed`: the session is internal.")
    ),
    extensions(("x-action" = json!("manage_links")))
)]
async fn create(
    State(state): State<AppState>,
    actor: Actor,
    Path(code): Path<String>,
    headers: HeaderMap,
    Body(wanted): Body<LinkRequest>,
) -> ApiResult<(StatusCode, Json<Link>)> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let (_, view) = find(&state, &mut tx, &actor, &code).await?;
    authorise(&actor, Action::ManageLinks, Resource::Session(&view.facts))?;
    if view.session.is_over(now) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::SessionEnded,
            "the session is over",
        ));
    }
    // Whoever holds the chair hands out seats, not the chair: only an account may be made chair by a link.
    let is_person = wanted.login.is_some();
    if wanted.role == SessionRole::Chair && !is_person {
        return Err(bad_link("a link that gives the chair must name a person"));
    }
    let point = match &wanted.bridge_point {
        Some(code) => Some(
            view.invited
                .iter()
                .find(|point| point.code == *code)
                .ok_or_else(|| {
                    ApiError::bad_request(
                        ProblemCode::PointNotInvited,
                        "the session does not invite this bridge point",
                    )
                    .with("point", code)
                })?
                .id,
        ),
        None => None,
    };
    let account = match &wanted.login {
        Some(login) => Some(
            account::by_login(&mut tx, login)
                .await?
                .ok_or_else(|| {
                    ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
                        .with("login", login)
                })?
                .id,
        ),
        None => None,
    };
    if point.is_some() && account.is_some() {
        return Err(bad_link(
            "a link is for a bridge point, or a person, or a guest",
        ));
    }
    if (wanted.role == SessionRole::Point) != point.is_some() {
        return Err(bad_link(
            "the role of a bridge point and the point itself go together",
        ));
    }
    if point.is_none() && account.is_none() && view.session.secrecy == Secrecy::Internal {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::GuestsNotAllowed,
            "an internal session takes no guests",
        ));
    }
    let name = match wanted.name.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(name) => Some(admit(text::NAME, name, ProblemCode::BadName)?),
    };
    let sessions = &state.config.sessions;
    let late = hours(sessions.link_hours_after_end);
    let mut expires_at = view.session.ends_at.max(now).plus(late);
    let is_guest = point.is_none() && account.is_none();
    if is_guest && view.session.guests_may_replay {
        let replay = days(sessions.guest_replay_days);
        expires_at = expires_at.max(view.session.ends_at.plus(replay));
    }
    let secret = Secret::generate().map_err(ApiError::internal)?;
    let id = token::insert(
        &mut tx,
        NewToken {
            secret_hash: &secret.hash(),
            purpose: LinkPurpose::Join,
            session: view.session.id,
            role: wanted.role,
            point,
            account,
            display_name: name.as_deref(),
            created_by: actor.account(),
            expires_at,
        },
        now,
    )
    .await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "create_link",
            resource: &format!("session:{}", view.session.code),
            before: None,
            after: Some(json!({
                "link": id,
                "role": wanted.role,
                "bridge_point": wanted.bridge_point,
                "login": wanted.login,
                "guest": &name,
            })),
        },
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Json(Link {
            id: id.to_string(),
            url: format!("{}/j/{}", state.public_url(&headers), secret.expose()),
            expires_at_us: expires_at,
        }),
    ))
}

fn bad_link(title: &str) -> ApiError {
    ApiError::bad_request(ProblemCode::BadLink, title)
}

/// Revokes a joining link: it works no longer, and neither do the cookies that came by it.
#[utoipa::path(
    delete, path = "/links/{id}", tag = "link",
    params(("id" = String, Path, description = "Id of the link.")),
    responses((status = 204, description = "Revoked."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_link`.")),
    extensions(("x-action" = json!("manage_links")))
)]
async fn revoke(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let unknown_link = || ApiError::not_found(ProblemCode::UnknownLink);
    let id = TokenId(id.parse().map_err(|_| unknown_link())?);
    let mut tx = state.store.write().await?;
    let link = token::by_id(&mut tx, id).await?.ok_or_else(unknown_link)?;
    let session = link.session_id.ok_or_else(unknown_link)?;
    let session = store::session::by_id(&mut tx, session)
        .await?
        .ok_or_else(unknown_link)?;
    let code = session.code.0.clone();
    let (_, view) = find(&state, &mut tx, &actor, &code).await?;
    authorise(&actor, Action::ManageLinks, Resource::Session(&view.facts))?;
    token::revoke(&mut tx, id, now).await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "revoke_link",
            resource: &format!("session:{code}"),
            before: Some(json!({ "link": id })),
            after: None,
        },
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
