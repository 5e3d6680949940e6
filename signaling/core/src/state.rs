//! The journalled state of a room: a function of its events.

use std::collections::{BTreeMap, BTreeSet};

use protocol::client::{
    CHAT_LINES, ChairEvent, ChatEvent, ChatMessage, ConnectionState, Event, FloorEvent, HandEvent,
    LeaveReason, MicrophoneEvent, Participant, PictureEvent, RecordingEvent, RecordingState,
    Removed, RoomState, RosterEvent, Seat, SessionEvent, SessionKind, SessionSummary, Turn,
    ViewersEvent,
};
use protocol::{BridgePointId, ParticipantId};

use crate::JournalEntry;

/// The most text that the chat lines of a snapshot hold, in bytes, so that a flood of long lines does not weigh down
/// everybody who comes. Older lines are in the journal.
const CHAT_BYTES: usize = 32 * 1024;

/// Everything about a room that survives a restart. Changed by [`State::apply`] alone.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What the clients see.
    pub room: RoomState,
    /// The highest journalled command of each participant.
    pub commands: BTreeMap<ParticipantId, u64>,
    /// Whose microphones are muted because somebody else was given the floor: they are given back with it. Whoever
    /// opens the own one, or is muted or locked by name meanwhile, is no longer among them.
    pub muted_by_grant: BTreeSet<ParticipantId>,
    /// Who named the next one at the floor.
    pub next_by: Option<ParticipantId>,
    /// Whose command gave the floor last, and its number: the mutings of that command are the grant's.
    pub granted_by: (Option<ParticipantId>, Option<u64>),
    /// The number of the last event.
    pub seq: u64,
    /// Whether the session is over.
    pub ended: bool,
}

impl State {
    /// A room in which nothing has happened. `seats` are in seat order.
    #[must_use]
    pub fn new(session: SessionSummary, seats: Vec<Seat>) -> Self {
        Self {
            room: RoomState {
                session: SessionSummary {
                    opened_at_us: None,
                    ..session
                },
                seats,
                participants: Vec::new(),
                hands: Vec::new(),
                floor: None,
                turn: None,
                next: None,
                broadcast: None,
                screen: None,
                // A conference (hội nghị): the chair gives the floor to one point after the other.
                all_locked: session.kind == SessionKind::Conference,
                chair_away: false,
                recording: RecordingState::Off,
                chat: Vec::new(),
                older_chat: false,
                removed: Vec::new(),
                viewers: 0,
            },
            commands: BTreeMap::new(),
            muted_by_grant: BTreeSet::new(),
            next_by: None,
            granted_by: (None, None),
            seq: 0,
            ended: false,
        }
    }

