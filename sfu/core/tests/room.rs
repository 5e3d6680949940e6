//! Whole rooms on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::time::{Duration, Instant};

use impairment::Conditions;
use protocol::media::{DisconnectReason, PauseReason, Profile, ReceiveMode, SlotKind, Source};
use protocol::relay::{RelayFrame, RelayMessage};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RecordingId};
use uuid::Uuid;
use world::{World, assert_unbroken, good_link, room};

const SECOND: Duration = Duration::from_secs(1);

/// The stage line of a browser profile: it follows the four voices.
const STAGE: usize = 4;

fn narrow(rate_bps: u64) -> Conditions {
    Conditions {
        rate_bps: Some(rate_bps),
        queue: Duration::from_millis(300),
        ..good_link()
    }
}

fn recording() -> RecordingId {
    RecordingId(Uuid::from_u128(0xbeef))
}

#[test]
fn late_joiner_sees_a_keyframe_first_and_within_a_second() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.run(5 * SECOND);
    let asked_before = world.clients[teacher].keyframes_asked;

    let pupil = world.join(Profile::Room);
    let wait = world.until("a picture comes", |world| {
        !world.clients[pupil].on_line(STAGE).is_empty()
    });
    assert!(wait < SECOND, "{wait:?}");
    let first = world.clients[pupil].on_line(STAGE)[0];
    assert!(first.keyframe);
    assert_eq!(first.who, teacher);
    world.run(2 * SECOND);
    assert_unbroken(world.clients[pupil].on_line(STAGE));
    let asked = world.clients[teacher].keyframes_asked - asked_before;
    assert!(asked <= 6, "{asked} keyframe requests");
}

#[test]
fn wide_link_brings_the_best_encoding_to_the_stage() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.until("the best encoding is shown", |world| {
        world.clients[pupil]
            .on_line(STAGE)
            .last()
            .is_some_and(|seen| seen.layer == 2)
    });
    world.run(5 * SECOND);
    let stage = world.clients[pupil].on_line(STAGE);
    assert_eq!(stage.last().unwrap().layer, 2);
    assert_unbroken(stage);
}

#[test]
fn every_change_of_encoding_happens_at_a_keyframe() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.run(10 * SECOND);
    // The publisher's uplink fails for the large encodings, and recovers.
    world.clients[teacher].encodings = [true, false, false];
    world.run(6 * SECOND);
    assert_eq!(world.clients[pupil].on_line(STAGE).last().unwrap().layer, 0);
    world.clients[teacher].encodings = [true; 3];
    world.run(6 * SECOND);
    let stage = world.clients[pupil].on_line(STAGE);
    assert_eq!(stage.last().unwrap().layer, 2);
    for pair in stage.windows(2) {
        if pair[0].layer != pair[1].layer {
            assert!(pair[1].keyframe, "{pair:?}");
        }
    }
    assert_unbroken(stage);
}

#[test]
fn closed_microphone_is_heard_by_nobody_and_not_recorded() {
    let mut world = World::new();
    let chair = world.join(Profile::Room);
    let cheat = world.join_as(Profile::Room, true, false);
    world.until("it connects", |world| world.clients[cheat].connected);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: recording(),
    });
    world.clients[cheat].voice = Some(110);
    world.run(3 * SECOND);
    assert!(world.clients[chair].voice_of(cheat).is_empty());
    assert!(world.relayed.is_empty(), "{:?}", world.relayed.first());
    let told = world.events.iter().any(|(_, event)| {
        matches!(
            event,
            SfuEvent::Speakers {
                active: Some(_),
                ..
            }
        )
    });
    assert!(!told, "a closed microphone is nobody's speaker");

    let participant = world.participant(cheat);
    world.command(SfuCommand::SetGate {
        room: room(),
        participant,
        microphone_open: true,
    });
    world.run(SECOND);
    assert!(world.clients[chair].voice_of(cheat).len() > 30);
    assert!(!world.relayed.is_empty());

    world.command(SfuCommand::SetGate {
        room: room(),
        participant,
        microphone_open: false,
    });
    // What was on its way arrives.
    world.run(Duration::from_millis(50));
    world.clients[chair].forget();
    world.relayed.clear();
    world.run(2 * SECOND);
    assert!(world.clients[chair].voice_of(cheat).is_empty());
    assert!(world.relayed.is_empty());
}

