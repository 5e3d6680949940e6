//! `loadtest run` plays a scenario against a running server; `loadtest bench` measures its media engine;
//! `loadtest impair` puts a bad link before it.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{ArgGroup, Args, Parser, Subcommand};
use impairment::Profile;
use loadtest::bench::{Figure, Outcome, Plan, Venue, measure, page};
use loadtest::cheat;
use loadtest::health;
use loadtest::impair::Proxy;
use loadtest::janus::Janus;
use loadtest::media::{Library, default_folder};
use loadtest::office;
use loadtest::run::run;
use loadtest::scenario::{LONGEST, SHIPPED, Scenario};
use loadtest::server::{Server, Trust};
use loadtest::soak;
use loadtest::tokens::Tokens;
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
    /// Takes one figure of the media engine and prints it as Markdown. Exit code 0: it may be believed; 2: it could not
    /// begin; 3: refused, or somebody failed.
    Bench(BenchArguments),
    /// Lets people come and go for a long time. Exit code 0: the server is as before; 1: it is not, and the output says
    /// how; 2: it could not begin.
    Soak(SoakArguments),
    /// Cheats beside honest people: takes rights away, floods, takes places. Exit code 0: nothing was found; 1: a fault was,
    /// and the output says which; 2: it could not begin.
    Cheat(CheatArguments),
    /// Opens pages of the office's lists and searches. Exit code 0: as fast as it must be; 1: slower; 2: it could not begin.
    Office(OfficeArguments),
    /// Writes the results of `bench --json` into a page, each between the markers of its figure.
    Page {
        /// The page.
        page: PathBuf,
        /// The results.
        #[arg(required = true)]
        outcomes: Vec<PathBuf>,
    },
    /// Carries UDP datagrams between clients and a server over a bad link, and tells in the end what became of them.
    Impair(ImpairArguments),
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
    #[arg(long, default_value = "")]
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
    /// Media, too, go through the port of HTTPS (TURN over TLS), as from behind a firewall. For participants by WebSocket.
    #[arg(long)]
    only_https: bool,
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
    /// Which figure to take.
    figure: Figure,
    #[command(flatten)]
    target: Target,
    /// Measures a room of a Janus at --url instead of a session.
    #[arg(long)]
    janus_room: Option<u64>,
    /// Numbers of people, ascending; the figure's own when absent.
    #[arg(long, value_delimiter = ',')]
    people: Vec<usize>,
    /// Seconds of measurement a row.
    #[arg(long, default_value_t = 10)]
    duration: u64,
    /// The publisher of a lesson sends the packets of a picture 0.3 ms apart, not one after the other.
    #[arg(long)]
    paced: bool,
    /// Makes the load of p4 of meetings instead of lessons.
    #[arg(long)]
    meetings: bool,
    /// The viewers of p7 are there before the publisher is.
    #[arg(long)]
    waiting: bool,
    /// How the page names what is measured.
    #[arg(long, default_value = "Điểm Cầu")]
    subject: String,
    /// How the page names what lies between server and generator.
    #[arg(long, default_value = "loopback")]
    network: String,
}

#[derive(Args)]
struct SoakArguments {
    #[command(flatten)]
    target: Target,
    /// Who joins in a second; as many leave.
    #[arg(long, default_value_t = 20.0)]
    joins_per_second: f64,
    /// How long, in minutes.
    #[arg(long, default_value_t = 45.0)]
    minutes: f64,
    /// How much the server's memory may grow, in percent.
    #[arg(long, default_value_t = 2.0)]
    growth: f64,
}

#[derive(Args)]
struct CheatArguments {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    keeper: KeeperArguments,
    /// Rounds of honest acts before anybody cheats.
    #[arg(long, default_value_t = 1)]
    quiet_rounds: usize,
    /// How often everything is flooded.
    #[arg(long, default_value_t = 1)]
    floods: usize,
    /// How many times as long an honest act may take beside cheaters; not judged when absent.
    #[arg(long)]
    slower: Option<f64>,
    /// Writes the times into this page, between the markers `cheat`.
    #[arg(long)]
    page: Option<PathBuf>,
}

