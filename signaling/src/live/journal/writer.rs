//! Writes down what rooms do. One task for all rooms: what comes within [`GROUP_COMMIT`] goes into one transaction, so
//! that a room never waits for the disk, and a killed server has lost at most that much.
//!
//! ```text
//!  rooms ── groups ──► queue ──► one transaction ── committed ──► Saved, to each room
//!                        ▲              │
//!                        └── kept ◄─────┘ the disk is full, the database is away: tried again until it is not
//! ```
//!
//! A *group* is written whole or not at all. What cannot be stored because the machine cannot at the moment is kept, in
//! order, up to [`KEPT_BYTES`]; beyond that rooms take nothing more that could wait. What can never be stored is told in
//! the log and left out, so that it holds nothing else up. A database that does not answer is waited for, and rooms are
//! told as soon as more waits than a killed server may lose ([`TOLD_AFTER`]).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use protocol::client::{ChatEvent, Event, JournalTrouble, LinkReport};
use protocol::{ParticipantId, PointId, PresenceId, RecordingId, SessionId, UtcMicros};
use signaling_core::{Act, JournalEntry, JournalHealth, TokenHash};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::jobs::queue;
use crate::live::captures::{self, COMPOSE, Captured};
use crate::live::presence::Proof;
use crate::live::samples;
use crate::live::{journal, participants, presence, projection};
use crate::org::points as store_point;
use crate::platform::audit;
use crate::platform::database::{StoreResult, Tx};
use crate::{Clock, Store};

/// How long the first write of a transaction waits for company. Everything else of the 200 ms that may be lost is for
/// the disk.
const GROUP_COMMIT: Duration = Duration::from_millis(40);

/// How long a write waits for the database before rooms are told. The rest of the 200 ms is for telling them.
const TOLD_AFTER: Duration = Duration::from_millis(150);

/// The most groups of one transaction.
const BATCH: usize = 1_024;

/// The most that is kept for a database that takes nothing: about an hour of a provincial meeting.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// How long the writer waits before it tries again.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How often the writer tries whether the database takes writes, when there is nothing else to write.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// How long a server that stops tries to write what is left.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// What is written down.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Events of a room and the act they came of.
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
        id: PresenceId,
        participant: ParticipantId,
        proof: Proof,
        at: UtcMicros,
    },
    PresenceProven {
        id: PresenceId,
        point: Option<PointId>,
        at: UtcMicros,
    },
    PresenceEnded {
        id: PresenceId,
        point: Option<PointId>,
        at: UtcMicros,
    },
    LinkSample {
        participant: ParticipantId,
        point: PointId,
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

    /// Whether the next one of its kind says as much: it is not kept for a database that takes nothing.
    const fn is_superseded(&self) -> bool {
        matches!(self, Self::PresenceProven { .. } | Self::LinkSample { .. })
    }

    /// About what it takes in memory.
    fn bytes(&self) -> usize {
        const SMALL: usize = 256;
        match self {
            Self::Events { entries, .. } => entries
                .iter()
                .map(|entry| match entry.event() {
                    Event::Chat(ChatEvent::ChatSent { message }) => SMALL + message.text.len(),
                    _ => 2 * SMALL,
                })
                .sum(),
            Self::RecordingTroubled { reason, .. } => SMALL + reason.len(),
            _ => SMALL,
        }
    }
}

/// How far the events of a room are on disk.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OnDisk {
    /// The last event before which none is missing.
    pub(crate) seq: u64,
    /// One behind it was left out: what follows can never be read back as this room's journal.
    has_gap: bool,
}

impl OnDisk {
    /// Everything up to `seq` was stored. Whether that reaches further.
    const fn extend(&mut self, seq: u64) -> bool {
        if !self.has_gap {
            self.seq = seq;
        }
        !self.has_gap
    }
}

/// Writes that belong together.
#[derive(Debug)]
struct Group {
    writes: Vec<Write>,
    bytes: usize,
    given: Instant,
    /// Whom to tell when they are on disk, and up to which event.
    saved: Option<(Arc<watch::Sender<OnDisk>>, u64)>,
}

