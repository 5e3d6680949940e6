//! The real program on free ports: what an operator starts, what an encoder sends, what a player gets.

#[path = "whole_path/backup.rs"]
mod backup;
#[path = "whole_path/cheat.rs"]
mod cheat;
#[path = "whole_path/firewall.rs"]
mod firewall;
#[path = "program/mod.rs"]
mod program;
#[path = "whole_path/recording.rs"]
mod recording;
#[path = "whole_path/upgrade.rs"]
mod upgrade;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loadtest::media::{Library, default_folder};
use loadtest::report::Report;
use loadtest::scenario::Scenario;
use loadtest::server::Server;
use loadtest::soak;
use loadtest::tokens::Tokens;
use rustix::process::Signal;

use program::{PATIENCE, Process, crypto, diemcau, free_port, line, output};

/// One encoder with one layer, three players.
const LESSON: &str = r#"
about = "one encoder, three players"
duration_s = 5
join_within_s = 0.5

[[group]]
name = "encoder"
count = 1
role = "point"
via = "whip"
publish = ["camera", "microphone"]
layers = ["m"]

[[group]]
name = "player"
count = 3
role = "viewer"
via = "whep"
"#;

/// A running server with the demonstration province.
struct Installation {
    data: PathBuf,
    url: String,
    session: String,
    server: Process,
    _folder: tempfile::TempDir,
}

impl Installation {
    fn start() -> Self {
        Self::start_with(&[], |_| ())
    }

    /// Starts with further arguments of `serve`, after `before` has seen the data folder.
    fn start_with(more: &[&str], before: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let session = program::demonstration(&data);
        before(&data);
        let listen = format!("127.0.0.1:{}", free_port());
        let server = serve(&data, &listen, more);
        Self {
            url: format!("https://{listen}"),
            data,
            session,
            server,
            _folder: folder,
        }
    }

