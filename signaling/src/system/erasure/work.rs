//! What deleting somebody's data leaves to be done: what a room wrote down while they were sent away, names in files of recordings,
//! free pages of the database. Killed, it begins again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use protocol::{ParticipantId, PersonId, SessionId, UtcMicros};
use serde::{Deserialize, Serialize};

use super::store::{self, Present};
use super::{NOBODY, files, journal};
use crate::AppState;
use crate::jobs::{Failure, Held, Patience, Takes, Trouble, Work};
use crate::platform::database::{StoreResult, Tx};

/// How long a room may take to send somebody away and write that down.
const AWAY_WITHIN: Duration = Duration::from_secs(15);

/// Does the rest of an erasure.
#[derive(Debug, Clone)]
pub(crate) struct Clean {
    state: AppState,
}

/// Of somebody who was erased.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Rest {
    pub(crate) person: PersonId,
}

/// It was not possible; a recording ends, a reader is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotYet;

impl Failure for NotYet {
    fn of(_: &anyhow::Error) -> Self {
        Self
    }

    fn patience(self) -> Patience {
        Patience::Patient
    }
}

impl Clean {
    /// Work of this server.
    pub(crate) const fn new(state: AppState) -> Self {
        Self { state }
    }

    /// As whom they took part, when no room holds them any more.
    async fn present(&self, person: PersonId) -> StoreResult<Vec<Present>> {
        let until = tokio::time::Instant::now() + AWAY_WITHIN;
        loop {
            let mut conn = self.state.store.read().await?;
            let all = store::present(&mut conn, person, NOBODY).await?;
            let mut is_there = false;
            for one in &all {
                is_there |= store::is_present(&mut conn, one.id).await?;
            }
            drop(conn);
            if !is_there || tokio::time::Instant::now() >= until {
                return Ok(all);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn clean_files(&self, all: &[Present]) -> anyhow::Result<()> {
        let mut sessions: BTreeMap<SessionId, BTreeSet<ParticipantId>> = BTreeMap::new();
        for one in all {
            let whom = sessions.entry(one.session_id).or_default();
            // Whoever sat at a point is shown by the point's name.
            if one.point_id.is_none() {
                whom.insert(one.id);
            }
        }
        for (session, whom) in sessions {
            let mut conn = self.state.store.read().await?;
            let recordings = store::recordings(&mut conn, session).await?;
            drop(conn);
            for (recording, _) in recordings {
                let folder = self.state.data_dir.join("recordings");
                let folder = folder.join(recording.to_string());
                let whom = whom.clone();
                let done =
                    tokio::task::spawn_blocking(move || files::forget(&folder, &whom)).await?;
                ensure!(
                    done.context("a recording's files")?,
                    "recording {recording} is being written"
                );
            }
        }
        Ok(())
    }
}

impl Work for Clean {
    const KIND: &'static str = "erase_person";
    const TAKEN_BY: Takes = Takes::Housekeeping;
    type Payload = Rest;
    type Made = ();
    type Failure = NotYet;

    async fn run(&self, held: &Held, of: &Rest) -> Result<(), Trouble<NotYet>> {
        let all = self.present(of.person).await?;
        // What the room wrote down since.
        let mut tx = self.state.store.write().await?;
        journal::forget(&mut tx, &all).await?;
        tx.commit().await?;
        held.is_at(20);
        self.clean_files(&all).await?;
        held.is_at(50);
        self.state.store.drop_free_pages().await?;
        Ok(())
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        of: &Rest,
        (): &(),
        now: UtcMicros,
    ) -> Result<(), Trouble<NotYet>> {
        Ok(store::finish(tx, of.person, now).await?)
    }

    async fn gave_up(&self, _: &mut Tx, _: &Rest, _: NotYet, _: bool) -> StoreResult<()> {
        Ok(())
    }
}
