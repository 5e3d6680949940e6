//! `loadtest run` plays a scenario against a running server; `loadtest bench` measures its media engine.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{ArgGroup, Args, Parser, Subcommand};
use loadtest::bench::{Plan, bench};
use loadtest::media::{Library, default_folder};
use loadtest::run::run;
use loadtest::scenario::{LONGEST, SHIPPED, Scenario};
use loadtest::server::{Server, Trust};
use loadtest::tokens::Tokens;
use protocol::client::SessionRole;
use serde::Serialize;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(
    about = "Scripted participants that measure a running Điểm Cầu",
    version
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Plays a scenario. Exit code 0: passed; 1: missed; 2: it could not begin; 3: refused, the generator was the
    /// bottleneck.
    Run(RunArguments),
    /// Measures packets per CPU second and memory per viewer, and prints Markdown.
    Bench(BenchArguments),
    /// Lists the scenarios.
    Scenarios,
    /// Makes the test media, so that a later run begins at once.
    Media {
        /// Where to put them; beside the executable by default.
        #[arg(long)]
        media_dir: Option<PathBuf>,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("trust").args(["ca", "insecure"])))]
struct Target {
    /// The server, https://host:port.
    #[arg(long)]
    url: String,
    /// The code of the session.
    #[arg(long)]
    session: String,
    /// A bearer token; may be given many times.
    #[arg(long = "token", allow_hyphen_values = true)]
    token: Vec<String>,
    /// A file of tokens, one JSON object a line: {"name":…,"role":…,"token":…}.
    #[arg(long)]
    tokens: Option<PathBuf>,
    /// A command that prints a token when none is left; {name} and {role} are replaced in it.
    #[arg(long)]
    token_command: Option<String>,
    /// A PEM file with the authority that signed the server's certificate.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Accept any certificate.
    #[arg(long)]
    insecure: bool,
    /// The local address of media sockets; loopback when the server is at a loopback address.
    #[arg(long)]
    bind: Option<IpAddr>,
    /// The process of the server when it runs on this machine; otherwise its /metrics are asked.
    #[arg(long)]
    server_pid: Option<u32>,
    /// Where test media are kept; beside the executable by default.
    #[arg(long)]
    media_dir: Option<PathBuf>,
    /// Writes the result as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
struct RunArguments {
    #[command(flatten)]
    target: Target,
    /// A scenario by name, or a TOML file.
    #[arg(long, default_value = "smoke")]
    scenario: String,
    /// Seconds in the room together, instead of the scenario's.
    #[arg(long)]
    duration: Option<u64>,
}

#[derive(Args)]
struct BenchArguments {
    #[command(flatten)]
    target: Target,
    /// Numbers of viewers, ascending.
    #[arg(long, value_delimiter = ',', default_value = "50,100,150")]
    viewers: Vec<usize>,
    /// Seconds of measurement at each number.
    #[arg(long, default_value_t = 20)]
    duration: u64,
    /// The server's counter of sent packets.
    #[arg(long, default_value = "sfu_forwarded_packets_total")]
    packets_metric: String,
}

impl Target {
    fn server(&self) -> anyhow::Result<Server> {
        let trust = match (&self.ca, self.insecure) {
            (Some(path), _) => Trust::Authority(path.clone()),
            (None, true) => Trust::Anything,
            (None, false) => anyhow::bail!("say whom to trust: --ca FILE, or --insecure"),
        };
        Server::new(&self.url, &trust, self.bind)
    }

    fn tokens(&self) -> anyhow::Result<Tokens> {
        let mut tokens = Tokens::default();
        tokens.add(self.token.iter().cloned());
        if let Some(path) = &self.tokens {
            tokens.add_file(path)?;
        }
        if let Some(command) = &self.token_command {
            tokens.make_with(command);
        }
        Ok(tokens)
    }

    fn write_json(&self, result: &impl Serialize) -> anyhow::Result<()> {
        let Some(path) = &self.json else {
            return Ok(());
        };
        let json = serde_json::to_vec_pretty(result)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match begin(arguments.task) {
        Ok(code) => code,
        Err(error) => {
            // Nobody listens when standard error is closed.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn begin(task: Task) -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok()
        .context("a cryptography provider was installed before")?;
    tokio::runtime::Runtime::new()?.block_on(perform(task))
}

async fn perform(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Run(arguments) => perform_run(arguments).await,
        Task::Bench(arguments) => perform_bench(arguments).await,
        Task::Scenarios => {
            for (name, _) in SHIPPED {
                say(&format!("{name:<12} {}", Scenario::find(name)?.about))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Media { media_dir } => {
            let folder = media_dir.unwrap_or_else(default_folder);
            Library::open(&folder)?;
            say(&folder.display().to_string())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn perform_run(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    let target = &arguments.target;
    let mut scenario = Scenario::find(&arguments.scenario)?;
    if let Some(seconds) = arguments.duration {
        scenario.duration_s = seconds.min(LONGEST.as_secs());
    }
    let report = run(
        &arguments.scenario,
        &scenario,
        &target.session,
        target.server()?,
        target.server_pid,
        library(target)?,
        target.tokens()?,
    )
    .await?;
    target.write_json(&report)?;
    say(&report.to_string())?;
    Ok(ExitCode::from(report.verdict.exit_code()))
}

async fn perform_bench(arguments: BenchArguments) -> anyhow::Result<ExitCode> {
    let target = &arguments.target;
    let mut tokens = target.tokens()?;
    let (_, publisher_token) = tokens.take(SessionRole::Point, "encoder")?;
    let (_, viewer_token) = tokens.take(SessionRole::Viewer, "viewers")?;
    let plan = Plan {
        session: target.session.clone(),
        publisher_token,
        viewer_token,
        viewers: arguments.viewers,
        duration: Duration::from_secs(arguments.duration),
        packets_metric: arguments.packets_metric,
    };
    let result = bench(plan, target.server()?, target.server_pid, library(target)?).await?;
    target.write_json(&result)?;
    say(&result.markdown())?;
    for complaint in result.complaints() {
        writeln!(std::io::stderr(), "{complaint}")?;
    }
    Ok(ExitCode::from(if result.is_sound() { 0 } else { 3 }))
}

fn library(target: &Target) -> anyhow::Result<Library> {
    Library::open(&target.media_dir.clone().unwrap_or_else(default_folder))
}

/// Writes a line to standard output, which is where results go.
fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
