//! `diemcau doctor`: looks at the machine and the data folder and says what is wrong, with one remedy each.

use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use protocol::UtcMicros;
use serde::Serialize;
use signaling::chores;
use signaling::platform::config::Database;
use signaling::platform::database::fault;
use signaling::platform::mail::{Cause, Mail};
use signaling::platform::oidc::Oidc;
use signaling::system::backup::history;

use crate::catalogue::{Language, Text};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// As it should be.
    Good,
    /// Works, but not well.
    Attention,
    /// Does not work.
    Bad,
}

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    /// Stable name, for programs.
    pub(crate) name: &'static str,
    /// How it came out.
    pub(crate) verdict: Verdict,
    /// What was found, in the reader's language.
    pub(crate) found: String,
    /// What to do; empty when it is good.
    pub(crate) remedy: String,
}

/// What the checks are about.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The data folder; need not exist.
    pub(crate) data_dir: &'a Path,
    /// Where HTTPS listens.
    pub(crate) listen: SocketAddr,
    /// The first media port.
    pub(crate) media_port: u16,
    /// How many media ports follow each other.
    pub(crate) shards: u16,
    /// The ffmpeg program.
    pub(crate) ffmpeg: &'a Path,
    /// The way for places whose firewall passes HTTPS alone.
    pub(crate) firewall: Firewall,
    /// The database.
    pub(crate) database: &'a Database,
    /// Where copies are made each night, if anywhere.
    pub(crate) backups: Option<&'a Path>,
    /// By whom people sign in besides, if by anybody.
    pub(crate) oidc: &'a Oidc,
    /// How mail goes out, if any does.
    pub(crate) mail: &'a Mail,
    /// The address people type.
    pub(crate) public_url: &'a str,
    /// The present.
    pub(crate) now: UtcMicros,
    /// Files outside the data folder that hold a secret: the key of the operator's certificate, settings with a password.
    pub(crate) secrets: &'a [PathBuf],
}

/// How the server is set up for places whose firewall passes HTTPS alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Firewall {
    /// Whether media may come through the port of HTTPS.
    pub(crate) turn: bool,
    /// The port that people reach HTTPS under.
    pub(crate) port: u16,
    /// Whether the certificate is the operator's own, and not of the server's own authority.
    pub(crate) certificate: bool,
}

const GIB: u64 = 1024 * 1024 * 1024;

/// Runs every check, in the order they are shown. Opens and closes ports, writes and removes one file, and the data folder
/// if it is not there: whoever asks may be another user than the server's, who could then not use it.
#[must_use]
pub(crate) fn examine(subject: &Subject<'_>, language: Language) -> Vec<Check> {
    // A running server holds its ports and its folder: that is no fault.
    let running = crate::data_folder::is_taken(subject.data_dir);
    let mut checks = vec![
        data_folder(subject.data_dir, language),
        privacy(subject, language),
        database(subject, language),
        audit(subject, language),
        backup(subject, language),
        disk(subject.data_dir, language),
        https_port(subject.listen, running, language),
        media_ports(subject, running, language),
        firewall(subject.firewall, language),
        ffmpeg(subject.ffmpeg, language),
        fonts(language),
        processors(language),
        memory(language),
        open_files(language),
        socket_buffers(language),
    ];
    checks.extend(provider(subject, language));
    checks.extend(mail(subject, language));
    checks
}

fn check(
    name: &'static str,
    verdict: Verdict,
    found: Text<'_>,
    remedy: Text<'_>,
    language: Language,
) -> Check {
    let remedy = if verdict == Verdict::Good {
        String::new()
    } else {
        remedy.say(language)
    };
    Check {
        name,
        verdict,
        found: found.say(language),
        remedy,
    }
}

fn data_folder(folder: &Path, language: Language) -> Check {
    let probe = folder.join(".doctor");
    let is_new = !folder.exists();
    let result = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&probe, b"x"))
        .and_then(|()| fs::remove_file(&probe));
    if is_new {
        // One that could not be made is not there.
        let _ = fs::remove_dir(folder);
    }
    let path = folder.display().to_string();
    match result {
        Ok(()) => check(
            "data_folder",
            Verdict::Good,
            Text::FolderWritable { path: &path },
            Text::Nothing,
            language,
        ),
        Err(e) => check(
            "data_folder",
            Verdict::Bad,
            Text::FolderNotWritable {
                path: &path,
                cause: &e.to_string(),
            },
            Text::GrantFolder { path: &path },
            language,
        ),
    }
}

