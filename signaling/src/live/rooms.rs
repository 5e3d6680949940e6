//! The live rooms.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use office_core::session::Session;
use protocol::api::MediaExplanation;
use protocol::client::{JournalTrouble, SessionSummary};
use protocol::sfu::SfuEvent;
use protocol::{ParticipantId, RecordingId, SessionId, UtcMicros};
use signaling_core::{ConnectionId, Input, JournalHealth, Plan, RecorderReport, Room, RoomSetup};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::revocations::Mark;
use crate::live::board::{Board, LivePoint};
use crate::live::captures;
use crate::live::entry::{Doubted, Pass, Standing};
use crate::live::journal::writer::JournalWriter;
use crate::live::narration::Narration;
use crate::live::recorder_link::RecorderHandle;
use crate::live::room_task::{MAILBOX, Means, RoomMessage, RoomTask, SFU_MAILBOX};
use crate::live::sfu_link::{Media, SfuHandle};
use crate::live::{journal, participants, presence, recorder_link};
use crate::platform::database::{StoreError, StoreResult, new_id};
use crate::platform::lock::lock;
use crate::schedule::sessions;
use crate::{Clock, Config, SfuLink, Store};

/// A handle to the live rooms. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rooms(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    sfu: SfuHandle,
    journal: JournalWriter,
    recorder: RecorderHandle,
    live: Mutex<HashMap<SessionId, RoomHandle>>,
    /// Held while a room is opened, so that no session gets two.
    opening: tokio::sync::Mutex<()>,
    next_connection: AtomicU64,
    rights: watch::Sender<Option<Mark>>,
    doubted: Doubted,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

/// Reaches one live room.
#[derive(Debug, Clone)]
pub(crate) struct RoomHandle {
    pub(crate) mailbox: mpsc::Sender<RoomMessage>,
    /// The planned end of its session.
    ends_at: UtcMicros,
    reports: mpsc::Sender<SfuEvent>,
    pub(crate) board: Arc<Mutex<Board>>,
}

/// Why a room cannot be entered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("there is no such session")]
    Unknown,
    #[error("the session is over")]
    Over,
    #[error("the server is stopping")]
    Stopping,
    /// What became of the room last may not be on disk.
    #[error("the database takes no writes")]
    NotSaved(JournalTrouble),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn plan_of(session: &Session) -> Plan {
    Plan {
        title: session.title.clone(),
        starts_at: session.starts_at,
        ends_at: session.ends_at,
    }
}

