//! What a room is doing, in figures for whoever runs the node.

use std::time::Instant;

use protocol::RoomId;
use protocol::media::PauseReason;

use super::{Member, Room, Slot};
use crate::publishing::Origin;
use crate::track::Track;

/// One room at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomFigures {
    /// Which.
    pub room: RoomId,
    /// How many peers it has.
    pub peers: u64,
    /// How many tracks are let through and come.
    pub tracks: u64,
    /// What the publishers send, as last measured, bits per second.
    pub ingress_bps: u64,
    /// How many pictures are not sent because a viewer's link does not carry them.
    pub paused_by_link: u64,
    /// The smallest downlink estimate of a viewer, bits per second; none when nothing is estimated.
    pub worst_estimate_bps: Option<u64>,
}

impl Room {
    /// What the room is doing.
    pub(crate) fn figures(&self, now: Instant) -> RoomFigures {
        // Those of other shards are counted there.
        let own = |track: &&Track| matches!(track.publisher, Origin::Here(_));
        let live = || {
            let own = self.tracks.values().filter(own);
            own.filter(move |track| track.is_live(now))
        };
        let measured = |track: &Track| -> u64 {
            let layers = (0..track.layer_count()).filter(|layer| track.layer_is_live(now, *layer));
            layers.map(|layer| track.layer_bps(layer)).sum()
        };
        let paused = |member: &Member| {
            let by_link =
                |slot: &&Slot| slot.track.is_some() && slot.paused == Some(PauseReason::Bandwidth);
            member.slots.iter().filter(by_link).count() as u64
        };
        RoomFigures {
            room: self.id,
            peers: self.members.len() as u64,
            tracks: live().count() as u64,
            ingress_bps: live().map(measured).sum(),
            paused_by_link: self.members.values().map(paused).sum(),
            worst_estimate_bps: self.members.values().filter_map(|m| m.estimate_bps).min(),
        }
    }
}
