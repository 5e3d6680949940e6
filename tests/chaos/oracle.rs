//! Counts what is missing, by the database, by what people wrote down, and by the films.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use loadtest::film_probe::{self, Crop, Cue, Stretch};
use protocol::ParticipantId;
use protocol::api::RecordingStage;
use protocol::client::{ChatEvent, Event, EventFrame, LeaveReason, RefusalCode, RosterEvent};
use signaling::live::journal;
use signaling::recording::replays;
use signaling::schedule::sessions;

use super::people::Note;
use super::people::Publisher;
use super::people::What;
use super::plan::Blow;
use super::scene::Played;
use super::scene::Scene;
use super::scene::Take;

/// What a killed server may have lost of what was seen, as `docs/protocol.md` says.
const MAY_BE_LOST: Duration = Duration::from_millis(200);

/// A film may be so much longer or shorter than the recording was, in seconds.
const LENGTH_S: f64 = 2.0;

/// A beep and its flash are at most so far apart, in milliseconds.
const APART_MS: f64 = 100.0;

/// What is first seen or heard so near the end of a gap, in seconds, may have begun in it.
const EDGE_S: f64 = 0.06;

/// From one cue to the next, in seconds.
const CUE_S: f64 = 2.0;

/// What a killed recorder may cost, as `docs/recording.md` says.
const RECORDER_S: f64 = 2.0;

/// How long all films may take: a composer steps back behind everything else that the machine does.
const FILMS_WITHIN: Duration = Duration::from_secs(1_800);

/// Tiles of the wall: two encoders among more points than there are places.
const TILES: usize = 8;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    events: usize,
    seen: usize,
    lost: usize,
    lost_after_a_word: usize,
    lost_before_kill_ms: u128,
    promises: usize,
    films: usize,
    film_s: f64,
    length_error_s: f64,
    longest_gap_s: f64,
    stretches: usize,
    cues: usize,
    cut: usize,
    apart_ms: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} events in the journal; of {} that were seen {} were lost, {} of them after a word, the others {} ms before \
             a kill at the most; {} promises kept; {} films of {:.1} s together, at most {:.2} s too long or short; the longest gap {:.1} s; {} cues in \
             {} stretches, {} of them cut by a gap, the others at most {:.0} ms apart",
            self.events,
            self.seen,
            self.lost,
            self.lost_after_a_word,
            self.lost_before_kill_ms,
            self.promises,
            self.films,
            self.film_s,
            self.length_error_s,
            self.longest_gap_s,
            self.cues,
            self.stretches,
            self.cut,
            self.apart_ms
        )
    }
}

/// An entry of the journal: the event, and the command of which participant it came of.
struct Entry {
    frame: EventFrame,
    cause: Option<(ParticipantId, u64)>,
}

/// Judges a run; panics when something is missing that should be there.
pub(crate) fn judge(played: &Played) -> Figures {
    let scene = &played.scene;
    let mut figures = Figures::default();
    let entries = scene.runtime.block_on(journal_of(scene));
    figures.events = entries.len();
    for (number, entry) in (1..).zip(&entries) {
        assert_eq!(entry.frame.seq, number, "a gap in the journal");
    }
    let losses = losses(scene);
    for person in [&scene.chair, &scene.guest] {
        let diary = person.diary();
        let you = diary.view.you.expect("somebody who was there");
        seen_is_kept(&losses, &entries, &diary.notes, &mut figures);
        promises_are_kept(&losses, &entries, you, &diary.notes, &mut figures);
    }
    nobody_lost_a_seat(&entries);
    films_are_whole(scene, &mut figures);
    figures
}

async fn journal_of(scene: &Scene) -> Vec<Entry> {
    let store = scene.stage.store().await;
    let mut conn = store.read().await.expect("a database that answers");
    let session = sessions::by_code(&mut conn, &scene.stage.session)
        .await
        .expect("a database that answers")
        .expect("the session");
    let entries = journal::load(&mut conn, session.id).await;
    drop(conn);
    store.close().await;
    let entries = entries.expect("a journal that can be read").into_iter();
    entries
        .map(|entry| Entry {
            cause: entry.cause.actor.zip(entry.cause.command),
            frame: entry.frame,
        })
        .collect()
}