impl Rooms {
    /// Starts the rooms that the journal says are open, and everything around them: the journal's writer, the reader of
    /// the SFU's reports, the link to the recorder.
    ///
    /// # Errors
    /// When the journal cannot be read or the recorder's socket cannot be made.
    pub async fn start(
        store: Store,
        clock: Clock,
        config: Arc<Config>,
        data_dir: Arc<PathBuf>,
        media: Media,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let (journal, writer) = JournalWriter::new(store.clone(), clock.clone());
        // Not counted among the tasks: each room waits for its own writes, and the writer for the last of its senders.
        tokio::spawn(writer);
        let Media {
            sfu:
                SfuLink {
                    commands,
                    events,
                    relay,
                },
            turn,
        } = media;
        let sfu = SfuHandle::new(commands, turn);
        let (recorder, recorder_reports) = recorder_link::start(
            recorder_link::Setup {
                config,
                data_dir,
                clock: clock.clone(),
                journal: journal.clone(),
                relay,
            },
            tasks,
            shutdown.clone(),
        )
        .context("cannot listen for the recorder")?;
        let rooms = Self(Arc::new(Inner {
            store,
            clock,
            sfu,
            journal,
            recorder,
            live: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            next_connection: AtomicU64::new(1),
            rights: watch::Sender::new(None),
            doubted: Doubted::default(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        }));
        rooms
            .rebuild()
            .await
            .context("cannot rebuild the rooms from their journals")?;
        tasks.spawn(rooms.clone().sort_sfu_reports(events, shutdown.clone()));
        tasks.spawn(
            rooms
                .clone()
                .sort_recorder_reports(recorder_reports, shutdown),
        );
        Ok(rooms)
    }

    /// Ends a session's room: everybody is told, recordings are closed. Does nothing when there is none.
    pub async fn end(&self, session: SessionId) {
        let room = lock(&self.0.live).get(&session).cloned();
        if let Some(room) = room {
            // A room that has closed meanwhile has ended already.
            let _ = room.mailbox.send(RoomMessage::End).await;
            room.mailbox.closed().await;
        }
    }

    /// Tells a session's room how it is planned since. Does nothing when there is none.
    pub(crate) async fn planned(&self, session: &Session) {
        let room = {
            let mut live = lock(&self.0.live);
            let room = live.get_mut(&session.id);
            room.map(|room| {
                room.ends_at = session.ends_at;
                room.clone()
            })
        };
        if let Some(room) = room {
            // A room that has closed meanwhile reads it when it opens.
            let _ = room
                .mailbox
                .send(RoomMessage::Planned(plan_of(session)))
                .await;
        }
    }

    /// Whether a session's room is open.
    pub(crate) fn is_live(&self, session: SessionId) -> bool {
        self.live(session).is_some()
    }

    /// Whether somebody is in a session's room, or has a seat held there.
    pub(crate) fn has_seat(&self, session: SessionId, participant: ParticipantId) -> bool {
        self.live(session)
            .is_some_and(|room| lock(&room.board).plates.contains_key(&participant))
    }

    /// How far the changes of rights have come, as the server knows; told within about a second of each.
    #[must_use]
    pub fn rights(&self) -> watch::Receiver<Option<Mark>> {
        self.0.rights.subscribe()
    }

    /// The changes of rights have come so far.
    pub(crate) fn rights_came_to(&self, mark: Mark) {
        self.0
            .rights
            .send_if_modified(|known| known.replace(mark) != Some(mark));
    }

    /// Those to be asked whether what let them in still holds.
    pub(crate) fn take_doubted(&self) -> Vec<(SessionId, ParticipantId, Pass)> {
        std::mem::take(&mut lock(&self.0.doubted))
    }

    /// Has somebody asked whether what let them in still holds.
    pub(crate) fn doubt(&self, who: (SessionId, ParticipantId, Pass)) {
        lock(&self.0.doubted).push(who);
    }

    /// What those who are in live rooms are there by, with the planned end of each session.
    pub(crate) async fn passes(&self) -> Vec<(SessionId, UtcMicros, Vec<(ParticipantId, Pass)>)> {
        let live: Vec<(SessionId, RoomHandle)> = lock(&self.0.live)
            .iter()
            .map(|(id, room)| (*id, room.clone()))
            .collect();
        let mut passes = Vec::new();
        for (id, room) in live {
            let (ask, answer) = oneshot::channel();
            // A room that has closed meanwhile has nobody in it.
            if room.mailbox.send(RoomMessage::Passes(ask)).await.is_ok()
                && let Ok(found) = answer.await
            {
                passes.push((id, room.ends_at, found));
            }
        }
        passes
    }

    /// Tells a room what has become of somebody's right to be there.
    pub(crate) async fn stands(
        &self,
        session: SessionId,
        participant: ParticipantId,
        standing: Standing,
    ) {
        if let Some(room) = self.live(session) {
            // A room that has closed meanwhile needs to know nothing.
            let _ = room
                .mailbox
                .send(RoomMessage::Stands {
                    participant,
                    standing,
                })
                .await;
        }
    }

    /// How many participants are connected in a session's room.
    #[must_use]
    pub fn present(&self, session: SessionId) -> u32 {
        lock(&self.0.live)
            .get(&session)
            .map_or(0, |room| lock(&room.board).present)
    }

    /// Every bridge point that is in a live room.
    #[must_use]
    pub fn points(&self) -> Vec<LivePoint> {
        lock(&self.0.live)
            .values()
            .flat_map(|room| lock(&room.board).points.clone())
            .collect()
    }

    /// How media reach somebody in a session's room, and why they are as they are; none when nobody of this id is there.
    pub(crate) async fn explain_media(
        &self,
        session: SessionId,
        participant: ParticipantId,
    ) -> Option<MediaExplanation> {
        let room = self.live(session)?;
        let (name, seat, link) = {
            let board = lock(&room.board);
            let (name, seat) = board.plates.get(&participant)?.clone();
            (name, seat, board.links.get(&participant).copied())
        };
        Some(MediaExplanation {
            participant,
            name,
            seat,
            link,
            explanation: self.0.sfu.explain(session, participant).await,
        })
    }

    /// Whether what happens in rooms is being saved.
    #[must_use]
    pub fn journal_health(&self) -> JournalHealth {
        self.0.journal.health()
    }

    /// How much of it waits to be saved, in bytes.
    #[must_use]
    pub fn unsaved_bytes(&self) -> usize {
        self.0.journal.kept_bytes()
    }

    /// Whether the SFU answers.
    #[must_use]
    pub fn sfu_is_up(&self) -> bool {
        self.0.sfu.is_up()
    }

    /// Waits until everything that rooms have done so far is on disk.
    pub async fn flush(&self) {
        let live: Vec<RoomHandle> = lock(&self.0.live).values().cloned().collect();
        for room in live {
            // Pages are answered before what was done is given to the journal.
            let (settled, done) = oneshot::channel();
            let asked = room.mailbox.send(RoomMessage::Settle(settled)).await;
            if asked.is_ok() {
                // An error means that the room has closed, and it writes everything before it does.
                let _ = done.await;
            }
        }
        self.0.journal.flush().await;
    }

    /// The live room of a session, opened when it is not.
    pub(crate) async fn open(&self, id: SessionId) -> Result<RoomHandle, OpenError> {
        if let Some(room) = self.live(id) {
            return Ok(room);
        }
        let _one_at_a_time = self.0.opening.lock().await;
        if let Some(room) = self.live(id) {
            return Ok(room);
        }
        if self.0.shutdown.is_cancelled() {
            return Err(OpenError::Stopping);
        }
        // A room that has just closed may still be on its way to the disk.
        if let Some(trouble) = self.0.journal.failure() {
            return Err(OpenError::NotSaved(trouble));
        }
        self.0.journal.flush().await;
        let mut conn = self.0.store.read().await?;
        let known = sessions::by_id(&mut conn, id)
            .await?
            .ok_or(OpenError::Unknown)?;
        if known.is_over(self.0.clock.now()) {
            return Err(OpenError::Over);
        }
        let room = self.load(&mut conn, &known).await?;
        if room.state().is_over() {
            return Err(OpenError::Over);
        }
        Ok(self.spawn(room, &known))
    }

    /// A number for a new connection.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.0.next_connection.fetch_add(1, Ordering::Relaxed))
    }

