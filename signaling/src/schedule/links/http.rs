//! Joining links.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use office_core::rights::ManageLinks;
use protocol::api::{
    Link, LinkExchangeRequest, LinkPreview, LinkPreviewRequest, LinkPurpose, LinkRequest,
    LinkSummary, Me, Page, ProblemCode, SettingKey,
};
use protocol::{AccountId, TokenId, text};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actions::{self, NewLink};
use crate::AppState;
use crate::access::accounts::{self, NewSignIn};
use crate::access::{Asking, link_actor, me, routes_asking, tokens};
use crate::platform::audit;
use crate::platform::clock::minutes;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query, admit};
use crate::platform::http::caller::{self, ClientAddress};
use crate::platform::paging::{PageAsked, Place, cut, with_another};
use crate::platform::secret::Secret;
use crate::schedule::officers;
use crate::schedule::sessions::view::find;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list, create))
        .routes(routes_asking!(revoke))
        .routes(routes!(preview))
        .routes(routes!(exchange_link))
}

/// How many links a page of the list holds at most.
const PAGE: usize = 100;

/// The links and tokens of a session, the newest first, also those that hold no longer. Their secrets are not known.
#[utoipa::path(
    get, path = "/sessions/{code}/links", tag = "link",
    params(("code" = String, Path, description = "Code of the session."), PageAsked),
    responses((status = 200, body = Page<LinkSummary>), (status = 400, description = "`malformed_query`."), (status = 401),
        (status = 403),
        (status = 404, description = "`unknown_session`."))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ManageLinks>,
    Path(code): Path<String>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<LinkSummary>>> {
    let before = Place::before(&asked)?;
    let mut conn = state.store.read().await?;
    let session = asking.about(find(&state, &mut conn, &asking.actor, &code).await?)?;
    let (session, limit) = (session.session.id, with_another(PAGE));
    let mut items = tokens::of_session(&mut conn, session, before, limit).await?;
    let next = cut(&mut items, PAGE, |last| {
        format!("{}.{}", last.created_at_us.0, last.id)
    });
    Ok(Json(Page { items, next }))
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
        (status = 401), (status = 403, description = "`not_allowed`; also a link that gives the chair, by somebody who may not \
            end the session."), (status = 404, description = "`unknown_session`."),
        (status = 409, description = "`session_ended`; `guests_not_allowed`: the session is internal.")
    )
)]
async fn create(
    State(state): State<AppState>,
    asking: Asking<ManageLinks>,
    Path(code): Path<String>,
    headers: HeaderMap,
    Body(wanted): Body<LinkRequest>,
) -> ApiResult<(StatusCode, Json<Link>)> {
    let mut tx = state.store.write().await?;
    let session = asking.about(find(&state, &mut tx, &asking.actor, &code).await?)?;
    let link = NewLink {
        purpose: LinkPurpose::Join,
        role: wanted.role,
        point: wanted.bridge_point.as_deref(),
        login: wanted.login.as_deref(),
        name: wanted.name.as_deref(),
    };
    let settings = state.standing(&mut tx).await?.sessions();
    let made = actions::create(&mut tx, &session, link, &settings, state.clock.now()).await?;
    tx.commit().await?;
    let link = Link {
        id: made.id.to_string(),
        url: format!("{}/j/{}", state.public_url(&headers), made.secret.expose()),
        expires_at_us: made.expires_at,
    };
    Ok((StatusCode::CREATED, Json(link)))
}

