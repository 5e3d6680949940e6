//! What the operator does at the server's own terminal: each opens the database, does what the domains offer by the
//! system's own permit, and is in the audit log. They work beside a running server on the same database.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use office_core::org::Tree;
use office_core::rights::MakeBackup;
use protocol::UtcMicros;
use protocol::api::{AccountRole, LinkPurpose, ProblemCode};
use protocol::client::SessionRole;
use serde_json::json;

use crate::Clock;
use crate::access::oidc::{self, Provider};
use crate::access::{Permit, Reason};
use crate::org::accounts::actions::{self as accounts, EVERYWHERE, NewAccount};
use crate::org::first_day::actions::{self as first_day, First};
use crate::org::units::Org;
use crate::platform::audit::{self, HEAD_FILE, Head, Verdict};
use crate::platform::catalogue;
use crate::platform::clock::day;
use crate::platform::config::{Config, Database, Sessions};
use crate::platform::database::{Conn, Store, StoreResult, fault};
use crate::platform::error::ApiError;
use crate::platform::mail::{Letter, Mail, NotSent, Post, is_address};
use crate::platform::oidc::Oidc;
use crate::platform::secret::Secret;
use crate::platform::settings::Standing;
use crate::schedule::admission::SessionView;
use crate::schedule::links::actions::{self as links, NewLink};
use crate::schedule::sessions;
use crate::system::backup;

/// Opens the database of a data folder and brings its schema up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn migrate(database: &Database, data_dir: &Path) -> anyhow::Result<Store> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
    Ok(fault::open(database, data_dir).await?)
}

/// Checks the audit log of a data folder, changing nothing; none when there is no database yet.
///
/// # Errors
/// When the database, or what is written down of the log outside it, cannot be read.
pub async fn verify_audit(database: &Database, data_dir: &Path) -> anyhow::Result<Option<Verdict>> {
    if !fault::examine(database, data_dir).await? {
        return Ok(None);
    }
    // Read before the log: it may lag, and never leads.
    let head = Head::read(data_dir)
        .with_context(|| format!("{} cannot be read", data_dir.join(HEAD_FILE).display()))?;
    let store = Store::open_to_read(database, data_dir).await?;
    let verdict = audit::verify(&mut store.read().await?, head).await;
    store.close().await;
    Ok(Some(verdict?))
}

/// How the provider does by which people sign in.
#[derive(Debug)]
pub struct ProviderReport {
    /// What is wrong with it, or with its settings.
    pub fault: Option<String>,
    /// Codes in the mapping of its groups that no unit has today.
    pub unknown_units: Vec<String>,
}

/// Asks the provider of the settings who it is, and looks for the units that its mapping names; none when there is no provider.
///
/// # Errors
/// When the database cannot be read.
pub async fn examine_provider(
    settings: &Oidc,
    database: &Database,
    data_dir: &Path,
) -> anyhow::Result<Option<ProviderReport>> {
    let fault = match Provider::new(settings, Clock::system()) {
        Ok(None) => return Ok(None),
        Ok(Some(provider)) => provider
            .examine()
            .await
            .err()
            .map(|fault| fault.to_string()),
        Err(cause) => Some(format!("{cause:#}")),
    };
    let mut unknown_units = Vec::new();
    if fault::examine(database, data_dir).await? {
        let store = Store::open_to_read(database, data_dir).await?;
        let tree = today(&mut store.read().await?, Clock::system().now()).await;
        store.close().await;
        let tree = tree?;
        unknown_units = oidc::unknown_units(settings, &tree);
    }
    Ok(Some(ProviderReport {
        fault,
        unknown_units,
    }))
}

/// Connects to the mail server of the settings, seals the way, and signs in; sends nothing. Answers with what does not work.
///
/// # Errors
/// When the settings are half written.
pub async fn examine_mail(settings: &Mail, public_url: &str) -> anyhow::Result<Option<NotSent>> {
    match Post::new(settings, public_url)? {
        Some(post) => Ok(post.examine().await.err()),
        None => Ok(None),
    }
}

/// Sends a letter that says nothing but that letters come through.
///
/// # Errors
/// When there is no mail, or the letter was not taken.
pub async fn send_test_mail(
    settings: &Mail,
    public_url: &str,
    address: &str,
) -> anyhow::Result<()> {
    let post = Post::new(settings, public_url)?;
    let post = post.context("mail.server is empty: there is no mail here")?;
    anyhow::ensure!(is_address(address), "{address:?} is no e-mail address");
    let letter = Letter {
        name: address.to_owned(),
        address: address.to_owned(),
        subject: catalogue::TEST_SUBJECT.to_owned(),
        text: catalogue::test_letter(public_url),
    };
    Ok(post.send(&letter).await?)
}

