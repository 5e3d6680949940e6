//! What comes of what the provider says: links, sign-ins, roles.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use office_core::days;
use office_core::oidc::{Mapped, mapped};
use office_core::org::Tree;
use office_core::rights::{Act, GrantRoles, KeepOwnAccount};
use protocol::api::{AccountRole, ExternalIdentity, ProblemCode};
use protocol::{AccountId, SignInId, UnitId, UtcMicros};
use serde_json::json;

use super::store::{self, Given, Identity};
use super::token::Said;
use crate::access::accounts::{self, Account, Guard};
use crate::access::http::account_disabled;
use crate::access::own::Own;
use crate::access::{Permit, Reason};
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::oidc::Oidc;

/// Lets in whom the provider names: the account that is linked with them, which follows their groups. Nothing but issuer and subject
/// leads to it.
///
/// # Errors
/// 401 `identity_unknown`, `account_disabled`.
pub(super) async fn admit(
    tx: &mut Tx,
    settings: &Oidc,
    said: &Said,
    tree: &Tree,
    now: UtcMicros,
) -> ApiResult<(Account, Identity)> {
    let claims = &said.claims;
    let unknown = || {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::IdentityUnknown,
            "no account is linked with this identity of the provider",
        )
    };
    let identity = store::by_subject(tx, &claims.issuer, &claims.subject).await?;
    let identity = identity.ok_or_else(unknown)?;
    let account = accounts::by_id(tx, identity.account_id).await?;
    let account = account.ok_or_else(unknown)?;
    let groups = said.groups(&settings.groups_claim);
    let wanted = mapped(settings.rules(), &groups, tree);
    let guard = guard_roles(tx, account.id, &wanted, now).await?;
    if !accounts::hold_open(tx, account.id).await? {
        return Err(account_disabled());
    }
    // It may have been unlinked since it was read.
    if !store::note_used(tx, identity.id, now).await? {
        return Err(unknown());
    }
    give_roles(tx, account.id, &wanted, guard, tree, now).await?;
    Ok((account, identity))
}

/// Links an account with whom the provider names. Linked so before, nothing changes.
///
/// # Errors
/// 409 `identity_taken`, `already_linked`.
pub(super) async fn link(
    tx: &mut Tx,
    permit: &Permit<KeepOwnAccount, Own>,
    said: &Said,
    now: UtcMicros,
) -> ApiResult<()> {
    let (account, claims) = (permit.id()?, &said.claims);
    let identity = (&*claims.issuer, &*claims.subject);
    if !accounts::hold_open(tx, account).await? {
        return Err(account_disabled());
    }
    let refused = |code, title: &str| ApiError::new(StatusCode::CONFLICT, code, title);
    let taken = || {
        let title = "another account is linked with this identity of the provider";
        refused(ProblemCode::IdentityTaken, title)
    };
    match store::by_subject(tx, identity.0, identity.1).await? {
        Some(known) if known.account_id == account => return Ok(()),
        Some(_) => return Err(taken()),
        None => {}
    }
    let linked = store::of_account(tx, account).await?;
    if linked.iter().any(|known| known.issuer == claims.issuer) {
        let title = "the account is linked with another identity of the provider";
        return Err(refused(ProblemCode::AlreadyLinked, title));
    }
    let label = said.label();
    match store::link(tx, account, identity, label.as_deref(), now).await {
        // Two came back at the same moment.
        Err(StoreError::Duplicate(_)) => return Err(taken()),
        linked => linked?,
    }
    let after = json!({ "issuer": claims.issuer });
    let resource = format!("account:{account}");
    permit
        .note_as(tx, "link_identity", &resource, (None, Some(after)), now)
        .await?;
    Ok(())
}

/// Takes the links of an account away, with what they gave: sign-ins by them but the one that asks, and roles of the provider's
/// groups. Of an account without any, nothing changes.
///
/// # Errors
/// When the database fails.
pub(crate) async fn unlink<A: Act, R>(
    tx: &mut Tx,
    permit: &Permit<A, R>,
    account: AccountId,
    tree: &Tree,
    (kept, now): (Option<SignInId>, UtcMicros),
) -> ApiResult<()> {
    let issuers: Vec<String> = store::of_account(tx, account)
        .await?
        .into_iter()
        .map(|known| known.issuer)
        .collect();
    let wanted = Mapped::default();
    let guard = guard_roles(tx, account, &wanted, now).await?;
    if store::unlink(tx, account, kept, now).await? == 0 {
        return Ok(());
    }
    give_roles(tx, account, &wanted, guard, tree, now).await?;
    let before = json!({ "issuers": issuers });
    let resource = format!("account:{account}");
    permit
        .note_as(tx, "unlink_identity", &resource, (Some(before), None), now)
        .await?;
    Ok(())
}

