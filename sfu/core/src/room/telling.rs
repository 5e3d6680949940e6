//! What a room tells its clients: what is on their lines, who speaks, which encodings are wanted.

use std::time::Instant;

use protocol::sfu::SfuEvent;

use super::{Room, TICK};
use crate::cascade::Body;
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::publishing::Origin;

/// Voices told of in one `Speakers` event.
const TOLD_SPEAKERS: usize = 8;

impl Room {
    /// Tells a member's client what changed on its lines.
    pub(crate) fn tell_slots(&mut self, key: MemberKey, out: &mut Outbox) {
        let (room, tracks) = (self.id, &self.tracks);
        let member = &mut self.members[key];
        for slot in &mut member.slots {
            let track = slot.track.and_then(|track| tracks.get(track));
            let shown = track.map(|track| track.reference);
            let paused = shown.and(slot.paused);
            if slot.told == (shown, paused) {
                continue;
            }
            slot.told = (shown, paused);
            out.event(SfuEvent::SlotAssigned {
                room,
                participant: member.participant,
                mid: slot.mid.clone(),
                kind: slot.kind,
                track: shown,
                paused,
            });
        }
    }

    /// Tells who speaks, if that changed or somebody does.
    pub(super) fn tell_speakers(&mut self, now: Instant, out: &mut Outbox) {
        let name = |track: TrackKey| self.tracks.get(track).map(|t| t.reference.participant);
        let active = self.speakers.dominant().and_then(name);
        let levels: Vec<_> = self
            .speakers
            .speaking(now)
            .into_iter()
            .filter_map(|(track, level)| name(track).map(|participant| (participant, level)))
            .take(TOLD_SPEAKERS)
            .collect();
        let quiet = levels.is_empty();
        if quiet && self.told_quiet && active == self.told_active {
            return;
        }
        self.told_quiet = quiet;
        self.told_active = active;
        out.event(SfuEvent::Speakers {
            room: self.id,
            active,
            levels,
        });
    }

    /// Tells publishers which of their encodings somebody takes: here by signaling, on other shards by their link.
    pub(super) fn tell_wants(&mut self, now: Instant, out: &mut Outbox) {
        for (key, track) in &mut self.tracks {
            if !track.reference.source.is_video() || track.rids.is_empty() {
                continue;
            }
            // The smallest encoding always comes, so that every camera can be shown at once.
            track.take(now, 0);
            if !self.relays.is_empty() {
                track.take(now, track.layer_count() - 1);
            }
            for relay in &self.relays {
                if let Some(layer) = relay.flowing(key) {
                    track.take(now, layer);
                }
            }
            if let Origin::There(shard, _) = track.publisher {
                for layer in track.taken_within(now, TICK) {
                    out.cascade(shard, self.id, Body::Taken(track.reference, layer));
                }
            } else if let Some(rids) = track.changed_wants(now) {
                out.event(SfuEvent::LayersWanted {
                    room: self.id,
                    track: track.reference,
                    rids,
                });
            }
        }
    }
}
