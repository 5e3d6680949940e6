//! One participant's part in a room, and its lines.

use std::time::Instant;

use protocol::ParticipantId;
use protocol::media::{PauseReason, ReceiveMode, SlotKind, TrackRef};

use crate::allocation::{Downlink, Ledger, Share};
use crate::keys::TrackKey;
use crate::peer::{INITIAL_ESTIMATE_BPS, Peer};
use crate::publishing::Publishing;
use crate::subscription::Subscription;

/// One receive line of a member.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kind: SlotKind,
    pub(crate) mid: String,
    pub(crate) track: Option<TrackKey>,
    pub(crate) since: Instant,
    pub(crate) subscription: Subscription,
    /// What the allocation gives.
    pub(crate) share: Share,
    /// Why nothing flows, as the last allocation found.
    pub(crate) paused: Option<PauseReason>,
    pub(super) told: (Option<TrackRef>, Option<PauseReason>),
}

/// One participant's part in the room.
pub(crate) struct Member {
    pub(crate) participant: ParticipantId,
    pub(crate) peer: Peer,
    pub(crate) may_publish: bool,
    /// Whether it is a player, which shows what it is sent and nothing else.
    pub(crate) is_player: bool,
    pub(crate) publishing: Publishing,
    pub(crate) slots: Vec<Slot>,
    pub(crate) mode: ReceiveMode,
    /// The seats that the viewer sees; `None` until it says.
    pub(crate) view: Option<Vec<ParticipantId>>,
    pub(crate) pinned: Option<TrackRef>,
    pub(crate) estimate_bps: Option<u64>,
    /// What the last allocation reckoned with.
    pub(crate) ledger: Ledger,
    pub(crate) downlink: Downlink,
    /// What its lines take as they were given, bits per second.
    pub(crate) given_bps: u64,
    pub(super) joined: Instant,
    /// When ICE first found a way to it.
    pub(super) reached: Option<Instant>,
    /// When it connected first.
    pub(crate) connected: Option<Instant>,
    pub(super) lost: Option<Instant>,
    /// When anything last came from it.
    pub(super) heard: Instant,
    pub(super) dirty: bool,
}

impl Member {
    /// The lines of one kind, in the offer's order.
    pub(crate) fn lines(&self, kind: SlotKind) -> impl Iterator<Item = usize> + '_ {
        self.slots
            .iter()
            .enumerate()
            .filter(move |(_, slot)| slot.kind == kind)
            .map(|(line, _)| line)
    }

    /// What its link carries at present, bits per second; `None` when that is not estimated.
    pub(crate) fn link_bps(&self) -> Option<u64> {
        let estimate = self.estimate_bps.unwrap_or(INITIAL_ESTIMATE_BPS);
        self.peer.is_estimated().then_some(estimate)
    }

    /// Sends no picture again that was sent before now.
    pub(super) fn forget_pictures(&mut self) {
        for (line, slot) in self.slots.iter().enumerate() {
            if slot.kind != SlotKind::Audio {
                self.peer.forget_sent(line);
            }
        }
    }

    /// Brings what forwarding to a line needs into the processor's caches.
    pub(super) fn touch(&mut self, slot: usize) {
        self.slots[slot].subscription.touch();
        self.peer.touch(slot);
    }
}
