//! Chores: what an operator does besides running the server. All of them work while it runs on the same folder.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use signaling::chores::{NewUser, TokenRequest};
use signaling::demo::DemoInfo;
use signaling::{Clock, Store, chores, demo};

use crate::catalogue::{Language, Text, table};
use crate::cli::{
    DemoArgs, DoctorArgs, FolderArgs, MailAction, MailArgs, MigrateArgs, TokenArgs, UpgradeArgs,
    UserAction, UserArgs,
};
use crate::doctor::{self, Firewall, Subject, Verdict};
use crate::{serve, settings, upgrade};

/// Opens the database of a data folder, brought to this version, and does one chore with it.
fn with_store<T>(
    (folders, upgrade): (&FolderArgs, UpgradeArgs),
    language: Language,
    chore: impl AsyncFnOnce(&Store, &signaling::Config) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config: signaling::Config =
        settings::load("signaling", &folders.config_dir, std::env::vars())?;
    serve::runtime()?.block_on(async {
        upgrade::copy_first(&config, &folders.data_dir, upgrade, language).await?;
        let store = chores::migrate(&config.database, &folders.data_dir).await?;
        let done = chore(&store, &config).await;
        store.close().await;
        done
    })
}

/// Writes a line to standard output, where results go.
pub(crate) fn print(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("cannot write to standard output")
}

