//! Decides what the film shows when. Pure: people, tracks and events in, scenes out.
//!
//! The main picture is the one that the room named. Where it named none, the same rule decides by what was recorded
//! ([`protocol::main_picture`]), with a hold for whoever spoke last. A picture that is wanted and does not come is a grey
//! plate.
//!
//! Beside it is the [`wall`](super::wall), which is told who comes, goes and becomes active.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ParticipantId;
use protocol::client::{Event, FloorEvent, PictureEvent};
use protocol::main_picture::{Claims, Sight, first_screen};
use protocol::media::{Source, TrackRef};

use super::wall::{Cast, SeatView, Wall, Who};
use crate::segment::events::{EventLine, LogEvent};

/// A stretch of the film in which nothing is rearranged; it lasts until the next scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scene {
    /// When it begins, on the session clock.
    pub(super) from_us: i64,
    /// Who or what is large.
    pub(super) main: Main,
    /// The seats from the top down.
    pub(super) seats: Vec<SeatView>,
}

/// The main picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Main {
    /// Whose name is on it.
    pub(super) person: Option<ParticipantId>,
    /// What is seen; none means the grey plate.
    pub(super) track: Option<TrackRef>,
}

/// How to edit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Seats beside the main picture.
    pub(super) places: usize,
    /// How long a speaker is large at least.
    pub(super) speaker_hold_us: i64,
}

/// When a track has pictures.
pub(super) type Stretches = BTreeMap<TrackRef, Vec<(i64, i64)>>;

/// Edits the film from `begin_us` to `end_us`. The first scene begins at `begin_us`; no two neighbours are alike.
pub(super) fn edit(
    cast: Cast<'_>,
    pictures: &Stretches,
    events: &[EventLine],
    rules: Rules,
    (begin_us, end_us): (i64, i64),
) -> Vec<Scene> {
    let mut changes = changes(cast, pictures, events);
    let mut room = Room::new(cast, rules);
    let mut scenes: Vec<Scene> = Vec::new();
    while let Some((at_us, changes_now)) = changes.pop_first() {
        if at_us >= end_us {
            break;
        }
        for change in changes_now {
            if let Some(again_us) = room.apply(at_us, change) {
                changes.entry(again_us).or_default().push(Change::HoldOver);
            }
        }
        let scene = room.scene(at_us.max(begin_us));
        room.before = scene
            .main
            .track
            .filter(|track| track.source == Source::Camera)
            .map(|track| track.participant);
        match scenes.last_mut() {
            Some(last) if last.main == scene.main && last.seats == scene.seats => {}
            Some(last) if last.from_us == scene.from_us => *last = scene,
            _ => scenes.push(scene),
        }
    }
    if scenes.first().is_none_or(|first| first.from_us > begin_us) {
        scenes.insert(0, Room::new(cast, rules).scene(begin_us));
    }
    scenes
}

/// What can rearrange the film.
#[derive(Debug, Clone, Copy)]
enum Change {
    Here(ParticipantId, bool),
    Seen(TrackRef),
    Unseen(TrackRef),
    Camera(ParticipantId, bool),
    ScreenShared(Option<ParticipantId>),
    Broadcast(Option<ParticipantId>),
    Floor(Option<ParticipantId>),
    Speaker(Option<ParticipantId>),
    Named(Option<TrackRef>),
    HoldOver,
}

fn changes(
    cast: Cast<'_>,
    pictures: &Stretches,
    events: &[EventLine],
) -> BTreeMap<i64, Vec<Change>> {
    let mut changes: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
    for (person, stretches) in cast.here {
        for (from_us, to_us) in stretches {
            let come = changes.entry(*from_us).or_default();
            come.push(Change::Here(*person, true));
            if let Some(to_us) = to_us {
                let go = changes.entry(*to_us).or_default();
                go.push(Change::Here(*person, false));
            }
        }
    }
    for (track, stretches) in pictures {
        for (from_us, to_us) in stretches {
            changes
                .entry(*from_us)
                .or_default()
                .push(Change::Seen(*track));
            changes
                .entry(*to_us)
                .or_default()
                .push(Change::Unseen(*track));
        }
    }
    for line in events {
        let change = match &line.event {
            LogEvent::ActiveSpeaker { participant } => Change::Speaker(*participant),
            LogEvent::MainPicture { track } => Change::Named(*track),
            LogEvent::Room { event } => match event {
                Event::Picture(PictureEvent::CameraChanged { participant, on }) => {
                    Change::Camera(*participant, *on)
                }
                Event::Picture(PictureEvent::ScreenChanged { participant }) => {
                    Change::ScreenShared(*participant)
                }
                Event::Picture(PictureEvent::BroadcastChanged { participant }) => {
                    Change::Broadcast(*participant)
                }
                Event::Floor(FloorEvent::FloorGranted { participant, .. }) => {
                    Change::Floor(Some(*participant))
                }
                Event::Floor(FloorEvent::FloorReleased { .. }) => Change::Floor(None),
                _ => continue,
            },
            _ => continue,
        };
        changes.entry(line.at_us).or_default().push(change);
    }
    changes
}

