//! Writes down what rooms do. One task for all rooms: what comes within [`GROUP_COMMIT`] goes into one transaction, so
//! that a room never waits for the disk, and a killed server has lost at most that much.

use std::time::Duration;

use protocol::client::{Event, LeaveReason, LinkReport};
use protocol::{BridgePointId, ParticipantId, RecordingId, SessionId, UtcMicros};
use signaling_core::{JournalEntry, TokenHash};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::act::Act;
use crate::store::presence::Proof;
use crate::store::{
    StoreResult, Tx, audit, job, journal, link_sample, participant, point as store_point, presence,
    recording, session,
};
use crate::{Store, jobs};

/// How long the first write of a transaction waits for company. Everything else of the 200 ms that may be lost is for
/// the disk.
const GROUP_COMMIT: Duration = Duration::from_millis(40);

/// How many writes wait at most; a room that wants to add one more waits with them.
const QUEUE: usize = 16_384;

/// The most writes of one transaction.
const BATCH: usize = 1_024;

/// What is written down.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Events of a room and the act they came of, all or none.
    Events {
        session: SessionId,
        entries: Vec<JournalEntry>,
        act: Option<Act>,
    },
    ResumeToken {
        participant: ParticipantId,
        hash: TokenHash,
    },
    PresenceBegan {
        id: Uuid,
        participant: ParticipantId,
        proof: Proof,
        at: UtcMicros,
    },
    PresenceProven {
        id: Uuid,
        point: Option<BridgePointId>,
        at: UtcMicros,
    },
    PresenceEnded {
        id: Uuid,
        point: Option<BridgePointId>,
        at: UtcMicros,
    },
    LinkSample {
        participant: ParticipantId,
        point: BridgePointId,
        at: UtcMicros,
        report: LinkReport,
    },
    RecordingRequested {
        id: RecordingId,
        session: SessionId,
        at: UtcMicros,
    },
    RecordingStarted {
        id: RecordingId,
        at: UtcMicros,
    },
    RecordingStopping {
        id: RecordingId,
        at: UtcMicros,
    },
    /// Everything is on disk: the composition is enqueued in the same transaction.
    RecordingFinalised {
        id: RecordingId,
        duration_us: u64,
        bytes: u64,
        at: UtcMicros,
    },
    RecordingTroubled {
        id: RecordingId,
        reason: String,
    },
}

impl Write {
    /// What it is, for the log, which holds neither names nor what was said.
    const fn name(&self) -> &'static str {
        match self {
            Self::Events { .. } => "events",
            Self::ResumeToken { .. } => "resume token",
            Self::PresenceBegan { .. }
            | Self::PresenceProven { .. }
            | Self::PresenceEnded { .. } => "presence",
            Self::LinkSample { .. } => "link sample",
            Self::RecordingRequested { .. }
            | Self::RecordingStarted { .. }
            | Self::RecordingStopping { .. }
            | Self::RecordingFinalised { .. }
            | Self::RecordingTroubled { .. } => "recording",
        }
    }
}

#[derive(Debug)]
enum Message {
    Write(Box<Write>),
    Flush(oneshot::Sender<()>),
}

/// Gives writes to the writer's task. The task ends when the last of these is dropped and everything is written.
#[derive(Debug, Clone)]
pub(crate) struct JournalWriter {
    queue: mpsc::Sender<Message>,
}

impl JournalWriter {
    /// A writer and its task.
    pub(crate) fn new(store: Store) -> (Self, impl Future<Output = ()>) {
        let (queue, messages) = mpsc::channel(QUEUE);
        (Self { queue }, run(store, messages))
    }

    /// Puts a write in the queue. Writes are carried out in the order of these calls.
    pub(crate) async fn write(&self, write: Write) {
        if self
            .queue
            .send(Message::Write(Box::new(write)))
            .await
            .is_err()
        {
            tracing::error!("the journal's writer is gone; an event is lost");
        }
    }

    /// Waits until everything given before is on disk.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            // An error means the writer has ended, and it writes everything before it does.
            let _ = written.await;
        }
    }
}

