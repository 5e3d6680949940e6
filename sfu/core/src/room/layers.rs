//! How much of each picture a viewer gets: as much as its link carries.

use std::time::{Duration, Instant};

use protocol::media::{PauseReason, ReceiveMode, SlotKind, Source};

use super::{Member, Room, Slot};
use crate::allocation::{Wish, allocate, ideal_bps};
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::rtp::{Layer, MAX_LAYERS};
use crate::subscription::FULL_RATE;

/// Set aside for each voice on a line: Opus with in-band FEC, headers included.
const VOICE_BPS: u64 = 48_000;

/// Set aside for each packet that is sent along with every packet of a voice.
const REDUNDANT_BPS: u64 = 40_000;

/// From this share of losses on, redundant voices come before the last picture; below it, the error correction inside
/// Opus does.
const REDUNDANT_BEFORE_PICTURES: f32 = 0.06;

/// A picture that has to be taken away sooner than this after it was given was given in vain.
const GIVEN_IN_VAIN: Duration = Duration::from_secs(20);

/// How long to wait before such a picture is given again; doubled each time in a row.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The most times that are counted, which makes it 32 s.
const MAX_FAILURES: u32 = 5;

/// Whoever spoke within this counts as a recent speaker.
const RECENT_SPEAKER: Duration = Duration::from_secs(30);

/// How much of the estimate is given out, in percent; the rest is for repairs and feedback.
const USABLE_PERCENT: u64 = 95;

/// How much of the estimate a better picture must fit in, in percent, so that it is not taken back at once.
const UPGRADE_PERCENT: u64 = 80;

/// One part in so many is spent of an estimate that was taken while a queue grew: a link that shrank to a tenth has
/// been seen with an estimate of three times what it carries when the queue was gone.
const WARY_SHARE: u64 = 3;

