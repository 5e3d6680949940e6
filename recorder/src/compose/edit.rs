//! Decides what the film shows when. Pure: people, tracks and events in, scenes out.
//!
//! The main picture is what the room showed: the main picture that the server named, else the broadcast point, else the
//! shared screen, else the floor holder, else the active speaker (with a hold), else whoever was shown last. Beside it
//! are fixed seats; when there are more people than seats, somebody who becomes active takes the seat of whoever was
//! active longest ago.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ParticipantId;
use protocol::client::Event;
use protocol::media::{Source, TrackRef};

use super::source::Person;
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

/// A seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeatView {
    /// Whose.
    pub(super) person: ParticipantId,
    /// Whether its camera is seen; otherwise the grey plate.
    pub(super) camera: bool,
    /// Whether this person speaks.
    pub(super) speaking: bool,
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
    people: &BTreeMap<ParticipantId, Person>,
    pictures: &Stretches,
    events: &[EventLine],
    rules: Rules,
    (begin_us, end_us): (i64, i64),
) -> Vec<Scene> {
    let mut changes = changes(pictures, events);
    let mut room = Room::new(people, rules);
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
        match scenes.last_mut() {
            Some(last) if last.main == scene.main && last.seats == scene.seats => {}
            Some(last) if last.from_us == scene.from_us => *last = scene,
            _ => scenes.push(scene),
        }
    }
    if scenes.first().is_none_or(|first| first.from_us > begin_us) {
        scenes.insert(0, Room::new(people, rules).scene(begin_us));
    }
    scenes
}

/// What can rearrange the film.
#[derive(Debug, Clone, Copy)]
enum Change {
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

fn changes(pictures: &Stretches, events: &[EventLine]) -> BTreeMap<i64, Vec<Change>> {
    let mut changes: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
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
                Event::CameraChanged { participant, on } => Change::Camera(*participant, *on),
                Event::ScreenChanged { participant } => Change::ScreenShared(*participant),
                Event::BroadcastChanged { participant } => Change::Broadcast(*participant),
                Event::FloorGranted { participant, .. } => Change::Floor(Some(*participant)),
                Event::FloorReleased { .. } => Change::Floor(None),
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
    people: &'a BTreeMap<ParticipantId, Person>,
    rules: Rules,
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
    shown: Option<TrackRef>,
    seats: Vec<ParticipantId>,
    active_us: BTreeMap<ParticipantId, i64>,
}

impl<'a> Room<'a> {
    fn new(people: &'a BTreeMap<ParticipantId, Person>, rules: Rules) -> Self {
        let mut seats: Vec<_> = people.iter().collect();
        seats.sort_by_key(|(id, person)| (person.seat.is_none(), person.seat, **id));
        Self {
            people,
            rules,
            seen: BTreeSet::new(),
            cameras_off: BTreeSet::new(),
            screen_off: false,
            broadcast: None,
            floor: None,
            speaker: None,
            large: None,
            large_since_us: i64::MIN,
            named: None,
            shown: None,
            seats: seats
                .into_iter()
                .map(|(id, _)| *id)
                .take(rules.places)
                .collect(),
            active_us: BTreeMap::new(),
        }
    }