#[derive(Debug)]
enum Message {
    Group(Group),
    Flush(oneshot::Sender<()>),
}

/// Gives writes to the writer's task. The task ends when the last of these is dropped and everything is written.
#[derive(Debug, Clone)]
pub(crate) struct JournalWriter {
    // Bounded by KEPT_BYTES: rooms that hear that it is full give nothing more that could wait.
    queue: mpsc::UnboundedSender<Message>,
    kept: Arc<AtomicUsize>,
    health: watch::Receiver<JournalHealth>,
    failing: Arc<AtomicBool>,
}

impl JournalWriter {
    /// A writer and its task.
    pub(crate) fn new(store: Store, clock: Clock) -> (Self, impl Future<Output = ()>) {
        let (queue, messages) = mpsc::unbounded_channel();
        let (tell, health) = watch::channel(JournalHealth::default());
        let kept = Arc::new(AtomicUsize::new(0));
        let failing = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            store,
            clock,
            kept: Arc::clone(&kept),
            health: tell,
            waiting: Vec::new(),
            flushed: Vec::new(),
            failing: Arc::clone(&failing),
        };
        let journal = Self {
            queue,
            kept,
            health,
            failing,
        };
        (journal, writer.run(messages))
    }

    /// Puts a write in the queue. Writes are carried out in the order of these calls.
    pub(crate) fn write(&self, write: Write) {
        self.write_group(vec![write], None);
    }

    /// Puts writes in the queue that are carried out together or not at all. When they are on disk, `saved` says the
    /// number that comes with it.
    pub(crate) fn write_group(
        &self,
        mut writes: Vec<Write>,
        saved: Option<(Arc<watch::Sender<OnDisk>>, u64)>,
    ) {
        if self.failure().is_some() {
            writes.retain(|write| !write.is_superseded());
        }
        if writes.is_empty() {
            return;
        }
        let bytes = writes.iter().map(Write::bytes).sum();
        self.kept.fetch_add(bytes, Ordering::Relaxed);
        let group = Group {
            writes,
            bytes,
            given: Instant::now(),
            saved,
        };
        if self.queue.send(Message::Group(group)).is_err() {
            tracing::error!("the journal's writer is gone; an event is lost");
        }
    }

    /// How the journal does, as rooms are told.
    pub(crate) fn health(&self) -> JournalHealth {
        *self.health.borrow()
    }

    /// Why the database takes no writes, if it takes none; one that is slow takes them in the end.
    pub(crate) fn failure(&self) -> Option<JournalTrouble> {
        let fails = self.failing.load(Ordering::Relaxed);
        self.health.borrow().trouble.filter(|_| fails)
    }

    /// Tells how the journal does, whenever that changes.
    pub(crate) fn watch(&self) -> watch::Receiver<JournalHealth> {
        self.health.clone()
    }

    /// How many bytes wait to be written, about.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// Waits until everything given before is on disk.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).is_ok() {
            // An error means the writer has ended, and it writes everything before it does.
            let _ = written.await;
        }
    }

    /// The same for a server that stops: after [`STOPS_WITHIN`] it says what is lost.
    pub(crate) async fn flush_for_good(&self) {
        if tokio::time::timeout(STOPS_WITHIN, self.flush())
            .await
            .is_err()
        {
            tracing::error!(
                bytes = self.kept_bytes(),
                "the server stops while the database takes no writes; what waits is lost"
            );
        }
    }
}

struct Writer {
    store: Store,
    clock: Clock,
    kept: Arc<AtomicUsize>,
    health: watch::Sender<JournalHealth>,
    /// Given and not yet on disk, in order.
    waiting: Vec<Group>,
    flushed: Vec<oneshot::Sender<()>>,
    /// Whether the last transaction failed, which the log has been told.
    failing: Arc<AtomicBool>,
}

