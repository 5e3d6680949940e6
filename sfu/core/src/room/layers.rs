//! How much of each picture a viewer gets. What [`crate::allocation`] decides is told to its lines and its peer.

use std::time::{Duration, Instant};

use protocol::media::{PauseReason, ReceiveMode, SlotKind, Source};

use super::{Member, Room, Slot};
use crate::allocation::{Allocation, Picture, Share, Viewer, Wish, allocate};
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::rtp::MAX_LAYERS;
use crate::subscription::FULL_RATE;
use crate::track::Track;

/// Whoever spoke within this counts as a recent speaker.
const RECENT_SPEAKER: Duration = Duration::from_secs(30);

/// The highest temporal layer of a viewer who saves: half the pictures of a camera that sends three.
const LOW_RATE: u8 = 1;

/// The highest temporal layer of a viewer whose link carries no more of its most wanted picture: a quarter of the
/// pictures of a camera that sends three.
const SPARSE_RATE: u8 = 0;

/// With more tiles than this on show, each is small, and the smallest encoding is enough.
const LARGE_TILES: usize = 4;

/// A track that was just put on a line may need this long until its first packet; only then is it called muted.
const START_PATIENCE: Duration = Duration::from_secs(4);

impl Room {
    /// Shares out a member's link and tells it what changed on its lines.
    pub(crate) fn allocate(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        let Some(member) = self.members.get(key) else {
            return;
        };
        let pictures = self.pictures(now, member);
        let allocation = allocate(now, &member.viewer(&pictures));
        self.apply_to_lines(now, key, &pictures, &allocation);
        self.members[key].apply(&pictures, &allocation);
        self.replay(key, out);
        self.tell_slots(key, out);
    }

    /// Has a member's lines follow what they were given.
    fn apply_to_lines(
        &mut self,
        now: Instant,
        key: MemberKey,
        pictures: &[Picture],
        allocation: &Allocation,
    ) {
        let tracks = &mut self.tracks;
        let member = &mut self.members[key];
        for (line, slot) in member.slots.iter_mut().enumerate() {
            if slot.kind == SlotKind::Audio || pictures.iter().any(|p| p.line == line) {
                continue;
            }
            let track = slot.track.and_then(|track| tracks.get(track));
            slot.paused = track.map(|track| {
                if member.peer.decodes(line, track.codec) {
                    PauseReason::Choice
                } else {
                    PauseReason::Codec
                }
            });
            slot.share.withdraw();
            slot.subscription.set_goal(now, None);
        }
        let held = member.downlink.is_held();
        let rate = match member.mode {
            ReceiveMode::Low => LOW_RATE,
            _ => FULL_RATE,
        };
        for (picture, share) in pictures.iter().zip(&allocation.shares) {
            let slot = &mut member.slots[picture.line];
            slot.share = *share;
            if let Some(track) = slot.track.and_then(|track| tracks.get_mut(track)) {
                slot.follow(now, track, held, rate);
            }
        }
    }

