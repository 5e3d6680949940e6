//! Shows that a bug in one peer's engine ends that peer and nobody else. Only here can an engine be made to panic.

use std::time::{Duration, Instant};

use protocol::media::{Profile, Source};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use str0m::Rtc;
use str0m::media::{Direction, MediaKind};
use uuid::Uuid;

use crate::{Config, Input, Output, Sfu};

fn room() -> RoomId {
    RoomId::from(Uuid::from_u128(7))
}

fn participant(number: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(number))
}

fn shard(now: Instant) -> Sfu {
    let config = Config {
        addresses: vec![([10, 0, 0, 1], 7000).into()],
        tcp: false,
        first_stream: 0,
    };
    Sfu::new(now, config)
}

/// A player's offer: it receives a voice and a picture.
fn offer(now: Instant) -> String {
    let mut rtc = Rtc::builder().build(now);
    let mut change = rtc.sdp_api();
    for kind in [MediaKind::Audio, MediaKind::Video] {
        change.add_media(kind, Direction::RecvOnly, None, None, None);
    }
    let (offer, _) = change.apply().expect("there are lines to offer");
    offer.to_sdp_string()
}

fn join(sfu: &mut Sfu, now: Instant, number: u128) -> Vec<SfuEvent> {
    let command = SfuCommand::Join {
        request: 1,
        room: room(),
        participant: participant(number),
        profile: Profile::Whep,
        may_publish: false,
        microphone_open: false,
        offer: offer(now),
    };
    sfu.handle(now, Input::Command(command));
    drain(sfu)
}

fn drain(sfu: &mut Sfu) -> Vec<SfuEvent> {
    let mut events = Vec::new();
    loop {
        match sfu.poll_output() {
            Output::Event(event) => events.push(event),
            Output::Timeout(_) => return events,
            Output::Transmit(_) | Output::Relay(_) | Output::Cascade { .. } => {}
        }
    }
}

fn is_answer(event: &SfuEvent) -> bool {
    matches!(event, SfuEvent::Answered { .. })
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
fn panic_in_one_engine_ends_that_peer_alone_and_is_counted() {
    let mut now = Instant::now();
    let mut sfu = shard(now);
    for number in 1..=3 {
        assert!(join(&mut sfu, now, number).iter().any(is_answer));
    }
    let room = sfu.rooms.values_mut().next().expect("a room is open");
    let unlucky = room.member_of(participant(2)).expect("it has joined");
    room.members[unlucky].peer.poisoned = true;

    let mut ended = Vec::new();
    for _ in 0..20 {
        now += Duration::from_millis(100);
        sfu.handle(now, Input::Timeout);
        ended.extend(drain(&mut sfu).into_iter().filter_map(|event| match event {
            SfuEvent::Disconnected { participant, .. } => Some(participant),
            _ => None,
        }));
    }
    assert_eq!(ended, [participant(2)]);
    assert_eq!(sfu.counters().panics, 1);
    assert_eq!(sfu.peer_count(), 2);
    // It may come again, and others are served.
    assert!(join(&mut sfu, now, 2).iter().any(is_answer));
    assert!(join(&mut sfu, now, 4).iter().any(is_answer));
    assert_eq!(sfu.peer_count(), 4);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
fn engine_that_panicked_is_not_used_again() {
    let now = Instant::now();
    let mut sfu = shard(now);
    join(&mut sfu, now, 1);
    let room = sfu.rooms.values_mut().next().expect("a room is open");
    let key = room.member_of(participant(1)).expect("it has joined");
    let peer = &mut room.members[key].peer;
    peer.poisoned = true;
    peer.set_wishes(1, 1);
    // A bug that showed while a packet was written for it ends the peer although it is sound again.
    peer.poisoned = false;
    assert!(!peer.request_keyframe(Source::Camera, 0));
    let later = now + Duration::from_secs(1);
    sfu.handle(later, Input::Timeout);
    drain(&mut sfu);
    assert_eq!(sfu.peer_count(), 0);
    assert_eq!(sfu.counters().panics, 1);
}
