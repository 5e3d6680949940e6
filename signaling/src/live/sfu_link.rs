//! The control link to the SFU, as a pair of channels: pairs requests with answers and hands reports to rooms.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::explain::Explanation;
use protocol::sfu::{RequestId, SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use signaling_core::{MediaFailure, Negotiation, NegotiationKind};
use tokio::sync::{mpsc, oneshot};

use crate::Turn;
use crate::platform::lock::lock;

/// The two channels between this service and the SFU, and where the recorder finds its relay.
#[derive(Debug)]
pub struct SfuLink {
    /// What signaling asks.
    pub commands: mpsc::Sender<SfuCommand>,
    /// What the SFU reports.
    pub events: mpsc::Receiver<SfuEvent>,
    /// The Unix socket on which it gives the recorder packets, absolute.
    pub relay: PathBuf,
}

/// How rooms reach the SFU, and the way to it for people behind firewalls.
#[derive(Debug)]
pub struct Media {
    /// The SFU.
    pub sfu: SfuLink,
    /// The way through firewalls, if there is one.
    pub turn: Option<Turn>,
}

/// How long the SFU may take to answer an offer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How long the SFU may take to explain what it does.
const EXPLAINED_WITHIN: Duration = Duration::from_secs(2);

/// How long the SFU may leave a command in its queue before it counts as gone.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// What an offer came to.
pub(crate) type Answer = Result<String, MediaFailure>;

/// Asks the SFU. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct SfuHandle {
    commands: mpsc::Sender<SfuCommand>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    next_request: AtomicU64,
    waiting: Mutex<HashMap<RequestId, oneshot::Sender<Answer>>>,
    curious: Mutex<HashMap<RequestId, oneshot::Sender<Option<Explanation>>>>,
    turn: Option<Turn>,
    up: AtomicBool,
}

impl SfuHandle {
    pub(crate) fn new(commands: mpsc::Sender<SfuCommand>, turn: Option<Turn>) -> Self {
        Self {
            commands,
            shared: Arc::new(Shared {
                next_request: AtomicU64::new(1),
                waiting: Mutex::default(),
                curious: Mutex::default(),
                turn,
                up: AtomicBool::new(true),
            }),
        }
    }

    /// Whether the SFU took the last command in time.
    pub(crate) fn is_up(&self) -> bool {
        self.shared.up.load(Ordering::Relaxed) && !self.commands.is_closed()
    }

    /// Gives the SFU a command, after all those given before. False when it does not take it.
    pub(crate) async fn tell(&self, command: SfuCommand) -> bool {
        let taken = tokio::time::timeout(TAKEN_WITHIN, self.commands.send(command)).await;
        let up = matches!(taken, Ok(Ok(())));
        if self.shared.up.swap(up, Ordering::Relaxed) != up {
            if up {
                tracing::info!("the SFU takes commands again");
            } else {
                tracing::error!("the SFU takes no commands");
            }
        }
        up
    }

    /// Puts an offer to the SFU. The offer is in its queue when this returns; the answer comes through the result.
    pub(crate) async fn negotiate(
        &self,
        room: RoomId,
        negotiation: Negotiation,
    ) -> impl Future<Output = Answer> + Send + 'static + use<> {
        let request = self.shared.next_request.fetch_add(1, Ordering::Relaxed);
        let (done, answer) = oneshot::channel();
        self.waiting().insert(request, done);
        let Negotiation {
            participant,
            offer,
            kind,
            ..
        } = negotiation;
        let taken = self
            .tell(match kind {
                NegotiationKind::Join {
                    profile,
                    may_publish,
                    microphone_open,
                } => SfuCommand::Join {
                    request,
                    room,
                    participant,
                    profile,
                    may_publish,
                    microphone_open,
                    offer,
                },
                NegotiationKind::IceRestart => SfuCommand::IceRestart {
                    request,
                    room,
                    participant,
                    offer,
                },
            })
            .await;
        let shared = Arc::clone(&self.shared);
        async move {
            let answer = if taken {
                tokio::time::timeout(ANSWER_WITHIN, answer).await
            } else {
                Ok(Ok(Err(MediaFailure::Unavailable)))
            };
            lock(&shared.waiting).remove(&request);
            match answer {
                Ok(Ok(answer)) => answer,
                _ => Err(MediaFailure::Unavailable),
            }
        }
    }

    /// Asks why a participant's pictures are as they are; none when it has no peer, or the SFU does not answer in time.
    pub(crate) async fn explain(
        &self,
        room: RoomId,
        participant: ParticipantId,
    ) -> Option<Explanation> {
        let request = self.shared.next_request.fetch_add(1, Ordering::Relaxed);
        let (done, answer) = oneshot::channel();
        lock(&self.shared.curious).insert(request, done);
        let command = SfuCommand::Explain {
            request,
            room,
            participant,
        };
        let answer = if self.tell(command).await {
            tokio::time::timeout(EXPLAINED_WITHIN, answer).await
        } else {
            Ok(Ok(None))
        };
        lock(&self.shared.curious).remove(&request);
        answer.ok()?.ok()?
    }

    /// Takes a report: an answer goes to whoever waits for it, anything else comes back with its room.
    pub(crate) fn sort(&self, mut event: SfuEvent) -> Option<(RoomId, SfuEvent)> {
        if let Some(turn) = &self.shared.turn {
            turn.observe(&mut event);
        }
        let (request, answer) = match event {
            SfuEvent::Answered { request, answer } => (request, Ok(answer)),
            SfuEvent::Refused { request, reason } => (request, Err(MediaFailure::Refused(reason))),
            SfuEvent::Explained {
                request,
                explanation,
            } => {
                if let Some(curious) = lock(&self.shared.curious).remove(&request) {
                    // Whoever asked may have gone.
                    let _ = curious.send(explanation);
                }
                return None;
            }
            SfuEvent::Connected { room, .. }
            | SfuEvent::Disconnected { room, .. }
            | SfuEvent::TrackStarted { room, .. }
            | SfuEvent::SlotAssigned { room, .. }
            | SfuEvent::Speakers { room, .. }
            | SfuEvent::LayersWanted { room, .. }
            | SfuEvent::Link { room, .. } => return Some((room, event)),
        };
        if let Some(waiting) = self.waiting().remove(&request) {
            // Whoever asked may have gone.
            let _ = waiting.send(answer);
        }
        None
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<RequestId, oneshot::Sender<Answer>>> {
        lock(&self.shared.waiting)
    }
}
