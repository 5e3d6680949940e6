//! A PostgreSQL server of a test's own, which it may stop, kill and start again.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use signaling::config::Database;
use tempfile::TempDir;

/// Where Debian and Ubuntu put the programs of each version.
const PROGRAMS: &str = "/usr/lib/postgresql";

pub(crate) struct OwnPostgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl OwnPostgres {
    /// Makes one and starts it; none where tests do without PostgreSQL.
    pub(crate) fn start() -> Option<Arc<Self>> {
        std::env::var_os("DIEMCAU_TEST_POSTGRES")?;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let postgres = Self {
            folder: TempDir::new().unwrap(),
            programs: newest(Path::new(PROGRAMS)).expect("PostgreSQL is installed"),
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
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={}",
            self.port,
            self.folder.path().display()
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

    /// Stops it without a checkpoint or a good-bye, as a power cut does.
    pub(crate) fn kill(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.cluster(), "-m", "immediate", "-w", "stop"],
        );
    }

    fn cluster(&self) -> String {
        self.folder.path().join("cluster").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program, arguments).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
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

/// The newest folder of programs.
fn newest(versions: &Path) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|programs| programs.join("pg_ctl").is_file())
        .collect();
    found.sort();
    found.pop()
}