/// Since when each run of the server that was killed may have lost what was seen, and when it was killed: right before
/// that, or from when it said that nothing is saved, if it was killed before it said that all is well again.
fn losses(scene: &Scene) -> Vec<(Instant, Instant)> {
    let chair = scene.chair.diary();
    let deaths = scene.stage.deaths.iter().enumerate();
    deaths
        .map(|(run, death)| {
            let told = chair.notes.iter().filter(|note| note.run == run);
            let since = told.fold(*death, |since, note| match note.what {
                What::Told(Some(_)) => since.min(note.at),
                What::Told(None) => *death,
                _ => since,
            });
            let late = scene.pulse.worst_before(since, Duration::from_secs(2));
            (since - MAY_BE_LOST - late, *death)
        })
        .collect()
}

/// How long before the kill something was, if it may be lost.
fn may_be_lost(losses: &[(Instant, Instant)], note: &Note) -> Option<Duration> {
    let (since, death) = losses.get(note.run)?;
    (note.at >= *since).then(|| death.saturating_duration_since(note.at))
}

fn seen_is_kept(
    losses: &[(Instant, Instant)],
    entries: &[Entry],
    notes: &[Note],
    figures: &mut Figures,
) {
    for note in notes {
        let What::Seen(seen) = &note.what else {
            continue;
        };
        figures.seen += 1;
        let place = usize::try_from(seen.seq - 1).expect("a number of an event");
        if entries.get(place).is_some_and(|entry| entry.frame == *seen) {
            continue;
        }
        let Some(before) = may_be_lost(losses, note) else {
            panic!("lost: {note:?}; from when to when it may be: {losses:?}");
        };
        figures.lost += 1;
        if before > MAY_BE_LOST {
            figures.lost_after_a_word += 1;
        } else {
            figures.lost_before_kill_ms = figures.lost_before_kill_ms.max(before.as_millis());
        }
    }
}

fn promises_are_kept(
    losses: &[(Instant, Instant)],
    entries: &[Entry],
    you: ParticipantId,
    notes: &[Note],
    figures: &mut Figures,
) {
    let causes: BTreeSet<_> = entries.iter().filter_map(|entry| entry.cause).collect();
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        if let Event::Chat(ChatEvent::ChatSent { message }) = &entry.frame.event {
            *said.entry(&message.text).or_default() += 1;
        }
    }
    assert!(
        said.values().all(|times| *times == 1),
        "said twice: {said:?}"
    );
    for note in notes {
        let What::Answered {
            id,
            command,
            refusal,
        } = &note.what
        else {
            continue;
        };
        match refusal {
            None => {}
            // Its effect stays, and is saved when that is possible.
            Some(RefusalCode::NotSaved) => continue,
            Some(refusal) => panic!("{command:?} was refused: {refusal:?}"),
        }
        if causes.contains(&(you, *id)) {
            figures.promises += usize::from(command.is_durable());
            continue;
        }
        let lost = may_be_lost(losses, note);
        assert!(
            !command.is_durable() && lost.is_some(),
            "{command:?} was answered in run {} and is undone",
            note.run
        );
    }
}

/// No outage was long enough for that, whatever the time of day was set to.
fn nobody_lost_a_seat(entries: &[Entry]) {
    for entry in entries {
        let timed_out = matches!(
            entry.frame.event,
            Event::Roster(RosterEvent::ParticipantLeft {
                reason: LeaveReason::TimedOut,
                ..
            })
        );
        assert!(!timed_out, "{:?}", entry.frame);
    }
}

fn films_are_whole(scene: &Scene, figures: &mut Figures) {
    wait_for_films(scene);
    for take in &scene.takes {
        let film = take.folder.join("composite.mp4");
        let seconds = film_probe::seconds(&film).expect("a film");
        let (asked, answered) = take.stopped;
        let shortest = asked.duration_since(take.began).as_secs_f64();
        let longest = answered.duration_since(take.began).as_secs_f64();
        let error = (shortest - seconds).max(seconds - longest).max(0.0);
        scene.stage.timeline.say(format!(
            "a film of {seconds:.2} s, recorded for {shortest:.2} to {longest:.2} s"
        ));
        figures.films += 1;
        figures.film_s += seconds;
        figures.length_error_s = figures.length_error_s.max(error);
        assert!(
            error <= LENGTH_S,
            "the film is {seconds:.2} s long, it was recorded for {shortest:.2} to {longest:.2} s"
        );
        for (tile, publisher) in scene.publishers.iter().enumerate() {
            publisher_is_in_step(scene, take, tile, publisher, figures);
        }
    }
    assert!(
        figures.cut * 8 <= figures.cues,
        "of {} cues, {} tell nothing",
        figures.cues,
        figures.cut
    );
}

