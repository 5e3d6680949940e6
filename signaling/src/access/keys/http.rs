//! The page of keys.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::rights::{Grants, ListKeys, MakeKey, RevokeKey};
use protocol::api::{ApiKey, ApiKeyAct, ApiKeyState, MadeApiKey, NewApiKey, Page, ProblemCode};
use protocol::{AccountId, ApiKeyId, UtcMicros, text};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::actions::{self, Found, ToMake};
use super::store::{self, Key};
use crate::AppState;
use crate::access::{Actor, Asking, accounts, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query};
use crate::platform::paging::{PageAsked, Place, cut, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list, make))
        .routes(routes_asking!(revoke))
}

/// How many keys a page of the list holds at most.
const PAGE: usize = 50;

/// Lists the keys of the units that the caller administers, and the caller's own, the newest first, also those that work no
/// longer.
#[utoipa::path(
    get, path = "/api-keys", tag = "key", params(PageAsked),
    responses((status = 200, body = Page<ApiKey>), (status = 400, description = "`malformed_query`."), (status = 401),
        (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListKeys>,
    Query(asked): Query<PageAsked>,
) -> ApiResult<Json<Page<ApiKey>>> {
    asking.about(())?;
    let before = Place::before(&asked)?;
    let account = asking.actor.account().ok_or_else(ApiError::forbidden)?;
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let limit = with_another(PAGE);
    let mut keys = store::visible_to(&mut conn, account, &day(now), before, limit).await?;
    let next = cut(&mut keys, PAGE, |last| Place {
        at: last.made_at,
        id: last.id,
    });
    let makers = makers(&mut conn, &keys, now).await?;
    let items = keys.into_iter();
    let items = items.map(|key| describe(&tree, &asking.actor, key, &makers, now));
    Ok(Json(Page {
        items: items.collect(),
        next,
    }))
}

/// Makes a key. Its secret is in this answer and nowhere else.
#[utoipa::path(
    post, path = "/api-keys", tag = "key", request_body = NewApiKey,
    responses(
        (status = 201, body = MadeApiKey),
        (status = 400, description = "`bad_name`, `bad_scopes`, `bad_expiry`, `unknown_unit`."),
        (status = 401),
        (status = 403, description = "`not_allowed`; `scope_not_yours`: `scope` is beyond what the caller may at this unit.")
    )
)]
async fn make(
    State(state): State<AppState>,
    asking: Asking<MakeKey>,
    Body(wanted): Body<NewApiKey>,
) -> ApiResult<(StatusCode, Json<MadeApiKey>)> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let unit = text::key(&wanted.unit).and_then(|code| tree.by_code(&code).map(|unit| unit.id));
    let unit = unit.ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
            .with("unit", text::drawable(&wanted.unit, 64))
    })?;
    let lineage = tree.lineage(unit);
    let permit = asking.about(ToMake {
        unit,
        grant: asking.actor.grants.of_key(&lineage),
        lineage,
    })?;
    let (id, secret) = actions::make(&mut tx, &permit, &wanted, now).await?;
    let key = find(&mut tx, &tree, id).await?.key;
    let makers = makers(&mut tx, std::slice::from_ref(&key), now).await?;
    tx.commit().await?;
    let key = describe(&tree, &asking.actor, key, &makers, now);
    Ok((StatusCode::CREATED, Json(MadeApiKey { key, secret })))
}

/// Takes a key back: from the next request on it works no longer.
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "key",
    params(("id" = String, Path, description = "Id of the key.")),
    responses((status = 204, description = "It is taken back, or was already."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_key`."))
)]
async fn revoke(
    State(state): State<AppState>,
    asking: Asking<RevokeKey>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let permit = asking.about(find(&mut tx, &tree, ApiKeyId(id)).await?)?;
    actions::revoke(&mut tx, &permit, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(conn: &mut Conn, tree: &Tree, id: ApiKeyId) -> ApiResult<Found> {
    let key = store::by_id(conn, id)
        .await?
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownKey))?;
    Ok(Found {
        // Also of a unit that is no more: its key is there to be taken back.
        lineage: tree.lineage_of_any_day(key.unit),
        key,
    })
}

/// What those who made some keys hold by now.
async fn makers(
    conn: &mut Conn,
    keys: &[Key],
    now: UtcMicros,
) -> ApiResult<BTreeMap<AccountId, Grants>> {
    let today = day(now);
    let who: BTreeSet<AccountId> = keys.iter().map(|key| key.made_by).collect();
    let mut makers = BTreeMap::new();
    for maker in who {
        makers.insert(maker, accounts::grants(conn, maker, &today).await?);
    }
    Ok(makers)
}

fn describe(
    tree: &Tree,
    actor: &Actor,
    key: Key,
    makers: &BTreeMap<AccountId, Grants>,
    now: UtcMicros,
) -> ApiKey {
    let unit = tree.lineage(key.unit);
    let maker = makers.get(&key.made_by).filter(|_| !key.maker_disabled);
    let state = if key.revoked_at.is_some() {
        ApiKeyState::Revoked
    } else if now >= key.expires_at {
        ApiKeyState::Expired
    } else if maker.and_then(|grants| grants.of_key(&unit)).is_none() {
        ApiKeyState::MakerGone
    } else {
        ApiKeyState::Active
    };
    let works = key.revoked_at.is_none() && now < key.expires_at;
    let may_revoke = works && actor.may::<RevokeKey>(&tree.lineage_of_any_day(key.unit));
    ApiKey {
        id: key.id.to_string(),
        name: key.name,
        unit: tree.name(key.unit),
        scopes: key.scopes,
        state,
        made_by: key.maker_name,
        made_at_us: key.made_at,
        expires_at_us: key.expires_at,
        last_used_us: key.last_used,
        revoked_at_us: key.revoked_at,
        may: if may_revoke {
            vec![ApiKeyAct::RevokeKey]
        } else {
            Vec::new()
        },
    }
}
