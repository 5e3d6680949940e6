//! What a shard has to do, gathered until the shell takes it out.

use std::collections::VecDeque;
use std::time::Instant;

use protocol::RoomId;
use protocol::media::DisconnectReason;
use protocol::relay::{RelayFrame, StreamId};
use protocol::sfu::SfuEvent;

use crate::cascade::{Body, CascadeMessage};
use crate::keys::{PeerKey, RoomKey, ShardId, TrackKey};
use crate::peer::{PeerEvent, Runs, Transmit};

/// Something to do.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Tell signaling.
    Event(SfuEvent),
    /// Give to the recorder.
    Relay(RelayFrame),
    /// Give to another shard, in order. What [`CascadeMessage::is_media`] may be lost, nothing else.
    Cascade {
        /// To which.
        to: ShardId,
        /// What.
        message: CascadeMessage,
    },
    /// Nothing more to do until this moment, unless something happens.
    Timeout(Instant),
}

/// What a shard counted since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets written for subscribers.
    pub forwarded: u64,
    /// Datagrams that belong to no peer.
    pub dropped_unknown: u64,
    /// Packets of participants who may not publish.
    pub dropped_forbidden: u64,
    /// Packets of closed microphones, cameras and screens.
    pub dropped_closed: u64,
    /// Packets of voices that are not among the loudest.
    pub dropped_quiet: u64,
    /// Packets for viewers whose link does not take them.
    pub dropped_queue: u64,
    /// Keyframes asked of publishers.
    pub keyframe_requests: u64,
    /// Peers that ended by a panic of their engine.
    pub panics: u64,
    /// Peers that ended without being told to, in the order of [`DisconnectReason::ALL`].
    pub ended: [u64; DisconnectReason::ALL.len()],
}

/// What a room writes its results to.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) runs: Runs,
    /// Tracks of which something came, in the order in which it did.
    pub(crate) arrived: VecDeque<(RoomKey, TrackKey)>,
    /// Peers with something to send.
    pub(crate) dirty: Vec<PeerKey>,
    /// Peers and when they want to be told the time.
    pub(crate) deadlines: Vec<(PeerKey, Instant)>,
    /// Peers that are gone.
    pub(crate) gone: Vec<PeerKey>,
    pub(crate) counters: Counters,
    pub(crate) next_stream: StreamId,
    /// Kept so that no packet allocates.
    pub(crate) events: Vec<PeerEvent>,
}

impl Outbox {
    /// Tells signaling something.
    pub(crate) fn event(&mut self, event: SfuEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Answers a part of a room that is not here: it need not go on.
    pub(crate) fn decline(&mut self, from: ShardId, message: &CascadeMessage) {
        if !matches!(message.body, Body::Close) {
            self.cascade(from, message.room, Body::Close);
        }
    }

    /// Tells a part of a room on another shard something.
    pub(crate) fn cascade(&mut self, to: ShardId, room: RoomId, body: Body) {
        self.outputs.push_back(Output::Cascade {
            to,
            message: CascadeMessage { room, body },
        });
    }
}
