//! Why a picture is small: the answer to a viewer's question, in rooms on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and virtual time needs a start"
)]

#[allow(dead_code, reason = "each test file uses its part")]
mod world;

use std::time::Duration;

use impairment::Conditions;
use protocol::explain::{Explanation, PictureReason};
use protocol::media::{Profile, ReceiveMode, SlotKind, Source};
use protocol::sfu::{SfuCommand, SfuEvent};
use uuid::Uuid;
use world::{Who, World, good_link, room};

const SECOND: Duration = Duration::from_secs(1);

fn ask(world: &mut World, participant: protocol::ParticipantId) -> Option<Explanation> {
    world.command(SfuCommand::Explain {
        request: 77,
        room: room(),
        participant,
    });
    let (_, answer) = world.events.last().unwrap();
    let SfuEvent::Explained {
        request: 77,
        explanation,
    } = answer
    else {
        panic!("not answered at once: {answer:?}")
    };
    explanation.clone()
}

fn explain(world: &mut World, who: Who) -> Explanation {
    let participant = world.participant(who);
    ask(world, participant).expect("there is such a peer")
}

/// Why the picture on a line of this kind is as it is.
fn reason(explanation: &Explanation, kind: SlotKind) -> PictureReason {
    let of_kind = |p: &&protocol::explain::PictureExplanation| p.kind == kind;
    explanation.pictures.iter().find(of_kind).unwrap().reason
}

fn narrow(rate_bps: u64) -> Conditions {
    Conditions {
        rate_bps: Some(rate_bps),
        queue: Duration::from_millis(300),
        ..good_link()
    }
}

/// A teacher with a camera and a voice, and a pupil on a phone with so much of a link.
fn lesson(down_bps: u64) -> (World, Who, Who) {
    let mut world = World::new();
    let teacher = world.join(Profile::Room);
    world.clients[teacher].camera_on = true;
    world.clients[teacher].voice = Some(110);
    let pupil = world.join(Profile::Phone);
    world.clients[pupil].set_down(world.now, narrow(down_bps));
    world.run(15 * SECOND);
    (world, teacher, pupil)
}

#[test]
fn best_picture_has_nothing_to_explain() {
    let (mut world, teacher, pupil) = lesson(6_000_000);
    let answer = explain(&mut world, pupil);
    assert!(answer.connected);
    assert_eq!(answer.mode, ReceiveMode::Everything);
    let stage = &answer.pictures[0];
    assert_eq!(stage.kind, SlotKind::Stage);
    assert_eq!(stage.track, world.track(teacher, Source::Camera));
    assert_eq!(stage.needed_bps.len(), 3);
    assert!(stage.needed_bps.is_sorted());
    assert_eq!((stage.given, stage.flowing), (Some(2), Some(2)));
    assert_eq!(stage.reason, PictureReason::Best);
}

#[test]
fn small_picture_on_a_narrow_link_is_explained_by_the_link_in_figures() {
    let (mut world, _, pupil) = lesson(4_000_000);
    world.clients[pupil].set_down(world.now, narrow(400_000));
    world.run(12 * SECOND);
    let answer = explain(&mut world, pupil);
    let (estimate, budget) = (answer.estimate_bps.unwrap(), answer.budget_bps.unwrap());
    assert!(estimate < 800_000, "{estimate}");
    assert!(
        budget + answer.voices_bps <= estimate,
        "voices and the share for repairs come first: {answer:?}"
    );
    let stage = &answer.pictures[0];
    assert_eq!(stage.reason, PictureReason::Link);
    let next = stage.given.map_or(0, |given| usize::from(given) + 1);
    assert!(stage.needed_bps[next] > budget, "{stage:?}");
}

#[test]
fn publisher_who_sends_no_more_is_named_as_the_cause() {
    let (mut world, teacher, pupil) = lesson(6_000_000);
    world.clients[teacher].encodings = [true, false, false];
    world.run(6 * SECOND);
    let answer = explain(&mut world, pupil);
    assert_eq!(reason(&answer, SlotKind::Stage), PictureReason::Publisher);
    world.clients[teacher].camera_on = false;
    world.run(12 * SECOND);
    let answer = explain(&mut world, pupil);
    assert_eq!(reason(&answer, SlotKind::Stage), PictureReason::Muted);
}

#[test]
fn choice_of_the_viewer_is_named_as_the_cause() {
    let (mut world, _, pupil) = lesson(6_000_000);
    let participant = world.participant(pupil);
    for (mode, given) in [(ReceiveMode::Low, Some(0)), (ReceiveMode::AudioOnly, None)] {
        world.command(SfuCommand::SetReceive {
            room: room(),
            participant,
            mode,
        });
        world.run(3 * SECOND);
        let answer = explain(&mut world, pupil);
        assert_eq!(answer.mode, mode);
        assert_eq!(reason(&answer, SlotKind::Stage), PictureReason::Choice);
        assert_eq!(answer.pictures[0].given, given);
    }
}

#[test]
fn small_tile_is_small_because_of_its_size_on_screen() {
    let mut world = World::new();
    let viewer = world.join(Profile::Room);
    for _ in 0..6 {
        let point = world.join(Profile::Room);
        world.clients[point].camera_on = true;
    }
    world.run(12 * SECOND);
    let answer = explain(&mut world, viewer);
    let tiles = || answer.pictures.iter().filter(|p| p.kind == SlotKind::Tile);
    assert_eq!(tiles().count(), 6);
    assert!(
        tiles().all(|tile| tile.reason == PictureReason::View && tile.given == Some(0)),
        "{answer:?}"
    );
    assert_eq!(
        answer.pictures[0].kind,
        SlotKind::Stage,
        "most wanted first"
    );
}

#[test]
fn nobody_is_explained_by_nothing() {
    let (mut world, ..) = lesson(6_000_000);
    let stranger = Uuid::from_u128(0xdead).into();
    assert_eq!(ask(&mut world, stranger), None);
}
