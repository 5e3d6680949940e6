//! Keyframes: asked of publishers, and those that were kept shown to whoever comes later.

use std::time::Instant;

use protocol::media::SlotKind;
use protocol::relay::StreamId;

use super::{Member, Room};
use crate::cascade::Body;
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::publishing::Origin;
use crate::rtp::Layer;
use crate::track::Feed;

impl Room {
    /// Asks for a keyframe of a relayed stream, if it is one of this room.
    pub(crate) fn request_keyframe(&mut self, now: Instant, stream: StreamId, out: &mut Outbox) {
        let flowing = self.relays.iter().find_map(|relay| relay.carries(stream));
        if let Some((key, layer)) = flowing {
            self.want_keyframe(now, key, layer, out);
        }
    }

    /// Asks a track's publisher for a keyframe, now or as soon as it may be asked again.
    pub(crate) fn want_keyframe(
        &mut self,
        now: Instant,
        key: TrackKey,
        layer: Layer,
        out: &mut Outbox,
    ) {
        let Some(track) = self.tracks.get_mut(key) else {
            return;
        };
        let layer = track.stream_of(layer);
        if track.keyframe_comes(now, layer) {
            // It is for them too.
            return;
        }
        track.layers[layer].keyframe_wanted = true;
        if !track.may_request_keyframe(now, layer) {
            return;
        }
        track.layers[layer].keyframe_wanted = false;
        match track.publisher {
            Origin::Here(publisher) => {
                let source = track.reference.source;
                if let Some(member) = self.members.get_mut(publisher)
                    && member.peer.request_keyframe(source, layer)
                {
                    out.counters.keyframe_requests += 1;
                    self.mark_dirty(publisher, out);
                }
            }
            Origin::There(shard, _) => {
                out.cascade(shard, self.id, Body::Keyframe(track.reference, layer));
            }
        }
    }

    /// Asks for every keyframe that a line or a relay waits for.
    pub(crate) fn request_keyframes(&mut self, now: Instant, out: &mut Outbox) {
        let mut wanted: Vec<(TrackKey, Layer)> = Vec::new();
        for (key, track) in &self.tracks {
            let waits = track.layers.iter().enumerate();
            wanted.extend(
                waits
                    .filter(|(_, l)| l.keyframe_wanted)
                    .map(|(l, _)| (key, l)),
            );
            for relay in &self.relays {
                wanted.extend(relay.waiting(now, key, track).map(|layer| (key, layer)));
            }
        }
        wanted.extend(self.members.values().flat_map(Member::waiting));
        wanted.sort_unstable();
        wanted.dedup();
        for (track, layer) in wanted {
            self.want_keyframe(now, track, layer, out);
        }
    }

    /// Asks for the keyframes that one member's lines wait for.
    pub(crate) fn request_keyframes_for(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        let member = self.members.get(key).into_iter();
        let wanted: Vec<(TrackKey, Layer)> = member.flat_map(Member::waiting).collect();
        for (track, layer) in wanted {
            self.want_keyframe(now, track, layer, out);
        }
    }

    /// Sends a viewer the last keyframe of what its stage or screen line waits for, and what followed. The viewer sees
    /// a picture at once, and the publisher makes no keyframe for it.
    pub(super) fn replay(&mut self, key: MemberKey, out: &mut Outbox) {
        let tracks = &self.tracks;
        let member = &mut self.members[key];
        if !member.peer.is_connected() {
            return;
        }
        let mut sent = 0;
        for (line, slot) in member.slots.iter_mut().enumerate() {
            if !matches!(slot.kind, SlotKind::Stage | SlotKind::Screen)
                || slot.subscription.flowing().is_some()
            {
                continue;
            }
            let waiting = slot.subscription.waiting().map(|(layer, _)| layer);
            let Some((track_key, layer)) = slot.track.zip(waiting) else {
                continue;
            };
            let track = &tracks[track_key];
            for packet in track.replay(layer, member.peer.queue_limit()) {
                let feed = Feed::of(track_key, track.stretch, &packet);
                let end = slot.subscription.end();
                let Some(rewritten) = slot.subscription.accept(feed, &packet, |_| None) else {
                    continue;
                };
                if !member.peer.write(line, &packet, &rewritten) {
                    slot.subscription.refuse(packet.received, end);
                    break;
                }
                sent += 1;
            }
        }
        if sent > 0 {
            out.counters.forwarded += sent;
            self.mark_dirty(key, out);
        }
    }

    /// Has the tracks that somebody sees on a stage or screen line keep their keyframes.
    pub(crate) fn choose_caches(&mut self) {
        let members = &self.members;
        for track in self.tracks.values_mut() {
            let large = track.subscribers.iter().any(|subscriber| {
                members.get(subscriber.member).is_some_and(|member| {
                    let kind = member.slots[subscriber.slot].kind;
                    matches!(kind, SlotKind::Stage | SlotKind::Screen)
                })
            });
            track.keep_keyframes(large && track.open);
        }
    }
}

impl Member {
    /// The encodings that its lines cannot show before a keyframe comes.
    fn waiting(&self) -> impl Iterator<Item = (TrackKey, Layer)> + '_ {
        let connected = self.peer.is_connected();
        let pictures = self.slots.iter();
        let pictures = pictures.filter(move |slot| connected && slot.kind != SlotKind::Audio);
        pictures.filter_map(|slot| {
            let (layer, _) = slot.subscription.waiting()?;
            Some((slot.track?, layer))
        })
    }
}
