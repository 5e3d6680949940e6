//! Who may do what: one function, the only source of decisions about rights.
//!
//! Every route declares its [`Action`] beside its handler (`x-action` in `/openapi.json`), and asks [`authorise`]
//! with the resource it is about. Rights come from dated role grants, each of which holds for a unit and all below
//! it, and from the part somebody has in a session. What a part may do in the live room, the room itself decides by the
//! table of [`signaling_core::role`].

use protocol::api::AccountRole;
use protocol::client::SessionRole;
use serde::{Deserialize, Serialize};

use crate::auth::Actor;
use crate::error::ApiError;
use crate::store::unit::Lineage;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See who one is.
    SeeSelf,
    /// End one's own sign-in.
    SignOut,
    /// See the list of sessions; each is filtered by `ViewSession`.
    ListSessions,
    /// See a session.
    ViewSession,
    /// Make a session of a unit.
    CreateSession,
    /// Invite a unit's bridge point.
    InvitePoint,
    /// End a session.
    EndSession,
    /// Make or revoke a joining link of a session.
    ManageLinks,
    /// See who was in a session's room.
    ViewAttendance,
    /// See the list of bridge points; each is filtered by `ViewPoint`.
    ListPoints,
    /// See a bridge point.
    ViewPoint,
    /// Open the monitor board; each point is filtered by `WatchPoint`.
    OpenMonitor,
    /// See how a bridge point's link does and did.
    WatchPoint,
    /// See the list of classes; each is filtered by `ViewClass`.
    ListClasses,
    /// See a class.
    ViewClass,
    /// See what a session's recordings show: play and download them.
    ViewRecording,
    /// See how a session's recordings do: their state, size and length.
    InspectRecordings,
    /// Have the MP4 of a recording made again.
    ComposeRecording,
    /// See why the pictures of somebody in a live room are as they are.
    ExplainMedia,
    /// Enter a live room.
    EnterRoom,
    /// Publish media into a live room (WHIP).
    PublishMedia,
    /// Receive a live room's main picture and sound (WHEP).
    WatchMedia,
}

/// What it is about.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// Nothing in particular.
    Nothing,
    /// A unit.
    Unit(&'a Lineage),
    /// A session.
    Session(&'a SessionFacts),
    /// A bridge point: its host unit, and whether it is the actor's own.
    Point {
        /// The host unit; empty when nobody hosts it.
        host: &'a Lineage,
        /// Whether the actor belongs to it.
        own: bool,
    },
    /// A class: its unit, and whether the actor is enrolled.
    Class {
        /// The unit that gives it.
        unit: &'a Lineage,
        /// Whether the actor is a trainee of it.
        enrolled: bool,
    },
}

/// What of a session matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The convening unit.
    pub convening: Lineage,
    /// The host units of the invited points.
    pub invited: Vec<Lineage>,
    /// The actor's part in it.
    pub role: Option<SessionRole>,
    /// How the actor is invited.
    pub invitation: Invitation,
    /// Whether it belongs to a class that the actor teaches.
    pub teaches: bool,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
}

/// How somebody is invited to a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Invitation {
    /// Not at all; also an encoder or a player, whose token is for media alone.
    #[default]
    None,
    /// By a link that names neither person nor point.
    Guest,
    /// Through a point or unit that is named: its device, and the people appointed there.
    Place,
    /// By name: the chair, a trainee of the class, the person of a link or on a point's list.
    Person,
}

/// Administrators of a unit.
const ADMINS: &[AccountRole] = &[AccountRole::DepartmentAdmin, AccountRole::UnitAdmin];
/// Who watches points and lines.
const WATCHERS: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::ItStaff,
];
/// Who makes sessions.
const CONVENERS: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::Trainer,
];
/// Everybody with an office of some kind.
const STAFF: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::ItStaff,
    AccountRole::Trainer,
];

