//! Tells a viewer why its pictures are as they are.

use std::time::Instant;

use protocol::ParticipantId;
use protocol::explain::{Explanation, PictureExplanation, PictureReason};
use protocol::media::{PauseReason, SlotKind};

use super::{Room, Slot};
use crate::allocation::Shown;
use crate::rtp::Layer;
use crate::track::Track;

impl Room {
    /// Why a participant's pictures are as they are; none when it has no peer.
    pub(crate) fn explain(&self, now: Instant, participant: ParticipantId) -> Option<Explanation> {
        let member = self.members.get(self.member_of(participant)?)?;
        let ledger = &member.ledger;
        let left_bps = ledger.left_bps(|line| member.slots[line].share.layer);
        let mut pictures = Vec::with_capacity(ledger.wishes.len());
        for (line, wish) in &ledger.wishes {
            let slot = &member.slots[*line];
            if let Some(track) = slot.track.and_then(|track| self.tracks.get(track)) {
                let given = slot.share.layer;
                let shown = Shown {
                    mode: member.mode,
                    wish,
                    share: &slot.share,
                    left_bps,
                    is_muted: slot.paused == Some(PauseReason::Muted),
                    layer_count: track.layer_count(),
                    live: given.and_then(|given| track.best_live(now, given)),
                    flowing: slot.subscription.flowing(),
                    is_waiting: slot.subscription.waiting().is_some(),
                };
                pictures.push(picture(slot, track, shown.reason()));
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
            estimate_bps: ledger.estimate_bps,
            voices_bps: ledger.voices_bps,
            budget_bps: ledger.estimate_bps.map(|_| ledger.budget_bps),
            pictures,
        })
    }
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
        given: number(slot.share.layer),
        flowing: number(slot.subscription.flowing()),
        reason,
    }
}