#[test]
fn voice_after_a_closed_microphone_goes_on_without_a_gap() {
    let mut world = World::new();
    let listener = world.join(Profile::Room);
    let speaker = world.join(Profile::Room);
    world.clients[speaker].voice = Some(110);
    world.run(2 * SECOND);
    let participant = world.participant(speaker);
    for microphone_open in [false, true] {
        world.command(SfuCommand::SetGate {
            room: room(),
            participant,
            microphone_open,
        });
        world.run(2 * SECOND);
    }
    let heard = world.clients[listener].voice_of(speaker);
    assert!(heard.len() > 150);
    for pair in heard.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert!(pair[1].time.wrapping_sub(pair[0].time) < 48_000 * 3);
    }
}

#[test]
fn camera_switched_off_by_rule_is_shown_to_nobody_and_not_recorded() {
    let mut world = World::new();
    let viewer = world.join(Profile::Room);
    let point = world.join(Profile::Room);
    world.clients[point].camera_on = true;
    world.run(2 * SECOND);
    let participant = world.participant(point);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: recording(),
    });
    world.command(SfuCommand::SetPublishing {
        room: room(),
        participant,
        source: Source::Camera,
        on: false,
    });
    world.run(Duration::from_millis(50));
    world.clients[viewer].forget();
    world.relayed.clear();
    world.run(2 * SECOND);
    assert!(world.clients[viewer].pictures_of(point).is_empty());
    assert!(world.relayed.is_empty());
    let paused = world
        .events
        .iter()
        .rev()
        .find_map(|(_, event)| match event {
            SfuEvent::SlotAssigned {
                kind: SlotKind::Tile,
                track: Some(_),
                paused,
                ..
            } => Some(*paused),
            _ => None,
        });
    assert_eq!(paused, Some(Some(PauseReason::Muted)));
}

#[test]
fn viewer_without_the_right_publishes_nothing() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    let intruder = world.join_as(Profile::Room, false, true);
    world.until("it connects", |world| world.clients[intruder].connected);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: recording(),
    });
    world.clients[intruder].camera_on = true;
    world.clients[intruder].screen_on = true;
    world.clients[intruder].voice = Some(120);
    world.run(3 * SECOND);
    assert!(world.clients[teacher].seen.is_empty());
    assert!(world.relayed.is_empty());
    let started = |event: &SfuEvent| matches!(event, SfuEvent::TrackStarted { .. });
    assert!(!world.events.iter().any(|(_, event)| started(event)));
    assert!(world.sfu.counters().dropped_forbidden > 100);
}

#[test]
fn choice_of_one_viewer_changes_that_viewers_bitrate_alone() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(110);
    let thrifty = world.join(Profile::Room);
    let other = world.join(Profile::Room);
    world.run(12 * SECOND);
    let full = world.received_bps(other, 2 * SECOND);
    assert!(full > 1_300_000, "{full}");
    let choose = |world: &mut World, mode| {
        let participant = world.participant(thrifty);
        world.command(SfuCommand::SetReceive {
            room: room(),
            participant,
            mode,
        });
        world.run(4 * SECOND);
        (
            world.received_bps(thrifty, 2 * SECOND),
            world.received_bps(other, 2 * SECOND),
        )
    };
    let (low, same) = choose(&mut world, ReceiveMode::Low);
    // The smallest encoding on the stage and, as there is room, on a tile, and the voice.
    assert!((250_000..350_000).contains(&low), "{low}");
    assert!(same * 10 > full * 9, "{same} of {full}");
    let (audio, same) = choose(&mut world, ReceiveMode::AudioOnly);
    assert!((10_000..60_000).contains(&audio), "{audio}");
    assert!(same * 10 > full * 9, "{same} of {full}");
    choose(&mut world, ReceiveMode::Everything);
    // What the link carries has to be found out anew.
    world.run(2 * SECOND);
    let all = world.received_bps(thrifty, 2 * SECOND);
    assert!(all > 1_300_000, "{all}");
}