/// Whether anybody but the owner can read what was said, or what would let them in.
fn privacy(subject: &Subject<'_>, language: Language) -> Check {
    let folder = subject.data_dir;
    let found = crate::data_folder::open_to_others(folder);
    let path = folder.display().to_string();
    let mut secrets = subject.secrets.iter();
    let secret = secrets.find(|file| crate::data_folder::is_open_to_all(file));
    match (found.first(), secret) {
        (None, Some(secret)) => {
            let path = secret.display().to_string();
            check(
                "privacy",
                Verdict::Attention,
                Text::SecretOpen { path: &path },
                Text::CloseFile { path: &path },
                language,
            )
        }
        (None, None) => check(
            "privacy",
            Verdict::Good,
            Text::FolderPrivate,
            Text::Nothing,
            language,
        ),
        (Some(first), _) => check(
            "privacy",
            Verdict::Attention,
            Text::FolderOpen {
                count: found.len(),
                path: &first.display().to_string(),
            },
            Text::CloseFolder { path: &path },
            language,
        ),
    }
}

fn database(subject: &Subject<'_>, language: Language) -> Check {
    let examined = crate::serve::runtime()
        .map(|runtime| runtime.block_on(fault::examine(subject.database, subject.data_dir)));
    match examined {
        Ok(Ok(is_there)) => {
            let found = if is_there {
                Text::DatabaseGood
            } else {
                Text::DatabaseNew
            };
            check("database", Verdict::Good, found, Text::Nothing, language)
        }
        Ok(Err(fault)) => check(
            "database",
            Verdict::Bad,
            Text::DatabaseFault { fault: &fault },
            Text::MendDatabase { fault: &fault },
            language,
        ),
        Err(error) => check(
            "database",
            Verdict::Attention,
            Text::Failed {
                cause: &error.to_string(),
            },
            Text::MoreFiles,
            language,
        ),
    }
}

/// Whether the log of who did what is as it was written.
fn audit(subject: &Subject<'_>, language: Language) -> Check {
    let checked = crate::serve::runtime().and_then(|runtime| {
        runtime.block_on(chores::verify_audit(subject.database, subject.data_dir))
    });
    let (verdict, found, remedy) = match &checked {
        Ok(None) => (Verdict::Good, Text::AuditEmpty, Text::Nothing),
        Ok(Some(log)) => {
            let (verdict, remedy) = if !log.is_intact() {
                (Verdict::Bad, Text::KeepFaultyAudit)
            } else if crate::audit::lacks_witness(log) {
                (Verdict::Attention, Text::KeepAuditHead)
            } else {
                (Verdict::Good, Text::Nothing)
            };
            (verdict, crate::audit::found(log), remedy)
        }
        Err(error) => {
            let cause = format!("{error:#}");
            let found = Text::AuditUnread { cause: &cause };
            // What is wrong with the database is said above, with its remedy.
            let verdict = Verdict::Attention;
            return check("audit", verdict, found, Text::KeepFaultyAudit, language);
        }
    };
    check("audit", verdict, found, remedy, language)
}

/// A copy is old when it misses a night, and the one after it is late.
const OLD: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);

/// Whether there is a good copy of everything, and how old it is.
fn backup(subject: &Subject<'_>, language: Language) -> Check {
    let runs = history::read(subject.data_dir).unwrap_or_default();
    let good = history::last_good(&runs);
    let failure = runs.first().and_then(|run| run.failure.as_deref());
    let (verdict, found, remedy) = match (subject.backups, good, failure) {
        (None, None, _) => (Verdict::Attention, Text::BackupUnset, Text::SetBackup),
        (_, _, Some(cause)) => {
            let found = Text::BackupFailing { cause };
            (Verdict::Bad, found, Text::MendBackup)
        }
        (_, Some(run), _) => {
            let at = run.begun_at_us;
            if at.plus(OLD) < subject.now {
                (Verdict::Attention, Text::BackupOld { at }, Text::MendBackup)
            } else {
                (Verdict::Good, Text::BackupRecent { at }, Text::Nothing)
            }
        }
        (Some(_), None, None) => (Verdict::Attention, Text::BackupNone, Text::MendBackup),
    };
    check("backup", verdict, found, remedy, language)
}

