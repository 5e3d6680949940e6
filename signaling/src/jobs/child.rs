//! Child processes. One ends when its standard input closes, which it does when this process dies.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio_util::sync::CancellationToken;

use crate::platform::config::Jobs;

/// How much of what a child said last on standard error is kept, in bytes.
const COMPLAINT_BYTES: usize = 2_000;

/// A child process to run: a part of this program, unless the settings name another.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its arguments, the settings' own folder aside.
    pub(crate) arguments: Vec<OsString>,
    /// Whether its words are heard: standard output line by line, and the end of standard error. Else they go where ours go.
    pub(crate) is_heard: bool,
    /// How long it may take to end after it is told to, by the closing of its standard input.
    pub(crate) ends_within: Duration,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// As the system tells it.
    pub(crate) status: ExitStatus,
    /// The end of what it complained of.
    pub(crate) complaint: String,
}

impl Child {
    /// Runs it until it ends, by itself or because of `stop`. `hear` is given each line of its standard output.
    ///
    /// # Errors
    /// When it cannot be started or heard.
    pub(crate) async fn run(
        self,
        settings: &Jobs,
        stop: &CancellationToken,
        mut hear: impl FnMut(&str) + Send,
    ) -> anyhow::Result<Ended> {
        let executable = match &settings.executable {
            Some(executable) => executable.clone(),
            None => std::env::current_exe().context("the server's own executable is unknown")?,
        };
        let mut command = tokio::process::Command::new(&executable);
        command
            .args(&self.arguments)
            .args(settings.config_dir_args())
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        if self.is_heard {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", executable.display()))?;
        let stdin = child.stdin.take();
        let complaint = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(last_words(stderr)));
        let lines = child.stdout.take();
        let lived = async {
            if let Some(stdout) = lines {
                let mut lines = BufReader::new(stdout).lines();
                while let Some(line) = lines
                    .next_line()
                    .await
                    .context("the child's output cannot be read")?
                {
                    hear(&line);
                }
            }
            child.wait().await.context("the child cannot be waited for")
        };
        let status = tokio::select! {
            status = lived => status?,
            () = stop.cancelled() => {
                drop(stdin);
                end(&mut child, self.ends_within).await?
            }
        };
        let complaint = match complaint {
            Some(task) => task.await.unwrap_or_default(),
            None => String::new(),
        };
        Ok(Ended { status, complaint })
    }
}

/// Waits for a child that was told to end, and kills it when it does not.
async fn end(child: &mut tokio::process::Child, within: Duration) -> anyhow::Result<ExitStatus> {
    if !within.is_zero() {
        if let Ok(status) = tokio::time::timeout(within, child.wait()).await {
            return Ok(status?);
        }
        tracing::error!("a child does not stop; it is killed");
    }
    child.kill().await.context("a child could not be ended")?;
    Ok(child.wait().await?)
}

/// The end of what a child complains of.
async fn last_words(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0_u8; 4_096];
    while let Ok(count) = stderr.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..count]);
        let surplus = kept.len().saturating_sub(COMPLAINT_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