#[test]
fn network_change_with_ice_restart_brings_the_picture_back() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.run(3 * SECOND);
    world.move_to_another_network(pupil);
    world.clients[pupil].forget();
    let wait = world.until("the picture is back", |world| {
        !world.clients[pupil].on_line(STAGE).is_empty()
    });
    assert!(wait < 2 * SECOND, "{wait:?}");
    // What was lost meanwhile is repaired.
    world.run(2 * SECOND);
    world.clients[pupil].forget();
    world.run(2 * SECOND);
    assert!(world.clients[pupil].on_line(STAGE).len() > 300);
    assert_unbroken(world.clients[pupil].on_line(STAGE));

    // The publisher's way is repaired just so.
    world.move_to_another_network(teacher);
    world.clients[pupil].forget();
    let wait = world.until("the publisher's picture is back", |world| {
        world.clients[pupil].on_line(STAGE).len() > 20
    });
    assert!(wait < 3 * SECOND, "{wait:?}");
    let gone = |event: &SfuEvent| matches!(event, SfuEvent::Disconnected { .. });
    assert!(!world.events.iter().any(|(_, event)| gone(event)));
}

#[test]
fn narrow_link_keeps_the_voice_and_gets_a_smaller_picture() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(110);
    let pupil = world.join(Profile::Phone);
    world.clients[pupil].set_down(world.now, narrow(4_000_000));
    world.run(10 * SECOND);
    let top = |world: &World| world.clients[pupil].on_line(STAGE).last().unwrap().layer;
    assert_eq!(top(&world), 2);

    world.clients[pupil].set_down(world.now, narrow(400_000));
    world.run(6 * SECOND);
    world.clients[pupil].forget();
    world.run(5 * SECOND);
    let voice = world.clients[pupil].voice_of(teacher).len();
    assert!(voice >= 240, "{voice} of 250 voice packets");
    assert!(
        world.clients[pupil]
            .pictures_of(teacher)
            .iter()
            .all(|s| s.layer == 0)
    );

    world.clients[pupil].set_down(world.now, narrow(4_000_000));
    world.until("the best encoding is back", |world| {
        world.clients[pupil]
            .on_line(STAGE)
            .last()
            .is_some_and(|seen| seen.layer == 2)
    });
    assert_unbroken(world.clients[pupil].on_line(STAGE));
}

#[test]
fn loss_is_repaired_for_the_viewer_who_has_it() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Phone);
    let other = world.join(Profile::Phone);
    world.run(2 * SECOND);
    let lossy = Conditions {
        loss: 0.03,
        ..good_link()
    };
    world.clients[pupil].set_down(world.now, lossy);
    world.clients[pupil].forget();
    world.run(10 * SECOND);
    world.clients[pupil].set_down(world.now, good_link());
    world.run(SECOND);
    let mut sequences: Vec<u64> = world.clients[pupil]
        .on_line(STAGE)
        .iter()
        .map(|seen| seen.sequence)
        .collect();
    sequences.sort_unstable();
    sequences.dedup();
    let expected = sequences.last().unwrap() - sequences[0] + 1;
    let missing = expected - sequences.len() as u64;
    assert!(missing * 200 <= expected, "{missing} of {expected} missing");
    assert_unbroken(world.clients[other].on_line(STAGE));
}

#[test]
fn recording_gets_the_best_encoding_from_a_keyframe_on() {
    let mut world = World::new();
    let teacher = world.join(Profile::Whip);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(30);
    world.run(2 * SECOND);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: recording(),
    });
    world.run(8 * SECOND);
    let mut streams = Vec::new();
    let mut reports = 0;
    for frame in &world.relayed {
        match frame {
            RelayFrame::Message(RelayMessage::StreamStarted {
                stream, track, rid, ..
            }) => streams.push((*stream, track.source, rid.clone(), Vec::new())),
            RelayFrame::Message(RelayMessage::SenderReport { stream, rtp, .. }) => {
                reports += 1;
                let (_, source, _, packets) = streams.iter().find(|s| s.0 == *stream).unwrap();
                let last: &protocol::relay::RelayPacket = packets.last().unwrap();
                let clock = if *source == Source::Microphone {
                    48_000
                } else {
                    90_000
                };
                assert!(rtp.abs_diff(last.time) < clock, "{rtp} near {}", last.time);
            }
            RelayFrame::Packet(packet) => streams
                .iter_mut()
                .find(|s| s.0 == packet.stream)
                .expect("a stream begins before its packets")
                .3
                .push(packet.clone()),
            RelayFrame::Message(other) => panic!("{other:?}"),
        }
    }
    let camera = streams.iter().find(|s| s.1 == Source::Camera).unwrap();
    assert_eq!(camera.2.as_deref(), Some("h"));
    assert_eq!(camera.3[0].payload[6] & 1, 0, "begins with a keyframe");
    for pair in camera.3.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
    }
    let voice = streams.iter().find(|s| s.1 == Source::Microphone).unwrap();
    assert!(voice.3.len() > 390, "quiet voices are recorded too");
    assert!(reports > 0);
}

