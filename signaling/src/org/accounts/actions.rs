//! What can be done with accounts.

use axum::http::StatusCode;
use office_core::org::{Lineage, Tree};
use office_core::rights::ManageAccounts;
use protocol::api::{AccountRole, ProblemCode};
use protocol::{AccountId, PersonId, UtcMicros, text};
use serde_json::json;

use crate::access::accounts::{self, Account};
use crate::access::{Permit, hash_password};
use crate::org::people;
use crate::platform::catalogue;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;

/// An account to add.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewAccount<'a> {
    /// Login name.
    pub(crate) login: &'a str,
    /// Full name.
    pub(crate) name: &'a str,
    /// Role.
    pub(crate) role: AccountRole,
    /// Code of the unit at which the role holds.
    pub(crate) unit: &'a str,
    /// Whose it is; somebody who is not known yet when absent.
    pub(crate) person: Option<PersonId>,
}

/// What accounts are managed in: the whole installation.
pub(crate) const EVERYWHERE: Lineage = Lineage(Vec::new());

/// Adds the account and its role, and the person when there is none yet; answers with its password, which is stored
/// nowhere.
///
/// # Errors
/// `bad_login`, `login_taken`, `bad_name`, `unknown_unit`.
pub(crate) async fn add(
    tx: &mut Tx,
    permit: &Permit<ManageAccounts, Lineage>,
    tree: &Tree,
    account: NewAccount<'_>,
    now: UtcMicros,
) -> ApiResult<(AccountId, String)> {
    let login = accounts::normalise_login(account.login);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !(1..=64).contains(&login.len()) || !login.chars().all(plain) {
        return Err(ApiError::bad_request(
            ProblemCode::BadLogin,
            "a login has 1 to 64 letters, digits, dots, hyphens and underscores",
        ));
    }
    let name = admit(text::NAME, account.name, ProblemCode::BadName)?;
    let today = day(now);
    let unit = tree
        .by_code(account.unit)
        .map(|unit| unit.id)
        .ok_or_else(|| {
            ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
                .with("unit", account.unit)
        })?;
    let person = match account.person {
        Some(person) => person,
        None => {
            let person = people::insert(tx, &name, None, now).await?;
            people::appoint(tx, person, unit, catalogue::POSITION, &today).await?;
            person
        }
    };
    let password = random_password()?;
    let hash = hash_password(&password).map_err(ApiError::internal)?;
    let id = match accounts::insert(tx, &login, &hash, person, now).await {
        Err(StoreError::Duplicate(_)) => {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                ProblemCode::LoginTaken,
                "an account has this login already",
            )
            .with("login", login));
        }
        result => result?,
    };
    accounts::grant(tx, id, account.role, unit, &today).await?;
    let after = json!({ "login": login, "role": account.role, "unit": account.unit });
    note(tx, permit, "add_account", id, after, now).await?;
    Ok((id, password))
}

/// Disables an account and ends its sign-ins. One that was disabled before stays as it is.
///
/// # Errors
/// `unknown_account`.
pub(crate) async fn disable(
    tx: &mut Tx,
    permit: &Permit<ManageAccounts, Lineage>,
    login: &str,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = find(tx, login).await?.id;
    if accounts::disable(tx, id, now).await? {
        let after = json!({ "disabled_at_us": now });
        note(tx, permit, "disable_account", id, after, now).await?;
    }
    Ok(())
}

/// Gives an account a new password, which is the answer, and ends its sign-ins.
///
/// # Errors
/// `unknown_account`.
pub(crate) async fn reset_password(
    tx: &mut Tx,
    permit: &Permit<ManageAccounts, Lineage>,
    login: &str,
    now: UtcMicros,
) -> ApiResult<String> {
    let password = random_password()?;
    let hash = hash_password(&password).map_err(ApiError::internal)?;
    let id = find(tx, login).await?.id;
    accounts::set_password(tx, id, &hash, now).await?;
    let after = json!({ "password_changed_at_us": now });
    note(tx, permit, "reset_password", id, after, now).await?;
    Ok(password)
}

/// The account with a login, open or disabled.
pub(crate) async fn find(conn: &mut Conn, login: &str) -> ApiResult<Account> {
    accounts::by_login(conn, login).await?.ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
            .with("login", login)
    })
}

async fn note(
    tx: &mut Tx,
    permit: &Permit<ManageAccounts, Lineage>,
    action: &str,
    account: AccountId,
    after: serde_json::Value,
    now: UtcMicros,
) -> ApiResult<()> {
    let resource = format!("account:{account}");
    Ok(permit
        .note_as(tx, action, &resource, (None, Some(after)), now)
        .await?)
}

/// Letters and digits that nobody takes for one another: no `0 O 1 l I`.
const PASSWORD_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Twelve random letters in groups of four, 59 bits.
fn random_password() -> ApiResult<String> {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
    let mut letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(PASSWORD_LETTERS[usize::from(byte % 32)]))
        .collect();
    // Whoever reads it aloud begins with a letter. Sixteen of them: a bit of sixty.
    letters[0] = char::from(PASSWORD_LETTERS[usize::from(bytes[0] % 16)]);
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Ok(groups.join("-"))
}