/// Revokes a joining link: it works no longer, and neither do the cookies that came by it.
#[utoipa::path(
    delete, path = "/links/{id}", tag = "link",
    params(("id" = String, Path, description = "Id of the link.")),
    responses((status = 204, description = "Revoked."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_link`."))
)]
async fn revoke(
    State(state): State<AppState>,
    asking: Asking<ManageLinks>,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownLink);
    let id = TokenId(id.parse().map_err(|_| unknown())?);
    let mut tx = state.store.write().await?;
    let link = tokens::by_id(&mut tx, id).await?.ok_or_else(unknown)?;
    let code = link.session_code.ok_or_else(unknown)?;
    let session = asking.about(find(&state, &mut tx, &asking.actor, &code.0).await?)?;
    actions::revoke(&mut tx, &session, id, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
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
    let (link, session) = actions::usable(&state, &mut conn, &request.secret, address).await?;
    let tree = state.tree(&mut conn).await?;
    let early = state.standing(&mut conn).await?;
    let early = minutes(early.number(SettingKey::EarlyMinutes));
    let needs_name = link.is_nameless();
    let person = name_of(&mut conn, link.account_id).await?;
    Ok(Json(LinkPreview {
        state: session.state(now, state.rooms.present(session.id), early),
        kind: session.kind,
        starts_at_us: session.starts_at,
        ends_at_us: session.ends_at,
        opens_at_us: session.opens_at(early),
        convening_unit: tree.name(session.convening_unit),
        chair: officers::chair_of(&mut conn, session.id).await?,
        auto_record: session.auto_record,
        kept_until_us: session.recording_kept_until(),
        guests_may_replay: session.guests_may_replay,
        role: link.role,
        bridge_point: link.point,
        name: person.or(link.display_name),
        needs_name,
        session: session.code.0,
        title: session.title,
    }))
}

/// The name of whose account this is.
async fn name_of(conn: &mut Conn, account: Option<AccountId>) -> ApiResult<Option<String>> {
    Ok(match account {
        Some(id) => accounts::by_id(conn, id)
            .await?
            .map(|account| account.full_name),
        None => None,
    })
}

/// Exchanges the secret of a joining link for a cookie. A link works until it expires or is revoked, so that a room
/// device that was switched off comes back by the same link.
#[utoipa::path(
    post, path = "/links/exchange", tag = "account",
    request_body = LinkExchangeRequest,
    responses(
        (status = 200, body = Me, description = "The cookie is in `Set-Cookie`."),
        (status = 400, description = "`name_required`: a guest must say a name; `bad_name`."),
        (status = 404, description = "`link_invalid`."),
        (status = 410, description = "`link_expired`, `link_revoked`, `session_ended`."),
        (status = 429, description = "`rate_limited`: too many secrets from there that nobody made, or new guests.")
    )
)]
async fn exchange_link(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<LinkExchangeRequest>,
) -> ApiResult<(CookieJar, Json<Me>)> {
    let now = state.clock.now();
    // A browser that opens the link again is the same guest.
    let shown = caller::cookie(&headers).map(Secret::of);
    let (link, session, known) = {
        // Read first: what nobody made must not take the writer from those who write.
        let mut conn = state.store.read().await?;
        let (link, session) = actions::usable(&state, &mut conn, &request.secret, address).await?;
        let known = match &shown {
            Some(shown) => accounts::sign_in(&mut conn, &shown.hash()).await?,
            None => None,
        };
        let of_this_link = known.filter(|known| known.access_token_id == Some(link.id));
        (link, session, of_this_link)
    };
    // A guest comes back to what was recorded.
    let is_guest = link.point_id.is_none() && link.account_id.is_none();
    if session.is_over(now) && !(is_guest && session.guests_may_replay) {
        return Err(ApiError::new(
            StatusCode::GONE,
            ProblemCode::SessionEnded,
            "the session is over",
        ));
    }
    let guest_name = if link.is_nameless() {
        Some(guest_name(request.name.as_deref())?)
    } else {
        None
    };
    if known.is_none() && link.is_nameless() {
        state.sign_in_limits.guest_is_new(address)?;
    }
    let expires_at = link.expires_at;
    let mut tx = state.store.write().await?;
    // It may have been revoked since it was read.
    if !tokens::mark_used(&mut tx, link.id, now).await? {
        return Err(actions::revoked());
    }
    let renewed = match &known {
        Some(known) => {
            accounts::renew_sign_in(&mut tx, known.id, guest_name.as_deref(), expires_at).await?
        }
        None => false,
    };
    let token = match shown.filter(|_| renewed) {
        Some(shown) => shown,
        None => {
            let token = Secret::generate().map_err(ApiError::internal)?;
            accounts::insert_sign_in(
                &mut tx,
                NewSignIn {
                    by_second_factor: false,
                    token_hash: &token.hash(),
                    account: None,
                    access_token: Some(link.id),
                    guest_name: guest_name.as_deref(),
                    device: None,
                    identity: None,
                    expires_at,
                },
                now,
            )
            .await?;
            token
        }
    };
    let actor = link_actor(&mut tx, link, guest_name, None).await?;
    audit::append(
        &mut tx,
        audit::Line {
            actor: &actor.audit_name(),
            action: "exchange_link",
            resource: &format!("session:{}", session.code),
            before: None,
            after: None,
        },
        now,
    )
    .await?;
    let me = me::describe(&state, &mut tx, &actor).await?;
    tx.commit().await?;
    Ok((me::kept_cookie(&token, now, expires_at), Json(me)))
}

fn guest_name(said: Option<&str>) -> ApiResult<String> {
    let name = said.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(ApiError::bad_request(
            ProblemCode::NameRequired,
            "this link is for a guest, who must say a name",
        ));
    }
    admit(text::NAME, name, ProblemCode::BadName)
}
