//! Whole rooms on bad links, on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use impairment::{Conditions, Profile as LinkProfile};
use protocol::media::{PauseReason, Profile, SlotKind};
use protocol::sfu::SfuEvent;
use world::{Gear, Who, World, assert_unbroken, good_link};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// The stage line of a browser profile: it follows the four voices.
const STAGE: usize = 4;

/// The picture line of a player of WHEP: it follows the voice.
const WHEP_PICTURE: usize = 1;

/// A camera as browsers send it: in three encodings, keyframes four times as large as other pictures.
fn camera() -> Gear {
    Gear {
        keyframe_size: 4,
        ..Gear::default()
    }
}

/// An encoder with a single picture of 1.5 Mbit/s.
fn encoder() -> Gear {
    Gear {
        simulcast: false,
        ..camera()
    }
}

/// A device on a link of a named profile.
fn on_link(name: &str) -> Gear {
    let profile = LinkProfile::named(name).unwrap();
    Gear {
        link: (profile.down[0].1, profile.up[0].1),
        ..camera()
    }
}

/// A device whose downlink is narrow from the beginning.
fn narrow(rate_bps: u64) -> Gear {
    Gear {
        link: (link(rate_bps), good_link()),
        ..camera()
    }
}

/// Somebody who speaks and shows a picture.
fn speaker(world: &mut World, gear: Gear) -> Who {
    let who = world.join_with_gear(Profile::Room, gear);
    world.clients[who].camera_on = true;
    world.clients[who].voice = Some(110);
    who
}

fn link(rate_bps: u64) -> Conditions {
    Conditions {
        delay: 20 * MS,
        rate_bps: Some(rate_bps),
        queue: 300 * MS,
        ..Conditions::default()
    }
}

/// The longest time without a new packet of a voice, and the longest stretch that never came.
fn voice_gaps(world: &World, listener: Who, speaker: Who) -> (Duration, Duration) {
    let heard = world.clients[listener].heard(speaker);
    gaps_of(&heard)
}

fn gaps_of(heard: &BTreeMap<u32, Instant>) -> (Duration, Duration) {
    let mut at: Vec<Instant> = heard.values().copied().collect();
    at.sort_unstable();
    let silent = at.windows(2).map(|pair| pair[1] - pair[0]).max();
    let frames: Vec<u32> = heard.keys().copied().collect();
    let lost = frames.windows(2).map(|pair| pair[1] - pair[0] - 1).max();
    (
        silent.unwrap_or_default(),
        20 * MS * lost.unwrap_or_default(),
    )
}

/// The share of a voice's packets that never came.
fn voice_loss(world: &World, listener: Who, speaker: Who) -> f64 {
    let heard = world.clients[listener].heard(speaker);
    let (Some(first), Some(last)) = (heard.keys().next(), heard.keys().next_back()) else {
        return 1.0;
    };
    1.0 - heard.len() as f64 / f64::from(last - first + 1)
}

/// The share of a line's packets that never came.
fn line_loss(world: &World, viewer: Who, line: usize) -> f64 {
    let mut sequences: Vec<u64> = world.clients[viewer]
        .on_line(line)
        .iter()
        .map(|seen| seen.sequence)
        .collect();
    sequences.sort_unstable();
    sequences.dedup();
    let span = sequences.last().unwrap() - sequences[0] + 1;
    1.0 - sequences.len() as f64 / span as f64
}

fn layer_on_stage(world: &World, viewer: Who) -> Option<usize> {
    let shown = &world.clients[viewer].player(STAGE).shown;
    shown.last().map(|shown| shown.layer)
}

