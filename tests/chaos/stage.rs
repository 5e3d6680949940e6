//! The installation that is struck: the real program, its small disk, its clock, its database.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signaling::Store;
use signaling::platform::config::Database;
use tempfile::TempDir;

use super::disk::SmallDisk;
use super::plan::Plan;
use super::postgres::OwnPostgres;
use super::program;
use super::program::PATIENCE;
use super::program::Process;
use super::program::SMALL_FILM;
use super::program::child_of;
use super::program::free_port;
use super::program::until;
use super::timeline::Timeline;

/// Room for two recordings of two small publishers with their films, in MB.
const DISK_MB: u32 = 192;

/// A server that does not come up is started again so often, as its keeper would.
const STARTS_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The time of day of the program, ahead of ours by what stands in a file.
struct FakeClock {
    /// The variable that puts libfaketime before the C library, and its value.
    preload: (String, String),
    file: PathBuf,
    ahead_s: i64,
}

impl FakeClock {
    fn new(folder: &Path) -> Self {
        // Only the program of this name knows where its library is.
        let output = Command::new("faketime")
            .args(["-m", "-f", "+0", "env"])
            .output()
            .expect("faketime is installed (apt install faketime)");
        let environment = String::from_utf8(output.stdout).expect("text");
        let preload = environment
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(_, value)| value.contains("libfaketime"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .expect("faketime names its library");
        let mut clock = Self {
            preload,
            file: folder.join("clock"),
            ahead_s: 0,
        };
        clock.set(0);
        clock
    }

    fn set(&mut self, ahead_s: i64) {
        self.ahead_s = ahead_s;
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{ahead_s:+}\n")).expect("a file");
        // Whoever reads it at this moment reads the one or the other.
        std::fs::rename(new, &self.file).expect("the file is replaced");
    }

    fn tell(&self, command: &mut Command) {
        let (name, value) = &self.preload;
        command
            .env(name, value)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            // Nobody sets the clock that durations are told by, nor the times of files that are there.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
    }
}

pub(crate) struct Stage {
    pub(crate) timeline: Timeline,
    pub(crate) data: PathBuf,
    pub(crate) url: String,
    pub(crate) session: String,
    pub(crate) disk: SmallDisk,
    pub(crate) postgres: Option<Arc<OwnPostgres>>,
    /// The number of the present run.
    pub(crate) run: Arc<AtomicUsize>,
    /// When each of the runs before it was killed, in order.
    pub(crate) deaths: Vec<Instant>,
    listen: String,
    clock: FakeClock,
    server: Option<Process>,
    log: PathBuf,
    seed: u64,
    _folder: TempDir,
}

impl Stage {
    /// Builds the installation and starts it; none without root, who alone can mount a disk, or without the PostgreSQL
    /// that is asked for.
    pub(crate) fn build(plan: &Plan, timeline: Timeline) -> Option<Self> {
        let disk = SmallDisk::mount(DISK_MB)?;
        let postgres = match plan.on_postgres {
            true => Some(OwnPostgres::start()?),
            false => None,
        };
        let folder = tempfile::tempdir().expect("a folder");
        let data = disk.at.join("data");
        let database = postgres.as_ref().map(|postgres| postgres.database());
        let url = database.unwrap_or_default().url;
        // A composer whose server was killed is followed within seconds.
        let service =
            format!("[database]\nurl = {url:?}\n[jobs]\nlease_seconds = 2\npoll_ms = 200\n");
        program::set(&data, "signaling.toml", &service);
        program::set(&data, "recorder.toml", SMALL_FILM);
        let listen = format!("127.0.0.1:{}", free_port());
        let mut stage = Self {
            timeline,
            url: format!("https://{listen}"),
            session: program::demonstration(&data),
            data,
            disk,
            postgres,
            run: Arc::default(),
            deaths: Vec::new(),
            listen,
            clock: FakeClock::new(folder.path()),
            server: None,
            log: folder.path().join("log"),
            seed: plan.seed,
            _folder: folder,
        };
        stage.start();
        Some(stage)
    }

    pub(crate) fn token(&self, role: &str, point: Option<&str>) -> String {
        let point: Vec<&str> = point
            .into_iter()
            .flat_map(|code| ["--point", code])
            .collect();
        let mut made = program::tokens(&self.data, &self.session, role, role, &point);
        made.pop().expect("a token")
    }

