//! Giving roles and ending them.

use axum::http::StatusCode;
use office_core::accounts::DatedGrant;
use office_core::days;
use office_core::org::Tree;
use office_core::rights::GrantRoles;
use protocol::api::{NewRole, ProblemCode};
use protocol::{Day, GrantId, UtcMicros};
use serde_json::json;

use super::listing::Listed;
use super::store;
use crate::access::Permit;
use crate::access::accounts::{self, Guard};
use crate::access::own::{DatedRole, roles};
use crate::platform::clock::day;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// Gives an account a role. Nobody gives what they do not hold: role, unit and days lie within one role of whoever gives it, also
/// when they give it to themselves.
///
/// # Errors
/// `unknown_unit`, `bad_days`, `beyond_own_role`, `role_held`; 404 when there is no account.
pub(super) async fn grant(
    tx: &mut Tx,
    permit: &Permit<GrantRoles, Listed>,
    tree: &Tree,
    wanted: &NewRole,
    now: UtcMicros,
) -> ApiResult<GrantId> {
    let (account, today) = (permit.id()?, day(now));
    let unit = tree.by_code(&wanted.unit).ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
            .with("unit", &wanted.unit)
    })?;
    let from = wanted
        .from
        .as_deref()
        .map_or_else(|| Ok(today.clone()), known_day)?;
    let to = wanted.to.as_deref().map(known_day).transpose()?;
    if from < today || to.as_ref().is_some_and(|to| *to < from) {
        return Err(bad_days());
    }
    let new = DatedGrant {
        role: wanted.role,
        unit: unit.id,
        from,
        to,
    };
    if let Some(giver) = permit.account() {
        let at = tree.lineage(unit.id);
        let own = roles(tx, giver, &today).await?;
        let holds = |held: &DatedRole| held.grant.holds(new.role, &at, &new.from, new.to.as_ref());
        if !own.iter().any(holds) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                ProblemCode::BeyondOwnRole,
                "role, unit and days have to lie within a role of whoever gives it",
            ));
        }
    }
    // What the provider's groups give may be given by somebody too, to stay when they give it no longer.
    let overlaps = |held: &DatedRole| {
        let (held, by_provider) = (&held.grant, held.by_provider);
        !by_provider
            && held.role == new.role
            && held.unit == new.unit
            && new.to.as_ref().is_none_or(|to| held.from <= *to)
            && held.to.as_ref().is_none_or(|to| new.from <= *to)
    };
    if roles(tx, account, &today).await?.iter().any(overlaps) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::RoleHeld,
            "they hold this role there on some of these days",
        ));
    }
    let id = store::grant(tx, account, &new).await?;
    let after = json!({ "role": new.role, "unit": unit.code, "from": new.from, "to": new.to });
    let resource = format!("account:{account}");
    permit
        .note_as(tx, "grant_role", &resource, (None, Some(after)), now)
        .await?;
    Ok(id)
}

/// Ends a role of an account: with the last day `last`, which is inside, else at once.
///
/// # Errors
/// 404 `unknown_role`; `bad_days` when it begins later or ends before; `last_administrator`.
pub(super) async fn end(
    tx: &mut Tx,
    permit: &Permit<GrantRoles, Listed>,
    tree: &Tree,
    (id, last): (GrantId, Option<Day>),
    now: UtcMicros,
) -> ApiResult<()> {
    let (account, today) = (permit.id()?, day(now));
    let guard = Guard::hold(tx, now).await?;
    let held = roles(tx, account, &today).await?;
    let DatedRole { grant, .. } = held
        .into_iter()
        .find(|role| role.id == id)
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownRole))?;
    match &last {
        Some(last) => {
            let ends_before = grant.to.as_ref().is_some_and(|to| to < last);
            if *last < today || *last < grant.from || ends_before {
                return Err(bad_days());
            }
            accounts::end_grant(tx, id, last).await?;
        }
        None if grant.from < today => {
            let yesterday = days::before(&today).ok_or_else(bad_days)?;
            accounts::end_grant(tx, id, &yesterday).await?;
        }
        None => accounts::delete_grant(tx, id).await?,
    }
    guard.check(tx).await?;
    let code = tree.name(grant.unit).code;
    let before = json!({ "role": grant.role, "unit": code, "from": grant.from, "to": grant.to });
    let after = json!({ "last_day": last });
    let resource = format!("account:{account}");
    permit
        .note_as(tx, "end_role", &resource, (Some(before), Some(after)), now)
        .await?;
    Ok(())
}

/// A day that somebody names.
///
/// # Errors
/// `bad_days` when there is no such day.
pub(super) fn known_day(text: &str) -> ApiResult<Day> {
    days::parse(text).ok_or_else(bad_days)
}

fn bad_days() -> ApiError {
    ApiError::bad_request(
        ProblemCode::BadDays,
        "a role begins today or later and ends after that, on days that there are",
    )
}
