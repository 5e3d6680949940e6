//! Copying as a job: at night, or when somebody asks for it.

use anyhow::Context as _;
use office_core::rights::MakeBackup;
use protocol::UtcMicros;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::take::{Made, Source, take};
use super::{history, rotation};
use crate::AppState;
use crate::access::{Permit, Reason};
use crate::jobs::{AnyFailure, Held, Takes, Trouble, Work};
use crate::platform::database::{StoreResult, Tx};

/// Makes a copy in the folder of the settings.
#[derive(Debug, Clone)]
pub(crate) struct Backup {
    state: AppState,
}

/// Everything there is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Whole {}

impl Backup {
    /// Work of this server.
    pub(crate) const fn new(state: AppState) -> Self {
        Self { state }
    }
}

/// How the log calls the installation.
pub(super) const RESOURCE: &str = "system";

impl Work for Backup {
    const KIND: &'static str = "backup";
    const TAKEN_BY: Takes = Takes::Housekeeping;
    type Payload = Whole;
    type Made = Made;
    type Failure = AnyFailure;

    /// Each try is remembered at once, so that the first that fails is seen.
    async fn run(&self, held: &Held, _: &Whole) -> Result<Made, Trouble<AnyFailure>> {
        let state = &self.state;
        let settings = &state.config.backup;
        let into = settings
            .folder
            .clone()
            .context("backup.folder is not set")?;
        let begun = state.clock.now();
        let source = Source {
            store: &state.store,
            database: &state.config.database,
            data_dir: &state.data_dir,
        };
        let made = take(source, &into, begun, &held.stop, held.teller()).await;
        if held.stop.is_cancelled() {
            // Whoever holds the job next tries again.
            return Ok(made?);
        }
        let run = history::run_of(begun, state.clock.now(), &into, &made);
        history::add(&state.data_dir, run)?;
        match &made {
            Ok(made) => {
                tracing::info!(folder = %made.folder.display(), new_bytes = made.new_bytes, "backed up")
            }
            Err(cause) => tracing::error!(%cause, "the backup failed"),
        }
        let made = made?;
        let keep = usize::try_from(settings.keep).unwrap_or(usize::MAX);
        tokio::task::spawn_blocking(move || {
            rotation::rotate(&into, keep, std::time::SystemTime::now())
        })
        .await??;
        Ok(made)
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        _: &Whole,
        made: &Made,
        now: UtcMicros,
    ) -> Result<(), Trouble<AnyFailure>> {
        let after = json!({ "place": made.folder, "bytes": made.manifest.bytes() });
        Permit::<MakeBackup>::system(Reason::Clock, ())
            .note(tx, RESOURCE, None, Some(after), now)
            .await?;
        Ok(())
    }

    async fn gave_up(&self, _: &mut Tx, _: &Whole, _: AnyFailure, _: bool) -> StoreResult<()> {
        Ok(())
    }
}