#[derive(Args)]
struct OfficeArguments {
    #[command(flatten)]
    target: Target,
    /// What the server's database is, for the table.
    #[arg(long)]
    database: String,
    /// Who asks, as `who:login:password`; may be given many times.
    #[arg(long = "person", required = true)]
    people: Vec<String>,
    /// How many ask at the same time.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// How many pages are asked for in the name of each.
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// Adds the figures to those in this file, and writes all of them into the page.
    #[arg(long)]
    kept: PathBuf,
    /// The page, with the markers `office`.
    #[arg(long)]
    page: PathBuf,
    /// What 95 pages of a hundred may take, in milliseconds.
    #[arg(long, default_value_t = 50.0)]
    within_ms: f64,
}

/// The server's own command line, by which its keeper takes rights away.
#[derive(Args)]
struct KeeperArguments {
    /// The program `diemcau`.
    #[arg(long)]
    diemcau: PathBuf,
    /// The server's data folder, with the demonstration in it.
    #[arg(long)]
    data_dir: PathBuf,
    /// The folder of the server's settings.
    #[arg(long, default_value = "configs")]
    config_dir: PathBuf,
}

#[derive(Args)]
struct ImpairArguments {
    /// Where clients send to.
    #[arg(long)]
    listen: SocketAddr,
    /// The server's media address.
    #[arg(long)]
    to: SocketAddr,
    /// A named profile (lossy, squeeze, poor), or what the link is like, seen from the client: "delay 20ms loss 3%;
    /// down rate 4M queue 300ms; down @10s rate 400k".
    #[arg(long)]
    profile: Profile,
    /// The same seed gives the same losses.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds until it ends, at most an hour.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    duration: u64,
}

