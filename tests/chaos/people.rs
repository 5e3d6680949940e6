//! Who is in the room meanwhile: people by WebSocket and encoders by WHIP, who come back as real ones do and write down
//! what they are told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use loadtest::chair::Chair;
use loadtest::end::Gauge;
use loadtest::health::Lateness;
use loadtest::media::{Layer, Library, Tone, default_folder};
use loadtest::participant::{Goodbye, Part, Surroundings};
use loadtest::peer::Peer;
use loadtest::server::Server;
use loadtest::whip::{self, Told};
use protocol::ParticipantId;
use protocol::client::{
    ChatCommand, Command, Event, EventFrame, JournalTrouble, LeaveReason, Microphone,
    MicrophoneEvent, RecordingEvent, RecordingState, RefusalCode, RosterEvent, Seat, ServerFrame,
    SessionEvent, Welcome,
};
use protocol::media::Profile;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::program::PATIENCE;
use super::timeline::Timeline;

/// How long one attempt to enter may take.
const ENTERS_WITHIN: Duration = Duration::from_secs(10);

/// The pause before somebody tries to come back.
const COMES_BACK_AFTER: Duration = Duration::from_millis(200);

/// Somebody who talks says a line so often; the chat takes one a second.
const TALKS_EVERY: Duration = Duration::from_millis(1_100);

/// Where everybody is.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) session: String,
    /// The number of the server's run, from 0; a connection belongs to one.
    pub(crate) run: Arc<AtomicUsize>,
    pub(crate) timeline: Timeline,
    pub(crate) leave: CancellationToken,
}

/// What somebody wrote down.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// By which run of the server it was said.
    pub(crate) run: usize,
    pub(crate) at: Instant,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Seen(EventFrame),
    /// What the journal's health was said to be.
    Told(Option<JournalTrouble>),
    Answered {
        id: u64,
        command: Command,
        refusal: Option<RefusalCode>,
    },
}

/// The room as somebody knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// Whether there is a connection at present.
    pub(crate) here: bool,
    pub(crate) you: Option<ParticipantId>,
    pub(crate) seats: Vec<Seat>,
    pub(crate) microphones: BTreeMap<ParticipantId, Microphone>,
    pub(crate) removed: BTreeSet<ParticipantId>,
    pub(crate) recording: RecordingState,
    pub(crate) trouble: Option<JournalTrouble>,
    /// By how much the server's time of day is ahead of ours, in microseconds.
    pub(crate) ahead_us: i64,
    pub(crate) ended: bool,
}

impl View {
    fn enter(&mut self, welcome: &Welcome) {
        self.here = true;
        self.you = Some(welcome.you);
        self.trouble = None;
        self.look_at_the_clock(welcome.server_time_us.0);
        if let Some(state) = &welcome.state {
            self.seats.clone_from(&state.seats);
            let microphones = state.participants.iter().map(|p| (p.id, p.microphone));
            self.microphones = microphones.collect();
            self.removed = state.removed.iter().map(|r| r.participant).collect();
            self.recording = state.recording;
        }
    }

    fn look_at_the_clock(&mut self, server_us: i64) {
        let ours = SystemTime::now().duration_since(UNIX_EPOCH);
        let ours = ours.expect("it is later than 1970").as_micros();
        self.ahead_us = server_us - i64::try_from(ours).expect("it is earlier than 290000");
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                self.microphones
                    .insert(participant.id, participant.microphone);
            }
            Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant,
                microphone,
                ..
            }) => {
                self.microphones.insert(*participant, *microphone);
            }
            Event::Roster(RosterEvent::ParticipantLeft {
                participant,
                reason,
            }) => {
                self.microphones.remove(participant);
                if *reason == LeaveReason::Removed {
                    self.removed.insert(*participant);
                }
            }
            Event::Roster(RosterEvent::ParticipantReadmitted { participant }) => {
                self.removed.remove(participant);
            }
            Event::Recording(RecordingEvent::RecordingChanged { state }) => self.recording = *state,
            Event::Session(SessionEvent::SessionEnded { .. }) => self.ended = true,
            _ => {}
        }
    }
}

/// What somebody wrote down, and where that led.
#[derive(Debug, Default)]
pub(crate) struct Diary {
    pub(crate) notes: Vec<Note>,
    pub(crate) view: View,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Refused(RefusalCode),
    /// The connection went before it was answered, and could not be resumed.
    Unknown,
}

struct Order {
    command: Command,
    /// Nobody waits for the answer to a line of the chat.
    answer: Option<oneshot::Sender<Answer>>,
}