/// Signs the audit log for a copy that the operator made. A database that is not at this version stays as it is: the copy is
/// made before the upgrade.
///
/// # Errors
/// When the database fails.
pub async fn note_backup(
    database: &Database,
    data_dir: &Path,
    made: &backup::Made,
) -> anyhow::Result<()> {
    let store = Store::open(database, data_dir).await?;
    if store.is_current().await? {
        let after = json!({ "place": made.folder, "bytes": made.manifest.bytes() });
        let mut tx = store.write().await?;
        Permit::<MakeBackup>::system(Reason::CommandLine, ())
            .note(&mut tx, "system", None, Some(after), Clock::system().now())
            .await?;
        tx.commit().await?;
    }
    store.close().await;
    Ok(())
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
    let mut tx = store.write().await?;
    let session = sessions::by_code(&mut tx, request.session)
        .await?
        .ok_or_else(|| {
            ApiError::not_found(ProblemCode::UnknownSession).with("session", request.session)
        })?;
    let tree = today(&mut tx, now).await?;
    let view = SessionView::of_nobody(&mut tx, &tree, session, now).await?;
    let link = NewLink {
        purpose: LinkPurpose::Api,
        role: request.role,
        point: request.point,
        login: None,
        name: Some(request.name),
    };
    let permit = Permit::system(Reason::CommandLine, view);
    let config = Config {
        sessions: sessions.clone(),
        ..Config::default()
    };
    let standing = Standing::read(&mut tx, &Arc::new(config)).await?;
    let made = links::create(&mut tx, &permit, link, &standing.sessions(), now).await?;
    tx.commit().await?;
    Ok(made.secret)
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
    let mut tx = store.write().await?;
    let tree = today(&mut tx, now).await?;
    let account = NewAccount {
        login: user.login,
        name: user.name,
        role: user.role,
        unit: user.unit,
        person: None,
    };
    let permit = Permit::system(Reason::CommandLine, EVERYWHERE);
    let (_, password) = accounts::add(&mut tx, &permit, &tree, account, now).await?;
    tx.commit().await?;
    Ok(password)
}

/// Adds the first account, which administers the whole department; answers with its password, which is stored nowhere. `unit` names
/// the unit at the root, if there is none yet.
///
/// # Errors
/// When somebody has an account, or a text cannot be taken.
pub async fn add_first_user(
    store: &Store,
    (login, name, unit): (&str, &str, &str),
    now: UtcMicros,
) -> anyhow::Result<String> {
    let first = First { login, name, unit }.admit()?;
    let (password, hash) = accounts::new_password()?;
    let mut tx = store.write().await?;
    let tree = today(&mut tx, now).await?;
    let permit = Permit::system(Reason::CommandLine, EVERYWHERE);
    first_day::begin(&mut tx, &permit, &tree, (&first, &hash), now).await?;
    tx.commit().await?;
    Ok(password)
}

/// Disables an account and ends its sign-ins.
///
/// # Errors
/// When there is no such account, or the department would be left without an administrator.
pub async fn disable_user(store: &Store, login: &str, now: UtcMicros) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    let tree = today(&mut tx, now).await?;
    let found = accounts::find(&mut tx, &tree, login, now).await?;
    accounts::disable(&mut tx, &Permit::system(Reason::CommandLine, found), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an account a new password, which is the answer, and ends its sign-ins.
///
/// # Errors
/// When there is no such account.
pub async fn reset_user(store: &Store, login: &str, now: UtcMicros) -> anyhow::Result<String> {
    let mut tx = store.write().await?;
    let tree = today(&mut tx, now).await?;
    let found = accounts::find(&mut tx, &tree, login, now).await?;
    let permit = Permit::system(Reason::CommandLine, found);
    let password = accounts::reset_password(&mut tx, &permit, now).await?;
    tx.commit().await?;
    Ok(password)
}

/// Takes the second factor of an account away and ends its sign-ins: for an administrator above whom there is nobody.
///
/// # Errors
/// When there is no such account.
pub async fn remove_second_factor(
    store: &Store,
    login: &str,
    now: UtcMicros,
) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    let tree = today(&mut tx, now).await?;
    let found = accounts::find(&mut tx, &tree, login, now).await?;
    let permit = Permit::system(Reason::CommandLine, found);
    accounts::remove_second_factor(&mut tx, &permit, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn today(conn: &mut Conn, now: UtcMicros) -> StoreResult<Arc<Tree>> {
    Org::default().tree(conn, &day(now)).await
}
