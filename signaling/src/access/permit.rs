//! Permits: what writing functions want to see before they write.
//!
//! A route declares its action once, in the signature of its handler: [`Asking<EndSession>`](Asking). Whoever asks is
//! recognised before the handler runs; [`Asking::about`] says whether they may do that to the thing the handler has found,
//! and gives the [`Permit`]. Nothing else gives one to a person. Jobs and the command line have [`Permit::system`].
//!
//! ```compile_fail
//! # use office_core::rights::EndSession;
//! # use signaling::access::Permit;
//! // Nobody makes a permit by hand.
//! let permit: Permit<EndSession, ()> = Permit { to: () };
//! ```
//!
//! ```compile_fail
//! # use office_core::rights::{EndSession, ViewSession};
//! # use signaling::access::{Permit, Reason};
//! fn end(_: &Permit<EndSession, ()>) {}
//! // A permit to look is none to end.
//! end(&Permit::<ViewSession, ()>::system(Reason::CommandLine, ()));
//! ```
//!
//! ```
//! # use office_core::rights::EndSession;
//! # use signaling::access::{Permit, Reason};
//! fn end(_: &Permit<EndSession, ()>) {}
//! end(&Permit::<EndSession, ()>::system(Reason::CommandLine, ()));
//! ```

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use office_core::org::Lineage;
use office_core::rights::{Act, Grants};
use protocol::api::{ApiScope, ProblemCode};
use protocol::{AccountId, UtcMicros};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, PathItem, Paths};

use super::{Actor, recognise, recognise_owing, second_factor};
use crate::AppState;
use crate::platform::audit;
use crate::platform::database::{Conn, StoreResult, Tx};
use crate::platform::error::{ApiError, ApiResult};

/// Says that `A` may be done to what it holds, and who does it.
#[derive(Debug)]
pub struct Permit<A, R = ()> {
    by: By,
    to: R,
    act: PhantomData<fn() -> A>,
}

/// Who does it.
#[derive(Debug, Clone)]
enum By {
    Somebody {
        name: String,
        account: Option<AccountId>,
        grants: Grants,
        scopes: Option<Vec<ApiScope>>,
    },
    System(Reason),
}

/// Why the server itself does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The operator said so, at the server's own terminal.
    CommandLine,
    /// It is time.
    Clock,
    /// Somebody showed the code that the server printed on its first day.
    FirstCode,
    /// The provider by which somebody signs in says which groups they are in, or they do not sign in by it any more.
    Provider,
    /// The mail server said what became of a letter.
    Mail,
}

impl Reason {
    const fn word(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Clock => "clock",
            Self::FirstCode => "first_code",
            Self::Provider => "provider",
            Self::Mail => "mail",
        }
    }
}

/// How the audit log names the server itself.
const SYSTEM: &str = "system";

/// What an action is done to: it tells what of it matters to rights.
pub trait Subject<F> {
    /// What matters.
    fn facts(&self) -> &F;
}

impl Subject<()> for () {
    fn facts(&self) -> &() {
        self
    }
}

impl Subject<Lineage> for Lineage {
    fn facts(&self) -> &Lineage {
        self
    }
}

impl Subject<Vec<Lineage>> for Vec<Lineage> {
    fn facts(&self) -> &Vec<Lineage> {
        self
    }
}

impl<A: Act, R> Permit<A, R> {
    /// The server does it by itself; the audit log says why.
    #[must_use]
    pub const fn system(reason: Reason, to: R) -> Self {
        Self {
            by: By::System(reason),
            to,
            act: PhantomData,
        }
    }

    /// The account of whoever does it, if it is an account.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match &self.by {
            By::Somebody { account, .. } => *account,
            By::System(_) => None,
        }
    }

    /// Whether whoever does it may also do `B` to what these facts are of. The server itself may do everything.
    #[must_use]
    pub fn may<B: Act>(&self, on: &B::On) -> bool {
        match &self.by {
            By::Somebody { grants, scopes, .. } => {
                B::lies_within(scopes.as_deref()) && B::allows(grants, on)
            }
            By::System(_) => true,
        }
    }

    /// What it is done to.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.to
    }

    /// Writes the deed into the audit log, under the name of the action.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note(
        &self,
        tx: &mut Tx,
        resource: &str,
        before: Option<Value>,
        after: Option<Value>,
        now: UtcMicros,
    ) -> StoreResult<()> {
        self.note_as(tx, A::NAME, resource, (before, after), now)
            .await
    }

    /// Whether the same deed to the same by the same is in the log since `since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_noted(
        &self,
        conn: &mut Conn,
        resource: &str,
        since: UtcMicros,
    ) -> StoreResult<bool> {
        audit::happened(conn, &self.line(A::NAME, resource, None, None), since).await
    }

    /// Writes it, unless it is there since `since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_once(
        &self,
        tx: &mut Tx,
        resource: &str,
        after: Value,
        since: UtcMicros,
        now: UtcMicros,
    ) -> StoreResult<bool> {
        let line = self.line(A::NAME, resource, None, Some(after));
        audit::append_once(tx, line, since, now).await
    }

    /// Writes it under a name of its own: several deeds may need the same right.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_as(
        &self,
        tx: &mut Tx,
        action: &str,
        resource: &str,
        (before, after): (Option<Value>, Option<Value>),
        now: UtcMicros,
    ) -> StoreResult<()> {
        audit::append(tx, self.line(action, resource, before, after), now).await
    }

    fn line<'a>(
        &'a self,
        action: &'a str,
        resource: &'a str,
        before: Option<Value>,
        mut after: Option<Value>,
    ) -> audit::Line<'a> {
        let actor = match &self.by {
            By::Somebody { name, .. } => name,
            By::System(reason) => {
                let told = after.get_or_insert_with(|| json!({}));
                if let Some(fields) = told.as_object_mut() {
                    fields.insert("reason".to_owned(), reason.word().into());
                }
                SYSTEM
            }
        };
        audit::Line {
            actor,
            action,
            resource,
            before,
            after,
        }
    }
}

