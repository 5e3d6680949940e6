//! Requests that are done once however often they are sent, by the name that their sender gives them.
//!
//! ```text
//!  claim ──► the act ──► its commit writes `acted`, in the same transaction ──► the answer is kept, for a day
//!    │ the same again:     is answered as before; 409 while it is being answered; 409 when the answer was lost
//!    │ another request:    422
//!    └ a claim that nobody acted on for a minute is another's: the commit of the first is refused then
//! ```
//!
//! A refusal is not kept: nothing was done, and what stood in its way may be gone.

mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{StatusCode, header};
use protocol::UtcMicros;
use protocol::api::ProblemCode;
use uuid::Uuid;

use crate::platform::clock::hours;
use crate::platform::database::{Store, StoreError, StoreResult, Tx, new_id};
use crate::platform::error::{ApiError, ApiResult};

pub(crate) use store::delete_before;

/// For how long an answer is kept.
pub(crate) const KEPT: Duration = hours(24);

/// How long a claim on which nobody acted keeps others away: longer than any request takes, and than a restart.
const CLAIM_HOLDS: Duration = Duration::from_secs(60);

/// The headers of an answer that are told again.
pub(crate) const HEADERS_KEPT: [header::HeaderName; 3] =
    [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

tokio::task_local! {
    /// The claim under which this task does what it does.
    static CLAIM: Uuid;
}

/// A request that its sender named.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// Who asks, as the audit log names them.
    pub(crate) caller: String,
    /// The name.
    pub(crate) word: String,
    /// SHA-256 of what is asked.
    pub(crate) request_hash: Vec<u8>,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// Those of [`HEADERS_KEPT`] that it has.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What is to be done with a request that has a name.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// It is done under this claim.
    Ours(Uuid),
    /// It was done, and was answered so.
    Answered(Answer),
}

/// Claims a request, unless it was asked before.
///
/// # Errors
/// 422 `idempotency_key_reused`; 409 `idempotency_in_progress` with `Retry-After`, `idempotency_answer_lost`.
pub(crate) async fn claim(store: &Store, named: &Named, now: UtcMicros) -> ApiResult<Claimed> {
    let mut tx = store.write().await?;
    store::forget(&mut tx, named, now.minus(KEPT)).await?;
    let claim = new_id();
    if store::insert(&mut tx, named, claim, now).await? {
        tx.commit().await?;
        return Ok(Claimed::Ours(claim));
    }
    let known = store::find(&mut tx, named).await?;
    let known = known.ok_or_else(|| ApiError::internal("a claim vanished"))?;
    if known.request_hash != named.request_hash {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::IdempotencyKeyReused,
            "another request had this Idempotency-Key",
        ));
    }
    if let Some(answer) = known.answer {
        return Ok(Claimed::Answered(answer));
    }
    if now.since(known.begun_at) < CLAIM_HOLDS {
        return Err(in_progress());
    }
    if !known.acted && store::take_over(&mut tx, known.claim, claim, now).await? {
        tx.commit().await?;
        return Ok(Claimed::Ours(claim));
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::IdempotencyAnswerLost,
        "it was done, and its answer was lost: look it up",
    ))
}

/// 409: the same is being done.
pub(crate) fn in_progress() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::IdempotencyInProgress,
        "a request with this Idempotency-Key is being answered",
    )
    .retry_after(1)
}

/// Does something under a claim: every transaction that it commits says so.
pub(crate) async fn under<F: Future>(claim: Uuid, work: F) -> F::Output {
    CLAIM.scope(claim, work).await
}

/// Writes into a transaction that is about to be committed that something was done under the claim of this task, if there is
/// one.
///
/// # Errors
/// `Overtaken` when the claim is another's by now.
pub(crate) async fn note_deed(tx: &mut Tx) -> StoreResult<()> {
    let Ok(claim) = CLAIM.try_with(|claim| *claim) else {
        return Ok(());
    };
    if store::mark_acted(tx, claim).await? {
        Ok(())
    } else {
        Err(StoreError::Overtaken)
    }
}

/// Keeps an answer.
///
/// # Errors
/// When the database fails.
pub(crate) async fn keep(store: &Store, claim: Uuid, answer: &Answer) -> StoreResult<()> {
    let mut tx = store.write().await?;
    store::keep(&mut tx, claim, answer).await?;
    tx.commit().await
}

/// Gives a claim back under which nothing was done.
///
/// # Errors
/// When the database fails.
pub(crate) async fn release(store: &Store, claim: Uuid) -> StoreResult<()> {
    let mut tx = store.write().await?;
    store::release(&mut tx, claim).await?;
    tx.commit().await
}
