//! A room that cascades over several shards of a node, on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::time::Duration;

use protocol::RecordingId;
use protocol::media::{Profile, Source};
use protocol::relay::{RelayFrame, RelayMessage};
use protocol::sfu::{RoomPolicy, SfuCommand, SfuEvent};
use uuid::Uuid;
use world::{Who, World, assert_unbroken, room};

const SECOND: Duration = Duration::from_secs(1);
/// The stage line of a browser profile: it follows the four voices.
const STAGE: usize = 4;

fn join_on(world: &mut World, place: usize) -> Who {
    world.place = place;
    world.join(Profile::Room)
}

/// A chair at the home and a teacher and a pupil on a branch each; the teacher speaks and is seen.
fn lesson() -> (World, [Who; 3]) {
    let mut world = World::on_shards(3);
    let chair = join_on(&mut world, 0);
    let teacher = join_on(&mut world, 1);
    let pupil = join_on(&mut world, 2);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(90);
    (world, [chair, teacher, pupil])
}

fn stage_shows(world: &World, viewer: Who, whom: Who) -> bool {
    let last = world.clients[viewer].on_line(STAGE).last();
    last.is_some_and(|seen| seen.who == whom && seen.at + SECOND > world.now)
}

fn hears(world: &World, listener: Who, whom: Who) -> bool {
    let heard = world.clients[listener].voice_of(whom);
    heard
        .last()
        .is_some_and(|seen| seen.at + SECOND > world.now)
}

#[test]
fn everybody_sees_and_hears_everybody_whatever_shard_they_are_on() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    world.clients[chair].camera_on = true;
    world.clients[chair].voice = Some(88);
    world.clients[pupil].voice = Some(86);
    world.until("pictures and voices are everywhere", |world| {
        [(chair, teacher), (pupil, teacher), (teacher, chair)]
            .into_iter()
            .all(|(viewer, whom)| stage_shows(world, viewer, whom))
            && [chair, teacher, pupil].into_iter().all(|listener| {
                let others = [chair, teacher, pupil].into_iter();
                others
                    .filter(|other| *other != listener)
                    .all(|other| hears(world, listener, other))
            })
    });
    world.until("the best encoding is shown across the node", |world| {
        let last = world.clients[pupil].on_line(STAGE).last();
        last.is_some_and(|seen| seen.layer == 2)
    });
    world.run(5 * SECOND);
    for viewer in [chair, pupil] {
        assert_unbroken(world.clients[viewer].on_line(STAGE));
        assert_eq!(
            world.clients[viewer].on_line(STAGE).last().unwrap().layer,
            2
        );
    }
}

#[test]
fn each_packet_crosses_once_to_each_shard() {
    let (mut world, [_, teacher, _]) = lesson();
    for place in [0, 1, 2, 2] {
        join_on(&mut world, place);
    }
    world.run(5 * SECOND);
    let (sent, carried) = (world.clients[teacher].sent, world.carried);
    world.run(5 * SECOND);
    let sent = world.clients[teacher].sent - sent;
    let carried = world.carried - carried;
    // From the teacher's shard to the home, and from there to the other branch; packets under way are the difference.
    let expected = 2 * sent;
    assert!(carried.abs_diff(expected) < 20, "{carried} of {expected}");
}

#[test]
fn locked_voice_leaves_its_shard_for_nowhere() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    world.until("the teacher is heard", |world| {
        hears(world, chair, teacher) && hears(world, pupil, teacher)
    });
    let gate = |world: &World, microphone_open| SfuCommand::SetGate {
        room: room(),
        participant: world.participant(teacher),
        microphone_open,
    };
    let locked = gate(&world, false);
    world.command_to(1, locked);
    world.clients[teacher].camera_on = false;
    // What is under way arrives.
    world.run(SECOND);
    let carried = world.carried;
    for who in [chair, pupil] {
        world.clients[who].forget();
    }
    world.run(3 * SECOND);
    assert_eq!(world.carried, carried);
    assert!(world.clients[chair].voice_of(teacher).is_empty());
    assert!(world.clients[pupil].voice_of(teacher).is_empty());

    let unlocked = gate(&world, true);
    world.command_to(1, unlocked);
    world.until("the teacher is heard again", |world| {
        hears(world, chair, teacher) && hears(world, pupil, teacher)
    });
}

#[test]
fn late_joiner_of_a_branch_sees_a_picture_within_a_second() {
    let mut world = World::on_shards(2);
    let teacher = join_on(&mut world, 0);
    world.clients[teacher].camera_on = true;
    world.run(5 * SECOND);
    let pupil = join_on(&mut world, 1);
    let wait = world.until("a picture comes", |world| {
        stage_shows(world, pupil, teacher)
    });
    assert!(wait < SECOND, "{wait:?}");
    assert!(world.clients[pupil].on_line(STAGE)[0].keyframe);
}

