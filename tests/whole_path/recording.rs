//! A recorded room of the real program: what a kill of the recorder costs, and what the film shows of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loadtest::chair::Chair;
use loadtest::film_probe::{self, Crop};
use loadtest::media::{Library, Tone, default_folder};
use loadtest::scenario::Scenario;
use loadtest::tokens::Tokens;
use protocol::client::{
    Command, Event, RecordingCommand, RecordingEvent, RecordingState, ServerFrame,
};
use rustix::process::{Signal, kill_process};

use super::Installation;
use super::program::{SMALL_FILM, child_of, crypto, set, until};

/// One encoder, for longer than any scene.
const ENCODER: &str = r#"
about = "one encoder"
duration_s = 3600
join_within_s = 0.1

[[group]]
name = "encoder"
count = 1
role = "point"
via = "whip"
publish = ["camera", "microphone"]
layers = ["l"]
"#;

/// How long a recording may be without its sender after a kill of the recorder, as `docs/recording.md` promises.
const PROMISED: Duration = Duration::from_secs(2);

/// The tracks whose epoch with this number has media in it.
fn tracks_with_epoch(recording: &Path, number: u32) -> usize {
    let tracks = std::fs::read_dir(recording.join("seg"))
        .into_iter()
        .flatten();
    let has_media = |track: &PathBuf| {
        let file = track.join(format!("{number:04}.mkv"));
        // More than the header: a cluster.
        std::fs::metadata(file).is_ok_and(|file| file.len() > 1_000)
    };
    tracks
        .flatten()
        .filter(|track| has_media(&track.path()))
        .count()
}

/// The demonstration's session with an encoder in it, which is being recorded.
struct Recorded<'a> {
    installation: &'a Installation,
    runtime: tokio::runtime::Runtime,
    encoder: tokio::task::JoinHandle<anyhow::Result<loadtest::report::Report>>,
    chair: Chair,
    /// The recording's folder.
    folder: PathBuf,
    /// What this machine needed to start a recorder that records.
    began_within: Duration,
}

impl<'a> Recorded<'a> {
    fn begin(installation: &'a Installation) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let library = Library::cues(&default_folder(), Tone::Middle).expect("test media");
        let scenario: Scenario = toml::from_str(ENCODER).expect("a scenario");
        let mut tokens = Tokens::default();
        tokens.add([installation.token("point")]);
        let (server, session) = (installation.client(), installation.session.clone());
        let encoder = runtime.spawn(async move {
            loadtest::run::run("test", &scenario, &session, server, None, library, tokens).await
        });
        let token = installation.token("chair");
        let client = installation.client();
        let enter = Chair::enter(&client, &installation.session, &token);
        let mut chair = runtime.block_on(enter).expect("the chair enters");

        let asked = Instant::now();
        let record = Command::Recording(RecordingCommand::SetRecording { on: true });
        runtime
            .block_on(chair.command(record))
            .expect("it is recorded");
        let recordings = installation.data.join("recordings");
        let mut folder = PathBuf::new();
        until("sound and picture are recorded", || {
            let found = std::fs::read_dir(&recordings)
                .ok()
                .and_then(|mut all| all.next());
            folder = found
                .and_then(Result::ok)
                .map(|entry| entry.path())
                .unwrap_or_default();
            tracks_with_epoch(&folder, 1) == 2
        });
        Self {
            installation,
            runtime,
            encoder,
            chair,
            folder,
            began_within: asked.elapsed(),
        }
    }

    /// Kills the recorder and waits until the next one records epochs of this number.
    fn kill_recorder(&self, next: u32) {
        let pid = child_of(self.installation.server.pid(), "recorder").expect("a recorder");
        kill_process(pid, Signal::KILL).expect("it was there");
        until("the next recorder records", || {
            tracks_with_epoch(&self.folder, next) == 2
        });
    }

    /// Stops recording: the film.
    fn stop(&mut self) -> PathBuf {
        let stop = Command::Recording(RecordingCommand::SetRecording { on: false });
        self.runtime
            .block_on(self.chair.command(stop))
            .expect("it stops");
        let off = self.chair.hears(|frame| match frame {
            ServerFrame::Event(frame) => {
                let off = Event::Recording(RecordingEvent::RecordingChanged {
                    state: RecordingState::Off,
                });
                (frame.event == off).then_some(())
            }
            _ => None,
        });
        self.runtime.block_on(off).expect("the room says so");
        let film = self.folder.join("composite.mp4");
        until("the film is made", || film.exists());
        self.encoder.abort();
        film
    }
}

#[test]
fn recorder_that_is_killed_again_and_again_costs_two_seconds_each_time() {
    crypto();
    let small_films = |data: &Path| set(data, "recorder.toml", SMALL_FILM);
    let installation = Installation::start_with(&[], small_films);
    let mut recorded = Recorded::begin(&installation);
    // What this machine needs to start a recorder is not the supervisor's doing.
    let allowed = PROMISED + recorded.began_within;

    for kill in 1..=5 {
        // Not always just after a cluster was pushed.
        std::thread::sleep(Duration::from_millis(190) * kill);
        recorded.kill_recorder(kill + 1);
    }
    let film = recorded.stop();

    let gaps = film_probe::gaps(&recorded.folder).expect("a manifest");
    assert_eq!(gaps.len(), 2 * 5, "{gaps:?}");
    for gap in &gaps {
        let missing = gap.to_s - gap.from_s;
        assert!(
            missing <= allowed.as_secs_f64(),
            "{missing} s, allowed {allowed:?}: {gaps:?}"
        );
    }
    let seen = film_probe::look(&film, Crop::MAIN, Tone::Middle).expect("a film");
    assert!(!seen.stretches.is_empty(), "{seen:?}");
    for stretch in &seen.stretches {
        assert!(stretch.worst_ms() <= 100.0, "{seen:?}");
    }
}

#[test]
fn room_of_a_media_engine_in_a_process_of_its_own_is_recorded_too() {
    crypto();
    let small_films = |data: &Path| set(data, "recorder.toml", SMALL_FILM);
    let (installation, engine) = Installation::start_beside_engine(small_films);
    let mut recorded = Recorded::begin(&installation);
    recorded.kill_recorder(2);
    let film = recorded.stop();
    let gaps = film_probe::gaps(&recorded.folder).expect("a manifest");
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    let seen = film_probe::look(&film, Crop::MAIN, Tone::Middle).expect("a film");
    assert!(seen.seconds > 0.5, "{seen:?}");
    drop(engine);
}
