//! Writing an import, some rows at a time. Killed or stopped, it goes on with the rows that have no result.

use office_core::rights::ManageImport;
use protocol::api::ImportState;
use protocol::{ImportId, UtcMicros};
use serde::{Deserialize, Serialize};

use super::view::SeenImport;
use super::{actions, store};
use crate::AppState;
use crate::access::{Asking, account_actor, accounts};
use crate::jobs::{AnyFailure, Held, Takes, Trouble, Work};
use crate::platform::database::{StoreResult, Tx};
use crate::platform::error::ApiError;

/// Writes imports of people.
#[derive(Debug, Clone)]
pub(crate) struct ImportWork {
    state: AppState,
}

/// An import, from its first row to its last.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Whole {
    /// Which.
    pub(crate) import: ImportId,
}

/// What writing some rows came to.
enum Went {
    /// There may be more.
    On(usize),
    /// It is over.
    Out(ImportState),
}

impl ImportWork {
    /// Work of this server.
    pub(crate) const fn new(state: AppState) -> Self {
        Self { state }
    }

    /// Writes the next rows, by the rights that whoever asked for it has by now.
    async fn go_on(&self, import: ImportId, holder: i64) -> Result<Went, ApiError> {
        let now = self.state.clock.now();
        let mut tx = self.state.store.write().await?;
        if !store::hold(&mut tx, import, holder).await? {
            return Ok(Went::Out(ImportState::Applying));
        }
        let found = store::by_id(&mut tx, import).await?;
        let import = found.ok_or_else(|| ApiError::internal("the import is gone"))?;
        if import.is_stopped {
            return Ok(Went::Out(ImportState::Cancelled));
        }
        let account = accounts::by_id(&mut tx, import.account).await?;
        let account = account.filter(|account| account.disabled_at.is_none());
        let account = account.ok_or_else(ApiError::forbidden)?;
        let actor = account_actor(&mut tx, account, None, now).await?;
        let seen = SeenImport::by(&actor, import);
        let permit = Asking::<ManageImport>::before(actor).about(seen)?;
        let tree = self.state.tree(&mut tx).await?;
        let written = actions::write_some(&mut tx, &permit, &tree, now).await?;
        tx.commit().await?;
        Ok(match written {
            0 => Went::Out(ImportState::Done),
            written => Went::On(written),
        })
    }

    /// How many rows wait.
    async fn waiting(&self, import: ImportId) -> StoreResult<usize> {
        let mut conn = self.state.store.read().await?;
        Ok(store::waiting(&mut conn, import, i64::MAX).await?.len())
    }
}

impl Work for ImportWork {
    const KIND: &'static str = "import_people";
    const TAKEN_BY: Takes = Takes::Housekeeping;
    type Payload = Whole;
    type Made = ImportState;
    type Failure = AnyFailure;

    async fn run(&self, held: &Held, of: &Whole) -> Result<ImportState, Trouble<AnyFailure>> {
        let all = self.waiting(of.import).await?;
        let mut written = 0;
        loop {
            if held.stop.is_cancelled() {
                return Ok(ImportState::Applying);
            }
            match self.go_on(of.import, held.fencing).await? {
                Went::Out(state) => return Ok(state),
                Went::On(rows) => {
                    written += rows;
                    let percent = (100 * written).checked_div(all).unwrap_or(100);
                    held.is_at(u8::try_from(percent).unwrap_or(100));
                }
            }
        }
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        of: &Whole,
        state: &ImportState,
        _: UtcMicros,
    ) -> Result<(), Trouble<AnyFailure>> {
        actions::end(tx, of.import, *state).await?;
        Ok(())
    }

    async fn gave_up(
        &self,
        tx: &mut Tx,
        of: &Whole,
        _: AnyFailure,
        again: bool,
    ) -> StoreResult<()> {
        match again {
            true => Ok(()),
            false => actions::end(tx, of.import, ImportState::Failed).await,
        }
    }
}