#[test]
fn recorder_hears_when_it_begins_and_after_the_last_packet_that_nothing_more_comes() {
    let recording = recording();
    for closed in [false, true] {
        let mut world = World::new();
        let teacher = world.join(Profile::Whip);
        world.clients[teacher].voice = Some(30);
        world.run(SECOND);
        let start = SfuCommand::StartRelay {
            room: room(),
            recording,
        };
        world.command(start.clone());
        world.command(start);
        assert_eq!(
            world.relay_marks,
            [(0, RelayMessage::RelayStarted { recording })],
            "once"
        );
        world.run(2 * SECOND);
        world.command(if closed {
            SfuCommand::CloseRoom { room: room() }
        } else {
            SfuCommand::StopRelay {
                room: room(),
                recording,
            }
        });
        world.run(SECOND);
        let all = world.relayed.len();
        assert!(all > 90, "{all} frames");
        assert!(matches!(
            world.relayed.last(),
            Some(RelayFrame::Message(RelayMessage::StreamEnded { .. }))
        ));
        assert_eq!(
            world.relay_marks[1..],
            [(all, RelayMessage::RelayEnded { recording })]
        );
    }
}

#[test]
fn keyframe_that_the_recorder_wants_is_asked_of_the_publisher() {
    let mut world = World::new();
    let teacher = world.join(Profile::Whip);
    world.clients[teacher].camera_on = true;
    world.run(2 * SECOND);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: recording(),
    });
    world.run(8 * SECOND);
    let asked = |world: &World| world.clients[teacher].keyframes_asked;
    let before = asked(&world);
    world.run(3 * SECOND);
    assert_eq!(asked(&world), before, "none is wanted");
    let stream = world.relayed.iter().rev().find_map(|frame| match frame {
        RelayFrame::Packet(packet) => Some(packet.stream),
        RelayFrame::Message(_) => None,
    });
    let stream = stream.expect("it is relayed");
    world.want_keyframe(stream + 100);
    world.run(SECOND);
    assert_eq!(asked(&world), before, "there is no such stream");
    world.want_keyframe(stream);
    world.run(SECOND);
    assert_eq!(asked(&world), before + 1);
}

#[test]
fn publisher_is_told_which_encodings_are_taken() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let wanted = |world: &World| {
        world
            .events
            .iter()
            .rev()
            .find_map(|(_, event)| match event {
                SfuEvent::LayersWanted { rids, .. } => Some(rids.clone()),
                _ => None,
            })
    };
    world.run(6 * SECOND);
    assert_eq!(wanted(&world).unwrap(), ["l"], "nobody watches");
    let pupil = world.join(Profile::Room);
    world.run(10 * SECOND);
    assert!(wanted(&world).unwrap().contains(&"h".to_owned()));
    world.leave(pupil);
    world.run(6 * SECOND);
    assert_eq!(wanted(&world).unwrap(), ["l"]);
}

#[test]
fn link_is_reported_every_ten_seconds() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Phone);
    world.run(31 * SECOND);
    let participant = world.participant(pupil);
    let reports: Vec<_> = world
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            SfuEvent::Link {
                participant: of,
                report,
                ..
            } if *of == participant => Some(*report),
            _ => None,
        })
        .collect();
    assert!((2..=4).contains(&reports.len()), "{}", reports.len());
    let last = reports.last().unwrap();
    assert!(last.egress_bps > 1_000_000, "{last:?}");
    assert!(last.egress_loss_percent < 0.1, "{last:?}");
    assert!(
        last.estimate_bps.is_some_and(|bps| bps > 1_000_000),
        "{last:?}"
    );
    assert!(
        last.rtt_ms.is_some_and(|rtt| (15.0..80.0).contains(&rtt)),
        "{last:?}"
    );
}