/// What is the case at a moment of the film.
struct Room<'a> {
    rules: Rules,
    wall: Wall<'a>,
    seen: BTreeSet<TrackRef>,
    cameras_off: BTreeSet<ParticipantId>,
    screen_off: bool,
    broadcast: Option<ParticipantId>,
    floor: Option<ParticipantId>,
    speaker: Option<ParticipantId>,
    /// The speaker who is large, since when, and who waits for that.
    large: Option<ParticipantId>,
    large_since_us: i64,
    named: Option<TrackRef>,
    /// Whose camera was in the main picture until now.
    before: Option<ParticipantId>,
}

impl<'a> Room<'a> {
    fn new(cast: Cast<'a>, rules: Rules) -> Self {
        Self {
            rules,
            wall: Wall::new(cast, rules.places),
            seen: BTreeSet::new(),
            cameras_off: BTreeSet::new(),
            screen_off: false,
            broadcast: None,
            floor: None,
            speaker: None,
            large: None,
            large_since_us: i64::MIN,
            named: None,
            before: None,
        }
    }

    /// Takes a change; returns when to look again, if a hold delays it.
    fn apply(&mut self, at_us: i64, change: Change) -> Option<i64> {
        match change {
            Change::Here(person, here) => self.wall.set_here(person, here),
            Change::Seen(track) => {
                self.seen.insert(track);
                match track.source {
                    Source::Camera => {
                        self.cameras_off.remove(&track.participant);
                    }
                    Source::Screen => self.screen_off = false,
                    Source::Microphone => {}
                }
            }
            Change::Unseen(track) => {
                self.seen.remove(&track);
            }
            Change::Camera(person, on) => {
                if on {
                    self.cameras_off.remove(&person);
                } else {
                    self.cameras_off.insert(person);
                }
            }
            Change::ScreenShared(person) => self.screen_off = person.is_none(),
            Change::Broadcast(person) => {
                self.broadcast = person;
                self.wall.activate(at_us, person);
            }
            Change::Floor(person) => {
                self.floor = person;
                self.wall.activate(at_us, person);
            }
            Change::Speaker(person) => {
                self.speaker = person;
                self.wall.activate(at_us, person);
                return self.enlarge(at_us);
            }
            Change::Named(track) => {
                self.named = track;
                self.wall
                    .activate(at_us, track.map(|track| track.participant));
            }
            Change::HoldOver => return self.enlarge(at_us),
        }
        None
    }

    /// Lets the present speaker be large, or says when that may be tried again.
    fn enlarge(&mut self, at_us: i64) -> Option<i64> {
        if self.speaker.is_none() || self.speaker == self.large {
            return None;
        }
        let free_us = self
            .large_since_us
            .saturating_add(self.rules.speaker_hold_us);
        if self.large.is_some() && at_us < free_us {
            return Some(free_us);
        }
        self.large = self.speaker;
        self.large_since_us = at_us;
        None
    }

    /// Whether a track was switched off, whatever is seen of it.
    fn is_off(&self, track: TrackRef) -> bool {
        match track.source {
            Source::Camera => self.cameras_off.contains(&track.participant),
            Source::Screen => self.screen_off,
            Source::Microphone => true,
        }
    }

    fn is_seen(&self, track: TrackRef) -> bool {
        self.seen.contains(&track) && !self.is_off(track)
    }

    fn camera(&self, person: Option<ParticipantId>) -> Option<TrackRef> {
        let track = TrackRef {
            participant: person?,
            source: Source::Camera,
        };
        self.is_seen(track).then_some(track)
    }

