//! `diemcau serve` and `diemcau sfu`: settings and flags in, running services out, one clean stop.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use signaling::platform::socket;
use signaling::{Clock, SfuLink};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::catalogue::{Language, Text};
use crate::cli::{MediaArgs, ServeArgs, SfuArgs, SfuPlace};
use crate::data_folder::{self, LockError};
use crate::{chores, node_link, settings, upgrade};

/// The socket of an SFU that is a process of its own, in the data folder.
const SFU_SOCKET: &str = "run/sfu.sock";

/// The socket on which the media engine gives the recorder what it records, in the data folder.
const RELAY_SOCKET: &str = "run/relay.sock";

/// Where the running server notes the address people type, for chores that print links, in the data folder.
pub(crate) const PUBLIC_URL_FILE: &str = "run/public-url";

/// `diemcau serve`.
pub(crate) fn serve(args: ServeArgs, language: Language) -> anyhow::Result<ExitCode> {
    start_logging();
    let data_dir = args.folders.data_dir.as_path();
    let _lock = match data_folder::lock(data_dir) {
        Ok(lock) => lock,
        Err(LockError::Taken) => {
            eprintln!(
                "{}",
                Text::FolderTaken {
                    path: &data_dir.display().to_string()
                }
                .say(language)
            );
            return Ok(ExitCode::FAILURE);
        }
        Err(LockError::Unusable(e)) => {
            eprintln!(
                "{}",
                Text::FolderUnusable {
                    cause: &format!("{e:#}")
                }
                .say(language)
            );
            return Ok(ExitCode::FAILURE);
        }
    };
    data_folder::take_from_others(data_dir);
    raise_open_files();
    let mut signaling: signaling::Config =
        settings::load("signaling", &args.folders.config_dir, std::env::vars())?;
    if let Some(listen) = args.listen {
        signaling.listen = listen;
    }
    signaling.public_ips.extend(&args.media.public_ip);
    signaling
        .jobs
        .config_dir
        .get_or_insert_with(|| args.folders.config_dir.clone());
    let sfu_config = sfu_config(&args.folders.config_dir, &args.media)?;
    // An engine of this process that listens on one address is reached there, whatever address clients are told.
    if !sfu_config.listen_ip.is_unspecified() {
        signaling.turn.media_ip.get_or_insert(sfu_config.listen_ip);
    }
    let recorder: recorder::Config =
        settings::load("recorder", &args.folders.config_dir, std::env::vars())?;
    signaling.beside = vec![
        ("sfu.toml".to_owned(), serde_json::to_value(&sfu_config)?),
        ("recorder.toml".to_owned(), serde_json::to_value(&recorder)?),
    ];
    let runtime = runtime()?;
    let copied = upgrade::copy_first(&signaling, data_dir, args.upgrade, language);
    runtime.block_on(copied)?;
    runtime.block_on(run(args, signaling, sfu_config, language))?;
    Ok(ExitCode::SUCCESS)
}

async fn run(
    args: ServeArgs,
    config: signaling::Config,
    sfu: sfu::Config,
    language: Language,
) -> anyhow::Result<()> {
    let data_dir = args.folders.data_dir.as_path();
    let shutdown = CancellationToken::new();
    let signals = cancel_on_signal(shutdown.clone())?;
    let relay = std::path::absolute(data_dir.join(RELAY_SOCKET))?;
    let (commands, events, node) = match args.sfu {
        SfuPlace::InProcess => {
            let listener = socket::listen(&relay)?;
            let running =
                sfu::start(sfu, Some(listener)).context("cannot start the media engine")?;
            (running.commands, running.events, Some(running.node))
        }
        SfuPlace::External => {
            let side = node_link::connect(&data_dir.join(SFU_SOCKET)).await?;
            (side.commands, side.events, None)
        }
    };
    let link = SfuLink {
        commands,
        events,
        relay,
    };
    let settings = config.clone();
    let metrics = node.iter().map(|node| node.registry().clone()).collect();
    let running = signaling::start(
        config,
        data_dir,
        link,
        metrics,
        Clock::system(),
        shutdown.clone(),
    )
    .await?;
    let url = running.state.public_url.clone();
    // Only the demonstration's link is made of it: a full disk stops no server.
    if let Err(cause) = data_folder::replace(&data_dir.join(PUBLIC_URL_FILE), url.as_bytes()) {
        tracing::warn!(%cause, "the address of this server cannot be written down");
    }
    let mut say = Vec::new();
    writeln!(say, "\n{}", Text::Serving { address: &url }.say(language))?;
    writeln!(
        say,
        "{}",
        Text::CertificateHint { address: &url }.say(language)
    )?;
    if args.demo {
        let demo = chores::seed(&settings, data_dir).await?;
        say.extend_from_slice(chores::demo_text(&demo, language).as_bytes());
    }
    let mut conn = running.state.store.read().await?;
    let code = running.state.first_code.make(&mut conn).await?;
    drop(conn);
    if let Some(code) = code {
        let (address, code) = (&*url, &*code);
        writeln!(say, "{}", Text::FirstCode { address, code }.say(language))?;
    }
    std::io::stdout().write_all(&say)?;
    shutdown.cancelled().await;
    eprintln!("{}", Text::Stopping.say(language));
    running.stopped().await?;
    if let Some(node) = node {
        tokio::task::spawn_blocking(move || node.shutdown())
            .await
            .context("the media engine panicked")??;
    }
    signals.abort();
    Ok(())
}

/// `diemcau sfu`.
pub(crate) fn sfu(args: SfuArgs, language: Language) -> anyhow::Result<ExitCode> {
    start_logging();
    raise_open_files();
    let config = sfu_config(&args.folders.config_dir, &args.media)?;
    let data_dir = args.folders.data_dir.as_path();
    let socket = socket::listen(&data_dir.join(SFU_SOCKET))?;
    let relay = socket::listen(&data_dir.join(RELAY_SOCKET))?;
    runtime()?.block_on(async {
        let shutdown = CancellationToken::new();
        let signals = cancel_on_signal(shutdown.clone())?;
        let running = sfu::start(config, Some(relay)).context("cannot start the media engine")?;
        let side = node_link::SfuSide {
            commands: running.commands,
            events: running.events,
        };
        node_link::serve(socket, side, shutdown).await?;
        eprintln!("{}", Text::Stopping.say(language));
        let node = running.node;
        tokio::task::spawn_blocking(move || node.shutdown())
            .await
            .context("the media engine panicked")??;
        signals.abort();
        anyhow::Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn sfu_config(folder: &Path, media: &MediaArgs) -> anyhow::Result<sfu::Config> {
    let mut config: sfu::Config = settings::load("sfu", folder, std::env::vars())?;
    if let Some(port) = media.media_port {
        config.media_port = port;
    }
    config.public_ips.extend(&media.public_ip);
    Ok(config)
}

/// Logs go to standard error; `RUST_LOG` chooses what, `info` by default.
pub(crate) fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,str0m=warn,sqlx=warn,memory_serve=warn")
    });
    // A second initialisation in one process, as in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

/// The runtime of everything but media.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

/// Cancels `shutdown` at SIGTERM or SIGINT; a second signal ends the process at once.
pub(crate) fn cancel_on_signal(
    shutdown: CancellationToken,
) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if again {
                std::process::exit(1);
            }
            shutdown.cancel();
        }
    }))
}

/// Lets the process open as many files as the system permits: a thousand viewers need two sockets each.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
