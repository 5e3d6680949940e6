//! Rooms in which not everybody encodes alike.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "what the other tests of this world use")]
mod world;

use std::time::Duration;

use impairment::Conditions;

use protocol::RecordingId;
use protocol::media::{PauseReason, Profile, ReceiveMode, SlotKind, Source};
use protocol::relay::{RelayFrame, RelayMessage};
use protocol::sfu::{SfuCommand, SfuEvent};
use str0m::format::Codec;
use uuid::Uuid;
use world::{Gear, Seen, Who, World, good_link, room};

const SECOND: Duration = Duration::from_secs(1);

/// The stage line of a browser profile: it follows the four voices.
const STAGE: usize = 4;

/// What a receiver of H.264 needs: every packet in its place, times that only go forward, one time a picture.
fn assert_unbroken(seen: &[Seen]) {
    for pair in seen.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        assert_eq!(b.sequence, a.sequence + 1, "{a:?} {b:?}");
        let ahead = b.time.wrapping_sub(a.time);
        assert!(ahead < 2 * 90_000, "RTP time: {a:?} {b:?}");
        // A picture that was being sent when another encoding took over stays unfinished.
        if a.layer == b.layer {
            assert_eq!(ahead == 0, !a.marker, "one time, one picture: {a:?} {b:?}");
        }
    }
}

/// Why a viewer's stage shows nothing, as last told.
fn paused(world: &World, viewer: Who) -> Option<PauseReason> {
    let told = world
        .events
        .iter()
        .rev()
        .find_map(|(_, event)| match event {
            SfuEvent::SlotAssigned {
                participant,
                kind: SlotKind::Stage,
                paused,
                ..
            } if *participant == world.participant(viewer) => Some(*paused),
            _ => None,
        });
    told.flatten()
}

fn layer_on_stage(world: &World, viewer: Who) -> Option<usize> {
    let seen = world.clients[viewer].on_line(STAGE).last()?;
    Some(seen.layer)
}

#[test]
fn h264_encoder_is_seen_by_those_who_decode_it() {
    let mut world = World::new();
    world.codecs = vec![Codec::H264];
    let encoder = world.join(Profile::Whip);
    world.clients[encoder].camera_on = true;
    world.codecs = vec![Codec::Vp8, Codec::H264];
    let viewer = world.join(Profile::Room);
    let player = world.join(Profile::Whep);
    world.run(5 * SECOND);
    for (who, line) in [(viewer, STAGE), (player, 1)] {
        let stage = world.clients[who].on_line(line);
        assert!(stage.len() > 100, "{} packets", stage.len());
        assert!(stage[0].keyframe, "decoding begins at the parameter sets");
        assert!(stage.iter().all(|seen| seen.codec == Some(Codec::H264)));
        assert!(stage.iter().all(|seen| seen.who == encoder));
        assert_unbroken(stage);
    }
}

#[test]
fn layers_of_h264_change_at_keyframes_without_a_gap() {
    let mut world = World::new();
    world.codecs = vec![Codec::H264];
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.until("the best encoding is shown", |world| {
        layer_on_stage(world, pupil) == Some(2)
    });
    world.clients[teacher].encodings = [true, false, false];
    world.until("the smallest is shown", |world| {
        layer_on_stage(world, pupil) == Some(0)
    });
    world.clients[teacher].encodings = [true; 3];
    world.until("the best encoding is back", |world| {
        layer_on_stage(world, pupil) == Some(2)
    });
    let stage = world.clients[pupil].on_line(STAGE);
    for pair in stage.windows(2) {
        if pair[0].layer != pair[1].layer {
            assert!(pair[1].keyframe, "{pair:?}");
        }
    }
    assert_unbroken(stage);
}

#[test]
fn line_changes_its_codec_with_what_it_shows() {
    let mut world = World::new();
    world.codecs = vec![Codec::Vp8, Codec::H264];
    let modern = world.join(Profile::Room);
    let encoder = world.join(Profile::Room);
    let viewer = world.join(Profile::Room);
    world.clients[encoder].codec = Codec::H264;
    for who in [modern, encoder] {
        world.clients[who].camera_on = true;
    }
    for (who, codec) in [
        (modern, Codec::Vp8),
        (encoder, Codec::H264),
        (modern, Codec::Vp8),
    ] {
        let (participant, pinned) = (world.participant(viewer), world.track(who, Source::Camera));
        world.command(SfuCommand::SetView {
            room: room(),
            participant,
            seats: vec![],
            pinned: Some(pinned),
        });
        world.until("the pinned camera is on the stage", |world| {
            let seen = world.clients[viewer].on_line(STAGE).last();
            seen.is_some_and(|seen| seen.who == who)
        });
        let seen = world.clients[viewer].on_line(STAGE).last().unwrap();
        assert_eq!(seen.codec, Some(codec));
        world.run(2 * SECOND);
    }
    let stage = world.clients[viewer].on_line(STAGE);
    for pair in stage.windows(2) {
        if pair[0].codec != pair[1].codec {
            assert!(pair[1].keyframe, "{pair:?}");
        }
        assert_eq!(pair[1].sequence, pair[0].sequence + 1, "{pair:?}");
        let ahead = pair[1].time.wrapping_sub(pair[0].time);
        assert!(ahead < 2 * 90_000, "RTP time: {pair:?}");
    }
}

