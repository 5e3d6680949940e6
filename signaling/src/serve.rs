//! Starts the service and stops it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use prometheus::Registry;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::oidc::Provider;
use crate::access::{Passwords, SignInLimits};
use crate::jobs::{Kinds, Runner, Takes};
use crate::live::access_watch;
use crate::live::places::MediaPlaces;
use crate::live::rooms::Rooms;
use crate::live::sfu_link::Media;
use crate::live::turn::{Gate, Turn};
use crate::monitor::retention::{Everything, Retention};
use crate::org::accounts::Invite;
use crate::org::changes::due;
use crate::org::first_day::FirstCode;
use crate::org::imports::work::ImportWork;
use crate::org::units::Org;
use crate::platform::mail::Post;
use crate::platform::metrics::{ServerMetrics, own_addresses};
use crate::platform::seal::Seal;
use crate::platform::settings::Settings;
use crate::platform::tls::Certificates;
use crate::recording::work::Compose;
use crate::schedule::lapse;
use crate::system::backup::nightly;
use crate::system::backup::work::Backup;
use crate::system::erasure::work::Clean;
use crate::{AppState, Clock, Config, SfuLink, chores, jobs, routes};

/// How long a new connection may stay silent; longer, and a few idle sockets could fill the server.
const FIRST_REQUEST: Duration = Duration::from_secs(30);
/// How long requests under way may still take when the service stops.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
/// How often what is too old is forgotten.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(3_600);

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens; the port is the real one even when the configuration said 0.
    pub address: SocketAddr,
    /// What its handlers share, for tests.
    pub state: AppState,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    tasks: TaskTracker,
}

impl Running {
    /// Waits until the service has stopped.
    ///
    /// # Errors
    /// When the listener failed.
    pub async fn stopped(self) -> anyhow::Result<()> {
        self.server.await.context("the web server panicked")??;
        self.tasks.close();
        self.tasks.wait().await;
        self.state.store.close().await;
        Ok(())
    }
}

/// Runs the service until `shutdown` is cancelled. `metrics` are told under `/metrics` beside the service's own.
///
/// # Errors
/// When the database, the certificates or the address cannot be had, or the listener fails.
pub async fn run(
    config: Config,
    data_dir: &Path,
    sfu: SfuLink,
    metrics: Vec<Registry>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    start(config, data_dir, sfu, metrics, Clock::system(), shutdown)
        .await?
        .stopped()
        .await
}

/// Starts the service: returns once it listens. It runs until `shutdown` is cancelled.
///
/// # Errors
/// When the database, the certificates or the address cannot be had.
pub async fn start(
    config: Config,
    data_dir: &Path,
    sfu: SfuLink,
    metrics: Vec<Registry>,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<Running> {
    let store = chores::migrate(&config.database, data_dir).await?;
    let certificates =
        Certificates::load(&config, data_dir, clock.now()).context("cannot have certificates")?;
    let seal = Seal::load(data_dir)?;
    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let turn = Turn::new(&config, clock.clone())?;
    let provider = Provider::new(&config.oidc, clock.clone())
        .context("cannot set up the sign-in by a provider")?;
    let public_url: Arc<str> = config.public_url(address.port()).into();
    let post = Post::new(&config.mail, &public_url).context("cannot set up the mail")?;
    let config = Arc::new(config);
    let data_dir = Arc::new(data_dir.to_path_buf());
    let tasks = TaskTracker::new();
    let rooms = Rooms::start(
        store.clone(),
        clock.clone(),
        Arc::clone(&config),
        Arc::clone(&data_dir),
        Media {
            sfu,
            turn: turn.clone(),
        },
        &tasks,
        shutdown.clone(),
    )
    .await
    .context("cannot start the rooms")?;
    let readers = own_addresses()
        .into_iter()
        .chain(config.public_ips.iter().copied())
        .chain(config.metrics.allow.iter().copied())
        .collect();
    let metrics = ServerMetrics::new(metrics, readers).context("cannot register the metrics")?;
    if let Some(turn) = &turn {
        turn.register(metrics.registry())
            .context("cannot register the metrics")?;
    }
    let state = AppState {
        public_url,
        passwords: Passwords::new(config.sign_in.parallel_checks)?,
        sign_in_limits: SignInLimits::new(&config.sign_in, clock.clone()),
        provider,
        post,
        seal,
        media_places: MediaPlaces::new(&config.media, clock.clone()),
        first_code: FirstCode::default(),
        resources: Arc::default(),
        metrics,
        turn: turn.clone(),
        certificates,
        settings: Settings::new(Arc::clone(&config)),
        config,
        data_dir,
        store,
        org: Org::default(),
        clock,
        rooms,
    };
    let kinds = Arc::new(Kinds::new(vec![
        Box::new(Compose::new(state.clone())),
        Box::new(Retention::new(state.clone())),
        Box::new(Backup::new(state.clone())),
        Box::new(ImportWork::new(state.clone())),
        Box::new(Clean::new(state.clone())),
        Box::new(Invite::new(state.clone())),
    ]));
    let of_children = std::iter::repeat_n(Takes::Children, state.config.jobs.parallel);
    for takes in of_children.chain([Takes::Housekeeping, Takes::Letters]) {
        let runner = Runner::new(state.clone(), Arc::clone(&kinds), takes, shutdown.clone());
        tasks.spawn(runner.run());
    }
    tasks.spawn(jobs::ask_again_and_again::<Retention>(
        state.clone(),
        Everything {},
        HOUSEKEEPING_EVERY,
        shutdown.clone(),
    ));
    tasks.spawn(nightly::run(state.clone(), shutdown.clone()));
    tasks.spawn(forget_idle(state.clone(), shutdown.clone()));
    tasks.spawn(lapse::run(state.clone(), shutdown.clone()));
    tasks.spawn(due::run(state.clone(), shutdown.clone()));
    tasks.spawn(access_watch::run(state.clone(), shutdown.clone()));
    tasks.spawn(
        state
            .certificates
            .clone()
            .keep_fresh(state.clock.clone(), shutdown.clone()),
    );
    let handle = axum_server::Handle::new();
    let gate = Gate::new(state.certificates.rustls(), turn, FIRST_REQUEST);
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(gate)
        .handle(handle.clone())
        .first_request_timeout(FIRST_REQUEST);
    // The second request of a connection may not dawdle either.
    let head_within = Duration::from_secs(state.config.http.request_timeout_seconds.max(1));
    server
        .http_builder()
        .http1()
        .header_read_timeout(head_within);
    let app = routes::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(server.serve(app));
    tasks.spawn(async move {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(LAST_REQUESTS));
    });
    tracing::info!(%address, url = %state.public_url, "listening");
    Ok(Running {
        address,
        state,
        server,
        tasks,
    })
}

/// Forgets limits of people who have not tried anything for a while.
async fn forget_idle(state: AppState, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
        }
        state.sign_in_limits.forget_idle();
        state.media_places.forget_idle();
    }
}
