//! Forgetting what is too old to be of use.

use protocol::UtcMicros;
use serde::{Deserialize, Serialize};

use super::store;
use crate::AppState;
use crate::access::{accounts, revocations};
use crate::jobs::{AnyFailure, Held, Trouble, Work, queue};
use crate::platform::clock::days;
use crate::platform::database::{StoreResult, Tx};

/// Deletes old measurements of lines, sign-ins that ended or ran out long ago, and what the queue remembers of itself.
#[derive(Debug, Clone)]
pub struct Retention {
    state: AppState,
}

/// Everything, each by its own age.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Everything {}

impl Retention {
    /// Work of this server.
    #[must_use]
    pub const fn new(state: AppState) -> Self {
        Self { state }
    }
}

impl Work for Retention {
    const KIND: &'static str = "retention";
    type Payload = Everything;
    type Made = UtcMicros;
    type Failure = AnyFailure;

    /// From when on everything is kept.
    async fn run(&self, _: &Held, _: &Everything) -> Result<UtcMicros, Trouble<AnyFailure>> {
        let kept = days(self.state.config.retention.link_sample_days);
        Ok(self.state.clock.now().minus(kept))
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        _: &Everything,
        before: &UtcMicros,
        _: UtcMicros,
    ) -> Result<(), Trouble<AnyFailure>> {
        let samples = store::delete_samples_before(tx, *before).await?;
        let sign_ins = accounts::delete_sign_ins_before(tx, *before).await?;
        revocations::prune(tx).await?;
        queue::forget(tx, Self::KIND, *before).await?;
        if samples > 0 || sign_ins > 0 {
            tracing::info!(samples, sign_ins, "deleted what was too old");
        }
        Ok(())
    }

    async fn gave_up(&self, _: &mut Tx, _: &Everything, _: AnyFailure, _: bool) -> StoreResult<()> {
        Ok(())
    }
}
