//! The link from signaling: gives each command to the shard that it concerns, and decides where peers live.
//!
//! A room's home is the shard with the fewest peers when the room is first named. Its peers live there, until that
//! shard has as many as it should have; from then on they go to the shard with the fewest, and the room has a branch
//! there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::relay::StreamId;
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu_core::ShardId;
use tokio::sync::mpsc::{Receiver, Sender};

/// What a shard is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// By signaling.
    Command(SfuCommand),
    /// That a room of which it gets peers has its home elsewhere.
    Adopt { room: RoomId, home: ShardId },
    /// By the recorder, that a stream of this shard needs a keyframe.
    KeyframeWanted(StreamId),
}

/// One shard as the control link sees it.
#[derive(Debug)]
pub(crate) struct ShardHandle {
    pub(crate) orders: Sender<Order>,
    /// How many peers it has.
    pub(crate) load: Arc<AtomicUsize>,
    /// How many offers were given to it that it has not answered; it counts down after it has counted the peer.
    pub(crate) joining: Arc<AtomicUsize>,
}

impl ShardHandle {
    /// How many peers it has, or will have when it has done what it was told.
    fn load(&self) -> usize {
        // In this order, so that no peer is missed: one may count twice for a moment.
        let joining = self.joining.load(Ordering::Acquire);
        self.load.load(Ordering::Acquire) + joining
    }
}

/// Where a room is.
#[derive(Debug)]
struct Place {
    home: usize,
    branches: Vec<usize>,
    /// Peers that are not at the home.
    away: HashMap<ParticipantId, usize>,
}

impl Place {
    fn of(&self, participant: ParticipantId) -> usize {
        self.away.get(&participant).copied().unwrap_or(self.home)
    }

    fn shards(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(self.home).chain(self.branches.iter().copied())
    }
}

/// Every shard is gone, or signaling is.
struct HungUp;

/// How many peers there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// On the node.
    pub(crate) peers: usize,
    /// Of them, for those who take part.
    pub(crate) reserved: usize,
    /// On a shard, before others are preferred.
    pub(crate) peers_per_shard: usize,
}

/// The control link's end at the node.
#[derive(Debug)]
pub(crate) struct Control {
    shards: Vec<ShardHandle>,
    limits: Limits,
    places: HashMap<RoomId, Place>,
}

impl Control {
    pub(crate) fn new(shards: Vec<ShardHandle>, limits: Limits) -> Self {
        Self {
            shards,
            limits,
            places: HashMap::new(),
        }
    }

    /// Distributes commands on the calling thread until signaling hangs up or every shard is gone.
    pub(crate) fn distribute(
        mut self,
        mut commands: Receiver<SfuCommand>,
        events: &Sender<SfuEvent>,
    ) {
        while let Some(command) = commands.blocking_recv() {
            let done = match self.answer(&command) {
                Some(event) => events.blocking_send(event).map_err(|_| HungUp),
                None => self.pass(command),
            };
            if done.is_err() {
                return;
            }
        }
    }

    /// The answer to what no shard need be asked.
    fn answer(&self, command: &SfuCommand) -> Option<SfuEvent> {
        match command {
            SfuCommand::Join {
                request,
                may_publish,
                ..
            } => self.refusal(*may_publish).map(|reason| SfuEvent::Refused {
                request: *request,
                reason,
            }),
            SfuCommand::Explain { request, room, .. } if !self.places.contains_key(room) => {
                Some(SfuEvent::Explained {
                    request: *request,
                    explanation: None,
                })
            }
            _ => None,
        }
    }

    /// Why no further peer is taken, if that is so.
    fn refusal(&self, takes_part: bool) -> Option<OfferRefusal> {
        let Limits {
            peers, reserved, ..
        } = self.limits;
        if self.peers() >= peers {
            return Some(OfferRefusal::NodeFull);
        }
        // A crowd comes faster than it is counted.
        let expected: usize = self.shards.iter().map(ShardHandle::load).sum();
        // A small node does not keep more places than it gives away.
        (!takes_part && expected >= peers - reserved.min(peers / 2))
            .then_some(OfferRefusal::NodeReserved)
    }

