//! The organisation in memory: read once, and again when a counter in the database says that it has changed.

use std::sync::{Arc, Mutex};

use office_core::org::{History, Tree};
use protocol::Day;

use super::store;
use crate::platform::database::{Conn, StoreResult};
use crate::platform::lock::lock;

/// The organisation. Cheap to clone; clones remember the same.
#[derive(Debug, Clone, Default)]
pub struct Org(Arc<Mutex<Remembered>>);

/// What was read last, and the tree that was asked for last.
#[derive(Debug, Default)]
struct Remembered {
    /// How far the changes of units had come; 0 before anything was read.
    version: i64,
    history: Arc<History>,
    tree: Option<(Day, Arc<Tree>)>,
}

impl Org {
    /// Every version of every unit, as `conn` sees it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn history(&self, conn: &mut Conn) -> StoreResult<Arc<History>> {
        let version = store::version(conn).await?;
        match self.known(version) {
            Some(history) => Ok(history),
            None => Ok(Arc::new(store::history(conn).await?)),
        }
    }

    fn known(&self, version: i64) -> Option<Arc<History>> {
        let remembered = lock(&self.0);
        (remembered.version == version).then(|| Arc::clone(&remembered.history))
    }

    /// The tree of `day`, as `conn` sees it: a transaction sees its own changes, and what it has not committed is
    /// remembered by nobody else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tree(&self, conn: &mut Conn, day: &Day) -> StoreResult<Arc<Tree>> {
        // Before the units: whatever changes in between has another number, and is read next time.
        let version = store::version(conn).await?;
        if let Some(tree) = self.remembered(version, day) {
            return Ok(tree);
        }
        let history = store::history(conn).await?;
        let tree = Arc::new(history.on(day));
        if !conn.is_transaction() {
            *lock(&self.0) = Remembered {
                version,
                history: Arc::new(history),
                tree: Some((day.clone(), Arc::clone(&tree))),
            };
        }
        Ok(tree)
    }

    fn remembered(&self, version: i64, day: &Day) -> Option<Arc<Tree>> {
        let mut remembered = lock(&self.0);
        if remembered.version != version {
            return None;
        }
        match &remembered.tree {
            Some((known, tree)) if known == day => Some(Arc::clone(tree)),
            _ => {
                let tree = Arc::new(remembered.history.on(day));
                remembered.tree = Some((day.clone(), Arc::clone(&tree)));
                Some(tree)
            }
        }
    }
}