    /// Takes a change; returns when to look again, if a hold delays it.
    fn apply(&mut self, at_us: i64, change: Change) -> Option<i64> {
        match change {
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
                self.activate(at_us, person);
            }
            Change::Floor(person) => {
                self.floor = person;
                self.activate(at_us, person);
            }
            Change::Speaker(person) => {
                self.speaker = person;
                self.activate(at_us, person);
                return self.enlarge(at_us);
            }
            Change::Named(track) => {
                self.named = track;
                self.activate(at_us, track.map(|track| track.participant));
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

    /// Gives somebody active a seat, if need be that of whoever was active longest ago.
    fn activate(&mut self, at_us: i64, person: Option<ParticipantId>) {
        let Some(person) = person.filter(|person| self.people.contains_key(person)) else {
            return;
        };
        self.active_us.insert(person, at_us);
        if self.seats.contains(&person) {
            return;
        }
        let last_active =
            |person: &ParticipantId| self.active_us.get(person).copied().unwrap_or(i64::MIN);
        // Of several equally idle ones the last seat goes first.
        if let Some(idlest) = self
            .seats
            .iter_mut()
            .rev()
            .min_by_key(|person| last_active(person))
        {
            *idlest = person;
        }
    }

    fn is_seen(&self, track: TrackRef) -> bool {
        let off = match track.source {
            Source::Camera => self.cameras_off.contains(&track.participant),
            Source::Screen => self.screen_off,
            Source::Microphone => true,
        };
        self.seen.contains(&track) && !off
    }

    fn camera(&self, person: Option<ParticipantId>) -> Option<TrackRef> {
        let track = TrackRef {
            participant: person?,
            source: Source::Camera,
        };
        self.is_seen(track).then_some(track)
    }

    fn main(&mut self) -> Main {
        let is_screen = |track: &TrackRef| track.source == Source::Screen && self.is_seen(*track);
        let screen = || self.seen.iter().copied().find(is_screen);
        let seated = || {
            self.seats
                .iter()
                .find_map(|person| self.camera(Some(*person)))
        };
        let track = self
            .named
            .filter(|track| self.is_seen(*track))
            .or_else(|| self.camera(self.broadcast))
            .or_else(screen)
            .or_else(|| self.camera(self.floor))
            .or_else(|| self.camera(self.large))
            .or_else(|| self.shown.filter(|track| self.is_seen(*track)))
            .or_else(seated)
            .or_else(|| self.seen.iter().copied().find(|track| self.is_seen(*track)));
        self.shown = track.or(self.shown);
        let person = track.map(|track| track.participant);
        Main {
            person: person.or(self.broadcast).or(self.floor).or(self.large),
            track,
        }
    }

    fn scene(&mut self, from_us: i64) -> Scene {
        let main = self.main();
        let seat = |person: &ParticipantId| SeatView {
            person: *person,
            camera: self.camera(Some(*person)).is_some(),
            speaking: self.speaker == Some(*person),
        };
        Scene {
            from_us,
            main,
            seats: self.seats.iter().map(seat).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let people = (1..=3_u32)
            .map(|n| {
                (
                    person(n.into()),
                    Person {
                        name: format!("Điểm cầu {n}"),
                        seat: Some(n),
                    },
                )
            })
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
        edit(&people, &pictures, &lines, RULES, (0, 100_000))
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
                    room(Event::BroadcastChanged {
                        participant: Some(person(1)),
                    }),
                ),
                (25_000, room(Event::BroadcastChanged { participant: None })),
                (30_000, room(Event::ScreenChanged { participant: None })),
                (
                    35_000,
                    room(Event::ScreenChanged {
                        participant: Some(person(2)),
                    }),
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
    fn floor_holder_stays_large_whoever_speaks() {
        let granted = Event::FloorGranted {
            participant: person(2),
            by: person(1),
            opens_at_us: None,
        };
        let released = Event::FloorReleased {
            participant: person(2),
            declined: false,
        };
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
    fn camera_that_is_off_leaves_a_grey_seat_and_the_name() {
        let off = |n| {
            room(Event::CameraChanged {
                participant: person(n),
                on: false,
            })
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
        let seats = |scene: &Scene| {
            scene
                .seats
                .iter()
                .map(|seat| seat.person)
                .collect::<Vec<_>>()
        };
        assert_eq!(seats(&scenes[0]), [person(1), person(2)]);
        let last = scenes.last().expect("a scene");
        assert_eq!(seats(last), [person(1), person(3)]);
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
        let scenes = edit(&BTreeMap::new(), &Stretches::new(), &[], RULES, (5, 10));
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