#[test]
fn publisher_far_away_is_told_which_encodings_are_taken() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    let camera = world.track(teacher, Source::Camera);
    let wanted = |world: &World| {
        let told = world
            .events
            .iter()
            .rev()
            .find_map(|(_, event)| match event {
                SfuEvent::LayersWanted { track, rids, .. } if *track == camera => {
                    Some(rids.clone())
                }
                _ => None,
            });
        told.unwrap_or_default()
    };
    world.until("the pupil's stage takes the best", |world| {
        wanted(world).contains(&"h".to_owned())
    });
    world.leave(chair);
    world.leave(pupil);
    world.until("nobody takes the best any more", |world| {
        wanted(world) == ["l"]
    });
}

#[test]
fn policy_and_speakers_are_the_homes() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    world.clients[chair].camera_on = true;
    let policy = RoomPolicy {
        chair: Some(world.participant(chair)),
        floor: None,
        broadcast: Some(world.participant(chair)),
    };
    world.command(SfuCommand::SetPolicy {
        room: room(),
        policy,
    });
    world.until("the pupil is made to see the chair", |world| {
        stage_shows(world, pupil, chair)
    });
    world.events.clear();
    world.run(5 * SECOND);
    let told = world.events.iter().filter_map(|(_, event)| match event {
        SfuEvent::Speakers { active, .. } => Some(*active),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert!((5..=25).contains(&told.len()), "{}", told.len());
    assert!(
        told.iter()
            .all(|active| *active == Some(world.participant(teacher)))
    );
}

#[test]
fn recording_has_the_tracks_of_every_shard() {
    let (mut world, [_, teacher, _]) = lesson();
    let recording = RecordingId(Uuid::from_u128(0xbeef));
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording,
    });
    world.run(5 * SECOND);
    for source in [Source::Microphone, Source::Camera] {
        let track = world.track(teacher, source);
        // The last one: the first may be a smaller encoding.
        let stream = world.relayed.iter().rev().find_map(|frame| match frame {
            RelayFrame::Message(RelayMessage::StreamStarted {
                stream, track: of, ..
            }) if *of == track => Some(*stream),
            _ => None,
        });
        let stream = stream.expect("it is recorded");
        let packets = world
            .relayed
            .iter()
            .filter(|frame| matches!(frame, RelayFrame::Packet(packet) if packet.stream == stream));
        assert!(packets.count() > 100, "{source:?}");
        assert!(world.relayed.iter().any(|frame| matches!(
            frame,
            RelayFrame::Message(RelayMessage::SenderReport { stream: of, .. }) if *of == stream
        )));
    }
}

#[test]
fn who_leaves_is_gone_from_the_lines_of_all_shards() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    world.until("the teacher is seen", |world| {
        stage_shows(world, chair, teacher) && stage_shows(world, pupil, teacher)
    });
    world.events.clear();
    world.leave(teacher);
    world.run(SECOND);
    for viewer in [chair, pupil] {
        let viewer = world.participant(viewer);
        let emptied = world.events.iter().any(|(_, event)| {
            matches!(
                event,
                SfuEvent::SlotAssigned { participant, track: None, .. } if *participant == viewer
            )
        });
        assert!(emptied);
    }
}

#[test]
fn branch_without_peers_is_sent_nothing_until_somebody_comes() {
    let mut world = World::on_shards(2);
    let teacher = join_on(&mut world, 0);
    world.clients[teacher].camera_on = true;
    world.run(2 * SECOND);
    assert_eq!(world.carried, 0);
    let pupil = join_on(&mut world, 1);
    world.until("the teacher is seen", |world| {
        stage_shows(world, pupil, teacher)
    });
    world.leave(pupil);
    world.run(SECOND);
    let carried = world.carried;
    world.run(2 * SECOND);
    assert_eq!(world.carried, carried);
    let next = join_on(&mut world, 1);
    world.until("the next one sees", |world| {
        stage_shows(world, next, teacher)
    });
}

#[test]
fn participant_that_comes_back_on_another_shard_is_one_participant() {
    let (mut world, [chair, teacher, pupil]) = lesson();
    world.until("the teacher is seen", |world| {
        stage_shows(world, pupil, teacher)
    });
    // The new peer is there before the old one is taken away, as when a device takes over.
    world.place = 0;
    let again = world.join_again(teacher, Profile::Room);
    world.clients[again].camera_on = true;
    world.run(SECOND);
    world.leave(teacher);
    world.until("the new device is seen", |world| {
        stage_shows(world, chair, again) && stage_shows(world, pupil, again)
    });
    world.run(5 * SECOND);
    assert!(stage_shows(&world, chair, again) && stage_shows(&world, pupil, again));
}

#[test]
fn room_that_closes_leaves_nothing_on_any_shard() {
    let (mut world, _) = lesson();
    world.run(SECOND);
    for place in 0..3 {
        world.command_to(place, SfuCommand::CloseRoom { room: room() });
    }
    world.run(SECOND);
    for place in 0..3 {
        assert_eq!(world.shard(place).room_count(), 0);
        assert_eq!(world.shard(place).peer_count(), 0);
    }
}
