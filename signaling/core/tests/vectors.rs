//! The journals that the reducers of server and web client are held together by: `protocol/fixtures/journals`. The web
//! client reads the same files in `src/room/state/vectors.test.ts`.

#![allow(clippy::unwrap_used, reason = "a vector that cannot be read fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use protocol::ParticipantId;
use protocol::client::{Event, EventFrame, RoomState};
use serde::Deserialize;
use serde_json::Value;
use signaling_core::{Cause, JournalEntry, Reason, State};

/// A room as its clients see it: the first and the last line of a vector.
#[derive(Debug, PartialEq, Deserialize)]
struct Seen {
    room: RoomState,
    over: bool,
    /// Whose hands are up, as everybody orders them.
    queue: Vec<ParticipantId>,
}

struct Vector {
    name: String,
    before: Seen,
    events: Vec<EventFrame>,
    after: Seen,
    /// The `type` of each event.
    kinds: Vec<String>,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/fixtures/journals");
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files.map(|path| vector(&path)).collect()
}

fn vector(path: &Path) -> Vector {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let [before, events @ .., after] = &lines[..] else {
        panic!("{} has no first and last line", path.display())
    };
    let kind = |line: &&str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["event"]["type"].as_str().unwrap().to_owned()
    };
    Vector {
        name: path.file_stem().unwrap().display().to_string(),
        before: serde_json::from_str(before).unwrap(),
        kinds: events.iter().map(kind).collect(),
        events: events
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        after: serde_json::from_str(after).unwrap(),
    }
}

fn seen(state: &State) -> Seen {
    Seen {
        queue: state.snapshot().queue(),
        room: state.snapshot(),
        over: state.is_over(),
    }
}

#[test]
fn every_journal_leads_to_the_room_that_its_last_line_says() {
    let vectors = vectors();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let Seen { room, .. } = &vector.before;
        let mut state = State::new(room.session.clone(), room.seats.clone(), None);
        assert_eq!(seen(&state), vector.before, "{} begins empty", vector.name);
        for frame in vector.events {
            // What a client sees does not hang on causes, which it is not told.
            let cause = Cause {
                actor: None,
                command: None,
                reason: Reason::Unknown,
            };
            state.apply(&JournalEntry { frame, cause });
        }
        assert_eq!(seen(&state), vector.after, "{}", vector.name);
    }
}

#[test]
fn every_kind_of_event_happens_in_some_journal() {
    let happened: BTreeSet<String> = vectors().into_iter().flat_map(|v| v.kinds).collect();
    let known: BTreeSet<String> = Event::TYPES.iter().map(|&kind| kind.to_owned()).collect();
    assert_eq!(happened, known);
}
