//! Who has a place: those who watch take none from those who speak, and whoever is invited always gets in.

use crate::common::{Hall, SECOND, point, setup};
use protocol::client::SessionRole::{Chair, Point, Presenter, Secretary, Viewer};
use protocol::client::{ByeReason, RefusalCode};
use signaling_core::{Caps, ConnectionId, RoomSetup};

/// Three invited points; so many may speak and watch.
fn with_caps(max_interactive: u32, max_receive_only: u32) -> RoomSetup {
    RoomSetup {
        caps: Caps {
            max_interactive,
            max_receive_only,
        },
        ..setup()
    }
}

fn full(hall: &Hall, at: ConnectionId) -> Option<&str> {
    match hall.bye(at)? {
        ByeReason::Refused { refusal } if refusal.code == RefusalCode::SessionFull => {
            refusal.detail.as_deref()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn viewers_take_no_places_of_those_who_speak() {
    let mut hall = Hall::with(with_caps(6, 40));
    for number in 0..40 {
        let (_, at) = hall.join(&format!("Người xem {number}"), Viewer);
        assert_eq!(full(&hall, at), None);
    }
    let (_, refused) = hall.join("Người xem 41", Viewer);
    assert_eq!(full(&hall, refused), Some("40"));
    let watching = hall.watch();
    assert_eq!(
        full(&hall, watching),
        Some("40"),
        "players are counted with them"
    );
    for (role, seat) in [(Chair, None), (Secretary, None), (Point, Some(point(2)))] {
        let (_, at) = hall.join_at("Người nói", role, seat);
        assert_eq!(full(&hall, at), None, "{role:?}");
    }
}

#[test]
fn guests_leave_places_for_chair_secretary_and_every_invited_point() {
    let mut hall = Hall::with(with_caps(7, 10));
    for name in ["Khách một", "Khách hai"] {
        let (_, at) = hall.join(name, Presenter);
        assert_eq!(full(&hall, at), None);
    }
    let (_, at) = hall.join("Khách ba", Presenter);
    assert_eq!(
        full(&hall, at),
        Some("2"),
        "the places that a guest can have"
    );
    let (_, at) = hall.join_at("Người thứ nhất của điểm", Point, Some(point(1)));
    assert_eq!(full(&hall, at), None);
    let (_, at) = hall.join_at("Người thứ hai của điểm", Point, Some(point(1)));
    assert_eq!(full(&hall, at), Some("2"), "beside a seat one is a guest");
    for (role, seat) in [
        (Point, Some(point(2))),
        (Point, Some(point(3))),
        (Secretary, None),
        (Chair, None),
        (Secretary, None),
    ] {
        let (_, at) = hall.join_at("Có chỗ", role, seat);
        assert_eq!(full(&hall, at), None, "{role:?}");
    }
}

#[test]
fn place_of_a_guest_is_held_with_the_seat_and_free_afterwards() {
    let mut hall = Hall::with(with_caps(6, 10));
    let (minh, at_minh) = hall.join("Minh", Presenter);
    hall.lose(at_minh);
    let (tu, at_tu) = hall.join("Tú", Presenter);
    assert_eq!(full(&hall, at_tu), Some("1"));
    let back = hall.connect(minh, None);
    assert_eq!(full(&hall, back), None, "Minh comes back to the held place");
    hall.lose(back);
    hall.pass(121 * SECOND);
    let at_tu = hall.connect(tu, None);
    assert_eq!(full(&hall, at_tu), None, "the place is free");
}

#[test]
fn cap_that_is_smaller_than_the_invitation_keeps_nobody_invited_out() {
    let mut hall = Hall::with(with_caps(1, 0));
    for seat in 1..=3 {
        let (_, at) = hall.join_at("Điểm", Point, Some(point(seat)));
        assert_eq!(full(&hall, at), None);
    }
    let (_, at) = hall.join("Lan", Chair);
    assert_eq!(full(&hall, at), None);
    let (_, at) = hall.join("Khách", Presenter);
    assert_eq!(full(&hall, at), Some("0"));
}

#[test]
fn point_whose_number_changed_while_the_server_was_down_sits_under_the_new_one() {
    let mut hall = Hall::open();
    let (minh, at) = hall.join_at("Minh", Point, Some(point(3)));
    let (guest, _) = hall.join("Khách", Presenter);
    assert_eq!(hall.participant(minh).unwrap().seat, Some(3));
    let claim = hall.claim(at);
    let survived = hall.journal.len();
    for seat in &mut hall.setup.seats {
        seat.number += 40;
    }
    let mut hall = hall.killed_and_restarted(survived);
    assert_eq!(hall.participant(minh).unwrap().seat, Some(43));
    assert_eq!(hall.participant(guest).unwrap().seat, None);
    hall.connect(minh, Some(claim));
    assert_eq!(hall.participant(minh).unwrap().seat, Some(43));
}
