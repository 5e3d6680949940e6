//! What forwarding costs in memory: allocations per packet, bytes per viewer.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "what the other tests of this world use")]
mod world;

use std::time::Duration;

use impairment::Conditions;
use protocol::media::Profile;
use protocol::sfu::SfuEvent;
use world::{Gear, World, good_link};

const SECOND: Duration = Duration::from_secs(1);

/// A camera with three encodings and a voice, watched by so many players.
fn lesson(viewers: usize) -> World {
    lesson_by(Gear::default(), viewers)
}

fn lesson_by(gear: Gear, viewers: usize) -> World {
    let mut world = World::new();
    let teacher = world.join_with_gear(Profile::Whip, gear);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(110);
    for _ in 0..viewers {
        world.join(Profile::Whep);
    }
    world.run(15 * SECOND);
    world
}

/// Allocations per datagram that a publisher sends.
fn allocations_per_datagram(viewers: usize) -> f64 {
    let mut world = lesson(viewers);
    let forwarded = world.sfu.counters().forwarded;
    world.sfu.media_allocations = 0;
    world.sfu.media_datagrams = 0;
    world.run(5 * SECOND);
    let forwarded = world.sfu.counters().forwarded - forwarded;
    assert!(
        forwarded > 500 * viewers as u64,
        "{forwarded} packets forwarded to {viewers}"
    );
    world.sfu.media_allocations as f64 / world.sfu.media_datagrams as f64
}

#[test]
fn forwarding_allocates_nothing_once_warm() {
    let few = allocations_per_datagram(2);
    let many = allocations_per_datagram(12);
    // A packet's own buffer, and the reports of publishers and viewers now and then.
    assert!(many < 5.0, "{many} allocations per datagram");
    // Ten viewers more: ten packets more per datagram.
    let per_packet = (many - few) / 10.0;
    assert!(per_packet < 0.05, "{per_packet} allocations per packet");
}

#[test]
fn picture_leaves_in_one_run_per_viewer() {
    let mut world = lesson(3);
    world.sfu.runs.clear();
    world.run(2 * SECOND);
    let runs = world.sfu.runs.len();
    let packets: usize = world.sfu.runs.iter().sum();
    assert!(runs > 3 * 40, "{runs} runs in two seconds");
    // A picture of this camera has six packets.
    assert!(packets > 5 * runs, "{packets} packets in {runs} runs");
}

#[test]
fn rest_of_a_picture_is_waited_for_when_many_see_it() {
    let waits = |viewers| {
        let mut world = lesson(viewers);
        world.sfu.waits = 0;
        world.sfu.media_datagrams = 0;
        world.run(2 * SECOND);
        (world.sfu.waits, world.sfu.media_datagrams)
    };
    assert_eq!(waits(3).0, 0);
    // Nothing is waited for behind the last packet of a picture, and a small encoding has but one.
    let (waits, datagrams) = waits(17);
    assert!(waits > 0 && waits < datagrams, "{waits} of {datagrams}");
}

#[test]
fn picture_that_comes_packet_by_packet_leaves_in_one_run_when_many_see_it() {
    let packets_per_run = |viewers| {
        // A packet of the large encoding every 5 µs.
        let up = Conditions {
            rate_bps: Some(2_000_000_000),
            ..good_link()
        };
        let gear = Gear {
            link: (good_link(), up),
            ..Gear::default()
        };
        let mut world = lesson_by(gear, viewers);
        world.grid = Duration::from_micros(5);
        world.sfu.runs.clear();
        world.run(2 * SECOND);
        world.sfu.runs.iter().sum::<usize>() as f64 / world.sfu.runs.len() as f64
    };
    let (few, many) = (packets_per_run(3), packets_per_run(17));
    assert!(few < 1.5, "{few} packets in a run for 3");
    assert!(many > 5.0, "{many} packets in a run for 17");
}

#[test]
fn viewer_costs_little_memory() {
    let held = |viewers| lesson(viewers).sfu.held_bytes;
    let per_viewer = (held(12) - held(2)) / 10;
    // Of a 1.5 Mbit/s picture and a voice, with a second of packets kept for resending.
    assert!(per_viewer < 170_000, "{per_viewer} bytes per viewer");
}

#[test]
fn silent_room_is_left_in_peace() {
    let mut world = World::new();
    for _ in 0..4 {
        world.join(Profile::Desk);
    }
    world.run(20 * SECOND);
    let before: Vec<u64> = world.clients.iter().map(|c| c.datagrams).collect();
    world.run(20 * SECOND);
    for (client, before) in world.clients.iter().zip(before) {
        let a_second = (client.datagrams - before) as f64 / 20.0;
        assert!(a_second < 8.0, "{a_second} datagrams a second");
    }
    // What is left is enough to tell how its links do.
    let last = world.now - 11 * SECOND;
    let reports = world.events.iter().filter_map(|(at, event)| match event {
        SfuEvent::Link { report, .. } if *at > last => Some(report),
        _ => None,
    });
    let measured: Vec<bool> = reports.map(|report| report.rtt_ms.is_some()).collect();
    assert!(
        measured.len() >= 4 && measured.iter().all(|known| *known),
        "{measured:?}"
    );
}
