//! Making the first administrator.

use axum::http::StatusCode;
use office_core::org::{Lineage, Tree};
use office_core::rights::ManageAccounts;
use protocol::api::{AccountRole, ProblemCode};
use protocol::text::{self, Rule};
use protocol::{AccountId, Day, UnitId, UtcMicros};
use serde_json::json;

use crate::access::{Permit, Reason, accounts};
use crate::org::accounts::actions::{EVERYWHERE, admit_login};
use crate::org::units::NewVersion;
use crate::org::{people, units};
use crate::platform::catalogue;
use crate::platform::clock::day;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;

/// The first administrator, and what they administer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct First<'a> {
    /// Login name.
    pub(crate) login: &'a str,
    /// Full name.
    pub(crate) name: &'a str,
    /// Name of the unit at the root; it keeps the one it has when there is one.
    pub(crate) unit: &'a str,
}

/// The same as it may be stored.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) login: String,
    name: String,
    unit: String,
}

/// Code and kind of the unit at the root, and its first day: long before anything that is entered afterwards.
const ROOT_CODE: &str = "SGD";
const ROOT_KIND: &str = "department";
const ROOT_SINCE: &str = "2000-01-01";

/// The name of a unit.
const UNIT_NAME: Rule = Rule::line(160);

impl First<'_> {
    /// Lets the texts through.
    ///
    /// # Errors
    /// `bad_login`, `bad_name`, `bad_unit_name`.
    pub(crate) fn admit(self) -> ApiResult<Admitted> {
        Ok(Admitted {
            login: admit_login(self.login)?,
            name: admit(text::NAME, self.name, ProblemCode::BadName)?,
            unit: admit(UNIT_NAME, self.unit, ProblemCode::BadUnitName)?,
        })
    }
}

/// Makes the first administrator of the department, by the code that the server printed.
///
/// # Errors
/// `not_first` when somebody has an account.
pub(super) async fn begin_by_code(
    tx: &mut Tx,
    tree: &Tree,
    (first, hash): (&Admitted, &str),
    now: UtcMicros,
) -> ApiResult<AccountId> {
    let permit = Permit::system(Reason::FirstCode, EVERYWHERE);
    begin(tx, &permit, tree, (first, hash), now).await
}

/// Makes the first administrator of the department with a password whose hash is given, and the unit at the root if there is none.
///
/// # Errors
/// `not_first` when somebody has an account.
pub(crate) async fn begin(
    tx: &mut Tx,
    permit: &Permit<ManageAccounts, Lineage>,
    tree: &Tree,
    (first, hash): (&Admitted, &str),
    now: UtcMicros,
) -> ApiResult<AccountId> {
    accounts::hold_all(tx).await?;
    if accounts::any(tx).await? {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::NotFirst,
            "there is an account already",
        ));
    }
    let today = day(now);
    let unit = match tree.root() {
        Some(unit) => unit.id,
        None => plant(tx, &first.unit, now).await?,
    };
    let person = people::insert(tx, &first.name, None, now).await?;
    people::appoint(tx, person, unit, catalogue::POSITION, &today).await?;
    let account = accounts::insert(tx, &first.login, hash, person, now).await?;
    accounts::grant(tx, account, AccountRole::DepartmentAdmin, unit, &today).await?;
    let after = json!({ "login": first.login, "role": AccountRole::DepartmentAdmin });
    let resource = format!("account:{account}");
    permit
        .note_as(
            tx,
            "add_first_administrator",
            &resource,
            (None, Some(after)),
            now,
        )
        .await?;
    Ok(account)
}

/// Makes the unit at the root.
async fn plant(tx: &mut Tx, name: &str, now: UtcMicros) -> ApiResult<UnitId> {
    let unit = units::insert(tx, ROOT_CODE, now).await?;
    let version = NewVersion {
        unit,
        name,
        kind: ROOT_KIND,
        parent: None,
        from: &Day(ROOT_SINCE.to_owned()),
        to: None,
    };
    units::insert_version(tx, version).await?;
    Ok(unit)
}