    /// What a viewer would like on its lines, most wanted first: screen, stage, tiles, those of recent speakers before
    /// others. Lines that it chose not to receive, and tracks that it cannot decode, are left out.
    fn pictures(&self, now: Instant, member: &Member) -> Vec<Picture> {
        let tiles = member
            .lines(SlotKind::Tile)
            .filter(|line| member.slots[*line].track.is_some())
            .count();
        let order = [SlotKind::Screen, SlotKind::Stage, SlotKind::Tile];
        let mut ordered: Vec<usize> = order
            .into_iter()
            .flat_map(|kind| member.lines(kind))
            .collect();
        // A stable sort: among equals the viewer's order stays.
        ordered.sort_by_key(|line| {
            let slot = &member.slots[*line];
            let rank = order.iter().position(|kind| *kind == slot.kind);
            (
                rank,
                !self.is_pinned(member, slot.track),
                !self.spoke(now, slot.track),
            )
        });
        let mut pictures = Vec::new();
        for line in ordered {
            let slot = &member.slots[line];
            let Some(track) = slot.track.and_then(|track| self.tracks.get(track)) else {
                continue;
            };
            if !member.peer.decodes(line, track.codec) {
                continue;
            }
            let source = track.reference.source;
            let chosen = match member.mode {
                ReceiveMode::Everything | ReceiveMode::Low => true,
                ReceiveMode::ScreenOnly => source == Source::Screen,
                ReceiveMode::AudioOnly => false,
            };
            if !chosen {
                continue;
            }
            let top = track.layer_count() - 1;
            let (enough, best) = match slot.kind {
                _ if member.mode == ReceiveMode::Low => (0, 0),
                SlotKind::Tile if tiles > LARGE_TILES => (0, 0),
                SlotKind::Tile => (0, top.min(1)),
                SlotKind::Stage | SlotKind::Screen | SlotKind::Audio => (top.min(1), top),
            };
            let mut bps = [None; MAX_LAYERS];
            for (layer, bps) in bps.iter_mut().enumerate().take(top + 1) {
                *bps = Some(track.layer_bps(layer));
            }
            pictures.push(Picture {
                line,
                wish: Wish { bps, enough, best },
                share: slot.share,
                is_new: slot.since == now,
                sparse_bps: track.sparse_bps(),
                is_measured: track.is_measured(),
            });
        }
        pictures
    }

    /// Whether a tile shows whom the viewer pinned.
    fn is_pinned(&self, member: &Member, track: Option<TrackKey>) -> bool {
        let shown = track.and_then(|track| self.tracks.get(track));
        shown.is_some_and(|track| member.pinned == Some(track.reference))
    }

    /// Whether a tile shows somebody who spoke of late.
    fn spoke(&self, now: Instant, track: Option<TrackKey>) -> bool {
        track
            .and_then(|track| self.tracks.get(track))
            .and_then(|track| self.source_of(track.reference.participant, Source::Microphone))
            .and_then(|voice| self.speakers.last_spoke(voice))
            .is_some_and(|last| now.saturating_duration_since(last) < RECENT_SPEAKER)
    }
}

impl Member {
    /// What an allocation must know of the member.
    fn viewer<'a>(&'a self, pictures: &'a [Picture]) -> Viewer<'a> {
        let voices = self.lines(SlotKind::Audio);
        let voices = voices.filter(|line| self.slots[*line].track.is_some());
        Viewer {
            connected: self.peer.is_connected(),
            link_bps: self.link_bps(),
            downlink: &self.downlink,
            voices: voices.count() as u64,
            takes_redundancy: self.peer.takes_redundancy(),
            pictures,
        }
    }

    /// Has the peer and its estimation follow what was given.
    fn apply(&mut self, pictures: &[Picture], allocation: &Allocation) {
        let estimate_bps = self.link_bps().and(self.estimate_bps);
        self.ledger.note(estimate_bps, pictures, allocation);
        self.given_bps = allocation.given_bps;
        if allocation.is_covered {
            self.downlink.forget_limit();
        }
        self.peer.set_redundancy(allocation.redundancy);
        if self.peer.is_connected() {
            self.peer
                .set_wishes(allocation.sustain_bps, allocation.desired_bps);
            self.peer
                .set_pacing(allocation.paced_bps, allocation.is_untold);
        }
    }
}

impl Slot {
    /// Has the subscription follow what the line was given of its track. Nothing flows while the viewer's pictures are
    /// `held`. `rate` is the highest temporal layer that the viewer chose.
    fn follow(&mut self, now: Instant, track: &mut Track, held: bool, rate: u8) {
        let Share { layer, sparse, .. } = self.share;
        let silent =
            !track.is_live(now) && now.saturating_duration_since(self.since) > START_PATIENCE;
        self.paused = if !track.open || silent {
            Some(PauseReason::Muted)
        } else if layer.is_none() {
            Some(PauseReason::Bandwidth)
        } else {
            None
        };
        if let Some(layer) = layer {
            track.take(now, layer);
        }
        let goal = layer
            .filter(|_| track.open && !held)
            .and_then(|layer| track.best_live(now, layer));
        self.subscription.set_goal(now, goal);
        self.subscription
            .set_rate(if sparse { SPARSE_RATE } else { rate });
    }
}
