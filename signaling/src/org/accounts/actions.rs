//! What can be done with accounts.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use office_core::accounts::login_of;
use office_core::org::{Lineage, Tree};
use office_core::rights::{Act, ManageAccount, ManageAccounts};
use protocol::api::{AccountRole, AccountState, ProblemCode, Slip};
use protocol::{AccountId, PersonId, UtcMicros, text};
use serde_json::json;

use super::listing::{self, Listed};
use super::store;
use crate::access::accounts::Guard;
use crate::access::codes::{self, Code, GOOD_FOR};
use crate::access::{Permit, accounts, hash_password, second_factor};
use crate::org::people;
use crate::platform::catalogue;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::platform::text::fold;

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
    let login = admit_login(account.login)?;
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
    let (password, hash) = new_password()?;
    let made = accounts::insert(tx, &login, &hash, person, now).await;
    let id = made.map_err(|cause| taken(cause, &login))?;
    accounts::grant(tx, id, account.role, unit, &today).await?;
    let after = json!({ "login": login, "role": account.role, "unit": account.unit });
    note(tx, permit, "add_account", id, after, now).await?;
    Ok((id, password))
}

/// Lets a login through that somebody chose.
///
/// # Errors
/// `bad_login`.
pub(crate) fn admit_login(login: &str) -> ApiResult<String> {
    let login = accounts::normalise_login(login);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if (1..=64).contains(&login.len()) && login.chars().all(plain) {
        return Ok(login);
    }
    Err(ApiError::bad_request(
        ProblemCode::BadLogin,
        "a login has 1 to 64 letters, digits, dots, hyphens and underscores",
    ))
}

/// A password that nobody chose, and its hash.
///
/// # Errors
/// When the operating system gives no randomness.
pub(crate) fn new_password() -> ApiResult<(String, String)> {
    let password = random_password()?;
    let hash = hash_password(&password).map_err(ApiError::internal)?;
    Ok((password, hash))
}

/// Disables an account, takes back its code and ends its sign-ins. One that was disabled before stays as it is.
///
/// # Errors
/// `unknown_account`, `last_administrator`.
pub(crate) async fn disable(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    now: UtcMicros,
) -> ApiResult<()> {
    let (id, guard) = (permit.id()?, Guard::hold(tx, now).await?);
    if accounts::disable(tx, id, now).await? {
        guard.check(tx).await?;
        let after = json!({ "disabled_at_us": now });
        note(tx, permit, "disable_account", id, after, now).await?;
    }
    Ok(())
}

/// Enables an account that was disabled. Whoever has a password signs in with it again.
///
/// # Errors
/// `unknown_account`.
pub(super) async fn enable(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = permit.id()?;
    if store::enable(tx, id).await? {
        let after = json!({ "disabled_at_us": null });
        note(tx, permit, "enable_account", id, after, now).await?;
    }
    Ok(())
}

/// Takes the second factor of an account away and ends its sign-ins. One that has none stays as it is.
///
/// # Errors
/// `unknown_account`.
pub(crate) async fn remove_second_factor(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    now: UtcMicros,
) -> ApiResult<()> {
    let id = permit.id()?;
    if second_factor::remove(tx, id).await? {
        let ended = accounts::end_sign_ins(tx, id, None, now).await?;
        let after = json!({ "sign_ins_ended": ended });
        note(tx, permit, "remove_second_factor", id, after, now).await?;
    }
    Ok(())
}

/// Keeps others from what [`give_code`] does to these people until this transaction ends. Everything that is locked is locked
/// before the first line of the audit log, which everybody waits for: otherwise two could wait for each other.
///
/// # Errors
/// When the database fails.
pub(super) async fn hold(tx: &mut Tx, people: &[PersonId], reset: bool) -> ApiResult<()> {
    if reset {
        accounts::hold_administrators(tx).await?;
    }
    for person in people {
        store::hold_person(tx, *person).await?;
    }
    Ok(())
}