    /// Where what must end before the service does is counted.
    pub(crate) fn tasks(&self) -> TaskTracker {
        self.0.tasks.clone()
    }

    fn live(&self, id: SessionId) -> Option<RoomHandle> {
        lock(&self.0.live)
            .get(&id)
            .filter(|room| !room.mailbox.is_closed())
            .cloned()
    }

    /// The room of a session, from its journal.
    async fn load(
        &self,
        conn: &mut crate::platform::database::Conn,
        known: &Session,
    ) -> StoreResult<Room> {
        let setup = RoomSetup {
            session: SessionSummary {
                id: known.id,
                code: known.code.clone(),
                title: known.title.clone(),
                kind: known.kind,
                preset: known.preset,
                starts_at_us: known.starts_at,
                ends_at_us: known.ends_at,
                opened_at_us: None,
                auto_record: known.auto_record,
                recording_kept_until_us: known.recording_kept_until(),
            },
            seats: sessions::seats(conn, known.id).await?,
            caps: signaling_core::Caps {
                max_interactive: known.max_interactive,
                max_receive_only: known.max_receive_only,
            },
            auto_record: known.auto_record.then(|| RecordingId(new_id())),
        };
        let entries = journal::load(conn, known.id).await?;
        if entries.is_empty() {
            return Ok(Room::new(setup));
        }
        let tokens = participants::resume_tokens(conn, known.id).await?;
        let running = captures::running(conn, known.id).await?;
        Ok(Room::replay(
            setup,
            entries,
            tokens,
            running,
            self.0.clock.both(),
        ))
    }

