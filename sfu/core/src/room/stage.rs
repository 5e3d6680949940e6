//! What each viewer is shown and hears: tracks onto lines, and as much of each as the link carries.

use std::time::{Duration, Instant};

use protocol::ParticipantId;
use protocol::main_picture::{Claims, Sight};
use protocol::media::{PauseReason, ReceiveMode, SlotKind, Source, TrackRef};

use super::{Member, Room, Slot};
use crate::allocation::{Wish, allocate, ideal_bps};
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::publishing::Origin;
use crate::rtp::{Layer, MAX_LAYERS};
use crate::subscription::FULL_RATE;
use crate::track::Feed;

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
    /// Chooses the voices that are forwarded and puts them on lines. A voice stays on its line until the line is
    /// needed for another.
    pub(crate) fn assign_voices(&mut self, now: Instant, out: &mut Outbox) {
        let always = [self.policy.floor, self.policy.chair];
        for (key, track) in &mut self.tracks {
            if track.reference.source != Source::Microphone {
                continue;
            }
            let privileged = always.contains(&Some(track.reference.participant));
            let forwarded = track.open && (privileged || self.speakers.is_forwarded(key));
            if forwarded && !track.forwarded {
                track.stretch = track.stretch.wrapping_add(1);
            }
            track.forwarded = forwarded;
        }
        let voices = self.voices_in_order(now);
        let keys: Vec<MemberKey> = self.members.keys().collect();
        for key in keys {
            self.assign_voices_of(now, key, &voices);
            self.tell_slots(key, out);
        }
    }

    /// The voices that are forwarded: who has the floor, who chairs, then the loudest.
    fn voices_in_order(&self, now: Instant) -> Vec<TrackKey> {
        let by_rule = [self.policy.floor, self.policy.chair]
            .into_iter()
            .flatten()
            .filter_map(|participant| self.source_of(participant, Source::Microphone));
        let loudest = self.speakers.speaking(now).into_iter().map(|(key, _)| key);
        let mut voices: Vec<TrackKey> = Vec::new();
        for key in by_rule.chain(loudest) {
            if self.tracks[key].forwarded && !voices.contains(&key) {
                voices.push(key);
            }
        }
        voices
    }

    fn assign_voices_of(&mut self, now: Instant, key: MemberKey, voices: &[TrackKey]) {
        let member = &self.members[key];
        let lines: Vec<usize> = member.lines(SlotKind::Audio).collect();
        let mut wanted: Vec<TrackKey> = voices
            .iter()
            .copied()
            .filter(|voice| self.tracks[*voice].publisher != Origin::Here(key))
            .collect();
        let has_floor =
            |voice: &TrackKey| self.policy.floor == Some(self.tracks[*voice].reference.participant);
        if lines.len() == 1
            && !wanted.first().is_some_and(has_floor)
            && let Some(at) = wanted
                .iter()
                .position(|voice| self.speakers.dominant() == Some(*voice))
        {
            // A single line carries the floor holder, else who speaks: not a chair who is silent.
            wanted.swap(0, at);
        }
        wanted.truncate(lines.len());
        let shown = |line: &usize| member.slots[*line].track;
        let mut free: Vec<usize> = lines
            .iter()
            .copied()
            .filter(|line| shown(line).is_none_or(|track| !wanted.contains(&track)))
            .collect();
        // Empty lines first, so that voices keep theirs while possible.
        free.sort_by_key(|line| shown(line).is_some());
        let missing: Vec<TrackKey> = wanted
            .into_iter()
            .filter(|voice| lines.iter().all(|line| shown(line) != Some(*voice)))
            .collect();
        for (line, voice) in free.into_iter().zip(missing) {
            self.put(now, key, line, Some(voice));
        }
        let tracks = &self.tracks;
        for slot in &mut self.members[key].slots {
            if slot.kind != SlotKind::Audio {
                continue;
            }
            let open = slot.track.and_then(|t| tracks.get(t)).map(|t| t.open);
            slot.subscription.set_goal(now, open.map(|_| 0));
            slot.paused = (open == Some(false)).then_some(PauseReason::Muted);
        }
    }

    /// Puts pictures on a member's lines.
    pub(crate) fn assign_pictures(&mut self, now: Instant, key: MemberKey) {
        let Some(member) = self.members.get(key) else {
            return;
        };
        let stage_line = member.lines(SlotKind::Stage).next();
        let screen_line = member.lines(SlotKind::Screen).next();
        let tile_lines: Vec<usize> = member.lines(SlotKind::Tile).collect();
        if let Some(line) = screen_line {
            let screen = self.screen(Some(key));
            self.put(now, key, line, screen);
        }
        let mut stage = None;
        if let Some(line) = stage_line {
            stage = self.main_picture(key, screen_line.is_some());
            self.put(now, key, line, stage);
        }
        if !tile_lines.is_empty() {
            self.assign_tiles(now, key, &tile_lines, stage);
        }
    }

    /// The main picture of a viewer: what it pinned, else who has the first claim by the rule of [`protocol::main_picture`].
    /// A screen claims only with those who have no line for it. Nothing where a page is to draw a plate.
    fn main_picture(&self, key: MemberKey, has_screen_line: bool) -> Option<TrackKey> {
        let member = &self.members[key];
        // A participant never sees itself large; a player without a seat sees everybody.
        let sight = |track: TrackRef| {
            let Some(origin) = self.origin_of(track.participant) else {
                return Sight::Nothing;
            };
            let silent = self.publishing(origin).is_some_and(|by| by.silent);
            let open = self
                .track_of(track)
                .is_some_and(|key| self.tracks[key].open);
            match () {
                () if origin == Origin::Here(key) => Sight::Nothing,
                () if open && !silent => Sight::Picture,
                // A player draws no plates.
                () if member.is_player => Sight::Nothing,
                () => Sight::Plate,
            }
        };
        let shows = |key: &TrackKey| self.tracks[*key].open;
        let pinned = member
            .pinned
            .filter(|track| self.origin_of(track.participant) != Some(Origin::Here(key)))
            .and_then(|track| self.track_of(track))
            .filter(shows);
        if pinned.is_some() {
            return pinned;
        }
        let screen = (!has_screen_line).then(|| self.screen(Some(key))).flatten();
        let owner = |track: TrackKey| self.tracks[track].reference.participant;
        let claims = Claims {
            broadcast: self.policy.broadcast,
            screen: screen.map(owner),
            floor: self.policy.floor,
            speaker: self
                .speakers
                .dominant()
                .and_then(|voice| self.tracks.get(voice))
                .map(|voice| voice.reference.participant),
            before: member
                .lines(SlotKind::Stage)
                .next()
                .and_then(|line| member.slots[line].track)
                .map(|track| self.tracks[track].reference)
                .filter(|track| track.source == Source::Camera)
                .map(|track| track.participant),
        };
        // Of those without a claim, whoever came first.
        let first = || {
            let cameras = self.cameras().map(|track| self.tracks[track].reference);
            let seen = cameras.filter(|camera| sight(*camera) == Sight::Picture);
            seen.map(|camera| camera.participant).min()
        };
        let others = std::iter::once_with(first).flatten();
        claims
            .main_picture(sight, others)
            .and_then(|track| self.track_of(track))
            .filter(shows)
    }

    /// The shared screen: that of the broadcast point or the floor holder before others'.
    fn screen(&self, except: Option<MemberKey>) -> Option<TrackKey> {
        let suits = |key: &TrackKey| {
            let track = &self.tracks[*key];
            track.open && except.map(Origin::Here) != Some(track.publisher)
        };
        let screen = |participant: ParticipantId| self.source_of(participant, Source::Screen);
        [self.policy.broadcast, self.policy.floor]
            .into_iter()
            .flatten()
            .filter_map(screen)
            .chain(self.tracks_of(Source::Screen))
            .find(suits)
    }

    fn assign_tiles(
        &mut self,
        now: Instant,
        key: MemberKey,
        lines: &[usize],
        stage: Option<TrackKey>,
    ) {
        let member = &self.members[key];
        let in_view: Vec<TrackKey> = match &member.view {
            Some(seats) => seats
                .iter()
                .filter_map(|seat| self.source_of(*seat, Source::Camera))
                .collect(),
            None => self.cameras().collect(),
        };
        let mut wanted: Vec<TrackKey> = in_view
            .into_iter()
            .filter(|track| self.tracks[*track].publisher != Origin::Here(key))
            .collect();
        // First what shows something and is not on the stage anyway; a stable sort keeps the viewer's order.
        wanted.sort_by_key(|track| (!self.tracks[*track].open, Some(*track) == stage));
        wanted.truncate(lines.len());
        let shown = |line: &usize| member.slots[*line].track;
        let free: Vec<usize> = lines
            .iter()
            .copied()
            .filter(|line| shown(line).is_none_or(|track| !wanted.contains(&track)))
            .collect();
        let missing: Vec<TrackKey> = wanted
            .iter()
            .copied()
            .filter(|track| lines.iter().all(|line| shown(line) != Some(*track)))
            .collect();
        let mut missing = missing.into_iter();
        for line in free {
            let next = missing.next();
            self.put(now, key, line, next);
        }
    }

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

    /// Sends a viewer the last keyframe, and what followed, of what its stage or screen line waits for: it sees a
    /// picture at once, and the publisher makes no keyframe for it.
    fn replay(&mut self, key: MemberKey, out: &mut Outbox) {
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

    /// Has those tracks keep their keyframes that somebody sees on a stage or screen line.
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

    fn source_of(&self, participant: ParticipantId, source: Source) -> Option<TrackKey> {
        self.track_of(TrackRef {
            participant,
            source,
        })
    }

    fn cameras(&self) -> impl Iterator<Item = TrackKey> + '_ {
        self.tracks_of(Source::Camera)
    }

    fn tracks_of(&self, source: Source) -> impl Iterator<Item = TrackKey> + '_ {
        self.tracks
            .iter()
            .filter(move |(_, track)| track.reference.source == source)
            .map(|(key, _)| key)
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

impl Member {
    /// The lines of one kind, in the offer's order.
    pub(crate) fn lines(&self, kind: SlotKind) -> impl Iterator<Item = usize> + '_ {
        self.slots
            .iter()
            .enumerate()
            .filter(move |(_, slot)| slot.kind == kind)
            .map(|(line, _)| line)
    }
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
