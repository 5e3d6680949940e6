//! The part somebody has in a session, and what of the session matters to their rights.

use office_core::org::Tree;
use office_core::rights::{Invitation, SessionFacts, Ties};
use office_core::session::Session;
use protocol::api::{LinkPurpose, OfficerPart};
use protocol::client::SessionRole;
use protocol::{AccountId, PointId, SessionId, TokenId, UtcMicros};

use crate::access::{Actor, Identity, LinkHolder, Subject};
use crate::org::points;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::ApiResult;
use crate::schedule::sessions::InvitedPoint;
use crate::schedule::{classes, officers, sessions};

/// The part somebody has in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admission {
    /// What makes the participant unique in the session: `point:…`, `account:…`, `token:…`, or `sign_in:…` for each guest of
    /// a link that is for anybody.
    pub(crate) key: String,
    /// The role.
    pub(crate) role: SessionRole,
    /// The name to show: the point's for its room device, else the person's.
    pub(crate) name: String,
    /// At which point.
    pub(crate) bridge_point: Option<PointId>,
    /// The account, when there is one.
    pub(crate) account: Option<AccountId>,
    /// The token, when somebody came by one.
    pub(crate) token: Option<TokenId>,
    /// Whether the schedule names them as chair.
    pub(crate) scheduled_chair: bool,
}

/// A session as one actor sees it.
#[derive(Debug, Clone)]
pub(crate) struct SessionView {
    /// The session.
    pub(crate) session: Session,
    /// The invited points, in seat order.
    pub(crate) invited: Vec<InvitedPoint>,
    /// What of it matters to rights.
    pub(crate) facts: SessionFacts,
    /// The actor's part; none when the actor has none.
    pub(crate) admission: Option<Admission>,
}

impl Subject<SessionFacts> for SessionView {
    fn facts(&self) -> &SessionFacts {
        &self.facts
    }
}

impl SessionView {
    /// A session as the server itself sees it: nobody's part, nobody's invitation.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn of_nobody(
        conn: &mut Conn,
        tree: &Tree,
        session: Session,
        now: UtcMicros,
    ) -> StoreResult<Self> {
        let invited = sessions::invited(conn, session.id, &day(now)).await?;
        Ok(Self {
            facts: SessionFacts {
                convening: tree.lineage(session.convening_unit),
                ..SessionFacts::default()
            },
            session,
            invited,
            admission: None,
        })
    }
}

/// Finds out what part `actor` has in `session`. What it allows is for [`office_core::rights`] to decide.
///
/// Chair, secretaries, presenters and technicians are the people named; a secretary is an administrator of the convening unit as
/// well, and a technician who has no other part follows as a viewer. A point
/// is whoever holds its link, or is appointed at a unit of an invited point, as long as the point is invited and not closed. A
/// trainee of the session's class is a viewer. A key has no part in any session.
///
/// # Errors
/// When the database fails.
pub(crate) async fn view_session(
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    session: Session,
    now: UtcMicros,
) -> ApiResult<SessionView> {
    let today = day(now);
    let invited = sessions::invited(conn, session.id, &today).await?;
    let convening = tree.lineage(session.convening_unit);
    let mut invitation = Invitation::None;
    let (mut teaches, mut supports) = (false, false);
    // A link of a point holds as long as the point is there and invited.
    let has_point = |point: PointId| {
        let mut open = invited.iter().filter(|point| point.is_active());
        open.any(|invited| invited.id == point)
    };
    let holds = |link: &LinkHolder| link.session == session.id && link.point.is_none_or(has_point);
    if let Identity::Link(link) = &actor.identity
        && holds(link)
        && matches!(link.purpose, LinkPurpose::Join | LinkPurpose::Api)
    {
        invitation = match (link.account, link.point) {
            (Some(_), _) => Invitation::Person,
            (None, Some(_)) => Invitation::Place,
            (None, None) => Invitation::Guest,
        };
    }
    let admission = match &actor.identity {
        Identity::Link(link) if holds(link) => Some(Admission {
            key: match (link.point, link.account) {
                (Some(point), _) => format!("point:{point}"),
                (None, Some(account)) => format!("account:{account}"),
                (None, None) => match actor.sign_in {
                    Some(guest) if !link.personal => format!("sign_in:{guest}"),
                    _ => format!("token:{}", link.token),
                },
            },
            role: link.role,
            name: actor.name.clone(),
            bridge_point: link.point,
            account: link.account,
            token: Some(link.token),
            scheduled_chair: chairs_by_link(conn, link, session.id).await?,
        }),
        Identity::Link(_) | Identity::Key(_) => None,
        Identity::Account { id, person } => {
            let own_points = points::of_person(conn, *person, &today).await?;
            let point = invited
                .iter()
                .find(|point| own_points.contains(&point.id))
                .map(|point| point.id);
            let mut enrolled = false;
            if let Some(class) = session.class {
                enrolled = classes::is_enrolled(conn, class, *person).await?;
                teaches = classes::teaches(conn, class, *id).await?;
            }
            let parts = officers::parts_of(conn, session.id, *person).await?;
            supports = parts.contains(&OfficerPart::Technician);
            let named = sessions::named(conn, session.id, *id, *person, &today).await?;
            let ties = Ties {
                chairs: parts.contains(&OfficerPart::Chair),
                keeps_minutes: parts.contains(&OfficerPart::Secretary),
                presents: parts.contains(&OfficerPart::Presenter),
                supports: parts.contains(&OfficerPart::Technician),
                administers: actor.grants.administer(&convening),
                at_point: point.is_some(),
                enrolled,
                named: named.person,
                of_unit: named.unit,
            };
            invitation = ties.invitation();
            ties.role().map(|role| Admission {
                key: format!("account:{id}"),
                role,
                name: actor.name.clone(),
                bridge_point: point,
                account: Some(*id),
                token: None,
                scheduled_chair: ties.chairs,
            })
        }
    };
    let facts = SessionFacts {
        convening,
        invited: invited
            .iter()
            .filter_map(|point| point.host_unit_id)
            .map(|unit| tree.lineage(unit))
            .collect(),
        role: admission.as_ref().map(|admission| admission.role),
        invitation,
        teaches,
        supports,
        guests_may_replay: session.guests_may_replay,
    };
    Ok(SessionView {
        session,
        invited,
        facts,
        admission,
    })
}

/// Whether a link is of the one whom the schedule names as chair.
async fn chairs_by_link(
    conn: &mut Conn,
    link: &LinkHolder,
    session: SessionId,
) -> StoreResult<bool> {
    let Some(account) = link.account else {
        return Ok(false);
    };
    let Some(person) = officers::person_of(conn, account).await? else {
        return Ok(false);
    };
    let parts = officers::parts_of(conn, session, person).await?;
    Ok(parts.contains(&OfficerPart::Chair))
}