/// Whether the provider answers by which people sign in besides; nothing when there is none.
fn provider(subject: &Subject<'_>, language: Language) -> Option<Check> {
    if !subject.oidc.is_on() {
        return None;
    }
    let asked = crate::serve::runtime().and_then(|runtime| {
        let Subject {
            oidc,
            database,
            data_dir,
            ..
        } = subject;
        runtime.block_on(chores::examine_provider(oidc, database, data_dir))
    });
    let (fault, units) = match asked {
        Ok(report) => {
            let report = report?;
            (report.fault, report.unknown_units.join(", "))
        }
        Err(error) => (Some(format!("{error:#}")), String::new()),
    };
    let (verdict, found, remedy) = match &fault {
        Some(cause) => (
            Verdict::Bad,
            Text::ProviderFaulty { cause },
            Text::MendProvider,
        ),
        None if units.is_empty() => (Verdict::Good, Text::ProviderGood, Text::Nothing),
        None => (
            Verdict::Attention,
            Text::ProviderUnits { units: &units },
            Text::MendMapping,
        ),
    };
    Some(check("provider", verdict, found, remedy, language))
}

/// Whether the mail server takes what is sent; nothing when there is no mail.
fn mail(subject: &Subject<'_>, language: Language) -> Option<Check> {
    if !subject.mail.is_on() {
        return None;
    }
    let asked = crate::serve::runtime().and_then(|runtime| {
        runtime.block_on(chores::examine_mail(subject.mail, subject.public_url))
    });
    let (cause, remedy) = match asked {
        Ok(None) => {
            let (found, remedy) = (Text::MailGood, Text::Nothing);
            return Some(check("mail", Verdict::Good, found, remedy, language));
        }
        Ok(Some(not)) => {
            let remedy = match not.cause {
                Cause::Unreachable => Text::MendMailServer,
                Cause::NotSecure => Text::MendMailTls,
                Cause::NotSignedIn => Text::MendMailUser,
                Cause::Later | Cause::Refused => Text::MendMailRefusal,
            };
            (not.said, remedy)
        }
        Err(error) => (format!("{error:#}"), Text::MendMailSettings),
    };
    let found = Text::MailFaulty { cause: &cause };
    Some(check("mail", Verdict::Bad, found, remedy, language))
}

fn disk(folder: &Path, language: Language) -> Check {
    match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let total = stat.f_blocks.saturating_mul(stat.f_frsize).max(1);
            let percent = free.saturating_mul(100) / total;
            // RECORDING.md 3.5: warn at 20 %, refuse new recordings at 10 %.
            let verdict = match percent {
                0..10 => Verdict::Bad,
                10..20 => Verdict::Attention,
                _ => Verdict::Good,
            };
            check(
                "disk",
                verdict,
                Text::DiskFree {
                    gib: free / GIB,
                    percent,
                },
                Text::FreeDisk,
                language,
            )
        }
        Err(e) => check(
            "disk",
            Verdict::Bad,
            Text::DiskUnknown {
                cause: &e.to_string(),
            },
            Text::FreeDisk,
            language,
        ),
    }
}

fn https_port(listen: SocketAddr, running: bool, language: Language) -> Check {
    let address = listen.to_string();
    if running {
        return check(
            "https_port",
            Verdict::Good,
            Text::ServerRuns,
            Text::Nothing,
            language,
        );
    }
    match TcpListener::bind(listen) {
        Ok(_) => check(
            "https_port",
            Verdict::Good,
            Text::PortFree { address: &address },
            Text::Nothing,
            language,
        ),
        Err(e) => check(
            "https_port",
            Verdict::Bad,
            Text::PortTaken {
                address: &address,
                cause: &e.to_string(),
            },
            Text::ChooseListen,
            language,
        ),
    }
}

