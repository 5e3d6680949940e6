//! Presets: one choice shares out who speaks and who shows.

use crate::common::{Hall, Person, setup};
use protocol::client::SessionRole::{Chair, Point, Presenter, Secretary, Viewer};
use protocol::client::{
    Command, FloorCommand, MicrophoneCommand, PictureCommand, PictureEvent, Preset, RefusalCode,
    RosterCommand, SessionCommand,
};
use protocol::media::Source;
use protocol::sfu::SfuCommand;
use signaling_core::{ConnectionId, RoomSetup};

fn room_of(preset: Preset) -> RoomSetup {
    let mut setup = setup();
    setup.session.preset = preset;
    setup
}

const fn preset(preset: Preset) -> Command {
    Command::Session(SessionCommand::SetPreset { preset })
}

const SHARE: Command = Command::Picture(PictureCommand::SetScreen { on: true });
const OPEN: Command = Command::Microphone(MicrophoneCommand::SetMicrophone { on: true });

fn keep_for(whom: Option<Person>) -> Command {
    Command::Picture(PictureCommand::LockScreen {
        participant: whom.map(|p| p.id),
    })
}

fn grant(whom: Person) -> Command {
    Command::Floor(FloorCommand::GrantFloor {
        participant: whom.id,
        interrupt: true,
    })
}

/// Whether somebody may open a microphone, and share a screen, at the moment; each is closed again.
fn may(hall: &mut Hall, who: Person, at: ConnectionId) -> (bool, bool) {
    let speaks = hall.ask(who, at, OPEN).is_ok();
    let shares = hall.ask(who, at, SHARE).is_ok();
    let close = Command::Microphone(MicrophoneCommand::SetMicrophone { on: false });
    hall.ask(who, at, close).unwrap();
    let stop = Command::Picture(PictureCommand::SetScreen { on: false });
    hall.ask(who, at, stop).unwrap();
    (speaks, shares)
}

#[test]
fn preset_says_who_speaks_and_who_shows_from_the_begin_and_when_it_changes() {
    // Who may speak, who may show: chair, secretary, presenter, point.
    let said = |preset| match preset {
        Preset::Discussion => [(true, true); 4],
        Preset::Training => [(true, true), (true, true), (true, true), (false, false)],
        Preset::Conference => [(true, true), (true, true), (false, false), (false, false)],
    };
    for begins in Preset::ALL {
        let mut hall = Hall::with(room_of(begins));
        let people = [Chair, Secretary, Presenter, Point].map(|role| hall.join("Ai đó", role));
        for then in [begins].into_iter().chain(Preset::ALL).chain([begins]) {
            let (chair, at) = people[0];
            if then != hall.room.snapshot().session.preset {
                hall.ask(chair, at, preset(then)).unwrap();
            }
            let now = people.map(|(who, at)| may(&mut hall, who, at));
            assert_eq!(now, said(then), "{then:?} after {begins:?}");
        }
        let (late, at_late) = hall.join("Đến muộn", Point);
        assert_eq!(may(&mut hall, late, at_late), said(begins)[3]);
    }
}

#[test]
fn preset_that_holds_undoes_what_was_locked_and_unlocked_since() {
    let mut hall = Hall::with(room_of(Preset::Conference));
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    let unlock = Command::Microphone(MicrophoneCommand::SetLockAll { locked: false });
    hall.ask(chair, at_chair, unlock).unwrap();
    hall.ask(vinh, at_vinh, OPEN).unwrap();
    hall.ask(chair, at_chair, preset(Preset::Conference))
        .unwrap();
    assert!(!hall.participant(vinh).unwrap().microphone.is_open());
    let changed = hall.journal.iter().filter(|entry| {
        entry.frame.event.clone()
            == protocol::client::SessionEvent::PresetChanged {
                preset: Preset::Conference,
            }
            .into()
    });
    assert_eq!(changed.count(), 0, "it holds already");
    hall.ask(chair, at_chair, preset(Preset::Discussion))
        .unwrap();
    assert!(
        hall.participant(vinh).unwrap().microphone.is_open(),
        "whose switch was on"
    );
}

#[test]
fn whoever_is_called_shows_as_long_as_the_turn_lasts() {
    let mut hall = Hall::with(room_of(Preset::Conference));
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    assert_eq!(hall.ask(vinh, at_vinh, SHARE), Err(RefusalCode::ScreenKept));
    hall.ask(chair, at_chair, grant(vinh)).unwrap();
    hall.ask(vinh, at_vinh, SHARE).unwrap();
    assert_eq!(hall.room.snapshot().screen, Some(vinh.id));
    let before = hall.media.len();
    hall.ask(vinh, at_vinh, Command::Floor(FloorCommand::ReleaseFloor))
        .unwrap();
    assert_eq!(hall.room.snapshot().screen, None);
    let stopped = SfuCommand::SetPublishing {
        room: hall.room.state().session().id,
        participant: vinh.id,
        source: Source::Screen,
        on: false,
    };
    assert!(hall.media[before..].contains(&stopped), "for the SFU too");
}

#[test]
fn kept_screen_is_shared_by_that_one_alone_until_that_one_leaves() {
    let mut hall = Hall::with(room_of(Preset::Conference));
    let (chair, at_chair) = hall.join("Lan", Chair);
    let (vinh, at_vinh) = hall.join("Vinh", Point);
    let (thanh, at_thanh) = hall.join("Thành", Point);
    let (viewer, _) = hall.join("Hoa", Viewer);
    assert_eq!(
        hall.ask(chair, at_chair, keep_for(Some(viewer))),
        Err(RefusalCode::NotAllowed)
    );
    hall.ask(chair, at_chair, SHARE).unwrap();
    hall.ask(chair, at_chair, keep_for(Some(vinh))).unwrap();
    assert_eq!(
        hall.room.snapshot().screen,
        None,
        "the chair's goes down as well"
    );
    hall.ask(vinh, at_vinh, SHARE).unwrap();
    hall.ask(chair, at_chair, grant(thanh)).unwrap();
    for (who, at) in [(chair, at_chair), (thanh, at_thanh)] {
        assert_eq!(hall.ask(who, at, SHARE), Err(RefusalCode::ScreenKept));
    }
    assert_eq!(hall.room.snapshot().screen, Some(vinh.id));
    let survived = hall.journal.len();
    assert_eq!(
        hall.room.state().kept().room.screen_locked_to,
        Some(vinh.id),
        "{survived}"
    );
    hall.ask(vinh, at_vinh, Command::Roster(RosterCommand::Leave))
        .unwrap();
    assert_eq!(hall.room.snapshot().screen_locked_to, None);
    let told = hall
        .events(at_thanh)
        .into_iter()
        .filter(|frame| frame.event == PictureEvent::ScreenLocked { participant: None }.into());
    assert_eq!(told.count(), 1);
    hall.ask(thanh, at_thanh, SHARE).unwrap();
}
