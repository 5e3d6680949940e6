//! The chat: who floods it is held up, and it weighs nobody down.

use crate::chat;
use crate::common::{Hall, SECOND, point};
use protocol::client::SessionRole::{Chair, Point, Viewer};
use protocol::client::{CHAT_LINES, ChatCommand, Command, RefusalCode};

#[test]
fn line_names_the_point_beside_the_person() {
    let mut hall = Hall::open();
    let (minh, at) = hall.join_at("Minh", Point, Some(point(2)));
    hall.ask(minh, at, chat("Nghe rõ.")).unwrap();
    let room = hall.room.snapshot();
    let line = &room.chat[0];
    assert_eq!(
        (line.name.as_str(), line.bridge_point),
        ("Minh", Some(point(2)))
    );
}

#[test]
fn flood_is_refused_by_its_own_code_and_honest_lines_go_through() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (minh, at_minh) = hall.join("Minh", Point);
    let said = (0..200)
        .filter(|_| hall.ask(minh, at_minh, chat("!")).is_ok())
        .count();
    assert_eq!(said, 5);
    assert_eq!(
        hall.ask(minh, at_minh, chat("!")),
        Err(RefusalCode::ChatTooFast)
    );
    hall.ask(chair, at_chair, chat("Xin trật tự.")).unwrap();
    hall.pass(SECOND);
    hall.ask(minh, at_minh, chat("một dòng mỗi giây")).unwrap();
    assert!(hall.ask(minh, at_minh, chat("!")).is_err());
    hall.pass(3_600 * SECOND);
    let said = (0..200)
        .filter(|_| hall.ask(minh, at_minh, chat("!")).is_ok())
        .count();
    assert_eq!(said, 5, "silence is not saved up");
}

#[test]
fn new_connection_brings_no_new_budget() {
    let mut hall = Hall::open();
    let (minh, at) = hall.join("Minh", Point);
    for _ in 0..5 {
        hall.ask(minh, at, chat("!")).unwrap();
    }
    hall.lose(at);
    let at = hall.connect(minh, None);
    assert_eq!(hall.ask(minh, at, chat("!")), Err(RefusalCode::ChatTooFast));
}

#[test]
fn crowd_is_held_up_together_and_whoever_presides_is_not() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    let said = (0..100)
        .filter(|number| {
            let (viewer, at) = hall.join(&format!("Người xem {number}"), Viewer);
            hall.ask(viewer, at, chat("!")).is_ok()
        })
        .count();
    assert_eq!(said, 40);
    hall.ask(chair, at_chair, chat("Xin trật tự.")).unwrap();
}

#[test]
fn newcomer_gets_the_newest_lines_and_is_told_of_older_ones() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    for number in 0..CHAT_LINES + 10 {
        hall.pass(SECOND);
        hall.ask(chair, at_chair, chat(&number.to_string()))
            .unwrap();
    }
    let (minh, at_minh) = hall.join("Minh", Point);
    let state = hall.welcome(at_minh).state.clone().unwrap();
    assert_eq!(state.chat.len(), CHAT_LINES);
    assert_eq!(state.chat[0].text, "10");
    assert!(state.older_chat);
    let before = state.chat[0].id;
    hall.ask(
        minh,
        at_minh,
        Command::Chat(ChatCommand::LoadChat { before }),
    )
    .unwrap();
    assert_eq!(hall.chat_asked, [(at_minh, before)]);
}

#[test]
fn long_lines_do_not_make_a_heavy_welcome() {
    let mut hall = Hall::open();
    let (chair, at_chair) = hall.join("Lan", Chair);
    for _ in 0..CHAT_LINES {
        hall.pass(SECOND);
        hall.ask(chair, at_chair, chat(&"ế".repeat(2_000))).unwrap();
    }
    let (_, at_minh) = hall.join("Minh", Point);
    let welcome = hall.welcome(at_minh);
    let bytes = serde_json::to_string(welcome).unwrap().len();
    assert!(bytes < 40_000, "{bytes}");
    assert!(welcome.state.as_ref().unwrap().older_chat);
}