impl Target {
    fn server(&self) -> anyhow::Result<Server> {
        let trust = match (&self.ca, self.insecure) {
            (Some(path), _) => Trust::Authority(path.clone()),
            (None, true) => Trust::Anything,
            (None, false) => anyhow::bail!("say whom to trust: --ca FILE, or --insecure"),
        };
        let server = Server::new(&self.url, &trust, self.bind)?;
        Ok(if self.only_https {
            server.behind_firewall()
        } else {
            server
        })
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
        Task::Soak(arguments) => perform_soak(arguments).await,
        Task::Cheat(arguments) => perform_cheat(arguments).await,
        Task::Office(arguments) => perform_office(arguments).await,
        Task::Page { page, outcomes } => write_page(&page, &outcomes),
        Task::Impair(arguments) => perform_impair(arguments).await,
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
    let venue = match arguments.janus_room {
        Some(room) => {
            let bind = target
                .bind
                .context("say where to send from: --bind ADDRESS")?;
            Venue::Janus(Janus::new(&target.url, room, bind)?)
        }
        None => Venue::DiemCau {
            server: target.server()?,
            session: target.session.clone(),
        },
    };
    let plan = Plan {
        figure: arguments.figure,
        subject: arguments.subject.clone(),
        network: arguments.network.clone(),
        venue,
        process: target
            .server_pid
            .context("say which process to watch: --server-pid ID")?,
        tokens: target.tokens()?,
        people: arguments.people.clone(),
        duration: Duration::from_secs(arguments.duration),
        paced: arguments.paced,
        meetings: arguments.meetings,
        waiting: arguments.waiting,
    };
    let outcome = measure(plan, library(target)?).await?;
    target.write_json(&outcome)?;
    say(&page::text(std::slice::from_ref(&outcome)))?;
    Ok(ExitCode::from(if outcome.is_sound() { 0 } else { 3 }))
}

async fn perform_soak(arguments: SoakArguments) -> anyhow::Result<ExitCode> {
    let target = &arguments.target;
    let plan = soak::Plan {
        session: target.session.clone(),
        tokens: target.tokens()?,
        joins_per_second: arguments.joins_per_second,
        duration: Duration::from_secs_f64(arguments.minutes * 60.0),
    };
    let churn = soak::churn(plan, target.server()?, target.server_pid, library(target)?).await?;
    target.write_json(&churn)?;
    say(&churn.to_string())?;
    let misses = churn.misses(arguments.growth);
    for miss in &misses {
        say(&format!("missed: {miss}"))?;
    }
    Ok(ExitCode::from(u8::from(!misses.is_empty())))
}

async fn perform_cheat(arguments: CheatArguments) -> anyhow::Result<ExitCode> {
    let target = &arguments.target;
    let plan = cheat::Plan {
        server: target.server()?,
        keeper: cheat::Keeper {
            program: arguments.keeper.diemcau,
            data_dir: arguments.keeper.data_dir,
            config_dir: arguments.keeper.config_dir,
        },
        clips: library(target)?,
        quiet_rounds: arguments.quiet_rounds,
        floods: arguments.floods,
    };
    let findings = cheat::cheat(plan).await?;
    target.write_json(&findings)?;
    say(findings.to_string().trim_end())?;
    if let Some(path) = &arguments.page {
        let before = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let table = format!("{}\n\n{}", health::machine(), findings.table());
        std::fs::write(path, page::put(&before, "cheat", &table)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let slow = arguments
        .slower
        .map_or_else(Vec::new, |times| findings.slower_than(times));
    for deed in &slow {
        say(&format!("missed: {deed}"))?;
    }
    let missed = !findings.all().is_empty() || !slow.is_empty();
    Ok(ExitCode::from(u8::from(missed)))
}

async fn perform_office(arguments: OfficeArguments) -> anyhow::Result<ExitCode> {
    let person = |said: &String| -> anyhow::Result<office::Person> {
        let mut parts = said.splitn(3, ':').map(str::to_owned);
        let mut next = || parts.next().context("a person is who:login:password");
        Ok(office::Person {
            who: next()?,
            login: next()?,
            password: next()?,
        })
    };
    let plan = office::Plan {
        server: arguments.target.server()?,
        database: arguments.database,
        people: arguments
            .people
            .iter()
            .map(person)
            .collect::<Result<_, _>>()?,
        clients: arguments.clients,
        requests: arguments.requests,
    };
    let figures = office::measure(&plan).await?;
    let slow = figures
        .iter()
        .any(|figure| figure.p95_ms > arguments.within_ms);
    let mut all: Vec<office::Figure> = match std::fs::read(&arguments.kept) {
        Ok(kept) => serde_json::from_slice(&kept)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    all.extend(figures);
    std::fs::write(&arguments.kept, serde_json::to_vec(&all)?)?;
    let table = office::table(&all, arguments.within_ms);
    say(table.trim_end())?;
    let path = &arguments.page;
    let before =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = format!("{}, {} clients\n\n{table}", health::machine(), plan.clients);
    std::fs::write(path, page::put(&before, "office", &text)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(ExitCode::from(u8::from(slow)))
}

/// Writes outcomes into the page.
fn write_page(page: &Path, outcomes: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let read = |path: &PathBuf| -> anyhow::Result<Outcome> {
        let text =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no outcome", path.display()))
    };
    let outcomes = outcomes
        .iter()
        .map(read)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let before =
        std::fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    std::fs::write(page, page::update(&before, &outcomes)?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    Ok(ExitCode::SUCCESS)
}

async fn perform_impair(arguments: ImpairArguments) -> anyhow::Result<ExitCode> {
    let proxy = Proxy::start(
        arguments.listen,
        arguments.to,
        arguments.profile,
        arguments.seed,
    )
    .await?;
    say(&format!("listening at {}", proxy.address()))?;
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(arguments.duration)) => {}
        // Without signals, the time alone ends it.
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
    say(&format!("{:#?}", proxy.tallies()))?;
    Ok(ExitCode::SUCCESS)
}

fn library(target: &Target) -> anyhow::Result<Library> {
    Library::open(&target.media_dir.clone().unwrap_or_else(default_folder))
}

/// Writes a line to standard output, which is where results go.
fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
