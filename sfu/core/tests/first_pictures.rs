//! Players that are there before the publisher is: when each sees its first picture, and whether it goes on, on virtual
//! time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::time::Duration;

use impairment::Conditions;
use protocol::media::{PauseReason, Profile, SlotKind};
use protocol::sfu::SfuEvent;
use world::{Gear, Who, World, good_link};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// For how long a player on a link of its own is watched.
const WATCHED: Duration = Duration::from_secs(30);

/// The picture line of a player of WHEP: it follows the voice.
const PICTURE: usize = 1;

/// An encoder of 1.05 Mbit/s, with keyframes as large as such encoders make them.
fn encoder() -> Gear {
    Gear {
        simulcast: false,
        single: (4, 1080),
        keyframe_size: 8,
        ..Gear::default()
    }
}

/// One of 4 Mbit/s.
fn strong_encoder() -> Gear {
    Gear {
        single: (16, 1040),
        ..encoder()
    }
}

/// What a room of waiting players saw of a publisher that came.
struct Premiere {
    /// When each saw its first picture, the fastest first.
    waits: Vec<Duration>,
    /// The longest stretch without a new picture, afterwards.
    gap: Duration,
    /// Datagrams that the server sent, for each 100 packets that it forwarded.
    datagrams: u64,
    /// Keyframes that the publisher was asked for, beyond the one that it begins with.
    asked: u32,
}

impl Premiere {
    fn wait(&self, percent: usize) -> Duration {
        self.waits[(self.waits.len() - 1) * percent / 100]
    }
}

/// So many players wait; then a publisher comes.
fn premiere(players: usize, gear: Gear, voice: bool, lag: Duration) -> Premiere {
    let mut world = World::new();
    let players: Vec<Who> = (0..players)
        .map(|_| world.join_as(Profile::Whep, false, false))
        .collect();
    world.until("all connect", |world| {
        players.iter().all(|who| world.clients[*who].connected)
    });
    world.run(10 * SECOND);
    let encoder = world.join_with_gear(Profile::Whip, gear);
    world.server_lag = lag;
    world.clients[encoder].camera_on = true;
    world.clients[encoder].voice = voice.then_some(110);
    let datagrams = |world: &World| -> u64 {
        let players = players.iter();
        players.map(|who| world.clients[*who].datagrams).sum()
    };
    let before = (datagrams(&world), world.sfu.counters().forwarded);
    world.until("the first picture is taken", |world| {
        world.clients[encoder].sent > 0
    });
    let began = world.now;
    world.run(6 * SECOND);
    let sent = datagrams(&world) - before.0;
    let forwarded = world.sfu.counters().forwarded - before.1;
    let shown = |who: &Who| {
        let player = world.clients[*who].player(PICTURE);
        player.shown.first().map(|shown| shown.at - began)
    };
    let mut waits: Vec<Duration> = players
        .iter()
        .map(|who| shown(who).unwrap_or(Duration::MAX))
        .collect();
    waits.sort_unstable();
    let gaps = players.iter().map(|who| {
        let player = world.clients[*who].player(PICTURE);
        player.longest_gap(world.now)
    });
    Premiere {
        gap: gaps.max().unwrap_or_default(),
        datagrams: sent * 100 / forwarded.max(1),
        asked: world.clients[encoder].keyframes_asked,
        waits,
    }
}

fn assert_at_once(premiere: &Premiere) {
    assert!(premiere.wait(95) <= 700 * MS, "{:?}", premiere.wait(95));
    assert!(premiere.wait(100) <= SECOND, "{:?}", premiere.wait(100));
    assert!(premiere.gap <= 300 * MS, "{:?}", premiere.gap);
    assert!(premiere.datagrams <= 110, "{}", premiere.datagrams);
    assert_eq!(premiere.asked, 0, "the first keyframe is for all");
}

#[test]
fn everybody_who_waits_sees_the_first_picture_at_once_and_goes_on_seeing() {
    assert_at_once(&premiere(150, encoder(), false, Duration::ZERO));
    assert_at_once(&premiere(300, encoder(), true, Duration::ZERO));
}

