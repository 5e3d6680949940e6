//! Who is shown large and small, and who is heard, in whole rooms on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::time::Duration;

use impairment::Conditions;
use protocol::media::{Profile, Source};
use protocol::sfu::{RoomPolicy, SfuCommand, SfuEvent};
use world::{World, assert_unbroken, good_link, room};

const SECOND: Duration = Duration::from_secs(1);

/// The stage line of a browser profile: it follows the four voices.
const STAGE: usize = 4;
const FIRST_TILE: usize = 5;

#[test]
fn stage_follows_the_speaker_on_one_unbroken_line() {
    let mut world = World::new();
    let viewer = world.join(Profile::Phone);
    let first = world.join(Profile::Room);
    let second = world.join(Profile::Room);
    for point in [first, second] {
        world.clients[point].camera_on = true;
    }
    world.clients[first].voice = Some(105);
    world.run(4 * SECOND);
    assert_eq!(
        world.clients[viewer].on_line(STAGE).last().unwrap().who,
        first
    );
    world.clients[first].voice = None;
    world.clients[second].voice = Some(105);
    world.run(5 * SECOND);
    let stage = world.clients[viewer].on_line(STAGE);
    assert_eq!(stage.last().unwrap().who, second);
    assert_unbroken(stage);
    let change = stage.windows(2).find(|pair| pair[0].who != pair[1].who);
    assert!(change.unwrap()[1].keyframe);
    // The speaker does not see itself large.
    assert!(world.clients[second].pictures_of(second).is_empty());
}

#[test]
fn floor_and_broadcast_outrank_the_loudest() {
    let mut world = World::new();
    let viewer = world.join(Profile::Phone);
    let points: Vec<_> = (0..3).map(|_| world.join(Profile::Room)).collect();
    for point in &points {
        world.clients[*point].camera_on = true;
    }
    world.clients[points[0]].voice = Some(115);
    world.run(4 * SECOND);
    let shown = |world: &World| world.clients[viewer].on_line(STAGE).last().unwrap().who;
    assert_eq!(shown(&world), points[0]);
    let mut policy = RoomPolicy {
        floor: Some(world.participant(points[1])),
        ..RoomPolicy::default()
    };
    world.command(SfuCommand::SetPolicy {
        room: room(),
        policy: policy.clone(),
    });
    world.run(SECOND);
    assert_eq!(shown(&world), points[1]);
    policy.broadcast = Some(world.participant(points[2]));
    world.command(SfuCommand::SetPolicy {
        room: room(),
        policy,
    });
    world.run(SECOND);
    assert_eq!(shown(&world), points[2]);
    let (participant, pinned) = (
        world.participant(viewer),
        world.track(points[0], Source::Camera),
    );
    world.command(SfuCommand::SetView {
        room: room(),
        participant,
        seats: Vec::new(),
        pinned: Some(pinned),
    });
    world.run(SECOND);
    assert_eq!(shown(&world), points[0]);
}

#[test]
fn whoever_is_called_without_a_camera_leaves_the_stage_to_a_plate_and_players_to_somebody() {
    let mut world = World::new();
    let viewer = world.join(Profile::Phone);
    let player = world.join(Profile::Whep);
    let points: Vec<_> = (0..2).map(|_| world.join(Profile::Room)).collect();
    world.clients[points[0]].camera_on = true;
    world.clients[points[0]].voice = Some(115);
    world.run(2 * SECOND);
    for floor in [true, false] {
        let called = Some(world.participant(points[1]));
        let policy = RoomPolicy {
            floor: called.filter(|_| floor),
            broadcast: called.filter(|_| !floor),
            ..RoomPolicy::default()
        };
        world.command(SfuCommand::SetPolicy {
            room: room(),
            policy,
        });
        world.run(SECOND);
        world.clients[viewer].forget();
        world.clients[player].forget();
        world.run(SECOND);
        assert_eq!(world.clients[viewer].on_line(STAGE), [], "floor: {floor}");
        let seen = world.clients[player].on_line(1).last();
        assert_eq!(seen.unwrap().who, points[0], "floor: {floor}");
    }
}

#[test]
fn publisher_from_whom_nothing_comes_leaves_the_stage_until_something_does() {
    for shards in [1, 2] {
        let mut world = World::on_shards(shards);
        let viewer = world.join(Profile::Phone);
        world.place = shards - 1;
        let lost = world.join(Profile::Room);
        world.place = 0;
        let other = world.join(Profile::Room);
        for point in [lost, other] {
            world.clients[point].camera_on = true;
        }
        world.clients[lost].voice = Some(115);
        world.run(4 * SECOND);
        let shown = |world: &World| world.clients[viewer].on_line(STAGE).last().unwrap().who;
        assert_eq!(shown(&world), lost);

        let cut = Conditions {
            loss: 1.0,
            ..good_link()
        };
        let now = world.now;
        world.clients[lost].set_up(now, cut);
        let wait = world.until("another is large", |world| shown(world) == other);
        assert!(wait < 5 * SECOND, "{wait:?}");

        let now = world.now;
        world.clients[lost].set_up(now, good_link());
        world.until("the speaker is large again", |world| shown(world) == lost);
    }
}

