//! The media engine, without sockets, threads or clocks: it decides who receives which packet.
//!
//! One [`Sfu`] is one shard. Everything that happens is an [`Input`] with the time at which it happens; what follows
//! from it is taken out with [`Sfu::poll_output`] until it answers [`Output::Timeout`]. Several datagrams that came
//! together may be handed in before the outputs are taken, which makes longer runs to the same destination.
//!
//! ```text
//! datagram --address, ufrag--> Peer --packet--> Room --subscription--> Peer --datagram-->
//!                                                 `--relay--> recorder
//! ```
//!
//! Each module knows only those before it in this list; a test of the workspace (`tests/house.rs`) reads it and holds that:
//!
//! - `keys`, `config`: names of rooms, peers and tracks; how the shard is reached
//! - `rtp`: what a packet says of itself; `sdp`: what an offer says, and what each of its lines is for
//! - `demux`: whose datagram is this; `timers`: who wants to be told the time
//! - `allocation`: what a link carries and what a viewer wishes, into layers; why a picture is as it is
//! - `peer`: one participant's engine, and the runs of datagrams that it writes
//! - `publishing`: what a participant may send; `cascade`: what parts of a room tell each other; `outbox`: what is to do
//! - `track`: a published track; `subscription`: one viewer's view of it
//! - `room`: who receives what

mod allocation;
mod cascade;
mod config;
mod demux;
mod keys;
mod outbox;
mod peer;
mod publishing;
mod room;
mod rtp;
mod sdp;
mod subscription;
mod tests;
mod timers;
mod track;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use protocol::RoomId;
use protocol::media::{MediaPath, Source};
use protocol::relay::StreamId;
use protocol::sfu::{OfferRefusal, RequestId, SfuCommand, SfuEvent};
use slotmap::SlotMap;

pub use crate::cascade::CascadeMessage;
pub use crate::config::Config;
pub use crate::demux::Datagram;
use crate::demux::{DatagramKind, Directory, classify, receiver_ufrag};
pub use crate::keys::ShardId;
use crate::keys::{FastMap, MemberKey, PeerKey, RoomKey, TrackKey};
use crate::outbox::Outbox;
pub use crate::outbox::{Counters, Output};
pub use crate::peer::Transmit;
use crate::publishing::Origin;
pub use crate::room::RoomFigures;
use crate::room::{Join, Room, TICK};
#[doc(hidden)]
pub use crate::tests::fuzz;
use crate::timers::{Timer, Timers};

/// How long a shard without anything to do may sleep.
const IDLE: Duration = Duration::from_secs(10);

/// Something that happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// A datagram came.
    Datagram(Datagram<'a>),
    /// Signaling asks for something.
    Command(SfuCommand),
    /// A TCP connection from this client address ended.
    TcpClosed(SocketAddr),
    /// Another shard tells something of a room that both have a part of.
    Cascade {
        /// Which shard.
        from: ShardId,
        /// What.
        message: CascadeMessage,
    },
    /// A room has its home on another shard; what joins here is a branch of it.
    Adopt {
        /// Which room.
        room: RoomId,
        /// Where its home is.
        home: ShardId,
    },
    /// The recorder needs a keyframe of a relayed stream.
    KeyframeWanted(StreamId),
    /// Time passed.
    Timeout,
}

/// A track of which what arrived is being brought to its subscribers, and how many of them have it.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    room: RoomKey,
    track: TrackKey,
    served: usize,
}

/// One shard of the SFU.
pub struct Sfu {
    config: Config,
    now: Instant,
    rooms: SlotMap<RoomKey, Room>,
    room_keys: FastMap<RoomId, RoomKey>,
    directory: Directory,
    timers: Timers,
    delivery: Option<Delivery>,
    out: Outbox,
}

impl Sfu {
    /// A shard without rooms.
    #[must_use]
    pub fn new(now: Instant, config: Config) -> Self {
        Self {
            out: Outbox {
                next_stream: config.first_stream,
                ..Outbox::default()
            },
            config,
            now,
            rooms: SlotMap::with_key(),
            room_keys: FastMap::default(),
            directory: Directory::default(),
            timers: Timers::new(now),
            delivery: None,
        }
    }