/// Somebody in the room by WebSocket.
pub(crate) struct Person {
    orders: mpsc::UnboundedSender<Order>,
    diary: Arc<Mutex<Diary>>,
}

impl Person {
    /// Somebody comes, and says a line of chat every second if he `talks`.
    pub(crate) fn comes(
        name: &'static str,
        token: String,
        talks: bool,
        place: &Place,
        on: &Handle,
    ) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        let diary = Arc::<Mutex<Diary>>::default();
        let stay = Stay {
            name,
            token,
            talks,
            place: place.clone(),
            orders: taken,
            diary: diary.clone(),
            chair: None,
            open: None,
            lines: 0,
        };
        on.spawn(stay.live());
        Self { orders, diary }
    }

    /// Gives a command; a connection that breaks meanwhile is resumed and the command given again, as pages do.
    pub(crate) fn ask(&self, command: Command) -> Answer {
        let (answer, answered) = oneshot::channel();
        let order = Order {
            command: command.clone(),
            answer: Some(answer),
        };
        assert!(self.orders.send(order).is_ok(), "somebody takes orders");
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(answered.blocking_recv()));
        let answer = told.recv_timeout(PATIENCE * 2);
        answer
            .unwrap_or_else(|_| panic!("no answer to {command:?}"))
            .expect("somebody answers")
    }

    pub(crate) fn diary(&self) -> MutexGuard<'_, Diary> {
        lock(&self.diary)
    }

    pub(crate) fn view(&self) -> View {
        self.diary().view.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody's stay in the room, over all connections.
struct Stay {
    name: &'static str,
    token: String,
    talks: bool,
    place: Place,
    orders: mpsc::UnboundedReceiver<Order>,
    diary: Arc<Mutex<Diary>>,
    chair: Option<Chair>,
    /// A command that was given and not answered.
    open: Option<(u64, Order)>,
    lines: usize,
}

impl Stay {
    async fn live(mut self) {
        let leave = self.place.leave.clone();
        loop {
            let run = self.place.run.load(Ordering::Relaxed);
            let entering = timeout(ENTERS_WITHIN, self.enter());
            let entered = tokio::select! {
                () = leave.cancelled() => return,
                entered = entering => entered,
            };
            if let Ok(Ok(())) = entered {
                let cause = tokio::select! {
                    () = leave.cancelled() => return,
                    cause = self.stay(run) => cause,
                };
                self.write_down(run);
                lock(&self.diary).view.here = false;
                let (name, timeline) = (self.name, &self.place.timeline);
                timeline.say(format!("{name} is thrown out: {cause}"));
                if cause.downcast_ref::<Goodbye>().is_some() {
                    self.chair = None;
                }
            }
            sleep(COMES_BACK_AFTER).await;
        }
    }

    async fn enter(&mut self) -> anyhow::Result<()> {
        let Place {
            server, session, ..
        } = &self.place;
        let Some(chair) = &mut self.chair else {
            self.chair = Some(Chair::enter(server, session, &self.token).await?);
            return Ok(());
        };
        let back = chair.come_back(server, session, &self.token).await;
        if let Err(cause) = &back
            && cause.downcast_ref::<Goodbye>().is_some()
        {
            let (name, timeline) = (self.name, &self.place.timeline);
            timeline.say(format!("{name} cannot resume: {cause:#}"));
            self.chair = None;
        }
        back
    }

    fn chair(&mut self) -> &mut Chair {
        self.chair.as_mut().expect("somebody who has entered")
    }

    /// Until the connection ends; why it did.
    async fn stay(&mut self, run: usize) -> anyhow::Error {
        let welcome = self.chair().welcome().clone();
        let (name, resumed) = (self.name, welcome.resumed);
        let how = if resumed { "is back" } else { "enters" };
        self.place.timeline.say(format!("{name} {how}"));
        let now = Instant::now();
        lock(&self.diary).view.enter(&welcome);
        for event in welcome.missed {
            self.note(run, now, ServerFrame::Event(event));
        }
        let unanswered = self.open.take();
        let staying = async {
            match unanswered {
                Some((id, order)) if resumed => self.give(run, id, order).await?,
                Some((_, order)) => order.tell(Answer::Unknown),
                None => {}
            }
            let mut talk = tokio::time::interval(TALKS_EVERY);
            talk.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    Some(order) = self.orders.recv() => {
                        let id = self.chair().next_id();
                        self.give(run, id, order).await?;
                    }
                    _ = talk.tick(), if self.talks => {
                        self.lines += 1;
                        let text = format!("dòng {}", self.lines);
                        let order = Order { command: Command::Chat(ChatCommand::SendChat { text }), answer: None };
                        let id = self.chair().next_id();
                        self.give(run, id, order).await?;
                    }
                    heard = async { self.chair.as_mut().expect("somebody who has entered").hear().await } => {
                        let (at, frame) = heard?;
                        if let ServerFrame::Bye { reason } = frame {
                            return Err(Goodbye(reason).into());
                        }
                        self.note(run, at, frame);
                    }
                }
            }
        };
        let ended: anyhow::Result<std::convert::Infallible> = staying.await;
        match ended {
            Err(cause) => cause,
            Ok(never) => match never {},
        }
    }

    async fn give(&mut self, run: usize, id: u64, order: Order) -> anyhow::Result<()> {
        let command = order.command.clone();
        let asked = self.chair().ask(id, command.clone()).await;
        let at = Instant::now();
        self.write_down(run);
        match asked {
            Ok(refusal) => {
                let refusal = refusal.map(|refusal| refusal.code);
                let what = What::Answered {
                    id,
                    command,
                    refusal,
                };
                lock(&self.diary).notes.push(Note { run, at, what });
                order.tell(refusal.map_or(Answer::Done, Answer::Refused));
                Ok(())
            }
            Err(cause) => {
                self.open = Some((id, order));
                Err(cause)
            }
        }
    }

    /// Writes down what was heard while an answer was waited for.
    fn write_down(&mut self, run: usize) {
        while let Some((at, frame)) = self.chair().unheard() {
            self.note(run, at, frame);
        }
    }

    fn note(&self, run: usize, at: Instant, frame: ServerFrame) {
        let mut diary = lock(&self.diary);
        let what = match frame {
            ServerFrame::Event(event) => {
                diary.view.see(&event.event);
                What::Seen(event)
            }
            ServerFrame::Journal { trouble } => {
                diary.view.trouble = trouble;
                let said = format!("{} is told of the journal: {trouble:?}", self.name);
                self.place.timeline.say(said);
                What::Told(trouble)
            }
            ServerFrame::Heartbeat { server_time_us, .. } => {
                diary.view.look_at_the_clock(server_time_us.0);
                return;
            }
            _ => return,
        };
        diary.notes.push(Note { run, at, what });
    }
}

