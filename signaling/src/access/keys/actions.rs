//! What can be done with keys of other systems.

use axum::http::StatusCode;
use office_core::days;
use office_core::org::Lineage;
use office_core::rights::{Act as _, Grant, Grants, MakeKey, ReadAudit, RevokeKey};
use protocol::api::{self, ApiScope, ProblemCode};
use protocol::{ApiKeyId, UnitId, UtcMicros, text};
use serde_json::json;

use super::PREFIX;
use super::store::{self, Key, NewKey};
use crate::access::{Permit, Subject};
use crate::platform::clock::{day, days as of_days, start_of};
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::platform::secret::{self, Secret};

/// For how many days a key works at most: whoever looks after a system looks after its key once a year.
const LONGEST_DAYS: u32 = 365;

/// The unit for which a key is to be made.
#[derive(Debug)]
pub(super) struct ToMake {
    /// The unit.
    pub(super) unit: UnitId,
    /// It and those above it.
    pub(super) lineage: Lineage,
    /// By which role the key will work; none for somebody who has no permit either.
    pub(super) grant: Option<Grant>,
}

impl Subject<Lineage> for ToMake {
    fn facts(&self) -> &Lineage {
        &self.lineage
    }
}

/// A key that is there.
#[derive(Debug)]
pub(super) struct Found {
    /// The key.
    pub(super) key: Key,
    /// Its unit and those above it.
    pub(super) lineage: Lineage,
}

impl Subject<Lineage> for Found {
    fn facts(&self) -> &Lineage {
        &self.lineage
    }
}

/// Makes a key, whose text is known to nobody else.
///
/// # Errors
/// `bad_name`, `bad_scopes`, `bad_expiry`; 403 `scope_not_yours`.
pub(super) async fn make(
    tx: &mut Tx,
    permit: &Permit<MakeKey, ToMake>,
    wanted: &api::NewApiKey,
    now: UtcMicros,
) -> ApiResult<(ApiKeyId, String)> {
    let made_by = permit.account().ok_or_else(ApiError::forbidden)?;
    let grant = permit.grant.ok_or_else(ApiError::forbidden)?;
    let name = admit(text::NAME, &wanted.name, ProblemCode::BadName)?;
    let scopes = scopes(&wanted.scopes, grant)?;
    let expires_at = expiry(&wanted.last_day, now)?;
    let secret = Secret::generate().map_err(ApiError::internal)?;
    let shown = format!("{PREFIX}{}", secret.expose());
    let key = NewKey {
        secret_hash: &secret::hash(&shown),
        name: &name,
        unit: permit.unit,
        scopes: &scopes,
        made_by,
        expires_at,
    };
    let id = store::insert(tx, key, now).await?;
    let after = json!({
        "name": name, "unit": permit.unit, "scopes": scopes, "expires_at_us": expires_at,
    });
    permit
        .note(tx, &resource(id), None, Some(after), now)
        .await?;
    Ok((id, shown))
}

/// Each once, in the order in which people read them.
fn scopes(wanted: &[ApiScope], grant: Grant) -> ApiResult<Vec<ApiScope>> {
    let mut scopes = wanted.to_vec();
    scopes.sort_unstable();
    let given = scopes.len();
    scopes.dedup();
    if scopes.is_empty() || scopes.len() < given {
        return Err(ApiError::bad_request(
            ProblemCode::BadScopes,
            "a key has at least one scope, and each once",
        ));
    }
    let may_read_audit = ReadAudit::allows(&Grants(vec![grant]), &());
    if scopes.contains(&ApiScope::AuditRead) && !may_read_audit {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            ProblemCode::ScopeNotYours,
            "the log holds what happens in every unit: only a key of the whole department reads it",
        )
        .with("scope", ApiScope::AuditRead.word()));
    }
    Ok(scopes)
}

/// The end of its last day, in Viet Nam.
fn expiry(last_day: &str, now: UtcMicros) -> ApiResult<UtcMicros> {
    let (first, last) = (day(now), day(now.plus(of_days(LONGEST_DAYS))));
    days::parse(last_day)
        .filter(|wanted| (&first..=&last).contains(&wanted))
        .and_then(|wanted| start_of(&wanted))
        .map(|begins| begins.plus(of_days(1)))
        .ok_or_else(|| {
            ApiError::bad_request(
                ProblemCode::BadExpiry,
                "the last day of a key is today or later, and not too far from today",
            )
            .with("days", LONGEST_DAYS)
        })
}

/// Takes a key back: from the next request on it is nobody's. One that was taken back before stays as it is.
///
/// # Errors
/// When the database fails.
pub(super) async fn revoke(
    tx: &mut Tx,
    permit: &Permit<RevokeKey, Found>,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = permit.key.id;
    if store::revoke(tx, id, now).await? {
        let before = json!({ "name": permit.key.name });
        permit
            .note(tx, &resource(id), Some(before), None, now)
            .await?;
    }
    Ok(())
}

fn resource(key: ApiKeyId) -> String {
    format!("api_key:{key}")
}
