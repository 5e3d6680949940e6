//! Decides who has which tile of the wall beside the main picture. Pure: who comes, goes and becomes active in, tiles
//! out.
//!
//! On the wall are the seats of the invited points, grey while nobody is there, then the others who publish, for as long
//! as they are in the room. When there are more than places, those who are there come first, and somebody who becomes
//! active takes the place of an absent point or of whoever was active longest ago.

use std::collections::BTreeMap;

use protocol::ParticipantId;

use super::attendance;
use super::source::Person;

/// Whose a tile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Somebody in the room.
    Person(ParticipantId),
    /// The absent point whose seat has this number.
    Seat(u32),
}

/// A tile of the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeatView {
    /// Whose.
    pub(super) who: Who,
    /// Whether its camera is seen; otherwise the grey plate.
    pub(super) camera: bool,
    /// Whether this person speaks.
    pub(super) speaking: bool,
}

/// Who may be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast<'a> {
    /// Everybody who has a tile when in the room.
    pub(super) people: &'a BTreeMap<ParticipantId, Person>,
    /// The seats on the wall, by number.
    pub(super) seats: &'a BTreeMap<u32, String>,
    /// Who was in the room when; whoever is not in there was there all the time.
    pub(super) here: &'a BTreeMap<ParticipantId, attendance::Stretches>,
}

/// The tiles at a moment of the film.
pub(super) struct Wall<'a> {
    cast: Cast<'a>,
    places: usize,
    /// Those who are in the room and may have a tile, in the order in which they came.
    here: Vec<ParticipantId>,
    tiles: Vec<Who>,
    active_us: BTreeMap<ParticipantId, i64>,
}

impl<'a> Wall<'a> {
    /// A wall of so many places, before anybody comes or goes.
    pub(super) fn new(cast: Cast<'a>, places: usize) -> Self {
        let unknown = |person: &&ParticipantId| !cast.here.contains_key(person);
        let mut here: Vec<_> = cast.people.keys().filter(unknown).copied().collect();
        here.sort_by_key(|person| {
            let seat = cast.seat(*person);
            (seat.is_none(), seat, *person)
        });
        let mut wall = Self {
            cast,
            places,
            here,
            tiles: Vec::new(),
            active_us: BTreeMap::new(),
        };
        wall.place();
        wall
    }

    /// Those who are in the room and may have a tile, in the order in which they came.
    pub(super) fn here(&self) -> &[ParticipantId] {
        &self.here
    }

    /// Whose the tiles are, from the top down.
    pub(super) fn tiles(&self) -> &[Who] {
        &self.tiles
    }

    /// Somebody comes or goes.
    pub(super) fn set_here(&mut self, person: ParticipantId, here: bool) {
        self.here.retain(|other| *other != person);
        if here && self.cast.people.contains_key(&person) {
            self.here.push(person);
        }
        self.place();
    }

    /// Gives somebody active a place, if need be that of an absent point or of whoever was active longest ago.
    pub(super) fn activate(&mut self, at_us: i64, person: Option<ParticipantId>) {
        let Some(person) = person.filter(|person| self.here.contains(person)) else {
            return;
        };
        self.active_us.insert(person, at_us);
        let who = Who::Person(person);
        if self.tiles.contains(&who) || !self.wanted().contains(&who) {
            return;
        }
        let last_active = |tile: &Who| match tile {
            Who::Seat(_) => None,
            Who::Person(person) => Some(self.active_us.get(person).copied().unwrap_or(i64::MIN)),
        };
        // Of several equally idle ones the last goes first.
        let idlest = self
            .tiles
            .iter_mut()
            .rev()
            .min_by_key(|tile| last_active(tile));
        if let Some(idlest) = idlest {
            *idlest = who;
        }
    }

    /// Gives out the places after somebody came or went. Whoever keeps a tile keeps its place if not all have one.
    fn place(&mut self) {
        let wanted = self.wanted();
        if wanted.len() <= self.places {
            self.tiles = wanted;
            return;
        }
        let cast = self.cast;
        // A point that comes or goes changes its tile where it is.
        for tile in &mut self.tiles {
            let seat = cast.seat_of(*tile);
            let same = |other: &&Who| seat.is_some() && cast.seat_of(**other) == seat;
            if let Some(now) = wanted.iter().find(same) {
                *tile = *now;
            }
        }
        self.tiles.retain(|tile| wanted.contains(tile));
        let waiting = wanted.iter().filter(|who| !self.tiles.contains(who));
        let (present, absent): (Vec<Who>, Vec<Who>) =
            waiting.partition(|who| matches!(who, Who::Person(_)));
        for who in present.into_iter().chain(absent) {
            if self.tiles.len() < self.places {
                self.tiles.push(who);
            } else if matches!(who, Who::Person(_))
                && let Some(absent) = self.tiles.iter_mut().rfind(|t| matches!(t, Who::Seat(_)))
            {
                *absent = who;
            }
        }
    }

    /// Everybody who should have a tile, in the order of the wall.
    fn wanted(&self) -> Vec<Who> {
        let seat = |person: &ParticipantId| self.cast.seat(*person);
        let seated = self.cast.seats.keys().map(|number| {
            // Of two devices of one point the later one counts.
            let holder = self.here.iter().rfind(|p| seat(p) == Some(*number));
            holder.map_or(Who::Seat(*number), |person| Who::Person(*person))
        });
        let others = self.here.iter().filter(|person| seat(person).is_none());
        seated
            .chain(others.map(|person| Who::Person(*person)))
            .collect()
    }
}

impl Cast<'_> {
    fn seat(&self, person: ParticipantId) -> Option<u32> {
        self.people.get(&person)?.seat
    }

    /// The seat that a tile stands for; none of a guest's.
    fn seat_of(&self, who: Who) -> Option<u32> {
        match who {
            Who::Person(person) => self.seat(person),
            Who::Seat(number) => Some(number),
        }
    }
}
