//! Which voices are heard, and on which lines.

use std::time::Instant;

use protocol::media::{PauseReason, SlotKind, Source};

use super::Room;
use crate::keys::{MemberKey, TrackKey};
use crate::outbox::Outbox;
use crate::publishing::Origin;

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
}