/// Whether `actor` administers a unit, and so stands in for the chair of what it convenes.
#[must_use]
pub fn administers(actor: &Actor, unit: &Lineage) -> bool {
    holds(actor, ADMINS, unit)
}

fn holds(actor: &Actor, roles: &[AccountRole], unit: &Lineage) -> bool {
    actor
        .grants
        .iter()
        .any(|grant| roles.contains(&grant.role) && unit.is_under(grant.unit))
}

/// Who may see what a recording shows: those invited, the administrators of the convening unit and of those above it, and
/// trainers of its class; guests only where the session says so. IT staff are not invited by the place they work at,
/// because they look after the points of others.
fn may_replay(actor: &Actor, session: &SessionFacts) -> bool {
    let looks_after_points = actor
        .grants
        .iter()
        .any(|grant| grant.role == AccountRole::ItStaff);
    let invited = match session.invitation {
        Invitation::Person => true,
        Invitation::Place => !looks_after_points,
        Invitation::Guest => session.guests_may_replay,
        Invitation::None => false,
    };
    let teaches = session.teaches
        && actor
            .grants
            .iter()
            .any(|grant| grant.role == AccountRole::Trainer);
    invited || teaches || administers(actor, &session.convening)
}

/// Decides whether `actor` may do `action` to `resource`.
///
/// # Errors
/// 403 `not_allowed` when it may not. An action that makes no sense for the resource is refused.
pub fn authorise(actor: &Actor, action: Action, resource: Resource<'_>) -> Result<(), ApiError> {
    use SessionRole::{Chair, Point, Presenter, Secretary};

    let holds = |roles: &[AccountRole], unit: &Lineage| holds(actor, roles, unit);
    let allowed = match (action, resource) {
        (
            Action::SeeSelf
            | Action::SignOut
            | Action::ListSessions
            | Action::ListPoints
            | Action::ListClasses,
            Resource::Nothing,
        ) => true,
        (Action::OpenMonitor, Resource::Nothing) => actor
            .grants
            .iter()
            .any(|grant| WATCHERS.contains(&grant.role)),
        (Action::CreateSession, Resource::Unit(unit)) => holds(CONVENERS, unit),
        (Action::InvitePoint, Resource::Unit(unit)) => holds(STAFF, unit),
        (Action::ViewSession, Resource::Session(session)) => {
            session.role.is_some()
                || session.invitation != Invitation::None
                || holds(STAFF, &session.convening)
                || session.invited.iter().any(|unit| holds(WATCHERS, unit))
        }
        (Action::ViewRecording, Resource::Session(session)) => may_replay(actor, session),
        (Action::InspectRecordings, Resource::Session(session)) => {
            may_replay(actor, session) || holds(WATCHERS, &session.convening)
        }
        (Action::ViewAttendance, Resource::Session(session)) => {
            matches!(session.invitation, Invitation::Person | Invitation::Place)
                || holds(WATCHERS, &session.convening)
        }
        (Action::EndSession, Resource::Session(session)) => {
            session.role == Some(Chair) || holds(ADMINS, &session.convening)
        }
        (Action::ExplainMedia, Resource::Session(session)) => {
            matches!(session.role, Some(Chair | Secretary)) || holds(WATCHERS, &session.convening)
        }
        (Action::ManageLinks, Resource::Session(session)) => {
            matches!(session.role, Some(Chair | Secretary)) || holds(ADMINS, &session.convening)
        }
        (Action::ComposeRecording, Resource::Session(session)) => {
            session.role == Some(Chair) || holds(WATCHERS, &session.convening)
        }
        (Action::EnterRoom | Action::WatchMedia, Resource::Session(session)) => {
            session.role.is_some()
        }
        (Action::PublishMedia, Resource::Session(session)) => {
            matches!(session.role, Some(Chair | Secretary | Point | Presenter))
        }
        (Action::ViewPoint, Resource::Point { host, own }) => own || holds(STAFF, host),
        (Action::WatchPoint, Resource::Point { host, .. }) => holds(WATCHERS, host),
        (Action::ViewClass, Resource::Class { unit, enrolled }) => enrolled || holds(STAFF, unit),
        _ => false,
    };
    if allowed {
        Ok(())
    } else {
        tracing::debug!(actor = %actor.audit_name(), ?action, "not allowed");
        Err(ApiError::forbidden())
    }
}

