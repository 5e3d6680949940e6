//! The child processes of `serve`: the recorder and the jobs that compose recordings.
//!
//! A child ends when its standard input closes, so none outlives a server that was killed.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::cli::{ComposeArgs, FolderArgs};
use crate::{serve, settings};

/// `diemcau recorder`.
pub(crate) fn recorder(args: &FolderArgs) -> anyhow::Result<ExitCode> {
    serve::start_logging();
    let config: recorder::Config = settings::load("recorder", &args.config_dir, std::env::vars())?;
    let shutdown = CancellationToken::new();
    let parent_gone = shutdown.clone();
    when_input_closes(move || parent_gone.cancel());
    serve::runtime()?.block_on(async {
        let signals = serve::cancel_on_signal(shutdown.clone())?;
        let recorded = recorder::run(config, args.data_dir.clone(), shutdown).await;
        signals.abort();
        recorded
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `diemcau compose`: progress goes to standard output as lines `{"progress_percent":n}`.
pub(crate) fn compose(args: &ComposeArgs) -> anyhow::Result<ExitCode> {
    serve::start_logging();
    let config: recorder::Config = settings::load("recorder", &args.config_dir, std::env::vars())?;
    // Before any thread, which inherits it.
    recorder::lower_priority();
    // Nobody waits for the film any more; what is half done has a temporary name.
    when_input_closes(|| std::process::exit(1));
    let film = recorder::compose(&args.recording, &args.output, &config.compose, |percent| {
        let mut out = std::io::stdout().lock();
        // A parent that does not read is gone, and the closed input ends this process.
        let _ = writeln!(out, "{{\"progress_percent\":{percent}}}").and_then(|()| out.flush());
    })
    .with_context(|| format!("cannot compose {}", args.recording.display()))?;
    tracing::info!(
        duration_us = film.duration_us,
        bytes = film.bytes,
        "composed"
    );
    Ok(ExitCode::SUCCESS)
}

/// Calls `then` once standard input is at its end. A terminal stays open, so the children can be run by hand.
fn when_input_closes(then: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let mut byte = [0];
        while matches!(std::io::stdin().read(&mut byte), Ok(1..)) {}
        then();
    });
}