    /// Takes in what happened. `now` never goes back.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        // What is being delivered goes to those for whom it came.
        while self.delivery.is_some() {
            self.deliver();
        }
        self.now = now.max(self.now);
        match input {
            Input::Datagram(datagram) => self.on_datagram(&datagram),
            Input::Command(command) => self.on_command(command),
            Input::TcpClosed(source) => self.directory.forget_address(MediaPath::Tcp, source),
            Input::Cascade { from, message } => self.on_cascade(from, message),
            Input::Adopt { room, home } => {
                let key = self.open_room(room);
                self.rooms[key].adopt(home);
            }
            Input::KeyframeWanted(stream) => self.on_keyframe_wanted(stream),
            Input::Timeout => self.on_timeout(),
        }
        self.settle();
    }

    fn on_cascade(&mut self, from: ShardId, message: CascadeMessage) {
        let Some(key) = self.room_keys.get(&message.room).copied() else {
            // The other part has not yet heard that the room is closed, or not yet opened here.
            self.out.decline(from, &message);
            return;
        };
        self.rooms[key].on_cascade(self.now, from, message.body, &mut self.out);
        self.keep_ticking(key);
    }

    /// A stream that has ended meanwhile needs none.
    fn on_keyframe_wanted(&mut self, stream: StreamId) {
        for room in self.rooms.values_mut() {
            room.request_keyframe(self.now, stream, &mut self.out);
        }
    }

    /// Sees to it that a room's tick is due some time, while it has anything to look after.
    fn keep_ticking(&mut self, key: RoomKey) {
        let room = &mut self.rooms[key];
        if room.is_alive() && !room.ticking {
            room.ticking = true;
            self.timers.wake_room(self.now + TICK, key);
        }
    }

    /// What to do next; [`Output::Timeout`] when there is nothing more.
    pub fn poll_output(&mut self) -> Output {
        loop {
            if let Some(run) = self.out.runs.pop() {
                return Output::Transmit(run);
            }
            if let Some(output) = self.out.outputs.pop_front() {
                return output;
            }
            if self.deliver() {
                continue;
            }
            let Some((room, member)) = self.out.dirty.pop() else {
                self.out.runs.close();
                if let Some(run) = self.out.runs.pop() {
                    return Output::Transmit(run);
                }
                let timer = self.timers.next();
                let next = timer.into_iter().chain(self.patience()).min();
                return Output::Timeout(next.unwrap_or(self.now + IDLE));
            };
            if let Some(room) = self.rooms.get_mut(room) {
                room.flush(self.now, member, &mut self.out);
            }
            self.settle();
        }
    }

    /// When the wait ends for the rest of a picture that many viewers get. A rest that is handed in before leaves in
    /// the same runs as what came of the picture, which [`Sfu::poll_output`] keeps back until then. Timers may be too
    /// coarse for so short a wait.
    #[must_use]
    pub fn patience(&self) -> Option<Instant> {
        let arrived = self.out.arrived.iter();
        arrived.filter_map(|at| self.rest_due(*at)).min()
    }

    fn rest_due(&self, (room, track): (RoomKey, TrackKey)) -> Option<Instant> {
        self.rooms.get(room)?.tracks.get(track)?.rest_due()
    }

    /// Brings what arrived of a track to one more of its subscribers. `false` when there is nothing to bring.
    fn deliver(&mut self) -> bool {
        let Some(delivery) = self.delivery.take().or_else(|| self.next_delivery()) else {
            return false;
        };
        if let Some(room) = self.rooms.get_mut(delivery.room) {
            let (track, served) = (delivery.track, delivery.served);
            if room.deliver(self.now, track, served, &mut self.out) {
                self.delivery = Some(Delivery {
                    served: served + 1,
                    ..delivery
                });
            } else {
                room.end_delivery(track);
            }
        }
        true
    }

    fn next_delivery(&mut self) -> Option<Delivery> {
        let ready = |at: &(RoomKey, TrackKey)| self.rest_due(*at).is_none_or(|due| due <= self.now);
        let next = self.out.arrived.iter().position(ready)?;
        let (room, track) = self.out.arrived.remove(next)?;
        Some(Delivery {
            room,
            track,
            served: 0,
        })
    }

    /// Whether a peer's client comes from there: it has shown that it knows the peer's password.
    #[must_use]
    pub fn knows(&self, path: MediaPath, source: SocketAddr) -> bool {
        self.directory.at(path, source).is_some()
    }

    /// Takes back the buffer of a [`Transmit`] that was sent.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        self.out.runs.recycle(buffer);
    }

    /// Ends all rooms, with a goodbye to their clients.
    pub fn close(&mut self, now: Instant) {
        self.now = now.max(self.now);
        let rooms = std::mem::take(&mut self.rooms);
        for (key, mut room) in rooms {
            self.end_room(key, &mut room);
        }
        self.room_keys.clear();
    }

    /// What was counted since the beginning.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.out.counters
    }

    /// How many rooms there are, with or without peers.
    #[must_use]
    pub fn room_count(&self) -> usize {
        self.rooms.len()
    }

    /// How many peers there are.
    #[must_use]
    pub fn peer_count(&self) -> usize {
        self.rooms.values().map(|room| room.members.len()).sum()
    }

    /// Bytes of keyframes, and of what followed them, that are kept for late joiners.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        let tracks = self.rooms.values().flat_map(|room| room.tracks.values());
        tracks.map(track::Track::kept_bytes).sum()
    }

    /// The mean of the downlink estimates, bits per second; `None` when nothing is estimated.
    #[must_use]
    pub fn mean_estimate_bps(&self) -> Option<u64> {
        let estimates = self.rooms.values().flat_map(|room| room.members.values());
        let (sum, count) = estimates
            .filter_map(|member| member.estimate_bps)
            .fold((0_u64, 0_u64), |(sum, count), bps| {
                (sum.saturating_add(bps), count + 1)
            });
        sum.checked_div(count)
    }

    /// What each room that has peers is doing.
    pub fn figures(&self, now: Instant) -> impl Iterator<Item = RoomFigures> + '_ {
        self.rooms
            .values()
            .filter(|room| !room.members.is_empty())
            .map(move |room| room.figures(now))
    }

    fn on_datagram(&mut self, datagram: &Datagram<'_>) {
        let datagram = Datagram {
            destination: self.advertised(datagram.destination),
            ..*datagram
        };
        let peer = match classify(datagram.payload) {
            DatagramKind::Stun => self.peer_by_ufrag(&datagram),
            DatagramKind::Session => self.directory.at(datagram.path, datagram.source),
            DatagramKind::Unknown => None,
        };
        let Some((room, member)) = peer else {
            self.out.counters.dropped_unknown += 1;
            return;
        };
        if let Some(room) = self.rooms.get_mut(room) {
            room.on_datagram(self.now, member, &datagram, &mut self.out);
        }
    }

    /// Behind a one-to-one NAT, packets are addressed to an inner address that no client was told; the engine knows
    /// itself by the advertised one.
    fn advertised(&self, destination: SocketAddr) -> SocketAddr {
        let addresses = &self.config.addresses;
        if addresses.contains(&destination) {
            return destination;
        }
        let family = |ip: IpAddr| ip.is_ipv4();
        addresses
            .iter()
            .copied()
            .find(|address| family(address.ip()) == family(destination.ip()))
            .unwrap_or(destination)
    }

    /// The peer whose binding request this is. Its signature is checked before the address is believed.
    fn peer_by_ufrag(&mut self, datagram: &Datagram<'_>) -> Option<PeerKey> {
        let peer = self.directory.named(receiver_ufrag(datagram.payload)?)?;
        let (path, source) = (datagram.path, datagram.source);
        if self.directory.at(path, source) == Some(peer) {
            return Some(peer);
        }
        let member = self.rooms.get(peer.0)?.members.get(peer.1)?;
        if !member.peer.accepts(self.now, datagram) {
            return None;
        }
        self.directory.note_address(peer, path, source);
        Some(peer)
    }

    fn on_timeout(&mut self) {
        while let Some(timer) = self.timers.pop(self.now) {
            match timer {
                Timer::Room(key) => self.tick_room(key),
                Timer::Peer(room, member) => {
                    if let Some(room) = self.rooms.get_mut(room) {
                        room.flush(self.now, member, &mut self.out);
                    }
                }
            }
            self.settle();
        }
    }

    fn tick_room(&mut self, key: RoomKey) {
        let Some(room) = self.rooms.get_mut(key) else {
            return;
        };
        room.tick(self.now, &mut self.out);
        if room.is_alive() {
            self.timers.wake_room(self.now + TICK, key);
        } else {
            room.ticking = false;
        }
    }

    /// Takes note of new deadlines and of peers that are gone.
    fn settle(&mut self) {
        while let Some((peer, deadline)) = self.out.deadlines.pop() {
            self.timers.wake_peer(self.now, peer, deadline);
        }
        while let Some(peer) = self.out.gone.pop() {
            self.timers.forget(peer);
            self.directory.forget(peer);
        }
    }

    fn on_command(&mut self, command: SfuCommand) {
        let now = self.now;
        match command {
            SfuCommand::Join {
                request,
                room,
                participant,
                profile,
                may_publish,
                microphone_open,
                offer,
            } => {
                let join = Join {
                    participant,
                    profile,
                    may_publish,
                    microphone_open,
                    offer,
                };
                self.on_join(request, room, join);
            }
            SfuCommand::IceRestart {
                request,
                room,
                participant,
                offer,
            } => {
                let key = self.room_keys.get(&room).copied();
                let result = match key.and_then(|key| self.rooms.get_mut(key)) {
                    Some(room) => room.restart(now, participant, &offer, &mut self.out),
                    None => Err(OfferRefusal::NoPeer),
                };
                self.reply(request, key, result);
            }
            SfuCommand::Leave { room, participant } => self.with_room(room, |room, out| {
                if let Some(member) = room.member_of(participant) {
                    room.leave(now, member, out);
                }
            }),
            SfuCommand::Explain {
                request,
                room,
                participant,
            } => {
                let room = self
                    .room_keys
                    .get(&room)
                    .and_then(|key| self.rooms.get(*key));
                let explanation = room.and_then(|room| room.explain(now, participant));
                let answer = SfuEvent::Explained {
                    request,
                    explanation,
                };
                self.out.event(answer);
            }
            SfuCommand::CloseRoom { room } => self.close_room(room),
            SfuCommand::SetGate {
                room,
                participant,
                microphone_open,
            } => self.with_room(room, |room, out| {
                if let Some(member) = room.member_of(participant) {
                    let (origin, source) = (Origin::Here(member), Source::Microphone);
                    room.set_gate(now, origin, source, microphone_open, out);
                }
            }),
            SfuCommand::SetPublishing {
                room,
                participant,
                source,
                on,
            } => self.with_room(room, |room, out| {
                if let Some(member) = room.member_of(participant)
                    && source.is_video()
                {
                    room.set_gate(now, Origin::Here(member), source, on, out);
                }
            }),
            SfuCommand::SetPolicy { room, policy } => {
                self.open_room(room);
                self.with_room(room, |room, out| room.set_policy(now, policy, out));
            }
            SfuCommand::SetReceive {
                room,
                participant,
                mode,
            } => self.with_room(room, |room, out| {
                room.set_receive(now, participant, mode, out);
            }),
            SfuCommand::SetView {
                room,
                participant,
                seats,
                pinned,
            } => self.with_room(room, |room, out| {
                room.set_view(now, participant, seats, pinned, out);
            }),
            SfuCommand::StartRelay { room, recording } => {
                self.open_room(room);
                self.with_room(room, |room, out| room.start_relay(now, recording, out));
            }
            SfuCommand::StopRelay { room, recording } => {
                self.with_room(room, |room, out| room.stop_relay(recording, out));
            }
        }
    }

    fn on_join(&mut self, request: RequestId, room: RoomId, join: Join) {
        let key = self.open_room(room);
        let now = self.now;
        let room = &mut self.rooms[key];
        let result = room.join(now, &self.config, join, &mut self.out);
        self.keep_ticking(key);
        self.reply(request, Some(key), result);
    }

    fn reply(
        &mut self,
        request: RequestId,
        room: Option<RoomKey>,
        result: Result<(MemberKey, String), OfferRefusal>,
    ) {
        let event = match (room, result) {
            (Some(room), Ok((member_key, answer))) => {
                if let Some(member) = self.rooms[room].members.get_mut(member_key) {
                    let ufrag = member.peer.ufrag();
                    self.directory.note_ufrag((room, member_key), ufrag);
                }
                SfuEvent::Answered { request, answer }
            }
            (_, Err(reason)) => SfuEvent::Refused { request, reason },
            (None, Ok(_)) => SfuEvent::Refused {
                request,
                reason: OfferRefusal::NoPeer,
            },
        };
        self.out.event(event);
    }

    fn open_room(&mut self, id: RoomId) -> RoomKey {
        if let Some(key) = self.room_keys.get(&id) {
            return *key;
        }
        let key = self.rooms.insert_with_key(|key| Room::new(id, key));
        self.room_keys.insert(id, key);
        key
    }

    fn close_room(&mut self, id: RoomId) {
        let Some(key) = self.room_keys.remove(&id) else {
            return;
        };
        if let Some(mut room) = self.rooms.remove(key) {
            self.end_room(key, &mut room);
        }
    }

    fn end_room(&mut self, key: RoomKey, room: &mut Room) {
        room.close(self.now, &mut self.out);
        self.settle();
        self.timers.forget_room(key);
        self.directory.forget_room(key);
    }

    fn with_room(&mut self, id: RoomId, act: impl FnOnce(&mut Room, &mut Outbox)) {
        let key = self.room_keys.get(&id).copied();
        if let Some(room) = key.and_then(|key| self.rooms.get_mut(key)) {
            act(room, &mut self.out);
        }
    }
}