fn media_ports(subject: &Subject<'_>, running: bool, language: Language) -> Check {
    if running {
        return check(
            "media_ports",
            Verdict::Good,
            Text::ServerRuns,
            Text::Nothing,
            language,
        );
    }
    let last = subject
        .media_port
        .saturating_add(subject.shards.saturating_sub(1));
    let range = format!("UDP {}–{last}", subject.media_port);
    let taken =
        (subject.media_port..=last).find_map(|port| UdpSocket::bind(("0.0.0.0", port)).err());
    match taken {
        None => check(
            "media_ports",
            Verdict::Good,
            Text::PortFree { address: &range },
            Text::Nothing,
            language,
        ),
        Some(e) => check(
            "media_ports",
            Verdict::Bad,
            Text::PortTaken {
                address: &range,
                cause: &e.to_string(),
            },
            Text::ChooseMediaPort,
            language,
        ),
    }
}

/// Strict firewalls pass TCP 443 and nothing else; what is said first is what has to be mended first.
fn firewall(set_up: Firewall, language: Language) -> Check {
    let Firewall {
        turn,
        port,
        certificate,
    } = set_up;
    let (verdict, found, remedy) = if !turn {
        let remedy = Text::EnableTurn;
        (Verdict::Attention, Text::TurnDisabled, remedy)
    } else if port != 443 {
        let found = Text::HttpsElsewhere { port };
        (Verdict::Attention, found, Text::ListenOn443)
    } else if !certificate {
        let remedy = Text::SpreadAuthority;
        (Verdict::Attention, Text::OwnAuthority, remedy)
    } else {
        (Verdict::Good, Text::FirewallGood, Text::Nothing)
    };
    check("firewall", verdict, found, remedy, language)
}