/// Whether somebody may be given a one-time code.
///
/// # Errors
/// `account_disabled`; `has_password` without `reset`.
pub(super) fn admit_code(permit: &Permit<ManageAccount, Listed>, reset: bool) -> ApiResult<()> {
    let (problem, title) = match permit.state {
        AccountState::Disabled => (
            ProblemCode::AccountDisabled,
            "the account is disabled; enable it first",
        ),
        AccountState::Active if !reset => (
            ProblemCode::HasPassword,
            "whoever has a password keeps it, unless a reset is asked for",
        ),
        _ => return Ok(()),
    };
    Err(ApiError::new(StatusCode::CONFLICT, problem, title).with("name", &permit.name))
}

/// Gives somebody whom [`hold`] holds a one-time code: with an account, which is made of their name, when they have none. Whoever has a password
/// loses it, and signs in with the code, only when that is what was asked for. What is told is told once.
///
/// # Errors
/// `account_disabled`; `has_password` without `reset`; `last_administrator`.
pub(super) async fn give_code(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    code: &Code,
    reset: bool,
    now: UtcMicros,
) -> ApiResult<Slip> {
    admit_code(permit, reset)?;
    let expires_at = now.plus(GOOD_FOR);
    let stored = (&*code.hash, expires_at);
    let (id, login) = match (&permit.account, permit.state) {
        (None, _) => {
            let login = free_login(tx, &permit.name).await?;
            let made = codes::insert_account(tx, &login, permit.person, stored, now).await;
            (made.map_err(|cause| taken(cause, &login))?, login)
        }
        (Some((id, login)), AccountState::Active) => {
            let guard = Guard::hold(tx, now).await?;
            codes::give(tx, *id, stored, now).await?;
            guard.check(tx).await?;
            (*id, login.clone())
        }
        (Some((id, login)), _) => {
            codes::give(tx, *id, stored, now).await?;
            (*id, login.clone())
        }
    };
    let action = match permit.state {
        AccountState::None => "create_account",
        _ => "give_code",
    };
    let after = json!({ "login": login, "code_expires_at_us": expires_at });
    note(tx, permit, action, id, after, now).await?;
    let place = permit.places.first();
    Ok(Slip {
        name: permit.name.clone(),
        position: place.map(|place| place.position.clone()),
        unit: place.map(|place| place.unit.clone()),
        login,
        code: code.shown.clone(),
        expires_at_us: expires_at,
    })
}

/// The login that a name gives, with the first number that makes it nobody's.
async fn free_login(tx: &mut Tx, name: &str) -> ApiResult<String> {
    let base = login_of(&fold(name));
    let taken: BTreeSet<String> = store::logins_like(tx, &base).await?.into_iter().collect();
    let numbered = (2_u32..).map(|number| format!("{base}{number}"));
    let free = std::iter::once(base.clone())
        .chain(numbered)
        .find(|login| !taken.contains(login));
    free.ok_or_else(|| ApiError::internal("every number is taken"))
}

/// Why an account was not added.
fn taken(cause: StoreError, login: &str) -> ApiError {
    match cause {
        StoreError::Duplicate(_) => ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::LoginTaken,
            "an account has this login already",
        )
        .with("login", login),
        other => other.into(),
    }
}

/// Gives an account a new password, which is the answer, and ends its sign-ins.
///
/// # Errors
/// `unknown_account`.
pub(crate) async fn reset_password(
    tx: &mut Tx,
    permit: &Permit<ManageAccount, Listed>,
    now: UtcMicros,
) -> ApiResult<String> {
    let (password, hash) = new_password()?;
    let id = permit.id()?;
    accounts::set_password(tx, id, &hash, None, now).await?;
    let after = json!({ "password_changed_at_us": now });
    note(tx, permit, "reset_password", id, after, now).await?;
    Ok(password)
}

/// The account with a login, open or disabled, as the operator sees it.
///
/// # Errors
/// `unknown_account`.
pub(crate) async fn find(
    conn: &mut Conn,
    tree: &Tree,
    login: &str,
    now: UtcMicros,
) -> ApiResult<Listed> {
    let found = accounts::by_login(conn, login).await?;
    let account = found.ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownAccount, "no account has this login")
            .with("login", login)
    })?;
    listing::find(conn, tree, None, account.id, now).await
}

async fn note<A: Act, R>(
    tx: &mut Tx,
    permit: &Permit<A, R>,
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
