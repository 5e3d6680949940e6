//! PostgreSQL's own tools, which know how to copy it while it is written to: `pg_dump` and `pg_restore`.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::manifest::Counts;
use super::store;
use crate::Store;
use crate::platform::config::Database;
use crate::platform::database::Tx;

/// Whether a database has no tables, so that a copy can be put into it.
///
/// # Errors
/// When it cannot be reached.
pub(super) async fn is_empty(settings: &Database, data_dir: &Path) -> anyhow::Result<bool> {
    let store = Store::open_to_read(settings, data_dir).await?;
    let tables = store::tables(&mut store.read().await?).await;
    store.close().await;
    Ok(tables? == 0)
}

/// Copies what `tx` sees, and nothing that is done later, into a file.
///
/// # Errors
/// When `pg_dump` is not there or complains.
pub(super) async fn dump(settings: &Database, tx: &mut Tx, file: &Path) -> anyhow::Result<()> {
    let (moment, schema) = store::moment(tx).await?;
    let mut command = tool("pg_dump", settings);
    command
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={moment}"))
        .arg(file_argument(file));
    // Every new database has the usual one, which is then not made again; another is ours alone.
    if schema != "public" {
        command.arg(format!("--schema={schema}"));
    }
    run(command, "pg_dump").await
}

/// Puts a copy into a database without tables.
///
/// # Errors
/// When `pg_restore` is not there or complains; then nothing was put there.
pub(super) async fn load(settings: &Database, file: &Path) -> anyhow::Result<()> {
    let mut command = tool("pg_restore", settings);
    command
        .args([
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
        ])
        .arg(file);
    run(command, "pg_restore").await
}

/// How much a copy holds, by reading it whole.
///
/// # Errors
/// When `pg_restore` is not there, or cannot read it.
pub(super) async fn counts(file: &Path) -> anyhow::Result<Counts> {
    let mut child = Command::new("pg_restore")
        .args(["--data-only", "--file=-"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("pg_restore cannot be started: install the client programs of PostgreSQL")?;
    let stdout = child.stdout.take().context("the output of pg_restore")?;
    let mut lines = BufReader::new(stdout).split(b'\n');
    let mut counts = Counts::default();
    let mut table: Option<String> = None;
    while let Some(line) = lines.next_segment().await? {
        match &table {
            None => table = table_of(&line),
            Some(_) if line == b"\\." => table = None,
            Some(name) => {
                if let Some(count) = counts.of(name) {
                    *count += 1;
                }
            }
        }
    }
    ended(child, "pg_restore").await?;
    Ok(counts)
}

/// The table whose rows follow a line like `COPY public.session (id, …) FROM stdin;`.
fn table_of(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, _) = line.strip_prefix("COPY ")?.split_once(" (")?;
    line.ends_with("FROM stdin;")
        .then(|| name.rsplit('.').next().unwrap_or(name).to_owned())
}

impl Counts {
    /// The count of a table that is counted.
    fn of(&mut self, table: &str) -> Option<&mut i64> {
        Some(match table {
            "org_unit" => &mut self.org_unit,
            "bridge_point" => &mut self.bridge_point,
            "person" => &mut self.person,
            "account" => &mut self.account,
            "role_grant" => &mut self.role_grant,
            "session" => &mut self.session,
            "participant" => &mut self.participant,
            "session_event" => &mut self.session_event,
            "recording" => &mut self.recording,
            "media_file" => &mut self.media_file,
            "training_class" => &mut self.training_class,
            "audit_log" => &mut self.audit_log,
            _ => return None,
        })
    }
}

fn file_argument(file: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from("--file=");
    argument.push(file);
    argument
}

/// A tool that talks to the database. The password goes by the environment, which others on the machine do not see.
fn tool(program: &str, settings: &Database) -> Command {
    let target = Target::of(&settings.url);
    let mut command = Command::new(program);
    command
        .arg(format!("--dbname={}", target.url))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(password) = target.password {
        command.env("PGPASSWORD", password);
    }
    if let Some(options) = target.options {
        command.env("PGOPTIONS", options);
    }
    command
}

/// Where a database is, as libpq is told it.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// Without the password, and with the parameters that libpq knows.
    url: String,
    password: Option<String>,
    options: Option<String>,
}

/// Parameters that sqlx and libpq call the same.
const SHARED: [&str; 5] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host"];

impl Target {
    fn of(url: &str) -> Self {
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
        let (person, place) = match rest.rsplit_once('@') {
            Some((person, place)) => (Some(person), place),
            None => (None, rest),
        };
        let (user, password) = match person.and_then(|person| person.split_once(':')) {
            Some((user, password)) => (Some(user), Some(plain(password))),
            None => (person, None),
        };
        let mut target = match user {
            Some(user) => format!("{scheme}://{user}@{place}"),
            None => format!("{scheme}://{place}"),
        };
        let (mut mark, mut options) = ('?', Vec::new());
        for (key, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            let option = key
                .strip_prefix("options[")
                .and_then(|key| key.strip_suffix(']'));
            if let Some(option) = option {
                options.push(format!("-c {option}={}", plain(value)));
            } else if SHARED.contains(&key) {
                target.push(mark);
                target.push_str(&format!("{key}={value}"));
                mark = '&';
            }
        }
        Self {
            url: target,
            password,
            options: (!options.is_empty()).then(|| options.join(" ")),
        }
    }
}

/// A part of a URL without its escapes.
fn plain(escaped: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), escaped.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%');
        match digits.and_then(|digits| hex::decode(digits).ok()) {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn run(mut command: Command, program: &str) -> anyhow::Result<()> {
    let child = command.spawn().with_context(|| {
        format!("{program} cannot be started: install the client programs of PostgreSQL")
    })?;
    ended(child, program).await
}

async fn ended(child: tokio::process::Child, program: &str) -> anyhow::Result<()> {
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{program}: {}", complaint.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_stands_in_no_argument_and_what_libpq_does_not_know_is_left_out() {
        let target = Target::of(
            "postgres://diemcau:p%40ss%3Aw@db.example:5432/diemcau?sslmode=require&statement-cache-capacity=9&options[search_path]=x",
        );
        assert_eq!(
            target.url,
            "postgres://diemcau@db.example:5432/diemcau?sslmode=require"
        );
        assert_eq!(target.password.as_deref(), Some("p@ss:w"));
        assert_eq!(target.options.as_deref(), Some("-c search_path=x"));
        let bare = Target::of("postgres://127.0.0.1/diemcau");
        assert_eq!(bare.url, "postgres://127.0.0.1/diemcau");
        assert_eq!(bare.password, None);
    }

    #[test]
    fn rows_are_those_after_the_line_that_names_their_table() {
        assert_eq!(
            table_of(b"COPY public.session (id, code) FROM stdin;").as_deref(),
            Some("session")
        );
        assert_eq!(table_of(b"COPY of a text"), None);
        assert_eq!(table_of(b"SET x = 1;"), None);
    }
}
