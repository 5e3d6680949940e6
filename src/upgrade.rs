//! What is done before a database of an earlier release is brought to this version: everything is copied.

use std::path::Path;

use signaling::system::backup;
use signaling::{Clock, Config};

use crate::catalogue::{Language, Text};
use crate::cli::UpgradeArgs;

/// Copies everything, if the database is older than this program, and says where. With `--without-backup` nothing is copied.
///
/// # Errors
/// When the database cannot be used, or no good copy came of it; then nothing was changed.
pub(crate) async fn copy_first(
    config: &Config,
    data_dir: &Path,
    args: UpgradeArgs,
    language: Language,
) -> anyhow::Result<()> {
    if args.without_backup {
        return Ok(());
    }
    let made = backup::copy_before_upgrade(config, data_dir, &Clock::system()).await?;
    if let Some(made) = &made {
        // Results go to standard output, and this is none of them.
        eprintln!("{}", Text::CopiedBeforeUpgrade(made).say(language));
    }
    Ok(())
}
