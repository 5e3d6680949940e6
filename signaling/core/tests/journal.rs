//! How journals are written down, and how those of earlier releases are read.

#![allow(clippy::unwrap_used, reason = "a journal that cannot be read fails")]

use std::collections::BTreeSet;

use protocol::client::{
    Event, EventFrame, HandEvent, Microphone, MicrophoneEvent, RoomState, Seat, SessionSummary,
};
use protocol::{ParticipantId, UtcMicros};
use serde::Deserialize;
use serde_json::Value;
use signaling_core::{Cause, JournalEntry, Reader, Reason, State, Unreadable, Written, event_of};
use uuid::Uuid;

/// A meeting as a release wrote it whose payloads had version 1, with what its room knew after each entry. In it the floor
/// is given with and without a command, given again, interrupted, declined; and people who were silenced by it open
/// their microphones, or are muted and locked by name.
const VERSION_1: &str = include_str!("journals/version_1.jsonl");

/// The first line.
#[derive(Deserialize)]
struct Setup {
    session: SessionSummary,
    seats: Vec<Seat>,
}

/// A line of an entry.
#[derive(Deserialize)]
struct Line {
    seq: u64,
    at_us: UtcMicros,
    actor: Option<ParticipantId>,
    command: Option<u64>,
    payload: Value,
    /// Who was silenced by the floor after it.
    muted_by_grant: BTreeSet<ParticipantId>,
}

impl Line {
    fn written(&self) -> Written {
        Written {
            seq: self.seq,
            at: self.at_us,
            actor: self.actor,
            command: self.command,
            kind: self.payload["type"].as_str().unwrap().to_owned(),
            payload: self.payload.to_string(),
            version: 1,
        }
    }
}

/// The last line.
#[derive(Deserialize)]
struct Outcome {
    state: RoomState,
    next_by: Option<ParticipantId>,
}

#[test]
fn journal_of_version_1_reads_to_the_state_that_its_release_had() {
    let lines: Vec<&str> = VERSION_1.lines().collect();
    let [first, entries @ .., last] = &lines[..] else {
        panic!("a setup, entries, an outcome")
    };
    let Setup { session, seats } = serde_json::from_str(first).unwrap();
    let mut state = State::new(session, seats, None);
    let mut reader = Reader::default();
    for line in entries {
        let line: Line = serde_json::from_str(line).unwrap();
        state.apply(&reader.read(&line.written()).unwrap());
        let silenced = state.kept().muted_by_turn;
        assert_eq!(silenced, line.muted_by_grant, "after entry {}", line.seq);
    }
    let Outcome {
        state: room,
        next_by,
    } = serde_json::from_str(last).unwrap();
    let kept = state.kept();
    assert_eq!((kept.room, kept.next_by), (room, next_by));

    // The room goes on, and its journal with it.
    let silenced = kept.muted_by_turn;
    let back = *silenced.first().expect("the floor has silenced people");
    let entry = muted(&state, kept.seq + 1, back, false, Reason::FloorFree);
    let read = reader.read(&entry.written().unwrap()).unwrap();
    assert_eq!(read, entry);
    state.apply(&read);
    assert_eq!(state.kept().muted_by_turn.len(), silenced.len() - 1);
}

/// Minh's first command mutes somebody, or undoes it.
fn muted(
    state: &State,
    seq: u64,
    participant: ParticipantId,
    muted: bool,
    reason: Reason,
) -> JournalEntry {
    let whose = state.participant(participant).unwrap();
    let microphone = Microphone {
        muted,
        ..whose.microphone
    };
    JournalEntry {
        frame: EventFrame {
            seq,
            at_us: UtcMicros(0),
            event: Event::Microphone(MicrophoneEvent::MicrophoneChanged {
                participant,
                microphone,
                by: minh(),
            }),
        },
        cause: Cause {
            actor: Some(minh()),
            command: Some(1),
            reason,
        },
    }
}

fn minh() -> ParticipantId {
    ParticipantId(Uuid::from_u128(7))
}

#[test]
fn entry_is_written_with_its_cause_and_read_back() {
    let entry = JournalEntry {
        frame: EventFrame {
            seq: 9,
            at_us: UtcMicros(1_000),
            event: Event::Hand(HandEvent::HandLowered {
                participant: minh(),
            }),
        },
        cause: Cause {
            actor: Some(minh()),
            command: Some(4),
            reason: Reason::TurnBegan,
        },
    };
    let written = entry.written().unwrap();
    let event = r#"{"participant":"00000000-0000-0000-0000-000000000007","type":"hand_lowered"}"#;
    let expected = Written {
        seq: 9,
        at: UtcMicros(1_000),
        actor: Some(minh()),
        command: Some(4),
        kind: "hand_lowered".to_owned(),
        payload: format!(r#"{{"cause":"turn_began","event":{event}}}"#),
        version: 2,
    };
    assert_eq!(written, expected);
    assert_eq!(Reader::default().read(&written).unwrap(), entry);
    for (version, payload) in [(1, event), (2, written.payload.as_str())] {
        assert_eq!(event_of(version, payload).unwrap(), entry.frame.event);
    }
    let later = Written {
        version: 3,
        ..written
    };
    let refused = Reader::default().read(&later);
    assert!(matches!(refused, Err(Unreadable::Version(3))));
}

/// Equal numbers of commands say nothing: of two changes by one command the cause tells which one the floor gives back.
#[test]
fn what_the_floor_gives_back_is_told_by_causes_alone() {
    let first = VERSION_1.lines().next().unwrap();
    let Setup { session, seats } = serde_json::from_str(first).unwrap();
    let mut reader = Reader::default();
    let mut state = State::new(session, seats, None);
    let joined = VERSION_1.lines().skip(1).take(8);
    for line in joined {
        let line: Line = serde_json::from_str(line).unwrap();
        state.apply(&reader.read(&line.written()).unwrap());
    }
    let [_, _, first, second, ..] = state.people() else {
        panic!("people came")
    };
    let (first, second) = (first.id, second.id);
    for (seq, whom, reason) in [(10, first, Reason::TurnBegan), (11, second, Reason::Asked)] {
        state.apply(&muted(&state, seq, whom, true, reason));
    }
    assert_eq!(state.kept().muted_by_turn, BTreeSet::from([first]));
}