#[cfg(test)]
mod tests {
    use protocol::{AccountId, PersonId, UnitId};
    use uuid::Uuid;

    use super::*;
    use crate::auth::Identity;
    use crate::store::account::Grant;

    const DEPARTMENT: UnitId = UnitId(Uuid::from_u128(1));
    const COMMUNE: UnitId = UnitId(Uuid::from_u128(2));
    const SCHOOL: UnitId = UnitId(Uuid::from_u128(3));
    const OTHER_COMMUNE: UnitId = UnitId(Uuid::from_u128(4));

    fn somebody(grants: &[(AccountRole, UnitId)]) -> Actor {
        Actor {
            identity: Identity::Account {
                id: AccountId(Uuid::from_u128(100)),
                person: PersonId(Uuid::from_u128(101)),
            },
            name: "Lê Thị Hà".to_owned(),
            login: Some("ha.le".to_owned()),
            grants: grants
                .iter()
                .map(|&(role, unit)| Grant { role, unit })
                .collect(),
            sign_in: None,
        }
    }

    fn school() -> Lineage {
        Lineage(vec![SCHOOL, COMMUNE, DEPARTMENT])
    }

    fn other_commune() -> Lineage {
        Lineage(vec![OTHER_COMMUNE, DEPARTMENT])
    }

    #[test]
    fn unit_admin_rules_the_own_subtree_and_nothing_beside_it() {
        let admin = somebody(&[(AccountRole::UnitAdmin, COMMUNE)]);
        let may = |line: &Lineage| {
            authorise(&admin, Action::CreateSession, Resource::Unit(line)).is_ok()
                && authorise(&admin, Action::InvitePoint, Resource::Unit(line)).is_ok()
        };
        assert!(may(&school()));
        assert!(!may(&other_commune()));
        assert!(
            !may(&Lineage(vec![DEPARTMENT])),
            "not the unit above either"
        );
    }

    #[test]
    fn member_takes_part_and_administers_nothing() {
        let member = somebody(&[(AccountRole::Member, SCHOOL)]);
        let session = SessionFacts {
            convening: Lineage(vec![DEPARTMENT]),
            invited: vec![school()],
            role: Some(SessionRole::Point),
            invitation: Invitation::Place,
            ..SessionFacts::default()
        };
        let may = |action| authorise(&member, action, Resource::Session(&session)).is_ok();
        assert!(may(Action::ViewSession));
        assert!(may(Action::EnterRoom));
        assert!(may(Action::PublishMedia));
        assert!(!may(Action::EndSession));
        assert!(!may(Action::ManageLinks));
        assert!(!may(Action::ComposeRecording));
        assert!(!may(Action::ExplainMedia));
        assert!(authorise(&member, Action::OpenMonitor, Resource::Nothing).is_err());
    }

    #[test]
    fn session_of_strangers_stays_closed() {
        let trainer = somebody(&[(AccountRole::Trainer, OTHER_COMMUNE)]);
        let session = SessionFacts {
            convening: Lineage(vec![COMMUNE, DEPARTMENT]),
            invited: vec![school()],
            ..SessionFacts::default()
        };
        for action in [
            Action::ViewSession,
            Action::ViewRecording,
            Action::InspectRecordings,
            Action::ViewAttendance,
            Action::EnterRoom,
            Action::WatchMedia,
            Action::PublishMedia,
            Action::EndSession,
            Action::ManageLinks,
            Action::ComposeRecording,
            Action::ExplainMedia,
        ] {
            assert!(
                authorise(&trainer, action, Resource::Session(&session)).is_err(),
                "{action:?}"
            );
        }
    }