/// `diemcau migrate`.
pub(crate) fn migrate(args: &MigrateArgs, language: Language) -> anyhow::Result<ExitCode> {
    let at = (&args.folders, args.upgrade);
    with_store(at, language, async |_, _| Ok(()))?;
    print(
        &Text::Migrated {
            path: &args.folders.data_dir.display().to_string(),
        }
        .say(language),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// `diemcau mail`.
pub(crate) fn mail(args: &MailArgs, language: Language) -> anyhow::Result<ExitCode> {
    let MailAction::Test { address, folders } = &args.action;
    let config: signaling::Config =
        settings::load("signaling", &folders.config_dir, std::env::vars())?;
    let url = config.public_url(config.listen.port());
    let sent = chores::send_test_mail(&config.mail, &url, address);
    serve::runtime()?.block_on(sent)?;
    print(&Text::MailSent { address }.say(language))?;
    Ok(ExitCode::SUCCESS)
}

/// `diemcau user`.
pub(crate) fn user(args: UserArgs, language: Language) -> anyhow::Result<ExitCode> {
    let at = (&args.folders, args.upgrade);
    let line = with_store(at, language, async |store, _| {
        let now = Clock::system().now();
        Ok(match &args.action {
            UserAction::Add {
                login,
                name,
                role,
                unit,
                first: _,
            } => {
                let password = match role {
                    Some(role) => {
                        let role = (*role).into();
                        let user = NewUser {
                            login,
                            name,
                            role,
                            unit,
                        };
                        chores::add_user(store, user, now).await?
                    }
                    // Without a role it is the first.
                    None => chores::add_first_user(store, (login, name, unit), now).await?,
                };
                Text::UserAdded {
                    login,
                    password: &password,
                }
                .say(language)
            }
            UserAction::Disable { login } => {
                chores::disable_user(store, login, now).await?;
                Text::UserDisabled { login }.say(language)
            }
            UserAction::Reset { login } => {
                let password = chores::reset_user(store, login, now).await?;
                Text::PasswordReset {
                    login,
                    password: &password,
                }
                .say(language)
            }
            UserAction::RemoveSecondFactor { login } => {
                chores::remove_second_factor(store, login, now).await?;
                Text::SecondFactorRemoved { login }.say(language)
            }
        })
    })?;
    print(&line)?;
    Ok(ExitCode::SUCCESS)
}

/// `diemcau token`: prints each token alone on a line.
pub(crate) fn token(args: TokenArgs, language: Language) -> anyhow::Result<ExitCode> {
    let at = (&args.folders, args.upgrade);
    let secrets = with_store(at, language, async |store, config| {
        let mut secrets = Vec::new();
        for number in 1..=args.count {
            let name = match args.count {
                1 => args.name.clone(),
                _ => format!("{} {number}", args.name),
            };
            let request = TokenRequest {
                session: &args.session,
                name: &name,
                role: args.role.into(),
                point: args.point.as_deref(),
            };
            let now = Clock::system().now();
            secrets.push(chores::create_token(store, &config.sessions, request, now).await?);
        }
        Ok(secrets)
    })?;
    for secret in secrets {
        print(secret.expose())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `diemcau demo`.
pub(crate) fn demo(args: &DemoArgs, language: Language) -> anyhow::Result<ExitCode> {
    let config: signaling::Config =
        settings::load("signaling", &args.folders.config_dir, std::env::vars())?;
    if args.large {
        let at = (&args.folders, args.upgrade);
        let accounts = with_store(at, language, async |store, _| {
            demo::large::seed(store, Clock::system().now()).await
        })?;
        print(&serde_json::to_string(&accounts)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let data_dir = &args.folders.data_dir;
    let info = serve::runtime()?.block_on(async {
        upgrade::copy_first(&config, data_dir, args.upgrade, language).await?;
        seed(&config, data_dir).await
    })?;
    if args.json {
        print(&serde_json::to_string(&info)?)?;
    } else {
        print(demo_text(&info, language).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Seeds the demonstration province if it is not there, and tells its accounts.
pub(crate) async fn seed(config: &signaling::Config, data_dir: &Path) -> anyhow::Result<DemoInfo> {
    let store = chores::migrate(&config.database, data_dir).await?;
    let info = demo::seed(
        &store,
        data_dir,
        &public_url(config, data_dir),
        Clock::system().now(),
    )
    .await;
    store.close().await;
    info
}

/// The address people type: that of the server that last ran on this folder, else what the settings say.
fn public_url(config: &signaling::Config, data_dir: &Path) -> String {
    std::fs::read_to_string(data_dir.join(serve::PUBLIC_URL_FILE))
        .ok()
        .filter(|url| !url.trim().is_empty())
        .unwrap_or_else(|| config.public_url(config.listen.port()))
}

/// The accounts and the joining link, for a person at a terminal.
pub(crate) fn demo_text(info: &DemoInfo, language: Language) -> String {
    let rows: Vec<Vec<String>> = info
        .accounts
        .iter()
        .map(|account| {
            let point = account.bridge_point.clone().unwrap_or_default();
            let role = Text::Role(account.role).say(language);
            vec![
                format!("  {}", account.login),
                account.password.clone(),
                role,
                point,
            ]
        })
        .collect();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}\n{}",
        Text::DemoAccounts.say(language),
        table(&rows)
    );
    let _ = writeln!(
        text,
        "{}",
        Text::DemoJoinLink {
            url: &info.join_url
        }
        .say(language)
    );
    text
}

/// `diemcau doctor`: the exit code is a failure when something is bad.
pub(crate) fn doctor(args: &DoctorArgs, language: Language) -> anyhow::Result<ExitCode> {
    let folder = &args.folders.config_dir;
    let signaling: signaling::Config = settings::load("signaling", folder, std::env::vars())?;
    let sfu: sfu::Config = settings::load("sfu", folder, std::env::vars())?;
    let recorder: recorder::Config = settings::load("recorder", folder, std::env::vars())?;
    let listen: SocketAddr = args.listen.unwrap_or(signaling.listen);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let shards = if sfu.shards == 0 { cores } else { sfu.shards };
    let mut secrets: Vec<PathBuf> = signaling.tls.key_file.iter().cloned().collect();
    secrets.extend(signaling.oidc.client_secret_file.clone());
    secrets.extend(signaling.mail.password_file.clone());
    if !signaling.database.url.is_empty()
        || !signaling.oidc.client_secret.expose().is_empty()
        || !signaling.mail.password.expose().is_empty()
    {
        // Its password stands there, or in the environment, which is nobody else's.
        secrets.push(settings::file("signaling", folder));
    }
    let public_url = signaling.public_url(listen.port());
    let subject = Subject {
        data_dir: &args.folders.data_dir,
        listen,
        media_port: args.media_port.unwrap_or(sfu.media_port),
        shards: u16::try_from(shards).context("the number of shards")?,
        ffmpeg: &recorder.compose.ffmpeg,
        firewall: Firewall {
            turn: signaling.turn.enabled,
            port: signaling.public_port(listen.port()),
            certificate: signaling.tls.certificate_file.is_some(),
        },
        database: &signaling.database,
        backups: signaling.backup.folder.as_deref(),
        oidc: &signaling.oidc,
        mail: &signaling.mail,
        public_url: &public_url,
        now: Clock::system().now(),
        secrets: &secrets,
    };
    let checks = doctor::examine(&subject, language);
    if args.json {
        print(&serde_json::to_string_pretty(&checks)?)?;
    } else {
        let rows: Vec<Vec<String>> = checks
            .iter()
            .map(|check| {
                let verdict = Text::Verdict(check.verdict).say(language);
                vec![
                    format!("  {verdict}"),
                    check.found.clone(),
                    check.remedy.clone(),
                ]
            })
            .collect();
        print(table(&rows).trim_end())?;
    }
    let bad = checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_that_a_full_disk_left_empty_is_not_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(serve::PUBLIC_URL_FILE);
        let config = signaling::Config {
            public_url: "https://hop.example.vn".to_owned(),
            ..signaling::Config::default()
        };
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        for (content, told) in [
            ("", "https://hop.example.vn"),
            ("https://hop.example.vn:8443", "https://hop.example.vn:8443"),
        ] {
            crate::data_folder::replace(&file, content.as_bytes()).expect("written");
            assert_eq!(public_url(&config, folder.path()), told);
        }
    }
}
