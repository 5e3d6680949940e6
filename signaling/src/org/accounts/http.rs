//! Accounts of those below: the list, one-time codes, disabling, roles.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use office_core::accounts::covers;
use office_core::org::Tree;
use office_core::rights::{ADMINS, Act, GrantRoles, ListAccounts, ManageAccount, ViewAccount};
use protocol::api::{
    AccountCounts, AccountDetail, AccountPage, AccountRole, AccountState, AdministeredUnit,
    Administration, GiveCodes, HeldRole, NewRole, Page, ProblemCode, SendInvitations, Slip,
};
use protocol::{AccountId, GrantId, PersonId, UnitId, UtcMicros};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::listing::{self, Listed};
use super::roles::known_day;
use super::store::{self, After, Filter};
use super::{actions, letters, roles};
use crate::AppState;
use crate::access::codes::Code;
use crate::access::{Actor, Asking, Permit, Subject, oidc, own, routes_asking, second_factor};
use crate::org::people::anywhere;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreResult, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query};
use crate::platform::paging::{cut, not_ours};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list))
        .routes(routes_asking!(administration))
        .routes(routes_asking!(give_codes))
        .routes(routes_asking!(send_invitations))
        .routes(routes_asking!(detail))
        .routes(routes_asking!(disable))
        .routes(routes_asking!(enable))
        .routes(routes_asking!(remove_second_factor))
        .routes(routes_asking!(grant))
        .routes(routes_asking!(end_role))
        .routes(routes_asking!(unlink))
}

/// How many people a page of the list holds at most.
const PAGE: usize = 50;

/// How many codes are given at a press at most: fifty sheets of four, made in about half a second of one core.
const MOST_CODES: usize = 200;

/// Who is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those with this in name or login, whatever its case and diacritics.
    q: Option<String>,
    /// Only those below the unit with this code.
    unit: Option<String>,
    /// Only those whose account stands so.
    #[param(value_type = Option<String>)]
    state: Option<AccountState>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Wanted {
    /// What is searched for, if there is anything to be seen in it.
    fn pattern(&self) -> Option<String> {
        let wanted = self.q.as_deref()?.replace('\0', " ");
        (!wanted.trim().is_empty()).then(|| anywhere(&wanted))
    }

    fn filter(&self, tree: &Tree) -> ApiResult<Filter> {
        let known = |code: &str| tree.by_code(code).map(|unit| unit.id);
        let unit = self.unit.as_deref().map(|code| {
            known(code).ok_or_else(|| {
                ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
                    .with("unit", code)
            })
        });
        Ok(Filter {
            unit: unit.transpose()?,
            pattern: self.pattern(),
            state: self.state,
        })
    }
}