/// Roles and units that the provider's groups gave and do not give now, and the other way round.
fn difference<'a>(
    given: &'a [Given],
    wanted: &Mapped,
) -> (Vec<&'a Given>, Vec<(AccountRole, UnitId)>) {
    let held: BTreeSet<_> = given.iter().map(|one| (one.role.0, one.unit_id)).collect();
    let over = |one: &&Given| !wanted.roles.contains(&(one.role.0, one.unit_id));
    let new = wanted.roles.difference(&held).copied().collect();
    (given.iter().filter(over).collect(), new)
}

/// Keeps others from changing who administers the department when roles are to change; most sign-ins change none, and wait for
/// nobody. Taken before anything else is locked, as everybody does who disables accounts or ends roles.
///
/// # Errors
/// When the database fails.
async fn guard_roles(
    tx: &mut Tx,
    account: AccountId,
    wanted: &Mapped,
    now: UtcMicros,
) -> ApiResult<Option<Guard>> {
    let given = store::given(tx, account, &day(now)).await?;
    let (over, new) = difference(&given, wanted);
    match over.is_empty() && new.is_empty() {
        true => Ok(None),
        false => Ok(Some(Guard::hold(tx, now).await?)),
    }
}

/// Gives an account the roles that its groups have by the settings, and takes those that they gave before and give no longer. Roles
/// that people gave stay as they are, and so does the role of the department's last administrator.
///
/// # Errors
/// When the database fails.
async fn give_roles(
    tx: &mut Tx,
    account: AccountId,
    wanted: &Mapped,
    guard: Option<Guard>,
    tree: &Tree,
    now: UtcMicros,
) -> ApiResult<()> {
    let (permit, today) = (Permit::<GrantRoles>::system(Reason::Provider, ()), day(now));
    let mut notes = Vec::new();
    if let Some(guard) = guard {
        let given = store::given(tx, account, &today).await?;
        let (over, new) = difference(&given, wanted);
        for (role, unit) in new {
            store::give(tx, account, (role, unit), &today).await?;
            let after = json!({ "role": role, "unit": tree.name(unit).code, "from": today });
            notes.push(("grant_role", None, after));
        }
        for one in over {
            let role = json!({ "role": one.role.0, "unit": tree.name(one.unit_id).code });
            if guard.needs(tx, one.id).await? {
                let after = json!({ "why": "last_administrator" });
                notes.push(("keep_role", Some(role), after));
                continue;
            }
            match days::before(&today) {
                Some(yesterday) if one.valid_from < today => {
                    accounts::end_grant(tx, one.id, &yesterday).await?;
                }
                _ => accounts::delete_grant(tx, one.id).await?,
            }
            notes.push(("end_role", Some(role), json!({})));
        }
    }
    for unit in &wanted.unknown_units {
        let after = json!({ "unit": unit, "why": "unknown_unit" });
        notes.push(("map_group", None, after));
    }
    let resource = format!("account:{account}");
    // Everything is locked before the first line of the log, which everybody waits for.
    for (action, before, after) in notes {
        permit
            .note_as(tx, action, &resource, (before, Some(after)), now)
            .await?;
    }
    Ok(())
}

/// Codes of units in the mapping that no unit has today.
#[must_use]
pub fn unknown_units(settings: &Oidc, tree: &Tree) -> Vec<String> {
    let codes: BTreeSet<&str> = settings.rules().map(|rule| rule.unit).collect();
    let unknown = codes
        .into_iter()
        .filter(|code| tree.by_code(code).is_none());
    unknown.map(str::to_owned).collect()
}

/// The links of an account.
///
/// # Errors
/// When the database fails.
pub(crate) async fn linked(
    conn: &mut Conn,
    account: AccountId,
) -> ApiResult<Vec<ExternalIdentity>> {
    let known = store::of_account(conn, account).await?;
    Ok(known.into_iter().map(describe).collect())
}

/// A link as people are told of it.
pub(super) fn describe(known: Identity) -> ExternalIdentity {
    let host = reqwest::Url::parse(&known.issuer).ok();
    let host = host.and_then(|url| url.host_str().map(str::to_owned));
    ExternalIdentity {
        label: known.label,
        host: host.unwrap_or(known.issuer),
        linked_at_us: known.linked_at_us,
        last_used_us: known.last_used_us,
    }
}
