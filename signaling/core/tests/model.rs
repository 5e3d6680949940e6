//! Random command sequences against a small reference model, with the room's invariants checked after each step.

#![allow(clippy::unwrap_used, reason = "a scene that goes wrong fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Hall, Person, SECOND, setup};
use proptest::prelude::*;
use protocol::client::{
    ChairCommand, ChatCommand, Command, ConnectionState, Event, FloorCommand, FloorEvent,
    HandCommand, HandEvent, MediaCommand, MicrophoneCommand, MicrophoneEvent, PictureCommand,
    Preset, RoomAct, RoomState, RosterCommand, RosterEvent, ServerFrame, SessionCommand,
    SessionRole, TURN_EXTENDED_BY, TURN_OPENS_AFTER,
};
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, UtcMicros};
use signaling_core::{ConnectionId, JournalEntry, Mono, Reader, Reason, Room, State};

const PEOPLE: usize = 6;

/// What a step does; numbers name people.
#[derive(Debug, Clone)]
enum Step {
    Connect(usize),
    Resume(usize),
    Lose(usize),
    Pass(i64),
    Clock(i64),
    Disk(bool),
    Ask(usize, Command2),
}

/// A command whose people are numbers.
#[derive(Debug, Clone, Copy)]
enum Command2 {
    Microphone(bool),
    Camera(bool),
    Screen(bool),
    Raise,
    Lower(usize),
    Chat,
    Mute(usize),
    Lock(usize, bool),
    LockAll(bool),
    Grant(usize, bool),
    CancelNext,
    Release,
    Topic(bool),
    Length(Option<u32>),
    Extend,
    UnheardFirst(bool),
    Broadcast(Option<usize>),
    KeepScreen(Option<usize>),
    Preset(Preset),
    GiveChair(usize),
    TakeChair,
    Remove(usize),
    Readmit(usize),
    Leave,
}

