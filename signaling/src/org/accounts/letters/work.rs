//! Sending a letter that invites somebody.

use office_core::rights::ManageAccount;
use protocol::api::{LetterFailure, LetterState, ProblemCode};
use protocol::{PersonId, UtcMicros};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Waiting};
use super::words;
use crate::AppState;
use crate::access::codes::Code;
use crate::access::{Asking, Permit, Reason, account_actor, accounts};
use crate::jobs::{Failure, Held, Patience, Takes, Trouble, Work};
use crate::org::accounts::actions;
use crate::org::accounts::listing::{self, Listed};
use crate::platform::database::{Conn, StoreResult, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::mail::Cause;

/// Sends letters that invite people.
#[derive(Debug, Clone)]
pub(crate) struct Invite {
    state: AppState,
}

/// Which letter. Whom it reaches and what it says is not kept with the job.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Which {
    /// To whom.
    pub(super) person: PersonId,
    /// The letter: none of their older ones.
    pub(super) letter: Uuid,
}

impl Failure for LetterFailure {
    fn of(_: &anyhow::Error) -> Self {
        Self::Internal
    }

    fn patience(self) -> Patience {
        match self {
            Self::Unreachable | Self::NotSecure | Self::NotSignedIn | Self::Later => {
                Patience::Patient
            }
            Self::Refused | Self::Withdrawn => Patience::Never,
            Self::Internal => Patience::Usual,
        }
    }
}

impl From<Cause> for LetterFailure {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Unreachable => Self::Unreachable,
            Cause::NotSecure => Self::NotSecure,
            Cause::NotSignedIn => Self::NotSignedIn,
            Cause::Later => Self::Later,
            Cause::Refused => Self::Refused,
        }
    }
}

impl Invite {
    /// Work of this server.
    pub(crate) const fn new(state: AppState) -> Self {
        Self { state }
    }

    /// The letter as it waits, and the leave to send it, by the rights that whoever asked for it has by now.
    async fn look(
        &self,
        conn: &mut Conn,
        which: &Which,
        now: UtcMicros,
    ) -> ApiResult<(Waiting, Permit<ManageAccount, Listed>)> {
        let gone = || ApiError::not_found(ProblemCode::UnknownPerson);
        let waiting = store::waiting(conn, which).await?.ok_or_else(gone)?;
        let account = accounts::by_id(conn, waiting.asked_by).await?;
        let account = account.filter(|account| account.disabled_at.is_none());
        let account = account.ok_or_else(ApiError::forbidden)?;
        let actor = account_actor(conn, account, None, now).await?;
        let tree = self.state.tree(conn).await?;
        let one = listing::find_person(conn, &tree, &actor, which.person, now).await?;
        let permit = Asking::<ManageAccount>::before(actor).about(one)?;
        actions::admit_code(&permit, waiting.is_reset)?;
        Ok((waiting, permit))
    }
}

/// A refusal of what was allowed when it was asked for means that it is not to be done any more; anything else may pass.
fn refused(refusal: ApiError) -> Trouble<LetterFailure> {
    let failure = match refusal.status.is_client_error() {
        true => LetterFailure::Withdrawn,
        false => LetterFailure::Internal,
    };
    Trouble::new(failure, refusal.into())
}

fn withdrawn(why: &'static str) -> Trouble<LetterFailure> {
    Trouble::new(LetterFailure::Withdrawn, anyhow::anyhow!(why))
}

impl Work for Invite {
    const KIND: &'static str = "invite";
    const TAKEN_BY: Takes = Takes::Letters;
    type Payload = Which;
    type Made = Code;
    type Failure = LetterFailure;

    async fn run(&self, _: &Held, which: &Which) -> Result<Code, Trouble<LetterFailure>> {
        let post = self.state.post.as_ref();
        let post = post.ok_or_else(|| withdrawn("there is no mail any more"))?;
        let now = self.state.clock.now();
        let (waiting, permit) = {
            let mut conn = self.state.store.read().await?;
            self.look(&mut conn, which, now).await.map_err(refused)?
        };
        let (Some(email), Some((_, login))) = (&waiting.email, &permit.account) else {
            return Err(withdrawn("there is no address or no account any more"));
        };
        let code = tokio::task::spawn_blocking(Code::generate).await??;
        let whom = (permit.name.as_str(), email.as_str());
        let server = &*self.state.public_url;
        let letter = words::invitation(whom, (server, login, &code.shown), now);
        let sent = post.send(&letter).await;
        sent.map_err(|not| Trouble::new(not.cause.into(), not.into()))?;
        Ok(code)
    }

    async fn publish(
        &self,
        tx: &mut Tx,
        which: &Which,
        code: &Code,
        now: UtcMicros,
    ) -> Result<(), Trouble<LetterFailure>> {
        // Before anything is looked at: a reset may take the last administrator's password.
        actions::hold(tx, &[which.person], true)
            .await
            .map_err(refused)?;
        let (waiting, permit) = self.look(tx, which, now).await.map_err(refused)?;
        actions::give_code(tx, &permit, code, waiting.is_reset, now)
            .await
            .map_err(refused)?;
        store::note(tx, which, LetterState::Sent, None, now).await?;
        Ok(())
    }

    async fn gave_up(
        &self,
        tx: &mut Tx,
        which: &Which,
        failure: LetterFailure,
        again: bool,
    ) -> StoreResult<()> {
        let now = self.state.clock.now();
        let state = match again {
            true => LetterState::Queued,
            false => LetterState::Failed,
        };
        let is_last = store::note(tx, which, state, Some(failure), now).await?;
        if is_last && !again {
            let after = json!({ "failure": failure });
            let resource = format!("person:{}", which.person);
            let permit = Permit::<ManageAccount, ()>::system(Reason::Mail, ());
            permit
                .note_as(tx, "invitation_failed", &resource, (None, Some(after)), now)
                .await?;
        }
        Ok(())
    }
}
