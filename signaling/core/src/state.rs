//! The journalled state of a room: a function of its events.

use std::collections::{BTreeMap, BTreeSet};

use protocol::client::{
    ConnectionState, Event, LeaveReason, Participant, RecordingState, RoomState, Seat,
    SessionSummary,
};
use protocol::{BridgePointId, ParticipantId};

use crate::JournalEntry;

/// How many chat lines a snapshot holds; older ones are in the journal.
const CHAT_KEPT: usize = 200;

/// Everything about a room that survives a restart. Changed by [`State::apply`] alone.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What the clients see.
    pub room: RoomState,
    /// Who was removed and may not come back.
    pub removed: BTreeSet<ParticipantId>,
    /// The highest journalled command of each participant.
    pub commands: BTreeMap<ParticipantId, u64>,
    /// Whose microphones are muted because somebody else was given the floor: they are given back with it. Whoever
    /// opens the own one, or is muted or locked by the chair meanwhile, is no longer among them.
    pub muted_by_grant: BTreeSet<ParticipantId>,
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
                broadcast: None,
                screen: None,
                all_locked: false,
                chair_away: false,
                recording: RecordingState::Off,
                chat: Vec::new(),
                viewers: 0,
            },
            removed: BTreeSet::new(),
            commands: BTreeMap::new(),
            muted_by_grant: BTreeSet::new(),
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
            Event::RoomOpened => {
                room.session.opened_at_us.get_or_insert(entry.frame.at_us);
            }
            Event::ParticipantJoined { participant } => {
                match room
                    .participants
                    .iter_mut()
                    .find(|p| p.id == participant.id)
                {
                    Some(known) => *known = participant.clone(),
                    None => room.participants.push(participant.clone()),
                }
            }
            Event::ConnectionChanged {
                participant,
                connection,
            } => self.change(*participant, |p| p.connection = *connection),
            Event::ParticipantLeft {
                participant,
                reason,
            } => {
                self.forget(*participant);
                if *reason == LeaveReason::Removed {
                    self.removed.insert(*participant);
                }
            }
            Event::RoleChanged { participant, role } => {
                self.change(*participant, |p| p.role = *role);
            }
            Event::MicrophoneChanged {
                participant,
                microphone,
                by,
            } => {
                let was_muted = self
                    .participant(*participant)
                    .is_some_and(|p| p.microphone.muted);
                let by_grant = self.granted_by == (entry.actor, entry.command);
                if microphone.muted && !was_muted && by_grant {
                    self.muted_by_grant.insert(*participant);
                } else if !microphone.muted || by != participant {
                    self.muted_by_grant.remove(participant);
                }
                self.change(*participant, |p| p.microphone = *microphone);
            }
            Event::AllLocked { locked, by: _ } => room.all_locked = *locked,
            Event::ChairAwayChanged { away } => room.chair_away = *away,
            Event::CameraChanged { participant, on } => {
                self.change(*participant, |p| p.camera_on = *on);
            }
            Event::ScreenChanged { participant } => room.screen = *participant,
            Event::HandRaised { participant } => room.hands.push(*participant),
            Event::HandLowered { participant } => room.hands.retain(|p| p != participant),
            Event::ChatSent { message } => {
                if room.chat.len() == CHAT_KEPT {
                    room.chat.remove(0);
                }
                room.chat.push(message.clone());
            }
            Event::FloorGranted { participant, by: _ } => {
                room.floor = Some(*participant);
                self.granted_by = (entry.actor, entry.command);
            }
            Event::FloorReleased { participant: _ } => room.floor = None,
            Event::BroadcastChanged { participant } => room.broadcast = *participant,
            Event::RecordingChanged { state } => room.recording = *state,
            Event::ViewersChanged { viewers } => room.viewers = *viewers,
            Event::SessionEnded { by: _ } => self.ended = true,
        }
    }

    /// Somebody who is here or whose seat is held.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.room.participants.iter().find(|p| p.id == id)
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
        for mark in [&mut room.floor, &mut room.broadcast, &mut room.screen] {
            if *mark == Some(id) {
                *mark = None;
            }
        }
    }
}