#[test]
fn leaving_empties_the_lines_of_others() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Phone);
    world.run(2 * SECOND);
    world.leave(teacher);
    let last = world
        .events
        .iter()
        .rev()
        .find_map(|(_, event)| match event {
            SfuEvent::SlotAssigned {
                participant: of,
                kind: SlotKind::Stage,
                track,
                ..
            } if *of == world.participant(pupil) => Some(*track),
            _ => None,
        });
    assert_eq!(last, Some(None));
    assert_eq!(world.sfu.peer_count(), 1);
    world.until("the teacher's client hears the goodbye", |world| {
        !world.clients[teacher].rtc.is_alive()
    });
}

#[test]
fn client_that_vanishes_is_given_up() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.run(SECOND);
    let participant = world.participant(teacher);
    world.clients.clear();
    world.until("it is given up", |world| {
        world.events.iter().any(|(_, event)| {
            matches!(event, SfuEvent::Disconnected { participant: of, .. } if *of == participant)
        })
    });
    assert_eq!(world.sfu.peer_count(), 0);
}

/// When a peer ended, and why.
fn end_of(world: &World, participant: ParticipantId) -> Option<(Instant, DisconnectReason)> {
    world.events.iter().find_map(|(at, event)| match event {
        SfuEvent::Disconnected {
            participant: of,
            reason,
            ..
        } if *of == participant => Some((*at, *reason)),
        _ => None,
    })
}

#[test]
fn peer_that_nobody_reaches_is_gone_within_seconds_and_says_so() {
    let mut world = World::new();
    let viewer = world.join_as(Profile::Whep, false, false);
    let (began, participant) = (world.now, world.participant(viewer));
    world.clients.clear();
    world.until("it is given up", |world| {
        end_of(world, participant).is_some()
    });
    let (at, reason) = end_of(&world, participant).unwrap();
    assert_eq!(reason, DisconnectReason::NeverReached);
    assert!((9 * SECOND..11 * SECOND).contains(&(at - began)));
    assert_eq!(world.sfu.peer_count(), 0);
    assert_eq!(world.sfu.counters().ended[reason as usize], 1);
}

#[test]
fn handshake_that_comes_to_no_end_is_given_up_within_seconds_and_says_so() {
    let mut world = World::new();
    let encoder = world.join_as(Profile::Whip, true, true);
    world.clients[encoder].only_ice = true;
    let (began, participant) = (world.now, world.participant(encoder));
    world.until("it is given up", |world| {
        end_of(world, participant).is_some()
    });
    let (at, reason) = end_of(&world, participant).unwrap();
    assert_eq!(reason, DisconnectReason::HandshakeTimeout);
    assert!((9 * SECOND..12 * SECOND).contains(&(at - began)));
    assert_eq!(world.sfu.peer_count(), 0);
}

#[test]
fn oversized_packet_harms_nobody() {
    let mut world = World::new();
    let cheat = world.join(Profile::Room);
    world.clients[cheat].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.run(2 * SECOND);
    world.clients[cheat].extra_bytes = 850;
    world.run(2 * SECOND);
    world.clients[cheat].extra_bytes = 0;
    world.run(2 * SECOND);
    world.clients[pupil].forget();
    world.run(SECOND);
    assert!(world.clients[pupil].on_line(STAGE).len() > 20);
    assert_eq!(world.sfu.peer_count(), 2);
    assert_eq!(world.sfu.counters().panics, 0);
}

#[test]
fn second_peer_of_a_participant_replaces_the_first() {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.run(SECOND);
    let again = world.join_again(teacher, Profile::Phone);
    world.until("it connects", |world| world.clients[again].connected);
    assert_eq!(world.sfu.peer_count(), 1);
    world.until("the first client hears the goodbye", |world| {
        !world.clients[teacher].rtc.is_alive()
    });
    world.leave(again);
    assert_eq!(world.sfu.peer_count(), 0);
}

#[test]
fn full_desk_of_screens_connects_with_one_offer() {
    let mut world = World::new();
    let chair = world.join(Profile::Desk);
    let points: Vec<_> = (0..3).map(|_| world.join(Profile::Room)).collect();
    for point in &points {
        world.clients[*point].camera_on = true;
    }
    world.run(5 * SECOND);
    for point in points {
        assert!(!world.clients[chair].pictures_of(point).is_empty());
    }
}
