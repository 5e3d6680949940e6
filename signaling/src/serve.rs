//! Starts the service and stops it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rooms::Rooms;
use crate::{AppState, Clock, Config, SfuLink, Store};

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

/// Runs the service until `shutdown` is cancelled.
///
/// # Errors
/// When the database, the certificates or the address cannot be had, or the listener fails.
pub async fn run(
    config: Config,
    data_dir: &Path,
    sfu: SfuLink,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    start(config, data_dir, sfu, Clock::system(), shutdown)
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
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<Running> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
    let store = Store::open(&config.database, data_dir)
        .await
        .context("cannot open the database")?;
    store
        .migrate()
        .await
        .context("cannot migrate the database")?;
    let config = Arc::new(config);
    let data_dir = Arc::new(data_dir.to_path_buf());
    let tasks = TaskTracker::new();
    let rooms = Rooms::start(
        store.clone(),
        clock.clone(),
        Arc::clone(&config),
        Arc::clone(&data_dir),
        sfu,
        &tasks,
        shutdown.clone(),
    )
    .await
    .context("cannot start the rooms")?;
    let state = AppState {
        config,
        data_dir,
        store,
        clock,
        rooms,
    };
    let listener = std::net::TcpListener::bind(state.config.listen)
        .with_context(|| format!("cannot listen on {}", state.config.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let app =
        crate::http::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(server.serve(app));
    tasks.spawn(async move {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
    });
    Ok(Running {
        address,
        state,
        server,
        tasks,
    })
}
