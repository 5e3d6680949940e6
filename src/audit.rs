//! `diemcau audit`: the log of who did what, checked past the server.

use std::process::ExitCode;

use signaling::chores;
use signaling::platform::audit::Verdict;

use crate::catalogue::{Language, Text};
use crate::chores::print;
use crate::cli::{AuditAction, AuditArgs};
use crate::{serve, settings};

/// What a script learns of a log in which something is wrong.
const FAULTY: u8 = 3;
/// … and of one that is intact as far as it goes, without a witness for its end.
const WITHOUT_WITNESS: u8 = 4;

/// `diemcau audit`. Changes nothing, and works beside a running server.
pub(crate) fn run(args: &AuditArgs, language: Language) -> anyhow::Result<ExitCode> {
    let AuditAction::Verify(folders) = &args.action;
    let config: signaling::Config =
        settings::load("signaling", &folders.config_dir, std::env::vars())?;
    let verdict =
        serve::runtime()?.block_on(chores::verify_audit(&config.database, &folders.data_dir))?;
    let Some(verdict) = verdict else {
        print(&Text::DatabaseNew.say(language))?;
        return Ok(ExitCode::SUCCESS);
    };
    for fault in &verdict.faults {
        print(&Text::AuditFault(*fault).say(language))?;
    }
    print(&found(&verdict).say(language))?;
    Ok(match (verdict.is_intact(), lacks_witness(&verdict)) {
        (true, false) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(WITHOUT_WITNESS),
        (false, _) => ExitCode::from(FAULTY),
    })
}

/// Whether nobody can say that no line is missing at the end.
pub(crate) fn lacks_witness(verdict: &Verdict) -> bool {
    verdict.head.is_none() && verdict.lines > 0
}

/// What was found, in a sentence.
pub(crate) fn found(verdict: &Verdict) -> Text<'static> {
    let lines = verdict.lines;
    match (verdict.is_intact(), verdict.head) {
        (false, _) => Text::AuditFaulty {
            faults: verdict.faults.len(),
        },
        (true, Some(head)) => Text::AuditIntact {
            lines,
            head: head.seq,
        },
        (true, None) if lines == 0 => Text::AuditEmpty,
        (true, None) => Text::AuditWithoutWitness { lines },
    }
}