#[test]
fn tiles_show_the_seats_in_view() {
    let mut world = World::new();
    let viewer = world.join(Profile::Phone);
    let points: Vec<_> = (0..4).map(|_| world.join(Profile::Room)).collect();
    for point in &points {
        world.clients[*point].camera_on = true;
    }
    world.run(SECOND);
    let participant = world.participant(viewer);
    let seats = vec![world.participant(points[3]), world.participant(points[2])];
    world.command(SfuCommand::SetView {
        room: room(),
        participant,
        seats,
        pinned: None,
    });
    world.run(Duration::from_millis(500));
    world.clients[viewer].forget();
    world.run(SECOND);
    let mut tiles: Vec<_> = (FIRST_TILE..FIRST_TILE + 3)
        .filter_map(|line| world.clients[viewer].on_line(line).last())
        .map(|seen| seen.who)
        .collect();
    tiles.sort_unstable();
    assert_eq!(tiles, [points[2], points[3]]);
}

#[test]
fn shared_screen_has_a_line_of_its_own_and_is_the_players_main_picture() {
    let mut world = World::new();
    let viewer = world.join(Profile::Phone);
    let player = world.join(Profile::Whep);
    let presenter = world.join(Profile::Room);
    world.clients[presenter].camera_on = true;
    world.clients[presenter].screen_on = true;
    world.run(5 * SECOND);
    let screen = world.clients[viewer].on_line(FIRST_TILE + 3);
    assert_eq!(screen.last().unwrap().layer, 3);
    assert_unbroken(screen);
    let stage = world.clients[player].on_line(1);
    assert_eq!(stage.last().unwrap().layer, 3);
    assert_ne!(
        world.clients[viewer].on_line(STAGE).last().unwrap().layer,
        3
    );
}

#[test]
fn only_the_loudest_voices_and_the_chair_are_heard() {
    let mut world = World::new();
    let listener = world.join(Profile::Room);
    let points: Vec<_> = (0..5).map(|_| world.join(Profile::Room)).collect();
    for (point, loudness) in points.iter().zip([112, 110, 108, 80, 20]) {
        world.clients[*point].voice = Some(loudness);
    }
    let chair = points[4];
    world.command(SfuCommand::SetPolicy {
        room: room(),
        policy: RoomPolicy {
            chair: Some(world.participant(chair)),
            ..RoomPolicy::default()
        },
    });
    world.run(3 * SECOND);
    world.clients[listener].forget();
    world.run(2 * SECOND);
    let heard: Vec<_> = points
        .iter()
        .map(|point| world.clients[listener].voice_of(*point).len())
        .collect();
    assert!(heard[0] > 90 && heard[1] > 90 && heard[2] > 90, "{heard:?}");
    assert_eq!(heard[3], 0, "{heard:?}");
    assert!(heard[4] > 90, "the chair is always heard: {heard:?}");
}

#[test]
fn player_hears_the_loudest_but_the_floor_holder_first() {
    let mut world = World::new();
    let player = world.join(Profile::Whep);
    let [loud, holder] = [115, 80].map(|loudness| {
        let point = world.join(Profile::Room);
        world.clients[point].voice = Some(loudness);
        point
    });
    world.run(4 * SECOND);
    let hears = |world: &mut World, whom| {
        world.clients[player].forget();
        world.run(SECOND);
        world.clients[player].voice_of(whom).len() > 40
    };
    assert!(hears(&mut world, loud));
    world.command(SfuCommand::SetPolicy {
        room: room(),
        policy: RoomPolicy {
            floor: Some(world.participant(holder)),
            ..RoomPolicy::default()
        },
    });
    world.run(SECOND);
    assert!(hears(&mut world, holder));
    assert!(!hears(&mut world, loud));
}

#[test]
fn speakers_are_told_at_most_five_times_a_second() {
    let mut world = World::new();
    world.join(Profile::Room);
    let speaker = world.join(Profile::Room);
    world.clients[speaker].voice = Some(110);
    world.run(10 * SECOND);
    let told: Vec<_> = world
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            SfuEvent::Speakers { active, levels, .. } => Some((active, levels)),
            _ => None,
        })
        .collect();
    assert!((20..=50).contains(&told.len()), "{}", told.len());
    let (active, levels) = told.last().unwrap();
    assert_eq!(**active, Some(world.participant(speaker)));
    assert!((108..=110).contains(&levels[0].1), "{levels:?}");
}
