//! Why a viewer's pictures are as they are. The allocation notes what it reckoned with in a [`Ledger`]; a question is
//! answered from that and from what flows.

use std::time::Instant;

use protocol::ParticipantId;
use protocol::explain::{Explanation, PictureExplanation, PictureReason};
use protocol::media::{PauseReason, ReceiveMode, SlotKind};

use super::{Member, Room, Slot};
use crate::allocation::Wish;
use crate::rtp::Layer;
use crate::track::Track;

impl Room {
    /// Why a participant's pictures are as they are; none when it has no peer.
    pub(crate) fn explain(&self, now: Instant, participant: ParticipantId) -> Option<Explanation> {
        let member = self.members.get(self.member_of(participant)?)?;
        let ledger = &member.ledger;
        let left = ledger.budget_bps.saturating_sub(given_bps(member));
        let mut pictures = Vec::with_capacity(ledger.wishes.len());
        for (line, wish) in &ledger.wishes {
            let slot = &member.slots[*line];
            if let Some(track) = slot.track.and_then(|track| self.tracks.get(track)) {
                let reason = reason(now, member.mode, slot, track, wish, left);
                pictures.push(picture(slot, track, reason));
            }
        }
        for (line, slot) in member.slots.iter().enumerate() {
            let wished = ledger.wishes.iter().any(|(wished, _)| *wished == line);
            if wished || slot.kind == SlotKind::Audio {
                continue;
            }
            if let Some(track) = slot.track.and_then(|track| self.tracks.get(track)) {
                let reason = match slot.paused {
                    Some(PauseReason::Codec) => PictureReason::Codec,
                    _ => PictureReason::Choice,
                };
                pictures.push(picture(slot, track, reason));
            }
        }
        Some(Explanation {
            connected: member.peer.is_connected(),
            mode: member.mode,
            estimate_bps: ledger.link_bps,
            voices_bps: ledger.voices_bps,
            budget_bps: ledger.link_bps.map(|_| ledger.budget_bps),
            pictures,
        })
    }
}

/// What the pictures of a viewer take of its budget.
fn given_bps(member: &Member) -> u64 {
    let taken = |(line, wish): &(usize, Wish)| {
        let target = member.slots[*line].target?;
        wish.bps.get(target).copied().flatten()
    };
    member.ledger.wishes.iter().filter_map(taken).sum()
}

fn reason(
    now: Instant,
    mode: ReceiveMode,
    slot: &Slot,
    track: &Track,
    wish: &Wish,
    left: u64,
) -> PictureReason {
    if slot.paused == Some(PauseReason::Muted) {
        return PictureReason::Muted;
    }
    let Some(given) = slot.target else {
        return PictureReason::Link;
    };
    if track.best_live(now, given) < Some(given) {
        return PictureReason::Publisher;
    }
    if slot.subscription.flowing() != Some(given) && slot.subscription.waiting().is_some() {
        return PictureReason::Keyframe;
    }
    if slot.sparse {
        return PictureReason::Link;
    }
    if given < wish.best {
        let needs = |layer: Layer| wish.bps.get(layer).copied().flatten();
        let held = needs(given).unwrap_or_default();
        let next = (given + 1..=wish.best).find_map(needs);
        return match next {
            Some(next) if next.saturating_sub(held) <= left => PictureReason::Rising,
            _ => PictureReason::Link,
        };
    }
    if wish.best + 1 < track.layer_count() {
        return if mode == ReceiveMode::Low {
            PictureReason::Choice
        } else {
            PictureReason::View
        };
    }
    PictureReason::Best
}

fn picture(slot: &Slot, track: &Track, reason: PictureReason) -> PictureExplanation {
    let number = |layer: Option<Layer>| layer.and_then(|layer| u8::try_from(layer).ok());
    PictureExplanation {
        mid: slot.mid.clone(),
        kind: slot.kind,
        track: track.reference,
        needed_bps: (0..track.layer_count())
            .map(|layer| track.layer_bps(layer))
            .collect(),
        given: number(slot.target),
        flowing: number(slot.subscription.flowing()),
        reason,
    }
}
