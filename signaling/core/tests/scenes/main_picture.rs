//! What the room shows large in its film.

use protocol::client::{Command, PictureCommand, SessionRole::*};
use protocol::media::{Source, TrackRef};

use crate::common::{Hall, Person, point};

fn camera(person: Person) -> Option<TrackRef> {
    Some(TrackRef {
        participant: person.id,
        source: Source::Camera,
    })
}

#[test]
fn whoever_speaks_is_large_with_a_camera_alone_and_a_screen_comes_before() {
    let mut hall = Hall::open();
    let (lan, at_lan) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join_at("Minh", Point, Some(point(2)));
    let large = |hall: &Hall| hall.room.main_picture(Some(minh.id), None);
    assert_eq!(large(&hall), None, "nobody shows anything");
    let camera_on = Command::Picture(PictureCommand::SetCamera { on: true });
    hall.ask(lan, at_lan, camera_on.clone()).unwrap();
    assert_eq!(large(&hall), camera(lan), "who speaks shows nothing");
    hall.ask(minh, at_minh, camera_on).unwrap();
    assert_eq!(large(&hall), camera(minh));
    assert_eq!(
        hall.room.main_picture(None, camera(minh)),
        camera(minh),
        "nobody speaks: who was large stays"
    );
    hall.ask(
        lan,
        at_lan,
        Command::Picture(PictureCommand::SetScreen { on: true }),
    )
    .unwrap();
    let screen = TrackRef {
        participant: lan.id,
        source: Source::Screen,
    };
    assert_eq!(large(&hall), Some(screen));
    assert_eq!(
        hall.room.main_picture(None, Some(screen)),
        Some(screen),
        "while it is shared"
    );
    hall.ask(
        lan,
        at_lan,
        Command::Picture(PictureCommand::SetScreen { on: false }),
    )
    .unwrap();
    assert_eq!(
        hall.room.main_picture(None, Some(screen)),
        camera(lan),
        "a screen that was large is no claim of its owner's; who came first is large"
    );
}

#[test]
fn point_that_was_called_stays_large_while_it_reconnects_and_a_guest_does_not() {
    for (at, stays) in [(Some(point(2)), true), (None, false)] {
        let mut hall = Hall::open();
        let (lan, at_lan) = hall.join("Lan", Chair);
        let (minh, at_minh) = hall.join_at("Minh", Point, at);
        for (who, connection) in [(lan, at_lan), (minh, at_minh)] {
            hall.ask(
                who,
                connection,
                Command::Picture(PictureCommand::SetCamera { on: true }),
            )
            .unwrap();
        }
        let participant = Some(minh.id);
        hall.ask(
            lan,
            at_lan,
            Command::Picture(PictureCommand::Broadcast { participant }),
        )
        .unwrap();
        assert_eq!(hall.room.main_picture(None, None), camera(minh));
        hall.lose(at_minh);
        let expected = if stays { camera(minh) } else { camera(lan) };
        assert_eq!(hall.room.main_picture(None, None), expected, "{at:?}");
    }
}
