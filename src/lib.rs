//! The program `diemcau` as a library: arguments, settings, the data folder, and the wiring of the services.

mod audit;
mod backup;
mod catalogue;
mod children;
mod chores;
pub mod cli;
mod data_folder;
mod doctor;
mod node_link;
mod serve;
mod settings;
mod upgrade;

use std::process::ExitCode;

use catalogue::{Language, Text};
use cli::{Cli, Command};
use signaling::platform::database::fault::DatabaseFault;
use signaling::system::backup::NotCopied;

/// Does what the command line asks, and says what went wrong in the reader's language.
pub fn run(cli: Cli) -> ExitCode {
    let language = Language::of_environment();
    data_folder::keep_to_oneself();
    let done = match cli.command {
        Command::Serve(args) => serve::serve(args, language),
        Command::Sfu(args) => serve::sfu(args, language),
        Command::Recorder(args) => children::recorder(&args),
        Command::Compose(args) => children::compose(&args, language),
        Command::Migrate(args) => chores::migrate(&args, language),
        Command::User(args) => chores::user(args, language),
        Command::Token(args) => chores::token(args, language),
        Command::Demo(args) => chores::demo(&args, language),
        Command::Backup(args) => backup::backup(&args, language),
        Command::Restore(args) => backup::restore(&args, language),
        Command::Audit(args) => audit::run(&args, language),
        Command::Mail(args) => chores::mail(&args, language),
        Command::Doctor(args) => chores::doctor(&args, language),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let said = if let Some(fault) = error.downcast_ref::<DatabaseFault>() {
                format!(
                    "{}\n{}",
                    Text::DatabaseFault { fault }.say(language),
                    Text::MendDatabase { fault }.say(language)
                )
            } else if let Some(refused) = error.downcast_ref::<NotCopied>() {
                Text::NotCopied(refused).say(language)
            } else {
                let cause = &format!("{error:#}");
                Text::Failed { cause }.say(language)
            };
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}