#[test]
fn publisher_that_changes_its_codec_is_followed_at_a_keyframe() {
    let mut world = World::new();
    world.codecs = vec![Codec::Vp8, Codec::H264];
    let teacher = world.join(Profile::Room);
    let pupil = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.run(3 * SECOND);
    world.clients[teacher].codec = Codec::H264;
    world.until("the other codec is seen", |world| {
        let seen = world.clients[pupil].on_line(STAGE).last();
        seen.is_some_and(|seen| seen.codec == Some(Codec::H264))
    });
    world.run(SECOND);
    let stage = world.clients[pupil].on_line(STAGE);
    let first = stage.iter().find(|seen| seen.codec == Some(Codec::H264));
    assert!(first.unwrap().keyframe);
    for pair in stage.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1, "{pair:?}");
    }
}

#[test]
fn loss_of_h264_is_repaired() {
    let mut world = World::new();
    world.codecs = vec![Codec::H264];
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    world.run(3 * SECOND);
    let lossy = Conditions {
        loss: 0.05,
        ..good_link()
    };
    world.clients[pupil].set_down(world.now, lossy);
    world.clients[pupil].forget();
    world.run(10 * SECOND);
    let stage = world.clients[pupil].on_line(STAGE);
    let mut sequences: Vec<u64> = stage.iter().map(|seen| seen.sequence).collect();
    sequences.sort_unstable();
    sequences.dedup();
    let span = sequences.last().unwrap() - sequences[0] + 1;
    let lost = span - sequences.len() as u64;
    assert!(span > 1000, "{span} packets");
    assert!(lost * 200 <= span, "{lost} of {span} stay lost");
}

#[test]
fn viewer_who_cannot_decode_a_codec_is_told_and_sent_nothing() {
    let mut world = World::new();
    world.codecs = vec![Codec::H264, Codec::Vp8];
    let encoder = world.join(Profile::Room);
    world.clients[encoder].camera_on = true;
    world.codecs = vec![Codec::Vp8];
    let old = world.join(Profile::Room);
    world.run(3 * SECOND);
    assert_eq!(paused(&world, old), Some(PauseReason::Codec));
    assert!(world.clients[old].pictures_of(encoder).is_empty());
    // The encoder turns to what everybody decodes.
    world.clients[encoder].codec = Codec::Vp8;
    world.until("the picture comes", |world| {
        !world.clients[old].on_line(STAGE).is_empty()
    });
    assert_eq!(paused(&world, old), None);
    assert!(world.clients[old].on_line(STAGE)[0].keyframe);
}

#[test]
fn recording_is_told_each_codec_and_begins_each_at_a_keyframe() {
    let mut world = World::new();
    world.codecs = vec![Codec::H264, Codec::Vp8];
    let encoder = world.join(Profile::Room);
    world.clients[encoder].camera_on = true;
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: RecordingId(Uuid::from_u128(0xbeef)),
    });
    world.run(3 * SECOND);
    world.clients[encoder].codec = Codec::Vp8;
    world.run(3 * SECOND);
    let mut streams: Vec<(u32, String)> = Vec::new();
    let mut begun: Vec<u32> = Vec::new();
    for frame in &world.relayed {
        match frame {
            RelayFrame::Message(RelayMessage::StreamStarted { stream, codec, .. }) => {
                streams.push((*stream, codec.clone()));
            }
            RelayFrame::Packet(packet) if !begun.contains(&packet.stream) => {
                begun.push(packet.stream);
                let codec = &streams.iter().find(|s| s.0 == packet.stream).unwrap().1;
                let p = &packet.payload;
                match codec.as_str() {
                    "h264" => assert_eq!(p[0], 0x67, "the parameter sets"),
                    "vp8" => assert!(p[0] & 0x10 != 0 && p[6] & 1 == 0),
                    other => panic!("{other}"),
                }
            }
            _ => {}
        }
    }
    let codecs: Vec<&str> = streams.iter().map(|(_, codec)| codec.as_str()).collect();
    assert_eq!(codecs.first(), Some(&"h264"));
    assert_eq!(codecs.last(), Some(&"vp8"));
}

/// What a receiver of VP9 needs: every packet in its place, picture ids and times in step, one marker a picture.
fn assert_whole_pictures(seen: &[Seen]) {
    for pair in seen.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        assert_eq!(b.sequence, a.sequence + 1, "{a:?} {b:?}");
        let step = b.picture.wrapping_sub(a.picture) & 0x7fff;
        assert_eq!(step, u16::from(a.marker), "{a:?} {b:?}");
        assert_eq!(b.tl0.wrapping_sub(a.tl0), step as u8, "{a:?} {b:?}");
        assert_eq!(a.time == b.time, step == 0, "{a:?} {b:?}");
        assert!(a.marker || b.layer >= a.layer, "{a:?} {b:?}");
    }
}