    /// Starts the server until it stays.
    pub(crate) fn start(&mut self) {
        let began = Instant::now();
        self.server = loop {
            if let Some(server) = self.try_to_start() {
                break Some(server);
            }
            self.timeline.say("the server does not come up");
            assert!(began.elapsed() < PATIENCE, "in vain: the server comes up");
            std::thread::sleep(STARTS_AGAIN_AFTER);
        };
        self.timeline.say("the server serves");
    }

    /// One attempt; none when it ends instead of saying where it listens.
    pub(crate) fn try_to_start(&self) -> Option<Process> {
        let log = File::options().create(true).append(true).open(&self.log);
        let server = program::serve(&self.data, &self.listen, |command| {
            self.clock.tell(command);
            command.stderr(log.expect("a file"));
        });
        server
            .inspect_err(|ended| forget_shared_time(ended.pid()))
            .ok()
    }

    pub(crate) fn server(&self) -> Pid {
        self.server.as_ref().expect("a server that runs").pid()
    }

    /// Kills the server, with which its children end.
    pub(crate) fn kill_server(&mut self) {
        let mut server = self.server.take().expect("a server that runs");
        let ended = server.0.try_wait().expect("a child");
        assert!(ended.is_none(), "the server ended by itself: {ended:?}");
        self.deaths.push(Instant::now());
        server.signal(Signal::KILL);
        server.ended();
        forget_shared_time(server.pid());
        self.timeline.say("the server is killed");
    }

    /// Starts the server that was killed.
    pub(crate) fn start_again(&mut self) {
        self.run.fetch_add(1, Ordering::Relaxed);
        self.start();
    }

    /// Kills a child of the server, so long after there is one.
    pub(crate) fn kill_child(&self, name: &str, after: Duration) {
        let mut child = None;
        until("there is a child to kill", || {
            child = child_of(self.server(), name);
            child.is_some()
        });
        let child = child.expect("it is there");
        std::thread::sleep(after);
        // It may have done its work meanwhile.
        let killed = kill_process(child, Signal::KILL);
        self.timeline.say(format!("{name} is killed: {killed:?}"));
        until("it is gone", || {
            child_of(self.server(), name) != Some(child)
        });
    }

    /// Sets the program's time of day, and says by how much it is ahead of ours then.
    pub(crate) fn set_clock(&mut self, by_s: i64) -> i64 {
        let ahead_s = self.clock.ahead_s + by_s;
        self.timeline
            .say(format!("the clock is set by {by_s:+} s, to {ahead_s:+} s"));
        self.clock.set(ahead_s);
        ahead_s
    }

    pub(crate) async fn store(&self) -> Store {
        let database = match &self.postgres {
            Some(postgres) => postgres.database(),
            None => Database::default(),
        };
        let store = Store::open_to_read(&database, &self.data).await;
        store.expect("a database that can be read")
    }

    /// Copies the recordings and the log to where they outlast the run, and says where that is.
    fn keep(&self) -> PathBuf {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}", self.seed));
        // Of an earlier run, if any.
        let _ = std::fs::remove_dir_all(&kept);
        std::fs::create_dir_all(&kept).expect("a folder");
        let all = [&self.data.join("recordings"), &self.log];
        // What is not there cannot be kept.
        let _ = Command::new("cp").arg("-r").args(all).arg(&kept).status();
        kept
    }

    /// The end of what the server and its children wrote to their log.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            let process = server.pid();
            drop(server);
            forget_shared_time(process);
        }
        if std::thread::panicking() {
            eprintln!("the server's last words:\n{}", self.last_words());
            eprintln!("recordings and log are kept in {}", self.keep().display());
            eprintln!("seed {}:\n{}", self.seed, self.timeline);
        }
    }
}

/// libfaketime keeps something in shared memory for a process and its children, which a killed one leaves behind.
fn forget_shared_time(process: Pid) {
    for name in ["faketime_shm", "sem.faketime_sem"] {
        // Not every version makes them.
        let _ = std::fs::remove_file(format!("/dev/shm/{name}_{process}"));
    }
}