    /// Takes the next entry of the journal into the state. Total: an entry about somebody unknown changes nothing else.
    pub fn apply(&mut self, entry: &JournalEntry) {
        self.seq = entry.frame.seq;
        if let (Some(actor), Some(command)) = (entry.actor, entry.command) {
            let last = self.commands.entry(actor).or_default();
            *last = command.max(*last);
        }
        let room = &mut self.room;
        match entry.event() {
            Event::Session(SessionEvent::RoomOpened) => {
                room.session.opened_at_us.get_or_insert(entry.frame.at_us);
            }
            Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                match room
                    .participants
                    .iter_mut()
                    .find(|p| p.id == participant.id)
                {
                    Some(known) => *known = participant.clone(),
                    None => room.participants.push(participant.clone()),
                }
            }
            Event::Roster(RosterEvent::ConnectionChanged {
                participant,
                connection,
            }) => self.change(*participant, |p| p.connection = *connection),
            Event::Roster(RosterEvent::ParticipantLeft {
                participant,
                reason,
            }) => {
                if *reason == LeaveReason::Removed
                    && let Some(p) = self.participant(*participant)
                {
                    let removed = Removed {
                        participant: p.id,
                        name: p.name.clone(),
                        bridge_point: p.bridge_point,
                    };
                    self.room.removed.push(removed);
                }
                self.forget(*participant);
            }
            Event::Roster(RosterEvent::ParticipantReadmitted { participant }) => {
                room.removed.retain(|r| r.participant != *participant);
            }
            Event::Chair(ChairEvent::RoleChanged { participant, role }) => {
                self.change(*participant, |p| p.role = *role);
            }
            Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant,
                microphone,
                by,
            }) => {
                let was = self
                    .participant(*participant)
                    .map(|p| p.microphone)
                    .unwrap_or_default();
                let by_grant = self.granted_by == (entry.actor, entry.command);
                // Somebody who presides insists on it.
                let insisted = by != participant && *microphone == was;
                if microphone.muted && !was.muted && by_grant {
                    self.muted_by_grant.insert(*participant);
                } else if !microphone.muted || insisted {
                    self.muted_by_grant.remove(participant);
                }
                if self.room.floor == Some(*participant)
                    && let Some(turn) = &mut self.room.turn
                {
                    turn.opens_at_us = None;
                }
                self.change(*participant, |p| p.microphone = *microphone);
            }
            Event::Microphone(MicrophoneEvent::AllLocked { locked, by: _ }) => {
                room.all_locked = *locked
            }
            Event::Chair(ChairEvent::ChairAwayChanged { away }) => room.chair_away = *away,
            Event::Picture(PictureEvent::CameraChanged { participant, on }) => {
                self.change(*participant, |p| p.camera_on = *on);
            }
            Event::Picture(PictureEvent::ScreenChanged { participant }) => {
                room.screen = *participant
            }
            Event::Hand(HandEvent::HandRaised { participant }) => room.hands.push(*participant),
            Event::Hand(HandEvent::HandLowered { participant }) => {
                room.hands.retain(|p| p != participant)
            }
            Event::Chat(ChatEvent::ChatSent { message }) => {
                room.chat.push(message.clone());
                let kept = newest(&room.chat);
                if kept < room.chat.len() {
                    room.chat.drain(..room.chat.len() - kept);
                    room.older_chat = true;
                }
            }
            Event::Floor(FloorEvent::FloorGranted {
                participant,
                by: _,
                opens_at_us,
            }) => {
                let same = room.turn.filter(|_| room.floor == Some(*participant));
                room.floor = Some(*participant);
                room.turn = Some(Turn {
                    since_us: same.map_or(entry.frame.at_us, |turn| turn.since_us),
                    opens_at_us: *opens_at_us,
                });
                self.granted_by = (entry.actor, entry.command);
            }
            Event::Floor(FloorEvent::FloorReleased { .. }) => {
                (room.floor, room.turn) = (None, None)
            }
            Event::Floor(FloorEvent::NextChanged { participant }) => {
                room.next = *participant;
                self.next_by = participant.and(entry.actor);
            }
            Event::Picture(PictureEvent::BroadcastChanged { participant }) => {
                room.broadcast = *participant
            }
            Event::Recording(RecordingEvent::RecordingChanged { state }) => room.recording = *state,
            Event::Viewers(ViewersEvent::ViewersChanged { viewers }) => room.viewers = *viewers,
            Event::Session(SessionEvent::SessionEnded { by: _ }) => self.ended = true,
        }
    }

    /// Somebody who is here or whose seat is held.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.room.participants.iter().find(|p| p.id == id)
    }

    /// Whether somebody was removed and not readmitted.
    #[must_use]
    pub fn was_removed(&self, id: ParticipantId) -> bool {
        self.room.removed.iter().any(|r| r.participant == id)
    }

    /// Gives whoever sits on a point's seat the number that the point has now: it may have had another when they came.
    pub(crate) fn number_seats(&mut self) {
        let RoomState {
            seats,
            participants,
            ..
        } = &mut self.room;
        for seated in participants.iter_mut().filter(|p| p.seat.is_some()) {
            let own = seats
                .iter()
                .find(|s| Some(s.bridge_point) == seated.bridge_point);
            seated.seat = own.map(|own| own.number);
        }
    }

    /// The seat for somebody of this point: the point's own, unless another participant has it.
    pub(crate) fn free_seat(
        &self,
        point: Option<BridgePointId>,
        joiner: ParticipantId,
    ) -> Option<u32> {
        let point = point?;
        let seat = self.room.seats.iter().find(|s| s.bridge_point == point)?;
        let taken = self
            .room
            .participants
            .iter()
            .any(|p| p.id != joiner && p.seat == Some(seat.number));
        (!taken).then_some(seat.number)
    }

    /// Those who were connected when the journal ended.
    pub(crate) fn connected(&self) -> Vec<ParticipantId> {
        self.room
            .participants
            .iter()
            .filter(|p| p.connection == ConnectionState::Connected)
            .map(|p| p.id)
            .collect()
    }

    fn change(&mut self, id: ParticipantId, change: impl FnOnce(&mut Participant)) {
        if let Some(p) = self.room.participants.iter_mut().find(|p| p.id == id) {
            change(p);
        }
    }

    fn forget(&mut self, id: ParticipantId) {
        self.muted_by_grant.remove(&id);
        let room = &mut self.room;
        room.participants.retain(|p| p.id != id);
        room.hands.retain(|p| *p != id);
        if room.floor == Some(id) {
            room.turn = None;
        }
        let marks = [
            &mut room.floor,
            &mut room.next,
            &mut room.broadcast,
            &mut room.screen,
        ];
        for mark in marks {
            if *mark == Some(id) {
                *mark = None;
            }
        }
    }
}

/// How many of the newest lines a snapshot holds.
fn newest(chat: &[ChatMessage]) -> usize {
    let mut bytes = 0;
    chat.iter()
        .rev()
        .take(CHAT_LINES)
        .take_while(|line| {
            bytes += line.text.len();
            bytes <= CHAT_BYTES
        })
        .count()
}