#[test]
fn layers_of_vp9_are_one_unbroken_stream_for_each_viewer() {
    let mut world = World::new();
    world.codecs = vec![Codec::Vp9];
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let wide = world.join(Profile::Room);
    let saver = world.join(Profile::Room);
    let choose = |world: &mut World, mode| {
        let participant = world.participant(saver);
        world.command(SfuCommand::SetReceive {
            room: room(),
            participant,
            mode,
        });
    };
    choose(&mut world, ReceiveMode::Low);
    // A viewer is sent what is kept of the stage as soon as it connects, before it can choose.
    world.run(SECOND);
    world.clients[saver].forget();
    world.until("the highest layer is shown", |world| {
        layer_on_stage(world, wide) == Some(2)
    });
    world.run(3 * SECOND);
    assert_whole_pictures(world.clients[wide].on_line(STAGE));
    let small = world.clients[saver].on_line(STAGE);
    assert!(small.len() > 50, "{} packets", small.len());
    assert!(small.iter().all(|seen| seen.layer == 0));
    assert_whole_pictures(small);

    choose(&mut world, ReceiveMode::Everything);
    world.until("the highest layer is shown", |world| {
        layer_on_stage(world, saver) == Some(2)
    });
    let stage = world.clients[saver].on_line(STAGE);
    assert_whole_pictures(stage);
    // The layers above begin in a keyframe, where they refer to those below.
    let first = stage.iter().position(|seen| seen.layer > 0).unwrap();
    let picture = stage[first].picture;
    let base = stage.iter().find(|seen| seen.picture == picture).unwrap();
    assert!(base.keyframe, "{base:?}");

    choose(&mut world, ReceiveMode::Low);
    world.run(SECOND);
    world.clients[saver].forget();
    world.run(SECOND);
    let stage = world.clients[saver].on_line(STAGE);
    assert!(stage.iter().all(|seen| seen.layer == 0));
    assert_whole_pictures(stage);
}

#[test]
fn narrow_link_gets_the_layers_of_vp9_that_it_carries() {
    let mut world = World::new();
    world.codecs = vec![Codec::Vp9];
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    let pupil = world.join(Profile::Room);
    let narrow = Conditions {
        rate_bps: Some(900_000),
        queue: Duration::from_millis(300),
        ..good_link()
    };
    world.clients[pupil].set_down(world.now, narrow);
    world.run(15 * SECOND);
    world.clients[pupil].forget();
    world.run(5 * SECOND);
    let stage = world.clients[pupil].on_line(STAGE);
    assert!(stage.len() > 100, "{} packets", stage.len());
    assert!(stage.iter().all(|seen| seen.layer < 2));
}

#[test]
fn recording_gets_all_layers_of_vp9_in_one_stream() {
    let mut world = World::new();
    world.codecs = vec![Codec::Vp9];
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.run(SECOND);
    world.command(SfuCommand::StartRelay {
        room: room(),
        recording: RecordingId(Uuid::from_u128(0xbeef)),
    });
    world.run(3 * SECOND);
    let started = world.relayed.iter().filter_map(|frame| match frame {
        RelayFrame::Message(RelayMessage::StreamStarted { codec, .. }) => Some(codec.as_str()),
        _ => None,
    });
    assert_eq!(started.collect::<Vec<_>>(), ["vp9"]);
    let packets = || {
        world.relayed.iter().filter_map(|frame| match frame {
            RelayFrame::Packet(packet) => Some(packet),
            RelayFrame::Message(_) => None,
        })
    };
    let first = packets().next().unwrap();
    assert_eq!(first.payload[0] & 0x48, 0x08, "a keyframe");
    for layer in 0..3 {
        assert!(packets().any(|packet| packet.payload[3] == layer << 1));
    }
    let sequences: Vec<u64> = packets().map(|packet| packet.sequence).collect();
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn encodings_with_long_names_are_told_apart() {
    let mut world = World::new();
    let gear = Gear {
        rids: ["high-quality-3", "high-quality-2", "high-quality_1"],
        ..Gear::default()
    };
    let encoder = world.join_with_gear(Profile::Whip, gear);
    world.clients[encoder].camera_on = true;
    let viewer = world.join(Profile::Room);
    world.until("the largest is shown", |world| {
        layer_on_stage(world, viewer) == Some(2)
    });
    world.clients[encoder].encodings = [true, false, false];
    world.until("the smallest is shown", |world| {
        layer_on_stage(world, viewer) == Some(0)
    });
}

#[test]
fn stream_that_is_announced_by_its_payload_type_alone_comes_through() {
    let mut world = World::new();
    let gear = Gear {
        announces: false,
        simulcast: false,
        ..Gear::default()
    };
    let encoder = world.join_with_gear(Profile::Whip, gear);
    world.clients[encoder].camera_on = true;
    world.clients[encoder].voice = Some(105);
    let player = world.join(Profile::Whep);
    world.run(3 * SECOND);
    assert!(world.clients[player].on_line(0).len() > 100, "its voice");
    assert!(world.clients[player].on_line(1).len() > 100, "its picture");
}