    #[test]
    fn recording_is_for_those_invited_and_those_who_answer_for_the_session() {
        use AccountRole::{DepartmentAdmin, ItStaff, Member, Trainer, UnitAdmin};

        let convening = Lineage(vec![COMMUNE, DEPARTMENT]);
        let invited = vec![school(), other_commune()];
        let may = |grants: &[(AccountRole, UnitId)], invitation, teaches, guests_may_replay| {
            let session = SessionFacts {
                convening: convening.clone(),
                invited: invited.clone(),
                role: None,
                invitation,
                teaches,
                guests_may_replay,
            };
            let actor = somebody(grants);
            let asks = |action| authorise(&actor, action, Resource::Session(&session)).is_ok();
            (asks(Action::ViewRecording), asks(Action::InspectRecordings))
        };
        let (all, health, nothing) = ((true, true), (false, true), (false, false));
        let ask = |grants: &[_], invitation| may(grants, invitation, false, false);
        use Invitation::{Guest, Person, Place};
        let uninvited = Invitation::None;
        // By invitation.
        assert_eq!(ask(&[(Member, SCHOOL)], uninvited), nothing);
        assert_eq!(ask(&[(Member, SCHOOL)], Place), all);
        assert_eq!(ask(&[], Person), all);
        assert_eq!(ask(&[], Guest), nothing);
        assert_eq!(may(&[], Guest, false, true), all);
        assert_eq!(may(&[], uninvited, false, true), nothing);
        // By office: own and foreign subtree.
        assert_eq!(ask(&[(DepartmentAdmin, DEPARTMENT)], uninvited), all);
        assert_eq!(ask(&[(UnitAdmin, COMMUNE)], uninvited), all);
        assert_eq!(ask(&[(UnitAdmin, OTHER_COMMUNE)], uninvited), nothing);
        assert_eq!(ask(&[(UnitAdmin, SCHOOL)], uninvited), nothing);
        // IT staff: health and size, also where they work.
        assert_eq!(ask(&[(ItStaff, DEPARTMENT)], uninvited), health);
        assert_eq!(ask(&[(ItStaff, DEPARTMENT)], Place), health);
        assert_eq!(ask(&[(ItStaff, OTHER_COMMUNE)], uninvited), nothing);
        assert_eq!(ask(&[(ItStaff, OTHER_COMMUNE)], Place), nothing);
        assert_eq!(ask(&[(ItStaff, DEPARTMENT)], Person), all, "asked by name");
        assert_eq!(
            ask(&[(ItStaff, DEPARTMENT), (UnitAdmin, COMMUNE)], Place),
            all
        );
        // Trainers: those of their classes.
        assert_eq!(ask(&[(Trainer, DEPARTMENT)], uninvited), nothing);
        assert_eq!(may(&[(Trainer, DEPARTMENT)], uninvited, true, false), all);
        assert_eq!(may(&[(Member, SCHOOL)], uninvited, true, false), nothing);
    }

    #[test]
    fn viewer_watches_but_publishes_nothing() {
        let guest = somebody(&[]);
        let session = SessionFacts {
            role: Some(SessionRole::Viewer),
            ..SessionFacts::default()
        };
        assert!(authorise(&guest, Action::WatchMedia, Resource::Session(&session)).is_ok());
        assert!(authorise(&guest, Action::PublishMedia, Resource::Session(&session)).is_err());
    }

    #[test]
    fn action_that_does_not_fit_its_resource_is_refused() {
        let admin = somebody(&[(AccountRole::DepartmentAdmin, DEPARTMENT)]);
        assert!(authorise(&admin, Action::CreateSession, Resource::Nothing).is_err());
        assert!(authorise(&admin, Action::EndSession, Resource::Unit(&school())).is_err());
    }
}