fn parse_cursor(cursor: &str) -> ApiResult<After> {
    let parse = || {
        let mut parts = cursor.split('.');
        let after = After {
            sort_key: URL_SAFE_NO_PAD.decode(parts.next()?).ok()?,
            person: parts.next()?.parse().ok()?,
            account: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(after)
    };
    parse().ok_or_else(not_ours)
}

fn cursor(last: &Listed) -> String {
    let account = last.account.as_ref().map_or(Uuid::nil(), |(id, _)| id.0);
    let key = URL_SAFE_NO_PAD.encode(&last.sort_key);
    format!("{key}.{}.{account}", last.person)
}

/// Lists the people below the caller with their accounts, by given name. The first page counts them.
#[utoipa::path(
    get, path = "/accounts", tag = "account", params(Wanted),
    responses((status = 200, body = AccountPage), (status = 400, description = "`malformed_query`, `unknown_unit`."),
        (status = 401), (status = 403))
)]
async fn list(
    State(state): State<AppState>,
    asking: Asking<ListAccounts>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<AccountPage>> {
    asking.about(())?;
    let actor = &asking.actor;
    let administrator = actor.account().ok_or_else(ApiError::forbidden)?;
    let today = day(state.clock.now());
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let filter = wanted.filter(&tree)?;
    let counts = match wanted.cursor {
        Some(_) => None,
        None => Some(count(&mut conn, administrator, &today, &filter).await?),
    };
    let after = wanted.cursor.as_deref().map(parse_cursor).transpose()?;
    let (after, limit) = (after.unwrap_or_default(), PAGE as i64 + 1);
    let rows = store::visible_to(&mut conn, administrator, &today, &filter, &after, limit).await?;
    let listed = rows
        .into_iter()
        .map(|row| Listed::of(row, &tree, Some(actor)));
    let mut listed = listed.collect::<StoreResult<Vec<_>>>()?;
    let next = cut(&mut listed, PAGE, cursor);
    Ok(Json(AccountPage {
        next,
        items: listed.into_iter().map(|one| one.describe(actor)).collect(),
        counts,
    }))
}

async fn count(
    conn: &mut Conn,
    administrator: AccountId,
    today: &protocol::Day,
    filter: &Filter,
) -> StoreResult<AccountCounts> {
    let mut counts = AccountCounts::default();
    for (state, number) in store::counts(conn, administrator, today, filter).await? {
        *match state.0 {
            AccountState::None => &mut counts.none,
            AccountState::Invited => &mut counts.invited,
            AccountState::Active => &mut counts.active,
            AccountState::Disabled => &mut counts.disabled,
        } = number;
    }
    Ok(counts)
}

/// Over which units the caller administers accounts, and which roles they may give there.
#[utoipa::path(
    get, path = "/accounts/administration", tag = "account",
    responses((status = 200, body = Administration), (status = 401), (status = 403))
)]
async fn administration(
    State(state): State<AppState>,
    asking: Asking<ListAccounts>,
) -> ApiResult<Json<Administration>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let all = [
        AccountRole::DepartmentAdmin,
        AccountRole::UnitAdmin,
        AccountRole::ItStaff,
        AccountRole::Trainer,
        AccountRole::Member,
    ];
    let held = &asking.actor.grants.0;
    let may_give = |role: &AccountRole| held.iter().any(|grant| covers(grant.role, *role));
    Ok(Json(Administration {
        units: administered(&tree, &asking.actor),
        roles: all.into_iter().filter(may_give).collect(),
        mail: state.post.is_some(),
    }))
}

/// The units that somebody administers, each above those below it.
fn administered(tree: &Tree, actor: &Actor) -> Vec<AdministeredUnit> {
    let roots: BTreeSet<UnitId> = actor
        .grants
        .0
        .iter()
        .filter(|grant| ADMINS.contains(&grant.role))
        .map(|grant| grant.unit)
        .collect();
    let is_lower = |unit: &UnitId| {
        let above = tree.lineage(*unit).0;
        above.iter().skip(1).any(|unit| roots.contains(unit))
    };
    let mut units = Vec::new();
    for root in roots.iter().filter(|unit| !is_lower(unit)) {
        tree.walk(*root, &mut |unit, depth| {
            units.push(AdministeredUnit {
                unit: tree.name(unit),
                depth,
            });
        });
    }
    units
}

/// Gives people one-time codes: whoever has no account gets one. All of them, or none. Each code is told here and nowhere else.
#[utoipa::path(
    post, path = "/accounts/codes", tag = "account",
    request_body = GiveCodes,
    responses(
        (status = 200, body = Page<Slip>, description = "By unit, then by given name."),
        (status = 400, description = "`too_many_people`, `malformed_body`."), (status = 401),
        (status = 403, description = "`not_allowed`: one of them is not below the caller."),
        (status = 404, description = "`unknown_person`."),
        (status = 409, description = "`has_password`, `account_disabled`: `name` is whose; `last_administrator`; `login_taken`.")
    )
)]
async fn give_codes(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Body(request): Body<GiveCodes>,
) -> ApiResult<Json<Page<Slip>>> {
    let people = few_enough(&request.people)?;
    let (now, actor) = (state.clock.now(), &asking.actor);
    let mut found = Vec::new();
    {
        let mut conn = state.store.read().await?;
        let tree = state.tree(&mut conn).await?;
        for person in &people {
            let one = listing::find_person(&mut conn, &tree, actor, *person, now).await?;
            found.push(asking.about(one)?.into_inner().sort_key);
        }
    }
    let codes = make_codes(people.len()).await?;
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    actions::hold(&mut tx, &people, request.reset).await?;
    let mut slips = Vec::new();
    for ((person, code), key) in people.into_iter().zip(&codes).zip(found) {
        let one = listing::find_person(&mut tx, &tree, actor, person, now).await?;
        let permit = asking.about(one)?;
        let slip = actions::give_code(&mut tx, &permit, code, request.reset, now).await?;
        slips.push((slip.unit.clone().map(|unit| unit.name), key, slip));
    }
    tx.commit().await?;
    slips.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    Ok(Json(Page {
        items: slips.into_iter().map(|(_, _, slip)| slip).collect(),
        next: None,
    }))
}