    /// Who shares a screen.
    fn screen(&self) -> Option<ParticipantId> {
        let screens = self
            .seen
            .iter()
            .filter(|track| track.source == Source::Screen);
        let sharing = screens.filter(|track| self.is_seen(**track));
        first_screen(
            self.broadcast,
            self.floor,
            sharing.map(|track| track.participant),
        )
    }

    fn main(&self) -> Main {
        // What the room named is what everybody saw, also while it did not come.
        let named = self.named.filter(|track| !self.is_off(*track));
        let Some(large) = named.or_else(|| self.by_claim()) else {
            return Main {
                person: self
                    .large
                    .filter(|person| self.wall.here().contains(person)),
                track: None,
            };
        };
        Main {
            person: Some(large.participant),
            track: self.is_seen(large).then_some(large),
        }
    }

    fn by_claim(&self) -> Option<TrackRef> {
        let claims = Claims {
            broadcast: self.broadcast,
            screen: self.screen(),
            floor: self.floor,
            speaker: self.large,
            before: self.before,
        };
        let sight = |track: TrackRef| match self.wall.here().contains(&track.participant) {
            _ if self.is_seen(track) => Sight::Picture,
            true => Sight::Plate,
            false => Sight::Nothing,
        };
        claims.main_picture(sight, self.wall.here().iter().copied())
    }