impl Order {
    fn tell(self, answer: Answer) {
        if let Some(waiting) = self.answer {
            // Who asked has given up.
            let _ = waiting.send(answer);
        }
    }
}

/// An encoder that publishes cues.
pub(crate) struct Publisher {
    pub(crate) name: &'static str,
    pub(crate) tone: Tone,
    told: Arc<Mutex<Vec<(Instant, Told)>>>,
}

impl Publisher {
    /// Begins to publish, and goes on whatever happens.
    pub(crate) fn begins(
        name: &'static str,
        tone: Tone,
        token: String,
        place: &Place,
        on: &Handle,
    ) -> Self {
        let told = Arc::<Mutex<Vec<_>>>::default();
        let part = Part {
            name: name.to_owned(),
            group: name.to_owned(),
            token,
            profile: Profile::Room,
            layers: vec![Layer::Low],
            microphone: true,
            gauge: Gauge::default(),
        };
        let surroundings = Surroundings {
            server: place.server.clone(),
            session: place.session.clone(),
            clips: Library::cues(&default_folder(), tone).expect("test media"),
            lateness: Lateness::default(),
            arrivals: watch::channel(0).0,
            leave: place.leave.clone(),
        };
        let (log, mut said) = mpsc::unbounded_channel::<(Instant, Told)>();
        on.spawn(whip::keep_publishing::<Peer>(part, surroundings, log));
        let (diary, timeline) = (told.clone(), place.timeline.clone());
        on.spawn(async move {
            while let Some((at, told)) = said.recv().await {
                let mut words = format!("{told:?}");
                words.truncate(words.floor_char_boundary(120));
                timeline.say(format!("{name}: {words}"));
                lock(&diary).push((at, told));
            }
        });
        Self { name, tone, told }
    }

    /// Whether it publishes to the server that was started after that moment, or to the first.
    pub(crate) fn is_connected_to(&self, since: Option<Instant>) -> bool {
        lock(&self.told).last().is_some_and(|(at, told)| {
            *told == Told::Connected && since.is_none_or(|since| *at >= since)
        })
    }

    /// When it could not publish, from when to when.
    pub(crate) fn away(&self) -> Vec<(Instant, Instant)> {
        let mut away = Vec::new();
        let mut since = None;
        for (at, told) in &*lock(&self.told) {
            match told {
                Told::Connected => away.extend(since.take().map(|since| (since, *at))),
                Told::Refused(_) => {}
                Told::Lost(_) => since = Some(*at),
            }
        }
        away
    }
}