fn command() -> impl Strategy<Value = Command2> {
    let who = 0..PEOPLE;
    prop_oneof![
        4 => any::<bool>().prop_map(Command2::Microphone),
        1 => any::<bool>().prop_map(Command2::Camera),
        2 => any::<bool>().prop_map(Command2::Screen),
        2 => Just(Command2::Raise),
        1 => who.clone().prop_map(Command2::Lower),
        1 => Just(Command2::Chat),
        2 => who.clone().prop_map(Command2::Mute),
        3 => (who.clone(), any::<bool>()).prop_map(|(p, on)| Command2::Lock(p, on)),
        2 => any::<bool>().prop_map(Command2::LockAll),
        4 => (who.clone(), any::<bool>()).prop_map(|(p, now)| Command2::Grant(p, now)),
        1 => Just(Command2::CancelNext),
        2 => Just(Command2::Release),
        1 => any::<bool>().prop_map(Command2::Topic),
        2 => proptest::option::of(30..90_u32).prop_map(Command2::Length),
        1 => Just(Command2::Extend),
        1 => any::<bool>().prop_map(Command2::UnheardFirst),
        1 => proptest::option::of(who.clone()).prop_map(Command2::Broadcast),
        1 => proptest::option::of(who.clone()).prop_map(Command2::KeepScreen),
        2 => proptest::sample::select(&Preset::ALL[..]).prop_map(Command2::Preset),
        2 => who.clone().prop_map(Command2::GiveChair),
        1 => Just(Command2::TakeChair),
        1 => who.clone().prop_map(Command2::Remove),
        1 => who.prop_map(Command2::Readmit),
        1 => Just(Command2::Leave),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE;
    prop_oneof![
        3 => who.clone().prop_map(Step::Connect),
        2 => who.clone().prop_map(Step::Resume),
        1 => who.clone().prop_map(Step::Lose),
        1 => (1..150_i64).prop_map(Step::Pass),
        1 => (1..5_i64).prop_map(Step::Pass),
        1 => (-7_200..7_200_i64).prop_map(Step::Clock),
        1 => any::<bool>().prop_map(Step::Disk),
        14 => (0..PEOPLE, command()).prop_map(|(p, c)| Step::Ask(p, c)),
    ]
}

/// The reference: an SFU that only hears its commands. It knows the gates of the peers it has, and nothing of roles.
#[derive(Default)]
struct Gates {
    open: BTreeMap<ParticipantId, bool>,
    seen: usize,
}

impl Gates {
    fn follow(&mut self, media: &[SfuCommand]) {
        for command in &media[self.seen..] {
            match command {
                SfuCommand::Join {
                    participant,
                    microphone_open,
                    ..
                } => {
                    self.open.insert(*participant, *microphone_open);
                }
                SfuCommand::SetGate {
                    participant,
                    microphone_open,
                    ..
                } => {
                    if let Some(open) = self.open.get_mut(participant) {
                        *open = *microphone_open;
                    }
                }
                SfuCommand::Leave { participant, .. } => {
                    self.open.remove(participant);
                }
                _ => {}
            }
        }
        self.seen = media.len();
    }
}

/// The reference for what a grant of the floor muted: compares the microphones before and after each command.
#[derive(Default)]
struct Quiet {
    muted: BTreeSet<ParticipantId>,
}

impl Quiet {
    fn follow(&mut self, before: &RoomState, after: &RoomState, command: &Command) {
        let then: BTreeMap<_, _> = before
            .participants
            .iter()
            .map(|p| (p.id, p.microphone))
            .collect();
        let due = std::mem::take(&mut self.muted);
        for p in &after.participants {
            let (was, is) = (then[&p.id], p.microphone);
            let spared = matches!(p.role, SessionRole::Chair | SessionRole::Secretary);
            let hit = match command {
                Command::Microphone(MicrophoneCommand::Mute { participant }) => {
                    *participant == p.id
                }
                Command::Microphone(MicrophoneCommand::SetLock {
                    participant,
                    locked: true,
                }) => *participant == p.id,
                _ => false,
            };
            // Whoever is only named as the next one silences nobody.
            let silences = match command {
                Command::Floor(FloorCommand::GrantFloor { participant, .. }) => {
                    after.floor == Some(*participant)
                }
                _ => before.floor != after.floor && after.floor.is_some(),
            };
            if silences && after.floor != Some(p.id) && !spared && was.is_open() {
                assert!(!is.is_open(), "only the holder and those who preside speak");
                if is.muted && !was.muted {
                    self.muted.insert(p.id);
                }
            }
            if due.contains(&p.id) {
                if after.floor.is_none() && !hit {
                    assert!(!is.muted, "the floor gives back what it took");
                } else if after.floor.is_some() && is.muted && !hit {
                    self.muted.insert(p.id);
                }
            }
        }
    }
}

/// The reference for what owners know of their microphones: what each did last, by this page, and which turns were
/// announced to them since.
#[derive(Default)]
struct Owners {
    opened: BTreeSet<ParticipantId>,
    announced: BTreeSet<ParticipantId>,
    hands: BTreeSet<ParticipantId>,
    seen: usize,
}

impl Owners {
    /// Takes what somebody did to the own microphone.
    fn did(&mut self, whose: ParticipantId, on: bool) {
        if on {
            self.opened.insert(whose);
        } else {
            self.opened.remove(&whose);
            self.announced.remove(&whose);
        }
    }

    fn follow(&mut self, journal: &[JournalEntry]) {
        for entry in &journal[self.seen..] {
            match entry.event() {
                Event::Floor(FloorEvent::FloorGranted {
                    participant,
                    opens_at_us,
                    ..
                }) => {
                    let by_oneself = entry.cause.reason == Reason::Asked
                        && entry.cause.actor == Some(*participant);
                    let asked = by_oneself || self.hands.contains(participant);
                    if asked || opens_at_us.is_some() {
                        self.announced.insert(*participant);
                    }
                }
                Event::Hand(HandEvent::HandRaised { participant }) => {
                    self.hands.insert(*participant);
                }
                Event::Hand(HandEvent::HandLowered { participant, .. }) => {
                    self.hands.remove(participant);
                }
                _ => {}
            }
        }
        self.seen = journal.len();
    }
}

/// The reference for when the present turn is over.
#[derive(Default)]
struct Ends {
    at: Option<UtcMicros>,
    /// Whether the server's clock was set since: times of day then tell nothing of how long a turn lasts.
    clock_stepped: bool,
    seen: usize,
}

struct World {
    hall: Hall,
    people: Vec<Person>,
    at: Vec<Option<ConnectionId>>,
    last: Vec<Option<ConnectionId>>,
    gates: Gates,
    quiet: Quiet,
    owners: Owners,
    ends: Ends,
    /// The durable commands that were asked.
    durable: BTreeSet<(ParticipantId, u64)>,
    /// When a chair was last seen connected.
    chair_last_here: Mono,
    /// To whom the chair was handed last, and as what they sat before.
    given: Option<(ParticipantId, SessionRole)>,
}

impl World {
    fn new() -> Self {
        let mut hall = Hall::open();
        let roles = [
            SessionRole::Chair,
            SessionRole::Secretary,
            SessionRole::Point,
            SessionRole::Presenter,
            SessionRole::Viewer,
        ];
        let mut joined: Vec<_> = roles
            .into_iter()
            .map(|role| hall.join(&format!("{role:?}"), role))
            .collect();
        joined.push(hall.join_as_stand_in("Stand-in"));
        let mut world = Self {
            people: joined.iter().map(|(p, _)| *p).collect(),
            at: joined.iter().map(|(_, c)| Some(*c)).collect(),
            last: joined.iter().map(|(_, c)| Some(*c)).collect(),
            gates: Gates::default(),
            quiet: Quiet::default(),
            owners: Owners::default(),
            ends: Ends::default(),
            durable: BTreeSet::new(),
            chair_last_here: hall.now.mono,
            given: None,
            hall,
        };
        for (p, (_, connection)) in joined.iter().enumerate() {
            world.offer(p, *connection);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        if chair_is_connected(&self.hall.room.snapshot()) {
            // Until this step, which may take its time first.
            self.chair_last_here = match *step {
                Step::Pass(seconds) => Mono(self.hall.now.mono.0 + seconds * SECOND),
                _ => self.hall.now.mono,
            };
        }
        let floor = self.hall.room.snapshot().floor;
        match *step {
            Step::Connect(p) => self.connected(p, false),
            Step::Resume(p) => self.connected(p, true),
            Step::Lose(p) => {
                if let Some(connection) = self.at[p].take() {
                    self.hall.lose(connection);
                }
            }
            Step::Pass(seconds) => self.hall.pass(seconds * SECOND),
            Step::Clock(seconds) => {
                self.ends.clock_stepped = true;
                self.hall.step_clock(seconds * SECOND);
            }
            Step::Disk(true) => self.hall.save(),
            Step::Disk(false) => self.hall.disk_works = false,
            Step::Ask(p, command) => {
                let Some(connection) = self.at[p] else { return };
                let command = self.spell(command);
                if command.is_durable() {
                    let id = self.hall.next_command(self.people[p]);
                    self.durable.insert((self.people[p].id, id));
                }
                let before = self.replies(connection);
                let room = self.hall.room.snapshot();
                if self
                    .hall
                    .ask(self.people[p], connection, command.clone())
                    .is_ok()
                {
                    self.quiet
                        .follow(&room, &self.hall.room.snapshot(), &command);
                    match command {
                        Command::Microphone(MicrophoneCommand::SetMicrophone { on }) => {
                            self.owners.did(self.people[p].id, on);
                        }
                        Command::Chair(ChairCommand::GiveChair { participant })
                            if participant != self.people[p].id =>
                        {
                            let was = room.participants.iter().find(|p| p.id == participant);
                            self.given = was.map(|was| (participant, was.role));
                        }
                        Command::Chair(ChairCommand::TakeChair) => {
                            self.gives_back(&room, self.people[p].id);
                        }
                        _ => {}
                    }
                }
                let waits = command.is_durable() && !self.hall.disk_works;
                let answered = self.replies(connection) - before;
                assert!(
                    answered == 1 || (waits && answered == 0),
                    "one reply to one command"
                );
            }
        }
        let kept = self.hall.room.state().kept();
        if !matches!(step, Step::Ask(..)) && kept.room.floor != floor {
            // A turn ended without a command, and the next one's may have begun.
            self.quiet.muted = kept.muted_by_turn;
        }
        self.given
            .take_if(|(whom, _)| self.hall.room.state().person(*whom).is_none());
        for p in 0..PEOPLE {
            if self.at[p].is_some_and(|c| self.hall.bye(c).is_some()) {
                self.at[p] = None;
            }
        }
    }

    /// Whom the schedule names has taken the chair back: who held it sits as before.
    fn gives_back(&mut self, before: &RoomState, by: ParticipantId) {
        let holder = before
            .participants
            .iter()
            .find(|p| p.role == SessionRole::Chair);
        let was = self.given.take().map(|(_, was)| was);
        let room = self.hall.room.state();
        assert_eq!(room.person(by).map(|p| p.role), Some(SessionRole::Chair));
        if let Some(holder) = holder {
            let role = room.person(holder.id).map(|p| p.role);
            assert_eq!(role, was.or(Some(SessionRole::Secretary)));
        }
    }

    fn connected(&mut self, p: usize, resume: bool) {
        let claim = resume
            .then(|| self.last[p].map(|c| self.hall.claim(c)))
            .flatten();
        let connection = self.hall.connect(self.people[p], claim);
        let welcomed = self.hall.frames[&connection]
            .iter()
            .any(|f| matches!(f, ServerFrame::Welcome(_)));
        if welcomed {
            self.at[p] = Some(connection);
            self.last[p] = Some(connection);
            if !self.hall.welcome(connection).resumed {
                self.owners.did(self.people[p].id, false);
            }
            if !self.hall.welcome(connection).resumed {
                self.offer(p, connection);
            }
        }
    }

    fn offer(&mut self, p: usize, connection: ConnectionId) {
        let offer = Command::Media(MediaCommand::Offer {
            sdp: "v=0".to_owned(),
            ice_restart: false,
        });
        let _ = self.hall.ask(self.people[p], connection, offer);
    }

    fn replies(&self, connection: ConnectionId) -> usize {
        self.hall.frames[&connection]
            .iter()
            .filter(|f| matches!(f, ServerFrame::Reply { .. }))
            .count()
    }

    fn spell(&self, command: Command2) -> Command {
        let who = |p: usize| self.people[p].id;
        match command {
            Command2::Microphone(on) => {
                Command::Microphone(MicrophoneCommand::SetMicrophone { on })
            }
            Command2::Camera(on) => Command::Picture(PictureCommand::SetCamera { on }),
            Command2::Screen(on) => Command::Picture(PictureCommand::SetScreen { on }),
            Command2::Raise => Command::Hand(HandCommand::RaiseHand),
            Command2::Lower(p) => Command::Hand(HandCommand::LowerHand {
                participant: Some(who(p)),
            }),
            Command2::Chat => Command::Chat(ChatCommand::SendChat {
                text: "…".to_owned(),
            }),
            Command2::Mute(p) => Command::Microphone(MicrophoneCommand::Mute {
                participant: who(p),
            }),
            Command2::Lock(p, locked) => Command::Microphone(MicrophoneCommand::SetLock {
                participant: who(p),
                locked,
            }),
            Command2::LockAll(locked) => {
                Command::Microphone(MicrophoneCommand::SetLockAll { locked })
            }
            Command2::Grant(p, interrupt) => Command::Floor(FloorCommand::GrantFloor {
                participant: who(p),
                interrupt,
            }),
            Command2::CancelNext => Command::Floor(FloorCommand::CancelNext),
            Command2::Release => Command::Floor(FloorCommand::ReleaseFloor),
            Command2::Topic(given) => Command::Hand(HandCommand::SetTopic {
                topic: if given { "Thiếu giáo viên" } else { "" }.to_owned(),
            }),
            Command2::Length(seconds) => Command::Floor(FloorCommand::SetTurnLength { seconds }),
            Command2::Extend => Command::Floor(FloorCommand::ExtendTurn),
            Command2::UnheardFirst(unheard_first) => {
                Command::Floor(FloorCommand::SetQueueOrder { unheard_first })
            }
            Command2::Broadcast(p) => Command::Picture(PictureCommand::Broadcast {
                participant: p.map(who),
            }),
            Command2::KeepScreen(p) => Command::Picture(PictureCommand::LockScreen {
                participant: p.map(who),
            }),
            Command2::Preset(preset) => Command::Session(SessionCommand::SetPreset { preset }),
            Command2::GiveChair(p) => Command::Chair(ChairCommand::GiveChair {
                participant: who(p),
            }),
            Command2::TakeChair => Command::Chair(ChairCommand::TakeChair),
            Command2::Remove(p) => Command::Roster(RosterCommand::Remove {
                participant: who(p),
            }),
            Command2::Readmit(p) => Command::Roster(RosterCommand::Readmit {
                participant: who(p),
            }),
            Command2::Leave => Command::Roster(RosterCommand::Leave),
        }
    }

    fn check(&mut self) {
        self.journal_is_gapless();
        self.one_floor_and_one_screen();
        self.one_chair();
        self.powers_pass_to_the_secretary_after_10_s();
        self.pages_know_what_their_owners_may_do();
        self.gates_agree_with_the_microphones();
        self.no_microphone_is_open_unknown_to_its_owner();
        self.nothing_that_was_answered_is_undone_by_a_kill();
        self.the_floor_remembers_whom_it_muted();
        self.turns_end_when_they_say();
        self.those_who_wait_stand_in_order();
        self.clients_missed_nothing();
        self.replay_gives_the_same_state();
    }

    fn pages_know_what_their_owners_may_do(&self) {
        let room = self.hall.room.snapshot();
        for (person, connection) in self.people.iter().zip(&self.at) {
            let here = room.participants.iter().find(|p| p.id == person.id);
            let (&Some(connection), Some(here)) = (connection, here) else {
                continue;
            };
            let presides = matches!(here.role, SessionRole::Chair | SessionRole::Secretary);
            let ends = here.role == SessionRole::Chair || (presides && room.chair_away);
            let publishes = here.role != SessionRole::Viewer || room.floor == Some(here.id);
            let holds_floor = room.floor == Some(here.id);
            let shares = match room.screen_locked_to {
                Some(whom) => whom == here.id,
                None => holds_floor || room.session.preset.lets_share(here.role),
            };
            let chairs = here.role == SessionRole::Chair;
            let acts = [
                (RoomAct::PublishMedia, publishes),
                (RoomAct::ShareScreen, publishes && shares),
                (RoomAct::Preside, presides),
                (RoomAct::GiveChair, chairs),
                (RoomAct::TakeChair, person.scheduled && !chairs),
                (RoomAct::EndSession, ends),
            ];
            let acts = acts.iter().filter(|(_, may)| *may).map(|(act, _)| act);
            assert!(
                self.hall.may(connection).iter().eq(acts),
                "{here:?} was told {:?}",
                self.hall.may(connection)
            );
        }
    }

    /// Read from the journal and the clock that no correction moves: a turn is over at its end and not before, and those
    /// who preside are cut by no time.
    fn turns_end_when_they_say(&mut self) {
        for entry in self.hall.journal.iter().skip(self.ends.seen) {
            match entry.event() {
                Event::Floor(FloorEvent::FloorGranted {
                    participant,
                    ends_at_us,
                    ..
                }) => {
                    let role = self.hall.room.state().person(*participant).map(|p| p.role);
                    assert!(
                        ends_at_us.is_none() || self.ends.at.is_some() || !presides(role),
                        "whoever presides ends their own turn"
                    );
                    self.ends.at = *ends_at_us;
                }
                Event::Floor(FloorEvent::TurnEndMoved { ends_at_us }) => {
                    assert_eq!(
                        self.ends.at.map(|at| at.plus(TURN_EXTENDED_BY)),
                        Some(*ends_at_us)
                    );
                    self.ends.at = Some(*ends_at_us);
                }
                Event::Floor(FloorEvent::FloorReleased { expired, .. }) => {
                    if *expired {
                        let left = self.ends.at.unwrap().since(entry.frame.at_us);
                        assert!(
                            self.ends.clock_stepped || left.is_zero(),
                            "{left:?} were left"
                        );
                    }
                    self.ends.at = None;
                }
                _ => {}
            }
        }
        self.ends.seen = self.hall.journal.len();
        let room = self.hall.room.snapshot();
        assert_eq!(room.turn.and_then(|turn| turn.ends_at_us), self.ends.at);
        if let Some(at) = self.ends.at.filter(|_| !self.ends.clock_stepped) {
            assert!(at > self.hall.now.utc, "it is over");
        }
    }

    /// Whoever waits longer stands first, behind those who have not spoken if the chair says so.
    fn those_who_wait_stand_in_order(&self) {
        let (mut waiting, mut heard) = (Vec::new(), BTreeSet::new());
        let (mut turn, mut unheard_first) = (None, false);
        for entry in &self.hall.journal {
            match entry.event() {
                Event::Hand(HandEvent::HandRaised { participant }) => waiting.push(*participant),
                Event::Hand(HandEvent::HandLowered { participant })
                | Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                    waiting.retain(|id| id != participant);
                }
                Event::Floor(FloorEvent::FloorGranted { opens_at_us, .. }) => {
                    turn = Some(opens_at_us.is_none());
                }
                Event::Microphone(MicrophoneEvent::MicrophoneChanged { participant, .. })
                    if self.holder_at(entry) == Some(*participant) =>
                {
                    turn = Some(true);
                }
                Event::Floor(FloorEvent::FloorReleased { participant, .. }) => {
                    let has_begun = turn.take() == Some(true);
                    heard.extend(has_begun.then_some(*participant));
                }
                Event::Floor(FloorEvent::QueueOrderChanged { unheard_first: on }) => {
                    unheard_first = *on;
                }
                _ => {}
            }
        }
        let (later, first): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|id| unheard_first && heard.contains(id));
        assert_eq!(self.hall.queue(), [first, later].concat());
    }

    /// Who had the floor when an event happened.
    fn holder_at(&self, at: &JournalEntry) -> Option<ParticipantId> {
        let before = self.hall.journal.iter().take(at.frame.seq as usize - 1);
        before.rev().find_map(|entry| match entry.event() {
            Event::Floor(FloorEvent::FloorGranted { participant, .. }) => Some(Some(*participant)),
            Event::Floor(FloorEvent::FloorReleased { .. }) => Some(None),
            _ => None,
        })?
    }

    fn journal_is_gapless(&self) {
        let seqs: Vec<u64> = self.hall.journal.iter().map(|e| e.frame.seq).collect();
        let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
        assert_eq!(seqs, expected);
    }

    /// Replayed from the journal alone: grants and releases alternate, and so do shares.
    fn one_floor_and_one_screen(&self) {
        let mut holder = None;
        let mut present: Vec<ParticipantId> = Vec::new();
        for entry in &self.hall.journal {
            match entry.event() {
                Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                    present.push(participant.id)
                }
                Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                    assert_ne!(holder, Some(*participant), "the floor was released first");
                    present.retain(|p| p != participant);
                }
                Event::Floor(FloorEvent::FloorGranted { participant, .. }) => {
                    assert!(
                        holder.is_none_or(|earlier| earlier == *participant),
                        "never two holders"
                    );
                    assert!(present.contains(participant));
                    holder = Some(*participant);
                }
                Event::Floor(FloorEvent::FloorReleased { participant, .. }) => {
                    assert_eq!(holder, Some(*participant));
                    holder = None;
                }
                _ => {}
            }
        }
        let room = self.hall.room.snapshot();
        assert_eq!(room.floor, holder);
        assert!(
            room.next.is_none() || (room.floor.is_some() && room.next != room.floor),
            "somebody is next after somebody else"
        );
        assert_eq!(room.turn.is_some(), room.floor.is_some());
        for mark in [
            room.floor,
            room.next,
            room.broadcast,
            room.screen,
            room.screen_locked_to,
        ] {
            assert!(mark.is_none_or(|id| self.hall.room.state().person(id).is_some()));
        }
        if let Some(sharer) = room.participants.iter().find(|p| room.screen == Some(p.id)) {
            let presides_or_speaks =
                room.session.preset.lets_share(sharer.role) || room.floor == room.screen;
            let is_kept_for = room.screen_locked_to.map(|whom| whom == sharer.id);
            assert!(
                is_kept_for.unwrap_or(presides_or_speaks),
                "{sharer:?} shares although others are to"
            );
        }
    }

    /// Never two holders at any event; and whoever of those with a right to the chair is here, one of them holds it, the
    /// one of the schedule before any other.
    fn one_chair(&self) {
        let mut state = State::new(setup().session, setup().seats, None);
        for entry in &self.hall.journal {
            state.apply(entry);
            let holders = state
                .people()
                .iter()
                .filter(|p| p.role == SessionRole::Chair);
            assert!(holders.count() <= 1, "never two chairs");
        }
        let here = |person: &Person| {
            self.hall
                .participant(*person)
                .is_some_and(|p| p.connection == ConnectionState::Connected)
        };
        let holds = |person: &Person| {
            self.hall
                .participant(*person)
                .is_some_and(|p| p.role == SessionRole::Chair)
        };
        if let Some((whom, _)) = self.given {
            let holder = self.hall.room.state().person(whom);
            assert_eq!(
                holder.map(|p| p.role),
                Some(SessionRole::Chair),
                "handed on"
            );
            return;
        }
        let entitled = || self.people.iter().filter(|p| p.role == SessionRole::Chair);
        if entitled().any(here) {
            assert!(entitled().any(holds), "somebody could hold the chair");
        }
        for person in entitled().filter(|p| p.scheduled && here(p)) {
            assert!(holds(person), "the schedule's chair is here");
        }
        for person in self.people.iter().filter(|p| p.role != SessionRole::Chair) {
            assert!(!holds(person));
        }
    }

    /// Read from the journal: when a chair was last connected, and whether anybody is there to be told.
    fn powers_pass_to_the_secretary_after_10_s(&self) {
        let room = self.hall.room.snapshot();
        let connected =
            |p: &&protocol::client::Participant| p.connection == ConnectionState::Connected;
        let chair_here = room
            .participants
            .iter()
            .filter(connected)
            .any(|p| p.role == SessionRole::Chair);
        if chair_here {
            assert!(!room.chair_away, "the chair is here");
            return;
        }
        let anybody = room.participants.iter().any(|p| connected(&p));
        let last_here = self.chair_last_here;
        let due = self.hall.now.mono.since(last_here) >= signaling_core::CHAIR_AWAY_AFTER;
        if anybody {
            assert_eq!(room.chair_away, due, "away since {last_here:?}");
        } else if !due {
            assert!(!room.chair_away);
        }
    }

    /// Nobody who is locked or muted is forwarded, and everybody who is open and has a peer is.
    fn gates_agree_with_the_microphones(&mut self) {
        self.gates.follow(&self.hall.media);
        for p in &self.hall.room.snapshot().participants {
            if let Some(open) = self.gates.open.get(&p.id) {
                assert_eq!(
                    *open,
                    p.microphone.is_open(),
                    "{:?} of {}",
                    p.microphone,
                    p.name
                );
                assert!(!(p.microphone.locked && *open) || p.microphone.granted);
            }
        }
        for peer in self.gates.open.keys() {
            assert!(
                self.hall.room.state().person(*peer).is_some(),
                "whoever left has no peer"
            );
        }
    }

    /// An open microphone is one that its owner opened last, or an announced turn runs.
    fn no_microphone_is_open_unknown_to_its_owner(&mut self) {
        self.owners.follow(&self.hall.journal);
        let room = self.hall.room.snapshot();
        for p in room.participants.iter().filter(|p| p.microphone.is_open()) {
            let turn_runs = room.floor == Some(p.id) && self.owners.announced.contains(&p.id);
            assert!(
                self.owners.opened.contains(&p.id) || turn_runs,
                "{:?} of {}",
                p.microphone,
                p.name
            );
        }
    }

    /// What a durable command did is on disk by the time that it is answered.
    fn nothing_that_was_answered_is_undone_by_a_kill(&self) {
        for entry in self.hall.unsaved() {
            let (Some(actor), Some(id)) = (entry.cause.actor, entry.cause.command) else {
                continue;
            };
            if self.durable.contains(&(actor, id)) {
                let done = ServerFrame::Reply { id, refusal: None };
                assert!(
                    !self.hall.was_sent(actor, &done),
                    "{entry:?} was answered before it was saved"
                );
            }
        }
    }

    fn the_floor_remembers_whom_it_muted(&mut self) {
        let state = self.hall.room.state();
        let kept = state.kept();
        if kept.room.floor.is_none() {
            // The holder may be gone without a command.
            self.quiet.muted.clear();
        }
        self.quiet.muted.retain(|id| state.person(*id).is_some());
        assert_eq!(kept.muted_by_turn, self.quiet.muted);
    }

    /// Each connection was sent every event from its welcome on, once and in order.
    fn clients_missed_nothing(&self) {
        for connection in self.at.iter().flatten() {
            let welcome = self.hall.welcome(*connection);
            let seqs: Vec<u64> = self
                .hall
                .events(*connection)
                .iter()
                .map(|e| e.seq)
                .collect();
            let expected: Vec<u64> = (welcome.seq + 1..=self.hall.room.state().seq()).collect();
            assert_eq!(seqs, expected);
        }
    }

    fn replay_gives_the_same_state(&self) {
        let mut state = State::new(setup().session, setup().seats, None);
        for entry in &self.hall.journal {
            state.apply(entry);
        }
        let kept = state.kept();
        assert_eq!(kept, self.hall.room.state().kept());
        let restarted = Room::replay(setup(), self.hall.journal.clone(), [], None, self.hall.now);
        let mut expected = kept.room;
        for p in &mut expected.participants {
            p.connection = ConnectionState::Reconnecting;
        }
        if let Some(opens_at) = expected.turn.as_mut().and_then(|t| t.opens_at_us.as_mut()) {
            // Announced again.
            *opens_at = self.hall.now.utc.plus(TURN_OPENS_AFTER);
        }
        let ends_at = expected.turn.as_ref().and_then(|turn| turn.ends_at_us);
        if ends_at.is_some_and(|at| at <= self.hall.now.utc) {
            // By a clock that was set it is over: a restarted server has no other.
            assert_ne!(restarted.snapshot().turn, expected.turn);
            return;
        }
        assert_eq!(restarted.snapshot(), expected);
    }
}

/// A room that was played, written down, read back and rebuilt is the room that was played.
fn is_rebuilt_from_what_was_written(hall: &Hall) {
    let mut reader = Reader::default();
    let mut state = State::new(setup().session, setup().seats, None);
    for entry in &hall.journal {
        let read = reader.read(&entry.written().unwrap()).unwrap();
        assert_eq!(&read, entry);
        state.apply(&read);
    }
    assert_eq!(state.kept(), hall.room.state().kept());
}

fn presides(role: Option<SessionRole>) -> bool {
    matches!(role, Some(SessionRole::Chair | SessionRole::Secretary))
}

fn chair_is_connected(room: &RoomState) -> bool {
    room.participants
        .iter()
        .any(|p| p.role == SessionRole::Chair && p.connection == ConnectionState::Connected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn room_keeps_its_invariants(steps in proptest::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
        is_rebuilt_from_what_was_written(&world.hall);
    }
}