    fn scene(&self, from_us: i64) -> Scene {
        let tile = |who: &Who| {
            let person = match who {
                Who::Person(person) => Some(*person),
                Who::Seat(_) => None,
            };
            SeatView {
                who: *who,
                camera: self.camera(person).is_some(),
                speaking: person.is_some() && self.speaker == person,
            }
        };
        Scene {
            from_us,
            main: self.main(),
            seats: self.wall.tiles().iter().map(tile).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::source::Person;
    use protocol::UtcMicros;
    use uuid::Uuid;

    const RULES: Rules = Rules {
        places: 2,
        speaker_hold_us: 2_000,
    };

    fn person(n: u128) -> ParticipantId {
        ParticipantId(Uuid::from_u128(n))
    }

    fn camera(n: u128) -> TrackRef {
        TrackRef {
            participant: person(n),
            source: Source::Camera,
        }
    }

    fn screen(n: u128) -> TrackRef {
        TrackRef {
            participant: person(n),
            source: Source::Screen,
        }
    }

    /// Three people in seats 1 to 3 whose cameras are seen from 0 to 100 ms, and perhaps a screen.
    fn film(extra: &[(TrackRef, (i64, i64))], events: &[(i64, LogEvent)]) -> Vec<Scene> {
        film_with(RULES, &[], &[], extra, events)
    }

    /// The same with further seats, and with people who were there for a while only: the fourth and on have no seat.
    fn film_with(
        rules: Rules,
        absent: &[u32],
        here: &[(u128, (i64, Option<i64>))],
        extra: &[(TrackRef, (i64, i64))],
        events: &[(i64, LogEvent)],
    ) -> Vec<Scene> {
        let someone = |n: u32| Person {
            name: format!("Điểm cầu {n}"),
            seat: (n <= 3).then_some(n),
        };
        let guests = here.iter().map(|(n, _)| u32::try_from(*n).expect("small"));
        let people = (1..=3)
            .chain(guests)
            .map(|n| (person(n.into()), someone(n)))
            .collect();
        let seats = (1..=3).chain(absent.iter().copied());
        let seats = seats.map(|n| (n, format!("Điểm cầu {n}"))).collect();
        let here = here
            .iter()
            .map(|(n, stretch)| (person(*n), vec![*stretch]))
            .collect();
        let mut pictures: Stretches = (1..=3).map(|n| (camera(n), vec![(0, 100_000)])).collect();
        for (track, stretch) in extra {
            pictures.insert(*track, vec![*stretch]);
        }
        let lines: Vec<_> = events
            .iter()
            .map(|(at_us, event)| EventLine {
                seq: 1,
                at_us: *at_us,
                utc_us: UtcMicros(0),
                event: event.clone(),
            })
            .collect();
        let cast = Cast {
            people: &people,
            seats: &seats,
            here: &here,
        };
        edit(cast, &pictures, &lines, rules, (0, 100_000))
    }

    /// The wall from each change of it on.
    fn walls(scenes: &[Scene]) -> Vec<(i64, Vec<Who>)> {
        let mut walls: Vec<(i64, Vec<Who>)> = Vec::new();
        for scene in scenes {
            let wall: Vec<_> = scene.seats.iter().map(|seat| seat.who).collect();
            if walls.last().is_none_or(|(_, last)| *last != wall) {
                walls.push((scene.from_us, wall));
            }
        }
        walls
    }

    fn someone(n: u128) -> Who {
        Who::Person(person(n))
    }

    fn large(scenes: &[Scene]) -> Vec<(i64, Option<TrackRef>)> {
        let mut large: Vec<(i64, Option<TrackRef>)> = Vec::new();
        for scene in scenes {
            if large
                .last()
                .is_none_or(|(_, track)| *track != scene.main.track)
            {
                large.push((scene.from_us, scene.main.track));
            }
        }
        large
    }

    fn speaks(n: u128) -> LogEvent {
        LogEvent::ActiveSpeaker {
            participant: Some(person(n)),
        }
    }

    fn room(event: Event) -> LogEvent {
        LogEvent::Room { event }
    }

    #[test]
    fn speaker_is_large_and_quick_turns_wait_for_the_hold() {
        let scenes = film(
            &[],
            &[(1_000, speaks(2)), (1_500, speaks(3)), (9_000, speaks(1))],
        );
        assert_eq!(
            large(&scenes),
            [
                (0, Some(camera(1))),
                (1_000, Some(camera(2))),
                (3_000, Some(camera(3))),
                (9_000, Some(camera(1)))
            ]
        );
    }

    #[test]
    fn screen_is_large_while_it_is_shared_and_a_broadcast_beats_it() {
        let scenes = film(
            &[(screen(2), (10_000, 40_000))],
            &[
                (5_000, speaks(3)),
                (
                    20_000,
                    room(Event::Picture(PictureEvent::BroadcastChanged {
                        participant: Some(person(1)),
                    })),
                ),
                (
                    25_000,
                    room(Event::Picture(PictureEvent::BroadcastChanged {
                        participant: None,
                    })),
                ),
                (
                    30_000,
                    room(Event::Picture(PictureEvent::ScreenChanged {
                        participant: None,
                    })),
                ),
                (
                    35_000,
                    room(Event::Picture(PictureEvent::ScreenChanged {
                        participant: Some(person(2)),
                    })),
                ),
            ],
        );
        assert_eq!(
            large(&scenes),
            [
                (0, Some(camera(1))),
                (5_000, Some(camera(3))),
                (10_000, Some(screen(2))),
                (20_000, Some(camera(1))),
                (25_000, Some(screen(2))),
                (30_000, Some(camera(3))),
                (35_000, Some(screen(2))),
                (40_000, Some(camera(3))),
            ]
        );
    }

    #[test]
    fn picture_that_the_server_named_beats_all() {
        let named = LogEvent::MainPicture {
            track: Some(camera(3)),
        };
        let scenes = film(&[(screen(2), (0, 90_000))], &[(10_000, named)]);
        assert_eq!(
            large(&scenes),
            [(0, Some(screen(2))), (10_000, Some(camera(3)))]
        );
    }

    #[test]
    fn picture_that_the_server_named_is_waited_for_and_one_switched_off_is_not() {
        let named = LogEvent::MainPicture {
            track: Some(camera(2)),
        };
        let off = room(Event::Picture(PictureEvent::CameraChanged {
            participant: person(2),
            on: false,
        }));
        let scenes = film(
            &[(camera(2), (0, 30_000))],
            &[(10_000, named), (50_000, off)],
        );
        assert_eq!(
            large(&scenes),
            [
                (0, Some(camera(1))),
                (10_000, Some(camera(2))),
                (30_000, None),
                (50_000, Some(camera(1)))
            ]
        );
        let waiting = scenes.iter().find(|scene| scene.main.track.is_none());
        assert_eq!(waiting.expect("a scene").main.person, Some(person(2)));
    }

    #[test]
    fn first_camera_is_that_of_whoever_came_first() {
        let scenes = film_with(
            RULES,
            &[],
            &[(1, (8_000, None)), (2, (9_000, None)), (3, (5_000, None))],
            &[],
            &[],
        );
        assert_eq!(
            large(&scenes),
            [(0, None), (5_000, Some(camera(3)))],
            "one after another does not take it"
        );
    }

    #[test]
    fn absent_point_keeps_its_seat_and_a_guest_who_left_keeps_no_tile() {
        let rules = Rules { places: 8, ..RULES };
        let here = [(2, (0, Some(60_000))), (4, (10_000, Some(40_000)))];
        let scenes = film_with(rules, &[5], &here, &[], &[]);
        let seat = Who::Seat;
        assert_eq!(
            walls(&scenes),
            [
                (0, vec![someone(1), someone(2), someone(3), seat(5)]),
                (
                    10_000,
                    vec![someone(1), someone(2), someone(3), seat(5), someone(4)]
                ),
                (40_000, vec![someone(1), someone(2), someone(3), seat(5)]),
                (60_000, vec![someone(1), seat(2), someone(3), seat(5)]),
            ]
        );
    }

    #[test]
    fn those_who_are_there_come_before_absent_points_where_places_are_few() {
        let scenes = film_with(
            RULES,
            &[],
            &[
                (1, (10_000, Some(50_000))),
                (2, (90_000, None)),
                (3, (20_000, None)),
            ],
            &[],
            &[],
        );
        let seat = Who::Seat;
        assert_eq!(
            walls(&scenes),
            [
                (0, vec![seat(1), seat(2)]),
                (10_000, vec![someone(1), seat(2)]),
                (20_000, vec![someone(1), someone(3)]),
                (50_000, vec![seat(1), someone(3)]),
                (90_000, vec![someone(2), someone(3)]),
            ]
        );
    }

    #[test]
    fn floor_holder_stays_large_whoever_speaks() {
        let granted = Event::Floor(FloorEvent::FloorGranted {
            participant: person(2),
            by: person(1),
            opens_at_us: None,
            ends_at_us: None,
            topic: None,
        });
        let released = Event::Floor(FloorEvent::FloorReleased {
            participant: person(2),
            declined: false,
            expired: false,
        });
        let scenes = film(
            &[],
            &[
                (1_000, room(granted)),
                (9_000, speaks(3)),
                (20_000, room(released)),
            ],
        );
        assert_eq!(
            large(&scenes),
            [
                (0, Some(camera(1))),
                (1_000, Some(camera(2))),
                (20_000, Some(camera(3)))
            ]
        );
    }

    #[test]
    fn whoever_was_called_is_large_by_name_while_the_camera_is_off() {
        let off = Event::Picture(PictureEvent::CameraChanged {
            participant: person(2),
            on: false,
        });
        let granted = Event::Floor(FloorEvent::FloorGranted {
            participant: person(2),
            by: person(1),
            opens_at_us: None,
            ends_at_us: None,
            topic: None,
        });
        let scenes = film(
            &[],
            &[
                (1_000, room(off)),
                (2_000, room(granted)),
                (9_000, speaks(3)),
            ],
        );
        assert_eq!(large(&scenes), [(0, Some(camera(1))), (2_000, None)]);
        let last = scenes.last().expect("a scene");
        assert_eq!(last.main.person, Some(person(2)));
    }

    #[test]
    fn camera_that_is_off_leaves_a_grey_seat_and_the_name() {
        let off = |n| {
            room(Event::Picture(PictureEvent::CameraChanged {
                participant: person(n),
                on: false,
            }))
        };
        let scenes = film(
            &[],
            &[
                (5_000, off(1)),
                (5_000, off(2)),
                (5_000, off(3)),
                (8_000, speaks(2)),
            ],
        );
        let last = scenes.last().expect("a scene");
        assert!(last.seats.iter().all(|seat| !seat.camera));
        assert_eq!(
            last.main,
            Main {
                person: Some(person(2)),
                track: None
            }
        );
    }

    #[test]
    fn person_without_a_seat_gets_one_by_speaking() {
        let scenes = film(&[], &[(1_000, speaks(1)), (5_000, speaks(3))]);
        let last = scenes.last().expect("a scene");
        assert_eq!(
            walls(&scenes),
            [
                (0, vec![someone(1), someone(2)]),
                (5_000, vec![someone(1), someone(3)])
            ]
        );
        assert_eq!(
            last.seats
                .iter()
                .map(|seat| seat.speaking)
                .collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn empty_room_is_one_grey_scene() {
        let (people, seats, here) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let cast = Cast {
            people: &people,
            seats: &seats,
            here: &here,
        };
        let scenes = edit(cast, &Stretches::new(), &[], RULES, (5, 10));
        assert_eq!(
            scenes,
            [Scene {
                from_us: 5,
                main: Main {
                    person: None,
                    track: None
                },
                seats: vec![]
            }]
        );
    }
}
