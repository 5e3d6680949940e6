//! Chores of the command line. They work beside a running server on the same database.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail, ensure};
use protocol::UtcMicros;
use protocol::api::{AccountRole, LinkPurpose, Secrecy};
use protocol::client::SessionRole;
use protocol::{AccountId, PersonId, text};
use serde_json::json;

use crate::auth::hash_password;
use crate::catalogue;
use crate::clock::{day, hours};
use crate::config::{Database, Sessions};
use crate::secret::Secret;
use crate::store::token::NewToken;
use crate::store::unit::Tree;
use crate::store::{self, Store, StoreError, Tx, account, audit, fault, person};

/// How the audit log names whoever sits at the server's own terminal.
pub const OPERATOR: &str = "system";

/// Opens the database of a data folder and brings its schema up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn migrate(database: &Database, data_dir: &Path) -> anyhow::Result<Store> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
    Ok(fault::open(database, data_dir).await?)
}

/// A bearer token to make.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// Code of the session.
    pub session: &'a str,
    /// The name to show.
    pub name: &'a str,
    /// Role in the session.
    pub role: SessionRole,
    /// Code of the bridge point whose seat it takes.
    pub point: Option<&'a str>,
}

/// Makes a bearer token that opens one session, by WebSocket, WHIP, WHEP and the interface, until hours after its end.
///
/// # Errors
/// When there is no such session or point, or the session is over or internal.
pub async fn create_token(
    store: &Store,
    sessions: &Sessions,
    request: TokenRequest<'_>,
    now: UtcMicros,
) -> anyhow::Result<Secret> {
    let name = admit_name(request.name)?;
    let mut tx = store.write().await?;
    let session = store::session::by_code(&mut tx, request.session)
        .await?
        .ok_or_else(|| anyhow!("there is no session {}", request.session))?;
    ensure!(!session.is_over(now), "session {} is over", request.session);
    let point = match request.point {
        Some(code) => {
            let invited = store::session::invited(&mut tx, session.id, &day(now)).await?;
            let found = invited.iter().find(|point| point.code == code);
            Some(
                found
                    .ok_or_else(|| anyhow!("session {} does not invite {code}", request.session))?
                    .id,
            )
        }
        None => None,
    };
    ensure!(
        point.is_some() || session.secrecy != Secrecy::Internal,
        "session {} is internal: only bridge points get tokens",
        request.session
    );
    let secret = Secret::generate()?;
    let id = store::token::insert(
        &mut tx,
        NewToken {
            secret_hash: &secret.hash(),
            purpose: LinkPurpose::Api,
            session: session.id,
            role: request.role,
            point,
            account: None,
            display_name: Some(&name),
            created_by: None,
            expires_at: session
                .ends_at
                .max(now)
                .plus(hours(sessions.link_hours_after_end)),
        },
        now,
    )
    .await?;
    note(
        &mut tx,
        "create_token",
        &format!("session:{}", request.session),
        &json!({ "token": id, "role": request.role, "name": name, "bridge_point": request.point }),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

/// An account to add.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// Login name.
    pub login: &'a str,
    /// Full name.
    pub name: &'a str,
    /// Role.
    pub role: AccountRole,
    /// Code of the unit at which the role holds.
    pub unit: &'a str,
}

/// Adds an account; answers with its password, which is stored nowhere.
///
/// # Errors
/// When the login is taken or malformed, or there is no such unit today.
pub async fn add_user(store: &Store, user: NewUser<'_>, now: UtcMicros) -> anyhow::Result<String> {
    let password = random_password()?;
    let hash = hash_password(&password)?;
    let mut tx = store.write().await?;
    insert_user(&mut tx, user, None, &hash, now).await?;
    tx.commit().await?;
    Ok(password)
}

/// Adds the account, the role and the line in the audit log, and the person when there is none yet.
pub(crate) async fn insert_user(
    tx: &mut Tx,
    user: NewUser<'_>,
    person: Option<PersonId>,
    password_hash: &str,
    now: UtcMicros,
) -> anyhow::Result<AccountId> {
    let login = account::normalise_login(user.login);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    ensure!(
        (1..=64).contains(&login.len()) && login.chars().all(plain),
        "a login has 1 to 64 letters, digits, dots, hyphens and underscores"
    );
    let name = admit_name(user.name)?;
    let today = day(now);
    let unit = Tree::load(tx, &today)
        .await?
        .by_code(user.unit)
        .map(|unit| unit.id)
        .ok_or_else(|| anyhow!("there is no unit {} today", user.unit))?;
    let person = match person {
        Some(person) => person,
        None => {
            let person = person::insert(tx, &name, None, now).await?;
            person::appoint(tx, person, unit, catalogue::POSITION, &today).await?;
            person
        }
    };
    let id = match account::insert(tx, &login, password_hash, person, now).await {
        Err(StoreError::Duplicate(_)) => bail!("there is an account {login} already"),
        result => result?,
    };
    account::grant(tx, id, user.role, unit, &today).await?;
    note(
        tx,
        "add_account",
        &format!("account:{id}"),
        &json!({ "login": login, "role": user.role, "unit": user.unit }),
        now,
    )
    .await?;
    Ok(id)
}

/// Disables an account and ends its sign-ins.
///
/// # Errors
/// When there is no such account.
pub async fn disable_user(store: &Store, login: &str, now: UtcMicros) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    let id = find_account(&mut tx, login).await?;
    account::disable(&mut tx, id, now).await?;
    let after = json!({ "disabled_at_us": now });
    note(
        &mut tx,
        "disable_account",
        &format!("account:{id}"),
        &after,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an account a new password, which is the answer, and ends its sign-ins.
///
/// # Errors
/// When there is no such account.
pub async fn reset_user(store: &Store, login: &str, now: UtcMicros) -> anyhow::Result<String> {
    let password = random_password()?;
    let hash = hash_password(&password)?;
    let mut tx = store.write().await?;
    let id = find_account(&mut tx, login).await?;
    account::set_password(&mut tx, id, &hash, now).await?;
    let after = json!({ "password_changed_at_us": now });
    note(
        &mut tx,
        "reset_password",
        &format!("account:{id}"),
        &after,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(password)
}

/// The name as it is stored.
fn admit_name(name: &str) -> anyhow::Result<String> {
    text::NAME.admit(name).map_err(|fault| {
        anyhow!(
            "the name cannot be taken: {fault} (at most {} characters)",
            text::NAME.max_chars
        )
    })
}

async fn find_account(tx: &mut Tx, login: &str) -> anyhow::Result<AccountId> {
    account::by_login(tx, login)
        .await?
        .map(|account| account.id)
        .ok_or_else(|| anyhow!("there is no account {login}"))
}

async fn note(
    tx: &mut Tx,
    action: &str,
    resource: &str,
    after: &serde_json::Value,
    now: UtcMicros,
) -> anyhow::Result<()> {
    let line = audit::Line {
        actor: OPERATOR,
        action,
        resource,
        before: None,
        after: Some(after.clone()),
    };
    Ok(audit::append(tx, line, now).await?)
}

/// Letters and digits that nobody takes for one another: no `0 O 1 l I`.
const PASSWORD_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Twelve random letters in groups of four, 59 bits.
pub(crate) fn random_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).context("no randomness")?;
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
