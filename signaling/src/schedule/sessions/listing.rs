//! Sessions in lists: one query for a page, with visibility in it.

use office_core::org::Tree;
use office_core::rights::{Invitation, SessionFacts, Ties};
use office_core::session::Session;
use protocol::api::PointRef;
use protocol::client::SessionKind;
use protocol::{ClassId, SessionId, UnitId, UtcMicros};
use uuid::Uuid;

use super::store::{self, ListedRow};
use crate::access::{Actor, Identity};
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::paging::Place;
use crate::schedule::admission::view_session;

/// Which sessions of those that somebody may see.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Those that end after this time.
    pub from: UtcMicros,
    /// Those that begin before this time.
    pub to: UtcMicros,
    /// Whether they belong to a class.
    pub class: OfClass,
    /// Those of a kind.
    pub kind: Option<SessionKind>,
    /// Those that a unit convenes.
    pub unit: Option<UnitId>,
    /// Where the page begins.
    pub after: Place<SessionId>,
    /// How many at most.
    pub limit: usize,
}

/// Whether sessions belong to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfClass {
    /// Those that do, and those that do not.
    OrNot,
    /// Those of any class.
    Any,
    /// Those of this one.
    This(ClassId),
}

impl Filter {
    /// Every session.
    pub const EVERY: Self = Self {
        from: UtcMicros(i64::MIN),
        to: UtcMicros(i64::MAX),
        class: OfClass::OrNot,
        kind: None,
        unit: None,
        after: Place {
            at: UtcMicros(i64::MIN),
            id: SessionId(Uuid::nil()),
        },
        limit: usize::MAX,
    };

    fn takes(&self, session: &Session) -> bool {
        session.ends_at > self.from
            && session.starts_at < self.to
            && (session.starts_at, session.id) > (self.after.at, self.after.id)
            && self.kind.is_none_or(|kind| session.kind == kind)
            && self.unit.is_none_or(|unit| session.convening_unit == unit)
            && match self.class {
                OfClass::OrNot => true,
                OfClass::Any => session.class.is_some(),
                OfClass::This(class) => session.class == Some(class),
            }
    }
}

/// A session as one actor sees it in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// What of it matters to rights, without the hosts of its points: only whether it is seen depends on them, and the query
    /// has answered that.
    pub facts: SessionFacts,
    /// What stands beside it.
    pub beside: Beside,
}

/// What is told of a session besides its own row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The name of its chair.
    pub chair: Option<String>,
    /// The name of its secretary.
    pub secretary: Option<String>,
    /// The code of its class.
    pub class_code: Option<String>,
    /// Whether there is a recording of it.
    pub has_recording: bool,
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// The invited points, in seat order.
    pub invited: Vec<PointRef>,
}

/// The sessions that `actor` may see and that `filter` takes, by begin.
///
/// # Errors
/// When the database fails.
pub async fn visible(
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    filter: &Filter,
    now: UtcMicros,
) -> ApiResult<Vec<Listed>> {
    let today = day(now);
    match &actor.identity {
        Identity::Account { .. } | Identity::Key(_) => {
            let reader = actor.reader().ok_or_else(ApiError::forbidden)?;
            let rows = store::visible_to(conn, &reader, &today, filter).await?;
            let listed = rows.into_iter().map(|row| of_row(row, tree, actor));
            Ok(listed.collect::<StoreResult<_>>()?)
        }
        // A link opens one session.
        Identity::Link(link) => {
            let found = store::by_id(conn, link.session).await?;
            let Some(session) = found.filter(|session| filter.takes(session)) else {
                return Ok(Vec::new());
            };
            let view = view_session(conn, tree, actor, session, now).await?;
            if !actor.may::<office_core::rights::ViewSession>(&view.facts) {
                return Ok(Vec::new());
            }
            Ok(vec![Listed {
                beside: beside(conn, &view.session, &view.invited).await?,
                session: view.session,
                facts: view.facts,
            }])
        }
    }
}

/// What stands beside one session.
///
/// # Errors
/// When the database fails.
pub(crate) async fn beside(
    conn: &mut Conn,
    session: &Session,
    invited: &[store::InvitedPoint],
) -> StoreResult<Beside> {
    Ok(Beside {
        invited: invited.iter().map(store::InvitedPoint::name).collect(),
        ..store::beside(conn, session.id).await?
    })
}

fn of_row(row: ListedRow, tree: &Tree, actor: &Actor) -> StoreResult<Listed> {
    let session = row.session.parse()?;
    let convening = tree.lineage(session.convening_unit);
    let ties = Ties {
        chairs: row.chairs,
        keeps_minutes: row.keeps_minutes,
        presents: row.presents,
        supports: row.supports,
        // To administer is to have a part in it; a key has none in any.
        administers: actor.scopes().is_none() && actor.grants.administer(&convening),
        at_point: row.at_point,
        enrolled: row.enrolled,
        named: row.named,
        of_unit: row.of_unit,
    };
    let facts = SessionFacts {
        convening,
        invited: Vec::new(),
        role: ties.role(),
        invitation: ties.invitation(),
        teaches: row.teaches,
        supports: row.supports,
        guests_may_replay: session.guests_may_replay,
    };
    debug_assert!(
        facts.invitation != Invitation::Guest,
        "guests have no account"
    );
    Ok(Listed {
        session,
        facts,
        beside: row.beside.parse()?,
    })
}
