//! Which pictures each viewer is shown, and on which lines.

use std::time::Instant;

use protocol::main_picture::{Claims, Sight, first_screen};
use protocol::media::{SlotKind, Source, TrackRef};

use super::Room;
use crate::keys::{MemberKey, TrackKey};
use crate::publishing::Origin;

impl Room {
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

    /// The main picture of a viewer: what it pinned, else who has the first claim by the rule of
    /// [`protocol::main_picture`]. A screen claims only with those who have no line for it. Nothing where a page is to
    /// draw a plate.
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
        claims
            .main_picture(sight, self.cameras().map(owner))
            .and_then(|track| self.track_of(track))
            .filter(shows)
    }

    /// The shared screen; of several, the one that [`protocol::main_picture`] puts first.
    fn screen(&self, except: Option<MemberKey>) -> Option<TrackKey> {
        let sharing = self
            .tracks_of(Source::Screen)
            .map(|key| &self.tracks[key])
            .filter(|track| track.open && except.map(Origin::Here) != Some(track.publisher))
            .map(|track| track.reference.participant);
        let first = first_screen(self.policy.broadcast, self.policy.floor, sharing)?;
        self.source_of(first, Source::Screen)
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
}