/// What a viewer was last told of its stage.
fn stage_pause(world: &World, viewer: Who) -> Option<PauseReason> {
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

#[test]
fn lossy_viewer_sees_and_hears_while_others_notice_nothing() {
    // P8: 5 % random and 2 % burst loss, 40 ms there and back, 20 ms jitter.
    let scene = |lossy: bool| {
        let mut world = World::new();
        let teacher = speaker(&mut world, Gear::default());
        let other = world.join(Profile::Phone);
        let pupil = world.join(Profile::Phone);
        world.run(10 * SECOND);
        if lossy {
            let bad = LinkProfile::named("lossy").unwrap();
            let now = world.now;
            world.clients[pupil].set_down(now, bad.down[0].1);
            world.clients[pupil].set_up(now, bad.up[0].1);
        }
        world.run(5 * SECOND);
        world.clients[pupil].forget();
        world.clients[other].forget();
        world.run(60 * SECOND);
        (world, teacher, other, pupil)
    };
    let (world, teacher, other, pupil) = scene(true);
    let residual = line_loss(&world, pupil, STAGE);
    let player = world.clients[pupil].player(STAGE);
    let frozen = player.frozen(world.now).as_secs_f64() / 60.0;
    let voice = voice_loss(&world, pupil, teacher);
    assert!(residual <= 0.005, "{residual}");
    assert!(frozen <= 0.01, "{frozen}");
    assert_eq!(layer_on_stage(&world, pupil), Some(2));
    assert!(voice <= 0.005, "{voice}");

    let (calm, ..) = scene(false);
    let received = |world: &World| -> Vec<_> {
        let stage = world.clients[other].on_line(STAGE);
        stage
            .iter()
            .map(|seen| (seen.who, seen.layer, seen.picture, seen.bytes))
            .collect()
    };
    assert!(received(&calm).len() > 10_000);
    assert_eq!(received(&world), received(&calm));
}

#[test]
fn viewers_on_bad_links_change_nothing_for_others() {
    let scene = |bad: bool| {
        let mut world = World::new();
        let teacher = speaker(&mut world, Gear::default());
        let other = world.join(Profile::Phone);
        let pupils: Vec<Who> = (0..3).map(|_| world.join(Profile::Phone)).collect();
        world.run(10 * SECOND);
        if bad {
            let unplugged = Conditions {
                loss: 1.0,
                ..good_link()
            };
            let poor = LinkProfile::named("poor").unwrap().down[0].1;
            for (pupil, down) in pupils.into_iter().zip([poor, link(150_000), unplugged]) {
                world.clients[pupil].set_down(world.now, down);
            }
        }
        world.clients[other].forget();
        world.run(20 * SECOND);
        let other = &world.clients[other];
        let pictures: Vec<_> = other
            .on_line(STAGE)
            .iter()
            .map(|seen| (seen.who, seen.layer, seen.picture, seen.bytes))
            .collect();
        let voice: Vec<u32> = other.heard(teacher).into_keys().collect();
        let gap = other.player(STAGE).longest_gap(world.now);
        (pictures, voice, gap)
    };
    let (pictures, voice, gap) = scene(true);
    let (calm_pictures, calm_voice, calm_gap) = scene(false);
    assert!(calm_pictures.len() > 3000 && calm_voice.len() > 900);
    assert_eq!(pictures, calm_pictures);
    assert_eq!(voice, calm_voice);
    assert_eq!(gap, calm_gap);
}

#[test]
fn recent_speakers_are_seen_before_others_on_a_narrow_link() {
    let mut world = World::new();
    let viewer = world.join_with_gear(Profile::Room, narrow(1_500_000));
    let first = speaker(&mut world, camera());
    let points: Vec<Who> = (0..6)
        .map(|_| {
            let point = world.join(Profile::Room);
            world.clients[point].camera_on = true;
            point
        })
        .collect();
    let last = points[5];
    // Whose tiles show something.
    let seen = |world: &World| -> Vec<Who> {
        let shows = |point: &Who| {
            (STAGE + 1..STAGE + 9).any(|line| {
                let seen = world.clients[viewer].on_line(line).last();
                seen.is_some_and(|seen| seen.who == *point && seen.at + SECOND > world.now)
            })
        };
        points.iter().copied().filter(shows).collect()
    };
    world.run(20 * SECOND);
    let before = seen(&world);
    assert!((1..5).contains(&before.len()), "{before:?}");
    assert!(!before.contains(&last), "{before:?}");

    world.clients[first].voice = None;
    world.clients[last].voice = Some(110);
    world.run(4 * SECOND);
    world.clients[last].voice = None;
    world.clients[first].voice = Some(110);
    world.run(10 * SECOND);
    let after = seen(&world);
    assert!(after.contains(&last) && after.len() < 6, "{after:?}");

    world.run(40 * SECOND);
    assert!(!seen(&world).contains(&last), "{:?}", seen(&world));
}

#[test]
fn squeezed_viewer_keeps_the_voice_and_gets_a_smaller_picture_at_once() {
    // How fast the estimate falls depends on how full the link was at the moment.
    for moment in 0..4 {
        squeeze(15 * SECOND + moment * 83 * MS);
    }
}

/// P9: 4 → 0.4 → 4 Mbit/s.
fn squeeze(moment: Duration) {
    let mut world = World::new();
    let teacher = speaker(&mut world, camera());
    let pupil = world.join_with_gear(Profile::Phone, narrow(4_000_000));
    world.run(moment);
    assert_eq!(layer_on_stage(&world, pupil), Some(2));
    let asked = world.clients[teacher].keyframes_asked;
    world.clients[pupil].forget();
    let squeezed = world.now;
    world.clients[pupil].set_down(world.now, link(400_000));
    world.run(20 * SECOND);
    let last_large = world.clients[pupil]
        .on_line(STAGE)
        .iter()
        .filter(|seen| seen.layer > 0)
        .map(|seen| seen.at - squeezed)
        .max()
        .unwrap_or_default();
    let gaps = voice_gaps(&world, pupil, teacher);
    let loss = voice_loss(&world, pupil, teacher);
    let player = world.clients[pupil].player(STAGE);
    let gap = player.longest_gap(world.now);
    let asked = world.clients[teacher].keyframes_asked - asked;
    world.clients[pupil].forget();
    let widened = world.now;
    world.clients[pupil].set_down(world.now, link(4_000_000));
    world.run(20 * SECOND);
    let player = world.clients[pupil].player(STAGE);
    let up = player
        .shown
        .iter()
        .find(|shown| shown.at > widened && shown.layer == 2)
        .map(|shown| shown.at - widened);
    let gaps_up = voice_gaps(&world, pupil, teacher);
    let freeze_up = player.longest_gap(world.now);
    assert!(last_large < SECOND, "{last_large:?}");
    assert!(gaps.0 <= 200 * MS && gaps.1 <= 200 * MS, "{gaps:?}");
    assert!(loss <= 0.01, "{loss}");
    assert!(gap <= SECOND, "{gap:?}");
    assert!(asked <= 10, "{asked} keyframes");
    assert!(up.is_some_and(|up| up <= 10 * SECOND), "{up:?}");
    assert!(gaps_up.0 <= 100 * MS && gaps_up.1 <= 60 * MS, "{gaps_up:?}");
    assert!(freeze_up <= SECOND, "{freeze_up:?}");
}

#[test]
fn poor_link_carries_the_voice_for_ten_minutes_without_a_break() {
    // BP6: 256 kbit/s down, 128 up, 3 % loss, 300 ms there and back.
    let mut world = World::new();
    let teacher = speaker(
        &mut world,
        Gear {
            keyframe_size: 1,
            temporal: true,
            ..camera()
        },
    );
    let other = world.join(Profile::Phone);
    let far = world.join_with_gear(Profile::Phone, on_link("poor"));
    world.clients[far].voice = Some(100);
    world.run(20 * SECOND);
    let full = world.received_bps(other, 10 * SECOND);
    let mut worst = Duration::ZERO;
    let mut least = u64::MAX;
    let mut fewest = usize::MAX;
    for _ in 0..10 {
        world.clients[far].forget();
        world.clients[other].forget();
        world.clients[teacher].forget();
        world.run(60 * SECOND);
        let down = voice_gaps(&world, far, teacher);
        let up = voice_gaps(&world, other, far);
        worst = worst.max(down.0).max(down.1).max(up.0).max(up.1);
        let bps = world.received_bps(other, 50 * SECOND);
        least = least.min(bps);
        fewest = fewest.min(world.clients[far].player(STAGE).shown.len());
    }
    // A quarter of the pictures of the smallest encoding, less some that wait for a repair.
    assert!(fewest >= 60 * 5, "{fewest} pictures in a minute");
    assert!(worst <= 500 * MS, "{worst:?}");
    assert!(least * 100 >= full * 98, "{least} of {full}");
}

#[test]
fn link_too_narrow_for_all_pictures_gets_some_of_them() {
    let mut world = World::new();
    let gear = Gear {
        temporal: true,
        ..camera()
    };
    let teacher = speaker(&mut world, gear);
    let pupil = world.join_with_gear(Profile::Phone, narrow(4_000_000));
    world.run(15 * SECOND);
    world.clients[pupil].set_down(world.now, link(240_000));
    world.run(20 * SECOND);
    world.clients[pupil].forget();
    world.run(30 * SECOND);
    let player = world.clients[pupil].player(STAGE);
    // A quarter of them.
    let shown = player.shown.len();
    assert!((150..300).contains(&shown), "{shown} pictures");
    let gap = player.longest_gap(world.now);
    assert!(gap <= SECOND, "{gap:?}");
    assert_eq!(stage_pause(&world, pupil), None);
    let gaps = voice_gaps(&world, pupil, teacher);
    assert!(gaps.0 <= 200 * MS && gaps.1 <= 100 * MS, "{gaps:?}");
    world.clients[pupil].set_down(world.now, link(6_000_000));
    world.until("the picture is large", |world| {
        layer_on_stage(world, pupil) == Some(2)
    });
    world.run(3 * SECOND);
    world.clients[pupil].forget();
    world.run(10 * SECOND);
    let shown = world.clients[pupil].player(STAGE).shown.len();
    assert!(shown > 290, "{shown} pictures");
}

#[test]
fn viewer_of_a_single_encoding_sees_it_at_once_and_goes_on_seeing_it() {
    let mut world = World::new();
    speaker(&mut world, encoder());
    world.run(10 * SECOND);
    for _ in 0..3 {
        let pupil = world.join_with_gear(Profile::Phone, narrow(8_000_000));
        let connected = world.now;
        world.run(15 * SECOND);
        let player = world.clients[pupil].player(STAGE);
        let first = player.shown[0].at - connected;
        let gap = player.longest_gap(world.now);
        assert!(first < SECOND, "{first:?}");
        assert!(gap < 500 * MS, "{gap:?}");
        assert_eq!(stage_pause(&world, pupil), None);
    }
}

/// How fast a picture is, and with it what viewers should get, is only known some moments after it began.
#[test]
fn viewers_who_come_as_the_picture_begins_see_it_without_a_break() {
    let mut world = World::new();
    speaker(&mut world, encoder());
    world.run(300 * MS);
    let pupils: Vec<Who> = (0..40)
        .map(|_| {
            let pupil = world.join(Profile::Whep);
            world.run(25 * MS);
            pupil
        })
        .collect();
    world.run(8 * SECOND);
    for pupil in pupils {
        let player = world.clients[pupil].player(WHEP_PICTURE);
        let (shown, gap) = (player.shown.len(), player.longest_gap(world.now));
        assert!(shown > 230, "{shown} pictures");
        assert!(gap < 200 * MS, "{gap:?}");
    }
}

#[test]
fn single_encoding_that_does_not_fit_is_paused_with_the_reason() {
    let mut world = World::new();
    let teacher = speaker(&mut world, encoder());
    let pupil = world.join_with_gear(Profile::Phone, narrow(600_000));
    world.run(20 * SECOND);
    assert_eq!(stage_pause(&world, pupil), Some(PauseReason::Bandwidth));
    world.clients[pupil].forget();
    let asked = world.clients[teacher].keyframes_asked;
    world.run(60 * SECOND);
    let gaps = voice_gaps(&world, pupil, teacher);
    let asked = world.clients[teacher].keyframes_asked - asked;
    assert!(gaps.0 <= 200 * MS && gaps.1 <= 100 * MS, "{gaps:?}");
    assert!(
        asked <= 6,
        "{asked} keyframes for a picture that does not fit"
    );
    world.clients[pupil].set_down(world.now, link(6_000_000));
    let back = world.until("the picture is back", |world| {
        world.clients[pupil].pictures_of(teacher).len() > 300
    });
    assert!(back < 20 * SECOND, "{back:?}");
    assert_eq!(stage_pause(&world, pupil), None);
}

#[test]
fn starved_machine_pauses_nobody() {
    // The server gets its core only now and then.
    let mut world = World::new();
    let teacher = speaker(&mut world, camera());
    let pupils: Vec<Who> = (0..4).map(|_| world.join(Profile::Phone)).collect();
    world.run(10 * SECOND);
    world.server_lag = 60 * MS;
    world.run(30 * SECOND);
    for pupil in pupils {
        assert_eq!(stage_pause(&world, pupil), None);
        assert_eq!(layer_on_stage(&world, pupil), Some(2));
        let frozen = world.clients[pupil].player(STAGE).longest_gap(world.now);
        assert!(frozen <= SECOND, "{frozen:?}");
        let gaps = voice_gaps(&world, pupil, teacher);
        assert!(gaps.1 <= 20 * MS, "{gaps:?}");
    }
}

#[test]
fn thrifty_viewer_is_not_taken_for_one_on_a_narrow_link() {
    // Only a voice for a minute, over jitter; then pictures again.
    let mut world = World::new();
    let teacher = speaker(&mut world, camera());
    let pupil = world.join(Profile::Phone);
    let jitter = Conditions {
        jitter: 30 * MS,
        ..good_link()
    };
    world.clients[pupil].set_down(world.now, jitter);
    world.run(10 * SECOND);
    world.clients[teacher].camera_on = false;
    world.run(60 * SECOND);
    world.clients[teacher].camera_on = true;
    let wait = world.until("the picture is large again", |world| {
        layer_on_stage(world, pupil) == Some(2)
            && world.clients[pupil].player(STAGE).shown.last().unwrap().at + SECOND > world.now
            && world.clients[pupil].player(STAGE).shown.len() > 400
    });
    assert!(wait < 10 * SECOND, "{wait:?}");
    assert_eq!(stage_pause(&world, pupil), None);
}

#[test]
fn redundant_voices_repair_what_a_lossy_link_takes() {
    let loss = |red: bool| {
        let mut world = World::new();
        let teacher = world.join(Profile::Room);
        world.clients[teacher].voice = Some(110);
        let gear = Gear {
            red,
            ..on_link("lossy")
        };
        let pupil = world.join_with_gear(Profile::Phone, gear);
        world.run(15 * SECOND);
        world.clients[pupil].forget();
        world.run(120 * SECOND);
        voice_loss(&world, pupil, teacher)
    };
    let (plain, redundant) = (loss(false), loss(true));
    assert!(plain > 0.05, "{plain}");
    assert!(redundant * 3.0 < plain, "{redundant} of {plain}");
}

#[test]
fn answer_offers_error_correction_silence_and_redundancy() {
    let mut world = World::new();
    let plain = world.join_with_gear(
        Profile::Phone,
        Gear {
            red: false,
            ..camera()
        },
    );
    let redundant = world.join_with_gear(Profile::Phone, camera());
    let answer = |who: Who| &world.clients[who].answer;
    for who in [plain, redundant] {
        let parameters = answer(who)
            .lines()
            .find(|line| line.contains("useinbandfec=1"));
        assert!(parameters.unwrap().contains("usedtx=1"), "{parameters:?}");
    }
    assert!(answer(redundant).contains("red/48000/2"));
    assert!(!answer(plain).contains("red/48000/2"));
}

#[test]
fn late_joiner_sees_the_last_keyframe_at_once_and_asks_the_publisher_for_none() {
    let mut world = World::new();
    let teacher = speaker(&mut world, encoder());
    let early = world.join_with_gear(Profile::Phone, camera());
    world.run(10 * SECOND);
    // Somebody comes, and a keyframe is made for them.
    world.join_with_gear(Profile::Phone, camera());
    world.run(100 * MS);
    let asked = world.clients[teacher].keyframes_asked;
    let late = world.join_with_gear(Profile::Phone, camera());
    let connected = world.now;
    world.run(500 * MS);
    assert_eq!(world.clients[teacher].keyframes_asked, asked);
    let stage = world.clients[late].on_line(STAGE);
    let first = stage[0];
    assert!(first.keyframe, "{first:?}");
    assert!(
        first.at - connected <= 30 * MS,
        "{:?}",
        first.at - connected
    );
    let shown = world.clients[late].player(STAGE).shown[0].at - connected;
    assert!(shown <= 300 * MS, "{shown:?}");
    world.run(5 * SECOND);
    for viewer in [early, late] {
        assert_unbroken(world.clients[viewer].on_line(STAGE));
        let gap = world.clients[viewer].player(STAGE).longest_gap(world.now);
        assert!(gap < 500 * MS, "{gap:?}");
    }
    // What was caught up with is not what the viewer stays behind by.
    let last = |viewer: Who| *world.clients[viewer].on_line(STAGE).last().unwrap();
    assert!(last(late).at - last(early).at <= 20 * MS || last(late).at <= last(early).at);
}

#[test]
fn kept_keyframes_are_few_and_only_of_what_is_shown_large() {
    let mut world = World::new();
    let teacher = speaker(&mut world, camera());
    world.run(3 * SECOND);
    assert_eq!(world.sfu.kept_bytes(), 0, "nobody looks");
    world.clients[teacher].screen_on = true;
    for _ in 0..3 {
        world.join(Profile::Phone);
    }
    let mut most = 0;
    for _ in 0..600 {
        world.run(50 * MS);
        most = most.max(world.sfu.kept_bytes());
    }
    // Three encodings of the camera, and a screen.
    assert!((50_000..4 * 256 * 1024).contains(&most), "{most} bytes");
    let kept = world.sfu.kept_bytes();
    assert!(
        kept < most,
        "a stretch that grew too long is given up: {kept} of {most}"
    );
}