async fn run(store: Store, mut messages: mpsc::Receiver<Message>) {
    while let Some(first) = messages.recv().await {
        let (mut writes, mut flushed) = (Vec::new(), Vec::new());
        let deadline = tokio::time::Instant::now() + GROUP_COMMIT;
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match message {
                Message::Write(write) => writes.push(*write),
                Message::Flush(done) => {
                    flushed.push(done);
                    break;
                }
            }
            if writes.len() == BATCH {
                break;
            }
            next = tokio::time::timeout_at(deadline, messages.recv())
                .await
                .ok()
                .flatten();
        }
        commit(&store, writes).await;
        for done in flushed {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

/// Commits all writes at once; when that fails, each for itself, so that one bad write takes no other with it.
async fn commit(store: &Store, writes: Vec<Write>) {
    if writes.is_empty() {
        return;
    }
    let Err(cause) = transact(store, &writes).await else {
        return;
    };
    tracing::warn!(%cause, writes = writes.len(), "a transaction of the journal failed; trying its writes one by one");
    for write in &writes {
        if let Err(cause) = transact(store, std::slice::from_ref(write)).await {
            tracing::error!(%cause, what = write.name(), "a write of the journal is lost");
        }
    }
}

async fn transact(store: &Store, writes: &[Write]) -> StoreResult<()> {
    let mut tx = store.write().await?;
    for write in writes {
        carry_out(&mut tx, write).await?;
    }
    // Last, because on PostgreSQL the first line locks the log until the end of the transaction.
    for write in writes {
        if let Write::Events { act: Some(act), .. } = write {
            note(&mut tx, act).await?;
        }
    }
    tx.commit().await
}

/// Adds a line to the audit log.
async fn note(tx: &mut Tx, act: &Act) -> StoreResult<()> {
    let actor = participant::audit_name(tx, act.actor).await?;
    let line = audit::Line {
        actor: &actor,
        action: act.action,
        resource: &act.resource,
        before: act.before.clone(),
        after: act.after.clone(),
    };
    audit::append(tx, line, act.at).await
}

async fn carry_out(tx: &mut Tx, write: &Write) -> StoreResult<()> {
    match write {
        Write::Events {
            session, entries, ..
        } => {
            for entry in entries {
                journal::append(tx, *session, entry).await?;
                project(tx, *session, entry).await?;
            }
            Ok(())
        }
        Write::ResumeToken { participant, hash } => {
            participant::remember_token(tx, *participant, hash).await
        }
        Write::PresenceBegan {
            id,
            participant,
            proof,
            at,
        } => presence::begin(tx, *id, *participant, *proof, *at).await,
        Write::PresenceProven { id, point, at } => {
            presence::prove(tx, *id, *at).await?;
            see(tx, *point, *at).await
        }
        Write::PresenceEnded { id, point, at } => {
            presence::end(tx, *id, *at).await?;
            see(tx, *point, *at).await
        }
        Write::LinkSample {
            participant,
            point,
            at,
            report,
        } => link_sample::insert(tx, *participant, *point, *at, report).await,
        Write::RecordingRequested { id, session, at } => {
            recording::request(tx, *id, *session, *at).await
        }
        Write::RecordingStarted { id, at } => recording::started(tx, *id, *at).await,
        Write::RecordingStopping { id, at } => recording::stopping(tx, *id, *at).await,
        Write::RecordingFinalised {
            id,
            duration_us,
            bytes,
            at,
        } => {
            if recording::finalised(tx, *id, *duration_us, *bytes).await? {
                job::enqueue(tx, jobs::COMPOSE, &jobs::compose_payload(*id), *at).await?;
            }
            Ok(())
        }
        Write::RecordingTroubled { id, reason } => recording::troubled(tx, *id, reason).await,
    }
}

async fn see(tx: &mut Tx, point: Option<BridgePointId>, at: UtcMicros) -> StoreResult<()> {
    match point {
        Some(point) => store_point::mark_seen(tx, point, at).await,
        None => Ok(()),
    }
}

/// What other tables say of an event.
async fn project(tx: &mut Tx, session: SessionId, entry: &JournalEntry) -> StoreResult<()> {
    let at = entry.frame.at_us;
    match entry.event() {
        Event::RoomOpened => session::mark_opened(tx, session, at).await,
        Event::SessionEnded { by: _ } => session::mark_ended(tx, session, at).await.map(|_| ()),
        Event::ParticipantLeft {
            participant,
            reason: LeaveReason::Removed,
        } => participant::mark_removed(tx, *participant, at).await,
        _ => Ok(()),
    }
}