fn ffmpeg(program: &Path, language: Language) -> Check {
    let output = Command::new(program)
        .args(["-hide_banner", "-encoders"])
        .stderr(Stdio::null())
        .output();
    let encoders = match output {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(e) => {
            return check(
                "ffmpeg",
                Verdict::Attention,
                Text::FfmpegMissing {
                    cause: &e.to_string(),
                },
                Text::InstallFfmpeg,
                language,
            );
        }
    };
    let verdict = if encoders.contains("libx264") && encoders.contains(" aac ") {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    let found = if verdict == Verdict::Good {
        Text::FfmpegGood
    } else {
        Text::FfmpegLacksEncoders
    };
    check("ffmpeg", verdict, found, Text::InstallFfmpeg, language)
}

fn fonts(language: Language) -> Check {
    let listed = Command::new("fc-list")
        .args([":lang=vi", "family"])
        .stderr(Stdio::null())
        .output();
    let count = listed.map_or(0, |output| {
        output
            .stdout
            .split(|&b| b == b'\n')
            .filter(|line| !line.is_empty())
            .count()
    });
    let verdict = if count > 0 {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    check(
        "fonts",
        verdict,
        Text::Fonts { count },
        Text::InstallFonts,
        language,
    )
}

fn processors(language: Language) -> Check {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let verdict = if count >= 2 {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    check(
        "processors",
        verdict,
        Text::Processors { count },
        Text::MoreProcessors,
        language,
    )
}

fn memory(language: Language) -> Check {
    let total_kib = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            text.lines()
                .next()
                .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        })
        .unwrap_or(0);
    let gib = total_kib / (1024 * 1024);
    let verdict = if gib >= 3 {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    check(
        "memory",
        verdict,
        Text::Memory { gib },
        Text::MoreMemory,
        language,
    )
}

/// 800 viewers over TCP and their WebSockets need two descriptors each, besides recordings and the database.
const ENOUGH_FILES: u64 = 4096;

fn open_files(language: Language) -> Check {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    // The server raises its soft limit to the hard one at start.
    let files = limit.maximum.unwrap_or(u64::MAX);
    let verdict = if files >= ENOUGH_FILES {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    check(
        "open_files",
        verdict,
        Text::OpenFiles { files },
        Text::MoreFiles,
        language,
    )
}

/// Two megabytes hold a fifth of a second of 100 Mbit/s.
const ENOUGH_BUFFER: u64 = 2 * 1024 * 1024;

fn socket_buffers(language: Language) -> Check {
    let read = |name: &str| {
        fs::read_to_string(format!("/proc/sys/net/core/{name}"))
            .ok()
            .and_then(|text| text.trim().parse::<u64>().ok())
    };
    let bytes = read("rmem_max")
        .unwrap_or(0)
        .min(read("wmem_max").unwrap_or(0));
    let verdict = if bytes >= ENOUGH_BUFFER {
        Verdict::Good
    } else {
        Verdict::Attention
    };
    check(
        "socket_buffers",
        verdict,
        Text::SocketBuffers { kib: bytes / 1024 },
        Text::RaiseBuffers,
        language,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use signaling::platform::mail::MailTls;

    use super::*;

    fn subject<'a>(data_dir: &'a Path, listen: SocketAddr, ffmpeg: &'a str) -> Subject<'a> {
        Subject {
            data_dir,
            listen,
            media_port: 0,
            shards: 1,
            ffmpeg: Path::new(ffmpeg),
            firewall: GOOD_FIREWALL,
            database: &SQLITE,
            backups: None,
            oidc: &NO_PROVIDER,
            mail: &NO_MAIL,
            public_url: "https://localhost",
            now: UtcMicros(0),
            secrets: &[],
        }
    }

    static SQLITE: LazyLock<Database> = LazyLock::new(Database::default);
    static NO_MAIL: LazyLock<Mail> = LazyLock::new(Mail::default);
    static NO_PROVIDER: LazyLock<Oidc> = LazyLock::new(Oidc::default);

    const GOOD_FIREWALL: Firewall = Firewall {
        turn: true,
        port: 443,
        certificate: true,
    };

    #[test]
    fn what_keeps_strict_firewalls_from_being_passed_is_told_one_after_another() {
        let checked = |set_up| firewall(set_up, Language::English);
        assert_eq!(checked(GOOD_FIREWALL).verdict, Verdict::Good);
        for (set_up, remedy) in [
            (
                Firewall {
                    turn: false,
                    port: 8443,
                    certificate: false,
                },
                "turn.enabled",
            ),
            (
                Firewall {
                    port: 8443,
                    certificate: false,
                    ..GOOD_FIREWALL
                },
                "--listen",
            ),
            (
                Firewall {
                    certificate: false,
                    ..GOOD_FIREWALL
                },
                "/ca.crt",
            ),
        ] {
            let said = checked(set_up);
            assert_eq!(said.verdict, Verdict::Attention);
            assert!(said.remedy.contains(remedy), "{said:?}");
        }
    }

    fn verdict(checks: &[Check], name: &str) -> (Verdict, String) {
        let check = checks.iter().find(|c| c.name == name).expect("the check");
        (check.verdict, check.remedy.clone())
    }

    #[test]
    fn taken_port_and_missing_ffmpeg_each_have_a_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = holder.local_addr().expect("its address");
        let checks = examine(
            &subject(folder.path(), listen, "no-such-program"),
            Language::Vietnamese,
        );
        for (name, expected) in [("https_port", Verdict::Bad), ("ffmpeg", Verdict::Attention)] {
            let (found, remedy) = verdict(&checks, name);
            assert_eq!(found, expected, "{name}");
            assert!(!remedy.is_empty(), "{name} has no remedy");
        }
    }

    #[test]
    fn damaged_database_and_open_folder_each_have_a_remedy() {
        use std::os::unix::fs::PermissionsExt as _;

        crate::data_folder::keep_to_oneself();
        let folder = tempfile::tempdir().expect("a folder");
        let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = holder.local_addr().expect("its address");
        let checked = || {
            let checks = examine(
                &subject(folder.path(), listen, "ffmpeg"),
                Language::Vietnamese,
            );
            (verdict(&checks, "database"), verdict(&checks, "privacy"))
        };
        let (database, privacy) = checked();
        assert_eq!((database.0, privacy.0), (Verdict::Good, Verdict::Good));
        let file = folder.path().join("diemcau.db");
        fs::write(&file, "rác").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("its mode");
        let (database, privacy) = checked();
        assert_eq!(database.0, Verdict::Bad);
        assert!(database.1.contains("sao lưu"), "{}", database.1);
        assert_eq!(privacy.0, Verdict::Attention);
        assert!(privacy.1.contains("chmod"), "{}", privacy.1);
    }

    #[test]
    fn key_or_password_that_everybody_can_read_is_named_with_its_remedy() {
        use std::os::unix::fs::PermissionsExt as _;

        let (folder, outside) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("its mode");
        let key = outside.path().join("server.key");
        fs::write(&key, "x").expect("a file");
        let secrets = [key.clone(), outside.path().join("missing.toml")];
        let of_mode = |mode| {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("its mode");
            let subject = Subject {
                secrets: &secrets,
                ..subject(folder.path(), ([127, 0, 0, 1], 0).into(), "ffmpeg")
            };
            privacy(&subject, Language::Vietnamese)
        };
        for mode in [0o600, 0o640] {
            assert_eq!(of_mode(mode).verdict, Verdict::Good, "{mode:o}");
        }
        for mode in [0o644, 0o602] {
            let said = of_mode(mode);
            assert_eq!(said.verdict, Verdict::Attention, "{mode:o}");
            let path = key.display().to_string();
            assert!(said.found.contains(&path) && said.remedy.contains(&path));
        }
    }

    #[test]
    fn mail_server_that_does_not_answer_is_said_with_its_remedy_and_nothing_where_there_is_no_mail()
    {
        let folder = tempfile::tempdir().expect("a folder");
        let base = subject(
            folder.path(),
            SocketAddr::from(([127, 0, 0, 1], 0)),
            "ffmpeg",
        );
        let told = |mail: &Mail| super::mail(&Subject { mail, ..base }, Language::Vietnamese);
        assert!(told(&NO_MAIL).is_none());
        // A port that was just given back: nobody listens there.
        let given_back = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
        let port = given_back.expect("a port").port();
        let mut mail = Mail {
            server: "127.0.0.1".to_owned(),
            port: port.into(),
            tls: MailTls::None,
            ..Mail::default()
        };
        let half_written = told(&mail).expect("a check");
        assert!(half_written.found.contains("mail.from"), "{half_written:?}");
        mail.from = "diemcau@so.example.vn".to_owned();
        let silent = told(&mail).expect("a check");
        assert_eq!(silent.verdict, Verdict::Bad);
        assert!(silent.remedy.contains("mail.server"), "{silent:?}");
        mail.server = "mail.example.vn".to_owned();
        let open = told(&mail).expect("a check");
        assert!(open.found.contains("mail.tls"), "{open:?}");
    }

    #[test]
    fn provider_that_does_not_answer_is_said_and_nothing_where_there_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = |oidc: &Oidc| {
            let subject = Subject {
                oidc,
                ..subject(folder.path(), ([127, 0, 0, 1], 0).into(), "ffmpeg")
            };
            provider(&subject, Language::Vietnamese)
        };
        assert!(told(&NO_PROVIDER).is_none());
        let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = holder.local_addr().expect("its address");
        drop(holder);
        let mut oidc = Oidc {
            issuer: format!("http://{address}"),
            ..Oidc::default()
        };
        let half_written = told(&oidc).expect("a check");
        assert_eq!(half_written.verdict, Verdict::Bad);
        assert!(
            half_written.found.contains("oidc.client_id"),
            "{half_written:?}"
        );
        oidc.client_id = "diemcau".to_owned();
        let silent = told(&oidc).expect("a check");
        assert_eq!(silent.verdict, Verdict::Bad);
        assert!(silent.found.contains("does not answer") && !silent.remedy.is_empty());
    }

    #[test]
    fn examination_leaves_nothing_behind() {
        let parent = tempfile::tempdir().expect("a folder");
        let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = holder.local_addr().expect("its address");
        let missing = parent.path().join("data");
        for there in [false, true] {
            if there {
                fs::create_dir(&missing).expect("a folder");
            }
            let checks = examine(&subject(&missing, listen, "ffmpeg"), Language::Vietnamese);
            assert_eq!(verdict(&checks, "data_folder").0, Verdict::Good);
            assert_eq!(missing.exists(), there);
        }
        assert_eq!(fs::read_dir(&missing).expect("it is there").count(), 0);
    }

    #[test]
    fn running_server_is_not_a_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        let _server = crate::data_folder::lock(folder.path()).expect("the lock");
        let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = holder.local_addr().expect("its address");
        let checks = examine(&subject(folder.path(), listen, "ffmpeg"), Language::English);
        assert_eq!(verdict(&checks, "https_port").0, Verdict::Good);
    }
}