#[test]
fn so_does_everybody_of_a_busy_machine() {
    assert_at_once(&premiere(150, encoder(), true, 80 * MS));
}

#[test]
fn so_does_everybody_who_waits_for_a_strong_encoder() {
    assert_at_once(&premiere(40, strong_encoder(), true, 30 * MS));
}

/// What a waiting player on a bad link got of an encoder that came.
#[derive(Debug)]
struct Trial {
    /// When its picture line was told to be without a picture for want of bandwidth.
    taken_back: Option<Duration>,
    /// Whether it is without one at the end.
    dark: bool,
    /// The longest time without a new packet of the voice.
    silence: Duration,
    /// The share of its packets that never came.
    loss: f64,
    /// Pictures that were shown.
    shown: usize,
}

fn trial(gear: Gear, down: Conditions) -> Trial {
    let mut world = World::new();
    let waiting = Gear {
        link: (down, good_link()),
        ..Gear::default()
    };
    let player = world.join_with_gear(Profile::Whep, waiting);
    world.run(10 * SECOND);
    let encoder = world.join_with_gear(Profile::Whip, gear);
    world.clients[encoder].voice = Some(110);
    world.run(5 * SECOND);
    world.clients[player].forget();
    world.clients[encoder].camera_on = true;
    let began = world.now;
    world.run(WATCHED);
    let heard = world.clients[player].heard(encoder);
    let mut at: Vec<_> = heard.values().copied().collect();
    at.sort_unstable();
    let silence = at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    let span = heard.keys().next_back().unwrap() - heard.keys().next().unwrap() + 1;
    let me = world.participant(player);
    let told: Vec<(Duration, bool)> = world
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            SfuEvent::SlotAssigned {
                participant,
                kind: SlotKind::Stage,
                paused,
                ..
            } if *participant == me && *at >= began => {
                Some((*at - began, *paused == Some(PauseReason::Bandwidth)))
            }
            _ => None,
        })
        .collect();
    Trial {
        taken_back: told.iter().find(|(_, dark)| *dark).map(|(at, _)| *at),
        dark: told.last().is_some_and(|(_, dark)| *dark),
        silence,
        loss: 1.0 - heard.len() as f64 / f64::from(span),
        shown: world.clients[player].player(PICTURE).shown.len(),
    }
}

fn link(kbps: u64, queue: Duration) -> Conditions {
    Conditions {
        rate_bps: Some(kbps * 1000),
        queue,
        ..good_link()
    }
}

#[test]
fn picture_that_a_narrow_link_does_not_carry_is_taken_back_and_the_voice_goes_on() {
    // A bottleneck without a queue drops voices together with whatever is too much, also with later probes.
    for (kbps, queue, most_lost) in [
        (300, 300, 0.01),
        (500, 300, 0.01),
        (500, 1000, 0.01),
        (300, 20, 0.05),
        (500, 20, 0.05),
    ] {
        let trial = trial(encoder(), link(kbps, queue * MS));
        let what = format!("{kbps} kbit/s, a queue of {queue} ms: {trial:?}");
        let taken_back = trial.taken_back.expect(&what);
        assert!(taken_back <= SECOND && trial.dark, "{what}");
        assert!(trial.silence <= 300 * MS, "{what}");
        assert!(trial.loss <= most_lost, "{what}");
    }
}

#[test]
fn picture_that_a_link_carries_is_never_taken_back() {
    let lossy = Conditions {
        loss: 0.05,
        ..link(20_000, 300 * MS)
    };
    // The picture takes 1.1 Mbit/s with its headers, and its keyframe, voices not counted, a quarter of a second of it.
    let narrow = [(1300, 300), (1400, 100), (1400, 1000), (1500, 300)];
    let narrow = narrow.map(|(kbps, queue)| link(kbps, queue * MS));
    for down in narrow.into_iter().chain([link(2000, 300 * MS), lossy]) {
        let trial = trial(encoder(), down);
        assert_eq!(trial.taken_back, None, "{down:?}: {trial:?}");
        assert!(trial.shown > 890, "{down:?}: {trial:?}");
    }
}