impl Writer {
    async fn run(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        loop {
            let more = tokio::select! {
                first = messages.recv() => match first {
                    Some(first) => {
                        self.take(first);
                        self.gather(&mut messages).await;
                        true
                    }
                    None => false,
                },
                () = tokio::time::sleep(PROBE_EVERY) => true,
            };
            // With the last who gives, the database may be closed already.
            if !more && self.waiting.is_empty() && self.flushed.is_empty() {
                return;
            }
            while !self.commit().await {
                // Everybody who gives has gone: the server has waited for this as long as it would.
                if !more {
                    return;
                }
                let again = Instant::now() + TRY_AGAIN_AFTER;
                while let Ok(Some(message)) = tokio::time::timeout_at(again, messages.recv()).await
                {
                    self.take(message);
                    self.tell_whether_full();
                }
                tokio::time::sleep_until(again).await;
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Group(group) => self.waiting.push(group),
            Message::Flush(done) => self.flushed.push(done),
        }
    }

    /// Takes what comes soon after; less of it when somebody waits for it.
    async fn gather(&mut self, messages: &mut mpsc::UnboundedReceiver<Message>) {
        let deadline = Instant::now() + GROUP_COMMIT;
        while self.flushed.is_empty() && self.waiting.len() < BATCH {
            match tokio::time::timeout_at(deadline, messages.recv()).await {
                Ok(Some(message)) => self.take(message),
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Writes everything that waits, and tells whom it concerns. False when the database does not take it at present.
    async fn commit(&mut self) -> bool {
        let idle = self.waiting.is_empty() && self.flushed.is_empty();
        while !self.waiting.is_empty() {
            let batch = self.waiting.len().min(BATCH);
            match self.transact(batch).await {
                Ok(()) => self.saved(batch),
                Err(cause) if cause.is_for_now() => return self.troubled(&cause),
                Err(cause) if batch > 1 => {
                    tracing::warn!(%cause, groups = batch, "a transaction of the journal failed; trying its groups one by one");
                    if !self.commit_one_by_one(batch).await {
                        return false;
                    }
                }
                Err(cause) => self.give_up(&cause),
            }
        }
        if idle {
            let probe = self.store.probe_writing(self.clock.now());
            if let Err(cause) = self.telling_when_slow(Instant::now(), probe).await {
                return self.troubled(&cause);
            }
        }
        self.flushed.drain(..).for_each(|done| {
            // Whoever asked may have gone.
            let _ = done.send(());
        });
        self.failing.store(false, Ordering::Relaxed);
        self.tell(JournalHealth::default());
        true
    }

    /// Writes the first groups that wait.
    async fn transact(&self, groups: usize) -> StoreResult<()> {
        let groups = &self.waiting[..groups];
        let oldest = groups.iter().map(|group| group.given).min();
        let transaction = transact(&self.store, groups);
        let oldest = oldest.unwrap_or_else(Instant::now);
        self.telling_when_slow(oldest, transaction).await
    }

    /// Waits for the database, and tells rooms when it has not answered [`TOLD_AFTER`] a moment.
    async fn telling_when_slow<T>(&self, since: Instant, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = tokio::time::sleep_until(since + TOLD_AFTER) => {}
        }
        if self.health.borrow().trouble.is_none() {
            tracing::warn!("the database does not answer; what is to be written waits for it");
            self.tell(JournalHealth {
                trouble: Some(JournalTrouble::DatabaseAway),
                full: self.is_full(),
            });
        }
        answer.await
    }

    /// So that a group that can never be stored takes no other with it.
    async fn commit_one_by_one(&mut self, groups: usize) -> bool {
        for _ in 0..groups {
            match self.transact(1).await {
                Ok(()) => self.saved(1),
                Err(cause) if cause.is_for_now() => return self.troubled(&cause),
                Err(cause) => self.give_up(&cause),
            }
        }
        true
    }

    fn saved(&mut self, groups: usize) {
        for group in self.waiting.drain(..groups) {
            self.kept.fetch_sub(group.bytes, Ordering::Relaxed);
            if let Some((room, seq)) = group.saved {
                room.send_if_modified(|on_disk| on_disk.extend(seq));
            }
        }
    }

    fn give_up(&mut self, cause: &crate::platform::database::StoreError) {
        let group = self.waiting.remove(0);
        self.kept.fetch_sub(group.bytes, Ordering::Relaxed);
        for write in &group.writes {
            tracing::error!(%cause, what = write.name(), "a write of the journal can never be stored and is left out");
        }
        if let Some((room, _)) = group.saved {
            room.send_modify(|on_disk| on_disk.has_gap = true);
        }
    }

    /// Tells that nothing is saved at present. Always false.
    fn troubled(&mut self, cause: &crate::platform::database::StoreError) -> bool {
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::error!(%cause, "the database takes no writes; they are kept and tried again");
        }
        self.tell(JournalHealth {
            trouble: Some(cause.trouble()),
            full: self.is_full(),
        });
        false
    }

    fn tell_whether_full(&self) {
        let health = *self.health.borrow();
        self.tell(JournalHealth {
            full: self.is_full(),
            ..health
        });
    }

    /// Whether so much waits that rooms take nothing more that could wait.
    fn is_full(&self) -> bool {
        self.kept.load(Ordering::Relaxed) > KEPT_BYTES
    }

    fn tell(&self, health: JournalHealth) {
        let changed = self.health.send_if_modified(|told| {
            let changed = *told != health;
            *told = health;
            changed
        });
        if changed && health.trouble.is_none() {
            tracing::info!("the database takes writes again; everything that was kept is saved");
        }
    }
}

async fn transact(store: &Store, groups: &[Group]) -> StoreResult<()> {
    let mut tx = store.write().await?;
    let mut acts = Vec::new();
    for write in groups.iter().flat_map(|group| &group.writes) {
        let is_new = carry_out(&mut tx, write).await?;
        if let Write::Events { act: Some(act), .. } = write
            && is_new
        {
            acts.push(act);
        }
    }
    // Last, because on PostgreSQL the first line locks the log until the end of the transaction.
    for act in acts {
        note(&mut tx, act).await?;
    }
    tx.commit().await
}

/// Adds a line to the audit log.
async fn note(tx: &mut Tx, act: &Act) -> StoreResult<()> {
    let actor = participants::audit_name(tx, act.actor).await?;
    let line = audit::Line {
        actor: &actor,
        action: act.action,
        resource: &act.resource,
        before: act.before.clone(),
        after: act.after.clone(),
    };
    audit::append(tx, line, act.at).await
}

/// Carries out a write; doing it again changes nothing, because nobody knows what became of a commit whose answer was
/// lost. False when it was there already.
async fn carry_out(tx: &mut Tx, write: &Write) -> StoreResult<bool> {
    match write {
        Write::Events {
            session, entries, ..
        } => {
            let mut is_new = false;
            for entry in entries {
                is_new = journal::append(tx, *session, entry).await?;
                if is_new {
                    projection::project(tx, *session, entry).await?;
                }
            }
            return Ok(is_new);
        }
        Write::ResumeToken { participant, hash } => {
            participants::remember_token(tx, *participant, hash).await
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
        } => samples::insert(tx, *participant, *point, *at, report).await,
        Write::RecordingRequested { id, session, at } => {
            captures::request(tx, *id, *session, *at).await
        }
        Write::RecordingStarted { id, at } => captures::started(tx, *id, *at).await,
        Write::RecordingStopping { id, at } => captures::stopping(tx, *id, *at).await,
        Write::RecordingFinalised {
            id,
            duration_us,
            bytes,
            at,
        } => {
            if captures::finalised(tx, *id, *duration_us, *bytes).await? {
                queue::enqueue(tx, COMPOSE, &Captured { recording: *id }.stored(), *at).await?;
            }
            Ok(())
        }
        Write::RecordingTroubled { id, reason } => captures::troubled(tx, *id, reason).await,
    }?;
    Ok(true)
}

async fn see(tx: &mut Tx, point: Option<PointId>, at: UtcMicros) -> StoreResult<()> {
    match point {
        Some(point) => store_point::mark_seen(tx, point, at).await,
        None => Ok(()),
    }
}
