//! The program as its operator has it: commands, processes and their children.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use loadtest::server::{Server, Trust};
use rustix::process::{Pid, Signal, kill_process};

/// How long the program may take to start or stop on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Small films, so that a debug build makes them in seconds: settings for `recorder.toml`.
pub(crate) const SMALL_FILM: &str =
    "[compose]\nwidth = 640\nheight = 360\npreset = \"ultrafast\"\n";

/// A command of the program on a data folder, with the settings in its folder `no-settings`.
pub(crate) fn diemcau(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diemcau"));
    command.args(args).arg("--data-dir").arg(data);
    command.arg("--config-dir").arg(data.join("no-settings"));
    command
}

/// Writes a file of settings for [`diemcau`].
pub(crate) fn set(data: &Path, file: &str, settings: &str) {
    let folder = data.join("no-settings");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(file), settings).expect("settings");
}

pub(crate) fn output(data: &Path, args: &[&str]) -> Output {
    diemcau(data, args).output().expect("the program runs")
}

/// What a chore prints; it must succeed.
pub(crate) fn line(data: &Path, args: &[&str]) -> String {
    let output = output(data, args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

/// The demonstration province in a data folder; the code of its session.
pub(crate) fn demonstration(data: &Path) -> String {
    let demo: serde_json::Value =
        serde_json::from_str(&line(data, &["demo", "--json"])).expect("the demonstration");
    demo["session_code"].as_str().expect("a session").to_owned()
}

/// Tokens of a session, as many as `more` arguments ask for.
pub(crate) fn tokens(
    data: &Path,
    session: &str,
    role: &str,
    name: &str,
    more: &[&str],
) -> Vec<String> {
    let fixed = [
        "token",
        "--session",
        session,
        "--role",
        role,
        "--name",
        name,
    ];
    let printed = line(data, &[&fixed, more].concat());
    printed.lines().map(str::to_owned).collect()
}

/// A client of the program that serves a data folder at this address.
pub(crate) fn client(data: &Path, url: &str) -> Server {
    let trust = Trust::Authority(data.join("tls/ca.crt"));
    Server::new(url, &trust, None).expect("an address")
}

/// Starts `serve` on loopback with a command that `prepare` has completed, and waits until it says that it listens.
///
/// # Errors
/// With the process, when it says nothing of the kind.
pub(crate) fn serve(
    data: &Path,
    listen: &str,
    prepare: impl FnOnce(&mut Command),
) -> Result<Process, Process> {
    let media = ["--public-ip", "127.0.0.1", "--media-port", "0"];
    let mut command = diemcau(data, &["serve", "--listen", listen]);
    command.args(media).stdout(Stdio::piped());
    prepare(&mut command);
    let mut child = command.spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let server = Process(child);
    let listens = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains(listen));
    // What it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    if listens { Ok(server) } else { Err(server) }
}

/// A process of the program; killed when the test ends before it stopped.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Waits until it ends; whether it called that a success.
    pub(crate) fn ended(&mut self) -> bool {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return status.success();
            }
            assert!(began.elapsed() < PATIENCE, "the process does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child of a process of ours that was started as `diemcau name …`.
pub(crate) fn child_of(parent: Pid, name: &str) -> Option<Pid> {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let is_it = |folder: &Path| {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        // The parent is the second number behind the name in brackets.
        let stat = read("stat");
        let of = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1));
        let command = read("cmdline");
        of == Some(&parent.to_string()) && command.split('\0').nth(1) == Some(name)
    };
    processes
        .filter(|process| is_it(&process.path()))
        .find_map(|process| process.file_name().to_str()?.parse().ok())
        .and_then(Pid::from_raw)
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

pub(crate) fn crypto() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Waits for a condition, and says how long that took.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
    began.elapsed()
}