/// Each of them once, if they are not too many for a press.
///
/// # Errors
/// `too_many_people`.
fn few_enough(named: &[Uuid]) -> ApiResult<Vec<PersonId>> {
    let people: BTreeSet<Uuid> = named.iter().copied().collect();
    if people.len() > MOST_CODES {
        return Err(
            ApiError::bad_request(ProblemCode::TooManyPeople, "too many codes at a press")
                .with("limit", MOST_CODES),
        );
    }
    Ok(people.into_iter().map(PersonId).collect())
}

/// So many new codes. Before the database is held: each takes some milliseconds.
async fn make_codes(count: usize) -> ApiResult<Vec<Code>> {
    let made = tokio::task::spawn_blocking(move || (0..count).map(|_| Code::generate()).collect());
    let made: Result<Vec<Code>, _> = made.await.map_err(ApiError::internal)?;
    made.map_err(ApiError::internal)
}

/// Invites people by mail, each with a one-time code that is made when the letter goes out: whoever has no account gets one. All
/// of them, or none. What became of each letter stands in the list.
#[utoipa::path(
    post, path = "/accounts/invitations", tag = "account",
    request_body = SendInvitations,
    responses(
        (status = 202, description = "The letters wait to be sent."),
        (status = 400, description = "`too_many_people`, `malformed_body`."), (status = 401),
        (status = 403, description = "`not_allowed`: one of them is not below the caller."),
        (status = 404, description = "`unknown_person`."),
        (status = 409, description = "`mail_off`; `no_address`, `has_password`, `account_disabled`: `name` is whose; \
            `last_administrator`; `login_taken`.")
    )
)]
async fn send_invitations(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Body(request): Body<SendInvitations>,
) -> ApiResult<StatusCode> {
    let people = few_enough(&request.people)?;
    let (now, actor) = (state.clock.now(), &asking.actor);
    {
        let mut conn = state.store.read().await?;
        let tree = state.tree(&mut conn).await?;
        for person in &people {
            let one = listing::find_person(&mut conn, &tree, actor, *person, now).await?;
            asking.about(one)?;
        }
    }
    if state.post.is_none() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::MailOff,
            "there is no mail here; print the codes",
        ));
    }
    let codes = make_codes(people.len()).await?;
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    actions::hold(&mut tx, &people, false).await?;
    for (person, code) in people.into_iter().zip(&codes) {
        let one = listing::find_person(&mut tx, &tree, actor, person, now).await?;
        let permit = asking.about(one)?;
        letters::ask(&mut tx, &permit, code, request.reset, now).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// An account, with its roles as they can be ended.
#[utoipa::path(
    get, path = "/accounts/{account}", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 200, body = AccountDetail), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`."))
)]
async fn detail(
    State(state): State<AppState>,
    asking: Asking<ViewAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<AccountDetail>> {
    let (now, id) = (state.clock.now(), AccountId(id));
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let actor = &asking.actor;
    let found = listing::find(&mut conn, &tree, Some(actor), id, now).await?;
    let found = asking.about(found)?.into_inner();
    let roles = own::roles(&mut conn, id, &day(now)).await?;
    let roles = roles.into_iter().map(|held| HeldRole {
        id: held.id.to_string(),
        role: held.grant.role,
        unit: tree.name(held.grant.unit),
        from: held.grant.from.0,
        to: held.grant.to.map(|day| day.0),
        by_provider: held.by_provider,
    });
    Ok(Json(AccountDetail {
        roles: roles.collect(),
        linked: oidc::actions::linked(&mut conn, id).await?,
        second_factor: second_factor::is_on(&mut conn, id).await?,
        of: found.describe(actor),
    }))
}

/// Begins what somebody does to an account: the transaction, the leave for this account, and the tree of today.
async fn allow<A: Act>(
    state: &AppState,
    asking: &Asking<A>,
    id: AccountId,
    now: UtcMicros,
) -> ApiResult<(Tx, Permit<A, Listed>, Arc<Tree>)>
where
    Listed: Subject<A::On>,
{
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let found = listing::find(&mut tx, &tree, Some(&asking.actor), id, now).await?;
    let permit = asking.about(found)?;
    Ok((tx, permit, tree))
}

/// Disables an account: its sign-ins end, and whoever is in a room by it goes.
#[utoipa::path(
    post, path = "/accounts/{account}/disable", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 204, description = "It is disabled."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`."), (status = 409, description = "`last_administrator`."))
)]
async fn disable(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let (mut tx, permit, _) = allow(&state, &asking, AccountId(id), now).await?;
    actions::disable(&mut tx, &permit, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enables an account that was disabled.
#[utoipa::path(
    post, path = "/accounts/{account}/enable", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 204, description = "It is open."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`."))
)]
async fn enable(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let (mut tx, permit, _) = allow(&state, &asking, AccountId(id), now).await?;
    actions::enable(&mut tx, &permit, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the second factor of an account away, with its recovery codes, for somebody who lost them. Its sign-ins end.
#[utoipa::path(
    delete, path = "/accounts/{account}/second-factor", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 204, description = "There is none."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`."))
)]
async fn remove_second_factor(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let (mut tx, permit, _) = allow(&state, &asking, AccountId(id), now).await?;
    actions::remove_second_factor(&mut tx, &permit, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an account a role, within what the caller holds.
#[utoipa::path(
    post, path = "/accounts/{account}/roles", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    request_body = NewRole,
    responses((status = 204, description = "They hold it from its first day on."),
        (status = 400, description = "`unknown_unit`, `bad_days`."), (status = 401),
        (status = 403, description = "`not_allowed`; `beyond_own_role`: no role of the caller holds this one."),
        (status = 404, description = "`unknown_account`."), (status = 409, description = "`role_held`."))
)]
async fn grant(
    State(state): State<AppState>,
    asking: Asking<GrantRoles>,
    Path(id): Path<Uuid>,
    Body(wanted): Body<NewRole>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let (mut tx, permit, tree) = allow(&state, &asking, AccountId(id), now).await?;
    roles::grant(&mut tx, &permit, &tree, &wanted, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes away what an account is linked with at a provider of sign-ins: sign-ins by it end, and so do roles that its groups gave.
#[utoipa::path(
    delete, path = "/accounts/{account}/external", tag = "account",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 204, description = "It is linked with nothing."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`."))
)]
async fn unlink(
    State(state): State<AppState>,
    asking: Asking<ManageAccount>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let (now, id) = (state.clock.now(), AccountId(id));
    let (mut tx, permit, tree) = allow(&state, &asking, id, now).await?;
    oidc::actions::unlink(&mut tx, &permit, id, &tree, (None, now)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// With which last day a role ends.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Ending {
    /// The last day, as ISO writes it, which is inside; at once when absent.
    last_day: Option<String>,
}

/// Ends a role.
#[utoipa::path(
    delete, path = "/accounts/{account}/roles/{role}", tag = "account",
    params(("account" = String, Path, description = "Id of the account."), ("role" = String, Path, description = "Id of the role."),
        Ending),
    responses((status = 204, description = "It ends."), (status = 400, description = "`bad_days`."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_account`, `unknown_role`."), (status = 409, description = "`last_administrator`."))
)]
async fn end_role(
    State(state): State<AppState>,
    asking: Asking<GrantRoles>,
    Path((id, role)): Path<(Uuid, Uuid)>,
    Query(ending): Query<Ending>,
) -> ApiResult<StatusCode> {
    let now = state.clock.now();
    let last = ending.last_day.as_deref().map(known_day).transpose()?;
    let (mut tx, permit, tree) = allow(&state, &asking, AccountId(id), now).await?;
    roles::end(&mut tx, &permit, &tree, (GrantId(role), last), now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