impl<A, R> Deref for Permit<A, R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.to
    }
}

/// Somebody who was recognised and asks to do `A`. As an argument of a handler, it declares the action of the route.
#[derive(Debug)]
pub struct Asking<A> {
    /// Who.
    pub actor: Actor,
    act: PhantomData<fn() -> A>,
}

impl<A: Act> Asking<A> {
    /// Somebody asked for it before, and a job does it: by the rights they hold by now.
    pub(crate) const fn before(actor: Actor) -> Self {
        Self {
            actor,
            act: PhantomData,
        }
    }

    /// The permit to do it to `to`.
    ///
    /// # Errors
    /// 403 `not_allowed`.
    pub fn about<R: Subject<A::On>>(&self, to: R) -> ApiResult<Permit<A, R>> {
        if !self.actor.may::<A>(to.facts()) {
            tracing::debug!(actor = %self.actor.audit_name(), action = A::NAME, "not allowed");
            return Err(ApiError::forbidden());
        }
        Ok(Permit {
            by: By::Somebody {
                name: self.actor.audit_name(),
                account: self.actor.account(),
                grants: self.actor.grants.clone(),
                scopes: self.actor.scopes().map(<[ApiScope]>::to_vec),
            },
            to,
            act: PhantomData,
        })
    }
}

impl<A: Act> FromRequestParts<AppState> for Asking<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let actor = if second_factor::is_open_to_owing::<A>() {
            recognise_owing(state, &parts.headers).await?
        } else {
            recognise(state, &parts.headers).await?
        };
        // Before anything is looked for: a route whose action says nothing of what it is done to asks for no permit.
        if !A::lies_within(actor.scopes()) {
            return Err(beyond_scopes(A::SCOPE));
        }
        Ok(Self {
            actor,
            act: PhantomData,
        })
    }
}

fn beyond_scopes(needed: Option<ApiScope>) -> ApiError {
    let refusal = ApiError::new(
        StatusCode::FORBIDDEN,
        ProblemCode::KeyScopeMissing,
        "the key has no scope for this",
    );
    match needed {
        Some(scope) => refusal.with("scope", scope.word()),
        None => refusal,
    }
}

/// A handler whose second argument is [`Asking`]: it declares an action.
pub(crate) trait Declares<M> {
    /// The name of the action.
    const ACTION: &'static str;
}

macro_rules! declares {
    ($($argument:ident),*) => {
        impl<H, Answer, A: Act, $($argument),*> Declares<(A, $($argument,)*)> for H
        where
            H: Fn(State<AppState>, Asking<A>, $($argument),*) -> Answer,
        {
            const ACTION: &'static str = A::NAME;
        }
    };
}
declares!();
declares!(T1);
declares!(T1, T2);
declares!(T1, T2, T3);

/// The name of the action that a handler declares.
pub(crate) const fn action_of<M, H: Declares<M>>(_: &H) -> &'static str {
    H::ACTION
}

/// Writes the action of a handler into the description of its route.
pub(crate) fn describe(paths: &mut Paths, handler: &str, action: &'static str) {
    for operation in paths.paths.values_mut().flat_map(operations) {
        if operation.operation_id.as_deref() == Some(handler) {
            let extensions = operation.extensions.get_or_insert_default();
            extensions.insert("x-action".to_owned(), action.into());
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

/// The routes of handlers that declare their action, with the action in their description.
macro_rules! routes_asking {
    ($($handler:ident),+ $(,)?) => {{
        let mut routes = utoipa_axum::routes!($($handler),+);
        $($crate::access::permit::describe(
            &mut routes.1,
            stringify!($handler),
            $crate::access::permit::action_of(&$handler),
        );)+
        routes
    }};
}
pub(crate) use routes_asking;
