//! A PostgreSQL server of a test's own, which it may stop, kill and start again.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use signaling::platform::config::Database;
use tempfile::TempDir;

/// Where Debian and Ubuntu put the programs of each version.
const PROGRAMS: &str = "/usr/lib/postgresql";

pub(crate) struct OwnPostgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl OwnPostgres {
    /// Makes one and starts it; none where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Arc<Self>> {
        let Some(programs) = newest(Path::new(PROGRAMS)) else {
            let required = std::env::var("DIEMCAU_REQUIRE_POSTGRES");
            assert!(
                required.as_deref() != Ok("1"),
                "PostgreSQL is not installed"
            );
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let postgres = Self {
            folder: TempDir::new().unwrap(),
            programs,
            port,
        };
        if rustix::process::geteuid().is_root() {
            // It refuses root, so root lends it a user.
            let owned = Command::new("chown")
                .arg("postgres")
                .arg(postgres.folder.path())
                .status();
            assert!(owned.unwrap().success());
        }
        let cluster = postgres.cluster();
        postgres.run("initdb", &["-D", &cluster, "-U", "diemcau", "--auth=trust"]);
        postgres.start_again();
        Some(Arc::new(postgres))
    }

    /// Does something to it while everybody else goes on.
    pub(crate) async fn meanwhile(self: &Arc<Self>, act: fn(&Self)) {
        let postgres = Arc::clone(self);
        tokio::task::spawn_blocking(move || act(&postgres))
            .await
            .unwrap();
    }

    /// How a server is told of it.
    pub(crate) fn database(&self) -> Database {
        Database {
            url: format!("postgres://diemcau@127.0.0.1:{}/postgres", self.port),
            connections: 4,
        }
    }

    pub(crate) fn start_again(&self) {
        let cluster = self.cluster();
        let log = self.folder.path().join("log").display().to_string();
        // Processes die here, never the machine: what the kernel has is safe.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
            self.port
        );
        self.run(
            "pg_ctl",
            &["-D", &cluster, "-w", "-l", &log, "-o", &options, "start"],
        );
    }

    /// Stops it as a keeper does.
    pub(crate) fn stop(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.cluster(), "-m", "fast", "-w", "stop"],
        );
    }

    /// Kills every process of it, in the middle of whatever they do.
    pub(crate) fn kill(&self) {
        // The one that would start the others again first.
        let note = self.folder.path().join("cluster/postmaster.pid");
        let noted = std::fs::read_to_string(&note).unwrap();
        kill(noted.lines().next().unwrap());
        // What is left of the memory that they share would keep the next one from starting.
        loop {
            let left = processes_in(&self.folder.path().join("cluster"));
            if left.is_empty() {
                break;
            }
            left.iter().for_each(|process| kill(process));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // One that the system has not buried yet would be taken for one that runs.
        std::fs::remove_file(note).unwrap();
    }

    fn cluster(&self) -> String {
        self.folder.path().join("cluster").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program, arguments).status().unwrap();
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {}", log());
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).stdout(Stdio::null());
        command
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        // One that was stopped already says so.
        let arguments = ["-D", &self.cluster(), "-m", "immediate", "stop"];
        let _ = self
            .command("pg_ctl", &arguments)
            .stderr(Stdio::null())
            .status();
    }
}

fn kill(process: &str) {
    let pid = process.parse().ok().and_then(Pid::from_raw).unwrap();
    // It may have ended by itself.
    let _ = kill_process(pid, Signal::KILL);
}

/// The processes that work in a folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.canonicalize().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let here = processes.filter(|process| {
        std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder)
    });
    here.filter_map(|process| process.file_name().into_string().ok())
        .collect()
}

/// The newest folder of programs.
fn newest(versions: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(versions).ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|programs| programs.join("pg_ctl").is_file())
        .collect();
    found.sort();
    found.pop()
}
