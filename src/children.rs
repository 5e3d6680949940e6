//! The child processes of `serve`: the recorder and the jobs that compose recordings.
//!
//! A child ends when its standard input closes, so none outlives a server that was killed.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use protocol::api::RecordingFailure;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::catalogue::{Language, Text};
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

/// `diemcau compose`: tells on standard output, a JSON object a line, `{"progress_percent":n}` and at last
/// `{"duration_us":n}` or `{"failure":"code"}`. A person at a terminal reads the same in words.
pub(crate) fn compose(args: &ComposeArgs, language: Language) -> anyhow::Result<ExitCode> {
    serve::start_logging();
    // Before any thread, which inherits it.
    recorder::lower_priority();
    // Nobody waits for the film any more; what is half done has a temporary name.
    when_input_closes(|| std::process::exit(1));
    match film(args) {
        Ok(film) => {
            tracing::info!(bytes = film.bytes, "composed");
            tell(&json!({ "duration_us": film.duration_us }));
            Ok(ExitCode::SUCCESS)
        }
        Err((failure, cause)) => {
            tell(&json!({ "failure": failure }));
            let cause = format!("{cause:#}");
            tracing::error!(cause, "no film");
            eprintln!("{}", Text::NoFilm(failure).say(language));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Makes the film; otherwise what stands in its way, and the same for a technician.
fn film(args: &ComposeArgs) -> Result<recorder::Composite, (RecordingFailure, anyhow::Error)> {
    let config: recorder::Config = settings::load("recorder", &args.config_dir, std::env::vars())
        .map_err(|cause| (RecordingFailure::BadSettings, cause))?;
    recorder::compose(&args.recording, &args.output, &config.compose, |percent| {
        tell(&json!({ "progress_percent": percent }));
    })
    .map_err(|cause| (cause.failure(), cause.into()))
}

/// Writes a line for the parent. One that does not read is gone, and the closed input ends this process.
fn tell(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Calls `then` once standard input is at its end. A terminal stays open, so the children can be run by hand.
fn when_input_closes(then: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let mut byte = [0];
        while matches!(std::io::stdin().read(&mut byte), Ok(1..)) {}
        then();
    });
}