fn wait_for_films(scene: &Scene) {
    let began = Instant::now();
    loop {
        let recordings = scene.runtime.block_on(async {
            let store = scene.stage.store().await;
            let mut conn = store.read().await.expect("a database that answers");
            let session = sessions::by_code(&mut conn, &scene.stage.session).await;
            let session = session.expect("a database that answers").expect("it");
            assert!(session.over_at().is_some(), "the end is undone");
            let recordings = replays::of_session(&mut conn, session.id).await;
            drop(conn);
            store.close().await;
            recordings.expect("a database that answers")
        });
        assert_eq!(recordings.len(), scene.takes.len(), "{recordings:?}");
        if recordings.iter().all(|r| r.stage == RecordingStage::Ready) {
            return;
        }
        assert!(began.elapsed() < FILMS_WITHIN, "in vain: {recordings:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn publisher_is_in_step(
    scene: &Scene,
    take: &Take,
    tile: usize,
    publisher: &Publisher,
    figures: &mut Figures,
) {
    let film = take.folder.join("composite.mp4");
    let seen = film_probe::look(&film, Crop::tile(tile, TILES), publisher.tone).expect("a film");
    let name = publisher.name;
    let gaps = film_probe::gaps(&take.folder).expect("a manifest");
    let is_cut = |cue: &Cue| {
        let begins = [cue.at_s, cue.at_s + cue.beep_late_ms / 1e3];
        let edge = |at_s: &f64| gaps.iter().any(|gap| (at_s - gap.to_s).abs() <= EDGE_S);
        begins.iter().filter(|at_s| edge(at_s)).count() == 1
    };
    for whole in &seen.stretches {
        // A flash that began in a gap is seen from its end on, a beep heard: that tells nothing of what belongs together.
        let (cut, cues): (Vec<Cue>, Vec<Cue>) = whole.cues.iter().partition(|cue| is_cut(cue));
        figures.cut += cut.len();
        let stretch = &Stretch { cues };
        let (from_s, to_s) = whole.span_s();
        scene.stage.timeline.say(format!(
            "{name}: {} cues from {from_s:.2} to {to_s:.2} s, {:.0} ms apart",
            stretch.cues.len(),
            stretch.worst_ms()
        ));
        figures.stretches += 1;
        figures.cues += whole.cues.len();
        figures.apart_ms = figures.apart_ms.max(stretch.worst_ms());
        assert!(
            stretch.worst_ms() <= APART_MS,
            "{name} is out of step: {stretch:?} of {}",
            film.display()
        );
    }
    // From one cue to the next there is always one interval; the rest of it is a gap.
    let first = seen
        .stretches
        .first()
        .map(|stretch| (0.0, stretch.span_s().0));
    let last = seen.stretches.last();
    let last = last.map(|stretch| (stretch.span_s().1, seen.seconds));
    assert!(
        last.is_some(),
        "{name} is not in the film {}",
        film.display()
    );
    let excused = excuses(scene, take, publisher);
    for (from_s, to_s) in first.into_iter().chain(seen.gaps_s.clone()).chain(last) {
        let gap_s = to_s - from_s - CUE_S;
        figures.longest_gap_s = figures.longest_gap_s.max(gap_s);
        let is_excused = excused
            .iter()
            .any(|(begins_s, ends_s)| *begins_s <= to_s && *ends_s >= from_s);
        assert!(
            gap_s <= 0.25 || is_excused,
            "{name} is missing from {from_s:.2} to {to_s:.2} s of {}: {excused:?}",
            film.display()
        );
    }
}

/// When a publisher may be missing in a film, in its seconds.
fn excuses(scene: &Scene, take: &Take, publisher: &Publisher) -> Vec<(f64, f64)> {
    let film_s = |at: Instant| at.saturating_duration_since(take.began).as_secs_f64();
    let away = publisher.away();
    let away = away
        .into_iter()
        .map(|(from, to)| (film_s(from), film_s(to)));
    let costs = |blow: &Blow| match blow {
        Blow::Recorder { .. } | Blow::Server { .. } | Blow::Disk { .. } => true,
        Blow::Postgres { server_too, .. } => *server_too,
        Blow::Composer { .. } | Blow::Clock { .. } => false,
    };
    let blows = scene.excuses.iter().filter(|excuse| costs(&excuse.blow));
    let blows = blows.map(|excuse| (film_s(excuse.from), film_s(excuse.to) + RECORDER_S));
    away.chain(blows).collect()
}
