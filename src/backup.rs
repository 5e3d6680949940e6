//! `diemcau backup` and `diemcau restore`.

use std::process::ExitCode;

use signaling::platform::config::Database;
use signaling::system::backup::{self, Flaw, Source, history};
use signaling::{Clock, Store, chores};
use tokio_util::sync::CancellationToken;

use crate::catalogue::{Language, Text};
use crate::chores::print;
use crate::cli::{BackupArgs, RestoreArgs};
use crate::data_folder::{self, LockError};
use crate::{serve, settings};

/// `diemcau backup`. Works beside a running server, and beside a database that is not at this version.
pub(crate) fn backup(args: &BackupArgs, language: Language) -> anyhow::Result<ExitCode> {
    let folders = &args.folders;
    let config: signaling::Config =
        settings::load("signaling", &folders.config_dir, std::env::vars())?;
    let data_dir = folders.data_dir.as_path();
    let made = serve::runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let signals = serve::cancel_on_signal(stop.clone())?;
        let begun = Clock::system().now();
        let store = Store::open_to_read(&config.database, data_dir).await?;
        let source = Source {
            store: &store,
            database: &config.database,
            data_dir,
        };
        let made = backup::take(source, &args.into, begun, &stop, |_| ()).await;
        store.close().await;
        signals.abort();
        let run = history::run_of(begun, Clock::system().now(), &args.into, &made);
        history::add(data_dir, run)?;
        if let Ok(made) = &made {
            chores::note_backup(&config.database, data_dir, made).await?;
        }
        made
    })?;
    print(&Text::BackupMade(&made).say(language))?;
    Ok(ExitCode::SUCCESS)
}

/// `diemcau restore`.
pub(crate) fn restore(args: &RestoreArgs, language: Language) -> anyhow::Result<ExitCode> {
    let folders = &args.folders;
    let config: signaling::Config =
        settings::load("signaling", &folders.config_dir, std::env::vars())?;
    let refuse = |text: Text<'_>| {
        eprintln!("{}", text.say(language));
        Ok(ExitCode::FAILURE)
    };
    let data_dir = folders.data_dir.as_path();
    let path = data_dir.display().to_string();
    // Before anything is written, the lock among it.
    if !args.check {
        if data_folder::is_taken(data_dir) {
            return refuse(Text::FolderTaken { path: &path });
        }
        if !backup::is_empty(data_dir)? {
            return refuse(Text::FolderNotEmpty { path: &path });
        }
    }
    let runtime = serve::runtime()?;
    let manifest = match runtime.block_on(backup::check(&args.copy, &CancellationToken::new())) {
        Ok(manifest) => manifest,
        Err(flaw) => return refuse(Text::BackupFlaw(&flaw)),
    };
    print(&Text::BackupGood(&manifest).say(language))?;
    if args.check {
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = match data_folder::lock(data_dir) {
        Ok(lock) => lock,
        Err(LockError::Taken) => return refuse(Text::FolderTaken { path: &path }),
        Err(LockError::Unusable(e)) => {
            let cause = &format!("{e:#}");
            return refuse(Text::FolderUnusable { cause });
        }
    };
    let now = Clock::system().now();
    let ended = runtime.block_on(backup::restore(
        &args.copy,
        &manifest,
        &config.database,
        data_dir,
        now,
    ))?;
    let path = &path;
    print(&Text::Restored { path, ended }.say(language))?;
    let since = manifest.made_at_us;
    match &args.previous {
        Some(previous) => {
            let old =
                runtime.block_on(backup::revoked_since(&Database::default(), previous, since))?;
            print(&Text::RevokedSince { count: old.len() }.say(language))?;
            for one in &old {
                print(&Text::Revoked(one).say(language))?;
            }
        }
        None => print(&Text::RevokedUnknown { at: since }.say(language))?,
    }
    print(&Text::AfterRestore.say(language))?;
    Ok(ExitCode::SUCCESS)
}

/// What a copy lacks, in both languages.
pub(crate) fn flaw(flaw: &Flaw) -> (String, String) {
    let vi = match flaw {
        Flaw::NoArchive => "đây không phải là bản sao lưu của Điểm Cầu".to_owned(),
        Flaw::Newer => "bản sao lưu do phiên bản mới hơn tạo ra; hãy cài phiên bản đó".to_owned(),
        Flaw::Missing(path) => format!("thiếu tệp {path}"),
        Flaw::Changed(path) => format!("tệp {path} bị hỏng hoặc đã bị sửa"),
        Flaw::Foreign(path) => format!("tệp {path} không thuộc bản sao lưu này"),
        Flaw::Database(cause) => format!("không mở được cơ sở dữ liệu trong bản sao: {cause}"),
        Flaw::Counts => "cơ sở dữ liệu trong bản sao không còn đủ như lúc sao lưu".to_owned(),
        Flaw::Audit => "nhật ký trong bản sao không nguyên vẹn".to_owned(),
        Flaw::Unread(cause) => format!("không đọc được bản sao: {cause}"),
    };
    (vi, flaw.to_string())
}