    /// Starts with a media engine in a process of its own, after `before` has seen the data folder.
    fn start_beside_engine(before: impl FnOnce(&Path)) -> (Self, Process) {
        let mut engine = None;
        let installation = Self::start_with(&["--sfu", "external"], |data| {
            before(data);
            let media = ["--public-ip", "127.0.0.1", "--media-port", "0"];
            engine = Some(Process(
                diemcau(data, &["sfu"])
                    .args(media)
                    .spawn()
                    .expect("the engine starts"),
            ));
            let began = Instant::now();
            while !data.join("run/sfu.sock").exists() {
                assert!(began.elapsed() < PATIENCE, "the engine opens no socket");
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        (installation, engine.expect("the engine"))
    }

    fn token(&self, role: &str) -> String {
        self.tokens(role, &[]).pop().expect("a token")
    }

    fn tokens(&self, role: &str, more: &[&str]) -> Vec<String> {
        program::tokens(&self.data, &self.session, role, role, more)
    }

    fn client(&self) -> Server {
        program::client(&self.data, &self.url)
    }

    /// Plays a scenario against the server.
    fn play(&self, scenario: &str) -> Report {
        let scenario: Scenario = toml::from_str(scenario).expect("a scenario");
        let server = self.client();
        let mut tokens = Tokens::default();
        // In the order of the groups, whose people take them.
        tokens.add([self.token("point"), self.token("viewer")]);
        let library = Library::open(&default_folder()).expect("test media, made by ffmpeg");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let play = loadtest::run::run(
            "test",
            &scenario,
            &self.session,
            server,
            None,
            library,
            tokens,
        );
        runtime.block_on(play).expect("a scenario that begins")
    }
}

/// Starts `serve` with these further arguments.
fn serve(data: &Path, listen: &str, more: &[&str]) -> Process {
    let server = program::serve(data, listen, |command| {
        command.args(more);
    });
    server.expect("the server starts")
}

/// Every player saw moving pictures and heard a voice.
fn assert_lesson_arrived(report: &Report) {
    for group in &report.groups {
        assert_eq!((group.joined, group.failed), (group.people, 0), "{report}");
    }
    let players = &report.groups[1];
    assert_eq!(
        (players.fewest_stages, players.fewest_voices),
        (1, 1),
        "{report}"
    );
    assert!(players.total.frames > 3 * 10, "{report}");
}

#[test]
fn encoder_is_seen_and_heard_by_every_player() {
    crypto();
    assert_lesson_arrived(&Installation::start().play(LESSON));
}

#[test]
fn media_engine_in_a_process_of_its_own_carries_the_same_lesson() {
    crypto();
    let (installation, mut engine) = Installation::start_beside_engine(|_| ());
    assert_lesson_arrived(&installation.play(LESSON));
    engine.signal(Signal::TERM);
    assert!(engine.ended(), "the engine stops cleanly");
}

#[test]
fn people_who_come_and_go_for_a_minute_leave_the_server_as_it_was() {
    crypto();
    let installation = Installation::start();
    let mut tokens = Tokens::default();
    // In the order in which they are taken: the encoder's comes first.
    let (points, viewers) = (1 + soak::SEATS, soak::VIEWERS);
    tokens.add(installation.tokens("point", &["--count", &points.to_string()]));
    tokens.add(installation.tokens("viewer", &["--count", &viewers.to_string()]));
    let plan = soak::Plan {
        session: installation.session.clone(),
        tokens,
        joins_per_second: 20.0,
        duration: Duration::from_secs(60),
    };
    let library = Library::open(&default_folder()).expect("test media, made by ffmpeg");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let process = Some(installation.server.0.id());
    let churn = soak::churn(plan, installation.client(), process, library);
    let churn = runtime.block_on(churn).expect("a soak that begins");
    // A minute says little about memory; the long form allows 2 %.
    assert_eq!(churn.misses(30.0), Vec::<String>::new(), "{churn}");
    assert!(churn.joined > 100, "{churn}");
}

#[test]
fn second_server_on_the_same_folder_is_refused_in_words() {
    let installation = Installation::start();
    let refused = output(
        &installation.data,
        &["serve", "--listen", "127.0.0.1:0", "--media-port", "0"],
    );
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("Một máy chủ khác đang chạy"), "{said}");
}

#[test]
fn server_that_is_told_to_stop_stops_cleanly_and_frees_its_folder() {
    let mut installation = Installation::start();
    installation.server.signal(Signal::TERM);
    assert!(installation.server.ended(), "a clean stop");
    let listen = format!("127.0.0.1:{}", free_port());
    serve(&installation.data, &listen, &[]);
}

#[test]
fn demonstration_is_seeded_once_and_tells_the_same_accounts_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = line(folder.path(), &["demo", "--json"]);
    assert_eq!(first, line(folder.path(), &["demo", "--json"]));
}

#[test]
fn joining_link_names_the_address_of_the_running_server() {
    let installation = Installation::start();
    let demo: serde_json::Value =
        serde_json::from_str(&line(&installation.data, &["demo", "--json"]))
            .expect("the demonstration");
    let link = demo["join_url"].as_str().expect("a link");
    assert!(
        link.starts_with(&format!("{}/j/", installation.url)),
        "{link}"
    );
}

#[test]
fn film_of_nothing_is_refused_by_a_code_and_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    for (recording, code, sentence) in [
        ("nowhere", "files_missing", "Không thấy tệp gốc"),
        ("empty", "no_media", "Bản ghi không có tiếng và hình"),
    ] {
        let recording = folder.path().join(recording);
        if code == "no_media" {
            std::fs::create_dir(&recording).expect("a folder");
        }
        let composer = Command::new(env!("CARGO_BIN_EXE_diemcau"))
            .arg("compose")
            .arg("--recording")
            .arg(&recording)
            .arg("--output")
            .arg(folder.path().join("film.mp4"))
            .arg("--config-dir")
            .arg(folder.path().join("no-settings"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // It would end with its input, which lives as long as the parent.
        let mut composer = Process(composer);
        let input = composer.0.stdin.take();
        assert!(!composer.ended(), "there is no film");
        drop(input);
        let mut told = String::new();
        let out = composer.0.stdout.as_mut().expect("a pipe");
        out.read_to_string(&mut told).expect("text");
        assert_eq!(told.trim(), format!("{{\"failure\":\"{code}\"}}"));
        let mut said = String::new();
        let err = composer.0.stderr.as_mut().expect("a pipe");
        err.read_to_string(&mut said).expect("text");
        assert!(said.contains(sentence), "{said}");
    }
}

#[test]
fn unknown_setting_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = diemcau(folder.path(), &["serve"])
        .env("DIEMCAU_SFU__MEDIA_PROT", "7000")
        .output()
        .expect("the program runs");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("DIEMCAU_SFU__MEDIA_PROT"), "{said}");
}