    /// Gives a command to the shards that it concerns.
    fn pass(&mut self, command: SfuCommand) -> Result<(), HungUp> {
        let room = room_of(&command);
        if matches!(command, SfuCommand::CloseRoom { .. }) {
            let place = self.places.remove(&room);
            for shard in place.iter().flat_map(Place::shards) {
                self.send(shard, Order::Command(command.clone()))?;
            }
            return Ok(());
        }
        let mut place = self.places.remove(&room).unwrap_or_else(|| Place {
            home: self.least_loaded(),
            branches: Vec::new(),
            away: HashMap::new(),
        });
        let shard = match &command {
            SfuCommand::Join { participant, .. } => self.settle(room, *participant, &mut place)?,
            SfuCommand::Leave { participant, .. } => {
                place.away.remove(participant).unwrap_or(place.home)
            }
            other => participant_of(other).map_or(place.home, |participant| place.of(participant)),
        };
        self.places.insert(room, place);
        if matches!(command, SfuCommand::Join { .. }) {
            self.shards[shard].joining.fetch_add(1, Ordering::AcqRel);
        }
        self.send(shard, Order::Command(command))
    }

    /// Chooses a shard for a peer and prepares it; takes the participant's peer on another shard away.
    fn settle(
        &self,
        room: RoomId,
        participant: ParticipantId,
        place: &mut Place,
    ) -> Result<usize, HungUp> {
        let home = place.home;
        let shard = if self.shards[home].load() < self.limits.peers_per_shard {
            home
        } else {
            let load = |shard: &usize| (self.shards[*shard].load(), *shard != home);
            (0..self.shards.len()).min_by_key(load).unwrap_or(home)
        };
        let before = place.of(participant);
        if before != shard {
            let leave = SfuCommand::Leave { room, participant };
            self.send(before, Order::Command(leave))?;
        }
        if shard == home {
            place.away.remove(&participant);
            return Ok(home);
        }
        place.away.insert(participant, shard);
        if !place.branches.contains(&shard) {
            place.branches.push(shard);
            let home = ShardId(home);
            self.send(shard, Order::Adopt { room, home })?;
        }
        Ok(shard)
    }

    fn send(&self, shard: usize, order: Order) -> Result<(), HungUp> {
        let shard = &self.shards[shard].orders;
        shard.blocking_send(order).map_err(|_| HungUp)
    }

    fn peers(&self) -> usize {
        let load = |shard: &ShardHandle| shard.load.load(Ordering::Relaxed);
        self.shards.iter().map(load).sum()
    }

    /// The shard with the fewest peers; among equals the one with the fewest rooms.
    fn least_loaded(&self) -> usize {
        let weight = |index: &usize| {
            let homes = self.places.values().map(|place| place.home);
            let rooms = homes.filter(|home| home == index).count();
            (self.shards[*index].load(), rooms)
        };
        let shards = 0..self.shards.len();
        shards.min_by_key(weight).unwrap_or_default()
    }
}

const fn room_of(command: &SfuCommand) -> RoomId {
    match command {
        SfuCommand::Join { room, .. }
        | SfuCommand::IceRestart { room, .. }
        | SfuCommand::Leave { room, .. }
        | SfuCommand::CloseRoom { room }
        | SfuCommand::SetGate { room, .. }
        | SfuCommand::SetPublishing { room, .. }
        | SfuCommand::SetPolicy { room, .. }
        | SfuCommand::SetReceive { room, .. }
        | SfuCommand::SetView { room, .. }
        | SfuCommand::Explain { room, .. }
        | SfuCommand::StartRelay { room, .. }
        | SfuCommand::StopRelay { room, .. } => *room,
    }
}

/// Whose peer a command is for; none when it is for the room.
const fn participant_of(command: &SfuCommand) -> Option<ParticipantId> {
    match command {
        SfuCommand::Join { participant, .. }
        | SfuCommand::IceRestart { participant, .. }
        | SfuCommand::Leave { participant, .. }
        | SfuCommand::SetGate { participant, .. }
        | SfuCommand::SetPublishing { participant, .. }
        | SfuCommand::SetReceive { participant, .. }
        | SfuCommand::SetView { participant, .. }
        | SfuCommand::Explain { participant, .. } => Some(*participant),
        SfuCommand::CloseRoom { .. }
        | SfuCommand::SetPolicy { .. }
        | SfuCommand::StartRelay { .. }
        | SfuCommand::StopRelay { .. } => None,
    }
}