    fn spawn(&self, mut room: Room, known: &Session) -> RoomHandle {
        let id = known.id;
        // Its journal tells how it was planned when it was last told.
        room.handle(self.0.clock.both(), Input::Planned(plan_of(known)));
        let (mailbox, messages) = mpsc::channel(MAILBOX);
        let (reports, sfu_reports) = mpsc::channel(SFU_MAILBOX);
        let board = Arc::new(Mutex::new(Board::default()));
        let means = Means {
            store: self.0.store.clone(),
            clock: self.0.clock.clone(),
            sfu: self.0.sfu.clone(),
            journal: self.0.journal.clone(),
            board: Arc::clone(&board),
            mailbox: mailbox.downgrade(),
            rights: self.rights(),
            doubted: Arc::clone(&self.0.doubted),
        };
        let narration = Narration::new(self.0.recorder.clone());
        let handle = RoomHandle {
            mailbox,
            ends_at: known.ends_at,
            reports,
            board,
        };
        lock(&self.0.live).insert(id, handle.clone());
        let rooms = Arc::downgrade(&self.0);
        let task = RoomTask::new(room, means, narration).run(
            messages,
            sfu_reports,
            self.0.shutdown.child_token(),
        );
        self.0.tasks.spawn(async move {
            task.await;
            if let Some(rooms) = rooms.upgrade() {
                lock(&rooms.live).retain(|_, room| !room.mailbox.is_closed());
            }
        });
        tracing::info!(session = %id, "a room opened");
        handle
    }

    /// Opens the rooms that were open when the server stopped, whatever stopped it.
    async fn rebuild(&self) -> anyhow::Result<()> {
        let mut tx = self.0.store.write().await?;
        presence::end_all(&mut tx).await?;
        tx.commit().await?;
        let mut conn = self.0.store.read().await?;
        for (recording, session, code) in captures::unfinished(&mut conn).await? {
            self.0.recorder.tell(recorder_link::ToRecorder::Finish {
                recording,
                session,
                code,
            });
        }
        for known in sessions::open(&mut conn).await? {
            match self.load(&mut conn, &known).await {
                Ok(room) if !room.state().is_over() => {
                    self.spawn(room, &known);
                }
                Ok(_) => {}
                Err(cause) => {
                    tracing::error!(session = %known.id, %cause, "a room cannot be rebuilt");
                }
            }
        }
        Ok(())
    }

    async fn sort_sfu_reports(
        self,
        mut events: mpsc::Receiver<SfuEvent>,
        shutdown: CancellationToken,
    ) {
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = shutdown.cancelled() => return,
            };
            let Some(event) = event else {
                tracing::error!("the SFU has ended");
                return;
            };
            let Some((id, event)) = self.0.sfu.sort(event) else {
                continue;
            };
            let room = lock(&self.0.live).get(&id).cloned();
            if let Some(room) = room
                && room.reports.try_send(event).is_err()
            {
                tracing::warn!(session = %id, "a room does not keep up with the SFU; a report is dropped");
            }
        }
    }

    async fn sort_recorder_reports(
        self,
        mut reports: mpsc::Receiver<(Option<SessionId>, RecorderReport)>,
        shutdown: CancellationToken,
    ) {
        loop {
            let report = tokio::select! {
                report = reports.recv() => report,
                () = shutdown.cancelled() => return,
            };
            let Some((session, report)) = report else {
                return;
            };
            let concerned: Vec<RoomHandle> = lock(&self.0.live)
                .iter()
                .filter(|(id, _)| session.is_none_or(|s| s == **id))
                .map(|(_, room)| room.clone())
                .collect();
            for room in concerned {
                // A room that has closed needs no report.
                let _ = room
                    .mailbox
                    .send(RoomMessage::Recorder(report.clone()))
                    .await;
            }
        }
    }
}