/// Allocations in a row that must allow a better picture.
const UPGRADE_PATIENCE: u32 = 3;

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
        let (lines, mut wishes) = self.wishes(now, member);
        let voices = member
            .lines(SlotKind::Audio)
            .filter(|line| member.slots[*line].track.is_some())
            .count() as u64;
        let link_bps = member.link_bps();
        let limited = member.downlink.is_limited(now);
        let ideal = ideal_bps(&wishes);
        let mut least = wishes.first().and_then(|wish| wish.bps[0]).unwrap_or(0);
        let mut redundancy = redundancy_of(member, link_bps, voices, least);
        let full = least + voices_bps(voices, redundancy);
        let sparse = lines
            .first()
            .zip(link_bps)
            .and_then(|(line, bps)| self.sparse_bps(&member.slots[*line], bps, full, limited));
        if let Some((wish, bps)) = wishes.first_mut().zip(sparse) {
            wish.bps[0] = Some(bps);
            least = bps;
            redundancy = redundancy_of(member, link_bps, voices, least);
        }
        let voices_bps = voices_bps(voices, redundancy);
        // The most wanted picture is given, in its smallest encoding, until the link shows that it does not carry it: an
        // estimate is no more than what was tried, and a dark picture is worse than a late one. Nor is it taken away
        // over the few percent that are kept for repairs.
        let first = lines.first().map(|line| &member.slots[*line]);
        let shown = first.is_some_and(|slot| slot.target.is_some());
        let untried = first.is_some_and(|slot| slot.failures == 0);
        let tries = !limited && (shown || untried);
        let keeps = shown && link_bps.is_some_and(|bps| bps >= voices_bps + least);
        let floor = if tries || keeps { least } else { 0 };
        let share = if member.downlink.is_wary(now) {
            WARY_SHARE
        } else {
            1
        };
        let budget = |percent: u64| {
            let percent = percent / share;
            let budget = |bps: u64| (bps / 100 * percent).saturating_sub(voices_bps);
            link_bps.map_or(u64::MAX / 4, budget).max(floor)
        };
        let affordable = allocate(budget(USABLE_PERCENT), &wishes);
        let comfortable = allocate(budget(UPGRADE_PERCENT), &wishes);
        let ideal = ideal + voices_bps;
        let covered =
            ideal > voices_bps && link_bps.is_some_and(|bps| bps / 100 * USABLE_PERCENT >= ideal);
        let estimate_bps = link_bps.and(member.estimate_bps);
        let usable_bps = budget(USABLE_PERCENT);

        let unmeasured = first
            .and_then(|slot| slot.track)
            .is_some_and(|track| !self.tracks[track].is_measured());
        let mut given = voices_bps;
        let mut step = 0;
        let tracks = &mut self.tracks;
        let member = &mut self.members[key];
        member
            .ledger
            .note(estimate_bps, voices_bps, usable_bps, &lines, &wishes);
        member.peer.set_redundancy(redundancy);
        let held = member.downlink.is_held();
        for (line, slot) in member.slots.iter_mut().enumerate() {
            if slot.kind != SlotKind::Audio {
                let track = slot.track.and_then(|track| tracks.get(track));
                slot.paused = track.map(|track| {
                    if member.peer.decodes(line, track.codec) {
                        PauseReason::Choice
                    } else {
                        PauseReason::Codec
                    }
                });
            }
        }
        let rate = match member.mode {
            ReceiveMode::Low => LOW_RATE,
            _ => FULL_RATE,
        };
        let mut refused: Vec<usize> = (0..member.slots.len()).collect();
        for (at, line) in lines.iter().enumerate() {
            refused.retain(|refused| refused != line);
            let slot = &mut member.slots[*line];
            let begins = at == 0 && tries && slot.target.is_none();
            let fresh = slot.since == now || begins || !member.peer.is_connected();
            slot.settle(now, affordable[at], comfortable[at], fresh);
            let Some(track) = slot.track.and_then(|track| tracks.get_mut(track)) else {
                continue;
            };
            let silent =
                !track.is_live(now) && now.saturating_duration_since(slot.since) > START_PATIENCE;
            slot.paused = if !track.open || silent {
                Some(PauseReason::Muted)
            } else if slot.target.is_none() {
                Some(PauseReason::Bandwidth)
            } else {
                None
            };
            let sparse = sparse.filter(|_| at == 0 && slot.target == Some(0));
            slot.sparse = sparse.is_some();
            let fits = link_bps.is_none_or(|bps| bps / 100 * UPGRADE_PERCENT >= full);
            slot.denser = if slot.sparse && fits {
                slot.denser + 1
            } else {
                0
            };
            let all = slot.target.map_or(0, |target| track.layer_bps(target));
            let taken = sparse.unwrap_or(all);
            given += taken;
            if let Some(target) = slot.target {
                track.take(now, target);
            }
            let next = slot.target.map_or(0, |target| target + 1);
            if sparse.is_some() {
                step = all.saturating_sub(taken);
            } else if step == 0 && next <= wishes[at].best {
                step = track.layer_bps(next).saturating_sub(taken);
            }
            let goal = slot
                .target
                .filter(|_| track.open && !held)
                .and_then(|target| track.best_live(now, target));
            slot.subscription.set_goal(now, goal);
            let rate = if slot.sparse { SPARSE_RATE } else { rate };
            slot.subscription.set_rate(rate);
        }
        for line in refused {
            let slot = &mut member.slots[line];
            if slot.kind != SlotKind::Audio {
                slot.target = None;
                slot.sparse = false;
                slot.subscription.set_goal(now, None);
            }
        }
        member.given_bps = given;
        if covered {
            member.downlink.forget_limit();
        }
        if member.peer.is_connected() {
            // More than is sent now is only asked for when there is more to send, and then enough to begin the next
            // encoding: without it, a line whose smallest encoding the link once did not carry would stay dark.
            let sustain = if given < ideal && !held {
                ideal.min((given * 3 / 2).max(given + step))
            } else {
                0
            };
            let desired = ideal * 5 / 4;
            // What is sent anyway tells what the link carries; it needs no probes.
            let desired = match link_bps {
                Some(bps) if given >= ideal && !limited => desired.min(bps),
                _ => desired,
            };
            member.peer.set_wishes(sustain, desired);
            // What was not tried yet leaves evenly: the keyframe alone would fill the queue of many a link that carries
            // the picture. Once packets wait, what is left of it follows as fast as the picture goes on, and no faster.
            let paced = match () {
                () if limited => 0,
                () if member.downlink.is_strained() => given,
                () => given * 5 / 4,
            };
            let untold = unmeasured || link_bps.is_some_and(|bps| bps < paced);
            member.peer.set_pacing(paced, untold && !limited);
        }
        self.replay(key, out);
        self.tell_slots(key, out);
    }

    /// What a viewer would like on its lines, most wanted first: screen, stage, tiles, those of recent speakers before
    /// others. Lines that it chose not to receive, and tracks that it cannot decode, are left out.
    fn wishes(&self, now: Instant, member: &Member) -> (Vec<usize>, Vec<Wish>) {
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
        let mut lines = Vec::new();
        let mut wishes = Vec::new();
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
            lines.push(line);
            wishes.push(Wish { bps, enough, best });
        }
        (lines, wishes)
    }

    /// What the most wanted picture takes when its smallest encoding is sent with fewer pictures, if it has to be: a
    /// picture that moves slowly is better than none. `full` is what all its pictures and the voices need.
    /// A link that is not `limited` is tried with all of them first.
    fn sparse_bps(&self, slot: &Slot, link_bps: u64, full: u64, limited: bool) -> Option<u64> {
        let track = slot.track.and_then(|track| self.tracks.get(track))?;
        let enough = match slot.target {
            _ if slot.sparse => slot.denser >= UPGRADE_PATIENCE,
            Some(_) => !limited || link_bps >= full,
            None if !limited && slot.failures == 0 => true,
            None => link_bps / 100 * USABLE_PERCENT >= full,
        };
        track.sparse_bps().filter(|_| !enough)
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

/// What so many voices take when each packet brings so many before it along, bits per second.
const fn voices_bps(voices: u64, redundancy: usize) -> u64 {
    voices * (VOICE_BPS + redundancy as u64 * REDUNDANT_BPS)
}

/// With how many packets before it each voice packet is sent. A link that would then have no room for any picture,
/// `least` bits per second, loses it only to many losses.
fn redundancy_of(member: &Member, link_bps: Option<u64>, voices: u64, least: u64) -> usize {
    if !member.peer.takes_redundancy() {
        return 0;
    }
    let wanted = member.downlink.redundancy();
    if member.downlink.loss() >= REDUNDANT_BEFORE_PICTURES {
        return wanted;
    }
    let fits = |packets: &usize| {
        let voices_bps = voices_bps(voices, *packets);
        link_bps.is_none_or(|bps| bps / 100 * USABLE_PERCENT >= voices_bps + least)
    };
    (0..=wanted).rev().find(fits).unwrap_or(0)
}

impl Slot {
    /// Takes what an allocation gives: less at once, more only after it was offered with room to spare several times
    /// in a row. On a `fresh` line everything at once; a dark line needs no room to spare, as any picture is better
    /// than none, unless it went dark again soon after it was lit: then it waits, longer each time, so that a link on
    /// the brink does not flicker.
    fn settle(
        &mut self,
        now: Instant,
        affordable: Option<Layer>,
        comfortable: Option<Layer>,
        fresh: bool,
    ) {
        let since = now.saturating_duration_since(self.changed);
        let before = self.target;
        let offered = match before {
            Some(_) => comfortable,
            None if self.failures == 0 => affordable,
            None if since < RETRY_AFTER * (1 << self.failures.min(MAX_FAILURES) >> 1) => None,
            None => comfortable,
        };
        if fresh || affordable < self.target {
            self.target = affordable;
            self.upgrades = 0;
        } else if offered > self.target {
            self.upgrades += 1;
            if self.upgrades >= UPGRADE_PATIENCE {
                self.target = offered;
                self.upgrades = 0;
            }
        } else {
            self.upgrades = 0;
        }
        if before.is_some() == self.target.is_some() {
            return;
        }
        self.changed = now;
        if before.is_some() && !fresh {
            self.failures = if since < GIVEN_IN_VAIN {
                self.failures.saturating_add(1)
            } else {
                1
            };
        }
    }
}
