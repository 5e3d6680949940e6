//! Forgetting what is too old to be of use.

use std::time::Duration;

use protocol::UtcMicros;
use protocol::api::SettingKey;
use serde::{Deserialize, Serialize};

use super::store;
use crate::AppState;
use crate::access::{accounts, revocations};
use crate::jobs::{AnyFailure, Held, Takes, Trouble, Work, queue};
use crate::platform::clock::days;
use crate::platform::database::{StoreResult, Tx};
use crate::platform::idempotency;

/// How many rows a transaction deletes: those who write wait a fraction of a second for it, not for a month of
/// measurements.
const ROWS_AT_ONCE: i64 = 10_000;

/// How long the queue remembers that this work was done.
const JOBS_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Deletes old measurements of lines, sign-ins that ended or ran out long ago, answers to named requests, and what the queue remembers of itself.
#[derive(Debug, Clone)]
pub struct Retention {
    state: AppState,
}

/// Everything, each by its own age.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Everything {}

/// What grows old.
#[derive(Debug, Clone, Copy)]
enum Old {
    Samples,
    SignIns,
    Requests,
}

impl Retention {
    /// Work of this server.
    #[must_use]
    pub const fn new(state: AppState) -> Self {
        Self { state }
    }

    /// Deletes in small transactions until nothing is left to delete, or the work is to end. How many rows they were.
    async fn delete(&self, held: &Held, old: Old, kept_days: u32) -> StoreResult<u64> {
        self.delete_older(held, old, days(kept_days)).await
    }

    async fn delete_older(&self, held: &Held, old: Old, kept: Duration) -> StoreResult<u64> {
        let before = self.state.clock.now().minus(kept);
        let mut deleted = 0;
        while !held.stop.is_cancelled() {
            let mut tx = self.state.store.write().await?;
            let rows = match old {
                Old::Samples => store::delete_samples_before(&mut tx, before, ROWS_AT_ONCE).await?,
                Old::SignIns => {
                    accounts::delete_sign_ins_before(&mut tx, before, ROWS_AT_ONCE).await?
                }
                Old::Requests => idempotency::delete_before(&mut tx, before, ROWS_AT_ONCE).await?,
            };
            tx.commit().await?;
            deleted += rows;
            if rows < ROWS_AT_ONCE.unsigned_abs() {
                break;
            }
        }
        Ok(deleted)
    }
}

impl Work for Retention {
    const KIND: &'static str = "retention";
    const TAKEN_BY: Takes = Takes::Housekeeping;
    type Payload = Everything;
    type Made = ();
    type Failure = AnyFailure;

    /// Whoever does the same at the same time finds nothing left.
    async fn run(&self, held: &Held, _: &Everything) -> Result<(), Trouble<AnyFailure>> {
        let kept = {
            let mut conn = self.state.store.read().await?;
            self.state.standing(&mut conn).await?
        };
        let [samples, sign_ins] = [SettingKey::LinkSampleDays, SettingKey::SignInDays];
        let samples = self
            .delete(held, Old::Samples, kept.number(samples))
            .await?;
        let sign_ins = self
            .delete(held, Old::SignIns, kept.number(sign_ins))
            .await?;
        let requests = self
            .delete_older(held, Old::Requests, idempotency::KEPT)
            .await?;
        if samples > 0 || sign_ins > 0 || requests > 0 {
            tracing::info!(samples, sign_ins, requests, "deleted what was too old");
        }
        Ok(())
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        _: &Everything,
        (): &(),
        now: UtcMicros,
    ) -> Result<(), Trouble<AnyFailure>> {
        revocations::prune(tx).await?;
        queue::forget(tx, Self::KIND, now.minus(JOBS_KEPT)).await?;
        Ok(())
    }

    async fn gave_up(&self, _: &mut Tx, _: &Everything, _: AnyFailure, _: bool) -> StoreResult<()> {
        Ok(())
    }
}
