//! The newest line of the audit log as a file of the data folder: whoever can write to the database alone can neither cut
//! the log's end off nor write all of it anew without it showing.
//!
//! ```text
//! commit ─► seen ── a moment later ──► file        never before the commit: a killed server leaves a file that lags
//! ```
//!
//! The file goes on only from a line that is still in the log. Where that is gone, the file stays as it is: it is the proof.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::platform::database::Store;
use crate::platform::lock::lock;

use super::store;

/// The file in the data folder.
pub const HEAD_FILE: &str = "audit-head";

/// For how long commits gather before the file is written: one write a moment is enough however much is done.
const GATHER: Duration = Duration::from_millis(200);

/// A line of the log: its number and its hash, which vouches for all lines before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Not the head of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not the number and the hash of a line")]
pub struct NotAHead;

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, hex::encode(self.hash))
    }
}

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, hash) = text.trim().split_once(' ').ok_or(NotAHead)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_| NotAHead)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(NotAHead)?;
        Ok(Self { seq, hash: bytes })
    }
}

impl Head {
    /// The head that was written down in a data folder, if one was.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(data_dir.join(HEAD_FILE)) {
            Ok(text) => match text.parse() {
                Ok(head) => Ok(Some(head)),
                Err(cause) => Err(io::Error::new(io::ErrorKind::InvalidData, cause)),
            },
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Writes it down, whole or not at all, whatever stood there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self, data_dir: &Path) -> io::Result<()> {
        let file = data_dir.join(HEAD_FILE);
        let beside = file.with_extension("new");
        let mut out = File::create(&beside)?;
        writeln!(out, "{self}")?;
        out.sync_all()?;
        fs::rename(&beside, &file)
    }
}

/// Writes the head down as lines are committed. Several processes may have one for the same folder.
#[derive(Debug)]
pub(crate) struct Keeper {
    data_dir: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Committed, and not written down.
    seen: Option<Head>,
    /// Whether somebody is about to write it.
    is_awaited: bool,
    /// Whether it was said that the log does not hold what the file says.
    is_told: bool,
}

impl Keeper {
    /// Of a data folder.
    pub(crate) fn new(data_dir: &Path) -> Arc<Self> {
        Arc::new(Self {
            data_dir: data_dir.to_owned(),
            state: Mutex::default(),
        })
    }

    /// A line was committed: it is written down a moment later.
    pub(crate) fn saw(self: &Arc<Self>, head: Head, store: &Store) {
        {
            let mut state = lock(&self.state);
            if state.seen.is_none_or(|seen| seen.seq < head.seq) {
                state.seen = Some(head);
            }
            if std::mem::replace(&mut state.is_awaited, true) {
                return;
            }
        }
        let (keeper, store) = (Arc::clone(self), store.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(GATHER).await;
                keeper.settle(&store).await;
                let mut state = lock(&keeper.state);
                if state.seen.is_none() {
                    state.is_awaited = false;
                    return;
                }
            }
        });
    }

    /// Writes down what was seen, if anything was.
    pub(crate) async fn settle(&self, store: &Store) {
        let Some(head) = lock(&self.state).seen.take() else {
            return;
        };
        match self.advance(head, store).await {
            Ok(true) => {}
            Ok(false) => {
                if !std::mem::replace(&mut lock(&self.state).is_told, true) {
                    tracing::error!(
                        "the audit log does not hold the line that {HEAD_FILE} names: run `diemcau audit verify`"
                    );
                }
            }
            // The next line is written down with it.
            Err(error) => {
                tracing::error!(%error, "the head of the audit log cannot be written down")
            }
        }
    }

    /// Whether the log still holds what the file says; then the file is at `head`, or further on.
    async fn advance(&self, head: Head, store: &Store) -> anyhow::Result<bool> {
        let folder = self.data_dir.clone();
        // One process at a time compares and writes.
        let held = tokio::task::spawn_blocking(move || -> io::Result<File> {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(folder.join(HEAD_FILE).with_extension("lock"))?;
            file.lock()?;
            Ok(file)
        })
        .await??;
        if let Some(written) = Head::read(&self.data_dir)? {
            let mut conn = store.read().await?;
            if store::hash_of(&mut conn, written.seq).await? != Some(written.hash.to_vec()) {
                return Ok(false);
            }
            if written.seq >= head.seq {
                return Ok(true);
            }
        }
        let folder = self.data_dir.clone();
        tokio::task::spawn_blocking(move || {
            let written = head.write(&folder);
            drop(held);
            written
        })
        .await??;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_read_as_it_was_written_and_nothing_else_is_a_head() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Head::read(folder.path()).unwrap(), None);
        let head = Head {
            seq: 48_213,
            hash: [0xb0; 32],
        };
        head.write(folder.path()).unwrap();
        assert_eq!(Head::read(folder.path()).unwrap(), Some(head));
        for text in [
            "",
            "1",
            "1 b03f",
            "0 ",
            "x b03f",
            &format!("-1 {}", "b0".repeat(32)),
        ] {
            assert_eq!(text.parse::<Head>(), Err(NotAHead), "{text}");
        }
        fs::write(folder.path().join(HEAD_FILE), "").unwrap();
        assert!(
            Head::read(folder.path()).is_err(),
            "an empty file is no head"
        );
    }
}
